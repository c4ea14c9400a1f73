"""How an API defines its own permissions: scopes and roles alike."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from rules.engine.rule import Bad, Context, Gap, Good, rule
from rules.knowledge.permissions import GRAPH, permissions_by_value
from rules.model.finding import Hit
from rules.model.registration import UNSET, AppRole, PermissionScope, Registration
from rules.primitives.texts import text_of

_SCOPE: Final[dict[str, Any]] = {
    "id": "66666666-6666-4666-8666-666666666662",
    "value": "Orders.Write",
    "type": "User",
    "isEnabled": True,
    "adminConsentDisplayName": "Write orders",
    "adminConsentDescription": "Write orders.",
}
_ROLE: Final[dict[str, Any]] = {
    "id": "77777777-7777-4777-8777-777777777771",
    "value": "Orders.Sync",
    "displayName": "Sync",
    "description": "Sync orders.",
    "isEnabled": True,
    "allowedMemberTypes": ["Application"],
}
#: An API with the scope Orders.Sync.
_SYNC: Final = {"api": {"oauth2PermissionScopes": [{**_SCOPE, "value": "Orders.Sync", "type": "Admin"}]}}
#: The app role that is the same permission as that scope.
_SYNC_ROLE: Final[dict[str, Any]] = {
    **_ROLE,
    "id": _SCOPE["id"],
    "displayName": _SCOPE["adminConsentDisplayName"],
    "description": _SCOPE["adminConsentDescription"],
}
#: What a scope and an app role both have: value, ID, name, description and state.
_Facts = tuple[str | None, str | None, str | None, str | None, str | None]
#: The API's tokens do not say whether a user or an application has the role; that is a finding of its own.
_OPEN: Final = ("app-only-tokens-unmarked",)


@rule(
    "incomplete-permission-definition",
    kinds=("application", "blueprint"),
    severity="info",
    may_be=("low",),
    needs=("api.oauth2PermissionScopes", "appRoles"),
    when_set=("api.oauth2PermissionScopes", "appRoles"),
    checks=("EX-06",),
    references=(
        "graph:permissionscope",
        "graph:approle",
        "thread:MicrosoftDocs/azure-docs#57949",
        "thread:MicrosoftDocs/azure-docs#81899",
    ),
    bad=(
        Bad(
            {"api": {"oauth2PermissionScopes": [_SCOPE, {**_SCOPE, "id": "66666666-6666-4666-8666-666666666663"}]}},
            at="/api/oauth2PermissionScopes/1",
            severity="low",
            expected_rules=("powerful-scope-with-user-consent",),
        ),
        Bad({**_SYNC, "appRoles": [_ROLE]}, at="/appRoles/0", severity="low", expected_rules=_OPEN),
        # Its ID and value are those of the scope, its name and description are not.
        Bad(
            {**_SYNC, "appRoles": [{**_ROLE, "id": _SCOPE["id"]}]},
            at="/appRoles/0",
            severity="low",
            expected_rules=_OPEN,
        ),
        Bad({"appRoles": [{**_ROLE, "isEnabled": False}]}, at="/appRoles/0"),
        Bad({"appRoles": [{**_ROLE, "description": ""}]}, at="/appRoles/0", expected_rules=_OPEN),
        Bad({"appRoles": [{**_ROLE, "description": "*"}]}, at="/appRoles/0", expected_rules=_OPEN),
    ),
    good=(
        Good({"appRoles": [_ROLE]}),
        Good({**_SYNC, "appRoles": [_SYNC_ROLE]}, why="a scope and a role that agree in all texts are one permission"),
    ),
    base="api",
)
def incomplete_permission_definition(app: Registration, _: Context) -> Iterator[Hit | Gap]:
    """A scope or app role is duplicated, disabled, or lacks a description.

    Why: Reports say that Microsoft Entra ID rejects a duplicate value or ID, so a deployment can fail. A disabled
        permission may be a leftover. Administrators read the description when they grant or assign the permission.
    Acceptable: A permission can be disabled shortly before its removal, because Microsoft Graph deletes only disabled
        permissions.
    Fix: Give each permission a unique ID, a unique value and a description. Remove a disabled permission, or enable it
        if clients need it.
    """
    other: dict[str, _Facts] = {}
    for pointer, items in _lists(app):
        seen: dict[str, _Facts] = {}
        for index, item in enumerate(items):
            here = f"{pointer}/{index}"
            called = item.value or "a permission without a value"
            facts = _facts(app, here, item)
            keys = [key for key in facts[:2] if key]
            # A scope and a role may be one permission: all that both have is the same.
            if any(key in seen or (key in other and _differ(other[key], facts)) for key in keys):
                yield Hit(
                    pointer=here, message=f"defines {called} with the value or ID of another permission", severity="low"
                )
            elif not _is_on(item):
                yield Hit(pointer=here, message=f"defines {called}, which is disabled")
            elif _texts(item)[1] is UNSET:
                place = "adminConsentDescription" if isinstance(item, PermissionScope) else "description"
                yield Gap(f"{here}/{place}", f"the description of {called} was not read", "not-in-file", "add it")
            elif _says_nothing(_texts(item)[1]):
                yield Hit(pointer=here, message=f"defines {called} without a description")
            seen.update(dict.fromkeys(keys, facts))
        other = seen


def _says_nothing(text: object) -> bool:
    """Whether a description was read and has no letter or digit: null, empty, an asterisk."""
    return text is None or (isinstance(text, str) and not any(letter.isalnum() for letter in text))


def _differ(one: _Facts, other: _Facts) -> bool:
    """Whether two permissions differ in what is known of both."""
    return any(a != b for a, b in zip(one, other, strict=True) if a is not None and b is not None)


def _lists(app: Registration) -> tuple[tuple[str, tuple[PermissionScope | AppRole, ...]], ...]:
    """The scopes and the app roles, each list with its pointer."""
    scopes = (app.api.oauth2_permission_scopes if app.api else None) or ()
    return ("/api/oauth2PermissionScopes", scopes), ("/appRoles", app.app_roles or ())


def _facts(app: Registration, pointer: str, item: PermissionScope | AppRole) -> _Facts:
    """Value, ID, name, description and state, each ``None`` unless it is known: a placeholder may become any text.

    The case of an ID does not matter. No document says so of a value.
    """
    value, id_ = (
        None if f"{pointer}/{key}" in app.unread else text
        for key, text in (("value", text_of(item.value)), ("id", text_of(item.id).casefold()))
    )
    is_whole = UNSET not in _texts(item) and not any(place.startswith(f"{pointer}/") for place in app.unread)
    name, description = (text_of(text) if is_whole else None for text in _texts(item))
    return value, id_, name, description, str(_is_on(item))


def _texts(item: PermissionScope | AppRole) -> tuple[object, object]:
    """The name and the description that administrators read."""
    if isinstance(item, PermissionScope):
        return item.admin_consent_display_name, item.admin_consent_description
    return item.display_name, item.description


@rule(
    "role-for-users-and-applications",
    kinds=("application", "blueprint"),
    severity="low",
    needs=("appRoles",),
    when_set=("appRoles",),
    checks=("EX-11",),
    references=("graph:approle", "entra:protected-web-api-verification"),
    bad=Bad(
        {"appRoles": [{**_ROLE, "allowedMemberTypes": ["User", "Application"]}]},
        at="/appRoles/0",
        expected_rules=_OPEN,
    ),
    good=Good({"appRoles": [_ROLE]}),
    base="api",
)
def role_for_users_and_applications(app: Registration, _: Context) -> Iterator[Hit | Gap]:
    """An app role can be assigned to both users and applications.

    Why: If the API checks only the role, an application can call operations that are meant for users. In the same way,
        a user can call operations that are meant for applications.
    Acceptable: One app role is enough if the API also checks whether a token is an app-only token.
    Fix: Define one app role for users and another for applications. Assign the new roles, and have the API check them.
        Then disable and remove the old role.
    """
    for index, role in enumerate(app.app_roles or ()):
        if role.is_enabled is False:
            continue
        name = text_of(role.value) or text_of(role.display_name) or text_of(role.id)
        if role.allowed_member_types is UNSET:
            says = f"grantlint did not read who can have the app role {name}"
            yield Gap(f"/appRoles/{index}/allowedMemberTypes", says, "not-in-file", "add the types")
        elif {"User", "Application"} <= set(role.allowed_member_types or ()):
            yield Hit(pointer=f"/appRoles/{index}", message=f"has the app role {name} for both users and applications")


@rule(
    "borrowed-permission-name",
    kinds=("application", "blueprint"),
    severity="info",
    needs=("api.oauth2PermissionScopes", "appRoles"),
    when_set=("api.oauth2PermissionScopes", "appRoles"),
    checks=("EX-14",),
    references=("graph:permissionscope", "graph:approle", "graph:permissions-reference"),
    bad=(
        Bad({"appRoles": [{**_ROLE, "value": "Mail.Send"}]}, at="/appRoles/0", expected_rules=_OPEN),
        Bad(
            {"api": {"oauth2PermissionScopes": [{**_SCOPE, "value": "User.Read"}]}}, at="/api/oauth2PermissionScopes/0"
        ),
    ),
    good=(
        Good({"appRoles": [{**_ROLE, "value": "Orders.Send"}]}),
        Good({"appRoles": [{**_ROLE, "value": "Mail.Send", "isEnabled": False}]}, why="no token has a disabled role"),
    ),
    base="api",
)
def borrowed_permission_name(app: Registration, _: Context) -> Iterator[Hit]:
    """A scope or app role is named like a Microsoft Graph permission.

    Why: The claims scp and roles contain only the value of a permission. A reviewer can mistake this permission for the
        Microsoft Graph permission.
    Acceptable: The name can remain if both permissions allow the same actions, because confusing them then has
        no effect.
    Fix: Define a permission that is named after what it allows in this API. Have the API check the new permission, and
        have clients request it. Then disable and remove the old permission.
    """
    scopes = (app.api.oauth2_permission_scopes if app.api else None) or ()
    values = [(f"/api/oauth2PermissionScopes/{n}", one.value) for n, one in enumerate(scopes) if _is_on(one)]
    values += [(f"/appRoles/{n}", one.value) for n, one in enumerate(app.app_roles or ()) if _is_on(one)]
    for pointer, value in values:
        if isinstance(value, str) and "." in value and _is_graphs(value):
            says = f"defines {value}, which is also the name of a Microsoft Graph permission"
            yield Hit(pointer=pointer, message=says)


def _is_on(item: PermissionScope | AppRole) -> bool:
    return item.is_enabled is not False


def _is_graphs(value: str) -> bool:
    return any(value.casefold() in permissions_by_value(GRAPH, kind) for kind in ("Role", "Scope"))
