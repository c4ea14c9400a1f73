"""The accounts of the users who own applications and service principals: fifteen to a part, twenty parts to a batch.

The list of owners does not say whether an account is enabled. Source: Microsoft Graph, "List users" (``$select``, and
the permission that reads it).
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from advisor.sources.graph import decode
from advisor.sources.graph.batch import BatchItem, send_batch
from advisor.sources.graph.chosen import whole_list
from advisor.sources.graph.client import Client
from advisor.sources.graph.failure import Failure
from advisor.sources.graph.queries import IN_LIMIT, Queries
from advisor.sources.tenant.records import OWNER_ACCOUNTS, Outcome, Policy, Record
from rules.model.registration import Unread
from rules.model.tenant import User


async def read_accounts(client: Client, queries: Queries, users: Sequence[str]) -> list[Record]:
    """The records of the accounts of *users*, by object ID."""
    found: list[User] = []
    gap: Unread | None = None
    groups = [users[start : start + IN_LIMIT] for start in range(0, len(users), IN_LIMIT)]
    async for answer in send_batch(client, [BatchItem(None, queries.accounts(group)) for group in groups]):
        try:
            if answer.failure is not None:
                raise answer.failure
            if await whole_list(client, answer.body, decode.USERS, found.append):
                raise Failure("an account is of an unexpected type", reason="malformed")
        except Failure as failure:
            gap = gap or failure.fixed_by(OWNER_ACCOUNTS.remedy)
    if gap is not None and not found:
        return [Outcome(OWNER_ACCOUNTS.id, "not-read", gap)]
    return [
        Policy(OWNER_ACCOUNTS.id, msgspec.Raw(msgspec.json.encode(found))),
        Outcome(OWNER_ACCOUNTS.id, "read" if gap is None else "partly", gap),
    ]
