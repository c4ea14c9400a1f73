"""``--usage live``: the use that a tenant shows itself, and what is not known where it shows none."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from advisor.run.session import clock_utc
from tests.advisor.run.tenant.shown import Lint, unread
from tests.conftest import Run
from tests.graph_server.directory import OTHER_TENANT, TENANT
from tests.graph_server.faults import Fault
from tests.graph_server.names import ALL
from tests.graph_server.server import GraphServer

REPORT = "/beta/reports"
SIGN_INS = "/beta/auditLogs"
KINDS = ("servicePrincipal", "interactiveUser", "nonInteractiveUser")


def app_id(number: int) -> str:
    return f"{number:08x}-1111-4111-8111-111111111111"


def days_ago(days: float) -> str:
    return (clock_utc() - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


def activity(number: int, days: float, name: str = "delegatedClientSignInActivity") -> dict[str, Any]:
    when = {"lastSignInDateTime": days_ago(days), "lastSuccessfulSignInDateTime": days_ago(days)}
    return {"id": "x", "appId": app_id(number), name: when, "lastSignInActivity": when}


def sign_in(number: int, kind: str, days: float, **values: Any) -> dict[str, Any]:
    return {
        "createdDateTime": days_ago(days),
        "appId": app_id(number),
        "resourceId": "00000003-0000-0000-c000-000000000000",
        "signInEventTypes": [kind],
        "userId": "a-user",
        "authenticationProtocol": "clientCredentials" if kind == "servicePrincipal" else "authorizationCodeWithPkce",
        "status": {"errorCode": 0},
    } | values


@pytest.fixture
def used(graph: GraphServer) -> GraphServer:
    """A tenant whose first application signs users in, and whose second has been silent for 200 days."""
    directory = graph.graph.directory
    directory.activities = [activity(0, 3), activity(1, 200), activity(2, 300)]
    directory.sign_ins = [sign_in(0, kind, days) for kind in KINDS for days in range(30)]
    directory.sign_in_page = 7
    return graph


def uses(report: dict[str, Any], number: int) -> dict[str, dict[str, Any]]:
    key = next(row["key"] for row in report["registrations"] if row["app_id"] == app_id(number))
    row = next(row for row in report["usage"] if row["registration"] == key)
    return {entry["grant"]: entry for entry in row["entries"]}


def test_last_sign_ins_are_read_page_by_page(lint: Lint, used: GraphServer) -> None:
    run, report = lint("--usage", "live")
    assert run.status == 1
    assert unread(report) == []
    assert sum(REPORT in one for one in used.requests) == 2
    assert not any(SIGN_INS in one for one in used.requests)
    assert "AuditLog.Read.All" in run.err
    silent = uses(report, 3)["authorization_code"]
    assert (silent["used"], silent["sources"]) == ("not-seen", ["servicePrincipalSignInActivities"])
    assert (
        uses(report, 0)["authorization_code"]["used"] == "not-known"
    )  # it signed users in, by a grant that is not said


def test_without_the_option_no_use_is_read(lint: Lint, used: GraphServer) -> None:
    _, report = lint()
    assert not any("/beta/" in one for one in used.requests)
    assert not report.get("usage")


@pytest.mark.parametrize(
    ("status", "body", "remedy"),
    [
        (400, b"", "pass sign-in logs to --usage"),
        (404, b"", "pass sign-in logs to --usage"),
        (403, b"", "grant AuditLog.Read.All to the identity that reads; a user also needs the role Reports Reader"),
        (403, b'{"error":{"code":"Authentication_RequestFromNonPremiumTenantOrB2CTenant","message":"x"}}', "P1 or P2"),
    ],
)
def test_a_refused_list_is_not_known_and_nothing_is_unused(
    lint: Lint, used: GraphServer, status: int, body: bytes, remedy: str
) -> None:
    used.faults = [Fault(kind="status", match=REPORT, status=status, body=body, times=9)]
    run, report = lint("--usage", "live")
    assert run.status == 3
    (row,) = unread(report)
    assert row["name"] == f"{TENANT}, last sign-ins of applications"
    assert remedy in row["remedy"]
    entries = [one for app in report["usage"] for one in app["entries"]]
    assert {one["used"] for one in entries} == {"not-known"}
    assert str(status) in uses(report, 3)["authorization_code"]["why"]


def test_without_the_permission_the_rest_of_the_tenant_is_read(lint: Lint, used: GraphServer) -> None:
    used.graph.permissions = ALL - {"AuditLog.Read.All"}
    run, report = lint("--usage", "live:30d")
    assert run.status == 3
    assert [row["name"].partition(", ")[2] for row in unread(report)] == ["last sign-ins of applications, sign-ins"]
    assert report["findings"]


def test_in_a_national_cloud_the_list_is_not_requested(
    used: GraphServer, lint: Lint, monkeypatch: pytest.MonkeyPatch
) -> None:
    from advisor.sources.graph import usage as live
    from advisor.sources.graph.clouds import Place

    place = Place(used.endpoint, used.endpoint.removeprefix("https://"))
    monkeypatch.setattr(live, "clouds", lambda: {"global": Place("https://graph.microsoft.com", "x"), "china": place})
    _, report = lint("--usage", "live")
    assert not any("/beta/" in one for one in used.requests)
    assert "global cloud only" in uses(report, 3)["authorization_code"]["why"]


def test_sign_ins_are_read_with_an_estimate_at_the_allowed_pace(
    lint: Lint, used: GraphServer, waits: list[float]
) -> None:
    run, report = lint("--usage", "live:30d")
    assert unread(report) == []
    assert "sign-ins of 30 days: about 15 requests and 1 minute, at five requests in ten seconds" in run.err
    assert len(waits) == sum("/beta/" in one for one in used.requests) - 1
    assert set(waits) == {2.0}
    code = uses(report, 0)["authorization_code"]
    assert (code["used"], code["count"]) == ("seen", 60)
    assert uses(report, 1)["authorization_code"]["used"] == "not-seen"
    assert "a-user" not in json.dumps(report)


def test_what_was_read_before_the_time_was_over_is_kept_with_its_reach(lint: Lint, used: GraphServer) -> None:
    used.faults = [Fault(kind="status", match=SIGN_INS, status=429, headers={"Retry-After": "599"}, after=9, times=99)]
    run, report = lint("--usage", "live:30d", "--timeout", "500")
    assert run.status == 3
    (row,) = unread(report)
    assert (row["status"], row["note"]) == ("partly", "the time of --timeout is over")
    reach = {one["kind"]: one for one in report["reach"] if not one.get("is_activity")}
    assert {one["start"] for one in reach.values()} == {days_ago(20)[:10]}  # three pages of seven days each
    assert all(not one.get("why") for one in reach.values())
    assert uses(report, 0)["authorization_code"]["used"] == "seen"


def test_a_kind_without_a_record_is_not_known(lint: Lint, used: GraphServer) -> None:
    used.graph.directory.activities = []
    used.graph.directory.sign_ins = [sign_in(0, "interactiveUser", days) for days in range(30)]
    _, report = lint("--usage", "live:30d")
    entry = uses(report, 1)["client_credentials"]
    assert (entry["used"], entry["why"]) == (
        "not-known",
        "service principal sign-ins from Graph beta: it has no record, which does not prove that nothing was used",
    )


def test_a_snapshot_keeps_the_use_without_users(used: GraphServer, lint: Lint, grantlint: Callable[..., Run]) -> None:
    run = grantlint("snapshot", "--tenant", TENANT, "-o", "tenant.jsonl", "--usage", "live:30d", "-q")
    assert (run.status, run.err) == (0, "")
    assert "a-user" not in Path("tenant.jsonl").read_text()
    _, live = lint("--usage", "live:30d")
    grantlint("lint", "tenant.jsonl", "-o", "stored.json")
    assert json.loads(Path("stored.json").read_text())["usage"] == live["usage"]


def test_what_live_may_be(grantlint: Callable[..., Run]) -> None:
    for arguments, words in (
        (("--tenant", TENANT, "--usage", "live:90d"), "expected live, or live:1d to live:30d"),
        (("--tenant", TENANT, "--tenant", OTHER_TENANT, "--usage", "live"), "reads the use of one tenant"),
        (("app.json", "--usage", "live"), "--usage live needs --tenant"),
    ):
        run = grantlint("lint", *arguments)
        assert run.status == 2
        assert words in run.err
    run = grantlint("snapshot", "--tenant", TENANT, "-o", "x", "--usage", "log.csv")
    assert (run.status, "pass files of sign-ins to lint" in run.err) == (2, True)


def test_advice_starts_from_what_the_tenant_shows(
    grantlint: Callable[..., Run], used: GraphServer, waits: list[float], folder: Path
) -> None:
    said = "user-present=yes", "web-legacy=nothing", "hosted-on=elsewhere", "holds-key=yes", "runs-in=server"
    answers = [word for one in said for word in ("-a", one)]
    registration = "-r", f"tenant:{TENANT}#Application 0"
    run = grantlint("advise", *registration, "--usage", "live:30d", *answers, "--format", "json")
    assert run.status == 0, run.err
    (advice,) = json.loads(run.out)["advices"]
    use = {entry["grant"]: entry["used"] for entry in advice["fit"]["use"]}
    assert use["authorization_code"] == "seen"
    assert {one["kind"] for one in advice["fit"]["reach"]} >= set(KINDS)
    used.faults = [Fault(kind="status", match=REPORT, status=403, body=b"{}", times=9)]
    run = grantlint("advise", *registration, "--usage", "live", *answers, "--format", "json")
    assert run.status == 3
    assert "last sign-ins of applications" in run.err
    (advice,) = json.loads(run.out)["advices"]
    assert {entry["used"] for entry in advice["fit"]["use"]} == {"not-known"}
