"""Built-in directory roles that matter when an application has one, by template ID, and what they allow.

The table is ``roles.tsv``. The ID of a built-in role's definition, which an assignment names, is that of its template.
A custom role, and a built-in role that is not listed, is not known, which is not harmless.

Sources: Microsoft, "Microsoft Entra built-in roles" (IDs, names, and the label "privileged"), read on 24 November 2026;
Emilien Socchi, "Azure tiering", Entra roles (commit 5edc675 of 21 August 2026). Tier 0 is *tenant*, tier 1
*privileged* or *reading*, tier 2 *limited*; a role that Microsoft labels as privileged is at least *privileged* or
*reading*. To refresh the table, run ``python tests/project/refresh.py roles``.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final, Literal

import msgspec

from rules.knowledge.data import read_table

#: The worst case: *tenant* has a path to Global Administrator; *privileged* administers, for example, accounts,
#: groups, applications or a service; *reading* is privileged, and only reads; *limited* has few security implications.
Reach = Literal["tenant", "privileged", "reading", "limited"]

#: Reads the directory, as every member may by default and as Directory.Read.All lets applications: nothing to report.
DIRECTORY_READERS: Final = "88d8e3e3-8f55-4a1e-953a-9b9898b8876b"
AGENT_ID_ADMINISTRATOR: Final = "db506228-d27e-4b7d-95e5-295956d6615f"
APPLICATION_ADMINISTRATOR: Final = "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3"
CLOUD_APPLICATION_ADMINISTRATOR: Final = "158c047a-c907-4556-b7ef-446551a6b5f7"


class Role(msgspec.Struct, frozen=True):
    """A built-in role: template ID, name, and what it allows. ``note`` is for maintainers of the table."""

    id: str
    name: str
    reach: Reach
    note: str = ""


@cache
def roles() -> Mapping[str, Role]:
    """The roles of the table by template ID."""
    return {row.id: row for row in read_table("rules.knowledge", "roles.tsv", Role)}


def role(definition: object) -> Role | None:
    """The row for a role by the id of its definition; ``None`` when it is not known. Case makes no difference."""
    return roles().get(definition.lower()) if isinstance(definition, str) else None


def role_named(name: object) -> Role | None:
    """The row for a role by its name; ``None`` when it is not known."""
    return next((row for row in roles().values() if row.name == name), None)
