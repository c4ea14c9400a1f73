"""``grantlint lint --tenant``: policies, grants, directory roles and service principals, checked beside
registrations.
"""

from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from rules.families import RULES
from tests.advisor.run.tenant.shown import Lint
from tests.graph_server.directory import OTHER_TENANT, TENANT, Directory, principal, user
from tests.graph_server.server import GraphServer


def said_of(report: dict[str, Any], rule: str) -> list[tuple[str, str, str]]:
    """Kind and name of what a rule speaks of, and where."""
    rows = {row["key"]: row for row in report["registrations"]}
    return [
        (rows[found["registration"]]["kind"], rows[found["registration"]]["name"], found["origin"]["property"])
        for found in report["findings"]
        if found["rule"] == rule
    ]


def test_policies_of_the_tenant_are_checked_and_are_on_the_tenant(lint: Lint, graph: GraphServer) -> None:
    policy = graph.graph.directory.policies["/policies/authorizationPolicy"]
    policy["defaultUserRolePermissions"]["allowedToCreateApps"] = True
    place = "authorizationPolicy.defaultUserRolePermissions.allowedToCreateApps"
    _, report = lint()
    assert said_of(report, "users-can-register-applications") == [("tenant", "Contoso", place)]
    assert report["summary"]["registrations"] == 6
    (found,) = [one for one in report["findings"] if one["rule"] == "users-can-register-applications"]
    assert found["patch"] == {"authorizationPolicy": {"defaultUserRolePermissions": {"allowedToCreateApps": False}}}


def test_rules_over_all_kinds_of_subjects_are_counted(lint: Lint) -> None:
    _, report = lint()
    ran = [rule for rule in RULES if rule.status == "stable" and not rule.needs_dns]
    assert report["summary"]["rules"] == len(ran)
    assert {rule.on for rule in ran} == {"registration", "registrations", "service principal", "tenant"}


def test_policies_are_not_checked_where_single_applications_were_asked_for(lint: Lint, graph: GraphServer) -> None:
    policy = graph.graph.directory.policies["/policies/authorizationPolicy"]
    policy["defaultUserRolePermissions"]["allowedToCreateApps"] = True
    run, report = lint("--only", "Application 1", "--select", "users-can-register-applications")
    assert (run.status, report["findings"], report["not_assessed"]) == (0, [], [])


def test_a_policy_that_may_not_be_read_is_not_assessed_with_its_permission(lint: Lint, graph: GraphServer) -> None:
    graph.reset(Directory(1), frozenset(("Application.Read.All",)))
    run, report = lint("--select", "users-can-register-applications")
    assert run.status == 3
    (gap,) = report["not_assessed"]
    assert (gap["reason"], gap["registration"]) == ("refused", TENANT)
    assert gap["remedy"] == "grant Policy.Read.All to the identity that reads"


def test_a_finding_on_the_service_principal_is_on_its_registration(lint: Lint, graph: GraphServer) -> None:
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


def test_a_list_that_was_refused_is_reported_once_although_overrides_split_the_applications(
    lint: Lint, graph: GraphServer
) -> None:
    graph.reset(Directory(3), frozenset(("Application.Read.All",)))
    _, before = lint("--select", "granted-delegated-permission")
    Path("grantlint.toml").write_text('[[override]]\nregistration = "Application 1"\nignore = ["implicit-id-token"]\n')
    _, after = lint("--select", "granted-delegated-permission")
    assert [(gap["registration"], gap["pointer"], gap["reason"]) for gap in before["not_assessed"]] == [
        (TENANT, "/oauth2PermissionGrants", "refused"),
        (TENANT, "/organization", "refused"),
    ]
    assert after["not_assessed"] == before["not_assessed"]


def test_redirect_hosts_are_compared_with_the_domains_that_the_tenant_verified(lint: Lint, graph: GraphServer) -> None:
    graph.graph.directory.applications[0]["web"]["redirectUris"] = ["https://portal.fabrikam.example/cb"]
    _, report = lint("--select", "foreign-redirect-host")
    assert said_of(report, "foreign-redirect-host") == [("registration", "Application 0", "web.redirectUris[0]")]


def test_restrictions_of_the_default_policy_are_checked_one_by_one(lint: Lint, graph: GraphServer) -> None:
    default = graph.graph.directory.policies["/policies/defaultAppManagementPolicy"]
    default["applicationRestrictions"]["passwordCredentials"][0]["state"] = "disabled"
    default["applicationRestrictions"]["passwordCredentials"][1]["maxLifetime"] = "P730D"
    _, report = lint("--select", "tenant-policies")
    place = "defaultAppManagementPolicy.applicationRestrictions.passwordCredentials"
    assert said_of(report, "secret-addition-allowed") == [("tenant", "Contoso", f"{place}[0].state")]
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
    weaker = [{"restrictionType": "passwordAddition", "state": "disabled"}]
    policy["restrictions"] = {"passwordCredentials": weaker, "keyCredentials": [], "applicationRestrictions": None}
    policy["appliesTo"] *= 25  # $expand stops at 20 without a word
    _, report = lint("--select", "weaker-app-management-policy")
    (found,) = report["findings"]
    assert (
        found["message"] == "has a policy for 20 or more applications that is weaker than the default: adding secrets"
    )
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
    assert said_of(report, "device-code-flow-allowed") == [("tenant", "Contoso", "conditionalAccessPolicies[0].state")]
    assert said_of(report, "risky-permission-classified-low") == [
        ("tenant", "Contoso", "delegatedPermissionClassifications[0].permissionName")
    ]
    assert sum(address.startswith(("/identity/", path)) for address in graph.batched) == 2
    assert (
        sum("$batch" in request for request in graph.requests) == 5
    )  # owners of both and their accounts, assignments, policies


def test_a_policy_of_an_unexpected_type_is_not_assessed(lint: Lint, graph: GraphServer) -> None:
    graph.graph.directory.policies["/identity/conditionalAccess/policies"][0]["conditions"] = "none"
    run, report = lint("--select", "device-code-flow-allowed")
    assert run.status == 3
    assert report["findings"] == []
    assert [(gap["rule"], gap["reason"]) for gap in report["not_assessed"]] == [
        ("device-code-flow-allowed", "malformed")
    ]


ROLE_MANAGEMENT = "9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8"


def granted(directory: Directory, number: int, role: str = ROLE_MANAGEMENT) -> None:
    """Grant an application permission of Graph's to an application."""
    first = directory.principals[0]
    first["appRoles"].append({**first["appRoles"][0], "id": role, "value": "RoleManagement.ReadWrite.Directory"})
    directory.assignments.append(
        {
            "id": f"granted-{number}",
            "appRoleId": role,
            "principalId": f"{number:08x}-2222-4222-8222-222222222222",
            "principalType": "ServicePrincipal",
            "resourceId": first["id"],
            "resourceDisplayName": "Microsoft Graph",
        }
    )


def test_what_was_granted_is_one_finding_with_what_is_asked_for(lint: Lint, graph: GraphServer) -> None:
    directory = graph.graph.directory
    granted(directory, 1)
    directory.applications[1]["requiredResourceAccess"] = [
        {"resourceAppId": directory.principals[0]["appId"], "resourceAccess": [{"id": ROLE_MANAGEMENT, "type": "Role"}]}
    ]
    _, report = lint("--select", "granted-application-permission,powerful-application-permission")
    (found,) = report["findings"]
    assert (found["rule"], found["severity"]) == ("granted-application-permission", "critical")
    assert "/application/requiredResourceAccess/0/resourceAccess/0" in [one["pointer"] for one in found["because"]]
    assert "and authenticates with a secret" in found["message"]
    assert said_of(report, "granted-application-permission")[0][:2] == ("registration", "Application 1")
    _, alone = lint("--select", "powerful-application-permission")
    assert [one["rule"] for one in alone["findings"]] == ["powerful-application-permission"]


def test_only_reads_the_apis_that_were_granted_and_checks_them_not(lint: Lint, graph: GraphServer) -> None:
    granted(graph.graph.directory, 1)
    _, report = lint("--only", "Application 1", "--select", "consent,service-principals")
    assert [(one["rule"], one["severity"]) for one in report["findings"]] == [
        ("granted-application-permission", "critical")
    ]
    assert report["not_assessed"] == []
    assert [row["kind"] for row in report["registrations"]] == ["registration"]


def test_an_application_of_strangers_has_a_row_of_its_own(lint: Lint, graph: GraphServer) -> None:
    directory = graph.graph.directory
    directory.principals.append(principal(77, appOwnerOrganizationId=OTHER_TENANT, displayName="Fabrikam Sync"))
    granted(directory, 77)
    _, report = lint("--select", "granted-application-permission")
    place = "appRoleAssignments[0]"
    assert said_of(report, "granted-application-permission") == [("service-principal", "Fabrikam Sync", place)]
    (found,) = report["findings"]
    assert (found["severity"], found["message"]) == (
        "critical",
        "has the application permission RoleManagement.ReadWrite.Directory of Microsoft Graph, which can take over the "
        "tenant; "
        "an unverified external organization owns the application",
    )


@pytest.mark.parametrize("only", [(), ("--only", "Application 2")], ids=["whole tenant", "one application"])
def test_directory_roles_of_and_over_an_application_are_found(
    lint: Lint, graph: GraphServer, only: tuple[str, ...]
) -> None:
    directory = graph.graph.directory
    directory.roles += [
        {
            "id": "r2",
            "principalId": f"{2:08x}-2222-4222-8222-222222222222",
            "roleDefinitionId": "62e90394-69f5-4237-9190-012177145e10",
            "directoryScopeId": "/",
        },
        {
            "id": "r3",
            "principalId": user(2)["id"],
            "roleDefinitionId": "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3",
            "directoryScopeId": f"/{directory.applications[2]['id']}",
        },
    ]
    _, report = lint(*only, "--select", "application-with-directory-role,application-scoped-administrator")
    assert {(one["rule"], one["severity"]) for one in report["findings"]} == {
        ("application-with-directory-role", "critical"),
        ("application-scoped-administrator", "high"),
    }
    assert {row["name"] for row in report["registrations"] if row["kind"] == "registration"} >= {"Application 2"}


@pytest.mark.parametrize("only", [(), ("--only", "Application 1")], ids=["whole tenant", "one application"])
def test_owners_of_a_service_principal_with_a_directory_role_are_found(
    lint: Lint, graph: GraphServer, only: tuple[str, ...]
) -> None:
    directory = graph.graph.directory
    principal_id = f"{1:08x}-2222-4222-8222-222222222222"
    role = {"id": "r2", "principalId": principal_id, "roleDefinitionId": "62e90394-69f5-4237-9190-012177145e10"}
    directory.roles.append({**role, "directoryScopeId": "/"})
    directory.owners[principal_id] = [user(number) for number in range(25)]
    _, report = lint(*only, "--select", "owner-of-privileged-application")
    assert [(one["pointer"], one["message"]) for one in report["findings"]] == [
        (
            "/servicePrincipal/owners",
            "has 25 owners of its service principal, and can take over the tenant with Global Administrator",
        )
    ]


def test_no_owner_is_recommended_for_an_application_that_can_take_over_the_tenant(
    lint: Lint, graph: GraphServer
) -> None:
    directory = graph.graph.directory
    role = {"id": "r2", "roleDefinitionId": "62e90394-69f5-4237-9190-012177145e10", "directoryScopeId": "/"}
    directory.roles.append({**role, "principalId": f"{1:08x}-2222-4222-8222-222222222222"})
    granted(directory, 2)
    ids = [one["id"] for one in directory.applications]
    directory.owners |= {ids[1]: [], ids[2]: [user(1)], ids[3]: [], ids[4]: [user(1)]}
    _, report = lint("--select", "no-owner,single-owner,application-with-directory-role,granted-application-permission")
    names = {name for rule in ("no-owner", "single-owner") for _, name, _ in said_of(report, rule)}
    assert names.isdisjoint(("Application 1", "Application 2"))
    assert names >= {"Application 3", "Application 4"}


def test_what_a_custom_role_may_consent_is_read_with_the_policies(lint: Lint, graph: GraphServer) -> None:
    (role,) = graph.graph.directory.policies["/roleManagement/directory/roleDefinitions"]
    action = "microsoft.directory/servicePrincipals/managePermissionGrantsForAll.microsoft-company-admin"
    role["rolePermissions"][0]["allowedResourceActions"].append(action)
    graph.graph.directory.roles.append(
        {"id": "r2", "principalId": user(2)["id"], "roleDefinitionId": role["id"], "directoryScopeId": "/"}
    )
    _, report = lint("--select", "consent-by-custom-role")
    assert [(one["severity"], one["message"]) for one in report["findings"]] == [
        (
            "high",
            "has the custom role Sign-in helper, which may consent for all users to any application, for all "
            "permissions (microsoft-company-admin)",
        )
    ]
    assert any("isBuiltIn eq false" in unquote(address) for address in graph.batched)


def test_directory_roles_that_may_not_be_read_are_not_assessed_once_with_their_permission(
    lint: Lint, graph: GraphServer
) -> None:
    graph.reset(Directory(6), frozenset(("Application.Read.All", "Organization.Read.All")))
    run, report = lint("--select", "application-with-directory-role")
    assert run.status == 3
    assert [(gap["registration"], gap["pointer"], gap["remedy"]) for gap in report["not_assessed"]] == [
        (
            TENANT,
            "/roleAssignments",
            "grant RoleManagement.Read.Directory (or Directory.Read.All) to the identity that reads",
        ),
        (
            TENANT,
            "/roleGroups",
            "grant GroupMember.Read.All (or Directory.Read.All) to the identity that reads",
        ),
    ]


def test_a_rule_about_absence_says_nothing_of_a_list_that_was_not_read_whole(lint: Lint, graph: GraphServer) -> None:
    graph.graph.directory.principals[3]["tags"] = "none"  # this one is left out, so the list is not whole
    _, report = lint("--select", "credentials-without-service-principal")
    assert report["findings"] == []
    assert [gap["pointer"] for gap in report["not_assessed"]] == ["/servicePrincipals"]


def test_a_registration_that_nobody_can_sign_in_to_keeps_credentials(lint: Lint, graph: GraphServer) -> None:
    del graph.graph.directory.principals[3]
    _, report = lint("--select", "credentials-without-service-principal")
    assert said_of(report, "credentials-without-service-principal") == [
        ("registration", "Application 2", "application")
    ]
