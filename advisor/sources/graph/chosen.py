"""A few chosen applications (``--only``), and from the client's side what belongs to them: fewer requests than the
lists.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from advisor.sources.graph import decode
from advisor.sources.graph.batch import BatchItem, send_batch
from advisor.sources.graph.client import Client, RequestInformation
from advisor.sources.graph.failure import BROKEN, Failure
from advisor.sources.graph.queries import IN_LIMIT, Queries
from advisor.sources.tenant.records import (
    ASSIGNMENTS,
    GRANTS,
    PRINCIPALS,
    ROLES,
    Assignment,
    Grant,
    Outcome,
    Part,
    Principal,
    Record,
    Role,
)
from rules.model.tenant import RoleGroup, ServicePrincipal


class ChosenReader:
    """Reads the service principals of applications and what they were granted."""

    def __init__(self, client: Client, queries: Queries, emit: Callable[[Record], None]) -> None:
        self._client = client
        self._queries = queries
        self._emit = emit

    async def read(
        self, app_ids: Sequence[str], object_ids: Sequence[str] = (), groups_with_roles: Sequence[RoleGroup] = ()
    ) -> tuple[str, ...]:
        """Read the service principals of these applications, by client id, what they were granted, and roles of and
        over them.

        *object_ids* are those of the registrations; the roles of the *groups_with_roles* that a service principal is a
        member of are read too. Returns the object ids of the service principals.
        """
        groups = _groups(app_ids)
        found: list[str] = []

        def keep(value: ServicePrincipal) -> None:
            self._emit(Principal(value))
            found.append(str(value.id))

        await self._lists(
            PRINCIPALS, [BatchItem(group, self._queries.principals(group)) for group in groups], decode.PRINCIPALS, keep
        )
        clients = tuple(found)
        resources: dict[str, None] = {}

        def grant(record: Assignment | Grant) -> None:
            self._emit(record)
            resources[str(record.value.resource_id)] = None

        await self._lists(
            ASSIGNMENTS,
            [BatchItem(key, self._queries.assignments_of(key)) for key in clients],
            decode.ASSIGNMENTS,
            lambda value: grant(Assignment(value)),
        )
        await self._lists(
            GRANTS,
            [BatchItem(key, self._queries.grants_of(key)) for key in clients],
            decode.GRANTS,
            lambda value: grant(Grant(value)),
        )
        # What was granted has an id; its name and its API are on the service principal of the resource.
        others = _groups([one for one in resources if one not in clients])
        if others:
            apis: list[BatchItem[object]] = [
                BatchItem(group, self._queries.principals(group, member="id")) for group in others
            ]
            await self._lists(PRINCIPALS, apis, decode.PRINCIPALS, keep)
        items: list[BatchItem[object]] = [
            BatchItem(group, self._queries.roles("principalId", group)) for group in _groups(clients)
        ]
        through = [str(one.id) for one in groups_with_roles if not set(clients).isdisjoint(one.members)]
        items += [BatchItem(group, self._queries.roles("principalId", group)) for group in _groups(through)]
        scopes = [f"/{one}" for one in (*clients, *object_ids)]
        items += [BatchItem(group, self._queries.roles("directoryScopeId", group)) for group in _groups(scopes)]
        await self._lists(ROLES, items, decode.ROLES, lambda value: self._emit(Role(value)))
        return clients

    async def _lists(
        self,
        part: Part,
        items: Sequence[BatchItem[object]],
        decoder: Callable[[bytes], decode.PageOf[decode.T]],
        keep: Callable[[decode.T], None],
    ) -> None:
        """Read one list for each item, in batches, with their further pages."""
        gap, read = None, 0
        async for answer in send_batch(self._client, items):
            try:
                if answer.failure is not None:
                    raise answer.failure
                broken = await whole_list(self._client, answer.body, decoder, keep)
                if broken:
                    raise Failure(
                        f"{broken} of an unexpected type",
                        reason="malformed",
                        remedy="report a bug in grantlint",
                    )
                read += 1
            except Failure as failure:
                gap = gap or failure.fixed_by(part.remedy)
        self._emit(Outcome(part.id, "read" if gap is None else "partly" if read else "not-read", gap))


def _groups(values: Sequence[str]) -> list[tuple[str, ...]]:
    """*values* in parts of as many as Graph takes in one ``in``."""
    return [tuple(values[start : start + IN_LIMIT]) for start in range(0, len(values), IN_LIMIT)]


async def whole_list(
    client: Client,
    body: bytes,
    decoder: Callable[[bytes], decode.PageOf[decode.T]],
    keep: Callable[[decode.T], None],
) -> int:
    """Hand on all of a list whose first page came in a batch; returns how many objects did not fit. Raises
    ``Failure``.
    """
    try:
        page = decoder(body)
    except ValueError:
        raise Failure(BROKEN) from None
    broken = page.broken
    for value in page.value:
        keep(value)
    if page.next_link:
        following: RequestInformation = client.follow(page.next_link)
        async for more in client.pages(following, decoder):
            broken += more.broken
            for value in more.value:
                keep(value)
    return broken
