"""Report v1 as JSON: the contract for machines, and what a stored report is rendered from again."""

from __future__ import annotations

import json
import re
from typing import Any, Final

import msgspec

from reports.formats import Format
from reports.report import SCHEMA, Report

_LONE_SURROGATE: Final = re.compile("[\ud800-\udfff]")
#: What a terminal that shows the report would obey or hide, in UTF-8: the second row of controls, overrides, zero
#: width.
_HIDDEN: Final = re.compile(rb"\x7f|\xc2[\x80-\x9f]|\xe2\x80[\x8b-\x8f\xa8-\xae]|\xe2\x81[\xa0-\xaf]|\xef\xbb\xbf")


def render_json(report: Report) -> str:
    """The report as JSON, indented by two spaces, ending in a line feed; hidden characters are written as escapes."""
    # A report of a large tenant has hundreds of megabytes: each step lets go of what the one before it made.
    data = msgspec.json.format(_encoded(report), indent=2)
    if not data.isascii() or b"\x7f" in data:
        data = _HIDDEN.sub(lambda match: f"\\u{ord(match[0].decode()):04x}".encode(), data)
    data += b"\n"
    return data.decode()


FORMAT = Format("json", (".json",), "Report v1, for machines and for `grantlint report`", render_json)


def _encoded(report: Report) -> bytes:
    try:
        return msgspec.json.encode(report)
    except UnicodeEncodeError:  # half of a surrogate pair in a name: JSON may hold it, UTF-8 may not
        text = json.dumps(msgspec.to_builtins(report), ensure_ascii=False)
        return _LONE_SURROGATE.sub("\ufffd", text).encode()


def parse_report(data: bytes) -> Report:
    """A stored report. Raises ``msgspec.ValidationError`` or ``msgspec.DecodeError`` when *data* is not one."""
    return msgspec.json.decode(data, type=Report)


def render_schema() -> str:
    """The JSON Schema of Report v1, made from the types."""
    schema: dict[str, Any] = msgspec.json.schema(Report)
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA,
        "title": "grantlint report, version 1",
    }
    return msgspec.json.format(msgspec.json.encode({**head, **schema}, order="sorted"), indent=2).decode() + "\n"
