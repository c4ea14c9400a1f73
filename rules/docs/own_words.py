"""Name the properties in a sentence as the reader's format does: as a file spells them, or as the portal labels them.

Rules name properties as Microsoft Graph does: ``Set isFallbackPublicClient to false``. A reader of the portal needs
``Set Allow public client flows to No``. Names without a row in ``property_names.tsv`` stay as they are, and so does
what is in double quotation marks. Pure functions.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any, Final, get_args, get_origin

import msgspec

from rules.knowledge.property_names import PropertyName, path_of, property_names
from rules.model.registration import Registration
from rules.model.tenant import ServicePrincipal

#: What a format calls a property: its row, and the JSON pointer to it; empty for Graph's name.
Namer = Callable[[PropertyName, str], str]

#: A property, which has a capital inside, a path, or the one platform whose name is not an English word.
_NAME: Final = r"(?:(?=[a-z0-9]*(?:[A-Z]|\.[a-z]))[a-z]\w*(?:\.[a-z]\w*)*|spa)"
_START, _END = r"(?<![\w./:@{-])", r"(?![\w}@/-]|[.:]\w)"
#: What is quoted, a request to set properties, or a single property. Only whole names count.
_PART: Final = re.compile(
    rf'"[^"]*"'
    rf"|{_START}(?:(?P<verb>[Ss]et|[Ee]nable|[Dd]isable) )(?P<names>{_NAME}(?:(?:, | and |, and ){_NAME})*){_END}"
    rf"(?: of (?P<parent>[a-z]\w*){_END})?(?: to (?P<value>[\w-]+){_END})?"
    rf"|{_START}(?P<name>{_NAME}){_END}"
)
_BETWEEN: Final = re.compile(r"\W+")
_ONE: Final = re.compile(_START + _NAME + _END)
#: How a check box is set, by what the table says of it.
_BOXES: Final = {"selected": "select {}", "cleared": "clear {}", "empty": "leave {} empty"}
#: Values that are words of their own in any sentence, and are replaced only where a property is set to them.
_SWITCHES: Final = ("true", "false", "enabled", "disabled")
#: The client ID is called the same for every application, also where it is not that of the finding.
_SAME_EVERYWHERE: Final = ("appId",)


@lru_cache(maxsize=4096)
def in_portal(text: str, path: str) -> str:
    """*text*, of a finding at the dotted *path* (``path_of``), with the labels of the portal and what they show."""
    return _Words(f"/{path.replace('.', '/')}", lambda row, _: row.label, is_portal=True).say(text)


def in_file(text: str, pointer: str, namer: Namer) -> str:
    """*text*, of a finding at *pointer*, with the names of a file."""
    return _Words(pointer, namer, is_portal=False).say(text)


@lru_cache(maxsize=4096)
def named_by(name: str, pointer: str) -> PropertyName | None:
    """The row of the property that *name* is in a text of a finding at *pointer*; ``None`` where that is not certain.

    A name is the end of a path. One that several objects have is that of the object in which the finding is.
    """
    rows = _by_ending().get(name, ())
    at = path_of(pointer.removeprefix("/application")).split(".")
    near = sorted((row for row in rows if row.path.split(".")[0] == at[0]), key=lambda row: -_shared(row, at))
    if near and (len(near) == 1 or _shared(near[0], at) > _shared(near[1], at)):
        return near[0]
    is_certain = not near and len(rows) == 1 and ("." in name or name in _SAME_EVERYWHERE or _objects()[name] <= 1)
    return rows[0] if is_certain else None


def _shared(row: PropertyName, at: Sequence[str]) -> int:
    """How many names a path begins with that *at* begins with too."""
    names = row.path.split(".")
    return next((n for n, (one, other) in enumerate(zip(names, at, strict=False)) if one != other), len(names))


@cache
def _by_ending() -> Mapping[str, tuple[PropertyName, ...]]:
    """The rows by each ending of their paths."""
    found: dict[str, list[PropertyName]] = {}
    for row in property_names().values():
        names = row.path.split(".")
        for first in range(len(names)):
            found.setdefault(".".join(names[first:]), []).append(row)
    return {ending: tuple(rows) for ending, rows in found.items()}


@cache
def _spoken() -> frozenset[str]:
    """The last names of all paths that a text can name."""
    return frozenset(name for name in _by_ending() if "." not in name and (not name.islower() or name == "spa"))


@cache
def _objects() -> Counter[str]:
    """In how many places a registration has a property of a name; a list of a service principal is one of them."""
    members = msgspec.structs.fields(ServicePrincipal)
    lists = (one.encode_name for one in members if any(get_origin(kind) is tuple for kind in get_args(one.type)))
    return Counter([*_names_of(Registration), *lists])


def _names_of(kind: Any) -> Iterator[str]:
    """The names of the members of a type, at any depth."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        for field in msgspec.structs.fields(kind):
            yield field.encode_name
            yield from _names_of(field.type)
    for inner in get_args(kind):
        yield from _names_of(inner)


class _Words:
    """The words of one format for the texts of a finding."""

    def __init__(self, pointer: str, namer: Namer, *, is_portal: bool) -> None:
        self._pointer = pointer
        self._namer = namer
        self._is_portal = is_portal
        self._values: dict[str, str] = {}

    def say(self, text: str) -> str:
        """*text* in these words."""
        if _spoken().isdisjoint(_BETWEEN.split(text)):  # as nearly all messages, and much faster
            return text
        said = _PART.sub(self._part, text)
        for value, shown in self._values.items():
            said = re.sub(rf"{_START}{re.escape(value)}{_END}", _quoted(shown), said)
        return said

    def _part(self, match: re.Match[str]) -> str:
        if match["name"]:
            return self._name(match["name"])
        return self._setting(match) if match["verb"] else match[0]

    def _name(self, name: str) -> str:
        row = named_by(name, self._pointer)
        own = self._namer(row, self._pointer_to(row)) if row else ""
        if row and own and self._is_portal:
            self._values |= {value: shown for value, shown in row.shown.items() if value not in _SWITCHES}
        return own or name

    def _pointer_to(self, row: PropertyName) -> str:
        """The JSON pointer to a property; below an element of a list it is that of the finding."""
        tokens = iter(self._pointer.split("/")[1:])
        found = ""
        is_same = True
        for name in row.path.split("."):
            token = next(tokens, "")
            while is_same and token.isdigit():
                found, token = f"{found}/{token}", next(tokens, "")
            is_same = is_same and token == name
            found = f"{found}/{name}"
        return found

    def _setting(self, match: re.Match[str]) -> str:
        """A request to set properties to a value: *Set A and B of C to true*."""
        verb, parent, value = match["verb"], match["parent"], match["value"]
        names = _ONE.findall(match["names"])
        full = [f"{parent}.{name}" if parent else name for name in names]
        own = [self._name(name) for name in full]
        if own == full:  # nothing has another name here
            return match[0]
        listed = _listed(list(dict.fromkeys(own)))
        if verb.lower() != "set":
            value = f"{verb.lower()}d"
        shown = {self._shown(name, value) for name in full} if self._is_portal and value else {None}
        words = shown.pop() if len(shown) == 1 else None
        if words is None:
            end = f" to {value}" if match["value"] else ""
            return f"{verb} {listed}{end}"
        said = _BOXES.get(words, f"set {{}} to {_quoted(words)}").format(listed)
        return said[:1].upper() + said[1:] if verb[0].isupper() else said

    def _shown(self, name: str, value: str) -> str | None:
        row = named_by(name, self._pointer)
        return row.shown.get(value, "empty" if value == "null" else None) if row and row.label else None


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _quoted(words: str) -> str:
    """What the portal shows; a sentence of it is quoted."""
    return f'"{words}"' if " " in words else words
