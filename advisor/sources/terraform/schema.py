"""The resources of Terraform's azuread provider, and what each of their arguments is in Microsoft Graph.

Sources: hashicorp/terraform-provider-azuread, docs/resources (``application`` and every ``application_*``, version 3)
and internal/services/applications (defaults; ``migrations`` for the names of versions 0 and 1).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

import msgspec

#: The whole application in one resource. The provider azurerm had it before there was azuread.
WHOLE: Final = frozenset(("azuread_application", "azurerm_azuread_application"))
#: An application whose lists are resources of their own.
SPLIT: Final = frozenset(("azuread_application_registration", "azuread_application_from_template"))
#: Resources of the provider msgraph, and what they turn out to be by their URL: names of ours, no type has them.
GRAPH: Final = frozenset(("msgraph_resource", "msgraph_update_resource"))
GRAPH_APPLICATION: Final = "msgraph: application"
GRAPH_CREDENTIAL: Final = "msgraph: credential"
GRAPH_UPDATE: Final = "msgraph: update"
APPLICATIONS: Final = WHOLE | SPLIT | {GRAPH_APPLICATION}

Kind = Literal["value", "part", "parts"]


class Argument(msgspec.Struct, frozen=True):
    """An argument: its Graph pointer below the part that holds it, and for blocks what is inside."""

    pointer: str
    kind: Kind = "value"
    inside: Mapping[str, Argument] = {}


def _values(names: Mapping[str, str]) -> dict[str, Argument]:
    return {name: Argument(f"/{pointer}") for name, pointer in names.items()}


_SCOPE: Final = _values(
    {
        "id": "id",
        "value": "value",
        "type": "type",
        "enabled": "isEnabled",
        "is_enabled": "isEnabled",
        "admin_consent_display_name": "adminConsentDisplayName",
        "admin_consent_description": "adminConsentDescription",
        "user_consent_display_name": "userConsentDisplayName",
        "user_consent_description": "userConsentDescription",
    }
)
_ROLE: Final = _values(
    {
        "id": "id",
        "value": "value",
        "display_name": "displayName",
        "description": "description",
        "enabled": "isEnabled",
        "is_enabled": "isEnabled",
        "allowed_member_types": "allowedMemberTypes",
    }
)
_CLAIM: Final = _values(
    {"name": "name", "source": "source", "essential": "essential", "additional_properties": "additionalProperties"}
)
_CLAIMS: Final = {
    "id_token": Argument("/idToken", "parts", _CLAIM),
    "access_token": Argument("/accessToken", "parts", _CLAIM),
    "saml2_token": Argument("/saml2Token", "parts", _CLAIM),
}
_PASSWORD: Final = _values(
    {
        "key_id": "keyId",
        "display_name": "displayName",
        "start_date": "startDateTime",
        "end_date": "endDateTime",
        "value": "secretText",
    }
)
_ACCESS: Final = {
    "resource_app_id": Argument("/resourceAppId"),
    "resource_access": Argument("/resourceAccess", "parts", _values({"id": "id", "type": "type"})),
}
_IMPLICIT: Final = _values(
    {"access_token_issuance_enabled": "enableAccessTokenIssuance", "id_token_issuance_enabled": "enableIdTokenIssuance"}
)
_REDIRECTS: Final = _values({"redirect_uris": "redirectUris"})

#: Arguments that are in Graph what they are here. What needs a second look is in ``application.py``.
ARGUMENTS: Final[Mapping[str, Argument]] = {
    **_values(
        {
            "client_id": "appId",
            "application_id": "appId",
            "object_id": "id",
            "display_name": "displayName",
            "name": "displayName",
            "description": "description",
            "notes": "notes",
            "sign_in_audience": "signInAudience",
            "fallback_public_client_enabled": "isFallbackPublicClient",
            "oauth2_post_response_required": "oauth2RequirePostResponse",
            "service_management_reference": "serviceManagementReference",
            "disabled_by_microsoft": "disabledByMicrosoftStatus",
            "publisher_domain": "publisherDomain",
            "identifier_uris": "identifierUris",
            "tags": "tags",
            "marketing_url": "info/marketingUrl",
            "privacy_statement_url": "info/privacyStatementUrl",
            "support_url": "info/supportUrl",
            "terms_of_service_url": "info/termsOfServiceUrl",
            "logo_url": "info/logoUrl",
            "homepage_url": "web/homePageUrl",
            "homepage": "web/homePageUrl",
            "logout_url": "web/logoutUrl",
            "oauth2_allow_implicit_flow": "web/implicitGrantSettings/enableAccessTokenIssuance",
            "implicit_access_token_issuance_enabled": "web/implicitGrantSettings/enableAccessTokenIssuance",
            "implicit_id_token_issuance_enabled": "web/implicitGrantSettings/enableIdTokenIssuance",
            "requested_access_token_version": "api/requestedAccessTokenVersion",
        }
    ),
    "web": Argument(
        "/web",
        "part",
        {
            **_REDIRECTS,
            **_values({"homepage_url": "homePageUrl", "logout_url": "logoutUrl"}),
            "implicit_grant": Argument("/implicitGrantSettings", "part", _IMPLICIT),
        },
    ),
    "single_page_application": Argument("/spa", "part", _REDIRECTS),
    "public_client": Argument("/publicClient", "part", _REDIRECTS),
    "api": Argument(
        "/api",
        "part",
        {
            **_values(
                {
                    "known_client_applications": "knownClientApplications",
                    "mapped_claims_enabled": "acceptMappedClaims",
                    "requested_access_token_version": "requestedAccessTokenVersion",
                }
            ),
            "oauth2_permission_scope": Argument("/oauth2PermissionScopes", "parts", _SCOPE),
        },
    ),
    "oauth2_permissions": Argument("/api/oauth2PermissionScopes", "parts", _SCOPE),
    "app_role": Argument("/appRoles", "parts", _ROLE),
    "optional_claims": Argument("/optionalClaims", "part", _CLAIMS),
    "required_resource_access": Argument("/requiredResourceAccess", "parts", _ACCESS),
    "password": Argument("/passwordCredentials", "parts", _PASSWORD),
}

#: Arguments and members of the types bool and number; all others are texts, or lists of texts.
BOOLEANS: Final = frozenset(
    ("access_token_issuance_enabled", "available_to_other_tenants", "custom_single_sign_on", "enabled", "enterprise",
     "essential", "fallback_public_client_enabled", "gallery", "hide", "id_token_issuance_enabled",
     "implicit_access_token_issuance_enabled", "implicit_id_token_issuance_enabled", "is_enabled",
     "mapped_claims_enabled", "oauth2_allow_implicit_flow", "oauth2_post_response_required", "public_client")
)  # fmt: skip
NUMBERS: Final = frozenset(("requested_access_token_version",))

#: What the provider sends where nothing is written (``expandApplicationApi`` and related functions): the Graph pointer,
#: the value, and the argument that would say otherwise.
DEFAULTS: Final[tuple[tuple[str, Any, str], ...]] = (
    ("/description", None, "description"),
    ("/notes", None, "notes"),
    ("/tags", [], "tags"),
    ("/signInAudience", "AzureADMyOrg", "sign_in_audience"),
    ("/isFallbackPublicClient", False, "fallback_public_client_enabled"),
    ("/oauth2RequirePostResponse", False, "oauth2_post_response_required"),
    ("/serviceManagementReference", None, "service_management_reference"),
    ("/groupMembershipClaims", None, "group_membership_claims"),
    ("/disabledByMicrosoftStatus", None, "disabled_by_microsoft"),
    ("/identifierUris", [], "identifier_uris"),
    ("/info/marketingUrl", None, "marketing_url"),
    ("/info/privacyStatementUrl", None, "privacy_statement_url"),
    ("/info/supportUrl", None, "support_url"),
    ("/info/termsOfServiceUrl", None, "terms_of_service_url"),
    ("/web/redirectUris", [], "web.redirect_uris"),
    ("/web/homePageUrl", None, "web.homepage_url"),
    ("/web/logoutUrl", None, "web.logout_url"),
    (
        "/web/implicitGrantSettings/enableAccessTokenIssuance",
        False,
        "web.implicit_grant.access_token_issuance_enabled",
    ),
    ("/web/implicitGrantSettings/enableIdTokenIssuance", False, "web.implicit_grant.id_token_issuance_enabled"),
    ("/spa/redirectUris", [], "single_page_application.redirect_uris"),
    ("/publicClient/redirectUris", [], "public_client.redirect_uris"),
    ("/api/requestedAccessTokenVersion", 1, "api.requested_access_token_version"),
    ("/api/acceptMappedClaims", False, "api.mapped_claims_enabled"),
    ("/api/knownClientApplications", [], "api.known_client_applications"),
    ("/api/oauth2PermissionScopes", [], "api.oauth2_permission_scope"),
    ("/api/preAuthorizedApplications", [], "azuread_application_pre_authorized"),
    ("/appRoles", [], "app_role"),
    ("/requiredResourceAccess", [], "required_resource_access"),
    ("/optionalClaims/idToken", [], "optional_claims.id_token"),
    ("/optionalClaims/accessToken", [], "optional_claims.access_token"),
    ("/optionalClaims/saml2Token", [], "optional_claims.saml2_token"),
    ("/owners", [], "owners"),
    ("/passwordCredentials", [], "azuread_application_password"),
    ("/keyCredentials", [], "azuread_application_certificate"),
    ("/federatedIdentityCredentials", [], "azuread_application_federated_identity_credential"),
)
#: Of ``azuread_application_registration`` what is different: its own names, and a default of its documentation.
SPLIT_DEFAULTS: Final[Mapping[str, tuple[Any, str]]] = {
    "/api/requestedAccessTokenVersion": (2, "requested_access_token_version"),
    "/isFallbackPublicClient": (None, "azuread_application_fallback_public_client"),
    "/identifierUris": ([], "azuread_application_identifier_uri"),
    "/web/redirectUris": ([], "azuread_application_redirect_uris"),
    "/web/homePageUrl": (None, "homepage_url"),
    "/web/logoutUrl": (None, "logout_url"),
    "/web/implicitGrantSettings/enableAccessTokenIssuance": (False, "implicit_access_token_issuance_enabled"),
    "/web/implicitGrantSettings/enableIdTokenIssuance": (False, "implicit_id_token_issuance_enabled"),
    "/spa/redirectUris": ([], "azuread_application_redirect_uris"),
    "/publicClient/redirectUris": ([], "azuread_application_redirect_uris"),
    "/api/knownClientApplications": ([], "azuread_application_known_clients"),
    "/api/oauth2PermissionScopes": ([], "azuread_application_permission_scope"),
    "/appRoles": ([], "azuread_application_app_role"),
    "/requiredResourceAccess": ([], "azuread_application_api_access"),
    "/optionalClaims/idToken": ([], "azuread_application_optional_claims"),
    "/optionalClaims/accessToken": ([], "azuread_application_optional_claims"),
    "/optionalClaims/saml2Token": ([], "azuread_application_optional_claims"),
    "/owners": ([], "azuread_application_owner"),
}
#: Set by Entra, so it is not known before the application exists.
COMPUTED: Final = ("client_id", "object_id", "publisher_domain")

#: Defaults inside the elements of a list, by Graph's name of it: Graph's name, the value, the argument.
ELEMENT_DEFAULTS: Final[Mapping[str, tuple[tuple[str, Any, str], ...]]] = {
    "oauth2PermissionScopes": (("isEnabled", True, "enabled"), ("type", "User", "type")),
    "appRoles": (("isEnabled", True, "enabled"),),
}


class Piece(msgspec.Struct, frozen=True):
    """A resource that holds a part of an application: the list that it adds an element to, and what the element is.

    ``adds`` is the Graph pointer; without one the resource is translated by hand.
    """

    adds: str
    arguments: Mapping[str, Argument] = {}
    fixed: Mapping[str, Any] = {}


#: Split resources by their types.
PIECES: Final[Mapping[str, Piece]] = {
    "azuread_application_password": Piece("/passwordCredentials", _PASSWORD, {"displayName": None}),
    "azuread_service_principal_password": Piece("/passwordCredentials", _PASSWORD, {"displayName": None}),
    "azuread_app_role_assignment": Piece("/appRoleAssignments"),
    "azuread_service_principal_delegated_permission_grant": Piece("/oauth2PermissionGrants"),
    "azuread_directory_role_assignment": Piece("/roleAssignments"),
    "azuread_directory_role_member": Piece("/roleAssignments"),
    # The managed identity that it belongs to has no registration.
    "azurerm_federated_identity_credential": Piece(
        "/federatedIdentityCredentials",
        _values({"name": "name", "issuer": "issuer", "subject": "subject", "audience": "audiences"}),
        {"claimsMatchingExpression": None},
    ),
    "azuread_application_certificate": Piece(
        "/keyCredentials",
        _values(
            {
                "key_id": "keyId",
                "type": "type",
                "value": "key",
                "start_date": "startDateTime",
                "end_date": "endDateTime",
            }
        ),
        {"usage": "Verify"},
    ),
    "azuread_application_federated_identity_credential": Piece(
        "/federatedIdentityCredentials",
        _values(
            {
                "credential_id": "id",
                "display_name": "name",
                "description": "description",
                "issuer": "issuer",
                "subject": "subject",
                "audiences": "audiences",
            }
        ),
        {"claimsMatchingExpression": None},
    ),
    "azuread_application_flexible_federated_identity_credential": Piece(
        "/federatedIdentityCredentials",
        _values(
            {
                "credential_id": "id",
                "display_name": "name",
                "description": "description",
                "issuer": "issuer",
                "audience": "audiences",
                "claims_matching_expression": "claimsMatchingExpression/value",
            }
        ),
        {"subject": None, "claimsMatchingExpression/languageVersion": 1},
    ),
    "azuread_application_permission_scope": Piece(
        "/api/oauth2PermissionScopes", {**_SCOPE, "scope_id": Argument("/id")}, {"isEnabled": True}
    ),
    "azuread_application_oauth2_permission_scope": Piece(
        "/api/oauth2PermissionScopes", {**_SCOPE, "scope_id": Argument("/id")}, {"isEnabled": True}
    ),
    "azuread_application_oauth2_permission": Piece(
        "/api/oauth2PermissionScopes", {**_SCOPE, "permission_id": Argument("/id")}, {"isEnabled": True}
    ),
    "azuread_application_app_role": Piece("/appRoles", {**_ROLE, "role_id": Argument("/id")}, {"isEnabled": True}),
    "azuread_application_pre_authorized": Piece(
        "/api/preAuthorizedApplications",
        _values(
            {"authorized_client_id": "appId", "authorized_app_id": "appId", "permission_ids": "delegatedPermissionIds"}
        ),
    ),
    "azuread_pre_authorized_application": Piece(
        "/api/preAuthorizedApplications",
        _values({"authorized_app_id": "appId", "permission_ids": "delegatedPermissionIds"}),
    ),
    "azuread_application_owner": Piece("/owners", _values({"owner_object_id": "id"})),
    "azuread_application_identifier_uri": Piece("/identifierUris"),
    "azuread_application_redirect_uris": Piece(""),
    "azuread_application_api_access": Piece("/requiredResourceAccess"),
    "azuread_application_known_clients": Piece("/api/knownClientApplications"),
    "azuread_application_fallback_public_client": Piece("/isFallbackPublicClient"),
    "azuread_application_optional_claims": Piece("/optionalClaims", _CLAIMS),
    GRAPH_CREDENTIAL: Piece(""),
    GRAPH_UPDATE: Piece(""),
}
#: Pieces whose part an ``azuread_application`` overwrites, and the argument that prevents it in ``ignore_changes``.
#: Nothing prevents it where the provider calls the two incompatible.
OVERWRITTEN: Final[Mapping[str, str]] = {
    "azuread_application_redirect_uris": "",
    "azuread_application_fallback_public_client": "",
    "azuread_application_known_clients": "",
    "azuread_application_owner": "",
    "azuread_application_api_access": "required_resource_access",
    "azuread_application_app_role": "app_role",
    "azuread_application_identifier_uri": "identifier_uris",
    "azuread_application_optional_claims": "optional_claims",
    "azuread_application_permission_scope": "api.oauth2_permission_scope",
}
#: The arguments by which a piece names its application, or the service principal or managed identity that it is for.
LINKS: Final = (
    "application_id", "application_object_id", "url",
    "service_principal_id", "service_principal_object_id", "principal_object_id", "member_object_id",
    "user_assigned_identity_id", "parent_id",
)  # fmt: skip
TYPES: Final = APPLICATIONS | frozenset(PIECES)
