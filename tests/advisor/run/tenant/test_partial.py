"""A full and a partial reading of one tenant: what was not read is never "gone", and nothing is worse for it."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Run
from tests.graph_server.directory import TENANT, large
from tests.graph_server.faults import Fault
from tests.graph_server.server import GraphServer

#: What the second reading lacks, by name: permissions, or a fault.
PARTIAL: dict[str, Any] = {
    "no grants": Fault(kind="status", match="/oauth2PermissionGrants", status=403, times=99),
    "no owners": Fault(kind="status", match="part /applications?$expand=owners", status=403, times=99),
    "no federated credentials": Fault(kind="status", match="federatedIdentityCredentials", status=403, times=99),
    "no service principals": Fault(kind="status", match="/servicePrincipals?", status=403, times=99),
    "applications end early": Fault(kind="status", match="/applications?", also="skiptoken", status=503, times=99),
    "no applications": Fault(kind="status", match="/applications?$select", status=403, times=99),
    "no policies": Fault(kind="status", match="part /policies", status=403, times=99),
    "no organization": Fault(kind="status", match="part /organization", status=403, times=99),
}


@pytest.fixture
def tenant(graph: GraphServer, lack: str) -> GraphServer:
    graph.reset(large(1000 if lack == "applications end early" else 40))
    graph.graph.directory.policies["/policies/authorizationPolicy"]["defaultUserRolePermissions"][
        "allowedToCreateApps"
    ] = True
    return graph


@pytest.mark.usefixtures("folder", "waits")
@pytest.mark.parametrize("lack", PARTIAL)
def test_what_was_not_read_is_not_gone(tenant: GraphServer, grantlint: Callable[..., Run], lack: str) -> None:
    grantlint("snapshot", "--tenant", TENANT, "-o", "full.jsonl", "-q")
    grantlint("lint", "full.jsonl", "-o", "full.json", "--write-baseline", "known.json", "-q")
    PARTIAL[lack].met = 0
    tenant.faults = [PARTIAL[lack]]
    assert grantlint("snapshot", "--tenant", TENANT, "-o", "part.jsonl", "-q").status == 3
    tenant.faults = []

    run = grantlint("lint", "part.jsonl", "--baseline", "known.json", "-o", "part.json", "--since", "full.json")
    assert "no longer occur" not in run.err
    report = json.loads(Path("part.json").read_text())
    assert [row for row in report["trend"]["gone"] if row["judged"]] == []
    fresh = [row for row in report["findings"] if row["state"] == "new"]
    assert fresh == []  # nothing is worse, or another finding, because less was read

    said = grantlint("diff", "full.jsonl", "part.jsonl")
    assert re.search(r"[1-9]\d* (removed|gone)|was removed", said.out) is None, said.out
