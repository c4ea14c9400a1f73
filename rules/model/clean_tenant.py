"""A clean tenant and clean applications of it, into which rules' fragments are merged; no rule may report them.

An application of a tenant is written as ``{"servicePrincipal", "application", "oauth2PermissionGrants",
"appRoleAssignments", "roleAssignments", "scopedRoleAssignments", "scopedRoleEligibilities"}``, the tenant as Graph's
objects by the names of ``rules.model.tenant.Tenant``.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from rules.model.clean import clean, merged
from rules.model.object_kind import AGENT_TYPE, BLUEPRINT_PRINCIPAL_TYPE
from rules.model.registration import Registration
from rules.model.tenant import Tenant
from rules.model.tenant_app import TenantApp

_TENANT: Final = "0f0f0f0f-0000-4000-8000-000000000001"
_FOREIGN_TENANT: Final = "0f0f0f0f-0000-4000-8000-000000000002"
_GRAPH: Final = "00000003-0000-0000-c000-000000000000"

#: The object ids of the users who own applications, in the clean ones and in examples.
_USERS: Final = tuple(f"22222222-2222-4222-8222-2222222222{number}" for number in (21, 22, 31))

#: The object id of Microsoft Graph's service principal in the clean tenant: what grants name as their resource.
GRAPH_PRINCIPAL: Final = "88888888-8888-4888-8888-888888888881"


_NOTHING_GRANTED: Final[dict[str, Any]] = {
    "oauth2PermissionGrants": [],
    "appRoleAssignments": [],
    "roleAssignments": [],
    "scopedRoleAssignments": [],
    "scopedRoleEligibilities": [],
}


def _principal(number: int, name: str, **more: Any) -> dict[str, Any]:
    """Everything that is read of a service principal, at its default but for the assignment that it requires."""
    return {
        "id": f"77777777-7777-4777-8777-77777777777{number}",
        "appId": f"11111111-1111-4111-8111-11111111111{number}",
        "displayName": name,
        "appDisplayName": name,
        "description": None,
        "notes": None,
        "servicePrincipalType": "Application",
        "accountEnabled": True,
        "disabledByMicrosoftStatus": None,
        "isDisabled": None,
        "deletedDateTime": None,
        "appRoleAssignmentRequired": True,
        "appOwnerOrganizationId": _TENANT,
        "applicationTemplateId": None,
        "signInAudience": "AzureADMyOrg",
        "tags": ["WindowsAzureActiveDirectoryIntegratedApp"],
        "alternativeNames": [],
        "servicePrincipalNames": [f"11111111-1111-4111-8111-11111111111{number}"],
        "homepage": None,
        "loginUrl": None,
        "logoutUrl": None,
        "replyUrls": [],
        "preferredSingleSignOnMode": None,
        "preferredTokenSigningKeyThumbprint": None,
        "tokenEncryptionKeyId": None,
        "notificationEmailAddresses": [],
        "passwordCredentials": [],
        "keyCredentials": [],
        "appRoles": [],
        "oauth2PermissionScopes": [],
        "verifiedPublisher": {"displayName": None, "verifiedPublisherId": None, "addedDateTime": None},
        "info": {"termsOfServiceUrl": None, "supportUrl": None, "privacyStatementUrl": None, "marketingUrl": None},
        "owners": [],
        **more,
    }


def _app(kind: str, number: int, places: tuple[str, ...] = ("web", "spa", "publicClient")) -> dict[str, Any]:
    registration = clean(kind)
    principal = _principal(number, registration["displayName"])
    uris = [uri for place in places for uri in registration[place]["redirectUris"]]
    return {
        "servicePrincipal": {**principal, "replyUrls": uris, "appRoles": registration["appRoles"]},
        "application": registration,
        **_NOTHING_GRANTED,
    }


def _foreign() -> dict[str, Any]:
    principal = _principal(
        6,
        "Fabrikam Calendar",
        appOwnerOrganizationId=_FOREIGN_TENANT,
        signInAudience="AzureADMultipleOrgs",
        verifiedPublisher={
            "displayName": "Fabrikam",
            "verifiedPublisherId": "1234567",
            "addedDateTime": "2025-06-01T09:00:00Z",
        },
        info={
            "termsOfServiceUrl": "https://fabrikam.example/terms",
            "supportUrl": None,
            "privacyStatementUrl": "https://fabrikam.example/privacy",
            "marketingUrl": None,
        },
    )
    return {
        "servicePrincipal": principal,
        "application": None,
        **_NOTHING_GRANTED,
    }


def _managed_identity() -> dict[str, Any]:
    principal = _principal(
        7,
        "contoso-nightly",
        servicePrincipalType="ManagedIdentity",
        appOwnerOrganizationId=None,
        appRoleAssignmentRequired=False,
        tags=[],
        alternativeNames=[
            "isExplicit=True",
            "/subscriptions/99999999-0000-4000-8000-000000000001/resourcegroups/nightly/providers"
            "/Microsoft.ManagedIdentity/userAssignedIdentities/contoso-nightly",
        ],
    )
    return {
        "servicePrincipal": principal,
        "application": None,
        **_NOTHING_GRANTED,
    }


def _blueprint() -> dict[str, Any]:
    app = _app("blueprint", 0, places=("web",))
    app["servicePrincipal"] |= {"@odata.type": BLUEPRINT_PRINCIPAL_TYPE, "tags": []}
    return app


def _agent() -> dict[str, Any]:
    blueprint = clean("blueprint")
    principal = _principal(
        5,
        "Contoso Travel Agent 1",
        servicePrincipalType="ServiceIdentity",
        appRoleAssignmentRequired=False,
        tags=[],
        agentIdentityBlueprintId=blueprint["appId"],
        sponsors=blueprint["sponsors"],
        **{"@odata.type": AGENT_TYPE},
    )
    return {"servicePrincipal": principal, "application": None, **_NOTHING_GRANTED}


_MAKERS: Final = {
    "own-blueprint": _blueprint,
    "agent": _agent,
    "own": lambda: _app("web", 1),
    "own-daemon": lambda: _app("daemon", 4),
    "own-api": lambda: _app("api", 5),
    "foreign": _foreign,
    "managed-identity": _managed_identity,
}

#: The names of the clean applications of a tenant.
APP_KINDS: Final = tuple(_MAKERS)

#: The ``base`` of a rule over the tenant itself.
TENANT_KIND: Final = "tenant"


def _restriction(kind: str, **more: Any) -> dict[str, Any]:
    return {
        "restrictionType": kind,
        "state": "enabled",
        "maxLifetime": None,
        "restrictForAppsCreatedAfterDateTime": None,
        "excludeActors": None,
        **more,
    }


def _restrictions() -> dict[str, Any]:
    return {
        "passwordCredentials": [
            _restriction("passwordAddition"),
            _restriction("passwordLifetime", maxLifetime="P180D"),
            _restriction("symmetricKeyAddition"),
            _restriction("symmetricKeyLifetime", maxLifetime="P180D"),
            _restriction("customPasswordAddition"),
        ],
        "keyCredentials": [_restriction("asymmetricKeyLifetime", maxLifetime="P365D")],
        "identifierUris": None,
    }


def _conditions(**more: Any) -> dict[str, Any]:
    """The conditions of a Conditional Access policy as Graph gives them, narrowed by nothing."""
    return {
        "users": {
            "includeUsers": ["All"],
            "excludeUsers": [],
            "includeGroups": [],
            "excludeGroups": [],
            "includeRoles": [],
            "excludeRoles": [],
        },
        "applications": {"includeApplications": ["All"], "excludeApplications": [], "includeUserActions": []},
        "clientApplications": None,
        "authenticationFlows": None,
        "clientAppTypes": ["all"],
        "locations": None,
        "platforms": None,
        "devices": None,
        "signInRiskLevels": [],
        "userRiskLevels": [],
        "servicePrincipalRiskLevels": [],
        **more,
    }


def _blocked_device_code() -> dict[str, Any]:
    return {
        "id": "99999999-0000-4000-8000-000000000001",
        "displayName": "Block device code",
        "state": "enabled",
        "conditions": _conditions(authenticationFlows={"transferMethods": "deviceCodeFlow"}),
        "grantControls": {"operator": "OR", "builtInControls": ["block"]},
    }


def _guarded_workloads() -> dict[str, Any]:
    users: dict[str, list[str]] = {name: [] for name in _conditions()["users"]} | {"includeUsers": ["None"]}
    workloads = {"includeServicePrincipals": ["ServicePrincipalsInMyTenant"], "excludeServicePrincipals": []}
    return {
        "id": "99999999-0000-4000-8000-000000000002",
        "displayName": "Block risky workloads",
        "state": "enabled",
        "conditions": _conditions(
            users=users, clientApplications=workloads, servicePrincipalRiskLevels=["high", "medium"]
        ),
        "grantControls": {"operator": "OR", "builtInControls": ["block"]},
    }


#: Microsoft's tools for administrators: those that ``microsoft-tool-open-to-all-users`` knows.
_TOOLS: Final = (
    "04b07795-8ddb-461a-bbee-02f9e1bf7b46",
    "1950a258-227b-4e31-a9cf-717495945fc2",
    "14d82eec-204b-4c2f-b7e8-296a70dab67e",
    "de8bc8b5-d9f9-48b1-a8ad-b748da725064",
    "1b730954-1685-4b74-9bfd-dac224a7b894",
    "12128f48-ec9e-42f0-b203-ea49fb6af367",
    "fb78d390-0c51-40cd-8e17-fdbfab77341b",
    "9bc3ab49-b65d-410a-85ad-de819febfddc",
    "9cee029c-6210-4654-90bb-17e6e9d36617",
)


def _tools() -> list[dict[str, Any]]:
    """The service principals of Microsoft's tools for administrators, which require assignment."""
    microsoft = "f8cdef31-a31e-4b4a-93e4-5f571e91255a"
    return [
        _principal(
            9,
            "Microsoft tool",
            id=f"88888888-8888-4888-8888-88888888889{number}",
            appId=app_id,
            appOwnerOrganizationId=microsoft,
            servicePrincipalNames=[app_id],
        )
        for number, app_id in enumerate(_TOOLS)
    ]


def clean_tenant() -> dict[str, Any]:
    """A fresh copy of the clean tenant as Graph JSON: its policies, and Microsoft Graph's service principal."""
    uri_restriction = {
        "state": "enabled",
        "restrictForAppsCreatedAfterDateTime": None,
        "isStateSetByMicrosoft": False,
        "excludeAppsReceivingV2Tokens": True,
        "excludeSaml": True,
        "excludeActors": None,
    }
    return {
        "id": _TENANT,
        "organization": {
            "id": _TENANT,
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
        },
        "servicePrincipals": [
            _principal(
                8,
                "Microsoft Graph",
                id=GRAPH_PRINCIPAL,
                appId=_GRAPH,
                appOwnerOrganizationId="f8cdef31-a31e-4b4a-93e4-5f571e91255a",
                appRoleAssignmentRequired=False,
                servicePrincipalNames=["https://graph.microsoft.com", _GRAPH],
            ),
            *_tools(),
        ],
        "oauth2PermissionGrants": [],
        "appRoleAssignments": [],
        "roleAssignments": [],
        "roleEligibilities": [],
        "roleGroups": [],
        "roleDefinitions": [],
        "agentUsers": [],
        "users": [{"id": user, "accountEnabled": True} for user in _USERS],
        "userRegistrationDetails": [{"id": user, "isMfaCapable": True} for user in _USERS],
        "riskyServicePrincipals": [],
        "authorizationPolicy": {
            "id": "authorizationPolicy",
            "displayName": "Authorization Policy",
            "allowEmailVerifiedUsersToJoinOrganization": False,
            "allowInvitesFrom": "adminsAndGuestInviters",
            "allowUserConsentForRiskyApps": False,
            "allowedToSignUpEmailBasedSubscriptions": False,
            "allowedToUseSSPR": True,
            "blockMsolPowerShell": True,
            "guestUserRoleId": "2af84b1e-32c8-42b7-82bc-daa82404023b",
            "defaultUserRolePermissions": {
                "allowedToCreateApps": False,
                "allowedToCreateSecurityGroups": False,
                "allowedToCreateTenants": False,
                "allowedToReadBitlockerKeysForOwnedDevice": True,
                "allowedToReadOtherUsers": True,
                "permissionGrantPoliciesAssigned": [],
            },
        },
        "defaultAppManagementPolicy": {
            "id": "00000000-0000-0000-0000-000000000000",
            "displayName": "Default app management tenant policy",
            "description": None,
            "isEnabled": True,
            "applicationRestrictions": {
                **_restrictions(),
                "identifierUris": {
                    "nonDefaultUriAddition": uri_restriction,
                    "uriAdditionWithoutUniqueTenantIdentifier": dict(uri_restriction),
                },
            },
            "servicePrincipalRestrictions": _restrictions(),
        },
        "appManagementPolicies": [],
        "adminConsentRequestPolicy": {
            "isEnabled": True,
            "notifyReviewers": True,
            "remindersEnabled": True,
            "requestDurationInDays": 30,
            "version": 1,
            "reviewers": [
                {
                    "query": "/users/22222222-2222-4222-8222-222222222221",
                    "queryType": "MicrosoftGraph",
                    "queryRoot": None,
                }
            ],
        },
        "permissionGrantPolicies": [],
        "settings": [
            {
                "id": "33333333-3333-4333-8333-333333333334",
                "displayName": "Consent Policy Settings",
                "templateId": "dffd5d46-495d-40a9-8e21-954ff55e198a",
                "values": [
                    {"name": "EnableGroupSpecificConsent", "value": "False"},
                    {"name": "ConstrainGroupSpecificConsentToMembersOfGroupId", "value": ""},
                    {"name": "BlockUserConsentForRiskyApps", "value": "True"},
                    {"name": "EnableAdminConsentRequests", "value": "True"},
                ],
            }
        ],
        "delegatedPermissionClassifications": [],
        "claimsMappingPolicies": [],
        "applicationAccessPolicies": [
            {"appId": _principal(number, "")["appId"], "accessRight": "RestrictAccess"} for number in range(10)
        ],
        "azureRoleAssignments": [],
        "conditionalAccessPolicies": [_blocked_device_code(), _guarded_workloads()],
    }


def clean_app(kind: str) -> dict[str, Any]:
    """A fresh copy of the clean application *kind*. Raises ``KeyError`` for an unknown kind."""
    return _MAKERS[kind]()


def tenant_over(fragment: dict[str, Any]) -> Tenant:
    """The clean tenant with *fragment* merged into it as a JSON merge patch."""
    return msgspec.convert(merged(clean_tenant(), fragment), Tenant)


def app_over(kind: str, fragment: dict[str, Any]) -> TenantApp:
    """The clean application *kind* with *fragment* merged into it, and its ``tenant`` into the clean tenant.

    ``application`` or ``servicePrincipal`` as null means that the tenant has none.
    """
    data = merged(clean_app(kind), {name: value for name, value in fragment.items() if name != "tenant"})
    application, principal = data.pop("application"), data.pop("servicePrincipal")
    app = msgspec.convert({"servicePrincipal": principal, **data}, TenantApp)
    return msgspec.structs.replace(
        app,
        application=None if application is None else msgspec.convert(application, Registration),
        tenant=tenant_over(fragment.get("tenant", {})),
    )
