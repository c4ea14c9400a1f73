"""What goes wrong between here and Graph, one fault at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import msgspec

Kind = Literal["status", "reset", "truncated", "body", "foreign-link", "loop-link", "revoke", "call"]


class Fault(msgspec.Struct, kw_only=True):
    """Meets the requests whose path and query hold *match* and *also*, after *after* of them, *times* times.

    ``status`` answers so; ``reset`` breaks the connection; ``truncated`` cuts the body; ``body`` puts another in its
    place; ``foreign-link`` and ``loop-link`` change the next page's link; ``revoke`` takes all tokens back; ``call``
    calls and goes on.
    """

    kind: Kind
    match: str = "/applications"
    also: str = ""
    times: int = 1
    after: int = 0
    status: int = 500
    code: str = "Broken"
    headers: dict[str, str] = {}
    body: bytes = b""
    call: Callable[[], None] | None = None
    met: int = 0

    def meets(self, path: str) -> bool:
        """Whether this request is one; each call counts."""
        if self.match not in path or self.also not in path:
            return False
        self.met += 1
        return self.after < self.met <= self.after + self.times
