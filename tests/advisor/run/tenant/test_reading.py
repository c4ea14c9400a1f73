"""``grantlint lint --tenant``: what is read of a tenant, by which permission, and what the command line may ask for."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.advisor.run.tenant.shown import Lint, names, unread
from tests.conftest import Run
from tests.graph_server.directory import OTHER_TENANT, TENANT, Directory, application, large, user
from tests.graph_server.faults import Fault
from tests.graph_server.server import GraphServer


def test_a_tenant_is_read_whole_and_checked(lint: Lint, graph: GraphServer) -> None:
    run, report = lint()
    assert run.status == 1
    assert names(report) == [f"Application {number}" for number in range(6)]
    assert unread(report) == []
    assert report["not_assessed"] == []
    assert {row["tenant"] for row in report["registrations"]} == {TENANT}
    finding = next(row for row in report["findings"] if row["rule"] == "plaintext-redirect-uri")
    assert finding["origin"]["property"] == "web.redirectUris[1]"
    assert finding["origin"].get("file") is None


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
        ("user accounts of agents", f"grant User.ReadBasic.All (or Directory.Read.All) {reader}"),
        ("granted delegated permissions", f"grant Directory.Read.All {reader}"),
        (
            "directory roles, custom directory roles",
            f"grant RoleManagement.Read.Directory (or Directory.Read.All) {reader}",
        ),
        (
            "eligible directory roles",
            f"grant RoleManagement.Read.Directory (or RoleEligibilitySchedule.Read.Directory) {reader}",
        ),
        ("groups with directory roles", f"grant GroupMember.Read.All (or Directory.Read.All) {reader}"),
        ("accounts of owners", f"grant User.Read.All (or Directory.Read.All) {reader}"),
        ("verified domains", f"grant Organization.Read.All (or Directory.Read.All) {reader}"),
        (
            "authorization policy, default app management policy, app management policies, admin consent workflow, "
            "Conditional Access policies, claims mapping policies",
            f"grant Policy.Read.All {reader}",
        ),
        ("consent policies", f"grant Policy.Read.PermissionGrant {reader}"),
        ("consent settings", f"grant GroupSettings.Read.All (or Directory.Read.All) {reader}"),
    }
    (said,) = [line for line in run.err.splitlines() if "authorization policy, default" in line and "not read" in line]
    assert said.count("Policy.Read.All to") == 1
    assert "(403 Authorization_RequestDenied)" in run.err


def test_without_any_permission_nothing_is_checked_and_nothing_is_clean(lint: Lint, graph: GraphServer) -> None:
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
    assert [row["note"] for row in unread(report)] == ["skipped because of --fast"]
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


@pytest.mark.parametrize(
    "name",
    [
        "Research and Development",
        "Log in Portal",
        "Terms or Conditions",
        "Not for production",
        "not for production",
        "Profit eq Loss",
        "a/any(b)",
        "Is A eq 'B'",
        "startswith('x')",
    ],
)
def test_a_name_with_words_of_filters_is_a_name(lint: Lint, graph: GraphServer, name: str) -> None:
    graph.graph.directory.applications.append(application(7, displayName=name))
    assert names(lint("--only", name)[1]) == [name]


def test_a_name_that_reads_like_a_filter_is_tried_as_a_name_when_graph_refuses_it(
    lint: Lint, graph: GraphServer
) -> None:
    name = "price eq 'free'"
    graph.graph.directory.applications.append(application(7, displayName=name))
    graph.faults = [Fault(kind="status", match="$filter=price", status=400)]
    _, report = lint("--only", name)
    assert names(report) == [name]
    assert unread(report) == []


def test_a_filter_that_graph_refuses_and_that_is_no_name_is_reported(lint: Lint) -> None:
    run, report = lint("--only", "displayName like 'x'", "--only", "price eq 'free'")
    assert run.status == 3
    assert "no application matches --only" in run.err
    assert names(report) == []


def test_only_that_means_nothing_is_no_clean_run(lint: Lint) -> None:
    run, _ = lint("--only", "Portal")
    assert run.status == 3
    assert "no application matches --only 'Portal'" in run.err


def test_only_reads_grants_from_the_side_of_the_client(lint: Lint, graph: GraphServer) -> None:
    lint("--only", "Application 4")
    assert not any(request.startswith(("GET /servicePrincipals", "GET /oauth2")) for request in graph.requests)
    assert "/servicePrincipals/00000004-2222-4222-8222-222222222222/appRoleAssignments" in graph.batched


GROUP = "99999999-0000-4000-8000-000000000001"


@pytest.mark.parametrize("only", [(), ("--only", "Application 4")], ids=["whole tenant", "one application"])
def test_a_role_through_a_group_is_a_role(lint: Lint, graph: GraphServer, only: tuple[str, ...]) -> None:
    directory = graph.graph.directory
    directory.groups[GROUP] = ("Administrators", ["00000004-2222-4222-8222-222222222222"])
    directory.groups[GROUP[:-1] + "2"] = ("Empty", [])
    directory.roles.append({**directory.roles[0], "id": "r2", "principalId": GROUP})
    _, report = lint("--select", "application-with-directory-role", *only)
    (found,) = report["findings"]
    assert found["severity"] == "critical"
    assert "through the group Administrators" in found["message"]
    assert report["not_assessed"] == []


def test_groups_whose_members_are_refused_are_not_assessed(lint: Lint, graph: GraphServer) -> None:
    directory = graph.graph.directory
    directory.groups = {GROUP: ("Administrators", []), GROUP[:-1] + "2": ("Others", [])}
    graph.faults = [Fault(kind="status", match=f"part /groups/{GROUP}", status=403, times=9)]
    run, report = lint("--select", "application-with-directory-role")
    assert run.status == 3
    assert [(row["name"], row["status"], row["remedy"]) for row in unread(report)] == [
        (
            f"{TENANT}, groups with directory roles",
            "partly",
            "grant GroupMember.Read.All (or Directory.Read.All) to the identity that reads",
        )
    ]
    assert {(gap["pointer"], gap["reason"]) for gap in report["not_assessed"]} == {("/roleGroups", "refused")}


ELIGIBLE = "/roleManagement/directory/roleEligibilityScheduleInstances"


def test_an_eligible_role_over_one_application_is_found(lint: Lint, graph: GraphServer) -> None:
    directory = graph.graph.directory
    over = directory.applications[1]["id"]
    directory.policies[ELIGIBLE] = [
        {
            "id": "e1",
            "principalId": user(1)["id"],
            "roleDefinitionId": "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3",
            "directoryScopeId": f"/{over}",
        }
    ]
    _, report = lint("--select", "application-scoped-administrator")
    (found,) = report["findings"]
    assert found["pointer"] == "/scopedRoleEligibilities/0"
    assert found["message"] == (
        "can be administered by a user or a group, with the role Application Administrator for this application alone"
    )


def test_a_tenant_without_the_license_for_eligible_roles_has_none(lint: Lint, graph: GraphServer) -> None:
    graph.faults = [
        Fault(kind="status", match=f"part {ELIGIBLE}", status=400, code="AadPremiumLicenseRequired", times=9)
    ]
    run, report = lint("--select", "application-scoped-administrator")
    assert (run.status, report["not_assessed"], unread(report)) == (0, [], [])


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
        {
            "id": "f",
            "name": "ci",
            "issuer": "https://token.actions.githubusercontent.com",
            "subject": "repo:a/b:ref:refs/heads/main",
            "audiences": ["api://AzureADTokenExchange"],
        }
    ]
    lint()
    assert sum("/federatedIdentityCredentials" in address for address in graph.batched) == 1


def test_requests_for_a_thousand_applications(lint: Lint, graph: GraphServer) -> None:
    graph.reset(large(1998))
    lint("--select", "no-owner")
    lists = [request for request in graph.requests if "$batch" not in request]
    # two pages of applications and three of service principals (Graph's own is one more), one list of federated ones,
    # one of grants, one of directory roles, one of groups with roles, one of user accounts of agents, one of claims
    # mapping policies
    assert len(lists) == 2 + 3 + 1 + 1 + 1 + 1 + 1 + 1
    batches = len(graph.requests) - len(lists)
    # owners: 1,998 in parts of 15 and batches of 20, page by page; 20 applications federate; one API; one of policies;
    # owners of 1,999 service principals; accounts of 500 owners
    assert batches == 2 * 4 + 1 + 1 + 1 + 7 + 2


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
    assert [(row["name"], row.get("registrations", 0)) for row in report["inputs"]][:2] == [
        (TENANT, 6),
        (OTHER_TENANT, 2),
    ]
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
        (["lint", "--tenant", "a b"], "invalid --tenant value 'a b': expected a tenant ID or a domain name"),
        (["lint", "--tenant", "../x"], "invalid --tenant value '../x'"),
        (["lint", "x.json", "--only", "a"], "--only needs --tenant"),
        (["lint", "--tenant", TENANT, "--cloud", "mars"], "unknown cloud 'mars' in --cloud; one of global, us-gov-l4"),
        (
            ["lint", "--tenant", TENANT, "--auth", "magic"],
            "unknown method 'magic' in --auth; one of certificate, environment",
        ),
        (
            ["lint", "--tenant", TENANT, "--graph-endpoint", "http://x"],
            "'http://x' in --graph-endpoint is not an https address",
        ),
        (
            ["lint", "--tenant", TENANT, "--authority", "https://a@b"],
            "'https://a@b' in --authority is not an https address",
        ),
    ],
)
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
