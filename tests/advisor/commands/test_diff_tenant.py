"""``grantlint diff`` over snapshots of a tenant: grants, roles, policies, service principals, and what was not read."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Run
from tests.graph_server.directory import (
    GRAPH_APP,
    OTHER_TENANT,
    READ_AGENTS,
    TENANT,
    Directory,
    add_agents,
    agent_user,
    application,
    principal,
    user,
)
from tests.graph_server.faults import Fault
from tests.graph_server.names import ALL
from tests.graph_server.server import GraphServer

pytestmark = pytest.mark.usefixtures("folder", "waits")

Lint = Callable[..., Run]
Changed = Callable[..., Run]
ADMINISTRATOR = "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3"
GRAPH = principal(0xFFFFFF)["id"]


@pytest.fixture
def diff(grantlint: Lint, graph: GraphServer) -> Changed:
    """Compare the tenant with what it is after a change to its directory; the further arguments are those of diff."""

    def call(change: Callable[[Directory], Any], *arguments: str) -> Run:
        grantlint("snapshot", "--tenant", TENANT, "-o", "old.jsonl")
        change(graph.graph.directory)
        grantlint("snapshot", "--tenant", TENANT, "-o", "new.jsonl")
        return grantlint("diff", "old.jsonl", "new.jsonl", "--isolated", *arguments)

    return call


def consent(directory: Directory) -> None:
    directory.grants.append(
        {
            "id": "g99",
            "clientId": principal(2)["id"],
            "consentType": "Principal",
            "principalId": user(7)["id"],
            "resourceId": GRAPH,
            "scope": "Mail.Read Mail.Send",
        }
    )


def widen(directory: Directory) -> None:
    directory.grants[2] = {**directory.grants[2], "scope": "openid User.Read Files.Read.All"}


def revoke(directory: Directory) -> None:
    del directory.assignments[0]


def appoint(directory: Directory) -> None:
    directory.roles.append(
        {"id": "r2", "principalId": principal(2)["id"], "roleDefinitionId": ADMINISTRATOR, "directoryScopeId": "/"}
    )


def appoint_over_one(directory: Directory) -> None:
    directory.roles.append(
        {
            "id": "r3",
            "principalId": user(7)["id"],
            "roleDefinitionId": ADMINISTRATOR,
            "directoryScopeId": f"/{application(2)['id']}",
        }
    )


def loosen(directory: Directory) -> None:
    policy = directory.policies["/policies/authorizationPolicy"]
    directory.policies["/policies/authorizationPolicy"] = {
        **policy,
        "defaultUserRolePermissions": {**policy["defaultUserRolePermissions"], "allowedToCreateApps": True},
    }


def turn_off(directory: Directory) -> None:
    policies = [*directory.policies["/identity/conditionalAccess/policies"]]
    policies[0] = {**policies[0], "state": "disabled"}
    directory.policies["/identity/conditionalAccess/policies"] = policies


def enable_group_consent(directory: Directory) -> None:
    (group,) = directory.policies["/groupSettings"]
    values = [{"name": "EnableGroupSpecificConsent", "value": "true"}]
    directory.policies["/groupSettings"] = [{**group, "values": values}]


def add_role(directory: Directory) -> None:
    name = "/roleManagement/directory/roleDefinitions"
    more = {"id": "0c0c0c0c-0000-4000-8000-000000000002", "displayName": "Helper", "isEnabled": True}
    directory.policies[name] = [*directory.policies[name], {**more, "rolePermissions": []}]


def add_secret_to_principal(directory: Directory) -> None:
    secret = {"keyId": "k", "displayName": "saml", "endDateTime": "2027-01-31T00:00:00Z"}
    directory.principals[3] = principal(2, passwordCredentials=[secret])


def rename(directory: Directory) -> None:
    directory.applications[2] = {**directory.applications[2], "displayName": "Renamed"}
    directory.principals[3] = principal(2, displayName="Renamed", appDisplayName="Renamed")


def remove_owner(directory: Directory) -> None:
    directory.owners[application(2)["id"]] = []


CHANGES: dict[Callable[[Directory], Any], tuple[str, list[str]]] = {
    consent: (
        "~ Application 2 (00000002-1111-4111-8111-111111111111)",
        [
            f"grants: delegated permission {name} of Microsoft Graph was granted for user {user(7)['id']}"
            for name in ("Mail.Read", "Mail.Send")
        ],
    ),
    widen: (
        "~ Application 2 (00000002-1111-4111-8111-111111111111)",
        ["grants: delegated permission Files.Read.All of Microsoft Graph was granted for all users"],
    ),
    revoke: (
        "~ Application 0 (00000000-1111-4111-8111-111111111111)",
        ["grants: application permission User.Read.All of Microsoft Graph was revoked"],
    ),
    appoint: (
        "~ Application 2 (00000002-1111-4111-8111-111111111111)",
        ["roles: directory role Application Administrator was assigned for the whole tenant"],
    ),
    appoint_over_one: (
        "~ Application 2 (00000002-1111-4111-8111-111111111111)",
        [f"roles: directory role Application Administrator over this application was assigned for {user(7)['id']}"],
    ),
    loosen: (
        "~ Contoso, tenant",
        [
            "policies: authorizationPolicy.defaultUserRolePermissions.allowedToCreateApps changed from false to true",
        ],
    ),
    turn_off: (
        "~ Contoso, tenant",
        [
            "policies: Conditional Access policy Block device code: state changed from enabled to disabled",
        ],
    ),
    enable_group_consent: (
        "~ Contoso, tenant",
        [
            "policies: settings Consent Policy Settings: values EnableGroupSpecificConsent changed from false to true",
        ],
    ),
    add_role: ("~ Contoso, tenant", ["roles: custom directory role Helper was added"]),
    add_secret_to_principal: (
        "~ Application 2 (00000002-1111-4111-8111-111111111111)",
        ["credentials: secret saml was added, valid until 2027-01-31 (service principal)"],
    ),
    rename: (
        "~ Renamed (00000002-1111-4111-8111-111111111111)",
        ["registrations: displayName changed from Application 2 to Renamed"],
    ),
    remove_owner: (
        "~ Application 2 (00000002-1111-4111-8111-111111111111)",
        ["owners: Person 2 (person2@contoso.com) was removed as an owner"],
    ),
}


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_change_is_shown_at_its_object_and_watched_by_its_category(diff: Changed, change: Any) -> None:
    head, sentences = CHANGES[change]
    run = diff(change, "--fail-on", "never", "--fail-on-change", sentences[0].partition(":")[0])
    objects = [line for line in run.out.splitlines() if line.startswith(("~ ", "    "))]
    assert objects == [head, *(f"    {sentence}" for sentence in sentences)]
    assert run.status == 1, run.err


def test_registrations_and_service_principals_came_and_went(diff: Changed) -> None:
    def change(directory: Directory) -> None:
        directory.applications = [app for app in directory.applications if app["displayName"] != "Application 1"]
        directory.applications.append(application(9))
        directory.principals.append(principal(50, displayName="Shady Sync", appOwnerOrganizationId=OTHER_TENANT))

    run = diff(change, "--fail-on", "never", "--fail-on-change", "registrations,service-principals")
    assert "+ Application 9 (00000009-1111-4111-8111-111111111111)\n" in run.out
    assert "- Application 1 (00000001-1111-4111-8111-111111111111)\n" in run.out
    assert "+ Shady Sync (00000032-1111-4111-8111-111111111111), service principal\n" in run.out
    assert (
        "registrations: 1 added, 1 removed, 0 changed\nservice principals: 1 added, 0 removed, 0 changed\n" in run.out
    )
    assert run.err == "exit 1: changes in registrations, service-principals\n"
    assert "    credentials: secret deploy was added, valid until 2299-12-31\n" in run.out


def test_nothing_changed_between_two_snapshots(diff: Changed) -> None:
    run = diff(lambda _: None)
    assert "registrations: 0 added, 0 removed, 0 changed\n" in run.out
    assert "findings: 0 new, 0 gone, " in run.out
    assert run.status == 0


def test_the_reading_times_are_the_first_lines_and_a_reversed_order_is_said(diff: Changed, grantlint: Lint) -> None:
    diff(lambda _: None)
    for name, day in (("old.jsonl", "2026-10-01"), ("new.jsonl", "2026-11-01")):
        _read_on(Path(name), f"{day}T09:00:00Z")
    run = grantlint("diff", "old.jsonl", "new.jsonl", "--isolated")
    assert run.out.startswith("old.jsonl: read 2026-10-01 09:00 UTC\nnew.jsonl: read 2026-11-01 09:00 UTC\n\n")
    run = grantlint("diff", "new.jsonl", "old.jsonl", "--isolated")
    said = "The order is reversed: new.jsonl was read on 2026-11-01, after old.jsonl (2026-10-01)."
    assert run.out.splitlines()[2] == f"{said} Name the earlier one first."
    assert json.loads(grantlint("diff", "new.jsonl", "old.jsonl", "--isolated", "--format", "json").out)["notes"]


def _read_on(path: Path, moment: str) -> None:
    first, rest = path.read_text().split("\n", 1)
    path.write_text(json.dumps({**json.loads(first), "read_at": moment}) + "\n" + rest)


def test_different_tenants_are_refused(diff: Changed, grantlint: Lint) -> None:
    diff(lambda _: None)
    text = Path("new.jsonl").read_text()
    Path("other.jsonl").write_text(text.replace(TENANT, OTHER_TENANT))
    run = grantlint("diff", "old.jsonl", "other.jsonl", "--isolated")
    assert (run.status, run.out) == (2, "")
    assert run.err == (
        f"other.jsonl: is a reading of {OTHER_TENANT}, and old.jsonl is one of {TENANT}, another tenant; "
        "compare two readings of one tenant\n"
    )


@pytest.mark.usefixtures("graph")
def test_a_tenant_is_the_same_by_its_domain_and_by_its_id(grantlint: Lint) -> None:
    grantlint("snapshot", "--tenant", TENANT, "-o", "old.jsonl")
    grantlint("snapshot", "--tenant", "contoso.com", "-o", "new.jsonl")
    run = grantlint("diff", "old.jsonl", "new.jsonl", "--isolated")
    assert "registrations: 0 added, 0 removed, 0 changed\n" in run.out
    assert "findings: 0 new, 0 gone, " in run.out


@pytest.mark.usefixtures("graph")
def test_an_incomplete_side_exits_with_3_and_nothing_that_it_lacks_is_gone(grantlint: Lint) -> None:
    grantlint("snapshot", "--tenant", TENANT, "-o", "old.jsonl")
    grantlint("snapshot", "--tenant", TENANT, "--fast", "-o", "new.jsonl")
    run = grantlint("diff", "old.jsonl", "new.jsonl", "--isolated")
    assert run.status == 3
    assert run.err.startswith("exit 3: new.jsonl: ")
    assert "registrations: 0 added, 0 removed, 0 changed\n" in run.out
    assert ", 0 gone, " in run.out
    assert " was revoked" not in run.out
    unread = next(line for line in run.out.splitlines() if line.startswith("    not read in one of the two: role"))
    assert "oauth2PermissionGrants" in unread
    assert (
        "~ Application 0, Application 1, Application 2 and 3 more\n"
        "    not read in one of the two: federatedIdentityCredentials, owners\n"
    ) in run.out
    back = grantlint("diff", "new.jsonl", "old.jsonl", "--isolated")
    assert "(could not be checked before)" in back.out
    assert " was granted" not in back.out


@pytest.mark.usefixtures("graph")
def test_a_registration_that_only_one_of_two_partial_readings_has_is_not_known(grantlint: Lint) -> None:
    grantlint("snapshot", "--tenant", TENANT, "-o", "old.jsonl")
    grantlint("snapshot", "--tenant", TENANT, "--only", "Application 1", "-o", "new.jsonl")
    run = grantlint("diff", "old.jsonl", "new.jsonl", "--isolated")
    assert "? Application 2 (" in run.out
    assert " 0 removed, " in run.out
    assert ", 0 gone, " in run.out


def test_what_is_watched_and_was_read_in_neither_is_said(diff: Changed, grantlint: Lint) -> None:
    """Snapshots of before grantlint read Conditional Access policies."""
    diff(lambda _: None)
    for name in ("old.jsonl", "new.jsonl"):
        lines = Path(name).read_text().splitlines(keepends=True)
        Path(name).write_text("".join(line for line in lines if '"conditional-access-policies"' not in line))

    def status(categories: str) -> tuple[int, str]:
        run = grantlint("diff", "old.jsonl", "new.jsonl", "--isolated", "--fail-on-change", categories)
        return run.status, run.err

    assert status("credentials,grants,roles,owners") == (0, "")
    assert status("credentials,policies") == (3, "exit 3: not everything about policies was read in both\n")


def test_a_tenant_of_one_side_alone_is_not_compared(diff: Changed, grantlint: Lint) -> None:
    diff(lambda _: None)
    Path("both").mkdir()
    Path("both/a.jsonl").write_text(Path("old.jsonl").read_text())
    other = Path("old.jsonl").read_text().replace(TENANT, OTHER_TENANT).replace("-1111-4111-8111-", "-9999-4999-8999-")
    Path("both/b.jsonl").write_text(other)
    run = grantlint("diff", "both", "new.jsonl", "--isolated")
    assert f"Only both is a reading of {OTHER_TENANT}: nothing of it is compared.\n" in run.out
    assert ": 0 added, 0 removed, " in run.out
    assert ", 0 gone, " in run.out


def test_the_json_has_every_value(diff: Changed) -> None:
    found = json.loads(diff(consent, "--format", "json").out)
    (one,) = found["objects"]
    assert (found["version"], one["state"], one["kind"], one["name"]) == (2, "changed", "registration", "Application 2")
    assert one["changes"][0] == {
        "category": "grants",
        "text": f"delegated permission Mail.Read of Microsoft Graph was granted for user {user(7)['id']}",
        "property": "oauth2PermissionGrants",
        "old": None,
        "new": [principal(2)["id"], GRAPH, user(7)["id"], "Mail.Read"],
    }


def test_an_api_of_microsoft_is_no_change(diff: Changed) -> None:
    run = diff(lambda _: None, "--format", "json")
    assert GRAPH_APP not in json.dumps(json.loads(run.out)["objects"])


def test_what_agents_inherit_is_compared_agent_by_agent(
    grantlint: Callable[..., Run], graph: GraphServer, folder: Path
) -> None:
    directory = Directory(1)
    add_agents(directory, 1, 2)
    graph.reset(directory, ALL | READ_AGENTS)
    grantlint("snapshot", "--tenant", TENANT, "-o", "new.jsonl")
    blueprint = directory.applications[-1]["id"]
    directory.inheritable[blueprint] = []
    graph.reset(directory, ALL | READ_AGENTS)
    grantlint("snapshot", "--tenant", TENANT, "-o", "old.jsonl")
    run = grantlint("diff", "old.jsonl", "new.jsonl")
    says = "application permission User.Read.All of Microsoft Graph was granted by inheritance from its blueprint"
    assert run.out.count(says) == 2


def test_an_agent_whose_inherited_permissions_are_not_known_is_named(
    grantlint: Callable[..., Run], graph: GraphServer, folder: Path
) -> None:
    directory = Directory(1)
    add_agents(directory, 1, 2)
    graph.reset(directory, ALL | READ_AGENTS)
    grantlint("snapshot", "--tenant", TENANT, "-o", "new.jsonl")
    graph.reset(directory, ALL)
    grantlint("snapshot", "--tenant", TENANT, "-o", "old.jsonl")
    found = json.loads(grantlint("diff", "old.jsonl", "new.jsonl", "--format", "json").out)
    agents = [one for one in found["objects"] if "inheritedPermissions" in one["unknown"]]
    assert len(agents) == 2
    assert all(one["kind"] == "service-principal" for one in agents)


def test_user_accounts_of_agents_are_compared_agent_by_agent(
    grantlint: Callable[..., Run], graph: GraphServer, folder: Path
) -> None:
    directory = Directory(1)
    add_agents(directory, 1, 2)
    first, second = directory.agent_users
    gone = agent_user(9, "0dead000-0000-4000-8000-000000000000")
    for name, users in (("old", [first]), ("new", [second, gone])):
        directory.agent_users = users
        graph.reset(directory, ALL | READ_AGENTS)
        grantlint("snapshot", "--tenant", TENANT, "-o", f"{name}.jsonl")
    said = grantlint("diff", "old.jsonl", "new.jsonl").out
    assert f"user account {first['id']} was deleted" in said
    assert f"user account {second['id']} was created" in said
    assert f"user account {gone['id']} of the missing agent identity {gone['identityParentId']} was created" in said


def test_user_accounts_that_one_reading_lacks_are_not_gone(
    grantlint: Callable[..., Run], graph: GraphServer, folder: Path
) -> None:
    directory = Directory(1)
    add_agents(directory, 1, 1)
    for name, faults in (("old", []), ("new", [Fault(kind="status", match="/users/", status=403, times=99)])):
        graph.reset(directory, ALL | READ_AGENTS)
        graph.faults = faults
        grantlint("snapshot", "--tenant", TENANT, "-o", f"{name}.jsonl")
    found = json.loads(grantlint("diff", "old.jsonl", "new.jsonl", "--format", "json").out)
    (tenant,) = found["objects"]
    assert (tenant["kind"], tenant["unknown"], tenant["changes"]) == ("tenant", ["agentUsers"], [])
