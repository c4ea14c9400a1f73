"""The use of grants in words that all formats share: what was seen, what follows from it, and how far sources reach."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from reports.escape import visible
from reports.rows import UsageEntry
from rules.model.usage import Kind, Reach
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
    "migrate-first": "to migrate first",
    "in-use": "in use",
}
#: Whether the platform's documents recommend a grant, by its status.
RECOMMENDED: Final[Mapping[str, str]] = {
    "recommended": "yes",
    "situational": "in some cases",
    "last-resort": "last resort",
    "never": "no",
}
#: Kinds of sign-ins, as the sign-in logs of the portal call them.
KIND_WORDS: Final[Mapping[Kind, str]] = {
    "interactiveUser": "user sign-ins (interactive)",
    "nonInteractiveUser": "user sign-ins (non-interactive)",
    "servicePrincipal": "service principal sign-ins",
    "managedIdentity": "managed identity sign-ins",
    "user": "user sign-ins",
}
#: Said once, whatever was read.
REDIRECT_URIS: Final = "No sign-in log has redirect URIs: whether one is in use is not known."


#: The grants that a setting turns off with it, by its pointer. No log has redirect URIs, so theirs are not here.
_GRANTS_OF: Final[Mapping[str, tuple[str, ...]]] = {
    "/web/implicitGrantSettings/enableAccessTokenIssuance": ("implicit",),
    "/web/implicitGrantSettings/enableIdTokenIssuance": ("implicit", "hybrid"),
    "/isFallbackPublicClient": ("device_code", "password", "integrated_windows"),
}


def switched_off(settings: Mapping[str, Any]) -> list[str]:
    """The pointers of *settings* that turn grants off with their new values."""
    return [pointer for pointer, value in settings.items() if pointer in _GRANTS_OF and value is False]


def of_grants(uses: Iterable[UsageEntry], off: Iterable[str]) -> list[UsageEntry]:
    """What *uses* say of the grants that the settings *off* turn off."""
    grants = {grant for pointer in off for grant in _GRANTS_OF[pointer]}
    return [entry for entry in uses if entry.grant in grants]


def in_words(entries: Iterable[UsageEntry]) -> str:
    """Each grant of *entries* and its use."""
    return "; ".join(f"{visible(entry.grant).replace('_', ' ')}, {used_words(entry)}" for entry in entries)


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
        return words + (f"; {counted(entry.failed, 'sign-in')} failed" if entry.failed else "")
    remedy = f"; {visible(entry.remedy)}" if entry.remedy else ""
    return f"not known: {visible(entry.why)}{remedy}" if entry.why else "not known"


def seen_words(entry: UsageEntry) -> str:
    """When a grant was last seen, and how often."""
    number = f", {counted(entry.count, entry.unit.removesuffix('s'))}" if entry.count and entry.unit else ""
    return f"last seen {visible(entry.last) or 'on an unknown day'}{number}"


def follow_counts(entries: Iterable[UsageEntry]) -> Iterator[tuple[str, int]]:
    """What follows from *entries*, the gravest first, each with its number; what follows from none is left out."""
    counts: Counter[str] = Counter(entry.says for entry in entries)
    return ((says, counts[says]) for says in FOLLOWS if counts[says])


def state_words(reach: Reach) -> str:
    """Whether a source is complete, else why not and what would make it so."""
    if reach.complete:
        return "complete if it was not filtered"
    return f"not complete: {visible(reach.why)}{f'; {visible(reach.remedy)}' if reach.remedy else ''}"
