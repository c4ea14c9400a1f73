"""The table of tenants, where a report is about several."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import msgspec

from reports.escape import visible_name
from reports.tables import RegistrationPart
from rules.model.finding import SEVERITIES


class TenantView(msgspec.Struct, frozen=True, kw_only=True):
    """A tenant, or the files of a report, with its totals. ``key`` is the report's name, ``value`` the filter's.

    ``counts`` are new findings by severity; ``unassessed`` is how many checks had no value to check.
    """

    key: str
    value: str
    name: str
    registrations: int
    counts: tuple[int, ...]
    unassessed: int


def tenant_views(parts: Sequence[RegistrationPart]) -> tuple[TenantView, ...]:
    """The tenants in the order in which *parts* name them; nothing where there is one source."""
    groups: defaultdict[str, list[RegistrationPart]] = defaultdict(list)
    for part in parts:
        groups[part.row.tenant].append(part)
    if len(groups) < 2:
        return ()
    return tuple(
        TenantView(
            key=key,
            value=str(number),
            name=visible_name(key) if key else "Files",
            registrations=sum(part.row.kind == "registration" for part in found),
            counts=tuple(sum(part.by_severity[severity] for part in found) for severity in SEVERITIES),
            unassessed=sum(len(part.gaps) for part in found),
        )
        for number, (key, found) in enumerate(groups.items(), 1)
    )
