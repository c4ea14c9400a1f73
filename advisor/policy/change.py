"""What a change introduces, leaves and fixes: the findings of two states of the same registrations."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import msgspec

from advisor.policy.baseline import Entry, compare
from reports.rows import Acceptance, FindingRow
from rules.engine.rule import Subject
from rules.model.finding import Because


class Change(msgspec.Struct, frozen=True):
    """The findings of now, those that were there before as *known*, those that are fixed, and how many were not checked
    again.
    """

    findings: tuple[FindingRow, ...]
    fixed: tuple[FindingRow, ...]
    unchecked: int = 0


def compare_states(
    before: Sequence[FindingRow],
    now: Sequence[FindingRow],
    known: Sequence[Entry],
    subjects_now: Mapping[str, Subject],
    *,
    is_gone: Callable[[Entry], bool] = lambda _: True,
    was_checked: Callable[[FindingRow], bool] = lambda _: False,
    binds: bool = False,
) -> Change:
    """Compare as a baseline does: by rule, registration and value, whatever was moved, renamed or deployed in between.

    *known* are the entries of the findings *before*. One that is not there now is fixed if it *is_gone*. One that is in
    the baseline, and was not there before although it *was_checked*, is new: it was fixed in between.

    A finding that is worse than before is new. So is one that a suppression without a value covers: it accepts what was
    there before. Without *binds*, only one in the configuration is limited so, and a comment accepts its line.
    """
    match = compare(known, now, subjects_now)
    findings = list(now)
    for position, finding in enumerate(now):
        accepted = finding.accepted
        is_bound = accepted is not None and not accepted.value and (binds or not accepted.inline)
        if finding.state == "suppressed" and accepted and is_bound and position not in match.known:
            because = Because(
                finding.pointer, f"not accepted: {_place(accepted)} names no value and is for earlier ones"
            )
            findings[position] = msgspec.structs.replace(
                finding, state="new", accepted=None, because=(*finding.because, because)
            )
        elif finding.state == "known" and position not in match.known and was_checked(finding):
            because = Because(finding.pointer, "added to the baseline by this change")
            findings[position] = msgspec.structs.replace(
                finding, state="new", since="", because=(*finding.because, because)
            )
        elif finding.state != "new":
            continue
        elif position in match.known:
            findings[position] = msgspec.structs.replace(finding, state="known")
        elif position in match.worse:
            because = Because(finding.pointer, f"severity {before[match.worse[position]].severity} before")
            findings[position] = msgspec.structs.replace(finding, because=(*finding.because, because))
    left = [position for position in match.gone if before[position].state != "suppressed"]
    fixed = tuple(before[position] for position in left if is_gone(known[position]))
    return Change(tuple(findings), fixed, len(left) - len(fixed))


def _place(accepted: Acceptance) -> str:
    return f"the suppression in {accepted.file}{f', line {accepted.line}' if accepted.line else ''}"
