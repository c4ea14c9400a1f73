"""``grantlint lint --tenant`` when Graph throttles, breaks, misleads or answers what nobody expects."""

import asyncio
import json
import os
import signal
import threading
from collections.abc import Callable

import pytest

from advisor.sources.graph import throttling
from advisor.sources.graph.progress import ProgressListener
from tests.advisor.run.tenant.shown import Lint, names, unread
from tests.conftest import Run
from tests.graph_server import names as graph_names
from tests.graph_server.directory import TENANT, large
from tests.graph_server.faults import Fault
from tests.graph_server.server import GraphServer

APPLICATIONS = "/applications?$select"


def test_throttling_waits_as_long_as_graph_says(lint: Lint, graph: GraphServer, waits: list[float]) -> None:
    graph.faults = [Fault(kind="status", match=APPLICATIONS, status=429, headers={"Retry-After": "7"}, times=2)]
    run, report = lint()
    assert waits == [7.0, 7.0]
    assert len(names(report)) == 6
    assert unread(report) == []
    assert "waiting 7 s: Graph answered 429" in run.err


def test_a_date_in_retry_after_is_held_against_the_answers_own_date(
    lint: Lint, graph: GraphServer, waits: list[float]
) -> None:
    headers = {"Retry-After": "Tue, 24 Nov 2099 10:00:30 GMT", "Date": "Tue, 24 Nov 2099 10:00:00 GMT"}
    graph.faults = [Fault(kind="status", match=APPLICATIONS, status=503, headers=headers)]
    lint()
    assert len(waits) == 1


def test_without_retry_after_the_wait_doubles(lint: Lint, graph: GraphServer, waits: list[float]) -> None:
    graph.faults = [Fault(kind="status", match=APPLICATIONS, status=503, times=3)]
    _, report = lint()
    assert unread(report) == []
    assert len(waits) == 3
    assert all(0.75 * 2**turn <= wait <= 1.25 * 2**turn for turn, wait in enumerate(waits))


@pytest.mark.parametrize("status", [429, 503])
def test_endless_throttling_is_a_part_that_was_not_read(lint: Lint, graph: GraphServer, status: int) -> None:
    graph.faults = [Fault(kind="status", match="/oauth2PermissionGrants", status=status, times=99)]
    run, report = lint()
    assert run.status == 3
    assert [(row["name"].partition(", ")[2], row["note"]) for row in unread(report)] == [
        ("granted delegated permissions", f"Graph repeatedly answered {status} Broken")
    ]
    assert len(names(report)) == 6


def test_a_wait_that_nobody_would_sit_through_is_not_begun(lint: Lint, graph: GraphServer, waits: list[float]) -> None:
    graph.faults = [
        Fault(kind="status", match="/oauth2Permission", status=429, headers={"Retry-After": "86400"}, times=9)
    ]
    run, _ = lint()
    assert waits == []
    assert run.status == 3


def test_a_token_that_expires_in_the_middle_is_renewed_once(lint: Lint, graph: GraphServer) -> None:
    graph.reset(large(1000))
    graph.faults = [Fault(kind="revoke", match="$skiptoken")]
    _, report = lint("--fast", "--select", "no-owner")
    assert len(names(report)) == 1000
    assert len(graph.scopes) == 2


def test_tokens_that_are_never_accepted_end_the_reading(lint: Lint, graph: GraphServer) -> None:
    graph.faults = [Fault(kind="status", match="", status=401, times=999)]
    run, report = lint()
    assert run.status == 3
    assert names(report) == []
    assert "the token was not accepted (401 Broken); sign in again" in run.err


def test_a_connection_that_breaks_is_made_again(lint: Lint, graph: GraphServer, waits: list[float]) -> None:
    graph.faults = [Fault(kind="reset", match=APPLICATIONS, times=2)]
    _, report = lint()
    assert len(names(report)) == 6
    assert unread(report) == []
    assert len(waits) == 2


def test_a_connection_that_always_breaks_is_a_part_that_was_not_read(lint: Lint, graph: GraphServer) -> None:
    graph.faults = [Fault(kind="reset", match="/servicePrincipals?", times=99)]
    run, report = lint()
    assert run.status == 3
    assert unread(report)[0]["name"].endswith(", service principals")
    assert "the connection to Graph broke" in unread(report)[0]["note"]


@pytest.mark.parametrize(
    "fault",
    [
        Fault(kind="truncated", match=APPLICATIONS),
        Fault(kind="body", match=APPLICATIONS, body=b"<html>Bad gateway</html>"),
        Fault(kind="body", match=APPLICATIONS, body=b'{"value": [{"id": "x", "appId"'),
        Fault(kind="body", match=APPLICATIONS, body=b""),
    ],
    ids=["truncated", "html", "half", "empty"],
)
def test_a_broken_answer_is_asked_for_again(lint: Lint, graph: GraphServer, fault: Fault) -> None:
    fault.met = 0
    graph.faults = [fault]
    _, report = lint()
    assert len(names(report)) == 6
    assert unread(report) == []


def test_an_answer_that_stays_broken_is_not_read(lint: Lint, graph: GraphServer) -> None:
    graph.faults = [Fault(kind="body", match=APPLICATIONS, body=b"<html>", times=99)]
    run, report = lint()
    assert run.status == 3
    assert names(report) == []
    assert "answered with an HTML page or text, not JSON" in " ".join(run.err.split())


def test_one_failing_part_of_a_batch_costs_that_part_alone(lint: Lint, graph: GraphServer) -> None:
    graph.faults = [Fault(kind="status", match="part /policies/adminConsentRequestPolicy", status=403, times=9)]
    run, report = lint()
    assert [row["name"] for row in unread(report)] == [f"{TENANT}, admin consent workflow"]
    assert run.status == 3


def test_owners_of_some_applications_that_fail_are_unread_on_those_alone(lint: Lint, graph: GraphServer) -> None:
    graph.reset(large(30))
    graph.faults = [
        Fault(kind="status", match="part /applications?$expand=owners&$filter=id%20in%20%28%270000000f", status=404)
    ]
    run, report = lint("--select", "no-owner")
    gaps = [gap for gap in report["not_assessed"] if gap["pointer"] == "/owners"]
    assert len(gaps) == 15
    assert len({gap["registration"] for gap in gaps}) == 15
    assert len(report["findings"]) == 7  # every second one of the other fifteen has no owner
    assert run.status == 3


def test_a_throttled_part_of_a_batch_is_asked_for_again_by_itself(
    lint: Lint, graph: GraphServer, waits: list[float]
) -> None:
    graph.faults = [Fault(kind="status", match="part /organization", status=429, headers={"Retry-After": "3"})]
    _, report = lint()
    assert waits == [3.0]
    assert unread(report) == []
    assert sum(address.startswith("/organization") for address in graph.batched) == 2
    assert sum(address.startswith("/policies/authorizationPolicy") for address in graph.batched) == 1


def test_a_link_to_another_host_is_refused_and_the_token_stays_home(lint: Lint, graph: GraphServer) -> None:
    port = graph.endpoint.rpartition(":")[2]
    graph.faults = [
        Fault(kind="foreign-link", match=APPLICATIONS, body=f"https://127.0.0.1:{port}/v1.0/applications".encode())
    ]
    run, report = lint()
    assert graph.foreign == []
    assert len(names(report)) == 6
    assert run.status == 3
    assert f"the next page is said to lie on 127.0.0.1:{port}; not followed" in run.err


@pytest.mark.parametrize(
    "link", ["http://localhost/v1.0/applications", "//evil.example/x", "https://localhost@evil.example/"]
)
def test_links_that_only_look_like_home_are_refused(lint: Lint, graph: GraphServer, link: str) -> None:
    graph.faults = [Fault(kind="foreign-link", match=APPLICATIONS, body=link.encode())]
    run, _ = lint()
    assert run.status == 3
    assert "not followed, so that the token stays here" in run.err


def test_a_link_that_leads_to_itself_ends(lint: Lint, graph: GraphServer) -> None:
    graph.faults = [Fault(kind="loop-link", match=APPLICATIONS, times=99)]
    run, report = lint("--fast")
    assert len(names(report)) == 6
    assert run.status == 3
    assert "refers to a page that was already read" in run.err
    assert sum(request.startswith("GET /applications") for request in graph.requests) == 2


def test_a_redirect_is_not_followed(lint: Lint, graph: GraphServer) -> None:
    port = graph.endpoint.rpartition(":")[2]
    headers = {"Location": f"https://127.0.0.1:{port}/v1.0/applications"}
    graph.faults = [Fault(kind="status", match=APPLICATIONS, status=302, headers=headers, times=9)]
    run, _ = lint()
    assert graph.foreign == []
    assert run.status == 3
    assert "Graph answered with a redirect" in run.err


def test_a_property_of_an_unexpected_type_costs_that_value_of_that_application(lint: Lint, graph: GraphServer) -> None:
    graph.graph.directory.applications[2]["web"] = {"redirectUris": [], "implicitGrantSettings": 5}
    graph.graph.directory.applications[4]["signInAudience"] = {"what": "ever"}
    run, report = lint()
    assert len(names(report)) == 6
    assert run.status == 3
    assert unread(report)[0]["note"] == (
        "a value of an unexpected type in Application 2 (web.implicitGrantSettings), Application 4 (signInAudience)"
    )
    gaps = [gap for gap in report["not_assessed"] if gap["pointer"] != "/roleGroups"]
    assert {gap["registration"][:8] for gap in gaps} == {"00000002", "00000004"}
    assert {gap["reason"] for gap in gaps} == {"malformed"}


def test_an_application_that_is_no_object_is_counted_and_the_rest_go_on(lint: Lint, graph: GraphServer) -> None:
    graph.graph.directory.applications[1]["id"] = 7
    run, report = lint()
    assert len(names(report)) == 6
    assert run.status == 3


def test_a_service_principal_of_an_unexpected_type_makes_that_part_incomplete(lint: Lint, graph: GraphServer) -> None:
    graph.graph.directory.principals[3]["tags"] = "none"
    run, report = lint()
    assert run.status == 3
    assert unread(report)[0]["status"] == "partly"
    assert unread(report)[0]["note"] == "1 of them contain a value of an unexpected type"


def test_what_was_read_before_ctrl_c_is_checked_as_a_part(lint: Lint, graph: GraphServer) -> None:
    graph.reset(large(1010))
    graph.faults = [Fault(kind="call", also="$skiptoken=999", call=lambda: os.kill(os.getpid(), signal.SIGINT))]
    run, report = lint("--fast", "--select", "no-owner")
    assert run.status == 3
    assert len(names(report)) == 999
    assert unread(report)[0]["note"] == "stopped after 999 applications"
    assert "stopped; the result is incomplete" in run.err


def test_a_wait_that_graph_asks_for_and_that_is_too_long_is_named(lint: Lint, graph: GraphServer) -> None:
    graph.faults = [
        Fault(kind="status", match="/oauth2Permission", status=429, headers={"Retry-After": "86400"}, times=9)
    ]
    _, report = lint()
    assert [(row["note"], row["remedy"]) for row in unread(report)] == [
        ("Graph answered 429 and requests to wait 86,400 seconds", "read the tenant again after that time")
    ]


def test_an_internal_error_is_permanent_after_three_tries(lint: Lint, graph: GraphServer, waits: list[float]) -> None:
    graph.faults = [Fault(kind="status", match="/oauth2PermissionGrants", status=500, times=99)]
    lint()
    assert len(waits) == 2


def test_a_part_that_always_fails_is_sent_again_after_all_others(lint: Lint, graph: GraphServer) -> None:
    graph.reset(large(700))  # three batches of owners
    graph.faults = [
        Fault(
            kind="status",
            match="part /applications?$expand=owners&$filter=id%20in%20%28%2700000000",
            status=500,
            times=99,
        )
    ]
    lint("--select", "no-owner")
    owners = [address for address in graph.batched if address.startswith("/applications?$expand=owners")]
    failing = [address for address in owners if "%28%2700000000" in address]
    assert len(failing) == 3
    assert owners[-2:] == failing[-2:]


def test_the_time_of_a_run_is_limited(lint: Lint, graph: GraphServer, waits: list[float]) -> None:
    graph.faults = [Fault(kind="status", match="/oauth2Permission", status=503, headers={"Retry-After": "30"})]
    run, report = lint("--timeout", "20")
    assert waits == []
    assert run.status == 3
    assert [(row["note"], row["remedy"]) for row in unread(report)] == [
        ("the time of --timeout is over", "raise --timeout")
    ]
    assert len(names(report)) == 6


def test_an_answer_that_does_not_end_ends_with_the_time_of_the_run(lint: Lint, graph: GraphServer) -> None:
    let_go = threading.Event()
    graph.faults = [Fault(kind="call", match=APPLICATIONS, call=lambda: let_go.wait(20) and None)]
    run, report = lint("--timeout", "1", "--select", "no-owner")
    let_go.set()
    assert run.status == 3
    assert names(report) == []
    assert {(row["note"], row["remedy"]) for row in unread(report)} == {
        ("the time of --timeout is over", "raise --timeout")
    }


def test_requests_that_are_throttled_together_wait_together(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[float] = []

    async def sleep(seconds: float) -> None:
        taken.append(seconds)
        await asyncio.sleep(seconds)

    monkeypatch.setattr(throttling, "sleep", sleep)
    budget = throttling.RetryBudget(ProgressListener())

    async def wait() -> None:
        await asyncio.gather(*(budget.wait(0.1, "Graph answered 429") for _ in range(4)))

    asyncio.run(wait())
    assert 0.1 <= sum(taken) < 0.2


@pytest.mark.parametrize("status", [400, 403, 404])
def test_a_page_of_a_proxy_is_no_refusal_of_the_tenant(lint: Lint, graph: GraphServer, status: int) -> None:
    graph.faults = [Fault(kind="status", match=APPLICATIONS, status=status, body=b"<html>Blocked</html>", times=9)]
    run, report = lint()
    assert run.status == 3
    (row,) = unread(report)
    assert row["note"].startswith(f"localhost answered {status} with an HTML page or text, not JSON")
    assert row["remedy"] == "open a browser to sign in to the network, or check HTTPS_PROXY"


def test_an_answer_of_a_proxy_and_one_that_was_not_repeated_are_named_so(lint: Lint, graph: GraphServer) -> None:
    graph.faults = [
        Fault(kind="status", match="/oauth2PermissionGrants", status=407),
        Fault(kind="status", match="/servicePrincipals?", status=501),
    ]
    _, report = lint("--select", "no-owner")
    assert {(row["note"], row["remedy"]) for row in unread(report)} == {
        ("the proxy refused the connection (407 Broken)", "check HTTPS_PROXY and NO_PROXY"),
        ("Graph answered 501 Broken", "read the tenant again later"),
    }


@pytest.mark.parametrize("name", ["isDisabled", "authenticationBehaviors"])
def test_a_property_that_a_cloud_does_not_know_costs_that_property_alone(
    lint: Lint, graph: GraphServer, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(graph_names, "APPLICATION", graph_names.APPLICATION - {name})
    _, report = lint()
    assert len(names(report)) == 6
    assert unread(report) == []


def test_policies_on_a_second_page_are_read(lint: Lint, graph: GraphServer) -> None:
    path = "/identity/conditionalAccess/policies"
    whole = graph.graph.directory.policies[path]
    assert isinstance(whole, list)
    rest = f"{path}?$skiptoken=1"
    graph.faults = [
        Fault(
            kind="body",
            match=f"part {path}",
            body=json.dumps({"value": [], "@odata.nextLink": f"{graph.endpoint}/v1.0{rest}"}).encode(),
        )
    ]
    _, report = lint()
    assert unread(report) == []
    assert f"GET {rest}" in graph.requests


def test_an_audience_that_this_version_does_not_know_is_not_assessed(lint: Lint, graph: GraphServer) -> None:
    graph.graph.directory.applications[1]["signInAudience"] = "AzureADFuture"
    _, report = lint("--only", "Application 1", "--select", "audience")
    assert report["findings"] == []
    gaps = {gap["pointer"]: gap["note"] for gap in report["not_assessed"]}
    assert gaps["/signInAudience"].startswith("AzureADFuture is not one of AzureADMyOrg, ")


def test_a_federated_credential_with_an_expression_has_no_subject_that_v1_returns(
    lint: Lint, graph: GraphServer
) -> None:
    directory = graph.graph.directory
    common = {"issuer": "https://token.actions.githubusercontent.com", "audiences": ["api://AzureADTokenExchange"]}
    directory.federated[directory.applications[1]["id"]] = [{"id": "f", "name": "f", "subject": None, **common}]
    _, report = lint("--only", "Application 1", "--select", "federation")
    assert {row["rule"] for row in report["findings"]} == {"secret-beside-federation"}
    assert "broad-federated-expression" in {gap["rule"] for gap in report["not_assessed"]}


def _flexible(graph: GraphServer) -> None:
    """Give Application 1 a federated credential whose expression accepts every branch of every repository."""
    directory = graph.graph.directory
    directory.federated[directory.applications[1]["id"]] = [
        {
            "id": "f",
            "name": "f",
            "issuer": "https://token.actions.githubusercontent.com",
            "audiences": ["api://AzureADTokenExchange"],
            "subject": None,
            "claimsMatchingExpression": {"value": "claims['sub'] matches 'repo:contoso/*'", "languageVersion": 1},
        }
    ]


@pytest.mark.parametrize("only", [(), ("--only", "Application 1")], ids=["whole tenant", "one application"])
def test_an_expression_is_read_from_beta_on_request(lint: Lint, graph: GraphServer, only: tuple[str, ...]) -> None:
    _flexible(graph)
    _, report = lint("--select", "broad-federated-expression", "--beta", *only)
    assert [row["rule"] for row in report["findings"]] == ["broad-federated-expression"]
    assert (report["not_assessed"], unread(report)) == ([], [])
    assert sum("/beta/" in request for request in graph.requests) == 1


@pytest.mark.parametrize(
    ("fault", "note"),
    [
        (Fault(kind="status", match="/beta/", status=403, times=9), "the tenant denied the request (403 Broken)"),
        (Fault(kind="status", match="/beta/", status=404, times=9), "Graph no longer has the object (404 Broken)"),
        (Fault(kind="body", match="/beta/", body=b'{"value": [{"id": "f", "subject": null}]}'), "did not return"),
    ],
    ids=["403", "404", "a cloud without it"],
)
def test_an_expression_that_beta_does_not_return_is_not_assessed(
    lint: Lint, graph: GraphServer, fault: Fault, note: str
) -> None:
    _flexible(graph)
    fault.met = 0
    graph.faults = [fault]
    run, report = lint("--select", "broad-federated-expression", "--beta")
    assert run.status == 3
    assert report["findings"] == []
    assert [row["name"] for row in unread(report)] == [f"{TENANT}, expressions of federated credentials"]
    assert note in unread(report)[0]["note"]
    assert {gap["pointer"] for gap in report["not_assessed"]} == {
        "/federatedIdentityCredentials/0/claimsMatchingExpression/value"
    }


@pytest.mark.usefixtures("folder")
def test_a_snapshot_has_the_expressions_of_beta(grantlint: Callable[..., Run], graph: GraphServer) -> None:
    _flexible(graph)
    assert grantlint("snapshot", "--tenant", TENANT, "--beta", "-o", "t.jsonl", "-q").status == 0
    run = grantlint("lint", "t.jsonl", "--select", "broad-federated-expression", "--concise", "-q")
    assert "broad-federated-expression" in run.out
    assert run.status == 1
