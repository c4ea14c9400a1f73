"""Throttling and a shaky network: when to ask again, and how long to wait before.

A middleware of the SDK's pipeline, in the place of its own retry handler: that one knows nothing of broken connections,
and its waiting cannot be configured.
"""

from __future__ import annotations

import asyncio
import random
import time
from email.utils import parsedate_to_datetime
from typing import Final

import httpx
from kiota_http.middleware.middleware import BaseMiddleware

from advisor.sources.graph.failure import RETRIED, Failure, from_status, out_of_time, seconds_left
from advisor.sources.graph.network import is_page, is_permanent, not_json
from advisor.sources.graph.progress import ProgressListener

#: How often a request is sent at most.
TRIES: Final = 7
#: The same after an internal server error: of these many are permanent.
TRIES_AFTER_500: Final = 3
#: The longest wait before one request, in seconds. Graph requires at most five minutes.
LONGEST: Final = 600.0

#: How time passes between two tries; tests put their own in its place.
sleep = asyncio.sleep


def delay(headers: httpx.Headers | dict[str, str], attempt: int) -> float:
    """Seconds to wait before the next try: what ``Retry-After`` says (seconds or a date), else twice the last wait,
    jittered.

    A date is held against the answer's own ``Date``, so that a wrong clock here does not matter.
    """
    said = {name.lower(): str(value) for name, value in headers.items()}
    after = said.get("retry-after", "").strip()
    if after.isdecimal():
        return float(after) or 1.0
    try:
        seconds = (parsedate_to_datetime(after) - parsedate_to_datetime(said.get("date", ""))).total_seconds()
    except (TypeError, ValueError):
        return 2.0**attempt * (0.75 + random.random() / 2)  # noqa: S311 - jitter
    return max(seconds, 1.0)


def is_retried(status: int, attempt: int) -> bool:
    """Whether a request that was answered with *status* is sent again after *attempt* earlier retries."""
    return status in RETRIED and attempt + 1 < (TRIES_AFTER_500 if status == 500 else TRIES)


def too_long(server: str, status: int, seconds: float) -> Failure:
    """*server* requests a longer wait than any run allows."""
    return Failure(
        f"{server} answered {status} and requests to wait {seconds:,.0f} seconds",
        remedy="read the tenant again after that time",
        status=status,
    )


class RetryBudget(BaseMiddleware):
    """Sends requests again where that helps, within the time of the whole reading.

    While one request waits for throttling, no other is sent.
    """

    def __init__(self, listener: ProgressListener, deadline: float | None = None) -> None:
        super().__init__()
        self._listener = listener
        self._gate = asyncio.Lock()
        self._deadline = deadline
        self.requests = 0

    async def send(self, request: httpx.Request, transport: httpx.AsyncBaseTransport) -> httpx.Response:
        """Send, read the whole answer, and send again as often as it is worth it."""
        attempt = 0
        while True:
            async with self._gate:
                pass
            left = seconds_left(self._deadline)
            self.requests += 1
            begun = time.perf_counter()
            try:
                async with asyncio.timeout(left):  # a server may send a byte now and then for hours
                    response = await super().send(request, transport)
                    response.request = request
                    await response.aread()
            except TimeoutError:
                raise out_of_time() from None
            except httpx.TransportError as error:
                if attempt + 1 >= TRIES or is_permanent(error):
                    raise
                seconds, why = delay({}, attempt), f"the connection broke ({type(error).__name__})"
            else:
                spent = time.perf_counter() - begun
                status, size = response.status_code, len(response.content)
                self._listener.request(request.method, str(request.url), status, spent, size)
                if 300 <= status < 400:  # the adapter would take it for an answer
                    raise from_status(status)
                seconds, why = delay(response.headers, attempt), f"Graph answered {status}"
                if not is_retried(status, attempt):
                    if 400 <= status < 500 and is_page(response.content):  # Graph's own errors are JSON
                        raise not_json(request.url.host, status)
                    return response
                if seconds > LONGEST:
                    raise too_long("Graph", status, seconds)
            attempt += 1
            await self.wait(seconds, why)

    async def wait(self, seconds: float, why: str, *, hold: bool = True) -> None:
        """Wait *seconds* before a request is sent again; *hold* back all other requests meanwhile.

        Requests that were throttled together wait at the same time, not one after the other.
        """
        seconds_left(self._deadline, seconds)
        self._listener.waiting(seconds, why)
        if not hold:
            await sleep(seconds)
            return
        begun = time.monotonic() if self._gate.locked() else None
        async with self._gate:
            await sleep(seconds if begun is None else max(0.0, begun + seconds - time.monotonic()))
