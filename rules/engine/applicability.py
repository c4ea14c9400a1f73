"""Whether the change that a finding proposes may be made without a look at what depends on it. Pure functions.

What may stop working is said once, in ``rules.analysis.risk``: fix plans, edits of files and the catalog agree.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import msgspec

from rules.analysis.risk import risk
from rules.engine.findings import value_at
from rules.model.finding import Applicability, Finding
from rules.model.registration import UNSET
from rules.primitives.dates import moment
from rules.primitives.patch import leaves, plain

_CREDENTIALS: Final = ("/passwordCredentials/", "/keyCredentials/")


def applicability(finding: Finding, app: msgspec.Struct, now: datetime) -> Applicability | None:
    """The applicability of the patch of a *finding* in *app*; ``None`` for one without a patch.

    A credential that has expired by *now* is used by no client, and an owner signs in to none.
    """
    if not finding.patch:
        return None
    if finding.pointer.startswith(_CREDENTIALS):
        return "safe" if _is_over(value_at(app, finding.pointer), now) else "unsafe"
    if finding.pointer.startswith("/owners/"):
        return "safe"
    after = leaves(finding.patch)
    before = {place: found for place in after if (found := value_at(app, place)) is not UNSET}
    return (
        "unsafe"
        if risk(after, {place: plain(msgspec.to_builtins(found)) for place, found in before.items()})
        else "safe"
    )


def _is_over(credential: Any, now: datetime) -> bool:
    """Whether a credential expired before *now*, or before it began."""
    starts, ends = moment(credential.start_date_time), moment(credential.end_date_time)
    if not isinstance(ends, datetime):
        return False
    return ends <= now or (isinstance(starts, datetime) and ends <= starts)
