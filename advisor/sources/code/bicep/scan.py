"""Steps over the text of a ``.bicep`` file: space and comments, words and signs, and things in brackets."""

from __future__ import annotations

import re
from typing import Final, NoReturn

from advisor.sources.code.bicep.strings import multi_line_pieces, text_pieces
from advisor.sources.reading.document import Document
from advisor.sources.reading.node import Place

SPACE: Final = re.compile(r"(?:[ \t\r]+|//[^\n]*|/\*.*?(?:\*/|\Z)|#[^\n]*)+", re.DOTALL)
BLANK: Final = re.compile(r"(?:\s+|//[^\n]*|/\*.*?(?:\*/|\Z)|#[^\n]*)+", re.DOTALL)
WORD: Final = re.compile(r"[A-Za-z_]\w*")
#: Operators with which a line may go on.
_GOES_ON: Final = re.compile(r"\s*(?:\?\?|\|\||&&|\?|\.[?A-Za-z])")


class Mistake(Exception):  # noqa: N818 - it never leaves the package
    """A token is at a place where it is not allowed."""

    def __init__(self, at: int) -> None:
        super().__init__()
        self.at = at


class Scanner:
    """A place in a text that moves on."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._text = document.text
        self._at = 0

    def _closes(self, sign: str) -> bool:
        self._skip(BLANK)
        if self._at >= len(self._text):
            self._fail()
        if self._text[self._at] == sign:
            self._at += 1
            return True
        return False

    def _piece(self) -> None:
        """Step over a text, something in brackets, or one character."""
        sign = self._text[self._at]
        if sign in "([{":
            self._balanced()
        elif self._text.startswith("'''", self._at):
            self._at = multi_line_pieces(self._text, self._at)[0]
        elif sign == "'":
            self._at = text_pieces(self._text, self._at)[0]
        else:
            self._at += 1
        self._skip(SPACE)

    def _balanced(self) -> None:
        """Step over something in brackets."""
        start = self._at
        self._at += 1
        while True:
            self._skip(BLANK)
            if self._at >= len(self._text):
                raise Mistake(start)
            if self._text[self._at] in ")]}":
                self._at += 1
                return
            self._piece()

    def _step_over(self) -> None:
        """A statement that says nothing about registrations: to the end of its last line."""
        while self._at < len(self._text) and self._text[self._at] != "\n":
            self._piece()

    def _to_line_end(self) -> None:
        end = self._text.find("\n", self._at)
        self._at = len(self._text) if end < 0 else end

    def _go_on(self) -> None:
        """Step over space, and over line ends where the next line goes on with the expression."""
        self._skip(SPACE)
        match = BLANK.match(self._text, self._at)
        if match and _GOES_ON.match(self._text, match.end()):
            self._at = match.end()

    def _skip(self, what: re.Pattern[str]) -> None:
        match = what.match(self._text, self._at)
        if match:
            self._at = match.end()

    def _word(self) -> str:
        self._skip(SPACE)
        match = WORD.match(self._text, self._at)
        if match is None:
            self._fail()
        self._at = match.end()
        return match[0]

    def _takes_word(self, word: str) -> bool:
        self._skip(SPACE)
        match = WORD.match(self._text, self._at)
        if match is None or match[0] != word:
            return False
        self._at = match.end()
        return True

    def _takes(self, sign: str) -> bool:
        self._skip(SPACE)
        if self._text.startswith(sign, self._at) and not (sign == "=" and self._text.startswith("==", self._at)):
            self._at += len(sign)
            return True
        return False

    def _wants(self, sign: str) -> None:
        self._skip(BLANK)
        if not self._takes(sign):
            self._fail()

    def _fail(self) -> NoReturn:
        raise Mistake(self._at)

    def _place(self, start: int) -> Place:
        return Place(self._document, span=(start, self._at))

    def _words(self, start: int) -> str:
        return self._text[start : self._at]
