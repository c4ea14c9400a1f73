"""Report v2 as JSON: nothing is lost, and a stored report can be rendered again."""

import json

import jsonschema
import msgspec
import pytest

from reports.formats.json import parse_report, render_json, render_schema
from reports.html.page import render_html
from reports.report import Report
from reports.terminal.render import render_summary, render_terminal
from tests.reports.hostile import HOSTILE, hostile_report
from tests.reports.sample import advice_report, empty_report, sample_report

REPORTS = {"sample": sample_report, "advice": advice_report, "empty": empty_report}


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_survives_being_stored(name: str) -> None:
    report = REPORTS[name]()
    assert parse_report(render_json(report).encode()) == report


@pytest.mark.parametrize("name", REPORTS)
def test_a_stored_report_renders_the_same_again(name: str) -> None:
    report = REPORTS[name]()
    stored = parse_report(render_json(report).encode())
    assert render_html(stored) == render_html(report)
    assert render_terminal(stored) == render_terminal(report)
    assert render_summary(stored) == render_summary(report)
    assert render_json(stored) == render_json(report)


@pytest.mark.parametrize("name", REPORTS)
def test_the_schema_describes_what_is_written(name: str) -> None:
    schema = json.loads(render_schema())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(json.loads(render_json(REPORTS[name]())))


def test_the_schema_refuses_what_is_no_report() -> None:
    validator = jsonschema.Draft202012Validator(json.loads(render_schema()))
    report = json.loads(render_json(sample_report()))
    report["findings"][0]["severity"] = "terrible"
    assert not validator.is_valid(report)
    assert not validator.is_valid({})


def test_names_are_in_snake_case_and_the_text_ends_in_a_line_feed() -> None:
    text = render_json(sample_report())
    assert text.endswith("}\n")
    assert {"made_at", "judged_at", "not_assessed"} <= json.loads(text).keys()


def test_a_patch_stays_graph_json() -> None:
    (one, _) = [row["patch"] for row in json.loads(render_json(sample_report()))["findings"] if "patch" in row]
    assert one == {"web": {"implicitGrantSettings": {"enableAccessTokenIssuance": False}}}


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b'{"version": 2}', b'{"version": 3}', b"\xff"])
def test_what_is_no_report_is_refused_with_a_known_error(data: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        parse_report(data)


def test_unknown_members_of_a_later_version_are_ignored() -> None:
    stored = json.loads(render_json(empty_report()))
    stored["weather"] = {"tomorrow": 3}
    assert isinstance(parse_report(json.dumps(stored).encode()), Report)


def test_hidden_characters_are_kept_and_lone_surrogates_are_replaced() -> None:
    assert parse_report(render_json(empty_report(title="\u202e\x1b</script>")).encode()).title == "\u202e\x1b</script>"
    stored = parse_report(render_json(hostile_report()).encode())
    assert stored.title == HOSTILE.replace("\ud800", "\ufffd")
    assert len(stored.findings) == len(hostile_report().findings)
