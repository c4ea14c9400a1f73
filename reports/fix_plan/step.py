"""The pieces of a plan: a request, a step, and what is left to people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from reports.rows import FindingRow, Shape

NO_ID: Final = "neither its object id nor its client id is known"
NO_REQUEST: Final = "no request is known that changes it"


class Request(Shape, frozen=True):
    """A request to Microsoft Graph: method, whole address, and the JSON of its body or ``None``."""

    method: str
    url: str
    body: Any = None


class Step(Shape, frozen=True, kw_only=True):
    """One change. ``before`` and ``after`` stand by JSON pointer, so far as they are known.

    ``cli`` are the arguments of Azure CLI where it does what no single request can; there is no ``request`` then.
    ``undo`` is the reverse request, ``undo_note`` says why there is none. ``breaks`` says what may stop working; empty
    when nothing can.
    """

    findings: tuple[FindingRow, ...]
    request: Request | None = None
    cli: tuple[str, ...] = ()
    before: Mapping[str, Any] = msgspec.field(default_factory=dict)
    after: Mapping[str, Any] = msgspec.field(default_factory=dict)
    undo: Request | None = None
    undo_note: str = ""
    breaks: str = ""


class ByHand(Shape, frozen=True, kw_only=True):
    """A finding that a person fixes, with the reason why no step does; it is empty where the rule knows no change."""

    finding: FindingRow
    why: str = ""
