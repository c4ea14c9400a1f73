"""What the terminal shows, as a file."""

from __future__ import annotations

from reports.formats import Format
from reports.terminal.render import render_terminal

FORMAT = Format("text", (".txt",), "what the terminal shows", render_terminal, with_details=False)
