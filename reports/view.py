"""How wide and how colorful a text may be; the only thing that a renderer learns about the world."""

from __future__ import annotations

import msgspec


class View(msgspec.Struct, frozen=True, kw_only=True):
    """``width`` in characters; ``color`` and ``links`` only where a terminal understands them; ``concise`` for one
    line a finding.

    ``base`` is the address against which the files of a link stand. ``verbose`` shows what is set aside too. A report
    shown ``again`` has no exit status of its own.
    """

    width: int = 80
    color: bool = False
    links: bool = False
    concise: bool = False
    posture: bool = True
    verbose: bool = False
    again: bool = False
    base: str = ""
