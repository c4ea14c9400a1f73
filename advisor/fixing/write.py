"""Write files that were fixed, or show the change as a unified diff."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from difflib import unified_diff
from pathlib import Path

from advisor.errors import UsageError
from advisor.fixing.apply import FileChange
from advisor.secrets import Secrets, unmasked
from advisor.sources.reading.text import decode
from reports.escape import visible, visible_line


def diff(changes: Iterable[FileChange], secrets: Secrets) -> Iterator[str]:
    """The lines of a unified diff of *changes*, without *secrets* and with everything visible."""
    for change in changes:
        old, new = (
            unmasked(secrets.mask(decode(data, change.name))).splitlines() for data in (change.before, change.after)
        )
        name = visible(change.name)
        for number, line in enumerate(unified_diff(old, new, name, name, lineterm="")):
            yield (line if number < 2 else line[:1] + _shown(line[1:])) + "\n"


def _shown(line: str) -> str:
    """A line of the file as it is, except for what would not be visible."""
    indent = line[: len(line) - len(line.lstrip(" \t"))]
    return indent + visible_line(line[len(indent) :])


def write(change: FileChange) -> None:
    """Replace the contents of the file at once, with its mode; a link stays a link, and its target is written.

    Raises ``UsageError`` where that is not possible, or where the file has changed since it was read.
    """
    target = Path(change.path)
    temporary: str | None = None
    try:
        if target.read_bytes() != change.before:
            raise UsageError(f"{change.name} has changed since it was read", hint="run grantlint again")
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:40]}.", suffix=".tmp")
        with os.fdopen(handle, "wb") as file:
            file.write(change.after)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(target.stat().st_mode & 0o7777)
        Path(temporary).replace(target)
        temporary = None
    except OSError as error:
        what = f"cannot write {change.name}: {error.strerror or error}"
        raise UsageError(what, hint="check its permissions and those of its folder") from None
    finally:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)
