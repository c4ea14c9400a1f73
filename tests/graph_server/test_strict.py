"""The local Graph is strict where Graph is: what passes here is no accident."""

import json

import pytest

from tests.graph_server import names
from tests.graph_server.directory import Directory, application, user
from tests.graph_server.graph import Graph
from tests.graph_server.odata import Refused
from tests.graph_server.server import GraphServer

EVENTUAL = {"consistencylevel": "eventual"}


@pytest.fixture
def strict() -> Graph:
    return Graph(Directory(250), names.ALL, "https://localhost/v1.0")


@pytest.mark.parametrize(
    "query",
    [
        "$select=id,appIdd",
        "$select=owners",
        "$top=1000",
        "$top=0",
        "$top=many",
        "$skip=5",
        "top=5",
        "$filter=federatedIdentityCredentials/$count ne 0",
        "$filter=displayName ne 'x'&$count=true",
        "$count=true",
        "$expand=owners,federatedIdentityCredentials",
        "$expand=owners($select=id)",
        f"$filter=id in ({','.join(repr(str(number)) for number in range(16))})",
        "$filter=displayName like 'x'",
    ],
)
def test_what_graph_does_not_know_is_400(strict: Graph, query: str) -> None:
    with pytest.raises(Refused) as refused:
        strict.get("/applications", query, {})
    assert refused.value.status == 400


def test_expand_is_not_for_advanced_queries(strict: Graph) -> None:
    with pytest.raises(Refused, match="not supported with advanced"):
        strict.get("/applications", "$expand=owners", EVENTUAL)
    strict.get("/applications", "$filter=federatedIdentityCredentials/$count ne 0&$count=true", EVENTUAL)


def test_expand_makes_pages_small_and_cuts_relations_off(strict: Graph) -> None:
    strict.directory.owners[application(0)["id"]] = [user(number) for number in range(30)]
    page = json.loads(strict.get("/applications", "$expand=owners&$top=999", {}))
    assert len(page["value"]) == 100
    assert len(page["value"][0]["owners"]) == 20
    assert len(json.loads(strict.get("/applications", "$top=999", {}))["value"]) == 250


def test_without_a_permission_the_answer_is_403() -> None:
    with pytest.raises(Refused) as refused:
        Graph(Directory(), frozenset(("Application.Read.All",)), "").get("/policies/authorizationPolicy", "", {})
    assert refused.value.status == 403


def test_no_token_is_401_and_more_than_twenty_parts_are_400(graph_server: GraphServer) -> None:
    graph_server.reset()
    with pytest.raises(Refused) as refused:
        graph_server.graph_for("")
    assert refused.value.status == 401
    with pytest.raises(Refused) as refused:
        graph_server.graph_for("Bearer made-up")
    assert refused.value.status == 401
