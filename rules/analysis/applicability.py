"""Whether the change that a finding proposes may be made without a look at what depends on it. Pure functions.

What may stop working is said once, in ``rules.analysis.risk``: fix plans, edits of files and the catalogue agree.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Literal

import msgspec

from rules.analysis.risk import risk
from rules.primitives.dates import moment
from rules.primitives.patch import leaves

#: *safe*: every sign-in works as before. *unsafe*: a client may stop working. *display only*: grantlint does not make
#: the change.
Applicability = Literal["safe", "unsafe", "display only"]

_CREDENTIALS: Final = ("passwordCredentials", "keyCredentials")


def applicability(
    pointer: str, patch: Mapping[str, Any] | None, app: Mapping[str, Any], now: datetime
) -> Applicability | None:
    """The applicability of a *patch* for the finding at *pointer* of *app*, which is Graph JSON; ``None`` without one.

    A credential that has expired by *now* is used by no client.
    """
    if not patch:
        return None
    name, _, rest = pointer[1:].partition("/")
    if name in _CREDENTIALS and rest.isdigit():
        return "safe" if _is_over((app.get(name) or [])[int(rest) : int(rest) + 1], now) else "unsafe"
    if name == "owners":
        return "safe"
    after = leaves(patch)
    return "unsafe" if risk(after, {place: _value(app, place) for place in after}) else "safe"


def _is_over(found: list[Any], now: datetime) -> bool:
    """Whether the credential, if there is one, expired before *now* or before it began."""
    if not found:
        return False
    starts, ends = moment(found[0].get("startDateTime")), moment(found[0].get("endDateTime"))
    if not isinstance(ends, datetime):
        return False
    return ends <= now or (isinstance(starts, datetime) and ends <= starts)


def _value(app: Any, pointer: str) -> Any:
    for token in pointer.split("/")[1:]:
        app = app.get(token) if isinstance(app, dict) else None
    return app


def applicability_of(finding: Any, app: msgspec.Struct, now: datetime) -> Applicability | None:
    """The applicability of the patch of a *finding* in *app*."""
    return applicability(finding.pointer, finding.patch, msgspec.to_builtins(app), now) if finding.patch else None
