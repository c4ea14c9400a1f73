"""Several findings that write the same become one change. Pure functions of findings and of what was there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from reports.rows import FindingRow, Shape
from rules.model.finding import SEVERITIES
from rules.primitives.patch import Edit, edit_between, edited, leaves

CONTRADICTS: Final = "it contradicts another change of this plan; run grantlint again after that change"
NOT_WHOLE: Final = "the list was not read in full, and a request replaces the whole list"


class Merged(Shape, frozen=True, kw_only=True):
    """Findings that one change fixes, what it sets by JSON pointer, and findings that it had to refuse, with the
    reason.
    """

    findings: tuple[FindingRow, ...]
    after: dict[str, Any]
    refused: tuple[tuple[FindingRow, str], ...] = ()


def merge(findings: Sequence[FindingRow], before: Mapping[str, Any]) -> Iterator[Merged]:
    """The changes that fix *findings*, worst first, where *before* stands by JSON pointer.

    Findings whose patches write one property share a change. Of two that want different values there the first holds.
    """
    groups: list[tuple[set[str], list[FindingRow]]] = []
    for finding in findings:
        places, members = set(leaves(finding.patch or {})), [finding]
        apart = []
        for group in groups:
            if any(_overlap(one, other) for one in group[0] for other in places):
                places |= group[0]
                members = group[1] + members
            else:
                apart.append(group)
        groups = [*apart, (places, members)]
    for _, members in groups:
        yield _Change(before).made_of(sorted(members, key=lambda finding: SEVERITIES.index(finding.severity)))


def _overlap(one: str, other: str) -> bool:
    return one == other or one.startswith(other + "/") or other.startswith(one + "/")


class _Change:
    """A change in the making: whole values, and the edits of lists."""

    def __init__(self, before: Mapping[str, Any]) -> None:
        self._before = before
        self._values: dict[str, Any] = {}
        self._edits: dict[str, list[Edit]] = {}

    def made_of(self, findings: Sequence[FindingRow]) -> Merged:
        taken: list[FindingRow] = []
        refused: list[tuple[FindingRow, str]] = []
        for finding in findings:
            why = self._take(finding)
            if why:
                refused.append((finding, why))
            else:
                taken.append(finding)
        lists = {pointer: edited(self._before[pointer], edits) for pointer, edits in self._edits.items()}
        return Merged(findings=tuple(taken), after={**self._values, **lists}, refused=tuple(refused))

    def _take(self, finding: FindingRow) -> str:
        """Take the finding's patch in; the reason where that cannot be."""
        values: dict[str, Any] = {}
        edits: dict[str, Edit] = {}
        for pointer, value in leaves(finding.patch or {}).items():
            inside = finding.pointer.removeprefix(pointer + "/")
            if inside == finding.pointer or not isinstance(value, list):
                values[pointer] = value
                continue
            stood = self._before.get(pointer)
            if not isinstance(stood, list):
                return NOT_WHOLE
            try:
                edits[pointer] = edit_between(stood, value, inside.split("/"))
                edited(stood, (edits[pointer],))
            except (LookupError, ValueError, TypeError):
                return NOT_WHOLE
        if any(self._refuses_value(*one) for one in values.items()) or any(
            self._refuses_edit(*one) for one in edits.items()
        ):
            return CONTRADICTS
        self._values |= values
        for pointer, edit in edits.items():
            self._edits.setdefault(pointer, []).append(edit)
        return ""

    def _refuses_value(self, pointer: str, value: Any) -> bool:
        others = {place: other for place, other in self._values.items() if _overlap(place, pointer)}
        return others not in ({}, {pointer: value}) or any(_overlap(place, pointer) for place in self._edits)

    def _refuses_edit(self, pointer: str, edit: Edit) -> bool:
        """Whether something else is wanted at the same place. Taking out is what remains of any wish for another
        value.
        """
        if any(_overlap(place, pointer) for place in self._values):
            return True
        same = [other for other in self._edits.get(pointer, ()) if other.path == edit.path]
        return not edit.remove and any(not other.remove and other.value != edit.value for other in same)
