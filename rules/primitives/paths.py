"""Attributes by Graph's names: of one object, and along a dotted path.

Types are inspected only where a path goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from operator import attrgetter
from typing import Any, Final

import msgspec


def steps_of(kind: type[msgspec.Struct], path: str) -> tuple[str, ...]:
    """The attributes on the way to a value of a *kind* of object, by its dotted Graph *path*.

    Raises ``KeyError`` where an object on the way has no such property, or holds no object there.
    """
    steps: list[str] = []
    for encoded in path.split("."):
        if steps:  # inspecting the types is costly, and most paths are one name
            kind = _parts(kind)[steps[-1]]
        name = attributes(kind).get(encoded)
        if name is None:
            raise KeyError(f"{kind.__name__} has no property {encoded!r} ({path})")
        steps.append(name)
    return tuple(steps)


_ATTRIBUTES: dict[type, dict[str, str]] = {}


def attributes(kind: type) -> dict[str, str]:
    """The attributes of a type by Graph's names for them; none for any other type."""
    names = _ATTRIBUTES.get(kind)
    if names is None:
        names = _ATTRIBUTES[kind] = {}
        if issubclass(kind, msgspec.Struct):
            names.update(zip(kind.__struct_encode_fields__, kind.__struct_fields__, strict=True))
    return names


@cache
def _parts(kind: type[msgspec.Struct]) -> dict[str, type[msgspec.Struct]]:
    """The attributes of a type that hold objects, or nothing, with the types of these."""
    types = {field.name: getattr(field.type, "__args__", (field.type,)) for field in msgspec.structs.fields(kind)}
    return {
        name: one
        for name, union in types.items()
        for one in union
        if isinstance(one, type) and issubclass(one, msgspec.Struct)
    }


class PathReader:
    """Reads many dotted Graph paths of one *kind* of object at once: a value, no value, or not read."""

    def __init__(self, kind: type[msgspec.Struct], paths: Iterable[str]) -> None:
        wanted = tuple(dict.fromkeys(paths))
        steps = {path: steps_of(kind, path) for path in wanted}
        by_parent: dict[tuple[str, ...], list[str]] = {}
        for path in wanted:
            by_parent.setdefault(steps[path][:-1], []).append(path)
        self._groups = [
            (parent, _getter([steps[path][-1] for path in group]), len(group)) for parent, group in by_parent.items()
        ]
        self.paths: Final = tuple(path for group in by_parent.values() for path in group)

    def shape(self, app: msgspec.Struct) -> tuple[bool | None, ...]:
        """For each of ``paths``: ``None`` when it was not read, else whether it has a value.

        Null, false and an empty list do not count as values.
        """
        values: list[Any] = []
        for parent, get, count in self._groups:
            place: Any = app
            for name in parent:
                place = getattr(place, name)
                if place is None or place is msgspec.UNSET:
                    values += (place,) * count
                    break
            else:
                values += get(place)
        return tuple([None if value is msgspec.UNSET else bool(value) for value in values])


def _getter(names: list[str]) -> Callable[[Any], tuple[Any, ...]]:
    if len(names) > 1:
        return attrgetter(*names)
    name = names[0]
    return lambda place: (getattr(place, name),)
