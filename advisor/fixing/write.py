"""Write files that were fixed, or show the change as a unified diff."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from difflib import diff_bytes, unified_diff
from pathlib import Path
from typing import Final

from advisor.errors import UsageError
from advisor.fixing.apply import FileChange
from advisor.secrets import Secrets, unmasked
from advisor.sources.reading.text import decode, encoded_like
from reports.escape import visible, visible_line

#: A line feed alone ends a line of a diff.
_LINE: Final = re.compile(rb"[^\n]*\n|[^\n]+")
_UNSAFE: Final = re.compile(rb'[\x00-\x1f\x7f"\\]')


def patch(changes: Iterable[FileChange], secrets: Secrets) -> tuple[bytes, Sequence[str]]:
    """The exact unified diff of *changes*, which ``git apply`` and ``patch -p1`` accept where the run was started.

    Secrets are hidden; of the files where one is in the diff the names are returned, as the diff does not fit them.
    """
    pieces: list[bytes] = []
    hidden = []
    for change in changes:
        name = _header(change.name)
        exact, masked = (change.before, change.after), tuple(_masked(change, secrets))
        lines = _unified(masked, name)
        if masked != exact and lines != _unified(exact, name):
            hidden.append(change.name)
        for line in lines:
            pieces += (line,) if line.endswith(b"\n") else (line, b"\n\\ No newline at end of file\n")
    return b"".join(pieces), hidden


def shown_diff(changes: Iterable[FileChange], secrets: Secrets) -> Iterator[str]:
    """The lines of a unified diff of *changes* for a terminal, without *secrets* and with everything visible."""
    for change in changes:
        old, new = (
            unmasked(secrets.mask(decode(data, change.name))).splitlines() for data in (change.before, change.after)
        )
        name = visible(change.name)
        for number, line in enumerate(unified_diff(old, new, f"a/{name}", f"b/{name}", lineterm="")):
            yield (line if number < 2 else line[:1] + _shown(line[1:])) + "\n"


def _shown(line: str) -> str:
    """A line of the file as it is, except for what would not be visible."""
    indent = line[: len(line) - len(line.lstrip(" \t"))]
    return indent + visible_line(line[len(indent) :])


def _unified(contents: tuple[bytes, ...], name: bytes) -> list[bytes]:
    """The lines of a unified diff between two *contents* of a file, with their ends."""
    old, new = (_LINE.findall(data) for data in contents)
    return list(diff_bytes(unified_diff, old, new, _quoted(b"a/" + name), _quoted(b"b/" + name)))


def _header(name: str) -> bytes:
    """How the header of a diff names a file: from the working folder if it is in it, with slashes."""
    if Path(name).is_absolute():
        with suppress(ValueError):  # another drive
            inside = os.path.relpath(os.path.realpath(name))
            name = name if inside.startswith("..") else inside
    return os.fsencode(name.replace(os.sep, "/").removeprefix("./"))


def _quoted(name: bytes) -> bytes:
    """A name in the header, which git quotes if it has controls or quotation marks, and ends with a tab for a space."""
    if _UNSAFE.search(name):
        name = b'"' + _UNSAFE.sub(lambda match: b"\\%03o" % match[0][0], name) + b'"'
    return name + (b"\t" if b" " in name else b"")


def _masked(change: FileChange, secrets: Secrets) -> Iterator[bytes]:
    """The contents before and after *change*, without *secrets*."""
    for data in (change.before, change.after):
        text = decode(data, change.name)
        masked = unmasked(secrets.mask(text))
        yield data if masked == text else encoded_like(data, masked)


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
