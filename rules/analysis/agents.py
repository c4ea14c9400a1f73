"""The effective permissions of agent identities: granted to themselves, and inherited from their blueprint.

An agent identity inherits a permission that an administrator granted to the principal of its blueprint, if the
blueprint makes the API inheritable. A permission that is blocked for agents is not inherited. Neither the admin center
nor Microsoft Graph v1.0 shows that; the token does.

Source: Microsoft, "Inheritable permissions and required resource access in Microsoft Entra Agent ID" and "Request
permissions for agent identity blueprints".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec
from msgspec import UNSET, UnsetType

from rules.knowledge.agent_permissions import is_blocked_for_agents
from rules.model.registration import InheritablePermission, Inheritance, Registration
from rules.model.tenant_app import Granted, TenantApp
from rules.primitives.texts import text_of


class Effective(msgspec.Struct, frozen=True):
    """The permissions of an agent identity. ``is_whole`` is false where more may be inherited than is known."""

    direct: tuple[Granted, ...] = ()
    inherited: tuple[Granted, ...] = ()
    is_whole: bool = True


def blueprint_of(app: TenantApp) -> str:
    """The client ID of the blueprint of an agent identity in lower case; empty where it was not read."""
    principal = app.service_principal
    return text_of(principal.agent_identity_blueprint_id).lower() if principal else ""


def effective_permissions(apps: Iterable[TenantApp]) -> Mapping[str, Effective]:
    """The permissions of each agent identity among the applications of a tenant, by its object ID."""
    everything = tuple(apps)
    parents = {app.app_id.lower(): app for app in everything if app.kind == "blueprint" and app.service_principal}
    passed = {app_id: inherited_from(app) for app_id, app in parents.items()}
    found: dict[str, Effective] = {}
    for app in everything:
        if app.kind != "agent identity" or app.service_principal is None:
            continue
        blueprint = blueprint_of(app)
        is_absent = bool(blueprint) and app.tenant.is_whole("servicePrincipals")
        inherited, is_known = passed.get(blueprint, ((), is_absent))
        found[text_of(app.service_principal.id)] = Effective(app.granted, inherited, is_known)
    return found


def inherited_from(app: TenantApp) -> tuple[tuple[Granted, ...], bool]:
    """What agent identities inherit from the principal of their blueprint, and whether that is all."""
    application = app.application
    rows = application.inheritable_permissions if isinstance(application, Registration) else UNSET
    is_whole = UNSET not in (app.app_role_assignments, app.oauth2_permission_grants)
    inherited: list[Granted] = []
    for granted in app.granted:
        if not granted.for_all:  # a user's consent is not an administrator's
            continue
        answer = _inherits(rows, granted)
        is_whole = is_whole and answer is not None
        if answer:
            inherited.append(granted)
    return tuple(inherited), is_whole


def user_of(app: TenantApp) -> str | UnsetType:
    """The object ID of the user account of an agent identity, empty where it has none; ``UNSET`` where not known."""
    agent = text_of(app.service_principal.id) if app.service_principal else ""
    found = app.tenant.users_by_agent.get(agent, "")
    return found if found or app.tenant.is_whole("agentUsers") else UNSET


def _inherits(rows: tuple[InheritablePermission, ...] | UnsetType | None, granted: Granted) -> bool | None:
    """Whether a permission of a blueprint's principal is inherited; ``None`` where that is not known."""
    if granted.permission is not None and is_blocked_for_agents(granted.permission):
        return False
    if isinstance(rows, UnsetType) or not granted.resource:
        return None
    row = next((one for one in rows or () if text_of(one.resource_app_id).lower() == granted.resource), None)
    if row is None:
        return False
    part = row.inheritable_roles if granted.kind == "Role" else row.inheritable_scopes
    if isinstance(part, UnsetType):
        return None
    return part is not None and _allows(part, part.roles if granted.kind == "Role" else part.scopes, granted)


def _allows(part: Inheritance, listed: tuple[str, ...] | UnsetType | None, granted: Granted) -> bool | None:
    match text_of(part.kind).casefold():
        case "allallowed":
            return True
        case "none":
            return False
        case "enumerated" if not isinstance(listed, UnsetType):
            return bool({granted.value.casefold(), granted.id} & {one.casefold() for one in listed or ()})
        case _:
            return None
