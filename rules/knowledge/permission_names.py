"""What the names of permissions say: ``Files.Read.All`` is about files, for reading, and for all of them.

Microsoft builds most names that way: the thing, the operation, and its bounds. Names of another form say nothing here.
The words and what each of them contains are in ``permission_words.tsv``; ``narrower_permissions.tsv`` has the
alternatives.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Final, Literal

import msgspec

from rules.knowledge.data import read_table
from rules.knowledge.permissions import Kind

#: Elsewhere managing is something else than reading and writing.
_MANAGED: Final = frozenset({"Sites", "AllSites", "Bookings"})
#: They are more than their name says: the first is what signing in asks for.
_OF_THEIR_OWN: Final = frozenset({"user.read"})
#: How the table writes that a name has no bounds: it is about what the signed-in user has.
_NO_BOUNDS: Final = "none"


class Word(msgspec.Struct, frozen=True):
    """A word in names of permissions, as *operation* or as *bounds*, and the narrower words that it contains."""

    part: Literal["operation", "bounds"]
    word: str
    contains: tuple[str, ...] = ()


class Alternative(msgspec.Struct, frozen=True):
    """What suffices for many clients *instead* of a permission, by its kind, and its value or the first word of
    that.
    """

    kind: Kind
    value: str
    instead: str


@cache
def _words(part: str) -> Mapping[str, frozenset[str]]:
    """The words that are used as *part*, with the narrower ones that each contains."""
    rows = read_table("rules.knowledge", "permission_words.tsv", Word)
    words = ((row.word, row.contains) for row in rows if row.part == part)
    return {_word(word): frozenset(map(_word, inside)) for word, inside in words}


def _word(written: str) -> str:
    return "" if written == _NO_BOUNDS else written


@cache
def _alternatives() -> Mapping[tuple[str, str], str]:
    rows = read_table("rules.knowledge", "narrower_permissions.tsv", Alternative)
    return {(row.kind, row.value): row.instead for row in rows}


@lru_cache(maxsize=4096)
def contains(wider: str, narrower: str) -> bool:
    """Say whether *wider*, the value of a permission, allows all that *narrower* does, and is not the same.

    Both are of one resource and kind.
    """
    if narrower.casefold() in _OF_THEIR_OWN:
        return False
    large, small = _parts(wider), _parts(narrower)
    if large is None or small is None or large[0] != small[0] or large == small:
        return False
    does = large[1] == small[1] or small[1] in _words("operation")[large[1]]
    return does and (large[2] == small[2] or small[2] in _words("bounds").get(large[2], ()))


def _parts(value: str) -> tuple[str, str, str] | None:
    """The thing, what is done with it, and the bounds. ``Sites.Selected`` leaves open what is done: it may be
    anything.
    """
    thing, _, rest = value.partition(".")
    does, _, bounds = rest.partition(".")
    if rest == "Selected":
        return f"{thing} ", "FullControl", "Selected"
    does, _, place = does.partition("For")
    if does not in _words("operation") or (does == "Manage" and thing not in _MANAGED):
        return None
    return f"{thing} {place}", does, bounds


def gains(value: str) -> str:
    """What somebody gains from an application permission over everybody's data, as half a sentence.

    >>> gains("Mail.Send"), gains("Mail.Read")
    ("which writes in everybody's name", 'which opens the data of everybody')
    """
    sends = any(part.startswith("Send") for part in value.split("."))
    return "which writes in everybody's name" if sends else "which opens the data of everybody"


def narrower(kind: str, value: str) -> str:
    """Which narrower permission does for many clients instead of *value*, as half a sentence; empty where none is
    known.
    """
    known = _alternatives()
    found = known.get((kind, value)) or known.get((kind, value.partition(".")[0]))
    return f", where {found} may do" if found else ""
