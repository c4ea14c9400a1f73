"""Rules that were renamed: their old names stay valid in a configuration, in comments and on the command line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

import msgspec

from rules.knowledge.data import read_table

#: The keys of a configuration file whose values name rules.
_KEYS: Final = ("select", "ignore", "severity", "suppress", "override", "ignorable", "lock")


class Renamed(msgspec.Struct, frozen=True):
    """The old and the new name of a rule."""

    old: str
    new: str


@cache
def new_names() -> Mapping[str, str]:
    """The new name of each renamed rule, by its old one."""
    return {row.old: row.new for row in read_table(__package__, "renamed.tsv", Renamed)}


def with_new_names(table: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[tuple[str, str], ...]]:
    """The *table* of a configuration file with the new names of rules, and each old name with the key that has it."""
    old = tuple((key, name) for key in _KEYS for name in dict.fromkeys(_old_names(table.get(key))))
    return {key: _renewed(value) if key in _KEYS else value for key, value in table.items()}, old


def _old_names(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        if value.removeprefix("severity.") in new_names():
            yield value.removeprefix("severity.")
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _old_names(key)
            yield from _old_names(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _old_names(inner)


def _renewed(value: Any) -> Any:
    if isinstance(value, str):
        name = value.removeprefix("severity.")
        return value.removesuffix(name) + new_names()[name] if name in new_names() else value
    if isinstance(value, dict):
        return {_renewed(key): _renewed(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_renewed(inner) for inner in value]
    return value
