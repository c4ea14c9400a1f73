r"""Make foreign text safe to look at: one function per danger.

Every name, address and path in a report was written by somebody else. ``visible`` is for whatever is shown to people;
what HTML, CSV or a pipeline needs beyond that is added by those renderers.
"""

from __future__ import annotations

import re
from typing import Final

#: What is shown of a text that nobody limited further, in characters.
SHOWN: Final = 2000

#: What is shown of a name, in characters.
NAME_SHOWN: Final = 120

_HIDDEN: Final = re.compile(
    "["
    "\x00-\x1f\x7f-\x9f"  # controls: terminal sequences, line feeds that forge lines
    "\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"  # soft hyphen, joiners and fillers without a glyph
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f"  # zero width, line separators, bidirectional overrides and isolates
    "\xa0\u1680\u2000-\u200a\u202f\u205f"  # spaces that look like the common one
    "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"  # format controls of rare scripts
    "\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\uffff\ufdd0-\ufdef"  # blanks, variation selectors, noncharacters
    "\ud800-\udfff"  # lone surrogates, which no UTF-8 file can hold
    "\ue000-\uf8ff"  # private use: whatever a font likes
    "\U000e0000-\U0010ffff"  # tags, more selectors, more private use
    "]"
)
_NAMED: Final = {"\t": "\\t", "\n": "\\n", "\r": "\\r"}


def visible(text: str, limit: int = SHOWN) -> str:
    r"""*text* on one line with everything visible, in at most *limit* characters.

    Controls, bidirectional overrides, zero-width characters, lone surrogates and private use become ``\x1b``,
    ``\u202e``, ``\U000e0041``; so does a text of nothing but spaces. What was cut is announced with the full length.
    What comes out comes out unchanged again.
    """
    shown = text if len(text) <= limit else text[:limit]
    if shown.isspace():
        shown = "".join(_escape(character) for character in shown)
    elif not shown.isascii() or not shown.isprintable():
        shown = _HIDDEN.sub(lambda match: _escape(match[0]), shown)
    if len(text) <= limit and len(shown) <= limit:
        return shown
    note = f"… (cut; {len(text):,} characters in all)"
    return shown[: max(limit - len(note), 0)] + note


def visible_line(text: str) -> str:
    """A line of source as it is shown: its indentation stays, with two spaces for a tab; the rest is made visible."""
    rest = text.lstrip(" \t")
    indent = text[: len(text) - len(rest)].replace("\t", "  ")
    return indent + visible(rest) if rest else indent


def visible_name(name: str) -> str:
    """The name of a registration or client, or words in its place when there is none."""
    return visible(name, NAME_SHOWN) if name else "(no name)"


def _escape(character: str) -> str:
    code = ord(character)
    if character in _NAMED:
        return _NAMED[character]
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
