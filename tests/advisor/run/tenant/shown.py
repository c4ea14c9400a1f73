"""What tests of ``grantlint lint --tenant`` look at in its report."""

from collections.abc import Callable
from typing import Any

from tests.conftest import Run

Lint = Callable[..., tuple[Run, dict[str, Any]]]


def unread(report: dict[str, Any]) -> list[dict[str, Any]]:
    return [row for row in report["inputs"] if row["status"] != "read"]


def names(report: dict[str, Any]) -> list[str]:
    return [row["name"] for row in report["registrations"] if row["kind"] == "registration"]
