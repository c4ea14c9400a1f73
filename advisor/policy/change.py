"""What a change introduces, leaves and fixes: the findings of two states of the same registrations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from advisor.policy.baseline import compare, entries
from reports.rows import FindingRow
from rules.engine.rule import Subject


class Change(msgspec.Struct, frozen=True):
    """The findings of now, those that were there before as *known*, and those that are fixed."""

    findings: tuple[FindingRow, ...]
    fixed: tuple[FindingRow, ...]


def compare_states(
    before: Sequence[FindingRow],
    now: Sequence[FindingRow],
    subjects_before: Mapping[str, Subject],
    subjects_now: Mapping[str, Subject],
    *,
    binds: bool = False,
) -> Change:
    """Compare as a baseline does: by rule, registration and value, whatever has moved or was deployed in between.

    With *binds*, a comment accepts only what was there before: who introduces a finding cannot accept it too.
    """
    match = compare(entries(before, subjects_before), now, subjects_now)
    findings = tuple(
        msgspec.structs.replace(finding, state="known")
        if position in match.known and finding.state == "new"
        else msgspec.structs.replace(finding, state="new", accepted=None)
        if binds and position not in match.known and finding.accepted is not None and finding.accepted.inline
        else finding
        for position, finding in enumerate(now)
    )
    return Change(
        findings, tuple(before[position] for position in match.gone if before[position].state != "suppressed")
    )
