"""From Graph's names to attributes: of one object, and along a dotted path.

Types are asked for only where a path leads on.
"""

from __future__ import annotations

from functools import cache

import msgspec


def steps_of(kind: type[msgspec.Struct], path: str) -> tuple[str, ...]:
    """The attributes on the way to a value of a *kind* of object, by its dotted Graph *path*.

    Raises ``KeyError`` where an object on the way has no such property, or holds no object there.
    """
    steps: list[str] = []
    for encoded in path.split("."):
        if steps:  # the types behind the names are costly to ask for, and most paths are one name
            kind = _parts(kind)[steps[-1]]
        name = attributes(kind).get(encoded)
        if name is None:
            raise KeyError(f"{kind.__name__} has no property {encoded!r} ({path})")
        steps.append(name)
    return tuple(steps)


_ATTRIBUTES: dict[type, dict[str, str]] = {}


def attributes(kind: type) -> dict[str, str]:
    """The attributes of a type by Graph's names for them; none for one that is no struct."""
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
