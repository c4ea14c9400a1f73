"""What kind of client a registration is for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rules.model.registration import Registration


def has_no_server(app: Registration) -> bool:
    """Whether no part of the application runs on a server, which can protect a credential: no web app and no API."""
    scopes = app.api.oauth2_permission_scopes if app.api else None
    return not (app.identifier_uris or scopes or any(place.platform == "web" for place in app.redirects))
