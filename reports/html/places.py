"""Where each registration is in the page, and the small groupings that several sections of it share."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec

from reports.escape import NAME_SHOWN, visible
from reports.parts import NO_OWNER, NOT_OWNED, NOT_READ, owners_of
from reports.report import Report
from reports.tables import RANK, RegistrationPart
from reports.wording import titled
from rules.model.finding import SEVERITIES, Severity
from rules.primitives.texts import is_guid

#: A section that names registrations shows this many names in the open, and that many at all on a large page.
NAMES_SHOWN: Final = 3
NAMES_LISTED: Final = 50

#: Anchor and name of each registration by its key, in the order of the page.
Places = Mapping[str, tuple[str, str]]


class Names(msgspec.Struct, frozen=True):
    """Registrations as a section names them: some in the open, more folded, and how many are not named at all."""

    shown: tuple[tuple[str, str], ...]
    folded: tuple[tuple[str, str], ...]
    rest: int


class OwnerView(msgspec.Struct, frozen=True, kw_only=True):
    """An owner with his registrations and new findings by severity; ``value`` is what the filter calls him."""

    value: str
    name: str
    registrations: int
    counts: tuple[int, ...]
    names: Names


class RuleCount(msgspec.Struct, frozen=True, kw_only=True):
    """A rule with what it found: its worst severity here, findings by state, on which registrations."""

    id: str
    number: int
    severity: Severity
    new: int
    known: int
    accepted: int
    names: Names


def places_of(parts: Sequence[RegistrationPart]) -> dict[str, tuple[str, str]]:
    """Anchor and name of each registration by its key. An anchor is the same in every report about a registration."""
    seen: Counter[str] = Counter()
    places = {}
    for part in parts:
        identity = part.row.app_id or part.row.object_id or ""
        anchor = f"r-{identity[:8]}" if is_guid(identity) else "r"
        seen[anchor] += 1
        places[part.row.key] = (
            f"{anchor}-{seen[anchor]}" if seen[anchor] > 1 or anchor == "r" else anchor,
            titled(part.row),
        )
    return places


def names_at(keys: Iterable[str], places: Places, *, compact: bool) -> Names:
    """The registrations *keys* by anchor and name."""
    found = [places.get(key, ("", visible(key, NAME_SHOWN))) for key in keys]
    listed = found[:NAMES_LISTED] if compact else found
    return Names(tuple(listed[:NAMES_SHOWN]), tuple(listed[NAMES_SHOWN:]), len(found) - len(listed))


def rule_numbers(report: Report) -> dict[str, int]:
    """A short number for every rule that the page may speak of."""
    ids = dict.fromkeys((*(rule.id for rule in report.rules), *(finding.rule for finding in report.findings)))
    return {id_: number for number, id_ in enumerate(ids, 1)}


def rule_counts(report: Report, numbers: Mapping[str, int], places: Places, *, compact: bool) -> tuple[RuleCount, ...]:
    """The rules that found something, the worst first, then those with the most new findings."""
    states: defaultdict[str, dict[str, int]] = defaultdict(lambda: {"new": 0, "known": 0, "suppressed": 0})
    worst: dict[str, Severity] = {}
    keys: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for finding in report.findings:
        states[finding.rule][finding.state] += 1
        keys[finding.rule][finding.registration] = None
        if finding.rule not in worst or RANK[finding.severity] < RANK[worst[finding.rule]]:
            worst[finding.rule] = finding.severity
    rows = [
        RuleCount(
            id=id_,
            number=numbers[id_],
            severity=worst[id_],
            new=count["new"],
            known=count["known"],
            accepted=count["suppressed"],
            names=names_at(keys[id_], places, compact=compact),
        )
        for id_, count in states.items()
    ]
    return tuple(sorted(rows, key=lambda row: (RANK[row.severity], -row.new)))


def owner_views(
    parts: Sequence[RegistrationPart], places: Places, *, compact: bool
) -> tuple[tuple[OwnerView, ...], dict[str, tuple[str, ...]]]:
    """The owners, the one with the worst findings first, and for each registration the filter's values of its owners.

    Nothing if no owner was read: a list of one row that says so does not help.
    """
    groups: defaultdict[str, list[RegistrationPart]] = defaultdict(list)
    for part in parts:
        for name in owners_of(part.row):
            groups[name].append(part)
    if not set(groups) - {NOT_READ, NOT_OWNED}:
        return (), {}
    values = {name: str(number) for number, name in enumerate(groups, 1)}
    rows = [
        OwnerView(
            value=values[name],
            name=name,
            registrations=sum(part.row.kind == "registration" for part in found),
            counts=tuple(sum(part.by_severity[severity] for part in found) for severity in SEVERITIES),
            names=names_at((part.row.key for part in found), places, compact=compact),
        )
        for name, found in groups.items()
    ]
    ordered = sorted(
        rows, key=lambda row: (row.name in (NO_OWNER, NOT_READ, NOT_OWNED), [-count for count in row.counts])
    )
    return tuple(ordered), {part.row.key: tuple(values[name] for name in owners_of(part.row)) for part in parts}
