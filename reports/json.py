"""Report v1 as JSON: the contract for machines, and what a stored report is rendered from again."""

from __future__ import annotations

import json
import re
from typing import Any, Final

import msgspec

from reports.report import SCHEMA, Report

_LONE_SURROGATE: Final = re.compile("[\ud800-\udfff]")
#: What a terminal that shows the report would obey or hide: the second row of controls, overrides, zero width.
_HIDDEN: Final = re.compile("[\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


def render_json(report: Report) -> str:
    """The report as JSON, indented by two spaces, ending in a line feed; hidden characters are written as escapes."""
    try:
        data = msgspec.json.encode(report)
    except UnicodeEncodeError:  # half of a surrogate pair in a name: JSON may hold it, UTF-8 may not
        text = json.dumps(msgspec.to_builtins(report), ensure_ascii=False)
        data = _LONE_SURROGATE.sub("\ufffd", text).encode()
    text = msgspec.json.format(data, indent=2).decode() + "\n"
    return text if text.isascii() else _HIDDEN.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def parse_report(data: bytes) -> Report:
    """A stored report. Raises ``msgspec.ValidationError`` or ``msgspec.DecodeError`` when *data* is none."""
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
