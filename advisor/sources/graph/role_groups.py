"""The groups to which directory roles may be assigned, with the service principals that are their members.

Such a group has no groups as members, so one level is all. Source: Microsoft, "Use Microsoft Entra groups to manage
role assignments"; Microsoft Graph, "List groups" (``isAssignableToRole``) and "List members" (OData cast).
"""

from __future__ import annotations

import msgspec

from advisor.sources.graph import decode
from advisor.sources.graph.batch import BatchItem, send_batch
from advisor.sources.graph.chosen import whole_list
from advisor.sources.graph.client import Client
from advisor.sources.graph.failure import Failure
from advisor.sources.graph.queries import Queries
from advisor.sources.tenant.records import ROLE_GROUPS, Outcome, Policy, Record
from rules.model.registration import Unread
from rules.model.tenant import RoleGroup


async def read_role_groups(client: Client, queries: Queries) -> tuple[list[Record], tuple[RoleGroup, ...]]:
    """The records of these groups, and the groups. Raises ``Failure`` when the list of groups cannot be read."""
    groups = [one async for page in client.pages(queries.role_groups(), decode.GROUPS) for one in page.value]
    found: list[RoleGroup] = []
    gap: Unread | None = None
    items = [BatchItem(one, queries.members_of(one.id)) for one in groups if isinstance(one.id, str)]
    async for answer in send_batch(client, items):
        members: list[decode.Identified] = []
        try:
            if answer.failure is not None:
                raise answer.failure
            if await whole_list(client, answer.body, decode.MEMBERS, members.append):
                raise Failure("a member has no ID", reason="malformed")
            found.append(msgspec.structs.replace(answer.about, members=tuple(one.id for one in members)))
        except Failure as failure:
            gap = gap or failure.fixed_by(ROLE_GROUPS.remedy)
    records: list[Record] = [
        Policy(ROLE_GROUPS.id, msgspec.Raw(msgspec.json.encode(found))),
        Outcome(ROLE_GROUPS.id, "read" if gap is None else "partly", gap),
    ]
    return records, tuple(found)
