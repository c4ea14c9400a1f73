"""What a run shows while it goes on: one line on a terminal about the tenant or the files that are read, and about
what is checked. Of a tenant each request with ``--verbose``, else only that it waits.
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from advisor.sources.graph.progress import ProgressListener
from reports.escape import visible
from rules.primitives.texts import counted

_OPAQUE: Final = re.compile(r"(\$skiptoken|%24skiptoken)=[^&]+")
_SELECTED: Final = re.compile(r"\$select=[^&]+")
#: Seconds between two pictures of the line.
_PICTURE: Final = 0.1
#: Seconds between two lines about waiting where there is no terminal, and the shortest wait that gets one.
_REPORTED_EACH: Final = 60.0
_LONG: Final = 10.0
_CLEAR: Final = "\r\x1b[K"
#: A run that reads files shows nothing in its first seconds, and no check of fewer registrations.
_PATIENCE: Final = 1.0
_MANY: Final = 500


@contextmanager
def progress_of_files(*, quiet: bool) -> Iterator[Callable[[], None]]:
    """What to call with each file; on a terminal, one line says how many there were, until the end."""
    draws = sys.stderr.isatty() and not quiet
    begun, drawn, files = time.monotonic(), 0.0, 0

    def count() -> None:
        nonlocal drawn, files
        files += 1
        now = time.monotonic()
        if draws and now - begun >= _PATIENCE and now - drawn >= _PICTURE:
            drawn = now
            _draw_line(f"reading: {counted(files, 'file')}")

    try:
        yield count
    finally:
        if drawn:
            _draw_line("")


@contextmanager
def progress_of_checks(registrations: int, *, quiet: bool) -> Iterator[None]:
    """On a terminal, one line says that many registrations are checked, until the end."""
    draws = sys.stderr.isatty() and not quiet and registrations >= _MANY
    try:
        if draws:
            _draw_line(f"checking: {counted(registrations, 'registration')}")
        yield
    finally:
        if draws:
            _draw_line("")


def _draw_line(text: str) -> None:
    sys.stderr.write(_CLEAR + text)
    sys.stderr.flush()


class Progress(ProgressListener):
    """Tells on standard error how far the reading of one tenant is."""

    def __init__(self, tenant: str, *, verbose: bool = False, quiet: bool = False) -> None:
        self._tenant = visible(tenant)
        self._verbose = verbose
        self._quiet = quiet
        self._draws = sys.stderr.isatty() and not quiet and not verbose
        self._read: dict[str, int] = {}
        self._requests = 0
        self._drawn = 0.0
        self._waited = 0.0
        self._reported: float | None = None

    def request(self, method: str, url: str, status: int, seconds: float, size: int) -> None:
        """Count a request, and show it with ``--verbose``: neither what is selected nor where a page link leads."""
        self._requests += 1
        if self._verbose:
            address = _SELECTED.sub("$select=…", _OPAQUE.sub(r"\1=…", url))
            self._line(f"{method} {visible(address)} {status} {seconds:.2f} s {size:,} bytes")
        self._draw()

    def waiting(self, seconds: float, why: str) -> None:
        """Show that and why it waits; without a terminal once a minute, as a log shows it."""
        self._waited += seconds
        if self._verbose:
            self._line(f"waiting {seconds:.0f} s: {visible(why)}")
        elif not self._draws and self._waited >= _LONG:
            now = time.monotonic()
            if self._reported is None or now - self._reported >= _REPORTED_EACH:
                self._reported = now
                self.say(f"waiting {seconds:.0f} s: {why}")
        self._draw(f", waiting {seconds:.0f} s ({visible(why)})", at_once=True)

    def read(self, part: str, count: int) -> None:
        """Count what was read."""
        self._read[part] = self._read.get(part, 0) + count
        self._draw()

    def say(self, text: str) -> None:
        """Write a sentence, unless the run is quiet."""
        if not self._quiet:
            self._line(f"{self._tenant}: {visible(text)}")

    def close(self) -> None:
        """Remove the line."""
        if self._draws and self._drawn:
            _draw_line("")

    def _line(self, text: str) -> None:
        sys.stderr.write((_CLEAR if self._draws else "") + text + "\n")
        sys.stderr.flush()

    def _draw(self, more: str = "", *, at_once: bool = False) -> None:
        now = time.monotonic()
        if not self._draws or (now - self._drawn < _PICTURE and not at_once):
            return
        self._drawn = now
        applications = counted(self._read.get("applications", 0), "application")
        _draw_line(f"{self._tenant}: {applications}, {counted(self._requests, 'request')}{more}")
