"""What is around an offset of a text that is being typed, in any of its languages, without a parser.

A half-typed file is not JSON and not Terraform yet. So names and braces are counted, which JSON, HCL, Bicep and YAML
share. What is not found this way is not known.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from rules.knowledge.permissions import GRAPH, is_resource

GUID = re.compile(r"(?<![0-9a-fA-F-])[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}(?![0-9a-fA-F-])")
_API = re.compile(r"""["']?resource_?app_?id["']?\s*[:=]\s*["']?(?P<value>[^"'\s,}]*)""", re.IGNORECASE)
_ACCESS = re.compile(r"resource_?access\b", re.IGNORECASE)
#: The provider's name of Microsoft Graph in ``azuread_application_published_app_ids``.
_GRAPH_NAMES = re.compile(r"\.(?:MicrosoftGraph|msgraph)\b", re.IGNORECASE)
_KEY = re.compile(r"""^[\s\-{,]*(?:\[\s*)?["']?(?P<key>[A-Za-z_][\w.]*)["']?\s*[:=]\s*(?P<rest>.*)$""")
#: This much text is searched on each side.
_FAR = 4_000


class Typed(NamedTuple):
    """The line up to the cursor: its *key*, and the *value* after it, without an opening quotation mark.

    ``start`` is the offset at which the value begins, ``quote`` its mark, empty where there is none.
    """

    key: str
    value: str
    start: int
    quote: str


def typed_at(text: str, line_start: int, offset: int) -> Typed | None:
    """The key and the value that are typed at *offset*; ``None`` where the line has no key yet."""
    match = _KEY.match(_last_member(text[line_start:offset]))
    if match is None:
        return None
    rest = match["rest"].removeprefix("[").lstrip()
    quote = rest[:1] if rest[:1] in ("'", '"') else ""
    value = rest[len(quote) :]
    if quote and quote in value:
        return None
    return Typed(match["key"], value, offset - len(value), quote)


def _last_member(line: str) -> str:
    """The last member of an object that is written on one line."""
    at, mark = 0, ""
    for number, character in enumerate(line):
        if mark:
            mark = "" if character == mark else mark
        elif character in "\"'":
            mark = character
        elif character in "{,":
            at = number + 1
    return line[at:]


def api_at(text: str, offset: int) -> str:
    """The client ID of the API whose permission is at *offset*; empty where that is not known.

    Its name is in the same object as the list of permissions, before or after it.
    """
    before = text[max(0, offset - _FAR) : offset]
    for match in reversed([*_API.finditer(before)]):
        depth = _depth(before[match.end() :])
        if depth >= 0:
            return _api_of(match) if depth <= 3 else ""
        break
    after = text[offset : offset + _FAR]
    found = _API.search(after)
    following = _ACCESS.search(after)
    if found is None or (following and following.start() < found.start()):
        return ""
    return _api_of(found) if _depth(after[: found.start()]) >= -3 else ""


def _api_of(match: re.Match[str]) -> str:
    value = match["value"]
    if is_resource(value):
        return value.lower()
    return GRAPH if _GRAPH_NAMES.search(value) else ""


def _depth(text: str) -> int:
    """How many objects begin in *text* less those that end; negative where an outer one ends on the way."""
    depth = least = 0
    for character in text:
        depth += (character == "{") - (character == "}")
        least = min(least, depth)
    return least if least < 0 else depth


def is_in_access(text: str, offset: int) -> bool:
    """Whether *offset* is in a list of requested permissions."""
    before = text[max(0, offset - _FAR) : offset]
    last = max((match.end() for match in _ACCESS.finditer(before)), default=None)
    return last is not None and before[last:].count("]") <= before[last:].count("[")


def opening_of(text: str, offset: int) -> int | None:
    """The offset of the brace of the object around *offset*; ``None`` outside of all objects."""
    depth = 0
    for at in range(offset - 1, max(-1, offset - 50 * _FAR), -1):
        depth += (text[at] == "}") - (text[at] == "{")
        if depth < 0:
            return at
    return None
