"""Show a report: on standard output, in files, and what a run says about itself on standard error."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from advisor.errors import UsageError
from reports.renderers import FORMATS, Renderer, renderer_for, renderer_named
from reports.report import Report
from reports.terminal import render_summary, render_terminal
from reports.view import View

Colour = Literal["auto", "always", "never"]


def show(
    report: Report,
    *,
    format: str = "text",
    output: Sequence[Path] = (),
    colour: Colour = "auto",
    concise: bool = False,
    quiet: bool = False,
    posture: bool = True,
) -> int:
    """Write *report* to every *output* (format from the suffix) and, as *format*, to standard output.

    With *quiet* a report without findings and problems says nothing on either stream. Returns the exit status.
    Raises ``UsageError`` for a format or suffix that nobody knows and for a file that cannot be written.
    """
    on_stdout = _named(format)
    in_files = [(path, _for_file(path)) for path in output]
    for path, renderer in in_files:
        write_aside(path, renderer.render(report))
    silent = quiet and report.summary.exit_status == 0
    if not silent:
        view = View(
            width=_width(sys.stdout.isatty()),
            colour=_colour(colour, sys.stdout.isatty()),
            concise=concise,
            posture=posture,
        )
        text = render_terminal(report, view) if on_stdout.name == "text" else on_stdout.render(report)
        _print(text, sys.stdout)
        separate = bool(text) and on_stdout.name == "text" and sys.stdout.isatty() and sys.stderr.isatty()
        summary = render_summary(report, View(width=_width(sys.stderr.isatty())))
        _print(("\n" if separate and summary else "") + summary, sys.stderr)
        for path, _ in in_files:
            _print(f"wrote {path}\n", sys.stderr)
    return report.summary.exit_status


def _named(format: str) -> Renderer:
    renderer = renderer_named(format)
    if renderer is None:
        raise UsageError(f"unknown format {format!r}", hint=f"one of {', '.join(FORMATS)}")
    return renderer


def _for_file(path: Path) -> Renderer:
    renderer = renderer_for(path.name)
    if renderer is None:
        raise UsageError(f"no format has the suffix of {path.name!r}", hint="end the name in .html, .json or .txt")
    return renderer


def write_aside(path: Path, text: str) -> None:
    """Write a file beside its place and rename it, so that nobody ever sees half of it.

    Raises ``UsageError`` when that is not possible.
    """
    temporary: str | None = None
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}.", suffix=".tmp")
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
            file.write(text)
        mask = os.umask(0)
        os.umask(mask)
        Path(temporary).chmod(0o666 & ~mask)
        Path(temporary).replace(path)
    except OSError as error:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)
        raise UsageError(
            f"cannot write {path}: {error.strerror or error}", hint="name another place with --output"
        ) from None


def _print(text: str, stream: object) -> None:
    """Write UTF-8 whatever the locale says; what the stream cannot take is shown as an escape."""
    if not text:
        return
    buffer = getattr(stream, "buffer", None)
    encoding = getattr(stream, "encoding", None) or "utf-8"
    if buffer is None:
        stream.write(text)  # type: ignore[attr-defined]
        return
    stream.flush()  # type: ignore[attr-defined]
    buffer.write(text.encode(encoding, "backslashreplace"))
    buffer.flush()


def _width(terminal: bool) -> int:
    """Columns of the terminal, at most 120: longer lines are hard to read. A pipe gets 80."""
    return max(40, min(shutil.get_terminal_size((80, 24)).columns, 120)) if terminal else 80


def _colour(wish: Colour, terminal: bool) -> bool:
    """``--color``, then ``NO_COLOR``, then ``FORCE_COLOR``/``CLICOLOR_FORCE``, then what the stream is."""
    if wish != "auto":
        return wish == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR") or os.environ.get("CLICOLOR_FORCE", "0") != "0":
        return True
    return terminal and os.environ.get("TERM") != "dumb"
