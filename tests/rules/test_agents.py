"""What rules say of blueprints and agent identities together: the credentials of the one are those of the other."""

from typing import Any

import msgspec
import pytest

from rules.engine.rule import Context, Subject
from rules.engine.run import lint
from rules.families import RULES
from rules.knowledge.roles import AGENT_ID_ADMINISTRATOR
from rules.model.clean import NOW, clean
from rules.model.clean_tenant import GRAPH_PRINCIPAL, clean_app, clean_tenant
from rules.model.registration import Registration
from rules.model.tenant import Tenant
from rules.model.tenant_app import TenantApp, tenant_apps

CONTEXT = Context(NOW)
FOREIGN = "0f0f0f0f-0000-4000-8000-000000000002"
POWER_PLATFORM_ADMINISTRATOR = "11648597-926c-4cf3-9c36-bcebb0ba8dcc"
SECRET = {"keyId": "33333333-3333-4333-8333-333333333339", "endDateTime": "2299-12-31T00:00:00Z"}


def apps(blueprint: dict[str, Any] | None = None, owner: str = "", **tenant: Any) -> dict[str, TenantApp]:
    """The clean blueprint, changed, and its agent identity in a tenant with these lists, by kind."""
    principals = [clean_app("own-blueprint")["servicePrincipal"], clean_app("agent")["servicePrincipal"]]
    principals[1] |= {"appOwnerOrganizationId": None, "appRoleAssignmentRequired": None, "verifiedPublisher": None}
    if owner:
        principals[0]["appOwnerOrganizationId"] = owner
    graph = clean_tenant()
    graph["servicePrincipals"] += principals
    whole = msgspec.convert({**graph, **tenant}, Tenant)
    registrations = [] if owner else [msgspec.convert({**clean("blueprint"), **(blueprint or {})}, Registration)]
    return {app.kind: app for app in tenant_apps(whole, registrations) if app.kind != "application"}


def said(app: TenantApp, rule: str) -> list[tuple[str, str]]:
    found = lint([Subject("x", app)], [one for one in RULES if one.id == rule], CONTEXT, Subject("t", app.tenant))
    return [(one.severity, one.message) for one in found.findings]


def unknown(app: TenantApp, rule: str) -> list[str]:
    found = lint([Subject("x", app)], [one for one in RULES if one.id == rule], CONTEXT, Subject("t", app.tenant))
    return [one.pointer for one in found.not_assessed]


AGENT, BLUEPRINT = (clean_app(kind)["servicePrincipal"]["id"] for kind in ("agent", "own-blueprint"))
ROLE = {"id": "r", "principalId": AGENT, "roleDefinitionId": POWER_PLATFORM_ADMINISTRATOR, "directoryScopeId": "/"}
CONSENT = {
    "id": "g",
    "clientId": AGENT,
    "consentType": "Principal",
    "principalId": "22222222-2222-4222-8222-222222222221",
    "resourceId": GRAPH_PRINCIPAL,
    "scope": "Mail.ReadWrite",
}


def test_an_agent_is_as_exposed_as_the_credentials_of_its_blueprint() -> None:
    with_certificate = said(apps(roleAssignments=[ROLE])["agent identity"], "application-with-directory-role")
    with_secret = said(
        apps({"passwordCredentials": [SECRET]}, roleAssignments=[ROLE])["agent identity"],
        "application-with-directory-role",
    )
    assert [severity for severity, _ in (*with_certificate, *with_secret)] == ["medium", "high"]
    assert with_secret[0][1].endswith(", and its blueprint authenticates with a secret")


def test_an_agent_of_a_blueprint_that_was_not_read_is_not_rated_lower() -> None:
    agent = msgspec.structs.replace(apps(roleAssignments=[ROLE])["agent identity"], blueprint=msgspec.UNSET)
    assert [severity for severity, _ in said(agent, "application-with-directory-role")] == ["high"]


def test_consent_to_an_agent_of_an_external_organization_is_consent_to_that_organization() -> None:
    own = apps(oauth2PermissionGrants=[CONSENT])["agent identity"]
    foreign = apps(owner=FOREIGN, oauth2PermissionGrants=[CONSENT])["agent identity"]
    assert [severity for severity, _ in said(own, "powerful-user-consent")] == ["low"]
    ((severity, message),) = said(foreign, "powerful-user-consent")
    assert severity == "high"
    assert message == "has Mail.ReadWrite for 1 user; an unverified external organization owns its blueprint"


def test_consent_to_an_agent_whose_blueprint_is_not_known_names_that() -> None:
    agent = msgspec.structs.replace(apps(oauth2PermissionGrants=[CONSENT])["agent identity"], blueprint=msgspec.UNSET)
    assert unknown(agent, "powerful-user-consent") == ["/servicePrincipal/agentIdentityBlueprintId"]


def test_an_agent_of_a_blueprint_of_microsoft_is_checked_and_is_not_external() -> None:
    agent = apps(owner="f8cdef31-a31e-4b4a-93e4-5f571e91255a", oauth2PermissionGrants=[CONSENT])["agent identity"]
    assert said(agent, "powerful-user-consent") == [("low", "has Mail.ReadWrite for 1 user")]


@pytest.mark.parametrize(("member", "verb"), [("roleAssignments", "is"), ("roleEligibilities", "can be")])
def test_an_agent_id_administrator_of_one_blueprint_can_act_as_its_agents(member: str, verb: str) -> None:
    scoped = {
        "id": "s",
        "principalId": "22222222-2222-4222-8222-222222222221",
        "roleDefinitionId": AGENT_ID_ADMINISTRATOR,
        "directoryScopeId": f"/{clean('blueprint')['id']}",
    }
    rows: dict[str, list[Any]] = {"roleAssignments": [ROLE]}
    rows[member] = [*rows.get(member, []), scoped]
    found = apps(**rows)
    ((severity, message),) = said(found["blueprint"], "application-scoped-administrator")
    assert severity == "medium"
    assert message == (
        f"{verb} administered by a user or a group, with the role Agent ID Administrator for this blueprint alone; "
        "the blueprint has Power Platform Administrator, through its agent identity Contoso Travel Agent 1"
    )
    assert said(found["agent identity"], "application-scoped-administrator") == []


def test_an_agent_id_administrator_of_one_application_adds_no_credential() -> None:
    (app,) = (
        app
        for app in tenant_apps(
            msgspec.convert(
                {
                    **clean_tenant(),
                    "servicePrincipals": [clean_app("own")["servicePrincipal"]],
                    "roleAssignments": [
                        {
                            "id": "s",
                            "principalId": "x",
                            "roleDefinitionId": AGENT_ID_ADMINISTRATOR,
                            "directoryScopeId": f"/{clean('web')['id']}",
                        }
                    ],
                },
                Tenant,
            ),
            [msgspec.convert(clean("web"), Registration)],
        )
    )
    assert app.scoped_role_assignments
    assert said(app, "application-scoped-administrator") == []


def test_the_number_of_agents_is_known_only_where_all_of_them_were_read() -> None:
    settings = msgspec.structs.replace(CONTEXT.settings, max_agents_per_blueprint=1)
    rule = [one for one in RULES if one.id == "crowded-blueprint"]
    app = apps()["blueprint"]
    unread = {**clean_app("agent")["servicePrincipal"], "id": "a2", "agentIdentityBlueprintId": None}
    more = msgspec.convert(unread, type=type(app.service_principal))
    tenant = msgspec.structs.replace(app.tenant, service_principals=(*app.tenant.service_principals, more))
    for changed, expected in (
        (app.tenant, []),
        (tenant, ["/servicePrincipal/appId"]),
        (msgspec.structs.replace(app.tenant, whole=False), ["/servicePrincipal/appId"]),
    ):
        subject = Subject("x", msgspec.structs.replace(app, tenant=changed))
        result = lint([subject], rule, Context(CONTEXT.now, settings), Subject("t", changed))
        assert [one.pointer for one in result.not_assessed] == expected
        assert result.findings == ()


def granted(holder: str, id: str) -> dict[str, Any]:
    """An application permission of Microsoft Graph that a service principal was granted."""
    return {"appRoleAssignments": [{"id": "a", "principalId": holder, "appRoleId": id, "resourceId": GRAPH_PRINCIPAL}]}


def test_an_agent_of_a_disabled_blueprint_gets_no_token() -> None:
    agent = apps(**granted(AGENT, "810c84a8-4a9e-49e6-bf7d-12d183f40d01"))["agent identity"]
    assert isinstance(agent.blueprint, TenantApp)
    off = msgspec.structs.replace(agent.blueprint.service_principal, account_enabled=False)
    disabled = msgspec.structs.replace(agent, blueprint=msgspec.structs.replace(agent.blueprint, service_principal=off))
    assert [severity for severity, _ in said(agent, "powerful-agent")] == ["medium"]
    ((severity, message),) = said(disabled, "powerful-agent")
    assert (severity, message.endswith(", while it is disabled, through its blueprint")) == ("low", True)


def test_access_without_a_permission_is_no_permission_of_a_disabled_agent() -> None:
    agent = apps(**granted(AGENT, "00000000-0000-0000-0000-000000000000"))["agent identity"]
    off = msgspec.structs.replace(agent.service_principal, account_enabled=False)
    assert said(msgspec.structs.replace(agent, service_principal=off), "disabled-agent-with-grants") == []


def test_each_permission_that_creates_user_accounts_is_named() -> None:
    blueprint = apps(**granted(BLUEPRINT, "b782c9ad-6f2b-4894-a21b-72bf22417f0a"))["blueprint"]
    assert said(blueprint, "blueprint-can-create-users") == [
        ("medium", "has AgentIdUser.ReadWrite.All, which can create user accounts")
    ]


def test_inheritance_that_was_not_read_is_not_assessed() -> None:
    rows = [{"resourceAppId": "00000003-0000-0000-c000-000000000000", "inheritableScopes": {"kind": "none"}}]
    app = msgspec.convert({**clean("blueprint"), "inheritablePermissions": rows}, Registration)
    found = lint([Subject("x", app)], [one for one in RULES if one.id == "agents-inherit-everything"], CONTEXT)
    assert [one.pointer for one in found.not_assessed] == ["/inheritablePermissions/0/inheritableRoles"]


def test_an_agent_without_a_sponsor_is_rated_by_what_it_inherits() -> None:
    rows = [{"resourceAppId": "00000003-0000-0000-c000-000000000000", "inheritableRoles": {"kind": "allAllowed"}}]
    takeover = granted(BLUEPRINT, "dd199f4a-f148-40a4-a2ec-f0069cc799ec")
    for blueprint, expected in (({"inheritablePermissions": []}, "medium"), ({"inheritablePermissions": rows}, "high")):
        agent = apps(blueprint, **takeover)["agent identity"]
        alone = msgspec.structs.replace(agent.service_principal, sponsors=())
        found = said(msgspec.structs.replace(agent, service_principal=alone), "agent-without-sponsor")
        assert found == [(expected, "has no sponsor")]


def test_an_agent_of_an_external_blueprint_is_an_external_application_in_azure() -> None:
    row = {"principalId": AGENT, "roleDefinitionName": "Owner", "scope": "/subscriptions/s"}
    for owner, count in ((FOREIGN, 1), ("", 0)):
        agent = apps(owner=owner, azureRoleAssignments=[row])["agent identity"]
        assert len(said(agent, "external-application-with-azure-role")) == count
