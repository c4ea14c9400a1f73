"""Results of rules: hits, findings, their reasons, and what could not be assessed.

Leaf module: it knows no rule, no engine and no output format.
"""

from __future__ import annotations

from typing import Any, Final, Literal

import msgspec

Severity = Literal["critical", "high", "medium", "low", "info"]

#: Worst first. The position is the rank.
SEVERITIES: Final[tuple[Severity, ...]] = ("critical", "high", "medium", "low", "info")

#: Whether a change may be made in a file: *safe*: every sign-in works as before. *unsafe*: a client may stop working.
#: *display only*: grantlint does not make it.
Applicability = Literal["safe", "unsafe", "display only"]

#: The state of a finding compared with earlier runs and accepted findings.
State = Literal["new", "known", "suppressed"]


class Because(msgspec.Struct, frozen=True, gc=False):
    """A second place that is a reason for a finding: a JSON pointer into the subject, and what is there."""

    pointer: str
    note: str


class Hit(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a rule's function yields.

    ``pointer`` is a JSON pointer (RFC 6901) into the registration's Graph JSON. ``message`` completes the sentence
    "<registration> ...". The change is at most one of: ``set_to`` (the property's new value), ``replace`` (the list
    element's new text), ``remove`` (remove the list element). A change of ``mark`` makes it another finding at the same
    place: a permission that is added to an accepted grant is new.
    """

    pointer: str
    message: str
    severity: Severity | None = None
    set_to: Any = msgspec.UNSET
    replace: str | None = None
    remove: bool = False
    because: tuple[Because, ...] = ()
    mark: str = ""


class Finding(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One place where a rule fired.

    ``registration`` is the key of the registration in the same report, ``value`` the value at ``pointer`` (cut),
    ``patch`` a JSON merge patch (RFC 7396) on the Graph application, ``change`` the same in two or three words,
    ``fingerprint`` the identity of the finding: rule, registration and value, so that it survives reordering and
    renaming of files.
    """

    rule: str
    severity: Severity
    registration: str
    pointer: str
    message: str
    value: str
    fingerprint: str
    because: tuple[Because, ...] = ()
    patch: dict[str, Any] | None = None
    change: str = ""


class NotAssessed(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A value that a rule could not assess: which one, why not, and what would make it readable."""

    rule: str
    registration: str
    pointer: str
    reason: str
    note: str = ""
    remedy: str = ""
