"""A stored report as a test reads it: its JSON, with a row for each value that was not assessed."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from reports.formats.json import parse_report


def rows_of(text: str) -> dict[str, Any]:
    """The JSON *text* of a report, its ``not_assessed`` registration by registration."""
    gaps = parse_report(text.encode()).not_assessed
    return {**json.loads(text), "not_assessed": [msgspec.to_builtins(gap) for gap in gaps]}
