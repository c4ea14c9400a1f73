"""Read a text file, with an error that names it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path


def read_text(path: Path, what: str) -> str:
    """Read a UTF-8 file, with or without a byte order mark. Raises ``InputError`` that says *what* it should
    contain.
    """
    try:
        return path.read_text("utf-8-sig")
    except FileNotFoundError:
        raise InputError("there is no such file", file=str(path), hint="check the path") from None
    except (OSError, UnicodeDecodeError) as error:
        why = "it is not UTF-8 text" if isinstance(error, UnicodeDecodeError) else error.strerror or str(error)
        raise InputError(f"cannot read {what}: {why}", file=str(path), hint="name a file that can be read") from None
