"""The errors of the libraries that decode JSON and TOML in plain words: what is wrong with a file, for its readers."""

from __future__ import annotations

import re
from typing import Final

#: What the libraries say, as a pattern of its beginning, and what it means. ``json`` is first, then msgspec.
_WORDS: Final = tuple(
    (re.compile(pattern, re.DOTALL), words)
    for pattern, words in (
        (r"Expecting value", "a value is missing"),
        (r"Expecting ',' delimiter", "a comma is missing"),
        (r"Expecting ':' delimiter", "a colon is missing"),
        (r"(?:Expecting|Illegal trailing comma before end of) (?:property name|object)", "a property name is missing"),
        (r"Unterminated string", "the closing quotation mark is missing"),
        (r"Extra data", "there is text after the end of the document"),
        (r"Invalid control character", "a string contains a control character"),
        (r"Invalid \\", "a string has an invalid escape sequence"),
        (r"Input data was truncated", "the file is empty or incomplete"),
        (r"JSON is malformed: .*\(byte (\d+)\)", r"the text is not valid JSON at byte \1"),
        (r"Object missing required field [`'](.+?)[`']", r"the property '\1' is missing"),
        (r"Object contains unknown field [`'](.+?)[`']", r"the property '\1' is unknown"),
        (r"Invalid (?:enum )?value (.+?)(?= - at|$)", r"the value \1 is unknown"),
        (r"Expected `(\w+).*?`, got `(\w+)", r"expected \1, got \2"),
        (r"Invalid RFC3339", "a date or time is not written as 2027-01-31 or 2027-01-31T12:00:00Z"),
    )
)
_TYPES: Final = {
    "array": "a list", "bool": "true or false", "float": "a number", "int": "a whole number", "null": "nothing",
    "object": "an object", "str": "a text",
}  # fmt: skip
_ROUTE: Final = re.compile(r" - at `\$\.?(.*)`$", re.DOTALL)


def in_words(error: Exception) -> str:
    """What a decoder's *error* says, in plain words that follow "is not JSON:", with the property where it is."""
    said = str(error)
    if getattr(error, "doc", None) is not None and not str(error.doc).strip():  # type: ignore[attr-defined]
        return "it is empty"
    if isinstance(error, UnicodeError) or "utf-8" in said.lower():
        return "the text is not UTF-8"
    route = _ROUTE.search(said)
    for pattern, words in _WORDS:
        match = pattern.match(said)
        if match is not None:
            found = match.expand(words)
            if words.startswith("expected"):
                wanted, got = (_TYPES.get(kind, kind) for kind in match.groups())
                found = f"expected {wanted}, got {got}"
            return f"{found} in {route[1]}" if route is not None and route[1] else found
    return said[:1].lower() + said[1:]
