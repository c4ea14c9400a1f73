"""What kind of client a registration is for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rules.knowledge.hosts import is_debugging, redirect_endpoint
from rules.model.registration import UNSET
from rules.primitives.texts import text_of

if TYPE_CHECKING:
    from rules.model.registration import PreAuthorizedApplication, Redirect, Registration


#: How the names of registrations begin that Microsoft Entra creates: Entra Connect, B2C and External ID. Sources:
#: Microsoft, "Entra Connect: authenticate with an application identity", "Azure AD B2C: Extensions app",
#: "Troubleshooting Microsoft Entra B2B collaboration", "Directory extensions for provisioning Microsoft Entra ID to
#: Active Directory".
_ENTRAS: Final = ("ConnectSyncProvisioning_", "b2c-extensions-app", "aad-extensions-app", "Tenant Schema Extension App")


def is_made_by_entra(app: Registration) -> bool:
    """Whether Microsoft Entra created and manages it: an owner could only misuse it, and its deletion breaks a feature.

    ``urn:p2p_cert`` is the P2P Server, for joined devices.
    """
    return text_of(app.display_name).startswith(_ENTRAS) or "urn:p2p_cert" in (app.identifier_uris or ())


def has_no_server(app: Registration) -> bool:
    """Whether no part of the application runs on a server, which can protect a credential: no web app and no API.

    Where another platform is used too, redirect URIs of the web platform that need no server are not a web app. An app
    role for applications is a permission of an API (Microsoft Entra, "Protected web API: Verify scopes and app roles").
    """
    scopes = app.api.oauth2_permission_scopes if app.api else None
    roles = (role for role in app.app_roles or () if role.is_enabled is not False)
    is_called = any("Application" in (role.allowed_member_types or ()) for role in roles)
    is_mixed = any(place.platform != "web" for place in app.redirects)
    is_web = any(place.platform == "web" and not (is_mixed and needs_no_server(place)) for place in app.redirects)
    return not (app.identifier_uris or scopes or is_called or is_web)


def needs_no_server(place: Redirect) -> bool:
    """Whether no server of the client receives the code of a redirect URI.

    The user's device takes it, on loopback or from the sign-in page, or a public site for debugging shows it.
    """
    return place.uri.is_loopback or is_sign_in_page(place) or is_debugging(place.uri.host or "")


def is_sign_in_page(place: Redirect) -> bool:
    """Whether a redirect URI is a page of the sign-in service, which exists for native clients."""
    endpoint = redirect_endpoint(place.uri.host or "")
    return bool(endpoint and endpoint.kind == "sign-in")


def preauthorizes_nothing(app: Registration, client: PreAuthorizedApplication, pointer: str) -> bool:
    """Whether it is known that *client* needs consent for every enabled scope of the API *app*."""
    listed = client.delegated_permission_ids
    scopes = app.api.oauth2_permission_scopes if app.api else None
    unread = (f"{pointer}/delegatedPermissionIds", "/api/oauth2PermissionScopes")
    if listed is UNSET or any(place.startswith(unread) for place in app.unread):
        return False
    ids = {one.lower() for one in listed or ()}
    if not ids or scopes is UNSET:
        return not ids
    enabled = [scope.id for scope in scopes or () if scope.is_enabled is not False]
    return all(isinstance(one, str) and one.lower() not in ids for one in enabled)


def has_guid_audience(app: Registration) -> bool:
    """Say whether the optional claim ``aud`` has ``use_guid``: the audience of v1.0 tokens is then always the appId."""
    claims = (app.optional_claims.access_token if app.optional_claims else None) or ()
    return any(one.name == "aud" and "use_guid" in (one.additional_properties or ()) for one in claims)
