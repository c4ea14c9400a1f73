"""Requests as text: .http and .rest files of editors, a raw HTTP message as proxies show it, and the printed form.

grantlint prints a request line, then each header and parameter on an indented line of its own, not encoded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import takewhile
from typing import Final
from urllib.parse import quote

from advisor.preflight.wire import AuthRequest, make_request

_LINE: Final = re.compile(
    r"^\s*(GET|POST|PUT|HEAD|OPTIONS)\s+(\S.*?)(?:\s+HTTP/[\d.]+)?(?:\s+//.*)?\s*$", re.IGNORECASE
)
_VARIABLE: Final = re.compile(r"^\s*@([\w.-]+)\s*=\s*(.*?)\s*$")
_USE: Final = re.compile(r"\{\{\s*([\w.-]+)\s*\}\}")
_HEADER: Final = re.compile(r"^\s*([A-Za-z][A-Za-z0-9-]*)\s*:\s*(.*)$")
#: A line of the printed form. After a header, words may follow that explain it.
_PRINTED: Final = re.compile(
    r"\s+(?:header (?P<header>[A-Za-z][A-Za-z0-9-]*): (?P<says>[^,]*)|(?P<name>[A-Za-z][\w.-]*)=(?P<value>.*))"
)
_DELIMITER: Final = re.compile(r"^###")
#: A response that follows its request in a recording.
_ANSWER: Final = re.compile(r"^HTTP/[\d.]+ \d{3}")

#: Variables may be in variables, a few levels deep.
_DEPTH: Final = 5


def read_http(text: str, name: str) -> tuple[AuthRequest, ...]:
    """The requests of *text* that go to the identity platform. Variables of the file are put in; unknown ones stay."""
    lines = text.replace("\r\n", "\n").split("\n")
    variables = {match[1]: match[2] for match in map(_VARIABLE.match, lines) if match}
    found = []
    for start, block in _blocks(lines):
        request = _request([_filled(line, variables) for line in block], name, start)
        if request is not None:
            found.append(request)
    return tuple(found)


def _filled(line: str, variables: Mapping[str, str]) -> str:
    for _ in range(_DEPTH):
        replaced = _USE.sub(lambda match: variables.get(match[1], match[0]), line)[:200_000]
        if replaced == line:
            break
        line = replaced
    return line


def _blocks(lines: list[str]) -> Iterator[tuple[int, list[str]]]:
    """Each request with the number of its first line: from a request line to the next one, a ### or an answer."""
    block: list[str] = []
    start, inside = 1, False
    for number, line in enumerate(lines, 1):
        if _DELIMITER.match(line) or _ANSWER.match(line) or _LINE.match(line):
            if block:
                yield start, block
            block, start, inside = [], number, bool(_LINE.match(line))
        if inside:
            block.append(line)
    if block:
        yield start, block


def _request(block: list[str], name: str, start: int) -> AuthRequest | None:
    match = _LINE.match(block[0])
    if match is None:
        return None
    if printed := _printed(block):
        return _from_printed(match[1], match[2], printed, name, start)
    url = match[2].strip()
    headers: list[tuple[str, str]] = []
    rest = block[1:]
    while rest and (
        header := _HEADER.match(rest[0]) or rest[0].lstrip()[:1] in ("?", "&", "#") or rest[0].lstrip()[:2] == "//"
    ):
        # REST clients continue the query on the next lines.
        line = rest.pop(0).strip()
        if isinstance(header, re.Match):
            headers.append((header[1], header[2]))
        elif line[:1] in ("?", "&"):
            url += line
    if any("multipart/" in value.lower() for key, value in headers if key.lower() == "content-type"):
        body = "\n".join(rest)
    else:
        kept = (line.strip() for line in rest if not line.lstrip().startswith(("#", "//", "<", ">")))
        body = "".join(kept)
    if "://" not in url:
        host = next((value for key, value in headers if key.lower() == "host"), "")
        url = f"https://{host.strip().removeprefix('https://').rstrip('/')}/{url.lstrip('/')}"
    return make_request(match[1], url, headers, body or None, file=name, line=start)


def _printed(block: list[str]) -> list[re.Match[str]]:
    """The lines of the printed form after the request line; empty for a request in another form, such as an indented
    form body whose parts are joined by ``&``.
    """
    margin = _margin(block[0])
    lines = list(takewhile(lambda line: _margin(line) > margin, block[1:]))
    found = [match for match in map(_PRINTED.match, lines) if match]
    is_form = any(line.rstrip().endswith("&") for line in lines) or (len(lines) == 1 and "&" in lines[0])
    return found if len(found) == len(lines) and not is_form else []


def _margin(line: str) -> int:
    """The width of the indentation of *line*; none for an empty line, which ends a request."""
    return len(line) - len(line.lstrip()) if line.strip() else 0


def _from_printed(method: str, url: str, lines: list[re.Match[str]], name: str, start: int) -> AuthRequest | None:
    headers = [(line["header"], line["says"]) for line in lines if line["header"]]
    parameters = [(line["name"], line["value"].strip()) for line in lines if line["name"]]
    if method.upper() != "GET":
        return make_request(method, url.strip(), headers, parameters, file=name, line=start)
    query = "&".join(f"{key}={quote(value, safe='')}" for key, value in parameters)
    return make_request(method, f"{url.strip()}?{query}", headers, file=name, line=start)
