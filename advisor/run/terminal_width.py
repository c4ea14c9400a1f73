"""How wide the texts are that a command prints."""

from __future__ import annotations

import shutil
from typing import TextIO


def terminal_width(stream: TextIO) -> int:
    """Columns of the terminal that *stream* is, from 40 to 120: longer lines are hard to read. A pipe gets 80."""
    return max(40, min(shutil.get_terminal_size((80, 24)).columns, 120)) if stream.isatty() else 80
