"""How an API defines its own permissions: scopes and roles alike."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from rules.engine.rule import Bad, Context, Good, rule
from rules.knowledge.permissions import GRAPH, permissions_by_value
from rules.model.finding import Hit
from rules.model.registration import AppRole, PermissionScope, Registration
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
#: The API's tokens do not say whether a user or an application has the role; that is a finding of its own.
_OPEN: Final = ("app-only-tokens-unmarked",)


@rule(
    "untidy-permission-definition",
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
            expected_rules=("scope-that-users-may-grant",),
        ),
        Bad(
            {
                "api": {"oauth2PermissionScopes": [{**_SCOPE, "value": "Orders.Sync", "type": "Admin"}]},
                "appRoles": [_ROLE],
            },
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
        Good(
            {
                "api": {"oauth2PermissionScopes": [{**_SCOPE, "value": "Orders.Sync", "type": "Admin"}]},
                "appRoles": [{**_ROLE, "id": _SCOPE["id"]}],
            },
            why="a scope and an app role with one ID and one value are one permission",
        ),
    ),
    base="api",
)
def untidy_permission_definition(app: Registration, _: Context) -> Iterator[Hit]:
    """A scope or app role is duplicate, disabled or without description.

    Why: Microsoft Entra ID rejects a duplicate value or ID, so the deployment fails. A disabled one may be a leftover
        that reviewers read. Without a description, administrators see only the name of what they grant or assign.
    Fix: Give each a unique ID, a unique value and a description. Remove a disabled one that is no longer needed.
    """
    other: dict[str, str] = {}
    for pointer, items in _lists(app):
        seen: dict[str, str] = {}
        for index, item in enumerate(items):
            here = f"{pointer}/{index}"
            called = item.value or "a permission without a value"
            pairs = _names(app, here, item)
            # A scope and a role may be one permission: they have one value and one ID.
            if any(key in seen or (partner and other.get(key, partner) != partner) for key, partner in pairs):
                yield Hit(pointer=here, message=f"defines {called} with the value or ID of another one", severity="low")
            elif item.is_enabled is False:
                yield Hit(pointer=here, message=f"defines {called}, which is disabled")
            elif _says_nothing(_text(item)):
                yield Hit(pointer=here, message=f"defines {called} without a description")
            seen.update(pairs)
        other = {key: partner for key, partner in seen.items() if partner}


def _says_nothing(text: object) -> bool:
    """Whether a description was read and has no letter or digit: null, empty, an asterisk."""
    return text is None or (isinstance(text, str) and not any(letter.isalnum() for letter in text))


def _lists(app: Registration) -> tuple[tuple[str, tuple[PermissionScope | AppRole, ...]], ...]:
    """The scopes and the app roles, each list with its pointer."""
    scopes = (app.api.oauth2_permission_scopes if app.api else None) or ()
    return ("/api/oauth2PermissionScopes", scopes), ("/appRoles", app.app_roles or ())


def _names(app: Registration, pointer: str, item: PermissionScope | AppRole) -> list[tuple[str, str]]:
    """The value with the ID, and the ID with the value, as far as each is known: a placeholder may become any text.

    The case of an ID does not matter. No document says so of a value.
    """
    value, id_ = (
        "" if f"{pointer}/{name}" in app.unread else text
        for name, text in (("value", text_of(item.value)), ("id", text_of(item.id).casefold()))
    )
    return [(key, partner) for key, partner in ((value, id_), (id_, value)) if key]


def _text(item: PermissionScope | AppRole) -> object:
    return item.admin_consent_description if isinstance(item, PermissionScope) else item.description


@rule(
    "role-for-people-and-applications",
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
def role_for_people_and_applications(app: Registration, _: Context) -> Iterator[Hit]:
    """An app role is for both users and applications.

    Why: If an API checks only the role, applications can call what is for users, and the reverse.
    Fix: Define one role for users and another for applications. Have the API check the new ones and assign them. Then
        disable and remove the old one.
    """
    for index, role in enumerate(app.app_roles or ()):
        if {"User", "Application"} <= set(role.allowed_member_types or ()) and role.is_enabled is not False:
            says = f"has the app role {role.value or role.display_name or role.id} for both users and applications"
            yield Hit(pointer=f"/appRoles/{index}", message=says)


@rule(
    "name-of-foreign-permission",
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
    good=Good({"appRoles": [{**_ROLE, "value": "Orders.Send"}]}),
    base="api",
)
def name_of_foreign_permission(app: Registration, _: Context) -> Iterator[Hit]:
    """A scope or app role has the name of a Microsoft Graph permission.

    Why: In tokens, logs and tools that show only the value, it can be taken for that permission.
    Fix: Define one that is named after what it gives access to in this API. Have the API check it, and clients request
        it. Then disable and remove the old one.
    """
    scopes = (app.api.oauth2_permission_scopes if app.api else None) or ()
    values = [(f"/api/oauth2PermissionScopes/{n}", scope.value) for n, scope in enumerate(scopes)]
    values += [(f"/appRoles/{n}", role.value) for n, role in enumerate(app.app_roles or ())]
    for pointer, value in values:
        if isinstance(value, str) and "." in value and _is_graphs(value):
            says = f"defines {value}, which is also the name of a Microsoft Graph permission"
            yield Hit(pointer=pointer, message=says)


def _is_graphs(value: str) -> bool:
    return any(value.casefold() in permissions_by_value(GRAPH, kind) for kind in ("Role", "Scope"))
