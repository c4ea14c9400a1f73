"""The posture table: registrations by grants, each cell saying allowed, blocked or unknown, and by which property."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

import msgspec
from markupsafe import Markup

from reports.escape import visible, visible_name
from reports.html.markup import breakable
from reports.report import GrantText, PostureEntry, PostureRow, Report

#: Rows of one table. Browsers skip tables that are out of sight, but not rows of one.
_CHUNK: Final = 40


class Cell(msgspec.Struct, frozen=True):
    """A grant on a registration: title, the id as words, allowed, blocked or unknown, the properties and a note."""

    title: str
    short: str
    state: str
    by: tuple[Markup, ...]
    note: str


class PostureLine(msgspec.Struct, frozen=True):
    """A row of the table; ``anchor`` is the id of the registration's section or empty."""

    name: str
    anchor: str
    cells: tuple[Cell, ...]


def states(row: PostureRow | None, grants: Mapping[str, GrantText]) -> tuple[Cell, ...]:
    """Every grant of a row, in its order."""
    if row is None:
        return ()
    return tuple(
        _state(entry, grants[entry.grant].title if entry.grant in grants else entry.grant) for entry in row.entries
    )


@lru_cache(maxsize=4096)
def _state(entry: PostureEntry, title: str) -> Cell:
    return Cell(
        title=title,
        short=entry.grant.replace("_", " "),
        state=entry.state,
        by=tuple(breakable(name) for name in entry.by),
        note=visible(entry.note),
    )


def posture_head(report: Report) -> tuple[str, ...]:
    """The grants over the columns: every grant that a row speaks of, in the order of the first row that does."""
    return tuple(dict.fromkeys(entry.grant for row in report.postures for entry in row.entries))


def posture_chunks(report: Report, anchors: Mapping[str, str]) -> tuple[tuple[PostureLine, ...], ...]:
    """The rows in tables of a readable length; *anchors* names the section of each registration that has one."""
    head = posture_head(report)
    grants = {grant.id: grant for grant in report.grants}
    names = {row.key: row.name for row in report.registrations}
    lines = []
    for row in report.postures:
        cells = {entry.grant: state for entry, state in zip(row.entries, states(row, grants), strict=True)}
        missing = Cell("", "", "unknown", (), "")
        name = visible_name(names.get(row.registration, row.registration))
        lines.append(PostureLine(name, anchors.get(row.registration, ""), tuple(cells.get(g, missing) for g in head)))
    return tuple(tuple(lines[start : start + _CHUNK]) for start in range(0, len(lines), _CHUNK))
