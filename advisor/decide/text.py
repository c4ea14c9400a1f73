"""Read a text file and parse TOML, with errors that name the place."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Any

from advisor.errors import GrantlintError, InputError

if TYPE_CHECKING:
    from pathlib import Path


def read_text(path: Path, what: str) -> str:
    """Read a UTF-8 file, with or without a byte order mark. Raises ``InputError`` that says *what* it should have held."""
    try:
        return path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = "it is not UTF-8 text" if isinstance(error, UnicodeDecodeError) else error.strerror or str(error)
        raise InputError(f"cannot read {what}: {why}", file=str(path), hint="name a file that can be read") from None


def parse_toml(text: str, file: str, kind: type[GrantlintError]) -> dict[str, Any]:
    """Parse TOML. Raises an error of *kind* with line and column for a text that is none."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"\(at line (\d+), column (\d+)\)$", str(error))
        line, column = (int(number) for number in place.groups()) if place else (None, None)
        what = f"is not TOML: {str(error).partition(' (at ')[0]}"
        raise kind(what, file=file, line=line, column=column, hint="mend the syntax there") from None
    except RecursionError:
        raise kind("is nested too deeply", file=file, hint="flatten it") from None
