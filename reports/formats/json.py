"""Report v2 as JSON: the contract for machines, and what a stored report is rendered from again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from reports.formats import Format
from reports.report import SCHEMA, Report
from reports.stored import StoredReport, decode, encode_in_pieces

#: What a terminal that shows the report would obey or hide, in UTF-8: the second row of controls, overrides, zero
#: width.
_HIDDEN: Final = re.compile(rb"\x7f|\xc2[\x80-\x9f]|\xe2\x80[\x8b-\x8f\xa8-\xae]|\xe2\x81[\xa0-\xaf]|\xef\xbb\xbf")


def render_json(report: Report) -> str:
    """The report as JSON, one row a line, ending in a line feed; hidden characters are written as escapes."""
    return "".join(_pieces(report))


def _pieces(report: Report) -> Iterator[str]:
    for data in encode_in_pieces(report):
        if data.isascii() and b"\x7f" not in data:
            yield data.decode("ascii")
        else:
            yield _HIDDEN.sub(lambda match: f"\\u{ord(match[0].decode()):04x}".encode(), data).decode()


FORMAT = Format("json", (".json",), "Report v2, for machines and for `grantlint report`", render_json, pieces=_pieces)


def parse_report(data: bytes) -> Report:
    """A stored report. Raises ``msgspec.ValidationError`` or ``msgspec.DecodeError`` when *data* is not one."""
    return decode(data)


def render_schema() -> str:
    """The JSON Schema of Report v2, made from the types."""
    schema: dict[str, Any] = msgspec.json.schema(StoredReport)
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA,
        "title": "grantlint report, version 2",
    }
    return msgspec.json.format(msgspec.json.encode({**head, **schema}, order="sorted"), indent=2).decode() + "\n"
