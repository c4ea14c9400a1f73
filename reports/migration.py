"""A table of many clients: what each uses today, and what it moves to. As text, Markdown and CSV.

In: a report with advice. Out: text. The full advice of each is in HTML and JSON.
"""

from __future__ import annotations

import csv
from collections import Counter
from typing import Final

import msgspec

from reports.advice import Advice, Undecided
from reports.decision import caveats, missing_of
from reports.escape import cell, markdown, visible, visible_name
from reports.report import Report
from rules.primitives.texts import counted

HEADS: Final = ("client", "today", "grant", "platform", "credential", "mark", "caveat", "first step", "command")


class MigrationRow(msgspec.Struct, frozen=True):
    """One client: the columns of ``HEADS``."""

    client: str
    today: str
    grant: str
    platform: str
    credential: str
    mark: str
    caveat: str
    step: str
    command: str


def migration_rows(report: Report) -> tuple[MigrationRow, ...]:
    """The rows in the order of work: what is not possible, not decided, in conflict, a last resort; then the rest."""
    rows = [*map(_row, report.advices), *map(_open, report.undecided)]
    order = {"not possible": 0, "not decided": 1, "conflict": 2, "last resort": 3, "": 4}
    return tuple(sorted(rows, key=lambda row: order[row.mark]))


def _row(advice: Advice) -> MigrationRow:
    today = next((fact.label for fact in advice.facts if fact.question == "today"), "")
    mark = "not possible" if advice.dead_end else "conflict" if advice.contradictions else ""
    first = next(iter(caveats(advice)), None)
    return MigrationRow(
        client=advice.client_name,
        today=today,
        grant=advice.grant,
        platform=advice.platform or "",
        credential=advice.credential.id if advice.credential else "",
        mark=mark or ("last resort" if advice.last_resort else ""),
        caveat=first.words if first else "",
        step=advice.headline,
        command=advice.repeat,
    )


def _open(undecided: Undecided) -> MigrationRow:
    also = "".join(f", {fact.question}" for fact in missing_of(undecided)[1:])
    return MigrationRow(
        client=undecided.client_name,
        today="",
        grant="",
        platform="",
        credential="",
        mark="not decided",
        caveat=f"no answer to {undecided.question}{also}: {undecided.ask}",
        step=f"one of {', '.join(undecided.choices)}, or unsure",
        command="",
    )


def table_text(report: Report, width: int = 80) -> str:
    """The table for a terminal: one line a client, cut to *width*, and the figures above."""
    rows = migration_rows(report)
    names = [visible_name(row.client) for row in rows]
    space = min(max([*map(len, names), 6]), 30)
    lines = [_figures(rows), ""]
    for name, row in zip(names, rows, strict=True):
        shown = name if len(name) <= space else name[: space - 1] + "…"
        grant = " ".join(part for part in (row.grant, row.platform, row.credential) if part) or row.caveat
        mark = f"{row.mark}: " if row.mark else ""
        line = f"{shown:<{space}}  {visible(mark + grant)}"
        lines.append(line if len(line) <= width else line[: width - 1] + "…")
    lines += ["", "Each in full, with reasons: -o advice.html or advice.md; as a table: --table FILE.csv"]
    return "\n".join(lines) + "\n"


def _figures(rows: tuple[MigrationRow, ...]) -> str:
    grants = Counter(row.grant for row in rows if row.grant and row.mark != "not possible")
    marks = Counter(row.mark for row in rows if row.mark)
    counts = [f"{n} {name}" for name, n in (*grants.most_common(), *marks.most_common())]
    return f"{counted(len(rows), 'client')}: {', '.join(counts)}"


def table_markdown(report: Report) -> str:
    """The table in Markdown."""
    rows = migration_rows(report)
    lines = [_figures(rows), "", "| " + " | ".join(HEADS) + " |", "|" + " --- |" * len(HEADS)]
    lines += [
        "| " + " | ".join(markdown(visible(words)) for words in msgspec.structs.astuple(row)) + " |" for row in rows
    ]
    return "\n".join(lines) + "\n"


class _Lines:
    """What ``csv.writer`` writes to."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def write(self, line: str) -> None:
        """Keep a line."""
        self.lines.append(line)


def table_csv(report: Report) -> str:
    """The table as CSV; cells that a spreadsheet would take for formulas are quoted."""
    out = _Lines()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(HEADS)
    for row in migration_rows(report):
        writer.writerow([cell(visible(words)) for words in msgspec.structs.astuple(row)])
    return "".join(out.lines)
