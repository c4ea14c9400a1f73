"""Why something could not be read, in words and as a value for the report."""

from __future__ import annotations

import msgspec

from rules.model.registration import Unread, UnreadReason

#: What helps where the network or the service is to blame.
LATER = "read the tenant again later"
#: What is said of an answer that is not JSON, or of another shape.
BROKEN = "the response of Graph is not valid JSON"


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
    if status == 429 or status >= 500:
        return Failure(f"Graph repeatedly answered {said}", status=status)
    text = f": {message[:200]}" if message else ""
    return Failure(
        f"Graph did not accept the request ({said}){text}", remedy="report this as a bug of grantlint", status=status
    )
