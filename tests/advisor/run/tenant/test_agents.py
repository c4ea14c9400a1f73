"""Reading agent identity blueprints and agent identities of a tenant."""

from tests.advisor.run.tenant.shown import Lint, unread
from tests.graph_server.directory import READ_AGENTS, Directory, add_agents
from tests.graph_server.names import ALL
from tests.graph_server.server import GraphServer


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
    assert len(graph.requests) - before <= 60
