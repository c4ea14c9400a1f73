"""What two readings of a tenant, or of code, say was granted: permissions and directory roles, and to whom.

A grant is identified by what it grants to whom, not by its ID, so that one that was revoked and granted again has not
changed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterator, Mapping
from typing import Final, Literal, NamedTuple

from msgspec import UnsetType

from advisor.run.comparison.words import AGENT_USERS, LISTS, SETS, Change
from advisor.sources.reading.builder import Reading
from rules.analysis.principals import DEFAULT_ACCESS
from rules.knowledge.permissions import permission, resources
from rules.knowledge.roles import role
from rules.model.tenant import AgentUser, AppRoleAssignment, OAuth2PermissionGrant, RoleAssignment, Tenant
from rules.model.tenant_app import TenantApp
from rules.primitives.texts import text_of

_Words = tuple[tuple[Change, ...], tuple[str, ...]]
_Owner = tuple[str, str]


_GONE: Final = {"granted": "revoked", "assigned": "removed", "created": "deleted"}


class Granted(NamedTuple):
    """One permission, role or user account: the client ID of whom it belongs to, empty for none, and the sentence
    about it, with ``{}`` for what became of it.
    """

    app_id: str
    text: str
    verb: Literal["granted", "assigned", "created"] = "granted"

    def said(self, *, is_there: bool) -> str:
        """The sentence: it was granted, or revoked."""
        gone = _GONE[self.verb]
        return self.text.replace("{}", f"was {self.verb if is_there else gone}", 1)


#: What a reading says was granted, by list and by what identifies it; a list that was not read is missing.
Lists = dict[str, dict[tuple[str, ...], Granted]]


class Grants:
    """What was granted and revoked, by tenant and client ID."""

    def __init__(self) -> None:
        self._found: defaultdict[_Owner, list[Change]] = defaultdict(list)
        self._unknown: defaultdict[_Owner, dict[str, None]] = defaultdict(dict)

    def compare(self, tenant: str, old: Lists, new: Lists, owner: str = "") -> None:
        """Compare what two readings of *tenant*, or of code for one *owner*, say; what one did not read is skipped."""
        for name, category in SETS.items():
            if name not in old or name not in new:
                if owner and (name in old or name in new):
                    self._unknown[tenant, owner][name] = None
                continue
            for key, one in new[name].items():
                if key not in old[name]:
                    text = one.said(is_there=True)
                    self._found[tenant, owner or one.app_id].append(Change(category, text, name, None, [*key]))
            for key, one in old[name].items():
                if key not in new[name]:
                    text = one.said(is_there=False)
                    self._found[tenant, owner or one.app_id].append(Change(category, text, name, [*key], None))

    def skip(self, tenant: str, owner: str, name: str) -> None:
        """Say that the list called *name* is not known of one *owner*, so it was not compared."""
        self._unknown[tenant, owner][name] = None

    def pop(self, owner: _Owner) -> _Words:
        """The changes of one *owner*, and what is not known of it; each is given once."""
        return tuple(self._found.pop(owner, ())), tuple(self._unknown.pop(owner, ()))

    def owners(self, tenant: str) -> tuple[str, ...]:
        """Whose changes were not taken yet."""
        return tuple(dict.fromkeys(key for name, key in (*self._found, *self._unknown) if name == tenant))

    def rest(self, tenant: str) -> _Words:
        """The changes of *tenant* that were not taken yet."""
        left = [self.pop((tenant, owner)) for owner in self.owners(tenant)]
        return tuple(one for found in left for one in found[0]), tuple(one for found in left for one in found[1])


def nothing_granted() -> Lists:
    """The lists where all of them are empty."""
    return {name: {} for name in LISTS}


def grants_of(reading: Reading, name: str) -> Lists:
    """Everything that was granted in the tenant called *name*. A list that was not read whole is left out."""
    tenant = reading.tenants[name]
    apps = [subject.app for subject in reading.subjects if reading.row(subject.key).tenant == name]
    return _lists(tenant, tenant, tenant.unread, {text_of(app.id): text_of(app.app_id).lower() for app in apps})


def grants_of_code(reading: Reading) -> dict[str, Lists]:
    """The same for what code grants, by the key of the registration or of the service principal alone."""
    found = {}
    for key, app in reading.grants.items():
        unread = {pointer.split("/")[1] for pointer in vars(app).get("unread", {})}
        found[key] = _lists(app, app.tenant, unread, {})
    return found


def _lists(
    holder: Tenant | TenantApp, tenant: Tenant, unread: Container[str], registrations: Mapping[str, str]
) -> Lists:
    """The lists of *holder* but for those in *unread*; *registrations* are client IDs by object ID."""
    delegated, roles = holder.oauth2_permission_grants, holder.app_role_assignments
    directory = holder.role_assignments
    found: Lists = {}
    if not isinstance(delegated, UnsetType):
        found["oauth2PermissionGrants"] = dict(_delegated(delegated, tenant))
    if not isinstance(roles, UnsetType):
        found["appRoleAssignments"] = dict(_application(roles, tenant))
    if not isinstance(directory, UnsetType):
        found["roleAssignments"] = dict(_roles(directory, tenant, registrations, "directory role"))
    if isinstance(holder, Tenant) and not isinstance(holder.role_eligibilities, UnsetType):
        rows = _roles(holder.role_eligibilities, tenant, registrations, "eligible directory role")
        found["roleEligibilities"] = dict(rows)
    if isinstance(holder, Tenant) and not isinstance(holder.agent_users, UnsetType):
        found[AGENT_USERS] = dict(_agent_users(holder.agent_users, tenant))
    return {name: rows for name, rows in found.items() if name not in unread}


def _agent_users(users: tuple[AgentUser, ...], tenant: Tenant) -> Iterator[tuple[tuple[str, ...], Granted]]:
    for one in users:
        agent, user = text_of(one.identity_parent_id), text_of(one.id)
        whose = "" if agent in tenant.principals_by_id else f" of the missing agent identity {agent}"
        yield (agent, user), Granted(_app_id(tenant, agent) or agent, f"user account {user}{whose} {{}}", "created")


def _delegated(grants: tuple[OAuth2PermissionGrant, ...], tenant: Tenant) -> Iterator[tuple[tuple[str, ...], Granted]]:
    for grant in grants:
        client, resource = text_of(grant.client_id), text_of(grant.resource_id)
        is_for_all = text_of(grant.consent_type).casefold() == "allprincipals"
        user = "" if is_for_all else text_of(grant.principal_id)
        whom = "all users" if is_for_all else f"user {user}" if user else "an unknown user"
        for value in text_of(grant.scope).split():
            text = f"delegated permission {value} of {_name(tenant, resource)} {{}} for {whom}"
            yield (client, resource, user, value), Granted(_app_id(tenant, client), text)


def _application(
    assignments: tuple[AppRoleAssignment, ...], tenant: Tenant
) -> Iterator[tuple[tuple[str, ...], Granted]]:
    for one in assignments:
        principal, resource, wanted = (text_of(text) for text in (one.principal_id, one.resource_id, one.app_role_id))
        name = _name(tenant, resource, text_of(one.resource_display_name))
        row = permission(_app_id(tenant, resource), wanted, "Role")
        value = tenant.role_values.get((resource, wanted.lower())) or (row.value if row else wanted)
        is_client = text_of(one.principal_type).casefold() in ("", "serviceprincipal")
        what = f"access to {name}" if wanted == DEFAULT_ACCESS else f"application permission {value} of {name}"
        if is_client:
            yield (principal, resource, wanted.lower()), Granted(_app_id(tenant, principal), f"{what} {{}}")
            continue
        whom = f"{text_of(one.principal_type).lower()} {text_of(one.principal_display_name) or principal}"
        what = f"{whom} {{}}" if wanted == DEFAULT_ACCESS else f"app role {value} {{}} for {whom}"
        yield (principal, resource, wanted.lower()), Granted(_app_id(tenant, resource), what, "assigned")


def _roles(
    assignments: tuple[RoleAssignment, ...], tenant: Tenant, registrations: Mapping[str, str], what: str
) -> Iterator[tuple[tuple[str, ...], Granted]]:
    """Directory roles. *registrations* are the client IDs of registrations by object ID, which a role may be over;
    *what* is the kind of role in words.
    """
    for one in assignments:
        principal, definition = text_of(one.principal_id), text_of(one.role_definition_id)
        scope = text_of(one.directory_scope_id)
        known, custom = role(definition), tenant.custom_roles.get(definition.lower())
        name = known.name if known else (text_of(custom.display_name) if custom else "") or definition
        app_id = _app_id(tenant, principal)
        over = scope.removeprefix("/")
        own = registrations.get(over) or _app_id(tenant, over)
        if app_id or not own:
            holder = "" if app_id else f" of {principal or 'an unknown principal'}"
            text = f"{what} {name}{holder} {{}} for {_scope_words(scope)}"
        else:
            text = f"{what} {name} over this application {{}} for {principal}"
        yield (principal, definition.lower(), scope), Granted(app_id or own, text, "assigned")


def _scope_words(scope: str) -> str:
    if scope in ("", "/"):
        return "the whole tenant"
    unit = scope.removeprefix("/administrativeUnits/")
    return f"administrative unit {unit}" if unit != scope else f"object {scope.removeprefix('/')}"


def _app_id(tenant: Tenant, principal: str) -> str:
    """The client ID of a service principal in lower case; its own ID where it has none, empty where it is not known."""
    found = tenant.principals_by_id.get(principal)
    return (text_of(found.app_id).lower() or principal) if found else ""


def _name(tenant: Tenant, resource: str, otherwise: str = "") -> str:
    """An API by its service principal, as the grant names it, or by its client ID, which code names."""
    found, known = tenant.principals_by_id.get(resource), resources().get(resource.lower())
    return (text_of(found.display_name) if found else "") or otherwise or (known.name if known else resource)
