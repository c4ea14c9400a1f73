"""What each client of a system needs, and what the clients need of each other."""

from pathlib import Path

import pytest

from advisor.errors import InputError
from advisor.templates.model import ClientId, Input, Joined, Plan, Planned, PrincipalId
from advisor.templates.plan import make_plan, permission_id
from tests.advisor.templates.systems import AGENT, API, CIRCLE, JOB, PAGE, QUIET_API, SYSTEMS, WEB, pairs

SPFX = """
[[clients]]
name = "Web part"
calls = ["{api}"]
api = "own"
runs-in = "browser"
page-tokens = "host"
page-host = "spfx"
"""
ARC = """
[[clients]]
name = "Server"
calls = ["{api}"]
api = "own"
runs-in = "job"
keeps-credential = "yes"
token-for = "program"
hosted-on = "arc"
acts-in = "own-tenant"
"""


def plan(folder: Path, text: str) -> Plan:
    return make_plan(pairs(folder, text))


def named(plan: Plan, key: str) -> Planned:
    (found,) = [one for one in plan.registrations if one.key == key]
    return found


def test_an_api_exposes_what_the_file_names_and_knows_its_callers(tmp_path: Path) -> None:
    made = plan(tmp_path, PAGE + WEB + API)
    api = named(made, "orders-api").body
    read, write = (permission_id("Orders API", "Scope", value) for value in ("Orders.Read", "Orders.Write"))
    assert [scope["value"] for scope in api["api"]["oauth2PermissionScopes"]] == ["Orders.Read", "Orders.Write"]
    assert [role["value"] for role in api["appRoles"]] == ["Orders.Read.All"]
    assert api["identifierUris"] == [Joined(("api://", ClientId("orders-api")))]
    assert api["api"]["preAuthorizedApplications"] == [
        {"appId": ClientId("orders-page"), "delegatedPermissionIds": [read, write]},
        {"appId": ClientId("back-office"), "delegatedPermissionIds": [read]},
    ]
    assert api["api"]["knownClientApplications"] == [ClientId("orders-page"), ClientId("back-office")]


def test_an_api_that_calls_nothing_shares_no_consent(tmp_path: Path) -> None:
    api = named(plan(tmp_path, PAGE + QUIET_API), "orders-api").body
    assert api["api"]["preAuthorizedApplications"]
    assert api["api"]["knownClientApplications"] == []


def test_a_caller_requests_what_it_needs(tmp_path: Path) -> None:
    made = plan(tmp_path, WEB + API)
    (access,) = named(made, "back-office").body["requiredResourceAccess"]
    assert access["resourceAppId"] == ClientId("orders-api")
    assert access["resourceAccess"] == [{"id": permission_id("Orders API", "Scope", "Orders.Read"), "type": "Scope"}]
    (graph,) = named(made, "orders-api").body["requiredResourceAccess"]
    assert graph["resourceAccess"] == [{"id": "e1fe6dd8-ba31-4d61-89e7-88639da4683d", "type": "Scope"}]


def test_a_program_gets_roles(tmp_path: Path) -> None:
    made = plan(tmp_path, JOB)
    assert [(one.principal, one.api, one.value) for one in made.assignments] == [
        (PrincipalId("nightly-job"), PrincipalId("stock-api"), "Stock.Read.All"),
        (PrincipalId("nightly-job"), PrincipalId("stock-api"), "Stock.Write.All"),
    ]


def test_an_identity_of_azure_gets_roles_without_a_registration(tmp_path: Path) -> None:
    made = plan(tmp_path, ARC + QUIET_API)
    assert [one.key for one in made.registrations] == ["orders-api"]
    (role,) = made.assignments
    assert isinstance(role.principal, Input)
    assert role.principal.says == "the object ID of the managed identity of Server"


def test_sharepoint_requests_the_tokens_of_a_web_part(tmp_path: Path) -> None:
    made = plan(tmp_path, SPFX + API)
    assert [one.key for one in made.registrations] == ["orders-api"]
    assert made.registrations[0].body["api"]["preAuthorizedApplications"] == []
    assert "package-solution.json" in " ".join(made.notes)


def test_an_agent_has_a_blueprint_that_knows_its_callers(tmp_path: Path) -> None:
    made = plan(tmp_path, AGENT + PAGE.replace('["{api}"]', '["{api}", "Support agent"]') + API)
    (blueprint,) = made.blueprints
    assert [scope["value"] for scope in blueprint.body["api"]["oauth2PermissionScopes"]] == ["access_agent"]
    assert [one["appId"] for one in blueprint.body["api"]["preAuthorizedApplications"]] == [ClientId("orders-page")]
    assert blueprint.client_id in made.inputs
    assert named(made, "orders-api").body["api"]["preAuthorizedApplications"][0]["appId"] == ClientId("orders-page")
    assert "Grant to the identity of Support agent the delegated permissions of Orders API: Orders.Read." in made.notes


def test_a_platform_creates_the_blueprint_of_its_agent(tmp_path: Path) -> None:
    made = plan(tmp_path, AGENT.replace('"azure"', '"platform"') + API)
    assert made.blueprints == ()
    assert "its platform creates the agent identity blueprint" in made.notes[0]


def test_apis_are_made_before_their_callers_and_circles_do_not_matter(tmp_path: Path) -> None:
    order = [one.key for one in plan(tmp_path, PAGE + API).registrations]
    assert order == ["orders-api", "orders-page"]
    assert len(plan(tmp_path, CIRCLE).registrations) == 2


def test_a_call_that_does_not_work_is_left_out_and_named(tmp_path: Path) -> None:
    made = plan(tmp_path, JOB.replace('"Stock API"]', '"{api}"]') + API)
    assert made.assignments == ()
    assert "Not set, because the setting does not work: Nightly job calls as an application" in " ".join(made.notes)


def test_a_permission_whose_id_is_not_known_is_left_to_the_reader(tmp_path: Path) -> None:
    made = plan(tmp_path, API.replace("User.Read", "Nothing.Known"))
    (api,) = made.registrations
    assert api.body["requiredResourceAccess"] == []
    assert api.notes == ("add these delegated permissions of Microsoft Graph to requiredResourceAccess: Nothing.Known",)


def test_the_same_file_gives_the_same_plan(tmp_path: Path) -> None:
    assert plan(tmp_path, SYSTEMS["all"]) == plan(tmp_path, SYSTEMS["all"])


def test_names_that_a_language_would_confuse_get_numbers(tmp_path: Path) -> None:
    text = "".join(QUIET_API.format(api=name) + 'scopes = ["A.Read"]\n' for name in ("API 1", "api1", "注文", "API-1"))
    keys = [one.key for one in plan(tmp_path, text).registrations]
    assert keys == ["api-1", "api1-2", "app", "api-1-3"]


def test_two_clients_with_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="two clients are named 'Orders API'"):
        plan(tmp_path, API + QUIET_API.replace("{api}", "orders api"))


def test_what_is_set_is_not_what_may_be_missing(tmp_path: Path) -> None:
    client = PAGE.replace('runs-in = "browser"', 'runs-in = "desktop"')
    made = plan(tmp_path, client.replace('page-tokens = "page"', 'installed-legacy = "nothing"') + QUIET_API)
    (native,) = [one for one in made.registrations if one.body["publicClient"]["redirectUris"]]
    assert native.body["publicClient"]["redirectUris"] == ["http://localhost"]
    (note,) = [note for note in native.notes if "may need more" in note]
    assert "http://localhost" not in note
    assert "ms-appx-web://" in note
