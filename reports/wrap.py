"""Paragraphs filled to the width of a terminal."""

from __future__ import annotations

import re
import textwrap
from typing import Final

#: What textwrap replaces by a blank, or removes at the beginning of a line.
_BLANKS: Final = re.compile(r"^ |[\t\n\x0b\x0c\r]")


def wrap(text: str, width: int, first: str = "", then: str | None = None) -> list[str]:
    """Fill to *width*; words and addresses are never broken, since users copy them."""
    fits = len(first) + len(text) <= width
    if fits and text and not _BLANKS.search(text):  # textwrap costs ten times more
        return [first + text.rstrip()]
    return textwrap.wrap(
        text,
        max(width, 20),
        initial_indent=first,
        subsequent_indent=first if then is None else then,
        break_long_words=False,
        break_on_hyphens=False,
    ) or [first.rstrip()]
