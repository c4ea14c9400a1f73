"""Up to twenty requests in one (``$batch``): each part has its own status, and is asked for again by itself.

Source: Microsoft Graph, "Combine multiple HTTP requests using JSON batching".
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any, Final, Generic, TypeVar

import msgspec

from advisor.sources.graph.client import Client, Method, RequestInformation
from advisor.sources.graph.failure import Failure, from_status
from advisor.sources.graph.throttling import LONGEST, RETRIED, TRIES, delay

#: Graph's limit of parts in a batch.
LIMIT: Final = 20
#: At most this many batches are prepared at once; the client sends fewer at a time.
_AHEAD: Final = 4

K = TypeVar("K")


class BatchItem(msgspec.Struct, Generic[K], frozen=True):
    """A request for a batch, and what it is about."""

    about: K
    information: RequestInformation


class Answer(msgspec.Struct, Generic[K], frozen=True):
    """What a part was answered: the body, or why there is none."""

    about: K
    body: bytes = b""
    failure: Failure | None = None


class _Part(msgspec.Struct):
    id: str
    status: int
    headers: dict[str, Any] | None = None
    body: msgspec.Raw = msgspec.Raw(b"null")


class _Responses(msgspec.Struct):
    responses: list[_Part]


class _Error(msgspec.Struct, frozen=True):
    code: str = ""
    message: str = ""


class _ErrorBody(msgspec.Struct):
    error: _Error = _Error()


_RESPONSES: Final = msgspec.json.Decoder(_Responses)


async def send_batch(client: Client, items: Sequence[BatchItem[K]]) -> AsyncIterator[Answer[K]]:
    """All answers, batch by batch, in the order of the *items*. A batch that fails as a whole fails each of its
    parts.
    """
    batches = [items[start : start + LIMIT] for start in range(0, len(items), LIMIT)]
    for start in range(0, len(batches), _AHEAD):
        for answers in await asyncio.gather(*(_send(client, batch) for batch in batches[start : start + _AHEAD])):
            for answer in answers:
                yield answer


async def _send(client: Client, items: Sequence[BatchItem[K]]) -> list[Answer[K]]:
    answers: dict[int, Answer[K]] = {}
    open_items = dict(enumerate(items))
    for attempt in range(TRIES):
        try:
            parts = await client.fetch(_request(client, open_items), _RESPONSES.decode)
        except Failure as failure:
            answers |= {number: Answer(item.about, failure=failure) for number, item in open_items.items()}
            break
        wait = 0.0
        for part in parts.responses:
            number = int(part.id) if part.id.isdecimal() else -1
            if number not in open_items:
                continue
            seconds = delay(part.headers or {}, attempt)
            if part.status in RETRIED and attempt + 1 < TRIES and seconds <= LONGEST:
                wait = max(wait, seconds)
                continue
            answers[number] = _answer(open_items.pop(number).about, part)
        if not open_items:
            break
        if not wait and attempt + 1 == TRIES:
            break
        await client.retry_budget.wait(wait or delay({}, attempt), "parts of a batch were not answered")
    lost = Failure("Graph left out the answer to a part of a batch")
    return [answers.get(number) or Answer(item.about, failure=lost) for number, item in enumerate(items)]


def _answer(about: K, part: _Part) -> Answer[K]:
    if part.status == 200:
        return Answer(about, bytes(part.body))
    try:
        error = msgspec.json.decode(part.body, type=_ErrorBody).error
    except msgspec.MsgspecError:
        error = _Error()
    return Answer(about, failure=from_status(part.status, error.code, error.message))


def _request(client: Client, items: dict[int, BatchItem[K]]) -> RequestInformation:
    information = RequestInformation(Method.POST)
    information.url = f"{client.base}/$batch"
    information.headers.try_add("Content-Type", "application/json")
    information.headers.try_add("Accept", "application/json")
    information.content = msgspec.json.encode({"requests": list(_parts(client, items))})
    return information


def _parts(client: Client, items: dict[int, BatchItem[K]]) -> Iterator[dict[str, Any]]:
    for number, item in items.items():
        headers = {
            name: value
            for name, value in (item.information.request_headers or {}).items()
            if name == "consistencylevel"
        }
        yield {
            "id": str(number),
            "method": "GET",
            "url": item.information.url.removeprefix(client.base).replace("%24", "$"),
            **({"headers": {"ConsistencyLevel": headers["consistencylevel"]}} if headers else {}),
        }
