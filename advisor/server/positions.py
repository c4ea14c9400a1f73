"""Offsets of a text as positions of the protocol, and back.

A position is a line and a column in UTF-16 units, or in the units that client and server agreed on. Lines end with
``\\n``, ``\\r\\n`` or ``\\r`` (Language Server Protocol 3.17, "Text Documents"). pygls counts other characters as line
ends too, as Python does, so its positions are not used.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cached_property

from lsprotocol.types import Position, PositionEncodingKind, Range

from reports.rows import Origin
from rules.primitives.spans import Span

_LINE_END = re.compile(r"\r\n|\n|\r")
_CODECS = {PositionEncodingKind.Utf8: ("utf-8", 1), PositionEncodingKind.Utf16: ("utf-16-le", 2)}


class Positions:
    """The positions of a *text* in the units of an *encoding*. Every offset and every position has a valid answer."""

    def __init__(self, text: str, encoding: PositionEncodingKind | str = PositionEncodingKind.Utf16) -> None:
        self.text = text
        self._codec = _CODECS.get(PositionEncodingKind(encoding))
        self._starts = [0, *(match.end() for match in _LINE_END.finditer(text))]

    def position(self, offset: int) -> Position:
        """The position of an *offset*; the end of the text for one behind it."""
        offset = min(max(offset, 0), len(self.text))
        line = bisect_right(self._starts, offset) - 1
        return Position(line, self._units(self.text[self._starts[line] : offset]))

    def range(self, span: Span) -> Range:
        """The range between two offsets."""
        return Range(self.position(span[0]), self.position(span[1]))

    def offset(self, position: Position) -> int:
        """The offset of a *position*. One behind the end of its line is that end, one in a character its beginning."""
        if position.line >= len(self._starts):
            return len(self.text)
        start = self._starts[position.line]
        line = self.text[start : self.line_end(start)]
        if line.isascii() or self._codec is None:
            return start + min(position.character, len(line))
        units = 0
        for number, character in enumerate(line):
            units += self._units(character)
            if units > position.character:
                return start + number
        return start + len(line)

    def span(self, range: Range) -> Span:
        """The offsets of a *range*."""
        return self.offset(range.start), self.offset(range.end)

    def line_start(self, offset: int) -> int:
        """The offset at which the line of an *offset* begins."""
        return self._starts[bisect_right(self._starts, offset) - 1]

    def line_end(self, offset: int) -> int:
        """The offset at which the line of an *offset* ends, without its line end."""
        match = _LINE_END.search(self.text, offset)
        return match.start() if match else len(self.text)

    def span_of(self, origin: Origin) -> Span:
        """The offsets of what a source read at *origin*; the first line for what has no place in the text."""
        start = self._offset_of(origin.line or 1, origin.column or 1)
        if origin.line is None or origin.column is None or origin.end_column is None:
            return start, self.line_end(start)
        end = self._offset_of(origin.end_line or origin.line, origin.end_column)
        return (start, end) if end > start else (start, self.line_end(start))

    def _offset_of(self, line: int, column: int) -> int:
        """The offset of a line and a column as sources count them: lines end with ``\\n``, and no mark comes first."""
        starts = self._starts_of_sources
        mark = int(line == 1 and self.text.startswith("\ufeff"))
        return min(starts[min(line, len(starts)) - 1] + column - 1 + mark, len(self.text))

    @cached_property
    def _starts_of_sources(self) -> list[int]:
        return [0, *(match.end() for match in re.finditer("\n", self.text))]

    def _units(self, text: str) -> int:
        if self._codec is None or text.isascii():
            return len(text)
        name, size = self._codec
        return len(text.encode(name, "surrogatepass")) // size
