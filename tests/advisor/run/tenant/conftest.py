"""Linting the tenant of a Graph that is as strict as the real one, with the real SDK and azure-identity."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.advisor.run.tenant.shown import Lint
from tests.conftest import Run
from tests.graph_server.directory import TENANT
from tests.graph_server.server import GraphServer
from tests.reports.rows_of import rows_of


@pytest.fixture
def lint(grantlint: Callable[..., Run], graph: GraphServer, waits: list[float], folder: Path) -> Iterator[Lint]:
    """Lint the tenant; how the command ended, and its report. Whatever happens, no secret and no token is shown."""
    shown: list[str] = []

    def call(*arguments: str) -> tuple[Run, dict[str, Any]]:
        Path("report.json").unlink(missing_ok=True)
        run = grantlint(
            "lint",
            *([] if "--tenant" in arguments else ["--tenant", TENANT]),
            "--verbose",
            "-o",
            "report.json",
            *arguments,
        )
        shown.append(run.out + run.err)
        report = Path("report.json")
        text = report.read_text() if report.exists() else "{}"
        shown.append(text)
        return run, rows_of(text) if report.exists() else {}

    yield call
    text = "\n".join(shown)
    assert "never-shown" not in text
    assert "Traceback" not in text
    assert "internal error" not in text
