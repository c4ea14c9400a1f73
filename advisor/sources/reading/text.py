"""Bytes of a file as text, and text that is nearly JSON as JSON of the same length.

What is written in repositories is JSON with byte order marks, comments, trailing commas and template lines. All of that
is blanked with spaces, so that every offset in the JSON is the offset in the file and a finding can name its line.
"""

from __future__ import annotations

import codecs
import re
from typing import Final

import msgspec

from advisor.errors import InputError

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

#: A string is matched first, so that what looks like a comment or a comma inside it is left alone. A comment that is
#: never closed reaches to the end of the text: no input makes these expressions try anything twice.
_STRING: Final = r'(?P<string>"(?:[^"\\\n]|\\.)*")'
_COMMENTS: Final = re.compile(
    _STRING + r"|(?P<comment>//[^\n]*|/\*(?:.*?\*/|.*\Z))"
    r"|(?P<placeholder>\$?(?:\{\{\{[^{}\n]*\}\}\}|\{\{[^{}\n]*\}\})|\$\{[A-Za-z_][^{}\n]*\})",
    re.DOTALL,
)
#: Colors of a terminal, as in the output of ``az -o jsonc``.
_COLORS: Final = re.compile(r"\x1b\[[0-9;]*m")
#: Where JSON begins after lines of a log: at a line that begins as JSON does.
_FIRST_JSON: Final = re.compile(r"^[ \t]*[{\[]", re.MULTILINE)
_BEGINS: Final = re.compile(r"\s*(?:[{\[\"/]|$)")
_COMMAS: Final = re.compile(_STRING + r"|(?P<comma>,)(?=\s*[\]}])", re.DOTALL)
_SECTION: Final = re.compile(r"\{\{(?P<kind>[#^/])(?P<name>[^{}\n]*)\}\}")
_NOT_BLANK: Final = re.compile(r"[^\r\n]")


class Relaxed(msgspec.Struct, frozen=True):
    """JSON of the same length as the text that it was made from, and the template sections that were left out of it."""

    text: str
    left_out: tuple[str, ...] = ()


def decode(data: bytes, file: str) -> str:
    """The text of a file: UTF-8, or what its byte order mark says, or Windows-1252, which old PowerShell writes.

    Raises ``InputError`` for bytes that are not text.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _decode(data[len(mark) :], encoding, file)
    if data[1:2] == b"\0":
        return _decode(data, "utf-16-le", file)
    if data[:1] == b"\0":
        return _decode(data, "utf-16-be", file)
    return _decode(data, "utf-8", file)


def encoded_like(data: bytes, text: str) -> bytes:
    """*text* in the encoding of *data*, with its byte order mark. Raises ``ValueError`` where that is not possible."""
    before = decode(data, "")
    for mark, encoding in (*_MARKS, *((b"", name) for name in ("utf-8", "cp1252", "utf-16-le", "utf-16-be"))):
        try:
            if data.startswith(mark) and mark + before.encode(encoding) == data:
                return mark + text.encode(encoding)
        except UnicodeEncodeError:
            continue
    raise ValueError("no encoding writes the file as it is")


def _decode(data: bytes, encoding: str, file: str) -> str:
    for candidate in (encoding, "cp1252") if encoding == "utf-8" else (encoding,):
        try:
            text = data.decode(candidate)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise InputError("is not text", file=file, hint="name a JSON file with app registrations")


def relax(text: str) -> Relaxed:
    """*text* with comments, trailing commas, template lines, colors and the lines of a log before it blanked, and bare
    placeholders put in quotation marks.

    Of a template's sections ``{{#name}}`` is kept and ``{{^name}}``, its opposite, is left out: together they are not
    JSON.
    """
    left_out: tuple[str, ...] = ()
    text = _COLORS.sub(lambda match: _blank(match[0]), text)
    first = _FIRST_JSON.search(text)
    if first and not _BEGINS.match(text):
        text = _blank(text[: first.start()]) + text[first.start() :]
    if _SECTION.search(text):
        text, left_out = _choose_sections(text)
    return Relaxed(_COMMAS.sub(_blank_token, _COMMENTS.sub(_blank_token, text)), left_out)


def _blank_token(match: re.Match[str]) -> str:
    kind = match.lastgroup
    if kind == "string":
        return match[0]
    if kind == "placeholder":
        # A placeholder where JSON wants a value stays recognizable between its quotation marks: "{{NAME}".
        return '"' + match[0][1:-1].replace('"', " ") + '"'
    return _blank(match[0])


def _blank(text: str) -> str:
    """Spaces in the place of everything but line ends."""
    return _NOT_BLANK.sub(" ", text)


def _choose_sections(text: str) -> tuple[str, tuple[str, ...]]:
    pieces: list[str] = []
    opened: list[str] = []
    left_out: dict[str, None] = {}
    against = end = 0  # how many of the opened sections are left out, and where the last mark ended
    for mark in _SECTION.finditer(text):
        between = text[end : mark.start()]
        pieces += (_blank(between) if against else between, " " * len(mark[0]))
        end = mark.end()
        if mark["kind"] != "/":
            opened.append(mark["kind"])
            against += mark["kind"] == "^"
        elif opened:
            against -= opened.pop() == "^"
        if mark["kind"] == "^":
            left_out[mark[0]] = None
    pieces.append(text[end:])
    return "".join(pieces), tuple(left_out)
