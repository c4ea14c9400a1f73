"""Texts of the Bicep language: quoted ones with values in them, and those of several lines."""

from __future__ import annotations

import re
from typing import Final

_PIECE: Final = re.compile(r"[^'\\$\n]+|\\(?:u\{[0-9A-Fa-f]+\}|.)|\$(?!\{)", re.DOTALL)
_ESCAPED: Final = {"n": "\n", "r": "\r", "t": "\t"}


def multi_line(text: str, start: int) -> tuple[int, str]:
    """The end and the value of a text between three quotation marks; the first line end does not count."""
    end = text.find("'''", start + 3)
    if end < 0:
        raise IndexError
    value = text[start + 3 : end]
    return end + 3, value.removeprefix("\r").removeprefix("\n")


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
            at = text_pieces(text, at)[0]
            continue
        depth += (sign == "{") - (sign == "}")
        at += 1
    return at
