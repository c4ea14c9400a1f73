"""What a change introduces, leaves and fixes: the findings of two states of the same registrations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from advisor.policy.baseline import compare, entries
from reports.rows import FindingRow
from rules.engine.rule import Subject
from rules.model.finding import Because


class Change(msgspec.Struct, frozen=True):
    """The findings of now, those that were there before as *known*, and those that are fixed."""

    findings: tuple[FindingRow, ...]
    fixed: tuple[FindingRow, ...]


def compare_states(
    before: Sequence[FindingRow],
    now: Sequence[FindingRow],
    subjects_before: Mapping[str, Subject],
    subjects_now: Mapping[str, Subject],
) -> Change:
    """Compare as a baseline does: by rule, registration and value, whatever was moved, renamed or deployed in between.

    A finding that is worse than before is new.
    """
    match = compare(entries(before, subjects_before), now, subjects_now)
    findings = list(now)
    for position, finding in enumerate(now):
        if finding.state != "new":
            continue
        if position in match.known:
            findings[position] = msgspec.structs.replace(finding, state="known")
        elif position in match.worse:
            because = Because(finding.pointer, f"severity {before[match.worse[position]].severity} before")
            findings[position] = msgspec.structs.replace(finding, because=(*finding.because, because))
    return Change(
        tuple(findings), tuple(before[position] for position in match.gone if before[position].state != "suppressed")
    )
