"""A stored report as a test reads it: its JSON with rows for what was not assessed, and for permissions."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from reports.formats.json import parse_report


def rows_of(text: str) -> dict[str, Any]:
    """The JSON *text* of a report, its ``not_assessed`` registration by registration, and permissions as rows."""
    report = parse_report(text.encode())
    return {
        **json.loads(text),
        "not_assessed": [_row(gap) for gap in report.not_assessed],
        "registrations": [_row(row) for row in report.registrations],
    }


def _row(value: msgspec.Struct) -> Any:
    return msgspec.json.decode(msgspec.json.encode(value))
