"""The users who own applications and service principals: whether their accounts are enabled, and can use MFA.

The list of owners says neither. Accounts are read fifteen to a part and twenty parts to a batch. The report of MFA
methods has no filter for single users, so its pages are read.

Source: Microsoft Graph v1.0, "List users" and "List userRegistrationDetails" (query parameters and permissions).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import msgspec

from advisor.sources.graph import decode
from advisor.sources.graph.batch import BatchItem, send_batch
from advisor.sources.graph.chosen import whole_list
from advisor.sources.graph.client import Client
from advisor.sources.graph.failure import Failure
from advisor.sources.graph.queries import IN_LIMIT, Queries
from advisor.sources.tenant.records import MFA, OWNER_ACCOUNTS, Outcome, Part, Policy, Record
from rules.model.registration import Unread
from rules.model.tenant import User, UserRegistrationDetails


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
    return _records(OWNER_ACCOUNTS, found, gap)


async def read_registrations(client: Client, queries: Queries, users: Collection[str]) -> list[Record]:
    """The records of whether *users* can use MFA. Pages are read until all are found; of others nothing is kept."""
    found: dict[str, UserRegistrationDetails] = {}
    gap: Unread | None = None
    broken = 0
    try:
        if users:
            async for page in client.pages(queries.registrations(), decode.registrations):
                found |= {str(one.id): one for one in page.value if one.id in users}
                broken += page.broken
                if len(found) == len(users):
                    break
        if broken and len(found) < len(users):
            raise Failure("a user has an unexpected type", reason="malformed", remedy="report a bug in grantlint")
    except Failure as failure:
        gap = failure.fixed_by(MFA.remedy)
    return _records(MFA, list(found.values()), gap)


def _records(part: Part, found: Sequence[User | UserRegistrationDetails], gap: Unread | None) -> list[Record]:
    """The records of a *part* of which *found* was read, and the rest not, for the reason of the *gap*."""
    if gap is not None and not found:
        return [Outcome(part.id, "not-read", gap)]
    return [
        Policy(part.id, msgspec.Raw(msgspec.json.encode(found))),
        Outcome(part.id, "read" if gap is None else "partly", gap),
    ]
