"""An application as a tenant knows it: its registration, its service principal and what it was granted, in one object.

Rules over service principals check this object, and pointers of their findings reach into it:
``/servicePrincipal/tags``, ``/oauth2PermissionGrants/0``, ``/application/passwordCredentials``. Grants are Graph's own;
``granted`` has the permissions that they contain, with the rows of the table of permissions.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from rules.knowledge.permissions import Kind, Permission, permission, permission_named
from rules.knowledge.tenants import microsoft_tenants
from rules.model.finding import Because
from rules.model.object_kind import ObjectKind
from rules.model.registration import DISABLED, Registration, disabled_at
from rules.model.tenant import AppRoleAssignment, OAuth2PermissionGrant, RoleAssignment, ServicePrincipal, Tenant
from rules.primitives.texts import text_of

#: What a property says that keeps tokens from being issued.


class Granted(msgspec.Struct, frozen=True):
    """A permission that was granted.

    ``resource`` is the API's client id in lower case, empty where it is not known; ``value`` the permission's name, or
    its id where no name is known; ``id`` its id in this cloud, empty where it is not known. ``for_all`` says that no
    user, or every user, is meant; ``permission`` is the row of the table, where there is one. ``pointer`` is the grant
    that contains it.
    """

    pointer: str
    kind: Kind
    resource: str
    resource_name: str
    value: str
    id: str
    for_all: bool
    permission: Permission | None


class TenantApp(msgspec.Struct, frozen=True, rename="camel", dict=True):
    """An application in a tenant.

    ``service_principal`` is ``None`` where the tenant has the registration alone. ``application`` is ``None`` where the
    registration lives in another tenant or is gone, and ``UNSET`` where that is not known. A list of grants is
    ``UNSET`` where it was not read. ``role_assignments`` are the directory roles that it has, itself or through a
    group, ``scoped_role_assignments`` those that others have over it alone, and ``scoped_role_eligibilities`` those
    that others can activate over it alone.

    A blueprint has its ``agents``. An agent identity has its ``blueprint``, ``None`` where the tenant has none of that
    client ID, and ``UNSET`` where that is not known.
    """

    service_principal: ServicePrincipal | None
    application: Registration | UnsetType | None = UNSET
    oauth2_permission_grants: tuple[OAuth2PermissionGrant, ...] | UnsetType = msgspec.field(
        default=UNSET, name="oauth2PermissionGrants"
    )
    app_role_assignments: tuple[AppRoleAssignment, ...] | UnsetType = UNSET
    role_assignments: tuple[RoleAssignment, ...] | UnsetType = UNSET
    scoped_role_assignments: tuple[RoleAssignment, ...] | UnsetType = UNSET
    scoped_role_eligibilities: tuple[RoleAssignment, ...] | UnsetType = UNSET
    tenant: Tenant = Tenant()
    agents: tuple[TenantApp, ...] = ()
    blueprint: TenantApp | UnsetType | None = UNSET

    @property
    def kind(self) -> ObjectKind:
        """The kind of its service principal; of its registration where it has no service principal."""
        holder = self.service_principal or self.application or None
        return holder.kind if holder is not None else "application"

    @property
    def app_id(self) -> str:
        """The client id; empty where it was not read."""
        holder = self.service_principal or self.application or None
        return text_of(holder.app_id) if holder is not None else ""

    @property
    def name(self) -> str:
        """Its display name; the client ID where it has none."""
        holder = self.service_principal or self.application or None
        found = holder.display_name if holder is not None else None
        return found if isinstance(found, str) and found else self.app_id

    @property
    def is_foreign(self) -> bool:
        """Whether the registration lives in another tenant, by the id of its owner; false where that was not read."""
        home = text_of(self.tenant.organization.id) if self.tenant.organization else ""
        return bool(home and self.owner_tenant) and self.owner_tenant != home.lower()

    @property
    def owner_tenant(self) -> str:
        """The ID of the tenant that owns the registration, in lower case; empty where that was not read.

        An agent identity has that of its blueprint: Graph returns none for the agent itself.
        """
        holder = self.blueprint if self.kind == "agent identity" else self
        principal = holder.service_principal if isinstance(holder, TenantApp) else None
        return text_of(principal.app_owner_organization_id).lower() if principal else ""

    @property
    def is_microsoft(self) -> bool:
        """Whether it is one of Microsoft's own applications, by the tenant that owns it.

        An agent identity never is one, since the tenant's users decide what it does, also on a platform of Microsoft's.
        """
        return self.kind != "agent identity" and self.owner_tenant in microsoft_tenants()

    @property
    def is_managed_identity(self) -> bool:
        """Whether it is a managed identity, whose credentials Azure keeps."""
        kind = self.service_principal.service_principal_type if self.service_principal else None
        return isinstance(kind, str) and kind.casefold() == "managedidentity"

    @property
    def is_enabled(self) -> bool:
        """Whether tokens are issued to it; true where that was not read."""
        return not self.disabled_at

    @property
    def disabled_at(self) -> str:
        """The pointer of the property because of which no token is issued to it; empty where tokens are issued.

        There are four ways: ``accountEnabled`` of the service principal, and of both objects ``isDisabled`` (Microsoft,
        "Deactivate an enterprise application"), ``disabledByMicrosoftStatus`` and deletion.
        """
        principal = self.service_principal
        if principal is not None and principal.account_enabled is False:
            return "/servicePrincipal/accountEnabled"
        for name, one in (("servicePrincipal", principal), ("application", self.application)):
            if one is not None and not isinstance(one, UnsetType) and (found := disabled_at(one)):
                return f"/{name}/{found}"
        return ""

    @property
    def blocked(self) -> Because | None:
        """Why no token is issued to it, with the place; ``None`` where tokens are issued.

        What was not read counts as enabled, so that no finding is lost. An agent identity authenticates through its
        blueprint. Sources: for a missing registration, Microsoft Graph, "servicePrincipal", ``servicePrincipalType``;
        for agents, Microsoft, "Best practices for Microsoft Entra Agent ID".
        """
        if self.disabled_at:
            return Because(self.disabled_at, DISABLED[self.disabled_at.rpartition("/")[2]])
        if isinstance(self.blueprint, TenantApp) and (found := self.blueprint.blocked):
            return Because(f"/blueprint{found.pointer}", f"{found.note}, through its blueprint")
        return Because("/servicePrincipal/appId", "without a registration") if self.is_orphan else None

    @property
    def is_orphan(self) -> bool:
        """Whether the registration was in this tenant and is gone. Other types, such as ``Legacy``, never had one."""
        principal = self.service_principal
        home = self.tenant.organization.id if self.tenant.organization else None
        return (
            self.application is None
            and principal is not None
            and principal.service_principal_type == "Application"
            and isinstance(home, str)
            and isinstance(principal.app_owner_organization_id, str)
            and principal.app_owner_organization_id.lower() == home.lower()
        )

    @cached_property
    def granted(self) -> tuple[Granted, ...]:
        """Each permission that was granted, application permissions first; of a list that was not read, nothing."""
        return (*self._roles(), *self._scopes())

    def _roles(self) -> Iterator[Granted]:
        for index, assignment in enumerate(self.app_role_assignments or ()):
            resource = self.tenant.principals_by_id.get(text_of(assignment.resource_id))
            client = text_of(resource.app_id).lower() if resource else ""
            wanted = text_of(assignment.app_role_id).lower()
            value = self.tenant.role_values.get((text_of(assignment.resource_id), wanted))
            # A national cloud may have another ID for a permission; its own service principal says which one it is.
            row = permission(client, wanted, "Role") or (permission_named(client, value, "Role") if value else None)
            yield Granted(
                pointer=f"/appRoleAssignments/{index}",
                kind="Role",
                resource=client,
                resource_name=_name(resource) or text_of(assignment.resource_display_name),
                value=value or (row.value if row else wanted),
                id=wanted,
                for_all=True,
                permission=row,
            )

    def _scopes(self) -> Iterator[Granted]:
        for index, grant in enumerate(self.oauth2_permission_grants or ()):
            resource = self.tenant.principals_by_id.get(text_of(grant.resource_id))
            client = text_of(resource.app_id).lower() if resource else ""
            for_all = text_of(grant.consent_type).casefold() == "allprincipals"
            for value in text_of(grant.scope).split():
                row = permission_named(client, value, "Scope")
                yield Granted(
                    pointer=f"/oauth2PermissionGrants/{index}",
                    kind="Scope",
                    resource=client,
                    resource_name=_name(resource),
                    value=value,
                    id=self.tenant.scope_ids.get((text_of(grant.resource_id), value.casefold()), row.id if row else ""),
                    for_all=for_all,
                    permission=row,
                )


def tenant_apps(tenant: Tenant, applications: Iterable[Registration]) -> tuple[TenantApp, ...]:
    """Every application of *tenant*: service principals as Graph lists them, then registrations without one.

    *applications* are the registrations that were read of it. Without service principals there is none: what belongs to
    which application is not known then. Where single applications were asked for, those alone: the APIs that they were
    granted are read as well, but not requested.
    """
    if isinstance(tenant.service_principals, UnsetType):
        return ()
    own = {app.app_id.lower(): app for app in applications if isinstance(app.app_id, str)}
    grants = _by(tenant.oauth2_permission_grants, "client_id")
    assignments = _by(tenant.app_role_assignments, "principal_id")
    roles = _by(tenant.role_assignments, "principal_id")
    groups = _groups_by_member(tenant)
    scoped = _by_scope(tenant.role_assignments)
    eligible = _by_scope(tenant.role_eligibilities)
    whole = tenant.is_whole("applications")
    found: list[TenantApp] = []
    for one in tenant.service_principals:
        id_ = text_of(one.id)
        # An agent identity has no registration, whatever its appId is.
        application = None if one.kind == "agent identity" else own.pop(text_of(one.app_id).lower(), UNSET)
        app = TenantApp(
            service_principal=one,
            application=application,
            oauth2_permission_grants=UNSET if grants is None else tuple(grants.get(id_, ())),
            app_role_assignments=UNSET if assignments is None else tuple(assignments.get(id_, ())),
            role_assignments=UNSET if roles is None else _roles_of(roles, (id_, *groups.get(id_, ()))),
            scoped_role_assignments=_over(scoped, id_, application),
            scoped_role_eligibilities=_over(eligible, id_, application),
            tenant=tenant,
        )
        if app.application is UNSET and not tenant.whole:
            continue
        if app.application is UNSET and (whole or app.is_foreign or app.is_managed_identity):
            app = msgspec.structs.replace(app, application=None)
        found.append(app)
    if tenant.is_whole("servicePrincipals"):
        found += [
            TenantApp(
                None,
                app,
                (),
                (),
                role_assignments=(),
                scoped_role_assignments=_over(scoped, "", app),
                scoped_role_eligibilities=_over(eligible, "", app),
                tenant=tenant,
            )
            for app in own.values()
        ]
    return _with_agents(tenant, found)


def _with_agents(tenant: Tenant, apps: Sequence[TenantApp]) -> tuple[TenantApp, ...]:
    """*apps*, in which agent identities have their blueprint, and blueprints their agent identities."""
    blueprints = {app.app_id.lower(): app for app in apps if app.kind == "blueprint" and app.service_principal}
    agents: defaultdict[str, list[TenantApp]] = defaultdict(list)
    for app in apps:
        if app.kind == "agent identity":
            agents[_blueprint_of(app)].append(app)
    absent = None if tenant.is_whole("servicePrincipals") else UNSET

    def related(app: TenantApp) -> TenantApp:
        if app.kind == "blueprint":
            return msgspec.structs.replace(app, agents=tuple(agents.get(app.app_id.lower(), ())))
        key = _blueprint_of(app)
        return msgspec.structs.replace(app, blueprint=blueprints.get(key, absent) if key else UNSET)

    return tuple(app if app.kind == "application" else related(app) for app in apps)


def _blueprint_of(app: TenantApp) -> str:
    return text_of(app.service_principal.agent_identity_blueprint_id).lower() if app.service_principal else ""


_Grant = TypeVar("_Grant", OAuth2PermissionGrant, AppRoleAssignment, RoleAssignment)


def _by(rows: tuple[_Grant, ...] | UnsetType, member: str) -> Mapping[str, list[_Grant]] | None:
    """Grants by the service principal that has them; ``None`` where they were not read."""
    if isinstance(rows, UnsetType):
        return None
    found: defaultdict[str, list[_Grant]] = defaultdict(list)
    for row in rows:
        found[text_of(getattr(row, member))].append(row)
    return found


def _groups_by_member(tenant: Tenant) -> Mapping[str, list[str]]:
    """The groups with directory roles by the service principals that are members of them."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for group in tenant.role_groups or ():
        for member in group.members:
            found[member].append(text_of(group.id))
    return found


def _roles_of(roles: Mapping[str, list[RoleAssignment]], ids: Iterable[str]) -> tuple[RoleAssignment, ...]:
    """The directory roles of a service principal and of the groups that it is a member of."""
    return tuple(row for one in ids for row in roles.get(one, ()))


def _by_scope(rows: tuple[RoleAssignment, ...] | UnsetType) -> Mapping[str, list[RoleAssignment]] | None:
    """Roles over a single object by its id; ``None`` where they were not read."""
    if isinstance(rows, UnsetType):
        return None
    found: defaultdict[str, list[RoleAssignment]] = defaultdict(list)
    for row in rows:
        scope = text_of(row.directory_scope_id).removeprefix("/")
        if scope and "/" not in scope:
            found[scope].append(row)
    return found


def _over(
    scoped: Mapping[str, list[RoleAssignment]] | None, principal: str, application: Registration | UnsetType | None
) -> tuple[RoleAssignment, ...] | UnsetType:
    """The roles over an application alone: over its registration or over its service principal."""
    if scoped is None:
        return UNSET
    ids = (principal, text_of(application.id) if isinstance(application, Registration) else "")
    return tuple(row for one in ids if one for row in scoped.get(one, ()))


def _name(resource: ServicePrincipal | None) -> str:
    return text_of(resource.display_name) if resource else ""
