"""Where a JSON pointer is in a text: a second walk over the JSON, for the few values whose place is needed.

The walk steps over values with the standard library's scanner, which is written in C; no position is kept while
reading.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Callable
from functools import cached_property
from json.decoder import scanstring  # type: ignore[attr-defined]  # used by the standard library's own scanner
from typing import Any, Final

import msgspec

from advisor.secrets import unmasked
from reports.rows import Origin
from rules.primitives.spans import Span

_SCAN: Final[Callable[[str, int], tuple[Any, int]]] = json.JSONDecoder(strict=False).scan_once  # type: ignore[attr-defined]
_SPACE: Final = re.compile(r"[ \t\r\n]*")
#: From the comma, or the opening bracket, to the next value: the key of a member in its quotation marks, or nothing.
_TO_MEMBER: Final = re.compile(r'[ \t\r\n,]*"([^"\\]*(?:\\.[^"\\]*)*)"[ \t\r\n]*:[ \t\r\n]*', re.DOTALL)
_TO_ELEMENT: Final = re.compile(r"[ \t\r\n,]*")
#: A source line longer than this is shown as a piece around the value.
_LINE_SHOWN: Final = 160
_BEFORE_SHOWN: Final = 60


class Spot(msgspec.Struct, frozen=True):
    """How far a pointer could be followed: the value's span, the tokens in the file's own spelling, and whether all
    were found.
    """

    span: Span
    tokens: tuple[str, ...]
    whole: bool


class _Known:
    """What was found of objects and lists, by the offset at which they begin."""

    def __init__(self) -> None:
        self.members: dict[int, dict[str, Span]] = {}
        self.elements: dict[int, list[Span]] = {}


class Places:
    """The positions of values in a JSON text.

    *text* is the JSON, *shown* how its lines are shown; both have the same length. Of an excerpt *begins*
    are the line and column at which it begins in its file. *mask* hides its secrets without a change of length. Members
    of an object are remembered until ``forget`` is called, so that several findings in one registration cost one walk
    over it.
    """

    def __init__(
        self,
        text: str,
        shown: str | None = None,
        begins: tuple[int, int] = (1, 1),
        *,
        mask: Callable[[str], str] = str,
    ) -> None:
        self._mask = mask
        self._begins = begins
        self._text = text
        self._shown = text if shown is None else shown
        self._outer = _Known()
        self._inner = _Known()

    def forget(self) -> None:
        """Drop what is remembered of registrations that were followed into; what leads to them is kept."""
        self._inner = _Known()

    def anchor(self, pointer: str, start: int = 0) -> tuple[int, int | None]:
        """The offset at which the value at a *pointer* that exists begins, and where it ends if that was found on the
        way.

        What was found on the way is kept.
        """
        at, end, _, _ = self._walk(pointer, start, None, self._outer)
        return at, end

    def follow(self, pointer: str, start: int = 0, end: int | None = None) -> Spot:
        """Follow a JSON pointer from the value at offset *start*, as far as it leads; a key may differ in case.

        *end* is where that value ends, if that is known. Raises ``ValueError`` for what the scanner does not take for
        JSON.
        """
        at, end, found, whole = self._walk(pointer, start, end, self._inner)
        try:
            return Spot((at, self._end(at) if end is None else end), tuple(found), whole)
        except (StopIteration, IndexError):
            raise ValueError("not JSON") from None

    def elements(self, at: int) -> list[Span]:
        """The spans of the elements of the list that begins at the offset *at*. Raises ``ValueError`` for no JSON."""
        try:
            return self._elements_at(at, self._inner)
        except (StopIteration, IndexError):
            raise ValueError("not JSON") from None

    def members(self, at: int) -> dict[str, Span]:
        """The spans of the members of the object that begins at the offset *at*. Raises ``ValueError`` for no JSON."""
        try:
            return self._members_at(at, self._inner)
        except (StopIteration, IndexError):
            raise ValueError("not JSON") from None

    def _walk(
        self, pointer: str, start: int, end: int | None, known: _Known
    ) -> tuple[int, int | None, list[str], bool]:
        """Where the walk along *pointer* ended, the tokens that it found, and whether those were all."""
        at = self._skip(start)
        found: list[str] = []
        for token in pointer.split("/")[1:]:
            try:
                step = self._step(at, token.replace("~1", "/").replace("~0", "~"), known)
            except (StopIteration, IndexError):
                raise ValueError("not JSON") from None
            if step is None:
                return at, end, found, False
            (at, end), spelled = step
            found.append(spelled)
        return at, end, found, True

    def _step(self, at: int, name: str, known: _Known) -> tuple[Span, str] | None:
        opening = self._text[at]
        if opening == "[":
            spans = self._elements_at(at, known)
            return (spans[int(name)], name) if name.isdigit() and int(name) < len(spans) else None
        if opening != "{":
            return None
        members = self._members_at(at, known)
        if name in members:
            return members[name], name
        folded = name.casefold()  # PowerShell capitalizes names, and its module Az writes lists in the singular
        spellings = (folded, folded.removesuffix("s"))
        spelled = next((key for key in members if key.casefold() in spellings), None)
        return None if spelled is None else (members[spelled], spelled)

    def _elements_at(self, at: int, known: _Known) -> list[Span]:
        spans = known.elements.get(at)
        if spans is None:
            spans = known.elements[at] = []
            text, scan, to_element = self._text, _SCAN, _TO_ELEMENT.match
            position = at + 1
            while (match := to_element(text, position)) and text[start := match.end()] != "]":
                position = scan(text, start)[1]
                spans.append((start, position))
        return spans

    def _members_at(self, at: int, known: _Known) -> dict[str, Span]:
        members = known.members.get(at)
        if members is None:
            members = known.members[at] = {}
            text, scan, to_member = self._text, _SCAN, _TO_MEMBER.match
            position = at + 1
            while match := to_member(text, position):
                key = match[1]
                start = match.end()
                position = scan(text, start)[1]
                members[scanstring(text, match.start(1), False)[0] if "\\" in key else key] = (start, position)  # noqa: FBT003
        return members

    def _end(self, at: int) -> int:
        return _SCAN(self._text, at)[1]

    def _skip(self, at: int) -> int:
        match = _SPACE.match(self._text, at)
        return match.end() if match else at

    @cached_property
    def _lines(self) -> list[int]:
        """The offsets at which lines begin."""
        return [0, *(match.end() for match in re.finditer("\n", self._shown))]

    @cached_property
    def _masked(self) -> str:
        """What is shown, without secrets."""
        return self._mask(self._shown)

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset, both from 1, the column in characters."""
        line = bisect_right(self._lines, offset)
        first, column = self._begins
        return first + line - 1, offset - self._lines[line - 1] + (column if line == 1 else 1)

    def line_start(self, offset: int) -> int:
        """The offset at which the line of an *offset* begins."""
        return self._lines[bisect_right(self._lines, offset) - 1]

    def line_end(self, offset: int) -> int:
        """The offset at which the line of an *offset* ends, before its line feed."""
        line = bisect_right(self._lines, offset)
        return self._lines[line] - 1 if line < len(self._lines) else len(self._shown)

    def origin(self, file: str, spot: Spot, name: str) -> Origin:
        """The origin of a value in *file* under the property *name*; of a value that is not there, its parent's
        place.
        """
        start, end = spot.span
        line, column = self.position(start)
        if not spot.whole:
            return Origin(file=file, line=line, column=column, property=name)
        end_line, end_column = self.position(end)
        text, text_start, text_end = self._piece(line - self._begins[0] + 1, start, end)
        return Origin(
            file=file,
            line=line,
            column=column,
            end_line=end_line,
            end_column=end_column,
            property=name,
            text=text,
            text_start=text_start,
            text_end=text_end,
        )

    def _piece(self, line: int, start: int, end: int) -> tuple[str, int, int]:
        """The source line, or of a long one the piece around the value, and where in it the value begins and ends."""
        first = self._lines[line - 1]
        last = self._lines[line] if line < len(self._lines) else len(self._shown)
        while last > first and self._shown[last - 1] in "\r\n":
            last -= 1
        cut = first if last - first <= _LINE_SHOWN else max(first, start - _BEFORE_SHOWN)
        limit = min(cut + _LINE_SHOWN, last)
        end = max(start, min(end, limit))
        masked = self._masked
        before, value, after = map(unmasked, (masked[cut:start], masked[start:end], masked[end:limit]))
        return before + value + after, len(before), len(before + value)
