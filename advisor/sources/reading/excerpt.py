"""Pieces of a large file as documents of their own, so that a plan of any size is held once and never decoded as a
whole.
"""

from __future__ import annotations

from typing import Final

from advisor.sources.reading.document import Document
from advisor.sources.reading.node import Place

#: At most this many bytes before and behind a piece are kept, for the line in which a value is shown.
_AROUND: Final = 1000
_CHUNK: Final = 1 << 20
#: The bytes of UTF-8 that begin no character.
_CONTINUED: Final = bytes(range(0x80, 0xC0))


class Excerpts:
    """The bytes of a file in UTF-8, and where its pieces are in lines and columns."""

    def __init__(self, file: str, data: bytes) -> None:
        self.file = file
        self._data = data
        self._rewind()

    def _rewind(self) -> None:
        self._at, self._line, self._column = 0, 1, 1

    def begin(self, key: bytes) -> None:
        """Look for pieces from a *key* on: what is before it may say the same."""
        self._move(max(self._data.find(key), 0))

    def place(self, piece: bytes, pointer: str = "") -> Place:
        """The place of a *piece*, or of what a JSON *pointer* leads to in it. It is quick for pieces in their order."""
        data = self._data
        at = data.find(piece, self._at)
        self._move(at if at >= 0 else max(data.find(piece), 0))
        # A line that is too long to be kept as a whole is not kept in part, which might be a half of a secret.
        begin = data.rfind(b"\n", max(self._at - _AROUND, 0), self._at) + 1 or (self._at if self._at > _AROUND else 0)
        end = self._at + len(piece)
        rest = data.find(b"\n", end, end + _AROUND)
        end = rest if rest >= 0 else len(data) if len(data) < end + _AROUND else end
        text = data[begin:end].decode("utf-8", "replace")
        before = _characters(data[begin : self._at])
        document = Document(self.file, text, begins=(self._line, self._column - before))
        return Place(document, start=before, pointer=pointer)

    def _move(self, at: int) -> None:
        """Go to an offset, counting lines and columns."""
        if at < self._at:
            self._rewind()
        for start in range(self._at, at, _CHUNK):
            chunk = self._data[start : min(start + _CHUNK, at)]
            lines = chunk.count(b"\n")
            if lines:
                self._line += lines
                self._column = 1
                chunk = chunk[chunk.rfind(b"\n") + 1 :]
            self._column += _characters(chunk)
        self._at = at


def _characters(data: bytes) -> int:
    return len(data) if data.isascii() else len(data.translate(None, _CONTINUED))
