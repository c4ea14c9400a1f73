"""Agent identity blueprints: their credentials, owners, sponsors, redirect URIs and permissions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from rules.analysis.lifetimes import secrets
from rules.analysis.requested import of_tier, requested
from rules.engine.rule import Bad, Context, Gap, Good, rule
from rules.knowledge.agent_permissions import is_blocked_for_agents
from rules.knowledge.permissions import EXCHANGE, GRAPH, SHAREPOINT, resources
from rules.model.finding import Because, Hit
from rules.model.fragments import READ_MAIL, WEB_0, requests, web
from rules.model.fragments import secrets as passwords
from rules.model.registration import UNSET, InheritablePermission, Inheritance, Registration
from rules.primitives.texts import counted, text_of

_ALL: Final = {"kind": "allAllowed"}
_NO: Final = {"kind": "none"}
#: The permission with which a blueprint creates its agents. Source: "entra:agent-id-creation-channels#principals".
_OF_BLUEPRINTS: Final = "AgentIdentity.CreateAsManager"
_READ_MY_FILES: Final = requests("10465720-29dd-4523-a11a-6a75c743c9d9", "Scope")
_READ_ALL_FILES: Final = requests("01d4889c-1287-42c6-ac1f-5d1e02578ef6", "Role")


def _inherits(resource: str, scopes: dict[str, Any], roles: dict[str, Any]) -> dict[str, Any]:
    return {
        "inheritablePermissions": [
            {"resourceAppId": resource, "inheritableScopes": scopes, "inheritableRoles": roles},
        ]
    }


@rule(
    "blueprint-with-secret",
    kinds=("blueprint",),
    severity="high",
    status="preview",
    needs=("passwordCredentials", "keyCredentials"),
    when_set=("passwordCredentials",),
    checks=("AG-01",),
    references=("entra:agent-service-principals#impersonation", "entra:agent-best-practices#credentials"),
    bad=Bad(passwords({}), at="/passwordCredentials", expected_rules=("secret-beside-federation",)),
    good=Good({"passwordCredentials": []}, why="a managed identity authenticates the blueprint"),
    base="blueprint",
)
def blueprint_with_secret(app: Registration, context: Context) -> Iterator[Hit | Gap]:
    """An agent identity blueprint has a client secret that has not expired.

    Why: All agent identities of a blueprint use the credentials of the blueprint. Anyone who copies the secret can act
        as every one of them, with all their permissions.
    Acceptable: A secret is acceptable during development and tests, if the blueprint has no agents in production.
    Fix: Give the blueprint a managed identity as a federated credential, or a certificate. Change the agents to use
        it, and then remove the secret.
    """
    valid = []
    for life in secrets(app):
        if life.is_end_unread:
            yield Gap(*life.end_unread)
        elif not life.has_ended(context.now) and not life.is_impossible:
            valid.append(life)
    if valid:
        what = counted(len(valid), "unexpired client secret")
        because = tuple(Because(life.pointer, "has not expired") for life in valid)
        says = f"has {what} for all its agent identities"
        yield Hit(pointer="/passwordCredentials", message=says, because=because)


@rule(
    "blueprint-without-sponsor",
    kinds=("blueprint",),
    severity="medium",
    status="preview",
    needs_all=("sponsors",),
    checks=("AG-02",),
    references=("entra:agent-owners-sponsors-managers", "entra:agent-best-practices#design"),
    bad=Bad({"sponsors": []}, at="/sponsors"),
    good=Good({"owners": []}, why="a sponsor is accountable for it; owners are optional"),
    base="blueprint",
)
def blueprint_without_sponsor(app: Registration, _: Context) -> Iterator[Hit]:
    """An agent identity blueprint has no sponsor.

    Why: Sponsors decide whether an agent is still needed, and whether its behavior in an incident is expected. Without
        a sponsor, agents may keep their access after their purpose has ended.
    Acceptable: Never: Microsoft Entra ID requires a sponsor when a blueprint is created.
    Fix: Add the user or group that is accountable for the agents as a sponsor.
    """
    if not app.sponsors:
        yield Hit(pointer="/sponsors", message="has no sponsor")


@rule(
    "blueprint-without-owner",
    kinds=("blueprint",),
    severity="low",
    status="preview",
    needs_all=("owners",),
    checks=("AG-03",),
    references=("entra:agent-owners-sponsors-managers", "entra:agent-best-practices#design"),
    bad=Bad({"owners": []}, at="/owners"),
    good=Good({"sponsors": []}, why="owners operate it; see blueprint-without-sponsor"),
    base="blueprint",
)
def blueprint_without_owner(app: Registration, _: Context) -> Iterator[Hit]:
    """An agent identity blueprint has no owner.

    Why: Sponsors cannot change settings or credentials. Without an owner, only administrators, or applications with
        permissions for blueprints, can replace a credential that an attacker has copied.
    Acceptable: A blueprint without owners is acceptable if administrators, or a deployment with its own permissions,
        manage all blueprints.
    Fix: Add an owner who operates the agents, and another owner as a backup.
    """
    if not app.owners:
        yield Hit(pointer="/owners", message="has no owner")


@rule(
    "redirect-uri-on-blueprint",
    kinds=("blueprint",),
    severity="low",
    may_be=("info",),
    status="preview",
    needs=("web.redirectUris",),
    when_set=("web.redirectUris",),
    checks=("AG-11",),
    references=("entra:agent-oauth-protocols#unsupported-flows", "entra:agent-user-authorization"),
    bad=(
        Bad(web("https://agent.contoso.com/signin-oidc"), at=WEB_0),
        Bad(web("http://localhost"), at=WEB_0, severity="info"),
    ),
    good=Good(web(), why="users sign in to a separate client"),
    base="blueprint",
)
def redirect_uri_on_blueprint(app: Registration, _: Context) -> Iterator[Hit]:
    """An agent identity blueprint has a redirect URI.

    Why: No user signs in to an agent, so no code is sent to this URI. After a consent prompt, the browser is sent
        there, and anyone who controls the host can imitate the application.
    Acceptable: The URI is acceptable if agents request consent from users or administrators with it. Such requests need
        a redirect URI of the blueprint.
    Fix: If no consent request uses the URI, remove it from web.redirectUris. Register redirect URIs for sign-in on the
        client that users sign in to.
    """
    for place in app.redirects:
        if place.platform == "web":
            says = f"has the redirect URI {place.uri.text}, to which no code is sent"
            yield Hit(pointer=place.pointer, message=says, severity="info" if place.uri.is_loopback else None)


@rule(
    "permission-blocked-for-agents",
    kinds=("blueprint",),
    severity="low",
    status="preview",
    needs=("requiredResourceAccess",),
    when_set=("requiredResourceAccess",),
    checks=("AG-06",),
    references=("graph:agentid-platform-overview#blocked",),
    bad=Bad(_READ_ALL_FILES, at="/requiredResourceAccess/0/resourceAccess/0"),
    good=(
        Good(READ_MAIL, why="Mail.Read is not among the blocked permissions"),
        Good(
            requests("4c390976-b2b7-42e0-9187-c6be3bead001", "Role"),
            why="AgentIdentity.CreateAsManager is a permission of the blueprint itself, not of its agents",
        ),
    ),
    base="blueprint",
)
def permission_blocked_for_agents(app: Registration, _: Context) -> Iterator[Hit]:
    """An agent identity blueprint requests a permission that agents cannot be granted.

    Why: Microsoft Entra ID refuses to grant this permission to an agent identity. API calls of agents that need the
        permission fail.
    Acceptable: The request is acceptable if the blueprint itself uses the permission, and no agent needs it.
    Fix: Remove the permission from requiredResourceAccess. Request a narrower permission, or have the agents act on
        behalf of a user.
    """
    for row in requested(app):
        if is_blocked_for_agents(row.permission) and row.permission.value != _OF_BLUEPRINTS:
            kind = "application" if row.permission.kind == "Role" else "delegated"
            says = f"requests the {kind} permission {row.permission.name}, which agents cannot be granted"
            yield Hit(pointer=row.pointer, message=says)


@rule(
    "agents-inherit-everything",
    kinds=("blueprint",),
    severity="low",
    may_be=("medium",),
    status="preview",
    needs=("inheritablePermissions",),
    when_set=("inheritablePermissions",),
    checks=("AG-04",),
    references=("entra:agent-inheritable-permissions",),
    bad=(
        Bad(_inherits(GRAPH, _ALL, _NO), at="/inheritablePermissions/0"),
        Bad(_inherits(GRAPH, _NO, _ALL), at="/inheritablePermissions/0", severity="medium"),
    ),
    good=(
        Good(_inherits(GRAPH, _NO, _NO)),
        Good(
            _inherits(GRAPH, {"kind": "enumerated", "scopes": ["User.Read"]}, _NO),
            why="what is granted later is not inherited",
        ),
    ),
    base="blueprint",
)
def agents_inherit_everything(app: Registration, _: Context) -> Iterator[Hit | Gap]:
    """Agent identities inherit all granted permissions of an API from their blueprint.

    Why: All agents of the blueprint get every permission of this API that an administrator grants to the blueprint. The
        admin center and Microsoft Graph do not show these permissions on the agents, so a review of an agent can miss
        them.
    Acceptable: The inheritance is acceptable if all agents of the blueprint need the same permissions of this API.
    Fix: Grant each agent identity the permissions that it needs. Then set inheritableRoles to none. Also set
        inheritableScopes to none if the agents need different delegated permissions. Agents lose what they inherited.
    """
    for index, row in enumerate(app.inheritable_permissions or ()):
        parts = (("delegated", row.inheritable_scopes), ("application", row.inheritable_roles))
        kinds = [name for name, part in parts if part and _is_all(part)]
        yield from _unread(f"/inheritablePermissions/{index}", row)
        if kinds:
            resource = text_of(row.resource_app_id).lower()
            api = resources()[resource].name if resource in resources() else resource or "an API that was not read"
            is_wide = "application" in kinds and resource in (GRAPH, EXCHANGE, SHAREPOINT)
            says = f"lets its agents inherit all {' and '.join(kinds)} permissions of {api}"
            pointer = f"/inheritablePermissions/{index}"
            yield Hit(pointer=pointer, message=says, severity="medium" if is_wide else None)


def _unread(pointer: str, row: InheritablePermission) -> Iterator[Gap]:
    """A gap at *pointer* for each kind of permission of which it was not read what agents inherit."""
    for name, part in (("inheritableScopes", row.inheritable_scopes), ("inheritableRoles", row.inheritable_roles)):
        if part is UNSET or (part is not None and part.kind is UNSET):
            yield Gap(f"{pointer}/{name}", f"{name} was not read", "not-in-file", "lint the tenant")


def _is_all(part: Inheritance) -> bool:
    return text_of(part.kind).casefold() == "allallowed"


@rule(
    "open-scope-on-blueprint",
    kinds=("blueprint",),
    severity="low",
    status="preview",
    needs=("api.oauth2PermissionScopes", "requiredResourceAccess"),
    when_set=("api.oauth2PermissionScopes",),
    checks=("AG-12",),
    references=("entra:agent-on-behalf-of-oauth-flow", "entra:agent-best-practices#access"),
    bad=Bad(
        _READ_MY_FILES,
        at="/api/oauth2PermissionScopes/0/type",
        expected_rules=("powerful-delegated-permission",),
    ),
    good=Good({"requiredResourceAccess": []}, why="the agents access no data of their users"),
    base="blueprint",
)
def open_scope_on_blueprint(app: Registration, _: Context) -> Iterator[Hit]:
    """Users can consent to an agent with powerful delegated permissions.

    Why: A user who consents to this scope lets a client call the agent as that user. The agent can exchange the token
        for tokens of other APIs. An attacker who controls the agent can then use its granted delegated permissions with
        the data of the user.
    Acceptable: User consent is acceptable if the agent is for all users, and needs each of its delegated permissions.
    Fix: Set type of the scope to Admin, so that only administrators can consent, or request narrower permissions.
    """
    powers = of_tier(app, "Scope", "tenant", "data")
    scopes = (app.api.oauth2_permission_scopes if app.api else None) or ()
    for index, scope in enumerate(scopes if powers else ()):
        if scope.is_enabled is not False and text_of(scope.type).casefold() == "user":
            because = tuple(Because(row.pointer, row.permission.value) for row in powers[:3])
            power = powers[0].permission.value
            says = f"lets users consent to {text_of(scope.value)}, with which its agents can use {power}"
            yield Hit(pointer=f"/api/oauth2PermissionScopes/{index}/type", message=says, because=because)
