"""A tenant for tests: applications and all that is read around them, small or of any size."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from rules.model.clean import clean, merged_into
from rules.model.clean_tenant import clean_tenant
from rules.model.object_kind import AGENT_TYPE, BLUEPRINT_PRINCIPAL_TYPE, BLUEPRINT_TYPE

TENANT = "0f0f0f0f-0000-4000-8000-000000000001"
OTHER_TENANT = "0f0f0f0f-0000-4000-8000-000000000002"
GRAPH_APP = "00000003-0000-0000-c000-000000000000"


def application(number: int, **changes: Any) -> dict[str, Any]:
    """An application with a secret that carries a hint; every third redirects over http."""
    app = merged_into(("web", "spa", "native", "daemon", "api")[number % 5], changes)
    app["id"] = f"{number:08x}-0000-4000-8000-000000000000"
    app["appId"] = f"{number:08x}-1111-4111-8111-111111111111"
    app.setdefault("displayName", f"Application {number}")
    if "displayName" not in changes:
        app["displayName"] = f"Application {number}"
    app["passwordCredentials"] = [
        {
            "customKeyIdentifier": None,
            "displayName": "deploy",
            "endDateTime": "2299-12-31T00:00:00Z",
            "hint": "Hi~",
            "keyId": f"{number:08x}-3333-4333-8333-333333333333",
            "secretText": None,
            "startDateTime": "2026-01-01T00:00:00Z",
        }
    ]
    if number % 3 == 0:
        app["web"]["redirectUris"] = [*app["web"]["redirectUris"], f"http://app{number}.contoso.com/cb"]
    app["parentalControlSettings"] = {"countriesBlockedForMinors": [], "legalAgeGroupRule": "Allow"}
    del app["owners"], app["federatedIdentityCredentials"]
    return app


def user(number: int) -> dict[str, Any]:
    """A user as Graph shows it to who may read users."""
    return {
        "@odata.type": "#microsoft.graph.user",
        "id": f"{number:08x}-aaaa-4aaa-8aaa-aaaaaaaaaaaa",
        "displayName": f"Person {number}",
        "userPrincipalName": f"person{number}@contoso.com",
        "userType": "Member",
        "mail": None,
    }


def principal(number: int, **changes: Any) -> dict[str, Any]:
    """The service principal of an application."""
    roles = changes.pop("appRoles", [])
    return {
        "id": f"{number:08x}-2222-4222-8222-222222222222",
        "appId": f"{number:08x}-1111-4111-8111-111111111111",
        "displayName": f"Application {number}",
        "appDisplayName": f"Application {number}",
        "description": None,
        "notes": None,
        "disabledByMicrosoftStatus": None,
        "isDisabled": None,
        "applicationTemplateId": None,
        "signInAudience": "AzureADMyOrg",
        "alternativeNames": [],
        "servicePrincipalNames": [f"{number:08x}-1111-4111-8111-111111111111"],
        "homepage": None,
        "loginUrl": None,
        "logoutUrl": None,
        "preferredTokenSigningKeyThumbprint": None,
        "tokenEncryptionKeyId": None,
        "notificationEmailAddresses": [],
        "verifiedPublisher": {"displayName": None, "verifiedPublisherId": None, "addedDateTime": None},
        "info": {"termsOfServiceUrl": None, "supportUrl": None, "privacyStatementUrl": None, "marketingUrl": None},
        "servicePrincipalType": "Application",
        "accountEnabled": True,
        "appRoleAssignmentRequired": True,
        "appOwnerOrganizationId": TENANT,
        "tags": ["WindowsAzureActiveDirectoryIntegratedApp"],
        "replyUrls": [],
        "passwordCredentials": [],
        "keyCredentials": [],
        "preferredSingleSignOnMode": None,
        "appRoles": roles,
        "oauth2PermissionScopes": [],
        **changes,
    }


def _as_the_default() -> dict[str, Any]:
    """The restrictions of the clean tenant's default, as a policy for single applications has them."""
    default = clean_tenant()["defaultAppManagementPolicy"]["applicationRestrictions"]
    uris = default.pop("identifierUris")
    return {**default, "applicationRestrictions": {"identifierUris": uris}}


class Directory:
    """What the server shows. Lists may be any sequence, so that a large tenant need not lie in memory."""

    def __init__(self, count: int = 0) -> None:
        self.id = TENANT
        self.applications: Any = [application(number) for number in range(count)]
        self.owners: dict[str, list[dict[str, Any]]] = {
            app["id"]: [user(number)] for number, app in enumerate(self.applications) if number % 2 == 0
        }
        #: The object IDs of users whose account is disabled.
        self.disabled: set[str] = set()
        #: Rows of the report of MFA methods, with the size of its pages, and risky service principals.
        self.registrations: list[dict[str, Any]] = []
        self.registration_page = 2
        self.risks: list[dict[str, Any]] = []
        #: The public keys of key credentials by key ID, in base64.
        self.public_keys: dict[str, str] = {}
        #: The object IDs of what claims mapping policies apply to, by the ID of the policy.
        self.mapped: dict[str, list[str]] = {}
        #: Those of users that the list of users does not return.
        self.hidden: set[str] = set()
        #: Last sign-ins of applications, and sign-ins with the size of their pages.
        self.activities: list[dict[str, Any]] = []
        self.sign_ins: list[dict[str, Any]] = []
        self.sign_in_page = 1000
        self.federated: dict[str, list[dict[str, Any]]] = {}
        #: The sponsors of blueprints and agent identities, and the inheritable permissions of blueprints, by object ID.
        self.sponsors: dict[str, list[dict[str, Any]]] = {}
        self.inheritable: dict[str, list[dict[str, Any]]] = {}
        self.agent_users: list[dict[str, Any]] = []
        reader = {
            "id": "df021288-bdef-4463-88db-98f22de89214",
            "value": "User.Read.All",
            "isEnabled": True,
            "allowedMemberTypes": ["Application"],
            "displayName": "Read users",
            "description": "",
        }
        graph = principal(
            0xFFFFFF,
            appId=GRAPH_APP,
            displayName="Microsoft Graph",
            appRoles=[reader],
            appOwnerOrganizationId="f8cdef31-a31e-4b4a-93e4-5f571e91255a",
        )
        self.principals: Any = [graph, *(principal(number) for number in range(count))]
        self.assignments = [
            {
                "id": f"a{number}",
                "appRoleId": reader["id"],
                "principalId": f"{number:08x}-2222-4222-8222-222222222222",
                "principalType": "ServicePrincipal",
                "principalDisplayName": f"Application {number}",
                "resourceId": graph["id"],
                "resourceDisplayName": "Microsoft Graph",
                "createdDateTime": "2026-01-01T00:00:00Z",
                "deletedDateTime": None,
            }
            for number in range(0, count, 4)
        ]
        self.grants: Any = [
            {
                "id": f"g{number}",
                "clientId": f"{number:08x}-2222-4222-8222-222222222222",
                "consentType": "AllPrincipals",
                "principalId": None,
                "resourceId": graph["id"],
                "scope": "User.Read openid",
            }
            for number in range(count)
        ]
        self.roles: list[dict[str, Any]] = [
            {
                "id": "r1",
                "principalId": user(1)["id"],
                "roleDefinitionId": "62e90394-69f5-4237-9190-012177145e10",
                "directoryScopeId": "/",
            }
        ]
        #: Groups to which roles may be assigned, with the object IDs of their members.
        self.groups: dict[str, tuple[str, list[str]]] = {}
        self.organization = {
            "id": TENANT,
            "displayName": "Contoso",
            "tenantType": "AAD",
            "verifiedDomains": [
                {
                    "name": "contoso.com",
                    "type": "Managed",
                    "capabilities": "Email",
                    "isDefault": True,
                    "isInitial": False,
                },
                {
                    "name": "contoso.onmicrosoft.com",
                    "type": "Managed",
                    "capabilities": "Email",
                    "isDefault": False,
                    "isInitial": True,
                },
            ],
        }
        self.policies: dict[str, Any] = {
            "/roleManagement/directory/roleDefinitions": [
                {
                    "id": "0c0c0c0c-0000-4000-8000-000000000001",
                    "displayName": "Sign-in helper",
                    "isEnabled": True,
                    "rolePermissions": [
                        {"allowedResourceActions": ["microsoft.directory/applications/basic/update"], "condition": None}
                    ],
                }
            ],
            "/roleManagement/directory/roleEligibilityScheduleInstances": [],
            "/policies/authorizationPolicy": clean_tenant()["authorizationPolicy"],
            "/policies/defaultAppManagementPolicy": clean_tenant()["defaultAppManagementPolicy"],
            "/policies/appManagementPolicies": [
                {
                    "id": "p1",
                    "displayName": "Exempt",
                    "description": "",
                    "isEnabled": True,
                    "restrictions": _as_the_default(),
                    "appliesTo": [
                        {"@odata.type": "#microsoft.graph.application", "id": "00000000-0000-4000-8000-000000000000"}
                    ],
                }
            ],
            "/policies/claimsMappingPolicies": [],
            "/policies/adminConsentRequestPolicy": clean_tenant()["adminConsentRequestPolicy"],
            "/policies/permissionGrantPolicies": [
                {
                    "id": "microsoft-user-default-legacy",
                    "displayName": "Default user consent policy",
                    "description": "",
                    "includes": [{"id": "c1", "permissionType": "delegated", "permissions": ["all"]}],
                    "excludes": [],
                }
            ],
            "/groupSettings": [
                {
                    "id": "s1",
                    "displayName": "Consent Policy Settings",
                    "templateId": "dffd5d46-495d-40a9-8e21-954ff55e198a",
                    "values": [{"name": "EnableGroupSpecificConsent", "value": "false"}],
                }
            ],
            f"/servicePrincipals(appId='{GRAPH_APP}')/delegatedPermissionClassifications": [
                {
                    "id": "KF3",
                    "permissionId": "e1fe6dd8-ba31-4d61-89e7-88639da4683d",
                    "permissionName": "User.Read",
                    "classification": "low",
                }
            ],
            "/identity/conditionalAccess/policies": clean_tenant()["conditionalAccessPolicies"],
        }


def agent_user(number: int, agent: str) -> dict[str, Any]:
    """The user account of the agent identity *agent*; none of its names belongs into a snapshot."""
    return {
        "@odata.type": "#microsoft.graph.agentUser",
        "id": f"{number:08x}-bbbb-4bbb-8bbb-bbbbbbbbbbbb",
        "displayName": f"Colleague {number}",
        "userPrincipalName": f"colleague{number}@contoso.com",
        "accountEnabled": True,
        "identityParentId": agent,
    }


READ_AGENTS = frozenset(("AgentIdentity.Read.All", "AgentIdentityBlueprint.Read.All"))


def add_agents(directory: Directory, blueprints: int, agents: int) -> None:
    """Add *blueprints*, their principals, which may read all users, and *agents* of each, which inherit that.

    Each agent has a user account.
    """
    graph, reader = directory.principals[0]["id"], directory.principals[0]["appRoles"][0]["id"]
    everything = {"inheritableScopes": {"kind": "allAllowed"}, "inheritableRoles": {"kind": "allAllowed"}}
    for number in range(0x1000, 0x1000 + blueprints):
        one = application(number, displayName=f"Blueprint {number}")
        for name in ("spa", "publicClient", "notes", "isFallbackPublicClient"):
            one[name] = None
        directory.applications.append({"@odata.type": BLUEPRINT_TYPE, **one})
        directory.sponsors[one["id"]] = [user(1)]
        directory.inheritable[one["id"]] = [{"resourceAppId": GRAPH_APP, **everything}]
        holder = {"@odata.type": BLUEPRINT_PRINCIPAL_TYPE, **principal(number, displayName=f"Blueprint {number}")}
        directory.principals.append(holder)
        directory.assignments.append(
            {**_ASSIGNMENT, "id": f"b{number}", "appRoleId": reader, "principalId": holder["id"], "resourceId": graph}
        )
        for place in range(agents):
            agent = principal(number * 0x1000 + place, servicePrincipalType="ServiceIdentity")
            agent |= {"@odata.type": AGENT_TYPE, "agentIdentityBlueprintId": one["appId"], "appRoles": []}
            directory.principals.append(agent)
            directory.sponsors[agent["id"]] = [user(1)]
            directory.agent_users.append(agent_user(number * 0x1000 + place, agent["id"]))


_ASSIGNMENT = {
    "principalType": "ServicePrincipal",
    "principalDisplayName": "Blueprint",
    "resourceDisplayName": "Microsoft Graph",
    "createdDateTime": "2026-01-01T00:00:00Z",
}


class Many:
    """So many applications or service principals, made when they are looked at."""

    def __init__(self, count: int, *, principals: bool = False) -> None:
        self._count = count
        self._principals = principals
        self._samples = [json.dumps(principal(n) if principals else application(n)) for n in range(30)]

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, numbers: slice) -> list[dict[str, Any]]:
        return [self._one(number) for number in range(*numbers.indices(self._count))]

    def _one(self, number: int) -> dict[str, Any]:
        sample = number % 30
        text = self._samples[sample]
        return json.loads(
            text.replace(f'"{sample:08x}-', f'"{number:08x}-').replace(f"Application {sample}", f"Application {number}")
        )

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self[:])


def large(count: int) -> Directory:
    """A tenant of *count* applications, each with a service principal; every second has an owner, every hundredth
    federates.
    """
    directory = Directory()
    graph = directory.principals[0]
    directory.applications, principals = Many(count), Many(count, principals=True)
    directory.principals = _After([graph], principals)
    directory.owners = _EverySecond()  # type: ignore[assignment]
    directory.federated = {
        f"{number:08x}-0000-4000-8000-000000000000": [
            {
                "id": f"f{number}",
                "name": "ci",
                "issuer": "https://token.actions.githubusercontent.com",
                "subject": f"repo:contoso/app{number}:ref:refs/heads/main",
                "audiences": ["api://AzureADTokenExchange"],
                "description": None,
            }
        ]
        for number in range(0, count, 100)
    }
    return directory


class _EverySecond:
    def get(self, key: str, default: Any = ()) -> list[dict[str, Any]]:
        number = int(key.partition("-")[0], 16)
        return [user(number % 1000)] if number % 2 == 0 else []


class _After:
    """One sequence after another."""

    def __init__(self, first: list[Any], then: Many) -> None:
        self._first, self._then = first, then

    def __len__(self) -> int:
        return len(self._first) + len(self._then)

    def __getitem__(self, numbers: slice) -> list[Any]:
        start, stop, _ = numbers.indices(len(self))
        cut = len(self._first)
        return self._first[start:stop] + self._then[max(start - cut, 0) : max(stop - cut, 0)]

    def of_ids(self, ids: Sequence[str]) -> list[Any]:
        """Those with these ids and some others, without a search from end to end."""
        numbers = [int(key.partition("-")[0], 16) for key in ids]
        return self._first + [one for number in numbers for one in self._then[number : number + 1]]


__all__ = [
    "GRAPH_APP",
    "OTHER_TENANT",
    "READ_AGENTS",
    "TENANT",
    "Directory",
    "Many",
    "add_agents",
    "agent_user",
    "application",
    "clean",
    "large",
    "principal",
    "user",
]
