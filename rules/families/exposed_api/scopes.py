"""Delegated permissions that an API defines: what users let a client do with it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from rules.engine.rule import Bad, Context, Gap, Good, rule
from rules.model.finding import Hit
from rules.model.registration import UNSET, Registration
from rules.primitives.texts import text_of

_AT: Final = "/api/oauth2PermissionScopes/0"
#: The words of a name: Orders.ReadWrite, orders_admin, OrdersAdmin.
_WORDS: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_STRONG: Final = frozenset({"admin", "all", "control", "delete", "everything", "full", "manage", "write", "readwrite"})

_EVERYTHING: Final = frozenset({"user_impersonation", "access_as_user", "*", "all", "api", "full_access", "default"})


def _scope(**more: Any) -> dict[str, Any]:
    """A fragment with one scope."""
    scope = {
        "id": "66666666-6666-4666-8666-666666666662",
        "value": "Orders.Write",
        "type": "User",
        "isEnabled": True,
        "adminConsentDisplayName": "Write orders",
        "adminConsentDescription": "Write orders.",
    }
    return {"api": {"oauth2PermissionScopes": [{**scope, **more}]}}


@rule(
    "powerful-scope-with-user-consent",
    kinds=("application", "blueprint"),
    severity="low",
    needs=("api.oauth2PermissionScopes",),
    when_set=("api.oauth2PermissionScopes",),
    checks=("EX-05",),
    references=("graph:permissionscope", "entra:expose-web-api"),
    bad=(
        Bad(_scope(value="Orders.ReadWrite.All"), at=_AT),
        Bad(_scope(value="OrdersAdmin"), at=_AT),
    ),
    good=(
        Good(_scope(value="Orders.ReadWrite.All", type="Admin")),
        Good(_scope(value="Orders.Read")),
        Good(_scope(value="Orders.Overwritten"), why="write is a part of another word"),
    ),
    base="api",
)
def powerful_scope_with_user_consent(app: Registration, _: Context) -> Iterator[Hit | Gap]:
    """Users can consent to a scope whose name suggests powerful access.

    Why: A malicious app that deceives one user can get the scope for that user, without an administrator. The consent
        settings of the tenant can prevent such consent.
    Acceptable: User consent is acceptable if the scope allows less than its name suggests, for example only the
        signed-in user's data.
    Fix: Set the type of the scope in api.oauth2PermissionScopes to Admin. New clients then need the consent of an
        administrator. For operations that users may allow, define a narrower scope.
    """
    scopes = app.api.oauth2_permission_scopes if app.api else None
    for index, scope in enumerate(scopes or ()):
        pointer = f"/api/oauth2PermissionScopes/{index}"
        if scope.is_enabled is False or not _is_strong(text_of(scope.value)):
            continue
        if f"{pointer}/type" in app.unread or scope.type is UNSET:
            yield Gap(
                f"{pointer}/type", f"who can consent to {scope.value} was not read", "not-in-file", "add the type"
            )
        elif text_of(scope.type).casefold() == "user":
            yield Hit(pointer=pointer, message=f"lets users consent to the scope {scope.value}")


def _is_strong(value: str) -> bool:
    return not _STRONG.isdisjoint(word.lower() for word in _WORDS.findall(value))


@rule(
    "single-broad-scope",
    kinds=("application", "blueprint"),
    severity="info",
    status="preview",
    needs=("api.oauth2PermissionScopes", "appRoles"),
    when_set=("api.oauth2PermissionScopes",),
    checks=("EX-07",),
    references=("web:zero-trust-protect-api",),
    bad=(Bad(_scope(value="user_impersonation"), at=_AT), Bad(_scope(value="access_as_user"), at=_AT)),
    good=(
        Good({}, why="the name of the scope says what the scope gives access to"),
        Good(_scope(value="user_impersonation", isEnabled=False), why="no client can request a disabled scope"),
    ),
    base="api",
)
def single_broad_scope(app: Registration, _: Context) -> Iterator[Hit]:
    """An API has a single scope for everything, such as user_impersonation.

    Why: Every client that acts for a user needs this scope. A stolen token can allow everything that the user may do in
        the API. Microsoft recommends permissions of least privilege instead of a single permission.
    Acceptable: A single scope is acceptable if every client needs all operations of the API. The API can still limit
        what each user may do.
    Fix: Define scopes by what they allow, such as Orders.Read and Orders.Write. When no client requests the old scope
        any more, disable and remove it.
    """
    scopes = (app.api.oauth2_permission_scopes if app.api else None) or ()
    enabled = [(index, str(scope.value)) for index, scope in enumerate(scopes) if scope.is_enabled is not False]
    if len(enabled) != 1 or app.is_gallery_app:
        return
    index, value = enabled[0]
    if value.casefold() in _EVERYTHING:
        says = f"has {value} as its only scope"
        yield Hit(pointer=f"/api/oauth2PermissionScopes/{index}", message=says)
