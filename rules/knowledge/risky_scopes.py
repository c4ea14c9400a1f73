"""Delegated permissions of Microsoft Graph that users should not grant for themselves, by published lists.

The table is ``risky_scopes.tsv``; its comment names the lists.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final, Literal

import msgspec

from rules.knowledge.data import read_table
from rules.knowledge.permissions import GRAPH, Permission, Tier

#: *microsoft* is what Microsoft's recommended consent policy withholds from users; *scuba* is CISA's list.
List = Literal["microsoft", "scuba"]

#: Tiers that access all data of the signed-in user, or more.
_POWERFUL: Final[tuple[Tier, ...]] = ("tenant", "data", "whole")


class RiskyScope(msgspec.Struct, frozen=True):
    """A delegated permission of Microsoft Graph by its value, and the lists that have it."""

    value: str
    sources: tuple[List, ...]


@cache
def risky_scopes() -> Mapping[str, RiskyScope]:
    """The permissions of the table by value in lower case."""
    return {row.value.casefold(): row for row in read_table("rules.knowledge", "risky_scopes.tsv", RiskyScope)}


def is_risky(row: Permission) -> bool:
    """Whether a delegated permission accesses all data of the user or more, or is on one of the lists."""
    return row.tier in _POWERFUL or (row.resource == GRAPH and row.value.casefold() in risky_scopes())
