"""Values for the placeholders of Teams and Microsoft 365 projects, from the environment files of a manifest.

Source: Microsoft, "Environment variables in Microsoft 365 Agents Toolkit" (``env/.env.{name}``, ``${{NAME}}``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from advisor.errors import InputError
from advisor.limits import spend
from advisor.secrets import is_secret_like, names_secret
from advisor.sources.reading.builder import Builder
from advisor.sources.reading.guard import file_led_to

_PLACEHOLDER: Final = re.compile(r"\$\{\{\s*([A-Za-z_]\w*)\s*\}\}")
_LINE: Final = re.compile(r"\s*(?:export\s+)?([A-Za-z_]\w*)\s*=(.*)")
_COMMENT: Final = re.compile(r"(?:^|\s)#.*$")
#: A value in quotation marks, which a comment may follow.
_QUOTED: Final = re.compile(r"""(["'])(.*?)\1\s*(?:#.*)?$""")
#: How many folders up a project's environment files are looked for.
_UP: Final = 3


class Environment(msgspec.Struct, frozen=True):
    """Values by name, the file that they are from, and the names of the other environments.

    Values that *are_outside* of the folder that was named were not read.
    """

    file: str
    values: Mapping[str, str]
    others: tuple[str, ...] = ()
    are_outside: bool = False

    def note(self, manifest: str) -> str:
        """What a report says of the placeholders in *manifest*."""
        if self.are_outside:
            return f"Placeholders in {manifest} were not filled from {self.file}, outside of the folder that was named."
        others = f"; --env chooses among {', '.join(self.others)} too" if self.others else ""
        return f"Placeholders in {manifest} were filled from {self.file}{others}."


def find_environment(builder: Builder, file: str, chosen: str | None) -> Environment | None:
    """The environment for a manifest: the one called *chosen*, otherwise the first by name. ``None`` without any.

    It is read only inside the boundary of the *builder*. Raises ``InputError`` when there are some and none has that
    name, or the one cannot be read.
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
                raise InputError(f"has no environment {chosen!r}", file=file, hint=f"there are: {known}")
            name = chosen if chosen is not None else min(found)
            shown = found[name].as_posix()
            if not builder.boundary.admits(shown):
                return Environment(shown, {}, are_outside=True)
            others = tuple(sorted(other for other in found if other not in (name, "")))
            return Environment(shown, _values(file_led_to(builder, shown).load()), others)
        place = place / ".."
    return None


def _values(data: bytes) -> dict[str, str]:
    """The values of a file by name, without secrets: no placeholder is ever filled with one."""
    found = {}
    for line in data.decode("utf-8", "replace").splitlines():
        match = _LINE.match(line)
        if match is None:
            continue
        written = match[2].strip()
        quoted = _QUOTED.match(written)
        value = quoted[2] if quoted else _COMMENT.sub("", written)
        if value and not names_secret(match[1]) and not is_secret_like(value):
            found[match[1]] = value
    return found


def filled(value: Any, values: Mapping[str, str]) -> Any:
    """A JSON value with the placeholders that have a value replaced by it."""
    spend()
    if isinstance(value, dict):
        return {key: filled(member, values) for key, member in value.items()}
    if isinstance(value, list):
        return [filled(element, values) for element in value]
    if isinstance(value, str) and "${{" in value:
        found = _PLACEHOLDER.findall(value)
        spend(characters=sum(len(values.get(name, "")) for name in found))
        return _PLACEHOLDER.sub(lambda match: values.get(match[1], match[0]), value)
    return value
