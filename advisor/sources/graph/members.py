"""Objects that list other objects, such as the members of groups: one part of a batch for each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from advisor.sources.graph import decode
from advisor.sources.graph.batch import BatchItem, send_batch
from advisor.sources.graph.chosen import whole_list
from advisor.sources.graph.client import Client
from advisor.sources.graph.failure import Failure
from rules.model.registration import Unread

T = TypeVar("T")


async def read_members(
    client: Client, items: Sequence[BatchItem[T]], member: str, remedy: str
) -> tuple[list[tuple[T, tuple[str, ...]]], Unread | None]:
    """Each object whose list was read, with the IDs in its list, and the first reason why a list was not read.

    *member* is what an element of the lists is called, and *remedy* what makes the lists readable.
    """
    found: list[tuple[T, tuple[str, ...]]] = []
    gap: Unread | None = None
    async for answer in send_batch(client, items):
        members: list[decode.Identified] = []
        try:
            if answer.failure is not None:
                raise answer.failure
            if await whole_list(client, answer.body, decode.MEMBERS, members.append):
                raise Failure(f"a {member} has no ID", reason="malformed")
            found.append((answer.about, tuple(one.id for one in members)))
        except Failure as failure:
            gap = gap or failure.fixed_by(remedy)
    return found, gap
