"""Clean registrations, one per kind of client, and an agent identity blueprint.

Rules' fragments are merged into them, and no rule may report them.

Dates fit ``NOW``, the moment at which rules are tested.
"""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from rules.model.object_kind import BLUEPRINT_TYPE, NOT_OF_BLUEPRINTS
from rules.model.registration import Registration

#: The moment at which the rules' own fragments are checked.
NOW: Final = datetime(2026, 1, 15, 10, 0, tzinfo=UTC)

_TENANT: Final = "0f0f0f0f-0000-4000-8000-000000000001"


def _base(number: int, name: str) -> dict[str, Any]:
    """Everything that Graph returns for an application, at its default, with an owner."""
    return {
        "id": f"00000000-0000-4000-8000-00000000000{number}",
        "appId": f"11111111-1111-4111-8111-11111111111{number}",
        "displayName": name,
        "description": None,
        "notes": "Run by the team that its owners belong to.",
        "tags": [],
        "createdDateTime": "2025-06-01T09:00:00Z",
        "signInAudience": "AzureADMyOrg",
        "isFallbackPublicClient": None,
        "oauth2RequirePostResponse": False,
        "publisherDomain": "contoso.com",
        "verifiedPublisher": {"displayName": None, "verifiedPublisherId": None, "addedDateTime": None},
        "info": {
            "termsOfServiceUrl": "https://contoso.com/terms",
            "supportUrl": None,
            "privacyStatementUrl": "https://contoso.com/privacy",
            "marketingUrl": None,
        },
        "groupMembershipClaims": None,
        "optionalClaims": {"idToken": [], "accessToken": [], "saml2Token": []},
        "tokenEncryptionKeyId": None,
        "requestSignatureVerification": {"isSignedRequestRequired": None, "allowedWeakAlgorithms": None},
        "samlMetadataUrl": None,
        "serviceManagementReference": None,
        "disabledByMicrosoftStatus": None,
        "isDisabled": None,
        "deletedDateTime": None,
        "applicationTemplateId": None,
        "servicePrincipalLockConfiguration": {
            "isEnabled": True,
            "allProperties": True,
            "credentialsWithUsageVerify": True,
            "credentialsWithUsageSign": True,
            "identifierUris": False,
            "tokenEncryptionKeyId": True,
        },
        "authenticationBehaviors": {
            "blockAzureADGraphAccess": True,
            "coopEnforcement": None,
            "removeUnverifiedEmailClaim": True,
            "requireClientServicePrincipal": True,
        },
        "identifierUris": [],
        "web": {
            "redirectUris": [],
            "homePageUrl": None,
            "logoutUrl": None,
            "implicitGrantSettings": {"enableAccessTokenIssuance": False, "enableIdTokenIssuance": False},
        },
        "spa": {"redirectUris": []},
        "publicClient": {"redirectUris": []},
        "api": {
            "requestedAccessTokenVersion": 2,
            "acceptMappedClaims": None,
            "knownClientApplications": [],
            "oauth2PermissionScopes": [],
            "preAuthorizedApplications": [],
        },
        "appRoles": [],
        "requiredResourceAccess": [],
        "passwordCredentials": [],
        "keyCredentials": [],
        "federatedIdentityCredentials": [],
        "owners": [
            {
                "id": "22222222-2222-4222-8222-222222222221",
                "displayName": "Adele Vance",
                "userPrincipalName": "adelev@contoso.com",
                "userType": "Member",
            },
            {
                "id": "22222222-2222-4222-8222-222222222222",
                "displayName": "Lee Gu",
                "userPrincipalName": "leeg@contoso.com",
                "userType": "Member",
            },
        ],
    }


_CERTIFICATE: Final = {
    "keyId": "33333333-3333-4333-8333-333333333331",
    "displayName": "CN=portal.contoso.com",
    "customKeyIdentifier": "q1w2e3r4t5",
    "startDateTime": "2025-11-01T00:00:00Z",
    "endDateTime": "2026-09-01T00:00:00Z",
    "type": "AsymmetricX509Cert",
    "usage": "Verify",
}


def _web() -> dict[str, Any]:
    app = _base(1, "Contoso Portal")
    app["web"]["redirectUris"] = ["https://portal.contoso.com/signin-oidc"]
    app["web"]["logoutUrl"] = "https://portal.contoso.com/signout"
    app["keyCredentials"] = [dict(_CERTIFICATE)]
    return app


def _spa() -> dict[str, Any]:
    app = _base(2, "Contoso Orders")
    app["spa"]["redirectUris"] = ["https://orders.contoso.com/"]
    return app


def _native() -> dict[str, Any]:
    app = _base(3, "Contoso Desktop")
    app["publicClient"]["redirectUris"] = ["http://127.0.0.1", "com.contoso.desktop://auth"]
    return app


def _daemon() -> dict[str, Any]:
    app = _base(4, "Contoso Nightly Sync")
    app["federatedIdentityCredentials"] = [
        {
            "id": "44444444-4444-4444-8444-444444444441",
            "name": "nightly-sync",
            "issuer": f"https://login.microsoftonline.com/{_TENANT}/v2.0",
            "subject": "55555555-5555-4555-8555-555555555551",
            "audiences": ["api://AzureADTokenExchange"],
            "description": None,
            "claimsMatchingExpression": None,
        }
    ]
    return app


def _api() -> dict[str, Any]:
    app = _base(5, "Contoso Orders API")
    app["identifierUris"] = [f"api://{app['appId']}"]
    app["api"]["oauth2PermissionScopes"] = [
        {
            "id": "66666666-6666-4666-8666-666666666661",
            "value": "Orders.Read",
            "type": "User",
            "isEnabled": True,
            "adminConsentDisplayName": "Read orders",
            "adminConsentDescription": "Read the orders of the signed-in user.",
            "userConsentDisplayName": "Read your orders",
            "userConsentDescription": "Read your orders.",
        }
    ]
    return app


def _blueprint() -> dict[str, Any]:
    """An agent identity blueprint whose agents run on Azure and act on behalf of users."""
    app = _base(0, "Contoso Travel Agent")
    names = {field.name: field.encode_name for field in msgspec.structs.fields(Registration)}
    app |= dict.fromkeys(names[name] for name in NOT_OF_BLUEPRINTS)
    app |= {
        "@odata.type": BLUEPRINT_TYPE,
        "description": "Books trips.",
        "identifierUris": [f"api://{app['appId']}"],
        "federatedIdentityCredentials": _daemon()["federatedIdentityCredentials"],
        "sponsors": app["owners"][:1],
        "inheritablePermissions": [],
    }
    scope = {"value": "access_agent", "adminConsentDisplayName": "Use the agent"}
    app["api"]["oauth2PermissionScopes"] = [{**_api()["api"]["oauth2PermissionScopes"][0], **scope}]
    return app


_MAKERS: Final = {"web": _web, "spa": _spa, "native": _native, "daemon": _daemon, "api": _api, "blueprint": _blueprint}

#: The names of the clean registrations.
KINDS: Final = tuple(_MAKERS)


def clean(kind: str) -> dict[str, Any]:
    """A fresh copy of the clean registration *kind* as Graph JSON. Raises ``KeyError`` for an unknown kind."""
    return _MAKERS[kind]()


def merged_into(kind: str, fragment: dict[str, Any]) -> dict[str, Any]:
    """The clean registration *kind* with *fragment* merged into it as a JSON merge patch (RFC 7396)."""
    return merged(clean(kind), fragment)


def merged(target: dict[str, Any], fragment: dict[str, Any]) -> dict[str, Any]:
    """*fragment* merged into *target*. A null is kept, where RFC 7396 would remove the member: Graph returns it."""
    found = _merge(target, copy.deepcopy(fragment))
    if not isinstance(found, dict):
        raise TypeError("a fragment must be an object")
    return found


def _merge(target: Any, patch: Any) -> Any:
    if not isinstance(patch, dict):
        return patch
    found = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        found[name] = None if value is None else _merge(found.get(name), value)
    return found
