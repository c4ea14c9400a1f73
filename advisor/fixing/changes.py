"""What a fix changes in a registration, value by value. Pure functions of a finding and of the registration."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from rules.engine.findings import value_at
from rules.model.finding import Finding
from rules.model.registration import UNSET
from rules.primitives.patch import edit_between, leaves, nested, plain


class Change(msgspec.Struct, frozen=True):
    """The value at a Graph *pointer* becomes *value*, or with *remove*, the element of its list is removed.

    *before* is the value that is there; ``UNSET`` where there is none.
    """

    pointer: str
    before: Any
    value: Any = None
    remove: bool = False


def changes(finding: Finding, app: msgspec.Struct) -> Sequence[Change]:
    """The changes that make up the patch of *finding* in *app*; none where the patch does not fit it.

    Where the part around a new value is null or absent, the part is what changes.
    """
    found: list[Change] = []
    missing: dict[str, dict[str, Any]] = {}
    for pointer, value in leaves(finding.patch or {}).items():
        before = _plain(value_at(app, pointer))
        inside = finding.pointer.removeprefix(pointer + "/")
        if inside != finding.pointer and isinstance(value, list):
            try:
                edit = edit_between(before, value, inside.split("/"))
            except (LookupError, ValueError, TypeError):
                return ()
            place = "/".join((pointer, *edit.path))
            found.append(Change(place, _plain(value_at(app, place)), edit.value, edit.remove))
            continue
        whole = _first_missing(app, pointer)
        if whole == pointer:
            found.append(Change(pointer, before, value))
        else:
            missing.setdefault(whole, {})[pointer[len(whole) :]] = value
    found += [Change(place, _plain(value_at(app, place)), nested(parts)) for place, parts in missing.items()]
    return found


def _first_missing(app: msgspec.Struct, pointer: str) -> str:
    """The first part on the way to *pointer* that is null or absent, or else *pointer* itself."""
    tokens = pointer.split("/")
    for count in range(2, len(tokens)):
        place = "/".join(tokens[:count])
        if value_at(app, place) in (None, UNSET):
            return place
    return pointer


def _plain(value: Any) -> Any:
    return value if value is UNSET else plain(msgspec.to_builtins(value))
