"""Small pieces of markup that templates cannot make as quickly or as safely.

Everything that returns ``Markup`` has escaped its text and made it visible; everything else returns plain text, which
the templates escape.
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any, Final

import msgspec
from markupsafe import Markup, escape

from reports.escape import visible
from reports.rows import Origin
from rules.knowledge.reference import Reference

_CODE: Final = re.compile(r"`{1,2}([^`]+)`{1,2}")
_BREAK: Final = re.compile(r"(?<=[./_\-])(?=\w)|(?<=[a-z])(?=[A-Z])")
_OPENED: Final = ("{", "[")
_PATCH_LINES: Final = 200
_PROPERTY_SHOWN: Final = 300
#: The months as people write them.
MONTHS: Final = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


class Link(msgspec.Struct, frozen=True):
    """A document: ``href`` is empty for a URL that a browser must not follow; ``note`` has date and purpose."""

    text: str
    href: str
    note: str = ""


class SourceLine(msgspec.Struct, frozen=True):
    """A line of the user's file around the value: what is before it, the value, what is after.

    ``more`` is what the value holds on the lines below.
    """

    number: int
    before: str
    value: str
    after: str
    more: str


def shown(value: object) -> object:
    """What every expression of a template passes through: plain text is made visible, the rest is left alone."""
    return visible(value) if type(value) is str else value


def breakable(property: str) -> Markup:
    """A property or path that may break after dots, slashes and inside camelCase."""
    return _breakable(visible(property, _PROPERTY_SHOWN))


def prose(text: str) -> Markup:
    """A text with what is between backticks as code."""
    parts = _CODE.split(visible(text))
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if place % 2 else escape(part) for place, part in enumerate(parts)
    )


def _breakable(text: str) -> Markup:
    return Markup("<wbr>").join(_BREAK.split(text))


def instant(text: str) -> str:
    """An RFC 3339 moment as readers expect it: ``24 November 2026, 09:00 UTC``; anything else as it is."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    zone = "UTC" if moment.utcoffset() is not None and not moment.utcoffset() else moment.strftime("%z")
    return f"{moment.day} {MONTHS[moment.month - 1]} {moment.year}, {moment:%H:%M} {zone}".rstrip()


def date(text: str) -> str:
    """The day of an RFC 3339 moment or ISO 8601 date as people write it: ``24 November 2026``; else as it is."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    return f"{moment.day} {MONTHS[moment.month - 1]} {moment.year}"


def links(references: tuple[Reference, ...]) -> tuple[Link, ...]:
    """References as links; only http and https are followed."""
    return tuple(
        Link(
            reference.label,
            reference.url if reference.url.lower().startswith(("https://", "http://")) else "",
            ": ".join(part for part in (reference.when and f"({reference.when})", reference.supports) if part),
        )
        for reference in references
    )


def where(origin: Origin) -> str:
    """``file:line:column`` as editors follow it, as much of it as is known."""
    if origin.file is None:
        return ""
    numbers = "".join(f":{number}" for number in (origin.line, origin.column) if number is not None)
    return visible(origin.file, _PROPERTY_SHOWN) + numbers


def source_line(origin: Origin, value: str) -> SourceLine | None:
    """The line with its value, where the origin has one; the indentation of the file is left out.

    A list or object that goes on below shows but its bracket there, so that *value* is behind it.
    """
    if not origin.text or origin.line is None:
        return None
    start, end = sorted((max(origin.text_start, 0), max(origin.text_end, 0)))
    marked, after = origin.text[start:end], origin.text[end:]
    more = f" {value.removeprefix(marked)}" if marked in _OPENED and value and not after.strip() else ""
    return SourceLine(
        origin.line,
        visible(origin.text[:start].lstrip()),
        visible(marked),
        visible(after),
        visible(more, _PROPERTY_SHOWN),
    )


def patch(change: dict[str, Any]) -> Markup:
    """A JSON merge patch, indented, with every line visible."""
    lines = json.dumps(change, indent=2, ensure_ascii=False, default=str).split("\n")
    cut = (
        [f"… ({len(lines) - _PATCH_LINES:,} more lines; the JSON report has them all)"]
        if len(lines) > _PATCH_LINES
        else []
    )
    return escape("\n".join([*(_indented(line) for line in lines[:_PATCH_LINES]), *cut]))


def _indented(line: str) -> str:
    text = line.lstrip(" ")
    return " " * (len(line) - len(text)) + visible(text)
