"""Reports of registrations that are in a file or a tenant of a test."""

from __future__ import annotations

import json
from typing import Any

from advisor.run.compose import compose
from advisor.sources.discover import read_texts
from reports.report import Report
from rules.families import RULES
from rules.model.clean import NOW


def report_of(*apps: dict[str, Any]) -> Report:
    """What grantlint reports of *apps*, read from a Graph response."""
    reading = read_texts({"apps.json": json.dumps({"value": list(apps)}).encode()})
    report = compose(title="", version="1", now=NOW, made_at=NOW, rules=RULES, reading=reading)
    assert not report.problems
    return report
