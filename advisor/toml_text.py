"""TOML text as tables, with errors that name the place."""

from __future__ import annotations

import re
import tomllib
from typing import Any

from advisor.errors import GrantlintError


def parse_toml(text: str, file: str, kind: type[GrantlintError]) -> dict[str, Any]:
    """Parse TOML. Raises an error of *kind* for a text that is not TOML, with line and column where
    the parser gives them.

    A text that ends too early is reported with its last line.
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        what, _, where = str(error).partition(" (at ")
        place = re.fullmatch(r"line (\d+), column (\d+)\)", where)
        line, column = (int(place[1]), int(place[2])) if place else (text.count("\n") + 1, 1)
        raise kind(f"is not TOML: {what}", file=file, line=line, column=column, hint="fix the syntax here") from None
    except RecursionError:
        raise kind("is nested too deeply", file=file, hint="reduce the depth of nesting") from None
