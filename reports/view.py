"""How wide and how colorful a text may be; the only thing that a renderer learns about the world."""

from __future__ import annotations

import msgspec


class View(msgspec.Struct, frozen=True, kw_only=True):
    """``width`` in characters; ``color`` and ``links`` only where a terminal understands them; ``concise`` for one
    line a finding, which ``wraps`` at the width of a terminal.

    ``base`` is the address against which the files of a link stand. ``full`` shows all findings however many there
    are, ``verbose`` those that are set aside too, ``fixable`` how many ``--fix`` can fix. A report shown ``again`` has
    no exit status of its own.
    """

    width: int = 80
    color: bool = False
    links: bool = False
    concise: bool = False
    wraps: bool = False
    posture: bool = True
    full: bool = False
    verbose: bool = False
    again: bool = False
    fixable: bool = True
    base: str = ""
