"""Clients that an API takes for agreed to, so that nobody is asked."""

from __future__ import annotations

from collections.abc import Iterator

from rules.engine.rule import Bad, Context, Good, rule
from rules.model.finding import Hit
from rules.model.registration import UNSET, Registration


@rule(
    "broken-pre-authorisation",
    severity="low",
    needs=("api.preAuthorizedApplications", "api.oauth2PermissionScopes", "appId"),
    when_set=("api.preAuthorizedApplications",),
    checks=("EX-09",),
    references=("graph:preauthorizedapplication",),
    bad=(
        Bad({"api": {"preAuthorizedApplications": [{"appId": "8", "delegatedPermissionIds": ["66666666-6666-4666-8666-666666666669"]}]}}, at="/api/preAuthorizedApplications/0"),
        Bad({"api": {"preAuthorizedApplications": [{"appId": "11111111-1111-4111-8111-111111111115", "delegatedPermissionIds": ["66666666-6666-4666-8666-666666666661"]}]}}, at="/api/preAuthorizedApplications/0"),
    ),
    good=Good({"api": {"preAuthorizedApplications": [{"appId": "8", "delegatedPermissionIds": ["66666666-6666-4666-8666-666666666661"]}]}}),
    base="api",
)  # fmt: skip
def broken_pre_authorisation(app: Registration, _: Context) -> Iterator[Hit]:
    """A client is authorised in advance for a scope that does not exist, or it is the API itself.

    Why: It has no effect, or takes effect by surprise once a scope with that id is made.
    Fix: Remove the id, or name a scope of this API.
    """
    api, unread = app.api, app.unread
    own = app.app_id.lower() if isinstance(app.app_id, str) and "/appId" not in unread else ""
    listed = (api.oauth2_permission_scopes if api else None) or ()
    scopes = {str(scope.id).lower() for scope in listed}
    # An id that is a placeholder may be any of those that clients name.
    open_ids = any(pointer.startswith("/api/oauth2PermissionScopes") for pointer in unread)
    for index, client in enumerate(api.pre_authorized_applications or () if api else ()):
        pointer = f"/api/preAuthorizedApplications/{index}"
        unknown = [
            one
            for place, one in enumerate(client.delegated_permission_ids or ())
            if one.lower() not in scopes and f"{pointer}/delegatedPermissionIds/{place}" not in unread
        ]
        if own and isinstance(client.app_id, str) and client.app_id.lower() == own:
            yield Hit(pointer=pointer, message="authorises itself in advance", remove=True)
        elif unknown and pointer not in unread and not open_ids and api and api.oauth2_permission_scopes is not UNSET:
            says = f"authorises a client in advance for {unknown[0]}, which is none of its scopes"
            idle = len(unknown) == len(client.delegated_permission_ids or ())
            yield Hit(pointer=pointer, message=says, remove=idle)
