"""A plan that is run: it compares before it changes, can be run again, and records how to undo what it did.

The same outcomes with Azure CLI, with a stand-in for it that evaluates the same JMESPath, and with PowerShell, as far
as they are installed.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reports.formats.plan_ps1 import render_powershell
from reports.formats.plan_sh import render_shell
from rules.model.clean import clean
from tests.reports.fix_plan.graph import LocalGraph, missing, run, serving
from tests.reports.fix_plan.runs import report_of

GUEST = "22222222-2222-4222-8222-222222222229"
TRUST = {
    "issuer": "https://token.actions.githubusercontent.com",
    "subject": "repo:contoso/app:environment:prod",
    "audiences": ["api://AzureADTokenExchange"],
}


def registration() -> dict[str, Any]:
    """A registration with a step of each kind, and names with quotes."""
    app = clean("web")
    web = app["web"]
    app["web"] = {
        **web,
        "redirectUris": ["https://jwt.ms", *web["redirectUris"], "https://portal.contoso.com/it's-`id`"],
    }
    app["web"]["implicitGrantSettings"] = {"enableAccessTokenIssuance": True, "enableIdTokenIssuance": False}
    app["servicePrincipalLockConfiguration"] = None
    app["passwordCredentials"] = [
        {
            "keyId": "77777770-0000-4000-8000-000000000001",
            "displayName": "old",
            "startDateTime": "2020-01-01T00:00:00Z",
            "endDateTime": "2021-01-01T00:00:00Z",
        }
    ]
    app["federatedIdentityCredentials"] = [
        {**TRUST, "name": name, "id": f"77777771-0000-4000-8000-00000000000{n}", "description": f"it's {name}"}
        for n, name in enumerate(("ci", "ci-2"))
    ]
    app["owners"] = [*app["owners"], {"id": GUEST, "userPrincipalName": "ann@fabrikam.com", "userType": "Guest"}]
    return app


@pytest.fixture(params=[name for name in ("stand-in", "az", "pwsh") if not missing(name)])
def program(request: pytest.FixtureRequest) -> str:
    """What runs the plan."""
    return str(request.param)


@pytest.fixture
def graph() -> Iterator[LocalGraph]:
    """Graph with the registration."""
    with serving(registration()) as local:
        yield local


@pytest.fixture
def plan(program: str, tmp_path: Path) -> Path:
    """The plan for the registration, with every step allowed."""
    report = report_of(registration())
    if program == "pwsh":
        file = tmp_path / "plan.ps1"
        file.write_text(render_powershell(report).replace("$apply_1 = 'no'", "$apply_1 = 'all'"), "utf-8")
    else:
        file = tmp_path / "plan.sh"
        file.write_text(render_shell(report).replace("\napply_1=no\n", "\napply_1=all\n"), "utf-8")
    return file


def lists(app: dict[str, Any]) -> dict[str, Any]:
    """*app* with what Graph decides left out: the order of lists, and the ids of new elements."""
    app = copy.deepcopy(app)
    app["web"]["redirectUris"].sort()
    app["federatedIdentityCredentials"] = sorted(one["name"] for one in app["federatedIdentityCredentials"])
    app["owners"] = sorted(one["id"] for one in app["owners"])
    return {name: value for name, value in app.items() if name != "passwordCredentials"}


def test_a_plan_fixes_is_done_when_it_is_run_again_and_can_be_undone(
    program: str, plan: Path, graph: LocalGraph
) -> None:
    first = run(program, plan, graph)
    assert (first.returncode, first.stderr) == (0, "")
    steps = first.stdout.count(": applied")
    assert steps == len(graph.changes) >= 6
    assert [finding.rule for finding in report_of(graph.app).findings if finding.patch] == []

    again = run(program, plan, graph)
    assert (again.returncode, again.stderr) == (0, "")
    assert again.stdout.count(": already done") == steps == len(graph.changes)

    (undo,) = plan.parent.glob("grantlint-undo-*")
    undone = run(program, undo, graph)
    assert (undone.returncode, undone.stderr) == (0, "")
    labels = re.findall(r"step undo of ([\d.]+): applied", undone.stdout)
    assert labels == sorted(labels, reverse=True)
    assert lists(graph.app) == lists(registration())
    assert graph.app["servicePrincipalLockConfiguration"] is None
    assert {one["description"] for one in graph.app["federatedIdentityCredentials"]} == {"it's ci", "it's ci-2"}

    twice = run(program, undo, graph)
    assert (twice.returncode, twice.stderr) == (0, "")
    assert twice.stdout.count(": already done") == steps - 1  # a secret cannot come back


def test_a_step_whose_value_has_changed_since_is_not_applied(program: str, plan: Path, graph: LocalGraph) -> None:
    added = "https://portal.contoso.com/added"
    graph.app["web"]["redirectUris"].append(added)
    graph.app["federatedIdentityCredentials"][1]["subject"] = "repo:contoso/app:environment:other"
    ended = run(program, plan, graph)
    assert ended.returncode == 1
    assert (
        len(re.findall(r"not\s+applied,\s+because\s+the\s+current\s+value\s+differs", ended.stderr + ended.stdout)) == 2
    )
    assert added in graph.app["web"]["redirectUris"]
    assert len(graph.app["federatedIdentityCredentials"]) == 2
    assert graph.app["web"]["implicitGrantSettings"]["enableAccessTokenIssuance"] is False


def test_an_undo_leaves_what_was_changed_after_the_plan(program: str, plan: Path, graph: LocalGraph) -> None:
    run(program, plan, graph)
    graph.app["web"]["redirectUris"].append("https://portal.contoso.com/added")
    now = list(graph.app["web"]["redirectUris"])
    (undo,) = plan.parent.glob("grantlint-undo-*")
    ended = run(program, undo, graph)
    assert ended.returncode == 1
    assert graph.app["web"]["redirectUris"] == now
    assert graph.app["web"]["implicitGrantSettings"]["enableAccessTokenIssuance"] is True


def test_what_was_not_read_is_recorded_when_the_step_is_applied(program: str, tmp_path: Path) -> None:
    app = registration()
    report = report_of(app)
    (row,) = report.registrations
    row.before.pop("/servicePrincipalLockConfiguration")  # type: ignore[union-attr]
    shell = program != "pwsh"
    file = tmp_path / ("plan.sh" if shell else "plan.ps1")
    text = render_shell(report) if shell else render_powershell(report)
    file.write_text(
        text.replace("apply_1=no\n", "apply_1=safe\n").replace("$apply_1 = 'no'", "$apply_1 = 'safe'"), "utf-8"
    )
    with serving(app) as graph:
        assert run(program, file, graph).returncode == 0
        assert graph.app["servicePrincipalLockConfiguration"] == {"isEnabled": True, "allProperties": True}
        (undo,) = tmp_path.glob("grantlint-undo-*")
        assert run(program, undo, graph).returncode == 0
        assert graph.app["servicePrincipalLockConfiguration"] is None


def test_a_request_that_is_refused_ends_the_plan(program: str, plan: Path, graph: LocalGraph) -> None:
    graph.app["id"], graph.app["appId"] = "x", "y"
    ended = run(program, plan, graph)
    assert ended.returncode not in (0, 2)
    assert ended.stdout.count(": applied") == 0
    assert graph.changes == []
