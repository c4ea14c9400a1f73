"""Where a key or a value is in TOML text, for messages: the standard parser keeps no positions."""

from __future__ import annotations

import re
from typing import Final

from advisor.errors import ConfigurationError

_NAME: Final = r"""(?:"[^"]*"|'[^']*'|[\w-]+)"""
_DOTTED: Final = rf"{_NAME}(?:\s*\.\s*{_NAME})*"
_HEADER: Final = re.compile(rf"\s*(\[\[?)\s*({_DOTTED})\s*\]")
_KEY: Final = re.compile(rf"\s*({_DOTTED})\s*=")
_OF_PYPROJECT: Final = ("tool", "grantlint")


def _names(dotted: str) -> tuple[str, ...]:
    return tuple(name.strip("\"'") for name in re.findall(_NAME, dotted))


def _own(names: tuple[str, ...]) -> tuple[str, ...]:
    return names[2:] if names[:2] == _OF_PYPROJECT else names


class TomlPlace:
    """Finds lines and columns in the text of a configuration file."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self._lines = text.splitlines()

    def find(self, *tokens: str, table: str = "", number: int = 0) -> tuple[int, int]:
        """Line and column, both from 1, of the last of *tokens*, each searched behind the one before.

        With *table* the search begins at that array of tables, at its element *number* (from 0), and the first token is
        looked for as a key of it before it is looked for as any word.
        """
        line, column = self._header(table, number) if table else (0, 0)
        key = self._key(line, tokens[0]) if table and tokens else None
        if key is not None:
            (line, column), tokens = key, tokens[1:]
        for token in tokens:
            pattern = re.compile(rf"(?<![\w-])[\"']?{re.escape(token)}(?![\w-])")
            for index in range(line, len(self._lines)):
                match = pattern.search(self._lines[index].partition("#")[0], column if index == line else 0)
                if match:
                    line, column = index, match.start()
                    break
        return line + 1, column + 1

    def keys(self) -> dict[str, int]:
        """The line of each table, and of each key outside of arrays of tables, by its dotted name.

        Names in ``[tool.grantlint]`` are without these two words. Of an array of tables its first element counts.
        """
        found: dict[str, int] = {}
        table: tuple[str, ...] | None = ()
        text_ends = ""
        for number, line in enumerate(self._lines, 1):
            if text_ends:  # inside a text of several lines
                text_ends = "" if text_ends in line else text_ends
                continue
            if header := _HEADER.match(line):
                names = _names(header[2])
                table = None if header[1] == "[[" else names
                found.setdefault(".".join(_own(names)), number)
            elif table is not None and (key := _KEY.match(line)):
                found.setdefault(".".join(_own((*table, *_names(key[1])))), number)
            text_ends = next((mark for mark in ('"""', "'''") if line.count(mark) % 2), "")
        return found

    def _key(self, header: int, name: str) -> tuple[int, int] | None:
        """Where the key *name* is in the table whose header is at the line *header* (from 0)."""
        pattern = re.compile(rf"\s*([\"']?{re.escape(name)}[\"']?)\s*=")
        for index in range(header + 1, len(self._lines)):
            if re.match(r"\s*\[[\[\w]", self._lines[index]):
                return None
            if match := pattern.match(self._lines[index]):
                return index, match.start(1)
        return None

    def _header(self, table: str, number: int) -> tuple[int, int]:
        pattern = re.compile(rf"\s*\[\[\s*(?:tool\.grantlint\.)?{re.escape(table)}\s*\]\]")
        found = [index for index, line in enumerate(self._lines) if pattern.match(line)]
        return (found[number], 0) if number < len(found) else (0, 0)

    def error(self, what: str, *tokens: str, hint: str = "", table: str = "", number: int = 0) -> ConfigurationError:
        """An error at the place that ``find`` gives."""
        line, column = self.find(*tokens, table=table, number=number)
        return ConfigurationError(what, file=self.file, line=line, column=column, hint=hint)
