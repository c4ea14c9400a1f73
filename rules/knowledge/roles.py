"""Directory roles that are worth a word when an application has one, by template id, and what they open.

For a built-in role the id of its definition, which an assignment names, is that of its template. A custom role, and a
built-in one that is not listed, is not called harmless: it is just not known.

Sources: Microsoft, "Microsoft Entra built-in roles" (ids, names, and the label "privileged"), read on 2026-11-24; which of
them lead to Global Administrator by themselves: Emilien Socchi, "Azure tiering", Entra roles, tier 0.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from rules.knowledge.table import read_table

#: The worst case: *tenant* takes the tenant over; *privileged* changes accounts, groups, applications or
#: services; *reading* sees all.
Reach = Literal["tenant", "privileged", "reading"]

#: Reads the directory, as every member may by default and as Directory.Read.All lets applications: nothing to report.
DIRECTORY_READERS: Final = "88d8e3e3-8f55-4a1e-953a-9b9898b8876b"
APPLICATION_ADMINISTRATOR: Final = "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3"
CLOUD_APPLICATION_ADMINISTRATOR: Final = "158c047a-c907-4556-b7ef-446551a6b5f7"


class Role(msgspec.Struct, frozen=True):
    """A built-in role: template id, name, and what it opens."""

    id: str
    name: str
    reach: Reach


ROLES: Final = read_table("roles.tsv", Role)

_BY_ID: Final = {one.id: one for one in ROLES}


def role(definition: object) -> Role | None:
    """The row for a role by the id of its definition; ``None`` when it is not known. Case makes no difference."""
    return _BY_ID.get(definition.lower()) if isinstance(definition, str) else None
