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

from advisor.sources.graph.failure import from_status
from advisor.sources.graph.progress import ProgressListener

#: Answers that may be different a moment later.
RETRIED: Final = frozenset((429, 500, 502, 503, 504))
#: So often a request is made in all.
TRIES: Final = 7
#: The longest wait for one request, in seconds; Graph requires at most five minutes.
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


class RetryBudget(BaseMiddleware):
    """Queries again where that helps. While one request waits for throttling, no other is sent."""

    def __init__(self, listener: ProgressListener) -> None:
        super().__init__()
        self._listener = listener
        self._gate = asyncio.Lock()
        self.requests = 0

    async def send(self, request: httpx.Request, transport: httpx.AsyncBaseTransport) -> httpx.Response:
        """Send, read the whole answer, and send again as often as it is worth it."""
        attempt = 0
        while True:
            async with self._gate:
                pass
            self.requests += 1
            begun = time.perf_counter()
            try:
                response = await super().send(request, transport)
                response.request = request
                await response.aread()
            except httpx.TransportError as error:
                if attempt + 1 >= TRIES:
                    raise
                seconds, why = delay({}, attempt), f"the connection broke ({type(error).__name__})"
            else:
                spent = time.perf_counter() - begun
                status, size = response.status_code, len(response.content)
                self._listener.request(request.method, str(request.url), status, spent, size)
                if 300 <= status < 400:  # the adapter would take it for an answer
                    raise from_status(status)
                seconds, why = delay(response.headers, attempt), f"Graph answered {status}"
                if status not in RETRIED or attempt + 1 >= TRIES or seconds > LONGEST:
                    return response
            attempt += 1
            await self.wait(seconds, why)

    async def wait(self, seconds: float, why: str) -> None:
        """Hold all requests back for a while."""
        self._listener.waiting(seconds, why)
        async with self._gate:
            await sleep(seconds)
