"""The owners of applications and of service principals: fifteen to a part, twenty parts to a batch.

``$expand`` in the list itself would make Graph give 100 applications a page instead of 999, and cuts owners off at
twenty without a word. A list of twenty is therefore read again by itself.

Source: Microsoft Graph, "Known issues, query parameters" (limits of ``$expand`` and ``in``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from advisor.sources.graph import decode
from advisor.sources.graph.batch import BatchItem, send_batch
from advisor.sources.graph.client import Client
from advisor.sources.graph.failure import Failure
from advisor.sources.graph.queries import EXPAND_LIMIT, IN_LIMIT, Queries
from advisor.sources.tenant.records import (
    OWNER_NAMES,
    OWNERS,
    PRINCIPAL_OWNERS,
    Missing,
    Outcome,
    Owners,
    Part,
    PrincipalOwners,
    Record,
    users_among,
)
from rules.model.registration import Owner, Unread

_AT: Final = "/owners"
_EARLIER: Final = Unread(
    "failed", note="some owners could not be read before the reading was resumed", remedy="read it anew"
)
_HIDDEN: Final = Unread("refused", note="Graph returns only the IDs of some owners", remedy=OWNER_NAMES.remedy)


class OwnersReader:
    """Reads owners for one page of objects after the other, and says in the end how that went.

    *part* is ``OWNERS`` for applications, or ``PRINCIPAL_OWNERS`` for service principals. *users* gets the object IDs
    of the owners who are users.
    """

    def __init__(
        self,
        client: Client,
        queries: Queries,
        emit: Callable[[Record], None],
        *,
        part: Part = OWNERS,
        users: dict[str, None],
        has_gaps: bool = False,
    ) -> None:
        self._client = client
        self._part = part
        is_of_principals = part is PRINCIPAL_OWNERS
        self._owners_of = queries.owners_of_principals if is_of_principals else queries.owners_of
        self._all_owners = queries.all_owners_of_principal if is_of_principals else queries.all_owners
        self._emit = emit
        self._users = users
        self._read = int(has_gaps)
        self._hidden = False
        self._failed = _EARLIER if has_gaps else None

    async def read(self, ids: Sequence[str]) -> None:
        """Read the owners of these objects, by object id."""
        if self._failed is not None and not self._read:
            return  # refused once, refused always: each further request would only add to the throttling
        groups = [ids[start : start + IN_LIMIT] for start in range(0, len(ids), IN_LIMIT)]
        single: list[str] = []
        items = [BatchItem(tuple(group), self._owners_of(group)) for group in groups]
        async for answer in send_batch(self._client, items):
            if answer.failure is not None and answer.failure.status == 400:
                single += answer.about
            elif answer.failure is not None:
                self._fail(answer.about, answer.failure)
            else:
                single += self._take(answer.about, answer.body)
        await self._one_by_one(single)

    def _take(self, ids: Sequence[str], body: bytes) -> list[str]:
        """Keep the lists that are whole; returns the objects that want a request of their own."""
        try:
            page = decode.OWNED(body)
        except ValueError:
            return list(ids)
        found = {one.id: one.owners for one in page.value if len(one.owners) < EXPAND_LIMIT}
        self._keep({key: found[key] for key in ids if key in found})
        return [key for key in ids if key not in found]

    async def _one_by_one(self, ids: Sequence[str]) -> None:
        items = [BatchItem(key, self._all_owners(key)) for key in ids]
        async for answer in send_batch(self._client, items):
            try:
                if answer.failure is not None:
                    raise answer.failure
                page = decode.OWNER_LIST(answer.body)
                owners = list(page.value)
                if page.next_link:
                    async for more in self._client.pages(self._client.follow(page.next_link), decode.OWNER_LIST):
                        owners += more.value
                        page.broken += more.broken
                if page.broken:
                    raise Failure("an owner has an unexpected type", reason="malformed")
                self._keep({answer.about: owners})
            except (Failure, ValueError) as error:
                failure = error if isinstance(error, Failure) else Failure("the response of Graph is incomplete")
                self._fail((answer.about,), failure)

    def _keep(self, lists: dict[str, list[Owner]]) -> None:
        shown: dict[str, tuple[Owner, ...]] = {}
        for key, owners in lists.items():
            pairs = [decode.named(owner) for owner in owners]
            self._hidden = self._hidden or not all(is_shown for _, is_shown in pairs)
            shown[key] = tuple(owner for owner, _ in pairs)
            self._users.update(dict.fromkeys(users_among(shown[key])))
        self._read += len(shown)
        if shown:
            self._emit(PrincipalOwners(shown) if self._part is PRINCIPAL_OWNERS else Owners(shown))

    def _fail(self, ids: Sequence[str], failure: Failure) -> None:
        gap = failure.fixed_by(self._part.remedy)
        self._failed = self._failed or gap
        for key in ids if self._part is OWNERS else ():
            self._emit(Missing(key, _AT, gap))

    def finish(self) -> None:
        """Say how the part ended."""
        if self._failed is None:
            self._emit(Outcome(self._part.id, "read"))
        else:
            self._emit(Outcome(self._part.id, "partly" if self._read else "not-read", self._failed))
        if self._hidden:
            self._emit(Outcome(OWNER_NAMES.id, "partly", _HIDDEN))
