"""Paragraphs filled to the width of a terminal."""

from __future__ import annotations

import textwrap


def wrap(text: str, width: int, first: str = "", then: str | None = None) -> list[str]:
    """Fill to *width*; words and addresses are never broken, since users copy them."""
    return textwrap.wrap(
        text,
        max(width, 20),
        initial_indent=first,
        subsequent_indent=first if then is None else then,
        break_long_words=False,
        break_on_hyphens=False,
    ) or [first.rstrip()]
