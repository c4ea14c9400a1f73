"""Records of JSON and CSV files of any size, in bounded memory.

JSON may be an array, a Graph page (``value``), Event Hub messages (``records``), an object for each line, or several of
these one after the other. What is in memory is one piece of the file and one record.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from typing import IO, Any, Final

import msgspec

from advisor.errors import InputError
from advisor.limits import too_deep

#: Bytes that are read at once.
_PIECE: Final = 1 << 20
#: The longest record, in characters. No sign-in is as long: a record has about 5,000.
_LONGEST: Final = 1 << 24
_SPACE: Final = re.compile(r"[ \t\r\n]*")
_DECODE: Final = json.JSONDecoder().raw_decode
#: How near to the beginning of an object its list of records is, in characters.
_NEAR: Final = 4096
#: The members of an object whose elements are the records.
_LISTS: Final = ("value", "records")
CUT: Final = "download the file again: it is incomplete"

_MARKS: Final = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def encoding_of(start: bytes) -> str:
    """The encoding that the first bytes of a file announce; UTF-8 without a mark."""
    return next((name for mark, name in _MARKS if start.startswith(mark)), "utf-8")


class JsonFile:
    """The records of a JSON file. ``envelope`` has the other members of the objects around them, as far as read."""

    def __init__(self, stream: IO[bytes], name: str) -> None:
        self._stream = stream
        self.name = name
        self._text = ""
        self._at = 0
        self._ended = False
        start = stream.read(_PIECE)
        self._decoder = codecs.getincrementaldecoder(encoding_of(start))("replace")
        self._take(start)
        #: How many records were read.
        self.count = 0
        self.envelope: dict[str, Any] = {}
        #: Whether records were in the list of an object.
        self.has_list = False
        #: How many objects named a next page.
        self.next_pages = 0

    def __iter__(self) -> Iterator[Any]:
        """Yield each record. Raises ``InputError`` for what is not JSON, and for a file that was cut off."""
        try:
            yield from self._documents()
        except RecursionError:
            raise too_deep(self.name) from None

    def _documents(self) -> Iterator[Any]:
        """Yield the records of one document after the other: lines are many documents."""
        has_lists: bool | None = None
        while character := self._peek():
            if character == "[":
                self._at += 1
                yield from self._elements()
            elif character != "{":
                raise self._broken("is not JSON", "name a file of sign-ins or activity")
            else:
                has_lists = self._has_lists() if has_lists is None else has_lists
                if has_lists:
                    yield from self._members()
                else:
                    yield self._line()

    def _has_lists(self) -> bool:
        """Whether the object here may have its records in a list: the name is near its beginning."""
        while len(self._text) - self._at < _NEAR and not self._ended:
            self._fill()
        start = self._text[self._at : self._at + _NEAR]
        return any(re.search(rf'[{{,]\s*"{name}"\s*:\s*\[', start) for name in _LISTS)

    def _members(self) -> Iterator[Any]:
        """Yield the records of one object, and keep its other members in ``envelope``. Without a list, it is a
        record.
        """
        self._at += 1
        members: dict[str, Any] = {}
        has_list = False
        self.envelope = members
        while self._peek() != "}":
            key = self._value()
            if not isinstance(key, str):
                raise self._broken("is not JSON: a name is missing")
            self._expect(":")
            if key in _LISTS and self._peek() == "[":
                has_list = self.has_list = True
                self._at += 1
                yield from self._elements()
            else:
                members[key] = self._value()
            if self._peek() == ",":
                self._at += 1
        self._at += 1
        if not has_list:
            yield members
            return
        self.next_pages += bool(members.get("@odata.nextLink"))

    def _elements(self) -> Iterator[Any]:
        while self._peek() != "]":
            yield self._value()
            if self._peek() == ",":
                self._at += 1
            elif self._peek() != "]":
                raise self._broken("ends in the middle of a list" if self._ended else "is not JSON: a comma is missing")
        self._at += 1

    def _line(self) -> Any:
        """The object here, which is a line in most files: a line is decoded faster than a value of unknown length."""
        end = self._text.find("\n", self._at)
        if end > 0:
            try:
                value = msgspec.json.decode(self._text[self._at : end])
            except msgspec.MsgspecError:  # an object of several lines, or what only json accepts
                return self._value()
            self._at = end
            self.count += 1
            return value
        return self._value()

    def _value(self) -> Any:
        """The value that begins here; more is read until it is whole."""
        self._peek()
        while True:
            try:
                value, end = _DECODE(self._text, self._at)
            except ValueError:
                if self._ended:
                    what = "ends in the middle of a record" if self._at < len(self._text) else "ends too early"
                    raise self._broken(what, CUT) from None
            else:
                if end < len(self._text) or self._ended:
                    self._at = end
                    self.count += 1
                    return value
            if len(self._text) - self._at > _LONGEST:
                raise self._broken("is not JSON, or one record is too long")
            self._fill()

    def _expect(self, character: str) -> None:
        if self._peek() != character:
            raise self._broken(f"is not JSON: {character} is missing")
        self._at += 1

    def _peek(self) -> str:
        """The next character that is not a space; empty at the end."""
        while True:
            found = _SPACE.match(self._text, self._at)
            self._at = found.end() if found else self._at
            if self._at < len(self._text):
                return self._text[self._at]
            if self._ended:
                return ""
            self._fill()

    def _fill(self) -> None:
        self._text, self._at = self._text[self._at :], 0
        self._take(self._stream.read(max(_PIECE, len(self._text))))

    def _take(self, data: bytes) -> None:
        self._ended = not data
        self._text += self._decoder.decode(data, self._ended)

    def _broken(self, what: str, hint: str = CUT) -> InputError:
        return InputError(f"{what} (after {self.count:,} values)", file=self.name, hint=hint)


class CsvFile:
    """The rows of a CSV file, separated by commas, semicolons or tabs; ``header`` has the names of its columns.

    Raises ``InputError`` for a field or line that is too long.
    """

    def __init__(self, stream: IO[bytes], name: str, encoding: str) -> None:
        self._text = io.TextIOWrapper(stream, encoding, errors="replace", newline="")
        self.name = name
        first = self._text.readline(_LONGEST)
        if first.lower().startswith("sep="):  # Excel
            first = self._text.readline(_LONGEST)
        self._separator = max(",;\t", key=first.count)
        self.header = [_column(name) for name in next(self._read(iter((first,))), [])]

    def __iter__(self) -> Iterator[list[str]]:
        """Yield each row after the header."""
        return self._read(self._lines())

    @contextmanager
    def rows(self) -> Iterator[Iterator[list[str]]]:
        """The rows after the header, for the loop that sees every record: the same without a step in between."""
        rows = csv.reader(self._lines(), delimiter=self._separator)
        try:
            yield rows
        except csv.Error as error:
            raise self._broken(error, rows.line_num) from None

    def close(self) -> None:
        """Leave the stream open for another reading."""
        self._text.detach()

    def _lines(self) -> Iterator[str]:
        return chain.from_iterable(self._pieces())

    def _pieces(self) -> Iterator[list[str]]:
        """The lines of one piece of the file after the other, without their ends."""
        rest = ""
        while piece := self._text.read(_PIECE):
            lines = (rest + piece).split("\n")
            rest = lines.pop()
            if len(rest) > _LONGEST:
                raise InputError("has a line that is too long", file=self.name, hint=CUT)
            yield lines
        if rest:
            yield [rest]

    def _read(self, lines: Iterator[str]) -> Iterator[list[str]]:
        rows = csv.reader(lines, delimiter=self._separator)
        try:
            yield from rows
        except csv.Error as error:
            raise self._broken(error, rows.line_num) from None

    def _broken(self, error: csv.Error, line: int) -> InputError:
        return InputError(f"is not CSV: {error}", file=self.name, line=line + 1, hint=CUT)


def _column(name: str) -> str:
    """The name of a column in lower case; Log Analytics adds the time zone of dates, which is UTC."""
    return name.strip().casefold().removesuffix("[utc]").strip()
