"""Texts of the Bicep language: quoted ones with values in them, and those of several lines."""

from __future__ import annotations

import re
from typing import Final

_PIECE: Final = re.compile(r"[^'\\$\n]+|\\(?:u\{[0-9A-Fa-f]+\}|.)|\$(?!\{)", re.DOTALL)
_ESCAPED: Final = {"n": "\n", "r": "\r", "t": "\t"}


def multi_line_pieces(text: str, start: int) -> tuple[int, list[str | int]]:
    """The end of a text between three quotation marks, and its pieces as ``text_pieces`` gives them.

    The first line end does not count. Values are after as many dollar signs as the text begins with, if any. Raises
    ``IndexError`` when it never ends.
    """
    marks = start
    while text[marks] == "$":
        marks += 1
    opens = f"{text[start:marks]}{{" if marks > start else "'''"
    at = _after_line_end(text, marks + 3)
    pieces: list[str | int] = []
    while True:
        end = text.find("'''", at)
        if end < 0:
            raise IndexError
        value = text.find(opens, at, end)
        if value < 0:
            break
        pieces += (text[at:value], value + len(opens))
        at = _after_braces(text, value + len(opens))
    while text.startswith("'", end + 3):
        end += 1
    return end + 3, [*pieces, text[at:end]]


def _after_line_end(text: str, at: int) -> int:
    at += text.startswith("\r\n", at)
    return at + text.startswith("\n", at)


def text_pieces(text: str, start: int) -> tuple[int, list[str | int]]:
    """The end of a quoted text, and its pieces: characters, or the offset at which an expression in it begins.

    Raises ``IndexError`` when it never ends.
    """
    pieces: list[str | int] = []
    at = start + 1
    while text[at] != "'":
        if text.startswith("${", at):
            pieces.append(at + 2)
            at = _after_braces(text, at + 2)
            continue
        match = _PIECE.match(text, at)
        if match is None:
            raise IndexError
        pieces.append(_value(match[0]))
        at = match.end()
    return at + 1, pieces


def _value(piece: str) -> str:
    if not piece.startswith("\\"):
        return piece
    if piece[1:2] == "u" and len(piece) > 3:
        code = int(piece[3:-1], 16)
        return chr(code) if code < 0x110000 else piece
    return _ESCAPED.get(piece[1:], piece[1:])


def _after_braces(text: str, at: int) -> int:
    """The offset after the brace that closes an expression inside a text."""
    depth = 1
    while depth:
        sign = text[at]
        if sign == "'":
            pieces = multi_line_pieces if text.startswith("'''", at) else text_pieces
            at = pieces(text, at)[0]
            continue
        depth += (sign == "{") - (sign == "}")
        at += 1
    return at
