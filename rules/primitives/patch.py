"""Changes of JSON: merge patches by their leaves, and edits of lists that several findings share. Pure functions.

A merge patch replaces a list whole (RFC 7396, section 1), and so does Graph: "Collection properties and primitive
properties provided in the payload [...] MUST replace the value of the corresponding property in the entity or complex
type. Missing properties of the containing entity or complex property [...] MUST NOT be directly altered" (OData 4.01,
Protocol, 11.4.3). So ``{"web": {"redirectUris": [...]}}`` leaves the other members of ``web`` as they are, and loses
every URI it does not name. Azure CLI counts on it: ``az ad app update`` sends the one member that was named (azure-cli,
``set_object_properties``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec


class Edit(msgspec.Struct, frozen=True):
    """One change inside a list: what ``path`` leads to is set to ``value`` or, with ``remove``, taken out."""

    path: tuple[str, ...]
    remove: bool = False
    value: Any = None


def plain(value: Any) -> Any:
    """A copy of a JSON value with lists for tuples, as JSON reads it again."""
    if isinstance(value, dict):
        return {name: plain(part) for name, part in value.items()}
    return [plain(part) for part in value] if isinstance(value, list | tuple) else value


def leaves(patch: Mapping[str, Any], pointer: str = "") -> dict[str, Any]:
    """What a merge patch sets, by JSON pointer: every value in it that is not an object. A list counts as one value."""
    found: dict[str, Any] = {}
    for name, value in patch.items():
        place = f"{pointer}/{name}"
        found |= leaves(value, place) if isinstance(value, dict) else {place: value}
    return found


def pointer_of(property: str) -> str:
    """The JSON pointer of a property that is named with dots: ``/web/redirectUris`` for ``web.redirectUris``."""
    return "/" + property.replace(".", "/")


def nested(values: Mapping[str, Any]) -> dict[str, Any]:
    """The merge patch that sets each of *values*, given by JSON pointer: the reverse of ``leaves``."""
    patch: dict[str, Any] = {}
    for pointer, value in values.items():
        *way, last = pointer.split("/")[1:]
        place = patch
        for name in way:
            place = place.setdefault(name, {})
        place[last] = value
    return patch


def edited(elements: Sequence[Any], edits: Iterable[Edit]) -> list[Any]:
    """A copy of *elements* with all *edits* made, whose paths count in the list as it was.

    A removed element is gone whatever else is set there. A duplicate text is kept once, and an element whose inner list
    became empty is removed: it is a resource without a requested permission. Raises ``LookupError`` or ``ValueError``
    for a path without a value.
    """
    edits = tuple(edits)
    changed: list[Any] = plain(elements)
    gone = {edit.path for edit in edits if edit.remove}
    for edit in edits:
        if not edit.remove:
            place, last = _holder(changed, edit.path)
            place[last] = edit.value
    for edit in edits:  # a double is what was set, not what was there before
        if not edit.remove and len(edit.path) == 1 and isinstance(edit.value, str):
            others = {str(n) for n, other in enumerate(changed) if other == edit.value} - {edit.path[0]}
            if any((other,) not in gone for other in others):
                gone.add(edit.path)
    for path in sorted((path for path in gone if len(path) > 1), key=_order, reverse=True):
        place, last = _holder(changed, path)
        del place[last]
        if not place:
            gone.add(path[:1])
    for path in sorted((path for path in gone if len(path) == 1), key=_order, reverse=True):
        del changed[int(path[0])]
    return changed


def edit_between(before: list[Any], after: list[Any], path: Iterable[str]) -> Edit:
    """The one edit on the way *path* that makes *after* of *before*. Raises as ``edited`` does where there is none."""
    way = tuple(path)
    old: Any = before
    new: Any = after
    for depth, token in enumerate(way):
        if isinstance(old, list) and len(new) < len(old):
            return Edit(way[: depth + 1], remove=True)
        key: Any = int(token) if isinstance(old, list) else token
        old, new = old[key], new[key]
    return Edit(way, value=new)


def _holder(elements: list[Any], path: tuple[str, ...]) -> tuple[Any, Any]:
    """The list or object that contains the last token of *path*, and that token as its key."""
    place: Any = elements
    for token in path[:-1]:
        place = place[int(token)] if isinstance(place, list) else place[token]
    return place, int(path[-1]) if isinstance(place, list) else path[-1]


def _order(path: tuple[str, ...]) -> tuple[tuple[int, str], ...]:
    return tuple((int(token), "") if token.isdigit() else (-1, token) for token in path)
