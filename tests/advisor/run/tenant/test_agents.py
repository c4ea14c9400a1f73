"""Reading agent identity blueprints and agent identities of a tenant."""

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.advisor.run.tenant.shown import Lint, unread
from tests.conftest import Run
from tests.graph_server.directory import READ_AGENTS, TENANT, Directory, add_agents
from tests.graph_server.faults import Fault
from tests.graph_server.names import ALL
from tests.graph_server.server import GraphServer
from tests.reports.rows_of import rows_of


def tenant(blueprints: int, agents: int) -> Directory:
    directory = Directory(2)
    add_agents(directory, blueprints, agents)
    return directory


def test_each_agent_has_its_effective_permissions(lint: Lint, graph: GraphServer) -> None:
    directory = tenant(1, 2)
    graph.reset(directory, ALL | READ_AGENTS)
    direct = {**directory.assignments[-1], "id": "own", "principalId": directory.principals[-1]["id"]}
    directory.assignments.append(direct)
    _, report = lint()
    assert unread(report) == []
    blueprint = next(row for row in report["registrations"] if row.get("object_kind") == "blueprint")
    agents = [row for row in report["registrations"] if row.get("object_kind") == "agent identity"]
    assert [row["blueprint"] for row in agents] == [blueprint["app_id"]] * 2
    assert [[(one["name"], one.get("inherited", False)) for one in row["granted"]] for row in agents] == [
        [("User.Read.All", True)],
        [("User.Read.All", False), ("User.Read.All", True)],
    ]
    assert not any(row.get("inherited_unread") for row in agents)


def test_what_is_refused_of_agents_is_named_with_its_permission(lint: Lint, graph: GraphServer) -> None:
    graph.reset(tenant(1, 1), ALL)
    run, report = lint()
    assert run.status == 3
    assert {row["name"].partition(", ")[2]: row["remedy"].split()[1] for row in unread(report)} == {
        "sponsors of agent identity blueprints": "AgentIdentityBlueprint.Read.All",
        "blueprints and sponsors of agent identities": "AgentIdentity.Read.All",
    }
    (agent,) = [row for row in report["registrations"] if row.get("object_kind") == "agent identity"]
    assert (agent["granted"], agent["inherited_unread"]) == ([], True)


def test_forty_blueprints_with_two_thousand_agents_cost_at_most_sixty_requests_more(
    lint: Lint, graph: GraphServer
) -> None:
    graph.reset(Directory(2), ALL | READ_AGENTS)
    lint("--format", "json")
    before = len(graph.requests)
    graph.reset(tenant(40, 50), ALL | READ_AGENTS)
    _, report = lint("--format", "json")
    assert unread(report) == []
    assert sum("/users/microsoft.graph.agentUser" in one for one in graph.requests) == 3
    assert len(graph.requests) - before <= 60


def agent_rows(report: dict[str, Any]) -> list[dict[str, Any]]:
    return [row for row in report["registrations"] if row.get("object_kind") == "agent identity"]


def test_an_agent_names_its_user_account_and_nothing_else_of_it_is_kept(
    lint: Lint, graph: GraphServer, grantlint: Callable[..., Run]
) -> None:
    directory = tenant(1, 2)
    (account, _) = directory.agent_users
    directory.agent_users = [account]
    graph.reset(directory, ALL | READ_AGENTS)
    _, report = lint()
    assert [row.get("agent_user", "") for row in agent_rows(report)] == [account["id"], ""]
    assert not any(row.get("agent_user_unread") for row in agent_rows(report))
    grantlint("snapshot", "--tenant", TENANT, "-o", "t.jsonl")
    kept = Path("t.jsonl").read_text()
    assert account["id"] in kept
    assert account["displayName"] not in kept
    assert account["userPrincipalName"] not in kept


@pytest.mark.parametrize(("status", "remedy"), [(403, "grant User.ReadBasic.All"), (404, "look for them"), (503, "")])
def test_user_accounts_that_were_not_read_are_not_known(
    lint: Lint, graph: GraphServer, status: int, remedy: str
) -> None:
    graph.reset(tenant(1, 1), ALL | READ_AGENTS)
    graph.faults = [Fault(kind="status", match="/users/", status=status, times=99)]
    run, report = lint("--preview")
    assert run.status == 3
    (row,) = unread(report)
    assert row["name"].endswith(", user accounts of agents")
    assert row["remedy"].startswith(remedy)
    assert agent_rows(report)[0]["agent_user_unread"]


def test_a_graph_without_agents_has_no_user_accounts_of_them(lint: Lint, graph: GraphServer) -> None:
    graph.reset(Directory(2), ALL)
    graph.faults = [Fault(kind="status", match="/users/", status=404, times=99)]
    _, report = lint()
    assert unread(report) == []


def test_an_account_without_its_agent_identity_is_not_known(lint: Lint, graph: GraphServer) -> None:
    directory = tenant(1, 2)
    directory.agent_users[0]["identityParentId"] = None
    graph.reset(directory, ALL | READ_AGENTS)
    _, report = lint()
    assert [row["remedy"] for row in unread(report)] == ["grant User.Read.All to the identity that reads"]
    assert [bool(row.get("agent_user_unread")) for row in agent_rows(report)] == [True, False]


def test_fast_reads_nothing_of_agents_and_only_reads_the_chosen_blueprint(
    grantlint: Callable[..., Run], lint: Lint, graph: GraphServer
) -> None:
    directory = tenant(2, 1)
    graph.reset(directory, ALL | READ_AGENTS)
    _, report = lint("--fast")
    assert not [one for one in graph.requests if "microsoft.graph.agent" in one]
    assert "skipped because of --fast" in {row["note"] for row in unread(report)}

    graph.requests.clear()
    name = directory.applications[-1]["displayName"]
    _, report = lint("--only", name)
    (row,) = [row for row in report["registrations"] if row["kind"] == "registration"]
    assert (row["name"], row["object_kind"]) == (name, "blueprint")
    assert unread(report) == []
    assert not [one for one in graph.requests if "/users/" in one or "microsoft.graph.agentIdentity?" in one]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("where", ["/users/", "agentIdentityBlueprint?", "microsoft.graph.agentIdentity?"])
def test_a_reading_that_broke_at_agents_goes_on(
    grantlint: Callable[..., Run], lint: Lint, graph: GraphServer, where: str
) -> None:
    graph.reset(tenant(2, 120), ALL | READ_AGENTS)
    _, once = lint()
    after = int(where.endswith("agentIdentity?"))  # in the middle of a list of several pages
    stop = Fault(kind="call", match=where, after=after, call=lambda: os.kill(os.getpid(), signal.SIGINT))
    graph.faults = [stop]
    assert grantlint("snapshot", "--tenant", TENANT, "-o", "t.jsonl").status == 3
    graph.faults = []
    assert grantlint("snapshot", "--tenant", TENANT, "-o", "t.jsonl").status == 0
    grantlint("lint", "t.jsonl", "-o", "again.json")
    again = rows_of(Path("again.json").read_text())
    assert len(again["registrations"]) == len(once["registrations"])
    agents = agent_rows(again)
    assert agents == agent_rows(once)
    assert len({row["agent_user"] for row in agents}) == 240
