"""What people let a client do with an API: delegated permissions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from rules.engine.rule import Bad, Context, Good, rule
from rules.model.finding import Hit
from rules.model.registration import Registration

_SCOPE: Final[dict[str, Any]] = {
    "id": "66666666-6666-4666-8666-666666666662", "value": "Orders.Write", "type": "User", "isEnabled": True,
    "adminConsentDisplayName": "Write orders", "adminConsentDescription": "Write orders.",
}  # fmt: skip
_STRONG: Final = re.compile(
    r"(?:^|[._-])(all|admin|manage|write|readwrite|delete|fullcontrol|full_access)(?:$|[._-])", re.IGNORECASE
)


@rule(
    "scope-that-users-may-grant",
    severity="low",
    needs=("api.oauth2PermissionScopes",),
    when_set=("api.oauth2PermissionScopes",),
    checks=("EX-05",),
    references=("graph:permissionscope", "entra:expose-web-api"),
    bad=Bad({"api": {"oauth2PermissionScopes": [{**_SCOPE, "value": "Orders.ReadWrite.All"}]}}, at="/api/oauth2PermissionScopes/0"),
    good=(Good({"api": {"oauth2PermissionScopes": [{**_SCOPE, "value": "Orders.ReadWrite.All", "type": "Admin"}]}}), Good({"api": {"oauth2PermissionScopes": [{**_SCOPE, "value": "Orders.Read"}]}})),
    base="api",
)  # fmt: skip
def scope_that_users_may_grant(app: Registration, _: Context) -> Iterator[Hit]:
    """A scope that sounds powerful may be granted by every user.

    Why: An application that deceives one person gets it in that person's name, and no administrator is asked.
    Fix: Set the type of the scope to Admin, or make a narrower one for users.
    """
    scopes = app.api.oauth2_permission_scopes if app.api else None
    for index, scope in enumerate(scopes or ()):
        value = scope.value
        if scope.type == "User" and scope.is_enabled is True and isinstance(value, str) and _STRONG.search(value):
            yield Hit(pointer=f"/api/oauth2PermissionScopes/{index}", message=f"lets every user grant {value}")


@rule(
    "one-scope-for-everything",
    severity="info",
    status="preview",
    needs=("api.oauth2PermissionScopes", "appRoles"),
    when_set=("api.oauth2PermissionScopes",),
    checks=("EX-07",),
    references=("entra:protected-web-api-scopes",),
    bad=Bad({"api": {"oauth2PermissionScopes": [{**_SCOPE, "value": "user_impersonation"}]}}, at="/api/oauth2PermissionScopes/0"),
    good=(
        Good({}, why="it names what it opens"),
        Good({"api": {"oauth2PermissionScopes": [{**_SCOPE, "value": "access_as_user"}]}}, why="Teams asks for that name"),
    ),
    base="api",
)  # fmt: skip
def one_scope_for_everything(app: Registration, _: Context) -> Iterator[Hit]:
    """An API has one scope, which opens everything that the person may do.

    Why: Every client gets all of it, whatever it needs.
    Fix: Define scopes by what they open, such as Orders.Read and Orders.Write.
    """
    scopes = (app.api.oauth2_permission_scopes if app.api else None) or ()
    if (
        len(scopes) == 1
        and not app.is_gallery_app
        and str(scopes[0].value).casefold()
        in (
            "user_impersonation",
            "*",
            "all",
            "api",
            "full_access",
            "default",
        )
    ):
        yield Hit(
            pointer="/api/oauth2PermissionScopes/0", message=f"has the one scope {scopes[0].value} for everything"
        )
