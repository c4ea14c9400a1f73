"""Records of a tenant, live or from a snapshot, as registrations and a tenant to check.

What was not read is on each registration (``unread``), on the tenant, and once in the inputs, with what would fix it.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec
from msgspec import UNSET, UnsetType

from advisor.sources.reading.builder import Builder
from advisor.sources.tenant.exports import not_exported
from advisor.sources.tenant.ledger import Ledger
from advisor.sources.tenant.records import (
    APPLICATIONS,
    ASSIGNMENTS,
    CERTIFICATES,
    FEDERATED,
    GRANTS,
    INHERITABLE,
    ORGANIZATION,
    OWNERS,
    PART_BY_ID,
    POLICY_TYPES,
    PRINCIPALS,
    ROLES,
    SPONSORS,
    Agent,
    Application,
    Assignment,
    Blueprint,
    Certificates,
    Evidence,
    FederatedCredentials,
    Grant,
    InheritablePermissions,
    Missing,
    Owners,
    Part,
    Policy,
    Principal,
    PrincipalOwners,
    PublicKey,
    Record,
    Role,
    not_included,
)
from rules.model.object_kind import AGENT_TYPE
from rules.model.registration import Credential, FederatedCredential, InheritablePermission, Owner, Unread, mark_unread
from rules.model.tenant import (
    AppRoleAssignment,
    OAuth2PermissionGrant,
    RoleAssignment,
    ServicePrincipal,
    Tenant,
)
from rules.model.usage import Usage

_FORMAT: Final = "Microsoft Graph"
_NOT_RETURNED: Final = Unread("failed", note="Graph did not return the certificate", remedy="read the tenant again")


class Gathering:
    """Takes records in any order, a record of the same object twice too, and builds what they say in the end."""

    def __init__(self) -> None:
        self.ledger = Ledger()
        self._applications: dict[str, Application] = {}
        self._owners: dict[str, tuple[Owner, ...]] = {}
        self._principal_owners: dict[str, tuple[Owner, ...]] = {}
        self._federated: dict[str, tuple[FederatedCredential, ...]] = {}
        self._sponsors: dict[str, tuple[Owner, ...] | UnsetType | None] = {}
        self._inheritable: dict[str, tuple[InheritablePermission, ...]] = {}
        self._agents: dict[str, ServicePrincipal] = {}
        self._keys: dict[str, dict[str, PublicKey]] = {}
        self._missing: dict[tuple[str, str], Unread] = {}
        self._principals: dict[str, ServicePrincipal] = {}
        self._grants: dict[str, OAuth2PermissionGrant] = {}
        self._assignments: dict[str, AppRoleAssignment] = {}
        self._roles: dict[str, RoleAssignment] = {}
        self._policies: dict[str, Any] = {}
        self._evidence: dict[str, Usage] = {}

    def take(self, record: Record) -> None:
        """Keep what a record says; the last word about an object holds."""
        match record:
            case Application(value=value):
                key = value.id if isinstance(value.id, str) else f"#{len(self._applications)}"
                is_again = key in self._applications
                self._applications[key] = record
                if is_again:
                    return
            case Owners(of=of):
                self._owners.update(of)
            case PrincipalOwners(of=of):
                self._principal_owners.update(of)
            case FederatedCredentials(of=credentials):
                self._federated.update(credentials)
            case Missing():
                self._missing[record.id, record.pointer] = record.unread
            case Principal(value=principal):
                self._principals[str(principal.id)] = principal
            case Grant(value=grant):
                self._grants[str(grant.id)] = grant
            case Assignment(value=assignment):
                self._assignments[str(assignment.id)] = assignment
            case Role(value=role):
                self._roles[str(role.id)] = role
            case Policy() | Evidence():
                self._keep_part(record)
            case _:
                self._take_of_some(record)
        self.ledger.take(record)

    def _take_of_some(self, record: Record) -> None:
        """Keep what is read of blueprints, of agent identities and of applications with certificates alone."""
        match record:
            case Certificates(of=keys):
                self._keys.update(keys)
            case Blueprint(value=value):
                self._sponsors[str(value.id)] = value.sponsors
            case InheritablePermissions(of=permissions):
                self._inheritable.update(permissions)
            case Agent(value=agent):
                self._agents[str(agent.id)] = agent
            case _:
                pass

    def _keep_part(self, record: Policy | Evidence) -> None:
        if isinstance(record, Evidence):
            self._evidence[record.part] = record.value
        else:
            self._policies[record.part] = msgspec.json.decode(record.value, type=POLICY_TYPES[record.part])

    def build(self, builder: Builder) -> None:
        """Add the registrations, the tenant and the input rows to *builder*."""
        name = builder.unique_tenant_name(self.ledger.header.tenant)
        owners = self.ledger.reason(OWNERS)
        federated = self.ledger.reason(FEDERATED)
        templates = {one.app_id: one.application_template_id for one in self._principals.values()}
        for key, record in self._applications.items():
            read: dict[str, Any] = {}
            unread = dict(record.unread)
            if key in self._owners:
                read["owners"] = self._owners[key]
            else:
                unread["/owners"] = self._missing.get((key, "/owners"), owners)
            gap = self._missing.get((key, "/federatedIdentityCredentials"))
            if gap is None and (key in self._federated or self.ledger.was_read(FEDERATED)):
                read["federated_identity_credentials"] = self._federated.get(key, ())
            else:
                unread["/federatedIdentityCredentials"] = gap or federated
            if record.value.application_template_id is UNSET:  # the service principal has the same
                read["application_template_id"] = templates.get(record.value.app_id, UNSET)
            if "certificates" in self.ledger.header.include and record.value.key_credentials:
                read["key_credentials"] = tuple(self._with_key(key, one) for one in record.value.key_credentials)
            if record.value.kind == "blueprint":
                self._add_agents_to(key, read, unread)
            app = msgspec.structs.replace(record.value, **read)
            builder.add_from_tenant(mark_unread(app, unread), name, format=_FORMAT)
        builder.tenants[name] = self._tenant()
        builder.usage += self._evidence.values()
        builder.inputs += self.ledger.inputs(name)

    def _with_key(self, application: str, credential: Credential) -> Credential:
        """A key credential with its public key, or with why that was not read."""
        found = self._keys.get(application, {}).get(str(credential.key_id), PublicKey())
        if found.digest:
            return credential.with_key(found.digest, found.certificate)
        gap = self._missing.get((application, "/keyCredentials"))
        if gap is None and application in self._keys:
            gap = _NOT_RETURNED
        return credential.with_key("", None, gap or self.ledger.reason(CERTIFICATES))

    def _add_agents_to(self, key: str, read: dict[str, Any], unread: dict[str, Unread]) -> None:
        """Add what a blueprint has in addition to an application, or why it was not read."""
        if self._sponsors.get(key, UNSET) is UNSET:
            unread["/sponsors"] = self.ledger.reason(SPONSORS)
        else:
            read["sponsors"] = self._sponsors[key]
        if key in self._inheritable:
            read["inheritable_permissions"] = self._inheritable[key]
        else:
            gap = self._missing.get((key, "/inheritablePermissions"))
            unread["/inheritablePermissions"] = gap or self.ledger.reason(INHERITABLE)

    def _tenant(self) -> Tenant:
        lists: tuple[tuple[Part, dict[str, Any]], ...] = (
            (PRINCIPALS, {key: self._with_relations(one) for key, one in self._principals.items()}),
            (GRANTS, self._grants),
            (ASSIGNMENTS, self._assignments),
            (ROLES, self._roles),
        )
        values: dict[str, Any] = {PART_BY_ID[part].member: value for part, value in self._policies.items()}
        for part, found in lists:
            values[part.member] = tuple(found.values()) if found or self.ledger.was_read(part) else UNSET
        unread = {part.member: gap for part, gap in self.ledger.gaps() if part.member}
        unread |= {part.id: gap for part, gap in self.ledger.gaps() if part is APPLICATIONS}
        unread |= {**not_included(self.ledger.header), **not_exported()}
        if "roleGroups" not in values and self._has_no_groups():
            values["roleGroups"] = ()
            unread.pop("roleGroups", None)
        names = {field.encode_name: field.name for field in msgspec.structs.fields(Tenant)}
        organization = self._policies.get(ORGANIZATION.id)
        return Tenant(
            id=str(organization.id) if organization is not None else self.ledger.header.tenant,
            graph=self.ledger.header.endpoint,
            unread=unread,
            whole=not self.ledger.header.only,
            **{names[name]: value for name, value in values.items()},
        )

    def _with_relations(self, principal: ServicePrincipal) -> ServicePrincipal:
        """A service principal with its owners; an agent identity with its blueprint and sponsors too."""
        key = str(principal.id)
        read: dict[str, Any] = {"owners": self._principal_owners.get(key, UNSET)}
        if agent := self._agents.get(key):
            read |= {
                "odata_type": AGENT_TYPE,
                "agent_identity_blueprint_id": agent.agent_identity_blueprint_id,
                "sponsors": agent.sponsors,
            }
        return msgspec.structs.replace(principal, **read)

    def _has_no_groups(self) -> bool:
        """Whether no principal with a directory role can be a group: all of them are service principals that were read.

        Unread roles are another gap. With ``--only`` the roles of groups are not among those that were read.
        """
        holders = {str(role.principal_id) for role in self._roles.values()}
        return not self.ledger.header.only and self.ledger.was_read(ROLES) and holders <= self._principals.keys()
