"""Baselines and suppressions of a tenant: what the reader was refused is not gone."""

import json
from pathlib import Path
from typing import Any

from tests.advisor.run.tenant.shown import Lint
from tests.graph_server.directory import Directory
from tests.graph_server.server import GraphServer

REGISTER = "users-can-register-applications"


def entries(path: Path) -> list[dict[str, Any]]:
    return [entry for entry in json.loads(path.read_text())["findings"] if entry]


def test_entries_of_parts_that_were_refused_remain(lint: Lint, graph: GraphServer, tmp_path: Path) -> None:
    baseline = tmp_path / "known.json"
    policy = graph.graph.directory.policies["/policies/authorizationPolicy"]
    policy["defaultUserRolePermissions"]["allowedToCreateApps"] = True
    run, _ = lint("--write-baseline", str(baseline))
    assert "-0" in run.err
    first = entries(baseline)
    assert REGISTER in {entry["rule"] for entry in first}
    assert {entry["source"].split()[0] for entry in first} == {"tenant"}

    graph.reset(Directory(6), frozenset(("Application.Read.All",)))
    run, _ = lint("--baseline", str(baseline), "--prune-baseline")
    assert run.status == 3
    assert "no entry was removed, because" in run.err
    assert "no longer occur" not in run.err
    assert entries(baseline) == first

    run, _ = lint("--baseline", str(baseline), "--only", "Application 1")
    assert "no longer occur" not in run.err

    graph.reset(Directory(6))
    graph.graph.directory.policies["/policies/authorizationPolicy"]["defaultUserRolePermissions"][
        "allowedToCreateApps"
    ] = False
    run, _ = lint("--baseline", str(baseline), "--prune-baseline")
    assert REGISTER not in {entry["rule"] for entry in entries(baseline)}
