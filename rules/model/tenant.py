"""The tenant that rules check: service principals, what they were granted, and policies, with *not read* as a value.

Graph v1.0's own types in snake_case, as in ``rules.model.registration``: a property is a value, ``None`` or ``UNSET``.
A list or a policy that is ``UNSET`` was not read, and ``Tenant.unread`` says why under its Graph name.

Source of names and types: Microsoft Graph v1.0, the resource types of the same names.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import ClassVar

import msgspec
from msgspec import UNSET, UnsetType

from rules.model.object_kind import ObjectKind, kind_of_type
from rules.model.policies import (
    AdminConsentRequestPolicy,
    AppManagementPolicy,
    AuthorizationPolicy,
    ClaimsMappingPolicy,
    ConditionalAccessPolicy,
    DefaultAppManagementPolicy,
    DelegatedPermissionClassification,
    DirectorySetting,
    PermissionGrantPolicy,
)
from rules.model.registration import (
    AppRole,
    Credential,
    InformationalUrl,
    Owner,
    PermissionScope,
    Switch,
    Text,
    Texts,
    Unread,
    VerifiedPublisher,
)
from rules.primitives.texts import text_of

Number = int | UnsetType | None


class _Part(msgspec.Struct, frozen=True, rename="camel", gc=False):
    """A type of Graph's: any property may be unread."""


class ServicePrincipal(msgspec.Struct, frozen=True, rename="camel"):
    """The instance of an application in the tenant, with credentials in addition to those of the registration."""

    id: Text = UNSET
    app_id: Text = UNSET
    display_name: Text = UNSET
    app_display_name: Text = UNSET
    description: Text = UNSET
    notes: Text = UNSET
    service_principal_type: Text = UNSET
    account_enabled: Switch = UNSET
    disabled_by_microsoft_status: Text = UNSET
    is_disabled: Switch = UNSET
    deleted_date_time: Text = UNSET
    app_role_assignment_required: Switch = UNSET
    app_owner_organization_id: Text = UNSET
    application_template_id: Text = UNSET
    sign_in_audience: Text = UNSET
    tags: Texts = UNSET
    alternative_names: Texts = UNSET
    service_principal_names: Texts = UNSET
    homepage: Text = UNSET
    login_url: Text = UNSET
    logout_url: Text = UNSET
    reply_urls: Texts = UNSET
    preferred_single_sign_on_mode: Text = UNSET
    preferred_token_signing_key_thumbprint: Text = UNSET
    token_encryption_key_id: Text = UNSET
    notification_email_addresses: Texts = UNSET
    password_credentials: tuple[Credential, ...] | UnsetType | None = UNSET
    key_credentials: tuple[Credential, ...] | UnsetType | None = UNSET
    app_roles: tuple[AppRole, ...] | UnsetType | None = UNSET
    oauth2_permission_scopes: tuple[PermissionScope, ...] | UnsetType | None = msgspec.field(
        default=UNSET, name="oauth2PermissionScopes"
    )
    verified_publisher: VerifiedPublisher | UnsetType | None = UNSET
    info: InformationalUrl | UnsetType | None = UNSET
    owners: tuple[Owner, ...] | UnsetType | None = UNSET
    #: The type of what is not a plain service principal. An agent identity has the client ID of its blueprint, and
    #: sponsors.
    odata_type: Text = msgspec.field(default=UNSET, name="@odata.type")
    agent_identity_blueprint_id: Text = UNSET
    sponsors: tuple[Owner, ...] | UnsetType | None = UNSET

    @property
    def kind(self) -> ObjectKind:
        """A plain service principal, the principal of an agent identity blueprint, or an agent identity."""
        return "application" if self.odata_type is UNSET else kind_of_type(self.odata_type)


class OAuth2PermissionGrant(_Part, frozen=True):
    """Delegated permissions that a client (a service principal) was granted on a resource.

    ``consent_type`` is ``AllPrincipals`` (an administrator, for all users) or ``Principal`` (one user,
    ``principal_id``); ``scope`` has the permissions' values with spaces between.
    """

    id: Text = UNSET
    client_id: Text = UNSET
    consent_type: Text = UNSET
    principal_id: Text = UNSET
    resource_id: Text = UNSET
    scope: Text = UNSET


class AppRoleAssignment(_Part, frozen=True):
    """An application permission that a service principal (``principal_id``) was granted on a resource."""

    id: Text = UNSET
    app_role_id: Text = UNSET
    created_date_time: Text = UNSET
    principal_id: Text = UNSET
    principal_type: Text = UNSET
    principal_display_name: Text = UNSET
    resource_id: Text = UNSET
    resource_display_name: Text = UNSET


class RoleAssignment(_Part, frozen=True):
    """A directory role of an account, group or service principal (``principal_id``): ``unifiedRoleAssignment``.

    ``role_definition_id`` is the role's template id for a built-in role. ``directory_scope_id`` is ``/`` for the whole
    tenant, ``/administrativeUnits/ID`` or the object id of a single registration or service principal after a slash.
    """

    id: Text = UNSET
    principal_id: Text = UNSET
    role_definition_id: Text = UNSET
    directory_scope_id: Text = UNSET


class RolePermission(_Part, frozen=True):
    """What a directory role allows: actions such as ``microsoft.directory/applications/credentials/update``."""

    allowed_resource_actions: Texts = UNSET


class RoleDefinition(_Part, frozen=True):
    """A custom directory role: ``unifiedRoleDefinition``. Built-in roles are in ``rules.knowledge.roles``."""

    id: Text = UNSET
    display_name: Text = UNSET
    is_enabled: Switch = UNSET
    role_permissions: tuple[RolePermission, ...] | UnsetType | None = UNSET

    @property
    def actions(self) -> tuple[str, ...]:
        """The actions that it allows; of what was not read, none."""
        return tuple(action for one in self.role_permissions or () for action in one.allowed_resource_actions or ())


class RoleGroup(_Part, frozen=True):
    """A group to which directory roles may be assigned; ``members`` are the object IDs of its service principals.

    Such a group has no groups as members (Microsoft, "Use Microsoft Entra groups to manage role assignments").
    """

    id: Text = UNSET
    display_name: Text = UNSET
    members: tuple[str, ...] = ()


class AgentUser(_Part, frozen=True):
    """The user account of an agent identity, whose object ID is ``identity_parent_id``: ``agentUser``.

    An agent identity has one at most. Names and addresses of the account are not kept.
    """

    id: Text = UNSET
    identity_parent_id: Text = UNSET


class User(_Part, frozen=True):
    """A user who owns applications or service principals: the object ID and whether the account is enabled."""

    id: Text = UNSET
    account_enabled: Switch = UNSET


class UserRegistrationDetails(_Part, frozen=True):
    """Whether a user who owns something has registered an MFA method that the tenant allows; unread for guests.

    ``id`` is the object ID of the user.
    """

    id: Text = UNSET
    is_mfa_capable: Switch = UNSET


class RiskyServicePrincipal(_Part, frozen=True):
    """The risk of a service principal, by its object ID, as Microsoft Entra ID Protection rates it."""

    id: Text = UNSET
    risk_state: Text = UNSET
    risk_level: Text = UNSET
    risk_last_updated_date_time: Text = UNSET


class ApplicationAccessPolicy(_Part, frozen=True):
    """A policy of Exchange Online: ``access_right`` restricts an application to some mailboxes, or denies them.

    Names as ``Get-ApplicationAccessPolicy`` has them, in camel case.
    """

    app_id: Text = UNSET
    access_right: Text = UNSET


class AzureRoleAssignment(_Part, frozen=True):
    """A role in Azure Resource Manager, with names as in ``az role assignment list``."""

    principal_id: Text = UNSET
    role_definition_name: Text = UNSET
    scope: Text = UNSET


class VerifiedDomain(_Part, frozen=True):
    """A domain whose ownership the tenant proved."""

    name: Text = UNSET
    type: Text = UNSET
    capabilities: Text = UNSET
    is_default: Switch = UNSET
    is_initial: Switch = UNSET


class Organization(_Part, frozen=True):
    """The tenant itself: its id, its name and the domains whose ownership it proved."""

    id: Text = UNSET
    display_name: Text = UNSET
    tenant_type: Text = UNSET
    verified_domains: tuple[VerifiedDomain, ...] | UnsetType | None = UNSET


class Tenant(msgspec.Struct, frozen=True, rename="camel", dict=True):
    """What was read of a tenant in addition to its registrations.

    ``role_eligibilities`` are the directory roles that accounts can activate with Privileged Identity Management
    (``unifiedRoleEligibilityScheduleInstance``), ``role_definitions`` the custom directory roles, ``agent_users`` the
    user accounts of agents; ``application_access_policies`` and ``azure_role_assignments`` come from exports of other
    services; ``users`` and ``user_registration_details`` are about those who own applications or service principals;
    ``delegated_permission_classifications`` are about permissions of Microsoft Graph. ``unread`` says by a property's
    Graph name (``servicePrincipals``) why it was not read, or not completely. With ``whole`` false only what belongs to
    some chosen applications was read, so that an absence means nothing. ``graph`` is the URL of the Microsoft Graph
    that it was read from, which identifies the cloud.
    """

    #: Rules over tenants know no kinds of them.
    kind: ClassVar[ObjectKind] = "application"

    id: str = ""
    graph: str = ""
    organization: Organization | UnsetType = UNSET
    service_principals: tuple[ServicePrincipal, ...] | UnsetType = UNSET
    oauth2_permission_grants: tuple[OAuth2PermissionGrant, ...] | UnsetType = msgspec.field(
        default=UNSET, name="oauth2PermissionGrants"
    )
    app_role_assignments: tuple[AppRoleAssignment, ...] | UnsetType = UNSET
    role_assignments: tuple[RoleAssignment, ...] | UnsetType = UNSET
    role_eligibilities: tuple[RoleAssignment, ...] | UnsetType = UNSET
    role_groups: tuple[RoleGroup, ...] | UnsetType = UNSET
    role_definitions: tuple[RoleDefinition, ...] | UnsetType = UNSET
    agent_users: tuple[AgentUser, ...] | UnsetType = UNSET
    users: tuple[User, ...] | UnsetType = UNSET
    user_registration_details: tuple[UserRegistrationDetails, ...] | UnsetType = UNSET
    risky_service_principals: tuple[RiskyServicePrincipal, ...] | UnsetType = UNSET
    authorization_policy: AuthorizationPolicy | UnsetType = UNSET
    default_app_management_policy: DefaultAppManagementPolicy | UnsetType = UNSET
    app_management_policies: tuple[AppManagementPolicy, ...] | UnsetType = UNSET
    admin_consent_request_policy: AdminConsentRequestPolicy | UnsetType = UNSET
    permission_grant_policies: tuple[PermissionGrantPolicy, ...] | UnsetType = UNSET
    settings: tuple[DirectorySetting, ...] | UnsetType = UNSET
    delegated_permission_classifications: tuple[DelegatedPermissionClassification, ...] | UnsetType = UNSET
    application_access_policies: tuple[ApplicationAccessPolicy, ...] | UnsetType = UNSET
    azure_role_assignments: tuple[AzureRoleAssignment, ...] | UnsetType = UNSET
    claims_mapping_policies: tuple[ClaimsMappingPolicy, ...] | UnsetType = UNSET
    conditional_access_policies: tuple[ConditionalAccessPolicy, ...] | UnsetType = UNSET
    unread: Mapping[str, Unread] = {}
    whole: bool = True

    def is_whole(self, member: str) -> bool:
        """Whether all of a list was read, by its Graph name, so that an absence in it means something.

        ``applications`` means the registrations, which are checked separately.
        """
        return self.whole and member not in self.unread

    @property
    def is_external(self) -> bool:
        """Whether it is an external tenant, by Graph's ``tenantType``; false where that was not read."""
        kind = self.organization.tenant_type if self.organization else None
        return isinstance(kind, str) and kind.casefold() == "ciam"

    @cached_property
    def principals_by_app(self) -> Mapping[str, ServicePrincipal]:
        """The service principals that were read, by the ``appId`` of their application in lower case."""
        principals = self.service_principals or ()
        return {one.app_id.lower(): one for one in principals if isinstance(one.app_id, str)}

    @cached_property
    def role_values(self) -> Mapping[tuple[str, str], str]:
        """The values of application permissions, by the object id of their resource and their own id in lower case."""
        return {
            (one.id, role.id.lower()): role.value
            for one in self.service_principals or ()
            for role in one.app_roles or ()
            if isinstance(one.id, str) and isinstance(role.id, str) and isinstance(role.value, str) and role.value
        }

    @cached_property
    def scope_values(self) -> Mapping[tuple[str, str], str]:
        """The same for delegated permissions."""
        return {
            (one.id, scope.id.lower()): scope.value
            for one in self.service_principals or ()
            for scope in one.oauth2_permission_scopes or ()
            if isinstance(one.id, str) and isinstance(scope.id, str) and isinstance(scope.value, str) and scope.value
        }

    @cached_property
    def scope_ids(self) -> Mapping[tuple[str, str], str]:
        """The ids of delegated permissions, by the object id of their resource and their value in any case."""
        return {(resource, value.casefold()): id_ for (resource, id_), value in self.scope_values.items()}

    @cached_property
    def consent_policies(self) -> Mapping[str, PermissionGrantPolicy]:
        """The consent policies that were read, by their ID in any case."""
        policies = self.permission_grant_policies or ()
        return {one.id.casefold(): one for one in policies if isinstance(one.id, str)}

    @cached_property
    def custom_roles(self) -> Mapping[str, RoleDefinition]:
        """The custom directory roles that were read, by their ID in lower case, which assignments name."""
        return {one.id.lower(): one for one in self.role_definitions or () if isinstance(one.id, str)}

    @cached_property
    def agents_of_unread_blueprints(self) -> int:
        """The number of agent identities whose blueprint was not read: each may belong to any blueprint."""
        agents = (one for one in self.service_principals or () if one.kind == "agent identity")
        return sum(not text_of(one.agent_identity_blueprint_id) for one in agents)

    @cached_property
    def users_by_agent(self) -> Mapping[str, str]:
        """The object IDs of the user accounts of agents that were read, by that of their agent identity."""
        users = self.agent_users or ()
        return {one.identity_parent_id: text_of(one.id) for one in users if isinstance(one.identity_parent_id, str)}

    @cached_property
    def users_by_id(self) -> Mapping[str, User]:
        """The users who own something, by their object ID."""
        return {one.id: one for one in self.users or () if isinstance(one.id, str)}

    @cached_property
    def registrations_by_user(self) -> Mapping[str, UserRegistrationDetails]:
        """Whether users who own something can use MFA, by their object ID."""
        return {one.id: one for one in self.user_registration_details or () if isinstance(one.id, str)}

    @cached_property
    def risks(self) -> Mapping[str, RiskyServicePrincipal]:
        """The risks of service principals, by their object ID."""
        return {one.id: one for one in self.risky_service_principals or () if isinstance(one.id, str)}

    @cached_property
    def claims_mapped(self) -> Mapping[str, ClaimsMappingPolicy]:
        """The claims mapping policies by the object ID of the service principal that each applies to."""
        return {target: one for one in self.claims_mapping_policies or () for target in one.applies_to}

    @cached_property
    def principals_by_id(self) -> Mapping[str, ServicePrincipal]:
        """The service principals that were read, by their object id, which grants name."""
        principals = self.service_principals or ()
        return {one.id: one for one in principals if isinstance(one.id, str)}
