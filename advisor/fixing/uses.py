"""Where else a value is used that is written outside of its resource: it is edited only where it is for one property.

A name is looked for in the text, so that no use is missed. What only looks like a use, as in a comment, counts too.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

import msgspec

from advisor.fixing.edit import NotFixed
from advisor.fixing.syntax import BICEP, HCL, TERRAFORM_JSON, Syntax
from advisor.sources.reading.builder import Entry, Reading
from advisor.sources.reading.document import Document
from advisor.sources.reading.node import LONGEST_WAY, Place, Site

#: At most this many other uses are named.
_NAMED: Final = 3
#: The members that follow a name: an index ends them, so that the rest may be any member.
_PATH: Final = r"((?:\s*\.\s*[A-Za-z_][\w-]*)*)"
_MEMBER: Final = re.compile(r"[A-Za-z_][\w-]*")
#: An expression that takes a value from a declaration, and nothing else: its name, members, and perhaps an index.
_TERRAFORM: Final = re.compile(rf"(var|local)\.([A-Za-z_][\w-]*){_PATH}(?:\[.*)?", re.DOTALL)
_BICEP: Final = re.compile(rf"()([A-Za-z_]\w*){_PATH}(?:\[.*)?", re.DOTALL)
_ARM: Final = re.compile(rf"\[?(parameters|variables)\(\s*'([^']+)'\s*\){_PATH}(?:\[.*)?\]?", re.DOTALL | re.IGNORECASE)
#: What is before a name of Bicep where it is declared, and before and after it where it is a key of an object.
_DECLARES: Final = re.compile(r"(?:^|\n)[ \t]*(?:param|var)[ \t]+$")
_BEFORE_KEY: Final = re.compile(r"(?:[{,]\s*|[\w'}\])][ \t]*(?://[^\n]*)?\n\s*)$")
_AFTER_KEY: Final = re.compile(r"\s*:")
_LOOKED_AT: Final = 400
_PARAMETERS: Final = ".bicepparam"


class _Name(msgspec.Struct, frozen=True):
    """A declared name: the pattern that finds its uses, and the members of it that are used."""

    pattern: re.Pattern[str]
    path: tuple[str, ...]
    is_bicep: bool


def way_to(entry: Entry, pointer: str) -> tuple[tuple[Site, ...], Place | None]:
    """The expressions through which the value at a Graph *pointer* gets into its resource, and where the first one is.

    A list or an object that contains the value may get there through others.
    """
    marks = entry.marks or {}
    way: tuple[Site, ...] = ()
    at = marks[pointer].place if pointer in marks else None
    while at is not None:
        mark = marks.get(pointer)
        if mark is not None and mark.place.through and _contains(mark.place, at):
            way = (*mark.place.through, *way)
            at = mark.place.through[0].place
        if not pointer:
            break
        pointer = pointer.rpartition("/")[0]
    return way, at


def _contains(place: Place, other: Place) -> bool:
    """Whether what is at *other* is written within what is at *place*."""
    if place.document is not other.document:
        return False
    if place.span is None or other.span is None:
        return place.start == other.start and f"{other.pointer}/".startswith(f"{place.pointer}/")
    return place.span[0] <= other.span[0] and other.span[1] <= place.span[1]


def check_uses(reading: Reading, way: tuple[Site, ...], place: Place, syntax: Syntax, where: str) -> None:
    """Raise ``NotFixed`` unless the value at *place*, which is also called *where*, is for one property alone.

    It gets there on a *way*; *syntax* is the language of the file that uses it.
    """
    for number, site in enumerate(way):
        name = _named(site, syntax)
        if name is None or len(way) == LONGEST_WAY:
            raise NotFixed(f"an expression takes it from {where}; change it there")
        below = (way[number + 1].place if number + 1 < len(way) else place).document
        texts = [*site.place.document.scope, *([below] if below.file.endswith(_PARAMETERS) else [])]
        found = [use for document in dict.fromkeys(texts) for use in _uses(document, name)]
        if len(found) > 1:
            listed = ", ".join(dict.fromkeys(found[:_NAMED])) + (" and others" if len(found) > _NAMED else "")
            raise NotFixed(f"it is set at {where} and used at {listed}; change it there")
    if _marked(reading)[_key(place)] > 1:
        raise NotFixed(f"it is set at {where} for more than one property; change it there")


def _named(site: Site, syntax: Syntax) -> _Name | None:
    """The declared name of which *site* takes the value; nothing for an expression of another kind."""
    pattern = _TERRAFORM if syntax in (HCL, TERRAFORM_JSON) else _BICEP if syntax is BICEP else _ARM
    match = pattern.fullmatch(site.words)
    if match is None:
        return None
    kind, name = match[1], re.escape(match[2])
    text = {
        _TERRAFORM: rf"(?<![\w.]){kind}\s*\.\s*{name}(?![\w-]){_PATH}",
        _BICEP: rf"(?<!\w){name}(?!\w){_PATH}",
        _ARM: rf"\b{kind}\(\s*'{name}'\s*\){_PATH}",
    }[pattern]
    found = _Name(re.compile(text, re.IGNORECASE if pattern is _ARM else 0), _members(match[3]), syntax is BICEP)
    if pattern is _BICEP:
        text = site.place.document.text
        if not any(_DECLARES.search(_before(text, use)) for use in found.pattern.finditer(text)):
            return None  # a loop or a function declares it, or it is a resource
    return found


def _before(text: str, name: re.Match[str]) -> str:
    """The part of a *text* before a *name* that says what the name is there."""
    return text[max(name.start() - _LOOKED_AT, 0) : name.start()]


def _members(path: str) -> tuple[str, ...]:
    return tuple(_MEMBER.findall(path))


def _uses(document: Document, name: _Name) -> Iterator[str]:
    """Where a *document* uses what *name* uses: file and line."""
    text = document.text.replace("\\u0027", "'") if document.file.lower().endswith(".json") else document.text
    for use in name.pattern.finditer(text):
        path = _members(use[1])
        length = min(len(path), len(name.path))
        if path[:length] == name.path[:length] and not (name.is_bicep and _is_no_use(text, use)):
            yield f"{document.file}:{text.count(chr(10), 0, use.start()) + 1}"


def _is_no_use(text: str, name: re.Match[str]) -> bool:
    """Whether a name in a text of Bicep is a declaration, a member of something, or a key of an object."""
    before = _before(text, name)
    if before.endswith(".") and not before.endswith(".."):
        return True
    if _DECLARES.search(before):
        return True
    return _AFTER_KEY.match(text, name.end()) is not None and _BEFORE_KEY.search(before) is not None


@lru_cache(maxsize=2)
def _marked(reading: Reading) -> Counter[tuple[int, object, int, str]]:
    """How many values of all registrations are written at each place of the documents that are used from elsewhere."""
    places = [mark.place for mark in reading.marks() if mark.place.there]
    used = {place.document for place in places if place.through}
    return Counter(_key(place) for place in places if place.document in used)


def _key(place: Place) -> tuple[int, object, int, str]:
    return id(place.document), place.span, place.start, place.pointer
