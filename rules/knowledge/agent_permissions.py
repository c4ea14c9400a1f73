"""Permissions of Microsoft Graph that cannot be granted to agent identities.

The table is ``agent_permissions.tsv``: the permissions that Microsoft marks as blocked, by kind.

Source: Microsoft Graph v1.0, "Microsoft Entra Agent ID APIs in Microsoft Graph overview", "Microsoft Graph permissions
blocked for agents", of 26 February 2026.
"""

from __future__ import annotations

from functools import cache

import msgspec

from rules.knowledge.data import read_table
from rules.knowledge.permissions import GRAPH, Kind, Permission


class Blocked(msgspec.Struct, frozen=True):
    """A permission of Microsoft Graph that no agent identity can be granted."""

    kind: Kind
    value: str


@cache
def blocked_for_agents() -> frozenset[tuple[str, str]]:
    """The blocked permissions: kind, and value in lower case."""
    rows = read_table("rules.knowledge", "agent_permissions.tsv", Blocked)
    return frozenset((row.kind, row.value.casefold()) for row in rows)


def is_blocked_for_agents(permission: Permission) -> bool:
    """Whether *permission* cannot be granted to an agent identity."""
    return permission.resource == GRAPH and (permission.kind, permission.value.casefold()) in blocked_for_agents()
