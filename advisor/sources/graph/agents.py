"""What agent identity blueprints and agent identities have in addition to applications and service principals.

Both come back in the lists of applications and service principals, with their type. Their sponsors, and the blueprint
of an agent identity, are in lists of these types alone, of 100 objects a page. Inheritable permissions are one request
for each blueprint, twenty to a batch. A tenant without blueprints and agent identities costs one request: user accounts
of agents stay in a tenant when their agent identity is deleted.

Source: Microsoft Graph v1.0, "List agentIdentityBlueprint objects", "List agentIdentity objects", "List
inheritablePermission objects" and "List agentUser objects".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, TypeVar

import msgspec
from msgspec import UNSET

from advisor.sources.graph import decode
from advisor.sources.graph.batch import BatchItem, send_batch
from advisor.sources.graph.chosen import whole_list
from advisor.sources.graph.client import Client, RequestInformation
from advisor.sources.graph.failure import Failure
from advisor.sources.graph.queries import EXPAND_LIMIT, Queries
from advisor.sources.tenant.records import (
    AGENT_USERS,
    AGENTS,
    INHERITABLE,
    SPONSORS,
    Agent,
    Blueprint,
    InheritablePermissions,
    Missing,
    Outcome,
    Part,
    Policy,
    Record,
)
from rules.model.registration import InheritablePermission, Registration, Unread
from rules.model.tenant import AgentUser, ServicePrincipal

_Sponsored = TypeVar("_Sponsored", Registration, ServicePrincipal)

#: How Graph answers where it does not know the type of user accounts of agents.
_UNKNOWN_TYPE: Final = (400, 404)
_NOT_LISTED: Final = Unread(
    "failed",
    note="this Microsoft Graph does not list user accounts of agents",
    remedy="look for them among the users in the Microsoft Entra admin center",
)
_WITHOUT_AGENT: Final = Unread(
    "refused",
    note="Graph did not return the agent identity of an account",
    remedy="grant User.Read.All to the identity that reads",
)
_MALFORMED = Unread("malformed", note="a value has an unexpected type", remedy="report a bug in grantlint")


class AgentsReader:
    """Reads what belongs to blueprints and agent identities, and says how each part ended."""

    def __init__(self, client: Client, queries: Queries, emit: Callable[[Record], None]) -> None:
        self._client = client
        self._queries = queries
        self._emit = emit

    async def sponsors(self, blueprints: Sequence[str]) -> None:
        """The sponsors of these blueprints, by object ID."""
        wanted = {*blueprints}

        def keep(one: Registration) -> None:
            if one.id in wanted:
                self._emit(Blueprint(_whole(one)))

        await self._list(SPONSORS, self._queries.blueprints() if wanted else None, decode.BLUEPRINTS, keep)

    async def agents(self, *, there_are: bool) -> None:
        """The sponsors and the blueprint of each agent identity, if *there_are* any."""
        information = self._queries.agents() if there_are else None
        await self._list(AGENTS, information, decode.PRINCIPALS, lambda one: self._emit(Agent(_whole(one))))

    async def users(self, *, may_be_there: bool) -> None:
        """The user accounts of agents; *may_be_there* says whether the tenant may have blueprints or agent identities.

        Without those, a Graph that does not know the type has none of its accounts.
        """
        found: list[AgentUser] = []
        gap: Unread | None = None
        try:
            async for page in self._client.pages(self._queries.agent_users(), decode.AGENT_USERS):
                found += page.value
                gap = _MALFORMED if page.broken else gap
        except Failure as failure:
            if failure.status not in _UNKNOWN_TYPE:
                gap = failure.fixed_by(AGENT_USERS.remedy)
            elif may_be_there:
                gap = _NOT_LISTED
        if not all(one.identity_parent_id for one in found):
            gap = gap or _WITHOUT_AGENT
        if found or gap is None:
            self._emit(Policy(AGENT_USERS.id, msgspec.Raw(msgspec.json.encode(found))))
        self._emit(Outcome(AGENT_USERS.id, "read" if gap is None else "partly" if found else "not-read", gap))

    async def inheritable_permissions(self, blueprints: Sequence[str]) -> None:
        """The permissions that agent identities inherit from these blueprints."""
        gap, read = None, 0
        items = [BatchItem(key, self._queries.inheritable_permissions(key)) for key in blueprints]
        async for answer in send_batch(self._client, items):
            found: list[InheritablePermission] = []
            try:
                if answer.failure is not None:
                    raise answer.failure
                if await whole_list(self._client, answer.body, decode.INHERITABLE, found.append):
                    raise Failure(_MALFORMED.note, reason="malformed", remedy=_MALFORMED.remedy)
                self._emit(InheritablePermissions({answer.about: tuple(found)}))
                read += 1
            except Failure as failure:
                missing = failure.fixed_by(INHERITABLE.remedy)
                gap = gap or missing
                self._emit(Missing(answer.about, "/inheritablePermissions", missing))
        self._emit(Outcome(INHERITABLE.id, "read" if gap is None else "partly" if read else "not-read", gap))

    async def _list(
        self,
        part: Part,
        information: RequestInformation | None,
        decoder: Callable[[bytes], decode.PageOf[decode.T]],
        keep: Callable[[decode.T], None],
    ) -> None:
        """All pages of a list; nothing is requested without *information*."""
        count = broken = 0
        gap: Unread | None = None
        try:
            if information is not None:
                async for page in self._client.pages(information, decoder):
                    count, broken = count + len(page.value), broken + page.broken
                    for one in page.value:
                        keep(one)
        except Failure as failure:
            gap = failure.fixed_by(part.remedy)
        gap = gap or (_MALFORMED if broken else None)
        self._emit(Outcome(part.id, "read" if gap is None else "partly" if count else "not-read", gap))


def _whole(one: _Sponsored) -> _Sponsored:
    """*one*, whose sponsors count as not read where Graph may have cut them off."""
    sponsors = one.sponsors or ()
    return msgspec.structs.replace(one, sponsors=UNSET) if len(sponsors) >= EXPAND_LIMIT else one
