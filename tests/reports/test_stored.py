"""The stored form of a report: what registrations share is written once, and version 1 is still read."""

import json
from typing import Any

import msgspec
import pytest

from reports import stored as stored_form
from reports.formats.json import parse_report, render_json
from reports.report import SCHEMA
from reports.stored import decode, encode, encode_in_pieces
from rules.model.finding import NotAssessed
from rules.model.gap_list import GapList
from tests.reports.large import large_report
from tests.reports.sample import sample_report


def gap(rule: str, registration: str, pointer: str = "/owners") -> NotAssessed:
    return NotAssessed(rule=rule, registration=registration, pointer=pointer, reason="not-in-file")


def test_registrations_with_the_same_gaps_are_one_group() -> None:
    rows = [gap(rule, key) for key in ("a", "b") for rule in ("no-owner", "single-owner")]
    gaps = GapList.of(rows, [gap("no-owner", "c")])
    assert [(group.registrations, len(group.gaps)) for group in gaps.groups()] == [(("a", "b"), 2), (("c",), 1)]
    assert GapList.from_groups(gaps.groups(), ["a", "b", "c"]) == [*rows, gap("no-owner", "c")]


def test_a_rule_that_lacks_two_values_of_a_registration_is_one_check() -> None:
    gaps = GapList.of([gap("no-owner", "a"), gap("no-owner", "a", "/notes"), gap("no-owner", "b")])
    assert (len(gaps), gaps.checks(), sum(gaps.distinct().values())) == (3, 2, 3)


def test_version_1_is_read_and_written_as_version_2() -> None:
    report = sample_report()
    rows = {"not_assessed": [*report.not_assessed], "postures": report.postures, "registrations": report.registrations}
    first: dict[str, Any] = json.loads(encode(report))
    del first["permissions"]
    first |= {"version": 1, "schema": "urn:grantlint:report:1", **msgspec.to_builtins(rows)}
    again = parse_report(json.dumps(first).encode())
    assert (again, again.schema) == (report, SCHEMA)
    assert render_json(again) == render_json(report)


def test_a_row_is_one_line() -> None:
    report = large_report(50)
    lines = encode(report).decode().splitlines()
    assert sum(line.startswith('    {"rule":') for line in lines) == len(report.findings)


def test_pieces_of_rows_are_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    report = large_report(5)
    whole = encode(report)
    monkeypatch.setattr(stored_form, "_ROWS", 2)
    assert encode(report) == whole
    assert len([*encode_in_pieces(report)]) > len(report.findings) / 2


def test_the_number_of_a_permission_that_is_not_there_is_refused() -> None:
    stored = json.loads(encode(sample_report()))
    stored["registrations"][0]["requested"] = [9999]
    with pytest.raises(msgspec.ValidationError, match="is not in the report"):
        decode(json.dumps(stored).encode())
