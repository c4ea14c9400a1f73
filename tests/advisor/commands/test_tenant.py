"""``grantlint lint --tenant`` against a Graph that is as strict as the real one, with the real SDK and azure-identity."""

import json
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Run
from tests.graph_server.directory import OTHER_TENANT, TENANT, Directory, application, large, user
from tests.graph_server.faults import Fault
from tests.graph_server.server import GraphServer

APPLICATIONS = "/applications?$select"
Lint = Callable[..., tuple[Run, dict[str, Any]]]


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
        return run, json.loads(text)

    yield call
    text = "\n".join(shown)
    assert "never-shown" not in text
    assert "Traceback" not in text
    assert "internal error" not in text


def unread(report: dict[str, Any]) -> list[dict[str, Any]]:
    return [row for row in report["inputs"] if row["status"] != "read"]


def names(report: dict[str, Any]) -> list[str]:
    return [row["name"] for row in report["registrations"] if row["kind"] == "registration"]


def test_a_tenant_is_read_whole_and_judged(lint: Lint, graph: GraphServer) -> None:
    run, report = lint()
    assert run.status == 1
    assert names(report) == [f"Application {number}" for number in range(6)]
    assert unread(report) == []
    assert {gap["reason"] for gap in report["not_assessed"]} == set()
    assert {row["tenant"] for row in report["registrations"]} == {TENANT}
    finding = next(row for row in report["findings"] if row["rule"] == "plaintext-redirect-uri")
    assert finding["origin"]["property"] == "web.redirectUris[1]"
    assert finding["origin"]["file"] is None


def test_the_way_of_signing_in_and_the_permissions_are_said(lint: Lint) -> None:
    run, _ = lint()
    assert f"{TENANT}: signed in with environment; reads with Application.Read.All, Directory.Read.All" in run.err


def test_a_tenant_may_be_named_by_its_domain(lint: Lint) -> None:
    run, report = lint("--tenant", "contoso.com")
    assert run.status == 1
    assert report["inputs"][0]["name"] == "contoso.com"


def test_the_token_of_another_tenant_reads_nothing(lint: Lint) -> None:
    run, report = lint("--tenant", OTHER_TENANT)
    assert run.status == 3
    assert names(report) == []
    assert f"the identity that reads belongs to the tenant {TENANT}" in run.err
    assert len(unread(report)) == 1


def test_with_application_read_all_alone_each_missing_part_is_named_once_with_its_permission(
    lint: Lint, graph: GraphServer
) -> None:
    graph.reset(Directory(6), frozenset(("Application.Read.All",)))
    run, report = lint()
    assert run.status == 3
    assert len(names(report)) == 6
    assert any(row["rule"] == "plaintext-redirect-uri" for row in report["findings"])
    rows = {(row["name"].partition(", ")[2], row["remedy"]) for row in unread(report)}
    reader = "to the identity that reads"
    assert rows == {
        ("names of owners", f"grant User.ReadBasic.All (or Directory.Read.All) {reader}"),
        ("granted delegated permissions", f"grant Directory.Read.All {reader}"),
        ("verified domains", f"grant Organization.Read.All (or Directory.Read.All) {reader}"),
        ("authorization policy, default app management policy, app management policies, admin consent workflow, Conditional Access policies", f"grant Policy.Read.All {reader}"),
        ("consent policies", f"grant Policy.Read.PermissionGrant {reader}"),
        ("consent settings", f"grant GroupSettings.Read.All (or Directory.Read.All) {reader}"),
    }  # fmt: skip
    (said,) = [line for line in run.err.splitlines() if "authorization policy, default" in line and "not read" in line]
    assert said.count("Policy.Read.All to") == 1
    assert "(403 Authorization_RequestDenied)" in run.err


def test_without_any_permission_nothing_is_judged_and_nothing_is_clean(lint: Lint, graph: GraphServer) -> None:
    graph.reset(Directory(6), frozenset())
    run, report = lint()
    assert run.status == 3
    assert report["summary"]["verdict"] == "incomplete"
    assert "grant Application.Read.All" in run.err


def test_owners_whom_the_reader_may_not_see_are_owners_without_a_name(lint: Lint, graph: GraphServer) -> None:
    graph.reset(Directory(2), frozenset(("Application.Read.All",)))
    _, report = lint("--select", "no-owner")
    assert [row["registration"] for row in report["findings"]] == ["00000001-1111-4111-8111-111111111111"]


def test_fast_reads_the_application_objects_alone_and_says_what_it_left_out(lint: Lint, graph: GraphServer) -> None:
    run, report = lint("--fast")
    assert [request for request in graph.requests if "$batch" not in request] == [
        next(request for request in graph.requests if request.startswith("GET /applications"))
    ]
    assert run.status == 3
    assert [row["note"] for row in unread(report)] == ["left out by --fast"]
    assert {(gap["reason"], gap["remedy"]) for gap in report["not_assessed"]} == {
        ("left-out", "read the tenant without --fast")
    }


@pytest.mark.parametrize(
    ("only", "found"),
    [
        ("Application 3", ["Application 3"]),
        ("00000004-1111-4111-8111-111111111111", ["Application 4"]),
        ("00000004-0000-4000-8000-000000000000", ["Application 4"]),
        ("startswith(displayName, 'Application')", [f"Application {number}" for number in range(6)]),
        ("displayName eq 'Application 1' or displayName eq 'Application 2'", ["Application 1", "Application 2"]),
    ],
)
def test_only_is_a_name_an_id_or_a_filter(lint: Lint, only: str, found: list[str]) -> None:
    run, report = lint("--only", only)
    assert names(report) == found
    assert unread(report) == []
    assert run.status == 1


def test_only_with_a_quote_in_the_name_stays_one_name(lint: Lint, graph: GraphServer) -> None:
    graph.graph.directory.applications.append(application(7, displayName="O'Neil's"))
    assert names(lint("--only", "O'Neil's")[1]) == ["O'Neil's"]


def test_only_that_means_nothing_is_no_clean_run(lint: Lint) -> None:
    run, _ = lint("--only", "Portal")
    assert run.status == 3
    assert "no application is meant by --only Portal" in run.err


def test_only_reads_grants_from_the_side_of_the_client(lint: Lint, graph: GraphServer) -> None:
    lint("--only", "Application 4")
    assert not any(request.startswith(("GET /servicePrincipals", "GET /oauth2")) for request in graph.requests)
    assert "/servicePrincipals/00000004-2222-4222-8222-222222222222/appRoleAssignments" in graph.batched


def test_owners_beyond_the_twenty_that_expand_gives_are_read_too(lint: Lint, graph: GraphServer) -> None:
    directory = graph.graph.directory
    directory.owners[directory.applications[1]["id"]] = [user(number) for number in range(25)]
    _, report = lint()
    assert len(report["registrations"][1]["owners"]) == 25
    assert any(
        address.startswith(f"/applications/{directory.applications[1]['id']}/owners") for address in graph.batched
    )


def test_federated_credentials_are_asked_for_where_there_are_some(lint: Lint, graph: GraphServer) -> None:
    directory = graph.graph.directory
    directory.federated[directory.applications[2]["id"]] = [
        {"id": "f", "name": "ci", "issuer": "https://token.actions.githubusercontent.com", "subject": "repo:a/b:ref:refs/heads/main", "audiences": ["api://AzureADTokenExchange"]}
    ]  # fmt: skip
    lint()
    assert sum("/federatedIdentityCredentials" in address for address in graph.batched) == 1


def test_requests_for_a_thousand_applications(lint: Lint, graph: GraphServer) -> None:
    graph.reset(large(1998))
    lint("--select", "no-owner")
    lists = [request for request in graph.requests if "$batch" not in request]
    # two pages of applications and three of service principals (Graph's own is one more), one list of federated ones, one of grants
    assert len(lists) == 2 + 3 + 1 + 1
    batches = len(graph.requests) - len(lists)
    # owners: 1,998 in parts of 15 and batches of 20, page by page; 20 applications federate; one API; one of policies
    assert batches == 2 * 4 + 1 + 1 + 1


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
        ("granted delegated permissions", f"Graph kept answering {status} Broken")
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
    assert "Graph's answer was broken" in run.err


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
    assert "leads back to a page that was read" in run.err
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
    graph.graph.directory.applications[2]["web"] = {"redirectUris": "not a list of texts", "implicitGrantSettings": 5}
    graph.graph.directory.applications[4]["signInAudience"] = {"what": "ever"}
    run, report = lint()
    assert len(names(report)) == 6
    assert run.status == 3
    assert unread(report)[0]["note"] == (
        "a value of an unexpected type in Application 2 (web.implicitGrantSettings), Application 4 (signInAudience)"
    )
    assert {gap["registration"][:8] for gap in report["not_assessed"]} == {"00000002", "00000004"}
    assert {gap["reason"] for gap in report["not_assessed"]} == {"malformed"}


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
    assert unread(report)[0]["note"] == "1 of them hold a value of an unexpected type"


def test_what_was_read_before_ctrl_c_is_judged_as_a_part(lint: Lint, graph: GraphServer) -> None:
    graph.reset(large(1010))
    graph.faults = [Fault(kind="call", also="$skiptoken=999", call=lambda: os.kill(os.getpid(), signal.SIGINT))]
    run, report = lint("--fast", "--select", "no-owner")
    assert run.status == 3
    assert len(names(report)) == 999
    assert unread(report)[0]["note"] == "stopped after 999 applications"
    assert "stopped; what was read until then counts as a part" in run.err


def test_two_tenants_are_two_sections_of_one_report(lint: Lint, graph: GraphServer) -> None:
    other = Directory(2)
    other.id = other.organization["id"] = OTHER_TENANT
    for app in other.applications:
        app["appId"] = app["appId"].replace("-1111-", "-7777-")
    graph.host(OTHER_TENANT, other, frozenset(("Application.Read.All", "Directory.Read.All")))
    run, report = lint("--tenant", TENANT, "--tenant", OTHER_TENANT)
    rows = [(row["kind"], row["tenant"]) for row in report["registrations"]]
    assert [tenant for kind, tenant in rows if kind == "registration"] == [TENANT] * 6 + [OTHER_TENANT] * 2
    assert [tenant for kind, tenant in rows if kind == "tenant"] == [TENANT, OTHER_TENANT]
    assert [(row["name"], row["registrations"]) for row in report["inputs"]][:2] == [(TENANT, 6), (OTHER_TENANT, 2)]
    assert all(row["name"].startswith(OTHER_TENANT) for row in unread(report))
    assert run.status == 3


def test_a_tenant_that_cannot_be_signed_in_to_does_not_end_the_others(lint: Lint, graph: GraphServer) -> None:
    graph.refused_tenants = {OTHER_TENANT}
    run, report = lint("--tenant", OTHER_TENANT, "--tenant", TENANT)
    assert len(names(report)) == 6
    assert run.status == 3
    assert "signing in with environment failed: AADSTS7000215: Invalid client secret provided." in run.err
    assert len(unread(report)) == 1


def test_a_tenant_and_files_are_one_report(lint: Lint, graph: GraphServer) -> None:
    Path("portal.json").write_text(json.dumps({**application(99), "displayName": "Portal"}))
    _, report = lint("portal.json")
    assert names(report) == ["Portal", *(f"Application {number}" for number in range(6))]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["lint", "--tenant", "a b"], "'a b' in --tenant is no tenant; name its id, or one of its domains"),
        (["lint", "--tenant", "../x"], "'../x' in --tenant is no tenant"),
        (["lint", "x.json", "--only", "a"], "--only needs --tenant"),
        (["lint", "--tenant", TENANT, "--cloud", "mars"], "unknown cloud 'mars' in --cloud; one of global, us-gov-l4"),
        (["lint", "--tenant", TENANT, "--auth", "magic"], "unknown way 'magic' in --auth; one of certificate, environment"),
        (["lint", "--tenant", TENANT, "--graph-endpoint", "http://x"], "'http://x' in --graph-endpoint is not an https address"),
        (["lint", "--tenant", TENANT, "--authority", "https://a@b"], "'https://a@b' in --authority is not an https address"),
    ],
)  # fmt: skip
def test_a_wrong_command_line_is_one_line(
    arguments: list[str], said: str, grantlint: Callable[..., Run], graph: GraphServer
) -> None:
    run = grantlint(*arguments)
    assert run.status == 2
    assert said in run.err
    assert len(run.err.splitlines()) == 1
    assert graph.requests == []


def test_quiet_says_nothing_about_a_reading(grantlint: Callable[..., Run], graph: GraphServer, folder: Path) -> None:
    graph.reset(Directory(0))
    run = grantlint("lint", "--tenant", TENANT, "--quiet")
    assert run == (0, "", "")


def said_of(report: dict[str, Any], rule: str) -> list[tuple[str, str, str]]:
    """Kind and name of what a rule speaks of, and where."""
    rows = {row["key"]: row for row in report["registrations"]}
    return [
        (rows[found["registration"]]["kind"], rows[found["registration"]]["name"], found["origin"]["property"])
        for found in report["findings"]
        if found["rule"] == rule
    ]


def test_policies_of_the_tenant_are_judged_and_stand_on_the_tenant(lint: Lint, graph: GraphServer) -> None:
    policy = graph.graph.directory.policies["/policies/authorizationPolicy"]
    policy["defaultUserRolePermissions"]["allowedToCreateApps"] = True
    place = "authorizationPolicy.defaultUserRolePermissions.allowedToCreateApps"
    _, report = lint()
    assert said_of(report, "anybody-may-register-applications") == [("tenant", "Contoso", place)]
    assert report["summary"]["registrations"] == 6
    (found,) = [one for one in report["findings"] if one["rule"] == "anybody-may-register-applications"]
    assert found["patch"] == {"authorizationPolicy": {"defaultUserRolePermissions": {"allowedToCreateApps": False}}}


def test_policies_are_not_judged_where_single_applications_were_asked_for(lint: Lint, graph: GraphServer) -> None:
    policy = graph.graph.directory.policies["/policies/authorizationPolicy"]
    policy["defaultUserRolePermissions"]["allowedToCreateApps"] = True
    run, report = lint("--only", "Application 1", "--select", "anybody-may-register-applications")
    assert (run.status, report["findings"], report["not_assessed"]) == (0, [], [])


def test_a_policy_that_may_not_be_read_is_not_assessed_with_its_permission(lint: Lint, graph: GraphServer) -> None:
    graph.reset(Directory(1), frozenset(("Application.Read.All",)))
    run, report = lint("--select", "anybody-may-register-applications")
    assert run.status == 3
    (gap,) = report["not_assessed"]
    assert (gap["reason"], gap["registration"]) == ("refused", TENANT)
    assert gap["remedy"] == "grant Policy.Read.All to the identity that reads"


def test_a_finding_on_the_service_principal_stands_on_its_registration(lint: Lint, graph: GraphServer) -> None:
    graph.graph.directory.principals[2]["accountEnabled"] = False
    _, report = lint("--select", "credentials-of-disabled-application")
    place = "servicePrincipal.accountEnabled"
    assert said_of(report, "credentials-of-disabled-application") == [("registration", "Application 1", place)]


def test_settings_of_an_override_hold_for_service_principals_too(lint: Lint, graph: GraphServer) -> None:
    graph.graph.directory.principals[2]["accountEnabled"] = False
    Path("grantlint.toml").write_text(
        '[[override]]\nregistration = "Application 1"\nignore = ["credentials-of-disabled-application"]\n'
    )
    _, report = lint("--select", "credentials-of-disabled-application")
    assert report["findings"] == []


def test_redirect_hosts_are_compared_with_the_domains_that_the_tenant_verified(lint: Lint, graph: GraphServer) -> None:
    graph.graph.directory.applications[0]["web"]["redirectUris"] = ["https://portal.fabrikam.example/cb"]
    _, report = lint("--select", "foreign-redirect-host")
    assert said_of(report, "foreign-redirect-host") == [("registration", "Application 0", "web.redirectUris[0]")]


def test_restrictions_of_the_default_policy_are_judged_one_by_one(lint: Lint, graph: GraphServer) -> None:
    default = graph.graph.directory.policies["/policies/defaultAppManagementPolicy"]
    default["applicationRestrictions"]["passwordCredentials"][0]["state"] = "disabled"
    default["applicationRestrictions"]["passwordCredentials"][1]["maxLifetime"] = "P730D"
    _, report = lint("--select", "tenant-policies")
    place = "defaultAppManagementPolicy.applicationRestrictions.passwordCredentials"
    assert said_of(report, "secrets-may-be-added") == [("tenant", "Contoso", f"{place}[0].state")]
    assert said_of(report, "long-secret-lifetime-allowed") == [("tenant", "Contoso", f"{place}[1].maxLifetime")]
    assert report["not_assessed"] == []


def test_settings_raise_what_a_lifetime_may_be(lint: Lint, graph: GraphServer) -> None:
    default = graph.graph.directory.policies["/policies/defaultAppManagementPolicy"]
    default["applicationRestrictions"]["keyCredentials"][0]["maxLifetime"] = "P730D"
    Path("grantlint.toml").write_text("[settings]\nmax-certificate-days = 730\n")
    _, report = lint("--select", "long-certificate-lifetime-allowed")
    assert report["findings"] == []


def test_a_policy_for_single_applications_is_held_against_the_default(lint: Lint, graph: GraphServer) -> None:
    (policy,) = graph.graph.directory.policies["/policies/appManagementPolicies"]
    policy["restrictions"] = {"passwordCredentials": [], "keyCredentials": [], "applicationRestrictions": None}
    policy["appliesTo"] *= 25  # $expand stops at 20 without a word
    _, report = lint("--select", "weaker-app-management-policy")
    (found,) = report["findings"]
    assert found["message"].startswith("has a policy for 20 or more applications that lifts restrictions of ")
    assert found["value"] == "Exempt"


def test_conditional_access_and_classified_permissions_come_with_the_other_policies(
    lint: Lint, graph: GraphServer
) -> None:
    directory = graph.graph.directory
    directory.policies["/identity/conditionalAccess/policies"][0]["state"] = "enabledForReportingButNotEnforced"
    (path,) = [path for path in directory.policies if path.endswith("/delegatedPermissionClassifications")]
    directory.policies[path][0] |= {
        "permissionId": "570282fd-fa5c-430d-a7fd-fc8dc98a9dca",
        "permissionName": "Mail.Read",
    }
    _, report = lint("--select", "tenant-policies")
    assert said_of(report, "device-code-grant-open") == [("tenant", "Contoso", "conditionalAccessPolicies[0].state")]
    assert said_of(report, "risky-permission-classified-low") == [
        ("tenant", "Contoso", "delegatedPermissionClassifications[0].permissionName")
    ]
    assert sum(address.startswith(("/identity/", path)) for address in graph.batched) == 2
    assert sum("$batch" in request for request in graph.requests) == 3  # owners, assignments, policies


def test_a_policy_of_an_unexpected_type_is_not_assessed(lint: Lint, graph: GraphServer) -> None:
    graph.graph.directory.policies["/identity/conditionalAccess/policies"][0]["conditions"] = "none"
    run, report = lint("--select", "device-code-grant-open")
    assert run.status == 3
    assert report["findings"] == []
    assert [(gap["rule"], gap["reason"]) for gap in report["not_assessed"]] == [("device-code-grant-open", "malformed")]
