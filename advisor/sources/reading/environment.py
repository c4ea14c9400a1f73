"""Values for the placeholders of Teams and Microsoft 365 projects, from the environment files beside a manifest.

Source: Microsoft, "Environment variables in Microsoft 365 Agents Toolkit" (``env/.env.{name}``, ``${{NAME}}``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from advisor.errors import InputError
from advisor.secrets import is_secret_like, names_secret

_PLACEHOLDER: Final = re.compile(r"\$\{\{\s*([A-Za-z_]\w*)\s*\}\}")
_LINE: Final = re.compile(r"^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*?)\s*$", re.MULTILINE)
_COMMENT: Final = re.compile(r"(?:^|\s)#.*$")
#: A value in quotation marks, which a comment may follow.
_QUOTED: Final = re.compile(r"""(["'])(.*?)\1\s*(?:#.*)?$""")
#: How many folders up a project's environment files are looked for.
_UP: Final = 3


class Environment(msgspec.Struct, frozen=True):
    """Values by name, the file that they are from, and the names of the other environments."""

    file: str
    values: Mapping[str, str]
    others: tuple[str, ...] = ()


def find_environment(file: str, chosen: str | None) -> Environment | None:
    """The environment for a manifest: the one called *chosen*, else the first by name. Nothing where there is none.

    Raises ``InputError`` when there are some and none has that name.
    """
    place = Path(file).parent if file != "-" else Path()
    for _ in range(_UP):
        found = {
            (path.name.removeprefix(".env.") if path.name != ".env" else ""): path
            for folder in (place / "env", place)
            for path in sorted(folder.glob(".env*"))
            if path.is_file() and not path.name.endswith(".user")
        }
        if found:
            if chosen is not None and chosen not in found:
                known = ", ".join(name for name in found if name) or "none with a name"
                raise InputError(f"has no environment {chosen!r} beside it", file=file, hint=f"there are: {known}")
            name = chosen if chosen is not None else min(found)
            others = tuple(sorted(other for other in found if other not in (name, "")))
            return Environment(found[name].as_posix(), _values(found[name]), others)
        place = place / ".."
    return None


def _values(path: Path) -> dict[str, str]:
    """The values of a file by name, without secrets: no placeholder is ever filled with one."""
    try:
        text = path.read_text("utf-8", "replace")
    except OSError:
        return {}
    found = {}
    for name, value in _LINE.findall(text):
        quoted = _QUOTED.match(value)
        value = quoted[2] if quoted else _COMMENT.sub("", value)  # noqa: PLW2901
        if value and not names_secret(name) and not is_secret_like(value):
            found[name] = value
    return found


def filled(value: Any, values: Mapping[str, str]) -> Any:
    """A JSON value with the placeholders that have a value replaced by it."""
    if isinstance(value, dict):
        return {key: filled(member, values) for key, member in value.items()}
    if isinstance(value, list):
        return [filled(element, values) for element in value]
    if isinstance(value, str) and "${{" in value:
        return _PLACEHOLDER.sub(lambda match: values.get(match[1], match[0]), value)
    return value
