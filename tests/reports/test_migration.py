"""The migration table of many clients: order, figures, and nothing in it that a spreadsheet or Markdown would run."""

import csv

import msgspec

from reports.advice import Undecided
from reports.migration import HEADS, migration_rows, table_csv, table_markdown, table_text
from reports.report import Report
from tests.reports.sample import ADVICE, advice_report


def report(*names: str, **changes: object) -> Report:
    advices = tuple(msgspec.structs.replace(ADVICE, client_name=name, **changes) for name in names)
    undecided = (Undecided(client_name="Kiosk", question="runs-in", ask="Where?", choices=("browser", "api")),)
    return msgspec.structs.replace(advice_report(), advices=advices, undecided=undecided)


def test_what_needs_a_person_stands_first() -> None:
    rows = migration_rows(report("A", contradictions=(), last_resort=False))
    assert [(row.client, row.mark) for row in rows] == [("Kiosk", "not decided"), ("A", "")]
    assert rows[0].caveat == "no answer to runs-in: Where?"


def test_csv_has_a_row_for_each_and_no_formula() -> None:
    text = table_csv(report("=cmd|'/c calc'!A1", "B\x1b[31m"))
    rows = list(csv.reader(text.splitlines()))
    assert tuple(rows[0]) == HEADS
    assert len(rows) == 4
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)
    assert "\x1b" not in text


def test_markdown_keeps_its_columns() -> None:
    lines = table_markdown(report("a|b <img src=x> [c](d)")).splitlines()
    rows = [line for line in lines if line.startswith("|")]
    assert len({line.replace("\\|", "").count("|") for line in rows}) == 1
    assert "<img" not in "".join(lines)


def test_the_text_fits_its_width_and_begins_with_the_figures() -> None:
    text = table_text(report("A" * 90), 80)
    assert text.startswith("2 clients: ")
    assert max(map(len, text.splitlines()[2:-2])) <= 80
