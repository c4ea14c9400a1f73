"""Rules that were renamed: their old names stay valid in a configuration, in comments and on the command line."""

from __future__ import annotations

from collections.abc import Mapping
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
    renewed: dict[str, Any] = {}
    old: dict[tuple[str, str], None] = {}
    for key, value in table.items():
        names: list[str] = []
        renewed[key] = _renewed(value, names) if key in _KEYS else value
        old |= {(key, name): None for name in names}
    return renewed, tuple(old)


def _renewed(value: Any, old: list[str]) -> Any:
    """*value* with new names; the old ones are added to *old*. A lock names a rule after the table that it is in."""
    if isinstance(value, dict):
        return {_renewed(key, old): _renewed(inner, old) for key, inner in value.items()}
    if isinstance(value, list):
        return [_renewed(inner, old) for inner in value]
    table, dot, name = value.rpartition(".") if isinstance(value, str) else ("", "", "")
    if name not in new_names():
        return value
    old.append(name)
    return f"{table}{dot}{new_names()[name]}"
