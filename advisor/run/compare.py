"""What changed between two readings: registrations added, removed and changed, and what became of the findings.

A value that one of the two did not read is not a change. A finding that could not be checked again is not gone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal

import msgspec

from advisor.sources.reading.builder import Reading
from reports.report import Report
from reports.rows import FindingRow
from rules.model.finding import Severity
from rules.model.registration import Registration
from rules.primitives.pointers import dotted

#: What names an element of a list, so that a list that was only reordered has not changed.
_IDENTITIES: Final = ("keyId", "id", "appId", "resourceAppId", "name")

_UNREAD: Final = object()


class Change(msgspec.Struct, frozen=True):
    """A property that changed: its old and its new value; ``None`` is Graph's null, or nothing."""

    property: str
    old: Any
    new: Any


class Changed(msgspec.Struct, frozen=True):
    """A registration that is in both, with what changed; *unknown* counts properties that one of the two did not
    read.
    """

    name: str
    app_id: str | None
    changes: tuple[Change, ...]
    unknown: tuple[str, ...] = ()


class Named(msgspec.Struct, frozen=True):
    """A registration that is in one of the two."""

    name: str
    app_id: str | None


class Delta(msgspec.Struct, frozen=True):
    """What became of a finding. ``unknown`` was found before and could not be checked again."""

    state: Literal["new", "gone", "remaining", "unknown"]
    rule: str
    severity: Severity
    registration: str
    message: str
    property: str
    value: str
    fingerprint: str


class Comparison(msgspec.Struct, frozen=True):
    """The whole difference; ``incomplete`` says what one of the two could not read."""

    old: str
    new: str
    added: tuple[Named, ...]
    removed: tuple[Named, ...]
    changed: tuple[Changed, ...]
    findings: tuple[Delta, ...]
    incomplete: tuple[str, ...] = ()


def compare(names: tuple[str, str], readings: tuple[Reading, Reading], reports: tuple[Report, Report]) -> Comparison:
    """The difference between an old and a new reading, each with the report that was composed of it at the same
    moment.
    """
    old, new = (_by_identity(reading) for reading in readings)
    rows = tuple({row.key: row for row in report.registrations} for report in reports)
    both = [key for key in old if key in new]
    changed = []
    for key in both:
        changes, unknown = differences(old[key][1], new[key][1])
        if changes or unknown:
            row = rows[1][new[key][0]]
            changed.append(Changed(row.name, row.app_id, changes, unknown))
    return Comparison(
        old=names[0],
        new=names[1],
        added=tuple(_named(rows[1][new[key][0]]) for key in new if key not in old),
        removed=tuple(_named(rows[0][old[key][0]]) for key in old if key not in new),
        changed=tuple(changed),
        findings=tuple(_deltas(reports, rows)),
        incomplete=tuple(
            f"{name}: {report.summary.exit_reason}"
            for name, report in zip(names, reports, strict=True)
            if report.summary.verdict == "incomplete"
        ),
    )


def _named(row: Any) -> Named:
    return Named(row.name, row.app_id)


def _by_identity(reading: Reading) -> dict[str, tuple[str, Registration]]:
    """Key and registration by what stays the same when a file moves: client id, object id, else the name."""
    found: dict[str, tuple[str, Registration]] = {}
    for subject in reading.subjects:
        app = subject.app
        found.setdefault(str(app.app_id or app.id or app.display_name or subject.key), (subject.key, app))
    return found


def differences(old: Registration, new: Registration) -> tuple[tuple[Change, ...], tuple[str, ...]]:
    """The properties that changed, and those that only one of the two read."""
    changes: list[Change] = []
    unknown: list[str] = []
    for name, was, now in _walk("", msgspec.to_builtins(old), msgspec.to_builtins(new)):
        if was is _UNREAD or now is _UNREAD:
            unknown.append(name)
        else:
            changes.append(Change(name, was, now))
    return tuple(changes), tuple(unknown)


def _walk(name: str, old: Any, new: Any) -> Iterator[tuple[str, Any, Any]]:
    """What differs; a property that is missing was not read, an element of a list that is missing is not there."""
    if old == new:
        return
    if isinstance(old, dict) and isinstance(new, dict):
        for key in dict.fromkeys((*old, *new)):
            yield from _walk(f"{name}.{key}" if name else key, old.get(key, _UNREAD), new.get(key, _UNREAD))
    elif isinstance(old, list | tuple) and isinstance(new, list | tuple):
        before, after = _elements(old), _elements(new)
        for key in dict.fromkeys((*before, *after)):
            yield from _walk(f"{name}[{key}]", before.get(key), after.get(key))
    else:
        yield name, old, new


def _elements(values: Any) -> dict[str, Any]:
    """The elements of a list by what names each: themselves, an id of theirs, or their place."""
    found: dict[str, Any] = {}
    for index, value in enumerate(values):
        key = value if isinstance(value, str) else str(index)
        if isinstance(value, dict):
            key = next((str(value[name]) for name in _IDENTITIES if value.get(name)), key)
        found[key if key not in found else f"{key} {index}"] = value
    return found


def _deltas(reports: tuple[Report, Report], rows: tuple[Mapping[str, Any], ...]) -> Iterator[Delta]:
    old, new = (
        {finding.fingerprint: finding for finding in report.findings if finding.state != "suppressed"}
        for report in reports
    )
    ids = {row.key: row.app_id or row.name for row in reports[1].registrations}
    not_checked = {(gap.rule, ids.get(gap.registration)) for gap in reports[1].not_assessed}
    for key, finding in new.items():
        yield _delta("remaining" if key in old else "new", finding, rows[1])
    for key, finding in old.items():
        if key in new:
            continue
        row = rows[0][finding.registration]
        is_unknown = (finding.rule, row.app_id or row.name) in not_checked
        yield _delta("unknown" if is_unknown else "gone", finding, rows[0])


def _delta(
    state: Literal["new", "gone", "remaining", "unknown"], finding: FindingRow, rows: Mapping[str, Any]
) -> Delta:
    return Delta(
        state=state,
        rule=finding.rule,
        severity=finding.severity,
        registration=rows[finding.registration].name,
        message=finding.message,
        property=finding.origin.property or dotted(finding.pointer),
        value=finding.value,
        fingerprint=finding.fingerprint,
    )
