"""Permissions that a file names, or looks up, instead of writing their ids: Terraform, Bicep and the manifests of a
tool.
"""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.sources.reading.builder import Reading
from advisor.sources.reading.graph_json import decode_application
from advisor.sources.terraform.published import published_apis
from rules.engine.rule import Context
from rules.engine.run import lint
from rules.families import RULES
from rules.knowledge.permissions import EXCHANGE, GRAPH, SHAREPOINT, permissions
from rules.model.clean import NOW
from rules.model.registration import Registration

Reads = Callable[..., Reading]

USER_READ_ALL = "df021288-bdef-4463-88db-98f22de89214"
USER_READ = "e1fe6dd8-ba31-4d61-89e7-88639da4683d"
ROLE_MANAGEMENT = "9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8"


def access(reading: Reading) -> list[tuple[Any, list[tuple[Any, Any]]]]:
    """The resources that the only registration asks for: appId, and ids with kinds."""
    (subject,) = reading.subjects
    return [
        (one.resource_app_id, [(each.id, each.type) for each in one.resource_access or ()])
        for one in subject.app.required_resource_access
    ]


def unread(reading: Reading) -> dict[str, str]:
    (subject,) = reading.subjects
    pointers = subject.app.unread.items()
    return {pointer: one.note for pointer, one in pointers if pointer.startswith("/requiredResourceAccess")}


def checked(reading: Reading) -> tuple[set[str], set[str]]:
    """The rules about power that speak, and those that say that they could not check everything."""
    verdict = lint(reading.subjects, RULES, Context(NOW))
    wanted = {"powerful-application-permission", "powerful-delegated-permission"}
    spoken = {one.rule for one in verdict.findings}
    silent = {one.rule for one in verdict.not_assessed if one.pointer.startswith("/requiredResourceAccess")}
    return spoken & wanted, silent & wanted


# Terraform

PUBLISHED = 'data "azuread_application_published_app_ids" "well_known" {}\n'
PRINCIPAL = """
resource "azuread_service_principal" "msgraph" {
  client_id    = data.azuread_application_published_app_ids.well_known.result["MicrosoftGraph"]
  use_existing = true
}
"""


def terraform(resource: str, id_: str, kind: str = "Role", more: str = PUBLISHED + PRINCIPAL) -> str:
    return f"""{more}
resource "azuread_application" "a" {{
  display_name = "A"
  required_resource_access {{
    resource_app_id = {resource}
    resource_access {{
      id   = {id_}
      type = "{kind}"
    }}
  }}
}}
"""


RESULT = "data.azuread_application_published_app_ids.well_known.result"


@pytest.mark.parametrize(
    "resource",
    [f'{RESULT}["MicrosoftGraph"]', f"{RESULT}.MicrosoftGraph", "azuread_service_principal.msgraph.client_id"],
)
@pytest.mark.parametrize(
    ("id_", "kind", "found"),
    [
        ('azuread_service_principal.msgraph.app_role_ids["User.Read.All"]', "Role", USER_READ_ALL),
        ("azuread_service_principal.msgraph.oauth2_permission_scope_ids.User_Read", "Scope", None),
        ('azuread_service_principal.msgraph.oauth2_permission_scope_ids["User.Read"]', "Scope", USER_READ),
        ('lookup(azuread_service_principal.msgraph.app_role_ids, "User.Read.All", "")', "Role", USER_READ_ALL),
        ('"${azuread_service_principal.msgraph.app_role_ids["User.Read.All"]}"', "Role", USER_READ_ALL),
    ],
)
def test_terraform_asks_the_principal_of_microsoft_graph(
    reads: Reads, resource: str, id_: str, kind: str, found: str | None
) -> None:
    reading = reads({"main.tf": terraform(resource, id_, kind)})
    assert [(one, [each[0] for each in asked if isinstance(each[0], str)]) for one, asked in access(reading)] == [
        (GRAPH, [found] if found else [])
    ]


def test_a_data_source_that_names_the_client_id_is_known_too(reads: Reads) -> None:
    more = f'data "azuread_service_principal" "graph" {{\n  client_id = "{GRAPH}"\n}}\n'
    text = terraform(
        "data.azuread_service_principal.graph.client_id",
        'data.azuread_service_principal.graph.app_role_ids["RoleManagement.ReadWrite.Directory"]',
        more=more,
    )
    reading = reads({"main.tf": text})
    assert access(reading) == [(GRAPH, [(ROLE_MANAGEMENT, "Role")])]
    assert checked(reading) == ({"powerful-application-permission"}, set())


def test_the_provider_s_older_words_and_counted_principals_are_known(reads: Reads) -> None:
    more = (
        f'{PUBLISHED}resource "azuread_service_principal" "g" {{\n  count = 1\n  application_id = '
        f"{RESULT}.Office365ExchangeOnline\n}}\n"
    )
    text = terraform(
        "azuread_service_principal.g[0].application_id",
        'azuread_service_principal.g[0].app_role_ids["full_access_as_app"]',
        more=more,
    )
    assert access(reads({"main.tf": text})) == [(EXCHANGE, [("dc890d15-9560-4a4c-9b7f-a736ec74ec40", "Role")])]


def test_a_list_of_values_in_a_dynamic_block_is_looked_up_one_by_one(reads: Reads) -> None:
    text = f"""{PUBLISHED}{PRINCIPAL}
locals {{ roles = ["User.Read.All", "RoleManagement.ReadWrite.Directory"] }}
resource "azuread_application" "a" {{
  display_name = "A"
  required_resource_access {{
    resource_app_id = {RESULT}.MicrosoftGraph
    dynamic "resource_access" {{
      for_each = toset(local.roles)
      content {{
        id   = azuread_service_principal.msgraph.app_role_ids[resource_access.value]
        type = "Role"
      }}
    }}
  }}
}}
"""
    # A set of texts is in the order of its elements.
    assert access(reads({"main.tf": text})) == [(GRAPH, [(ROLE_MANAGEMENT, "Role"), (USER_READ_ALL, "Role")])]


def test_access_that_is_a_resource_of_its_own_is_looked_up(reads: Reads) -> None:
    text = f"""{PUBLISHED}{PRINCIPAL}
resource "azuread_application_registration" "r" {{ display_name = "R" }}
resource "azuread_application_api_access" "r" {{
  application_id = azuread_application_registration.r.id
  api_client_id  = {RESULT}["MicrosoftGraph"]
  role_ids       = [azuread_service_principal.msgraph.app_role_ids["User.Read.All"]]
  scope_ids      = [azuread_service_principal.msgraph.oauth2_permission_scope_ids["User.Read"]]
}}
"""
    assert access(reads({"main.tf": text})) == [(GRAPH, [(USER_READ_ALL, "Role"), (USER_READ, "Scope")])]


def test_configuration_as_json_is_looked_up_too(reads: Reads) -> None:
    text = {
        "data": {"azuread_application_published_app_ids": {"well_known": {}},
            "azuread_service_principal": {"g": {"client_id": f"${{{RESULT}.MicrosoftGraph}}"}}},
        "resource": {"azuread_application": {"a": {"display_name": "A", "required_resource_access": [{
            "resource_app_id": f'${{{RESULT}["MicrosoftGraph"]}}',
            "resource_access": [{"id": '${data.azuread_service_principal.g.app_role_ids["User.Read.All"]}',
                "type": "Role"}],
        }]}}},
    }  # fmt: skip
    assert access(reads({"main.tf.json": json.dumps(text)})) == [(GRAPH, [(USER_READ_ALL, "Role")])]


def test_a_principal_that_is_declared_in_a_module_is_looked_up_through_its_outputs(reads: Reads) -> None:
    inner = f"""{PUBLISHED}{PRINCIPAL}
output "role" {{ value = azuread_service_principal.msgraph.app_role_ids["User.Read.All"] }}
output "api" {{ value = {RESULT}.MicrosoftGraph }}
"""
    outer = terraform("module.graph.api", "module.graph.role", more='module "graph" {\n  source = "./graph"\n}\n')
    assert access(reads({"main.tf": outer, "graph/main.tf": inner})) == [(GRAPH, [(USER_READ_ALL, "Role")])]


@pytest.mark.parametrize(
    ("resource", "id_", "more", "place"),
    [
        # A value that the table does not have.
        (f"{RESULT}.MicrosoftGraph", 'azuread_service_principal.msgraph.app_role_ids["Foo.Read.All"]',
            PUBLISHED + PRINCIPAL, "/resourceAccess/0/id"),
        # A scope asked for among the roles.
        (f"{RESULT}.MicrosoftGraph", 'azuread_service_principal.msgraph.app_role_ids["User.Read"]',
            PUBLISHED + PRINCIPAL, "/resourceAccess/0/id"),
        # A principal that is found by a name, which anybody may give.
        (f'"{GRAPH}"', 'data.azuread_service_principal.g.app_role_ids["User.Read.All"]',
            'data "azuread_service_principal" "g" {\n  display_name = "Microsoft Graph"\n}', "/resourceAccess/0/id"),
        # A principal of the organisation's own.
        (f'"{GRAPH}"', 'azuread_service_principal.own.app_role_ids["User.Read.All"]',
            'resource "azuread_application" "o" {\n  display_name = "O"\n}\nresource "azuread_service_principal" "own" '
            '{\n  client_id = azuread_application.o.client_id\n}', "/resourceAccess/0/id"),
        # Names that nobody declares or publishes.
        (f"{RESULT}.MicrosoftGraph", f'"{USER_READ_ALL}"', "", "/resourceAppId"),
        (f"{RESULT}.MicrosoftGraff", f'"{USER_READ_ALL}"', PUBLISHED, "/resourceAppId"),
        (f'"{GRAPH}"', 'lookup(azuread_service_principal.msgraph.app_role_ids, "Foo.Read.All", '
            '"11111111-1111-4111-8111-111111111119")', PUBLISHED + PRINCIPAL, "/resourceAccess/0/id"),
    ],
)  # fmt: skip
def test_what_terraform_alone_can_find_is_not_assessed(
    reads: Reads, resource: str, id_: str, more: str, place: str
) -> None:
    reading = reads({"main.tf": terraform(resource, id_, more=more)})
    subject = next(one for one in reading.subjects if one.app.required_resource_access)
    assert f"/requiredResourceAccess/0{place}" in subject.app.unread
    verdict = lint([subject], RULES, Context(NOW))
    silent = {one.rule for one in verdict.not_assessed if one.pointer == f"/requiredResourceAccess/0{place}"}
    assert {"powerful-application-permission", "unknown-permission", "legacy-mailbox-permission"} <= silent
    assert not any(one.rule.startswith("powerful") for one in verdict.findings)


def test_a_finding_stands_where_the_permission_is_asked_for_and_not_where_the_principal_is_declared(
    reads: Reads,
) -> None:
    id_ = 'azuread_service_principal.msgraph.app_role_ids["RoleManagement.ReadWrite.Directory"]'
    text = terraform(f"{RESULT}.MicrosoftGraph", id_)
    reading = reads({"main.tf": text})
    (subject,) = reading.subjects
    origin = reading.locate(subject.key, "/requiredResourceAccess/0/resourceAccess/0/id")
    assert text.splitlines()[origin.line - 1].strip().startswith("id ")


def test_the_provider_s_names_lead_to_app_ids() -> None:
    app_ids = {api.name: api.app_id for api in published_apis()}
    assert (app_ids["MicrosoftGraph"], app_ids["Office365SharePointOnline"]) == (GRAPH, SHAREPOINT)


# Bicep

GRAPH_PRINCIPAL = f"resource graphSp 'Microsoft.Graph/servicePrincipals@v1.0' existing = {{\n  appId: '{GRAPH}'\n}}\n"


def bicep(accesses: str, more: str = GRAPH_PRINCIPAL, resource: str = f"'{GRAPH}'") -> str:
    return f"""extension microsoftGraphV1
{more}
resource app 'Microsoft.Graph/applications@v1.0' = {{
  uniqueName: 'a'
  displayName: 'A'
  requiredResourceAccess: [
    {{
      resourceAppId: {resource}
      resourceAccess: {accesses}
    }}
  ]
}}
"""


@pytest.mark.parametrize(
    "id_",
    [
        "filter(graphSp.appRoles, role => role.value == 'User.Read.All')[0].id",
        "(filter(graphSp.appRoles, (role) => role.value == 'User.Read.All')[0]).id",
        "first(filter(graphSp.appRoles, role => role.value == 'User.Read.All')).id",
        "first(filter(graphSp.appRoles, role => toLower(role.value) == 'user.read.all'))!.id",
        "first(map(filter(graphSp.appRoles, role => role.value == 'User.Read.All'), role => role.id))",
    ],
)
def test_bicep_asks_the_principal_of_microsoft_graph(reads: Reads, id_: str) -> None:
    reading = reads({"main.bicep": bicep(f"[ {{ id: {id_}\n type: 'Role' }} ]")})
    assert access(reading) == [(GRAPH, [(USER_READ_ALL, "Role")])]


def test_bicep_looks_up_each_value_of_a_list(reads: Reads) -> None:
    more = f"{GRAPH_PRINCIPAL}var names = ['User.Read', 'Mail.Send']\n"
    loop = (
        "[for name in names: { id: filter(graphSp.oauth2PermissionScopes, s => s.value == name)[0].id\n type: "
        "'Scope' }]"
    )
    reading = reads({"main.bicep": bicep(loop, more, "graphSp.appId")})
    assert access(reading) == [(GRAPH, [(USER_READ, "Scope"), ("e383f46e-2787-4529-855e-0e479a3ffac0", "Scope")])]
    assert checked(reading) == ({"powerful-delegated-permission"}, set())


@pytest.mark.parametrize(
    ("id_", "more"),
    [
        ("filter(graphSp.appRoles, role => role.value == 'Foo.Read.All')[0].id", GRAPH_PRINCIPAL),
        ("filter(graphSp.appRoles, role => contains(role.value, 'User'))[0].id", GRAPH_PRINCIPAL),
        ("filter(graphSp.appRoles, (role, n) => n == 0)[0].id", GRAPH_PRINCIPAL),
        ("filter(graphSp.appRoles, role => role.value == 'User.Read.All')[0].id", GRAPH_PRINCIPAL.replace(f"'{GRAPH}'",
            "'11111111-1111-4111-8111-111111111119'")),
        ("filter(graphSp.appRoles, role => role.value == 'User.Read.All')[0].id",
            "param which string\n" + GRAPH_PRINCIPAL.replace(f"'{GRAPH}'", "which")),
        ("reduce(graphSp.appRoles, '', role => role.id)", GRAPH_PRINCIPAL),
        # Some of what Microsoft Graph offers is known, not all of it, nor in which order.
        ("graphSp.appRoles[0].id", GRAPH_PRINCIPAL),
        ("first(graphSp.appRoles)!.id", GRAPH_PRINCIPAL),
        ("map(graphSp.appRoles, role => role.id)[0]", GRAPH_PRINCIPAL),
        ("format('{0}', length(graphSp.appRoles))", GRAPH_PRINCIPAL),
    ],
)  # fmt: skip
def test_what_bicep_alone_can_find_is_not_assessed(reads: Reads, id_: str, more: str) -> None:
    reading = reads({"main.bicep": bicep(f"[ {{ id: {id_}\n type: 'Role' }} ]", more)})
    assert list(unread(reading)) == ["/requiredResourceAccess/0/resourceAccess/0/id"]
    spoken, silent = checked(reading)
    assert (spoken, "powerful-application-permission" in silent) == (set(), True)


# Manifests of the Microsoft 365 Agents Toolkit


def manifest(resource: str, *accesses: tuple[str, str], old: bool = False) -> dict[str, str]:
    access = [{"id": id_, "type": kind} for id_, kind in accesses]
    value = {
        "appId": "11111111-1111-4111-8111-111111111111",
        "requiredResourceAccess": [{"resourceAppId": resource, "resourceAccess": access}],
    }
    more: dict[str, Any] = (
        {"name": "A", "replyUrlsWithType": []} if old else {"displayName": "A", "web": {"redirectUris": []}}
    )
    return {"aad.manifest.json": json.dumps({**value, **more})}


@pytest.mark.parametrize("old", [False, True])
def test_a_manifest_names_resource_and_permissions(reads: Reads, old: bool) -> None:
    asked = (("User.Read", "Scope"), ("RoleManagement.ReadWrite.Directory", "Role"))
    reading = reads(manifest("Microsoft Graph", *asked, old=old))
    assert access(reading) == [(GRAPH, [(USER_READ, "Scope"), (ROLE_MANAGEMENT, "Role")])]
    assert checked(reading) == ({"powerful-application-permission"}, set())


def test_names_and_ids_may_stand_side_by_side(reads: Reads) -> None:
    reading = reads(manifest(GRAPH, ("user.read", "Scope"), (ROLE_MANAGEMENT, "Role")))
    assert access(reading) == [(GRAPH, [(USER_READ, "Scope"), (ROLE_MANAGEMENT, "Role")])]
    reading = reads(manifest("Office 365 SharePoint Online", ("Sites.FullControl.All", "Role")))
    assert access(reading) == [(SHAREPOINT, [("678536fe-1083-478a-9c59-b99265e6b0d3", "Role")])]


@pytest.mark.parametrize(
    ("resource", "asked", "places"),
    [
        (GRAPH, ("Foo.Read.All", "Role"), ["/requiredResourceAccess/0/resourceAccess/0/id"]),
        # The kind decides: User.Read is no role.
        (GRAPH, ("User.Read", "Role"), ["/requiredResourceAccess/0/resourceAccess/0/id"]),
        ("Contoso Orders", ("Orders.Read", "Scope"), ["/requiredResourceAccess/0/resourceAppId",
            "/requiredResourceAccess/0/resourceAccess/0/id"]),
        ("11111111-1111-4111-8111-111111111119", ("Mail.Send", "Role"),
            ["/requiredResourceAccess/0/resourceAccess/0/id"]),
        # The tool does not know Exchange by name.
        ("Office 365 Exchange Online", ("Mail.Send", "Role"), ["/requiredResourceAccess/0/resourceAppId",
            "/requiredResourceAccess/0/resourceAccess/0/id"]),
    ],
)  # fmt: skip
def test_a_name_that_has_no_id_is_not_assessed_and_never_clean(
    reads: Reads, resource: str, asked: tuple[str, str], places: list[str]
) -> None:
    reading = reads(manifest(resource, asked))
    assert list(unread(reading)) == places
    spoken, silent = checked(reading)
    assert (spoken, "powerful-application-permission" in silent) == (set(), True)


def test_a_list_of_graph_s_own_with_names_in_it_is_not_clean_either(reads: Reads) -> None:
    one = json.loads(next(iter(manifest("Contoso Orders", ("Orders.Read", "Scope")).values())))
    reading = reads({"page.json": json.dumps({"value": [{**one, "signInAudience": "AzureADMyOrg", "web": {}}]})})
    verdict = lint(reading.subjects, RULES, Context(NOW))
    silent = {(gap.rule, gap.pointer) for gap in verdict.not_assessed if "requiredResourceAccess/" in gap.pointer}
    assert ("malformed-permission", "/requiredResourceAccess/0/resourceAppId") in silent
    assert ("malformed-permission", "/requiredResourceAccess/0/resourceAccess/0/id") in silent


@given(st.sampled_from(permissions()), st.booleans())
def test_every_name_of_the_table_leads_to_a_permission_of_that_name(row: Any, is_shouted: bool) -> None:
    value = row.value.upper() if is_shouted else row.value
    asked = {"resourceAppId": row.resource, "resourceAccess": [{"id": value, "type": row.kind}]}
    (resource,) = decode_application({"requiredResourceAccess": [asked]}).app.required_resource_access
    found = next(
        one
        for one in permissions()
        if (one.resource, one.id, one.kind) == (row.resource, resource.resource_access[0].id, row.kind)
    )
    assert found.value.casefold() == row.value.casefold()


@given(st.text(max_size=20), st.text(max_size=20), st.sampled_from(["Role", "Scope", "x", None]))
def test_any_text_in_place_of_an_id_is_kept_resolved_or_unread(resource: str, id_: str, kind: str | None) -> None:
    asked = {"resourceAppId": resource, "resourceAccess": [{"id": id_, "type": kind}]}
    decoded = decode_application({"requiredResourceAccess": [asked]})
    assert isinstance(decoded.app, Registration)
    (one,) = decoded.app.required_resource_access
    assert isinstance(one.resource_app_id, str) != ("/requiredResourceAccess/0/resourceAppId" in decoded.unread)
    assert isinstance(one.resource_access[0].id, str) != (
        "/requiredResourceAccess/0/resourceAccess/0/id" in decoded.unread
    )
