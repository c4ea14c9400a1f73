"""What a rule says: hits, findings, what could not be judged, and the documents that it stands on.

Leaf module: it knows no rule, no engine and no way of showing anything.
"""

from __future__ import annotations

from typing import Any, Final, Literal

import msgspec

Severity = Literal["critical", "high", "medium", "low", "info"]

#: Worst first. The position is the rank.
SEVERITIES: Final[tuple[Severity, ...]] = ("critical", "high", "medium", "low", "info")

#: Where a finding stands against earlier runs and accepted ones.
State = Literal["new", "known", "suppressed"]


class Because(msgspec.Struct, frozen=True, gc=False):
    """A second place that makes a finding what it is: JSON pointer into the registration, and what stands there."""

    pointer: str
    note: str


class Hit(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a rule's function yields.

    ``pointer`` is a JSON pointer (RFC 6901) into the registration's Graph JSON. ``message`` completes the sentence
    "<registration> ...". The change is at most one of: ``set_to`` (the property's new value), ``replace`` (the list
    element's new text), ``remove`` (take the list element out). ``mark`` is what makes it another finding when it
    changes, beside the place: a permission that is added to an accepted grant is news.
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

    ``registration`` is the key of the registration in the same report, ``value`` what stands at ``pointer`` (cut),
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
    """A rule could not judge a value: which one, why not, and what would make it readable."""

    rule: str
    registration: str
    pointer: str
    reason: str
    note: str = ""
    remedy: str = ""
