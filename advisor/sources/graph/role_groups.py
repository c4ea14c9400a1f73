"""The groups to which directory roles may be assigned, with the service principals that are their members.

Such a group has no groups as members, so one level is all. Source: Microsoft, "Use Microsoft Entra groups to manage
role assignments"; Microsoft Graph, "List groups" (``isAssignableToRole``) and "List members" (OData cast).
"""

from __future__ import annotations

import msgspec

from advisor.sources.graph import decode
from advisor.sources.graph.batch import BatchItem
from advisor.sources.graph.client import Client
from advisor.sources.graph.members import read_members
from advisor.sources.graph.queries import Queries
from advisor.sources.tenant.records import ROLE_GROUPS, Outcome, Policy, Record
from rules.model.tenant import RoleGroup


async def read_role_groups(client: Client, queries: Queries) -> tuple[list[Record], tuple[RoleGroup, ...]]:
    """The records of these groups, and the groups. Raises ``Failure`` when the list of groups cannot be read."""
    groups = [one async for page in client.pages(queries.role_groups(), decode.GROUPS) for one in page.value]
    items = [BatchItem(one, queries.members_of(one.id)) for one in groups if isinstance(one.id, str)]
    lists, gap = await read_members(client, items, "member", ROLE_GROUPS.remedy)
    found = [msgspec.structs.replace(one, members=ids) for one, ids in lists]
    records: list[Record] = [
        Policy(ROLE_GROUPS.id, msgspec.Raw(msgspec.json.encode(found))),
        Outcome(ROLE_GROUPS.id, "read" if gap is None else "partly", gap),
    ]
    return records, tuple(found)
