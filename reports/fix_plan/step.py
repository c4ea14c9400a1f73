"""The pieces of a plan: a request, what is compared before it, the way back, and what is left to users."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from reports.rows import FindingRow, Shape

NO_ID: Final = "its object ID and client ID are not known"
NO_REQUEST: Final = "no request is known for this change"
NO_HOST: Final = "the host of its Microsoft Graph is not known"


class Request(Shape, frozen=True):
    """A request to Microsoft Graph: method, whole address, and the JSON of its body or ``None``."""

    method: str
    url: str
    body: Any = None


class Element(Shape, frozen=True):
    """The element of the list *name* in an answer whose *member* is *value*."""

    name: str
    member: str
    value: str


class Check(Shape, frozen=True, kw_only=True):
    """What is read before a change, and what it has to be.

    ``url`` is read. ``read`` is what the report read there, ``done`` what the change makes of it. Both are JSON that
    names the members that matter; a list may be in any order. With ``element`` they are about that one element, and
    ``None`` is its absence. An empty object is always met: nothing of it was read.
    """

    url: str
    read: Any
    done: Any
    element: Element | None = None


class Undo(Shape, frozen=True, kw_only=True):
    """The way back: ``method`` and ``url`` of a request, and what is compared before it.

    Its body are the members of ``keeps``, with the values that are there when the step is applied. ``known`` is that
    body so far as the report knows it: ``None`` where not all of it was read. Without ``keeps``, it is the body.
    """

    method: str
    url: str
    check: Check
    known: Any = None
    keeps: Any = None

    @property
    def request(self) -> Request | None:
        """The request that restores what the report read; ``None`` where that was not read."""
        return None if self.known is None else Request(self.method, self.url, self.known)


class Step(Shape, frozen=True, kw_only=True):
    """One change. ``before`` and ``after`` are values by JSON pointer, so far as they are known.

    ``cli`` are the arguments of Azure CLI where it does what no single request can; there is no ``request`` then.
    ``check`` comes before the change. ``undo`` is the way back, ``undo_note`` says why there is none. ``breaks`` says
    what may stop working; empty when nothing can. ``use`` says what evidence of use shows of the grants that the
    step turns off, ``is_used`` and ``is_unused`` what follows; both are false where that is not known.
    """

    findings: tuple[FindingRow, ...]
    request: Request | None = None
    cli: tuple[str, ...] = ()
    check: Check
    before: Mapping[str, Any] = msgspec.field(default_factory=dict)
    after: Mapping[str, Any] = msgspec.field(default_factory=dict)
    undo: Undo | None = None
    undo_note: str = ""
    breaks: str = ""
    use: str = ""
    is_used: bool = False
    is_unused: bool = False


class ByHand(Shape, frozen=True, kw_only=True):
    """A finding that a user fixes, with the reason why no step does; it is empty where the rule knows no change."""

    finding: FindingRow
    why: str = ""
