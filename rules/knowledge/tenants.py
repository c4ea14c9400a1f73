"""The tenants in which Microsoft's own applications are registered.

Names of applications prove nothing: anyone can name an application "Microsoft Graph". The table is
``microsoft_tenants.tsv``, with the source of each row.
"""

from __future__ import annotations

from functools import cache

import msgspec

from rules.knowledge.data import read_table


class MicrosoftTenant(msgspec.Struct, frozen=True):
    """A tenant of Microsoft: its ID, its name, and where that is written."""

    id: str
    name: str
    source: str


@cache
def microsoft_tenants() -> frozenset[str]:
    """The IDs of Microsoft's tenants, in lower case."""
    return frozenset(row.id for row in read_table("rules.knowledge", "microsoft_tenants.tsv", MicrosoftTenant))
