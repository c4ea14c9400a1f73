"""Report v1 as JSON: the contract for machines, and what a stored report is rendered from again."""

from __future__ import annotations

import json
import re
from typing import Any, Final

import msgspec

from reports.report import SCHEMA, Report

_LONE_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def render_json(report: Report) -> str:
    """The report as JSON, indented by two spaces, ending in a line feed."""
    try:
        data = msgspec.json.encode(report)
    except UnicodeEncodeError:  # half of a surrogate pair in a name: JSON may hold it, UTF-8 may not
        text = json.dumps(msgspec.to_builtins(report), ensure_ascii=False)
        data = _LONE_SURROGATE.sub("\ufffd", text).encode()
    return msgspec.json.format(data, indent=2).decode() + "\n"


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
