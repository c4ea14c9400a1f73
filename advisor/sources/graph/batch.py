"""Up to twenty requests in one (``$batch``): each part has its own status, and is sent again by itself.

Source: Microsoft Graph, "Combine multiple HTTP requests using JSON batching".
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any, Final, Generic, TypeVar

import msgspec

from advisor.sources.graph.client import Client, Method, RequestInformation, drop_unknown
from advisor.sources.graph.failure import Failure, from_status
from advisor.sources.graph.throttling import LONGEST, TRIES_AFTER_500, delay, is_retried, too_long

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


class _Retry(msgspec.Struct, Generic[K], frozen=True):
    """A request that is sent again after some seconds."""

    item: BatchItem[K]
    seconds: float
    is_throttled: bool


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
    """All answers. A part that has to be sent again waits until the other batches were sent.

    A batch that fails as a whole fails each of its parts.
    """
    open_items = list(items)
    attempt = 0
    while open_items:
        again: list[_Retry[K]] = []
        batches = [open_items[start : start + LIMIT] for start in range(0, len(open_items), LIMIT)]
        for start in range(0, len(batches), _AHEAD):
            sent = (_send(client, batch, attempt) for batch in batches[start : start + _AHEAD])
            for answers, retries in await asyncio.gather(*sent):
                again += retries
                for answer in answers:
                    yield answer
        if again:
            seconds = max(one.seconds for one in again)
            throttled = any(one.is_throttled for one in again)
            try:
                if seconds:
                    await client.retry_budget.wait(seconds, "parts of a batch request have no response", hold=throttled)
            except Failure as failure:
                for one in again:
                    yield Answer(one.item.about, failure=failure)
                return
        open_items = [one.item for one in again]
        attempt += 1


async def _send(client: Client, items: Sequence[BatchItem[K]], attempt: int) -> tuple[list[Answer[K]], list[_Retry[K]]]:
    """The answers to one batch, and the parts that have to be sent again."""
    open_items = dict(enumerate(items))
    try:
        parts = await client.fetch(_request(client, open_items), _RESPONSES.decode)
    except Failure as failure:
        return [Answer(item.about, failure=failure) for item in items], []
    answers: list[Answer[K]] = []
    again: list[_Retry[K]] = []
    for part in parts.responses:
        item = open_items.pop(int(part.id), None) if part.id.isdecimal() else None
        if item is None:
            continue
        seconds = delay(part.headers or {}, attempt)
        if not is_retried(part.status, attempt):
            answer = _answer(item.about, part)
            if answer.failure is not None and drop_unknown(item.information, answer.failure):
                again.append(_Retry(item, 0, is_throttled=False))
            else:
                answers.append(answer)
        elif seconds > LONGEST:
            answers.append(Answer(item.about, failure=too_long("Graph", part.status, seconds)))
        else:
            again.append(_Retry(item, seconds, part.status == 429))
    for item in open_items.values():
        if attempt + 1 < TRIES_AFTER_500:
            again.append(_Retry(item, delay({}, attempt), is_throttled=False))
        else:
            answers.append(Answer(item.about, failure=Failure("Graph sent no response to a part of a batch request")))
    return answers, again


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
