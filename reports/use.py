"""The use of grants in words that all formats share: what was seen, what follows from it, and how far sources reach."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Final

from reports.escape import visible
from reports.rows import UsageEntry
from rules.analysis.grants import grant
from rules.model.usage import KIND_WORDS, KINDS, Reach
from rules.primitives.texts import counted

#: What follows from the use of a grant, the gravest first.
FOLLOWS: Final[Mapping[str, str]] = {
    "contradiction": "blocked today, but seen: the registration was changed, or this answer is wrong",
    "can-be-turned-off": "can be turned off",
    "migrate-first": "in use: migrate its users first",
    "in-use": "in use",
}
#: The same in few words, as the heading of what follows.
FOLLOWS_SHORT: Final[Mapping[str, str]] = {
    "contradiction": "blocked, but seen",
    "can-be-turned-off": "can be turned off",
    "migrate-first": "in use: migrate first",
    "in-use": "in use",
}
#: Whether the platform's documents recommend a grant, by its status.
RECOMMENDED: Final[Mapping[str, str]] = {
    "recommended": "yes",
    "situational": "in some cases",
    "last-resort": "last resort",
    "never": "no",
}
#: The grants that a setting turns off with it, by its pointer. No log has redirect URIs, so theirs are not here.
GRANTS_OF: Final[Mapping[str, tuple[str, ...]]] = {
    "/web/implicitGrantSettings/enableAccessTokenIssuance": ("implicit", "hybrid"),
    "/web/implicitGrantSettings/enableIdTokenIssuance": ("implicit", "hybrid"),
    "/isFallbackPublicClient": ("device_code", "password", "integrated_windows"),
}
#: Said once, whatever was read.
REDIRECT_URIS: Final = "No sign-in log has redirect URIs: whether one is in use is not known."


def use_words(entry: UsageEntry) -> str:
    """Whether a grant was used, with the period or the reason, and what follows."""
    return "; ".join(filter(None, (used_words(entry), FOLLOWS.get(entry.says))))


def used_words(entry: UsageEntry) -> str:
    """Whether a grant was used: when last and how often, in which period it was not seen, or why that is not known."""
    if entry.used == "seen":
        return seen_words(entry)
    if entry.used == "not-seen":
        sources = ", ".join(map(visible, entry.sources))
        words = f"not seen from {visible(entry.start)} to {visible(entry.end)}{f' in {sources}' if sources else ''}"
        words += f"; {counted(entry.failed, 'sign-in')} failed" if entry.failed else ""
        return words + (f"; {visible(entry.why)}" if entry.why else "")
    remedy = f"; {visible(entry.remedy)}" if entry.remedy else ""
    return f"not known: {visible(entry.why)}{remedy}" if entry.why else "not known"


def seen_words(entry: UsageEntry) -> str:
    """When a grant was last seen, and how often."""
    number = f", {counted(entry.count, entry.unit.removesuffix('s'))}" if entry.count and entry.unit else ""
    return f"last seen {visible(entry.last) or 'on an unknown day'}{number}"


def grants_by_words(entries: Iterable[UsageEntry]) -> Iterator[tuple[str, str]]:
    """The titles of grants, and their use: those in use first, and those of the same use are one row."""
    order = [*FOLLOWS, ""]
    titles: dict[str, list[str]] = {}
    for entry in sorted(entries, key=lambda one: (one.used != "seen", order.index(one.says), one.used)):
        titles.setdefault(use_words(entry), []).append(grant(entry.grant).title)
    return ((", ".join(names), words) for words, names in titles.items())


def turned_off(after: Mapping[str, Any], entries: Iterable[UsageEntry]) -> list[UsageEntry]:
    """Those of the *entries* of a registration whose grants a change turns off; *after* has its values by pointer."""
    grants = {grant for pointer, value in after.items() if value is False for grant in GRANTS_OF.get(pointer, ())}
    return [entry for entry in entries if entry.grant in grants]


def words_of_uses(entries: Iterable[UsageEntry]) -> str:
    """Each grant with its use."""
    return "; ".join(f"{visible(entry.grant).replace('_', ' ')}, {used_words(entry)}" for entry in entries)


def in_use_words(after: Mapping[str, Any], entries: Iterable[UsageEntry]) -> str:
    """Why a change is unsafe: the grants that it turns off and that were seen; empty without one."""
    seen = [entry for entry in turned_off(after, entries) if entry.used == "seen"]
    return f"in use: {words_of_uses(seen)}" if seen else ""


def follow_counts(entries: Iterable[UsageEntry]) -> Iterator[tuple[str, int]]:
    """What follows from *entries*, the gravest first, each with its number; what follows from none is left out."""
    counts: Counter[str] = Counter(entry.says for entry in entries)
    return ((says, counts[says]) for says in FOLLOWS if counts[says])


def double_counts(reach: Collection[Reach]) -> Iterator[str]:
    """The kinds of sign-in of which several sources cover the same days, so that a sign-in may count twice."""
    for kind in KINDS:
        latest = ""
        for one in sorted(reach, key=lambda one: one.start):
            if one.kind == kind and one.start and not one.is_activity:
                if one.start < latest:
                    yield f"Several sources have {KIND_WORDS[kind]} from {one.start} on: counts may be too high."
                    break
                latest = max(latest, one.end)


def reach_lines(reach: Collection[Reach]) -> Iterator[str]:
    """For each kind of sign-in the period of each source; a kind of which nothing was read is named too."""
    for kind in KINDS:
        mine = [one for one in reach if one.kind == kind]
        if not mine and kind != "user":
            yield f"{KIND_WORDS[kind]}: not read"
        for one in mine:
            period = f"{visible(one.start)} to {visible(one.end)}" if one.start else "dates not known"
            rows = counted(one.rows, "record")
            yield f"{KIND_WORDS[kind]}: {period}, {visible(one.source)}, {rows}, {state_words(one)}"


def state_words(reach: Reach) -> str:
    """Whether a source is complete, else why not and what would make it so."""
    if reach.complete:
        return "complete if it was not filtered"
    return f"not complete: {visible(reach.why)}{f'; {visible(reach.remedy)}' if reach.remedy else ''}"
