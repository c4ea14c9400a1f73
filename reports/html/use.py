"""The use of grants: allowed, used and recommended for each registration, what follows, and how far sources reach."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

import msgspec

from reports.escape import visible
from reports.html.places import Names, Places, names_at
from reports.html.posture import words
from reports.html.reach import SHOWN
from reports.html.row import label_of
from reports.report import Report
from reports.rows import UsageEntry
from reports.use import (
    FOLLOWS,
    FOLLOWS_SHORT,
    RECOMMENDED,
    REDIRECT_URIS,
    follow_counts,
    seen_words,
    state_words,
    used_words,
)
from rules.model.usage import KIND_WORDS, KINDS

#: The filter's names of what follows, and of grants whose use is not known; each with its words.
USE_CHOICES: Final[Mapping[str, tuple[str, str]]] = {
    "can-be-turned-off": ("off", "Can be turned off now"),
    "migrate-first": ("migrate", "In use: migrate first"),
    "contradiction": ("blocked", "Blocked, but seen"),
    "in-use": ("used", "In use"),
    "not-seen": ("unseen", "Not seen"),
    "not-known": ("unknown", "Use not known"),
}
_ALLOWED: Final = {"allowed": "yes", "blocked": "no", "unknown": "not known"}


class UseLine(msgspec.Struct, frozen=True, kw_only=True):
    """A grant of a registration. ``says`` is a token for the style sheet, ``follows`` what it says in words;
    ``in_short`` is all of it in few words.
    """

    grant: str
    allowed: str
    used: str
    recommended: str
    says: str
    follows: str
    in_short: str


class UseOf(msgspec.Struct, frozen=True, kw_only=True):
    """The use of grants by one registration: what follows for which grants as the filter names them, that in words,
    and a line a grant.
    """

    values: str
    words: str
    is_contradiction: bool
    lines: tuple[UseLine, ...]


class UseRow(msgspec.Struct, frozen=True, kw_only=True):
    """Registrations of which the same is said of the use of a grant. ``evidence`` is a period, or why not known;
    ``link`` is what the filter is set to for them, empty where it would show others too.
    """

    says: str
    follows: str
    grant: str
    evidence: str
    count: int
    names: Names
    link: str


class ReachRow(msgspec.Struct, frozen=True, kw_only=True):
    """What a source covers of one kind of sign-in; ``is_whole`` as far as the source shows."""

    kind: str
    source: str
    start: str
    end: str
    rows: int
    is_whole: bool
    state: str


class UseView(msgspec.Struct, frozen=True, kw_only=True):
    """The section: figures with the filter of each, rows and how many are not shown, the reach, what is never known."""

    figures: tuple[tuple[str, str, str], ...]
    rows: tuple[UseRow, ...]
    rest: int
    reach: tuple[ReachRow, ...]
    never: str


def uses_of(report: Report) -> dict[str, UseOf]:
    """The use of grants by each registration, by its key."""
    return {row.registration: _use_of(row.entries) for row in report.usage}


def use_view(report: Report, places: Places, *, compact: bool) -> UseView | None:
    """The section about all registrations; ``None`` without evidence of use."""
    if not report.usage and not report.reach:
        return None
    rows = tuple(_rows(report, places, compact=compact))
    shown = rows[: SHOWN if compact else None]
    return UseView(
        figures=tuple(_figures(report)),
        rows=shown,
        rest=len(rows) - len(shown),
        reach=tuple(_reach(report)),
        never=REDIRECT_URIS,
    )


def use_choices(report: Report) -> list[tuple[str, str]]:
    """What the filter offers: only what is there."""
    there = {_token(entry) for row in report.usage for entry in row.entries}
    return [choice for says, choice in USE_CHOICES.items() if says in there]


def _token(entry: UsageEntry) -> str:
    return entry.says or entry.used


def _use_of(entries: Sequence[UsageEntry]) -> UseOf:
    counts = [f"{count} {FOLLOWS_SHORT[says]}" for says, count in follow_counts(entries)]
    unknown = sum(entry.used == "not-known" for entry in entries)
    grants: defaultdict[str, list[str]] = defaultdict(list)
    for entry in entries:
        if choice := USE_CHOICES.get(_token(entry)):
            grants[choice[0]].append(label_of(entry.grant))
    return UseOf(
        values=" ".join(f"{value}:{','.join(filter(None, labels))}" for value, labels in grants.items()),
        words=", ".join(counts + ([f"{unknown} not known"] if unknown else [])) or "not seen",
        is_contradiction=any(entry.says == "contradiction" for entry in entries),
        lines=tuple(map(_line, entries)),
    )


def _line(entry: UsageEntry) -> UseLine:
    used = {"seen": seen_words(entry), "not-seen": "not seen", "not-known": "use not known"}[entry.used]
    short = FOLLOWS_SHORT.get(entry.says, "")
    return UseLine(
        grant=words(entry.grant),
        allowed=_ALLOWED[entry.allowed],
        used=used_words(entry),
        recommended=RECOMMENDED.get(entry.status, "not known"),
        says=entry.says,
        follows=FOLLOWS.get(entry.says, ""),
        in_short=f"{words(entry.grant)} {used}" + (f", {short}" if short else ""),
    )


def _figures(report: Report) -> Iterator[tuple[str, str, str]]:
    """How many grants each thing is said of, in words, with the filter that shows their registrations."""
    entries = [entry for row in report.usage for entry in row.entries]
    for says, count in follow_counts(entries):
        yield f"{count:,}", FOLLOWS_SHORT[says], f"use={USE_CHOICES[says][0]}"
    if unknown := sum(entry.used == "not-known" for entry in entries):
        yield f"{unknown:,}", "not known", f"use={USE_CHOICES['not-known'][0]}"


def _rows(report: Report, places: Places, *, compact: bool) -> Iterable[UseRow]:
    """The gravest first; grants in use differ in their days, which are with each registration."""
    keys: defaultdict[tuple[str, str, str], list[str]] = defaultdict(list)
    for row in report.usage:
        for entry in row.entries:
            evidence = "" if entry.used == "seen" else used_words(entry)
            keys[_token(entry), entry.grant, evidence].append(row.registration)
    rows = Counter((says, grant) for says, grant, _ in keys)
    order = (*FOLLOWS, "not-seen", "not-known", "seen")
    for (says, grant, evidence), found in sorted(keys.items(), key=lambda row: (order.index(row[0][0]), -len(row[1]))):
        yield UseRow(
            says=says,
            follows=FOLLOWS_SHORT.get(says, says.replace("-", " ")),
            grant=words(grant),
            evidence=evidence or "the row of each registration has the days",
            count=len(found),
            names=names_at(found, places, compact=compact),
            link=_link(says, grant) if rows[says, grant] == 1 else "",
        )


def _link(says: str, grant: str) -> str:
    """What the filter is set to for the registrations of which *says* is said of a grant."""
    choice, label = USE_CHOICES.get(says), label_of(grant)
    return f"use={choice[0]}&grant={label}" if choice and label else ""


def _reach(report: Report) -> Iterator[ReachRow]:
    """The reach of each kind of sign-in; a kind of which nothing was read is named too."""
    for kind in KINDS:
        mine = [one for one in report.reach if one.kind == kind]
        if not mine and kind != "user":
            yield ReachRow(kind=KIND_WORDS[kind], source="", start="", end="", rows=0, is_whole=False, state="not read")
        for one in mine:
            yield ReachRow(
                kind=KIND_WORDS[kind],
                source=visible(one.source),
                start=visible(one.start) or "not known",
                end=visible(one.end) or "not known",
                rows=one.rows,
                is_whole=one.complete,
                state=state_words(one),
            )
