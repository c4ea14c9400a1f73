"""Delegated permissions that an API defines: what users let a client do with it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from rules.engine.rule import Bad, Context, Good, rule
from rules.model.finding import Hit
from rules.model.registration import Registration
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
        Good(_scope(value="Orders.Overwritten"), why="a part of another word"),
    ),
    base="api",
)
def powerful_scope_with_user_consent(app: Registration, _: Context) -> Iterator[Hit]:
    """Users may consent to a scope whose name suggests much power.

    Why: A malicious app that deceives one user can get the scope for that user, without an administrator. The consent
        settings of the organization may prevent that.
    Fix: Set the type of the scope to Admin. New clients then need the consent of an administrator, so define a narrower
        scope for what users may allow.
    """
    scopes = app.api.oauth2_permission_scopes if app.api else None
    for index, scope in enumerate(scopes or ()):
        value = scope.value
        is_for_users = text_of(scope.type).casefold() == "user" and scope.is_enabled is not False
        if is_for_users and isinstance(value, str) and _is_strong(value):
            says = f"lets users consent to the scope {value}"
            yield Hit(pointer=f"/api/oauth2PermissionScopes/{index}", message=says)


def _is_strong(value: str) -> bool:
    return not _STRONG.isdisjoint(word.lower() for word in _WORDS.findall(value))


@rule(
    "single-broad-scope",
    severity="info",
    status="preview",
    needs=("api.oauth2PermissionScopes", "appRoles"),
    when_set=("api.oauth2PermissionScopes",),
    checks=("EX-07",),
    references=("web:zero-trust-protect-api",),
    bad=(Bad(_scope(value="user_impersonation"), at=_AT), Bad(_scope(value="access_as_user"), at=_AT)),
    good=(
        Good({}, why="its name says what it gives access to"),
        Good(_scope(value="user_impersonation", isEnabled=False), why="no client can request a disabled scope"),
    ),
    base="api",
)
def single_broad_scope(app: Registration, _: Context) -> Iterator[Hit]:
    """The only scope of an API has a name for everything, such as user_impersonation.

    Why: Microsoft recommends permissions of least privilege instead of one: clients that start with full access are
        hard to limit later.
    Fix: Define scopes by what they give access to, such as Orders.Read and Orders.Write. Disable and remove this one
        when no client requests it any more.
    """
    scopes = (app.api.oauth2_permission_scopes if app.api else None) or ()
    enabled = [(index, str(scope.value)) for index, scope in enumerate(scopes) if scope.is_enabled is not False]
    if len(enabled) != 1 or app.is_gallery_app:
        return
    index, value = enabled[0]
    if value.casefold() in _EVERYTHING:
        says = f"has the single scope {value} for everything"
        yield Hit(pointer=f"/api/oauth2PermissionScopes/{index}", message=says)
