"""Why something could not be read, in words and as a value for the report."""

from __future__ import annotations

import time
from typing import Final

import msgspec

from rules.model.registration import Unread, UnreadReason

#: What helps where the network or the service is to blame.
LATER = "read the tenant again later"
#: What is said of an answer that is not JSON, or of another shape.
BROKEN = "the response of Graph is not valid JSON"
#: What helps where a proxy is in between.
PROXY = "check HTTPS_PROXY and NO_PROXY"
#: Answers that may be different a moment later.
RETRIED: Final = frozenset((429, 500, 502, 503, 504))


class Failure(Exception):  # noqa: N818 - it is what a part ends with, not a mistake of anyone's
    """A request that gave nothing, after all retries. *status* is the last HTTP status, or 0; ``code`` is Graph's
    error code, if the answer had one.
    """

    code = ""

    def __init__(self, note: str, *, reason: UnreadReason = "failed", remedy: str = LATER, status: int = 0) -> None:
        super().__init__(note)
        self.unread = Unread(reason, note=note, remedy=remedy)
        self.status = status

    def fixed_by(self, remedy: str) -> Unread:
        """The reason, with the permission that fixes it where the tenant refused."""
        if self.unread.reason != "refused" or self.status == 401:
            return self.unread
        return msgspec.structs.replace(self.unread, remedy=remedy)


def from_status(status: int, code: str = "", message: str = "") -> Failure:
    """What an HTTP status and Graph's error code and message mean."""
    failure = _failure(status, code, message)
    failure.code = code
    return failure


def _failure(status: int, code: str, message: str) -> Failure:
    said = " ".join(word for word in (str(status), code) if word)
    if status == 401:
        return Failure(f"the token was not accepted ({said})", reason="refused", remedy="sign in again", status=401)
    if status == 403:
        return Failure(f"the tenant denied the request ({said})", reason="refused", status=403)
    if 300 <= status < 400:
        return Failure(
            f"Graph answered with a redirect ({said}); not followed, so that the token stays here", status=status
        )
    if status in (404, 410):
        return Failure(f"Graph no longer has the object ({said}): the object was deleted, or is hidden", status=status)
    if status in RETRIED or status >= 500:
        return Failure(f"Graph {'repeatedly ' if status in RETRIED else ''}answered {said}", status=status)
    text = f": {message[:200]}" if message else ""
    note, remedy = f"Graph did not accept the request ({said}){text}", "report a bug in grantlint"
    if status == 407:
        note, remedy = f"the proxy refused the connection ({said})", PROXY
    return Failure(note, remedy=remedy, status=status)


def seconds_left(deadline: float | None, wait: float = 0) -> float | None:
    """Seconds until the *deadline* in ``time.monotonic``; ``None`` without one.

    Raises ``Failure`` where the deadline comes before *wait* seconds have passed.
    """
    if deadline is None:
        return None
    left = deadline - time.monotonic()
    if left < wait or left <= 0:
        raise out_of_time()
    return left


def out_of_time() -> Failure:
    """The time of the whole reading is over."""
    return Failure("the time of --timeout is over", reason="left-out", remedy="raise --timeout")
