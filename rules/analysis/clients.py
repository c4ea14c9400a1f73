"""What kind of client a registration is for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules.model.registration import UNSET

if TYPE_CHECKING:
    from rules.model.registration import PreAuthorizedApplication, Registration


def has_no_server(app: Registration) -> bool:
    """Whether no part of the application runs on a server, which can protect a credential: no web app and no API."""
    scopes = app.api.oauth2_permission_scopes if app.api else None
    return not (app.identifier_uris or scopes or any(place.platform == "web" for place in app.redirects))


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
