"""The posture: registrations by grants, each cell saying which properties allow the grant.

Registrations that allow the same grants by the same properties share a row, so the table stays short for a whole
tenant; below each row is why each grant works or does not.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

import msgspec
from markupsafe import Markup

from reports.escape import visible
from reports.html.markup import breakable
from reports.html.places import Names, Places, names_at
from reports.report import Report
from reports.rows import PostureEntry

_WORDS: Final = {"allowed": "yes", "unknown": "not known", "blocked": "no"}


class Cell(msgspec.Struct, frozen=True):
    """A grant on the registrations of a row: the state as a token and as a word, and the properties that allow it,
    short.
    """

    state: str
    word: str
    by: tuple[Markup, ...]


class Reason(msgspec.Struct, frozen=True):
    """Grants that work, do not work or may work for one reason: their names, the state, why, by which properties."""

    grants: str
    word: str
    note: str
    by: tuple[Markup, ...]


class PostureLine(msgspec.Struct, frozen=True):
    """A row: the registrations that share it, and what they allow."""

    id: str
    names: Names
    cells: tuple[Cell, ...]
    reasons: tuple[Reason, ...]


class PostureTable(msgspec.Struct, frozen=True):
    """The table. ``head`` names the grants of the columns, ``nowhere`` those that no registration allows."""

    head: tuple[str, ...]
    nowhere: str
    lines: tuple[PostureLine, ...]


class PostureWords(msgspec.Struct, frozen=True):
    """A registration's posture in words, and the anchor of its row."""

    anchor: str
    allowed: str
    unknown: str


def shown_grants(report: Report) -> tuple[str, ...]:
    """Every grant that a posture speaks of, in the order of the first posture that does."""
    return tuple(dict.fromkeys(entry.grant for row in report.postures for entry in row.entries))


def posture_views(report: Report, places: Places, *, compact: bool) -> tuple[PostureTable, dict[str, PostureWords]]:
    """The table, and what each registration allows in words, by its key."""
    grants = shown_grants(report)
    groups = _groups(report, places)
    somewhere = {entry.grant for entries, _ in groups for entry in entries if entry.state != "blocked"}
    head = tuple(grant for grant in grants if grant in somewhere)
    lines: list[PostureLine] = []
    by_key: dict[str, PostureWords] = {}
    for number, (entries, keys) in enumerate(groups, 1):
        by_grant = {entry.grant: entry for entry in entries}
        lines.append(
            PostureLine(
                id=f"posture-{number}",
                names=names_at(keys, places, compact=compact),
                cells=tuple(_cell(by_grant.get(grant)) for grant in head),
                reasons=_reasons(entries),
            )
        )
        by_key.update(dict.fromkeys(keys, _in_words(f"posture-{number}", entries)))
    return PostureTable(tuple(map(words, head)), _joined(grants, set(grants) - somewhere), tuple(lines)), by_key


def _in_words(anchor: str, entries: Sequence[PostureEntry]) -> PostureWords:
    return PostureWords(
        anchor=anchor,
        allowed=", ".join(words(entry.grant) for entry in entries if entry.state == "allowed"),
        unknown=", ".join(words(entry.grant) for entry in entries if entry.state == "unknown"),
    )


def words(grant: str) -> str:
    """A grant's id as words: ``on behalf of``."""
    return visible(grant.replace("_", " ").replace("saml", "SAML"))


def _groups(report: Report, places: Places) -> Sequence[tuple[tuple[PostureEntry, ...], list[str]]]:
    """The different postures, each with the keys that have it, in the order of the page."""
    order = {key: number for number, key in enumerate(places)}
    groups: defaultdict[tuple[PostureEntry, ...], list[str]] = defaultdict(list)
    for row in sorted(report.postures, key=lambda row: order.get(row.registration, len(order))):
        groups[row.entries].append(row.registration)
    return tuple(groups.items())


def _cell(entry: PostureEntry | None) -> Cell:
    if entry is None:
        return Cell("unknown", _WORDS["unknown"], ())
    by = () if entry.state == "blocked" else tuple(breakable(_short(name)) for name in entry.by)
    return Cell(entry.state, _WORDS[entry.state], by)


def _short(name: str) -> str:
    """A property with its middle left out: ``web…enableIdTokenIssuance``. The full name is shown with the reasons."""
    first, *middle, last = name.split(".") if "." in name else (name, "")
    return f"{first}…{last}" if middle else name


def _reasons(entries: Sequence[PostureEntry]) -> tuple[Reason, ...]:
    """Why each grant works or does not, those that work first; grants of one reason share a row."""
    groups: defaultdict[tuple[str, str, tuple[str, ...]], list[str]] = defaultdict(list)
    for entry in entries:
        groups[_WORDS[entry.state], entry.note, entry.by].append(entry.grant)
    order = list(_WORDS.values())
    return tuple(
        Reason(", ".join(map(words, grants)), word, note, tuple(map(breakable, by)))
        for (word, note, by), grants in sorted(groups.items(), key=lambda group: order.index(group[0][0]))
    )


def _joined(order: Sequence[str], some: set[str]) -> str:
    return ", ".join(words(grant) for grant in order if grant in some)
