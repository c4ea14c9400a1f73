"""Everybody gets his part and nothing else."""

import re

import msgspec
from hypothesis import example, given
from hypothesis import strategies as st

from reports.formats import format_named
from reports.parts import NO_OWNER, NOT_READ, index_rows, split
from reports.rows import Input, Owner
from tests.reports.sample import RULES, empty_report, finding, registration, sample_report, summary, trend_report

ANN = Owner(id="1", name="Ann", address="ann@contoso.example")
BOB = Owner(id="2", name="Bob")


def owned_report():
    found = tuple(finding("no-owner", "low", key, f"says {key}") for key in ("a", "b", "c", "d"))
    return empty_report(
        rules=RULES,
        inputs=(
            Input(name="x/a.json", format="", status="read"),
            Input(name="x/b.json", format="", status="read"),
            Input(name="y.json", format="", status="not-read"),
        ),
        registrations=(
            registration("a", "Alpha", file="x/a.json", owners=(ANN, BOB)),
            registration("b", "Beta", file="x/b.json", owners=(BOB,)),
            registration("c", "Gamma", owners=()),
            registration("d", "Delta", owners=None),
        ),
        findings=found,
        summary=summary(found, registrations=4),
    )


def test_each_owner_gets_his_registrations_and_a_shared_one_is_in_both() -> None:
    parts = split(owned_report(), "owner")
    assert [(part.name, [row.name for row in part.report.registrations]) for part in parts] == [
        ("ann@contoso.example", ["Alpha"]),
        ("Bob", ["Alpha", "Beta"]),
        (NO_OWNER, ["Gamma"]),
        (NOT_READ, ["Delta"]),
    ]


def test_nothing_of_others_is_in_a_part() -> None:
    html = format_named("html")
    assert html
    text = html.render(split(owned_report(), "owner")[0].report)
    assert "Alpha" in text
    assert not re.search("Beta|Gamma|Delta|x/b.json", text)


def test_what_is_said_of_several_clients_is_in_no_part() -> None:
    report = msgspec.structs.replace(owned_report(), notes=("Beta is odd.",), anchor="apps.tf", against="main")
    part = split(report, "owner")[0].report
    assert (part.notes, part.system, part.undecided, part.anchor) == ((), (), (), "apps.tf")


def test_what_was_not_read_is_in_every_part() -> None:
    for part in split(owned_report(), "registration"):
        assert "y.json" in [source.name for source in part.report.inputs]


def test_the_figures_are_those_of_the_part() -> None:
    parts = split(owned_report(), "owner")
    assert [part.report.summary.findings for part in parts] == [1, 2, 1, 1]
    assert [part.report.summary.registrations for part in parts] == [1, 2, 1, 1]


def test_a_part_without_findings_does_not_fail_for_those_of_others() -> None:
    report = msgspec.structs.replace(owned_report(), findings=(finding("no-owner", "low", "a", "x"),))
    status = {part.name: part.report.summary.exit_status for part in split(report, "registration")}
    assert status == {"Alpha": 1, "Beta": 0, "Gamma": 0, "Delta": 0}


def test_a_part_of_an_incomplete_run_stays_incomplete() -> None:
    whole = summary((), exit_status=3, verdict="incomplete", exit_reason="owners were not read")
    for part in split(msgspec.structs.replace(owned_report(), findings=(), summary=whole), "registration"):
        assert (part.report.summary.exit_status, part.report.summary.exit_reason) == (3, "owners were not read")


def test_by_registration_every_registration_is_a_part_of_its_own() -> None:
    assert len(split(sample_report(), "registration")) == len(sample_report().registrations)


@given(st.text(max_size=80), st.text(max_size=80))
@example("../../etc/passwd", "..")
@example("CON", "")
@example("a/b\\c\x00", "x")
def test_a_name_never_becomes_a_path(name: str, key: str) -> None:
    (part,) = split(empty_report(registrations=(registration(key, name),)), "registration")
    assert re.fullmatch(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?", part.slug)
    assert len(part.slug) <= 50


def test_two_of_one_name_have_files_of_their_own() -> None:
    parts = split(empty_report(registrations=(registration("a", "Same"), registration("b", "Same"))), "registration")
    assert len({part.slug for part in parts}) == 2


def test_the_index_names_file_and_figures_of_each_part() -> None:
    rows = index_rows((part, f"r-{n}.html") for n, part in enumerate(split(owned_report(), "owner")))
    assert rows[0] == ("part", "file", "registrations", "critical", "high", "medium", "low", "info", "not assessed")
    assert ("Bob", "r-1.html", "2", "0", "0", "0", "2", "0", "0") in rows


def test_the_index_begins_with_the_part_that_has_the_worst_findings() -> None:
    rows = index_rows((part, "r.html") for part in split(owned_report(), "owner"))
    counts = [tuple(map(int, row[3:8])) for row in rows[1:]]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] > counts[-1]


def test_a_part_has_what_came_and_went_in_it_and_no_figures_of_the_whole() -> None:
    """The sample against an earlier run in which one registration had a finding more."""
    whole = trend_report()
    assert whole.trend
    by_name = {part.name: part.report.trend for part in split(whole, "registration")}
    portal = by_name.pop("Contoso Portal")
    assert portal
    assert [row.message for row in portal.gone] == ["has a page that went"]
    assert {(run.registrations, run.open, run.title) for run in portal.runs} == {(0, 0, "")}
    assert all(other and not other.gone for other in by_name.values())
    assert sum(one.came for one in (portal, *filter(None, by_name.values()))) == whole.trend.came
    page = format_named("html")
    assert page
    assert " open in " not in page.render(split(whole, "registration")[0].report)
