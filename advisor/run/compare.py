"""What changed between two readings: registrations, service principals, grants, roles, owners and policies, and what
became of the findings.

A value that one of the two did not read is not a change. A finding that could not be checked again is not gone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Literal

import msgspec

from advisor.policy.baseline import entries
from advisor.policy.change import compare_states
from advisor.run.comparison.match import Matched
from advisor.run.comparison.objects import Compared, compare_objects, not_compared
from advisor.run.comparison.words import CATEGORIES, Category
from advisor.sources.reading.builder import Reading
from reports.report import Report
from reports.rows import FindingRow, RegistrationRow
from rules.model.finding import Severity
from rules.primitives.pointers import dotted

FindingState = Literal["new", "gone", "remaining", "unknown"]


class Side(msgspec.Struct, frozen=True):
    """One of the two readings: what the user named, and when it was read (RFC 3339, UTC); empty for files."""

    name: str
    read_at: str = ""


class Delta(msgspec.Struct, frozen=True):
    """What became of a finding. ``unknown`` was found before and could not be checked again.

    ``was_checked`` is false for a new one that could not be checked before.
    """

    state: FindingState
    rule: str
    severity: Severity
    registration: str
    message: str
    property: str
    value: str
    fingerprint: str
    was_checked: bool = True


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """The whole difference. ``notes`` say what to know first, ``incomplete`` what one of the two could not read.

    ``not_compared`` are the categories of which one of the two, or both, did not read everything.
    """

    version: Literal[2] = 2
    old: Side
    new: Side
    notes: tuple[str, ...] = ()
    objects: tuple[Compared, ...] = ()
    findings: tuple[Delta, ...] = ()
    incomplete: tuple[str, ...] = ()
    not_compared: tuple[Category, ...] = ()

    @property
    def changed(self) -> frozenset[Category]:
        """The categories in which something changed."""
        found: set[Category] = set()
        for one in self.objects:
            if one.state in ("added", "removed"):
                found.add("registrations" if one.kind == "registration" else "service-principals")
            found.update(change.category for change in one.changes)
        return frozenset(found)


def compare(names: tuple[str, str], readings: tuple[Reading, Reading], reports: tuple[Report, Report]) -> Comparison:
    """The difference between an old and a new reading, each with the report that was composed of it at the same
    moment. Raises ``InputError`` for readings of different tenants.
    """
    matched = Matched(names, readings)
    old, new = (
        Side(name, min((one.read_at for one in reading.inputs if one.read_at), default=""))
        for name, reading in zip(names, readings, strict=True)
    )
    objects = tuple(compare_objects(matched))
    missing = not_compared(matched, objects)
    return Comparison(
        old=old,
        new=new,
        notes=tuple(_notes(old, new, matched)),
        objects=objects,
        findings=tuple(_deltas(matched, reports)),
        incomplete=tuple(
            f"{name}: {report.summary.exit_reason}"
            for name, report in zip(names, reports, strict=True)
            if report.summary.verdict == "incomplete"
        ),
        not_compared=tuple(name for name in CATEGORIES if name in missing),
    )


def _notes(old: Side, new: Side, matched: Matched) -> Iterator[str]:
    for one, side in ((old, 0), (new, 1)):
        there = matched.to(1 - side)[1]
        alone = [name for name in matched.readings[side].tenants if name not in there.values()]
        if alone and there:
            yield f"Only {one.name} is a reading of {', '.join(alone)}: nothing of it is compared."
    if old.read_at and new.read_at and old.read_at > new.read_at:
        yield (
            f"The order is reversed: {old.name} was read on {old.read_at[:10]}, after {new.name} "
            f"({new.read_at[:10]}). Name the earlier one first."
        )


def _deltas(matched: Matched, reports: tuple[Report, Report]) -> Iterator[Delta]:
    old, new = ({subject.key: subject for subject in reading.subjects} for reading in matched.readings)
    before, after = ({row.key: row for row in report.registrations} for report in reports)
    change = compare_states(reports[0].findings, reports[1].findings, entries(reports[0].findings, old), new)
    sides = tuple(_Side(report, knows_all=matched.knows_all(side)) for side, report in enumerate(reports))
    for finding in change.findings:
        row = after[finding.registration]
        if finding.state == "known":
            yield _delta("remaining", finding, row)
        elif finding.state == "new":
            yield _delta("new", finding, row, was_checked=_is_checked(finding.rule, row, matched, sides, 0))
    for finding in change.fixed:
        row = before[finding.registration]
        yield _delta("gone" if _is_checked(finding.rule, row, matched, sides, 1) else "unknown", finding, row)


def _delta(state: FindingState, finding: FindingRow, row: RegistrationRow, *, was_checked: bool = True) -> Delta:
    return Delta(
        state=state,
        rule=finding.rule,
        severity=finding.severity,
        registration=row.name,
        message=finding.message,
        property=finding.origin.property or dotted(finding.pointer),
        value=finding.value,
        fingerprint=finding.fingerprint,
        was_checked=was_checked,
    )


class _Side:
    """What a report says about rules that could not check: the pointers that they needed, by rule and row."""

    def __init__(self, report: Report, *, knows_all: bool) -> None:
        #: Rules that compare registrations, which need all of them.
        self.rules_over_all = {rule.id for rule in report.rules if rule.scope == "registrations"}
        self.knows_all = knows_all
        self.gaps: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        for gap in report.not_assessed:
            self.gaps[gap.rule, gap.registration].add(gap.pointer)
        rows = report.registrations
        self.tenants = {row.tenant: row.key for row in rows if row.kind == "tenant"}
        self.principals = {(row.tenant, row.object_id): row.key for row in rows if row.kind == "service-principal"}


def _is_checked(rule: str, row: RegistrationRow, matched: Matched, sides: Sequence[_Side], side: int) -> bool:
    """Whether *rule*, which found something on *row* of the other side, checked the same thing on that *side*.

    What neither side read explains no difference between them.
    """
    here, there = sides[1 - side], sides[side]
    registrations, tenants = matched.to(side)
    tenant = tenants.get(row.tenant, "")
    own = {
        "registration": registrations.get(row.key, ""),
        "service-principal": there.principals.get((tenant, row.object_id), ""),
        "tenant": there.tenants.get(tenant, ""),
    }[row.kind]
    if not own and not matched.reads_all(side, row):
        return False
    if rule in here.rules_over_all and not there.knows_all:
        return False
    keys = ((row.key, own), (here.tenants.get(row.tenant, ""), there.tenants.get(tenant, "")))
    return not any(there.gaps[rule, other] - here.gaps[rule, key] for key, other in keys)
