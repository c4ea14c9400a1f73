"""The tenant that rules judge: service principals, what they were granted, and policies, with *not read* as a value.

Graph v1.0's own types in snake_case, as in ``rules.registration``: a property is a value, ``None`` or ``UNSET``. A list or a
policy that is ``UNSET`` was not read, and ``Tenant.unread`` says why under its Graph name.

Source of names and types: Microsoft Graph v1.0, the resource types of the same names.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import msgspec
from msgspec import UNSET, UnsetType

from rules.registration import (
    AppRole,
    Credential,
    InformationalUrl,
    PermissionScope,
    Switch,
    Text,
    Texts,
    Unread,
    VerifiedPublisher,
)

Number = int | UnsetType | None


class _Part(msgspec.Struct, frozen=True, rename="camel", gc=False):
    """A type of Graph's: any property may be unread."""


class ServicePrincipal(msgspec.Struct, frozen=True, rename="camel"):
    """The instance of an application in the tenant. Its credentials are its own, beside those of the registration."""

    id: Text = UNSET
    app_id: Text = UNSET
    display_name: Text = UNSET
    app_display_name: Text = UNSET
    description: Text = UNSET
    notes: Text = UNSET
    service_principal_type: Text = UNSET
    account_enabled: Switch = UNSET
    disabled_by_microsoft_status: Text = UNSET
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


class OAuth2PermissionGrant(_Part, frozen=True):
    """Delegated permissions that a client (a service principal) was granted on a resource.

    ``consent_type`` is ``AllPrincipals`` (an administrator, for everybody) or ``Principal`` (one user, ``principal_id``);
    ``scope`` holds the permissions' values with spaces between.
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
    """A directory role that an account, a group or a service principal (``principal_id``) has; Graph's ``unifiedRoleAssignment``.

    ``role_definition_id`` is the role's template id for a built-in role. ``directory_scope_id`` is ``/`` for the whole
    tenant, ``/administrativeUnits/ID`` or the object id of a single registration or service principal after a slash.
    """

    id: Text = UNSET
    principal_id: Text = UNSET
    role_definition_id: Text = UNSET
    directory_scope_id: Text = UNSET


class VerifiedDomain(_Part, frozen=True):
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


class DefaultUserRolePermissions(_Part, frozen=True):
    """What every member may do; ``permission_grant_policies_assigned`` names the consent policies that users have."""

    allowed_to_create_apps: Switch = UNSET
    allowed_to_create_security_groups: Switch = UNSET
    allowed_to_create_tenants: Switch = UNSET
    allowed_to_read_bitlocker_keys_for_owned_device: Switch = UNSET
    allowed_to_read_other_users: Switch = UNSET
    permission_grant_policies_assigned: Texts = UNSET


class AuthorizationPolicy(_Part, frozen=True):
    id: Text = UNSET
    display_name: Text = UNSET
    allow_email_verified_users_to_join_organization: Switch = UNSET
    allow_invites_from: Text = UNSET
    allow_user_consent_for_risky_apps: Switch = UNSET
    allowed_to_sign_up_email_based_subscriptions: Switch = UNSET
    allowed_to_use_sspr: Switch = msgspec.field(default=UNSET, name="allowedToUseSSPR")
    block_msol_power_shell: Switch = UNSET
    guest_user_role_id: Text = UNSET
    default_user_role_permissions: DefaultUserRolePermissions | UnsetType | None = UNSET


class CustomSecurityAttributeExemption(_Part, frozen=True):
    """Applications, or callers, with a security attribute of this value are exempt."""

    id: Text = UNSET
    operator: Text = UNSET
    value: Text = UNSET


class ActorExemptions(_Part, frozen=True):
    custom_security_attributes: tuple[CustomSecurityAttributeExemption, ...] | UnsetType | None = UNSET


class CredentialRestriction(_Part, frozen=True):
    """What may not be done with secrets or certificates: ``restriction_type`` such as ``passwordAddition``.

    ``max_lifetime`` is an ISO 8601 duration; ``state`` is ``enabled`` or ``disabled``.
    """

    restriction_type: Text = UNSET
    state: Text = UNSET
    max_lifetime: Text = UNSET
    restrict_for_apps_created_after_date_time: Text = UNSET
    exclude_actors: ActorExemptions | UnsetType | None = UNSET


class IdentifierUriRestriction(_Part, frozen=True):
    state: Text = UNSET
    restrict_for_apps_created_after_date_time: Text = UNSET
    is_state_set_by_microsoft: Switch = UNSET
    exclude_apps_receiving_v2_tokens: Switch = msgspec.field(default=UNSET, name="excludeAppsReceivingV2Tokens")
    exclude_saml: Switch = UNSET
    exclude_actors: ActorExemptions | UnsetType | None = UNSET


class IdentifierUriRestrictions(_Part, frozen=True):
    non_default_uri_addition: IdentifierUriRestriction | UnsetType | None = UNSET
    uri_addition_without_unique_tenant_identifier: IdentifierUriRestriction | UnsetType | None = UNSET


class AppRestrictions(_Part, frozen=True):
    """The restrictions of an app management policy for applications or for service principals."""

    password_credentials: tuple[CredentialRestriction, ...] | UnsetType | None = UNSET
    key_credentials: tuple[CredentialRestriction, ...] | UnsetType | None = UNSET
    identifier_uris: IdentifierUriRestrictions | UnsetType | None = UNSET


class CustomAppRestrictions(_Part, frozen=True):
    """The restrictions of a policy for single applications; those for identifier URIs stand one level deeper."""

    password_credentials: tuple[CredentialRestriction, ...] | UnsetType | None = UNSET
    key_credentials: tuple[CredentialRestriction, ...] | UnsetType | None = UNSET
    application_restrictions: AppRestrictions | UnsetType | None = UNSET


class DefaultAppManagementPolicy(_Part, frozen=True):
    """The tenant's default for all applications and service principals (``tenantAppManagementPolicy``)."""

    id: Text = UNSET
    display_name: Text = UNSET
    description: Text = UNSET
    is_enabled: Switch = UNSET
    application_restrictions: AppRestrictions | UnsetType | None = UNSET
    service_principal_restrictions: AppRestrictions | UnsetType | None = UNSET


class PolicyTarget(_Part, frozen=True):
    """An application or service principal that a policy is assigned to; ``odata_type`` says which of the two."""

    id: Text = UNSET
    odata_type: Text = msgspec.field(default=UNSET, name="@odata.type")
    app_id: Text = UNSET
    display_name: Text = UNSET


class AppManagementPolicy(_Part, frozen=True):
    """A policy for single applications; it replaces the default for what it is assigned to.

    ``applies_to`` is ``UNSET`` where the list was not read whole.
    """

    id: Text = UNSET
    display_name: Text = UNSET
    description: Text = UNSET
    is_enabled: Switch = UNSET
    restrictions: CustomAppRestrictions | UnsetType | None = UNSET
    applies_to: tuple[PolicyTarget, ...] | UnsetType | None = UNSET


class AccessReviewer(_Part, frozen=True):
    query: Text = UNSET
    query_type: Text = UNSET
    query_root: Text = UNSET


class AdminConsentRequestPolicy(_Part, frozen=True):
    """The workflow by which users ask an administrator for consent."""

    is_enabled: Switch = UNSET
    notify_reviewers: Switch = UNSET
    reminders_enabled: Switch = UNSET
    request_duration_in_days: Number = UNSET
    version: Number = UNSET
    reviewers: tuple[AccessReviewer, ...] | UnsetType | None = UNSET


class PermissionGrantConditions(_Part, frozen=True):
    """A set of conditions under which a consent policy allows (or excludes) a grant."""

    id: Text = UNSET
    permission_type: Text = UNSET
    permission_classification: Text = UNSET
    permissions: Texts = UNSET
    resource_application: Text = UNSET
    client_application_ids: Texts = UNSET
    client_application_publisher_ids: Texts = UNSET
    client_application_tenant_ids: Texts = UNSET
    client_applications_from_verified_publisher_only: Switch = UNSET


class PermissionGrantPolicy(_Part, frozen=True):
    """A consent policy: what may be consented to without an administrator."""

    id: Text = UNSET
    display_name: Text = UNSET
    description: Text = UNSET
    includes: tuple[PermissionGrantConditions, ...] | UnsetType | None = UNSET
    excludes: tuple[PermissionGrantConditions, ...] | UnsetType | None = UNSET


class DelegatedPermissionClassification(_Part, frozen=True):
    """What the organisation thinks of a delegated permission: ``low``, ``medium`` or ``high``."""

    id: Text = UNSET
    permission_id: Text = UNSET
    permission_name: Text = UNSET
    classification: Text = UNSET


class ConditionalAccessUsers(_Part, frozen=True):
    """``All``, ``None``, ``GuestsOrExternalUsers`` or ids."""

    include_users: Texts = UNSET
    exclude_users: Texts = UNSET
    include_groups: Texts = UNSET
    exclude_groups: Texts = UNSET
    include_roles: Texts = UNSET
    exclude_roles: Texts = UNSET


class ConditionalAccessApplications(_Part, frozen=True):
    """``All``, ``None``, ``Office365``, ``MicrosoftAdminPortals`` or client ids of the resources that are asked for."""

    include_applications: Texts = UNSET
    exclude_applications: Texts = UNSET
    include_user_actions: Texts = UNSET


class ConditionalAccessClientApplications(_Part, frozen=True):
    """The service principals that a policy holds for: ``ServicePrincipalsInMyTenant`` or their ids."""

    include_service_principals: Texts = UNSET
    exclude_service_principals: Texts = UNSET


class ConditionalAccessAuthenticationFlows(_Part, frozen=True):
    """``transfer_methods`` holds ``deviceCodeFlow`` and ``authenticationTransfer``, with commas between."""

    transfer_methods: Text = UNSET


class ConditionalAccessPlaces(_Part, frozen=True):
    """Where from: ``All``, ``AllTrusted`` or ids of named locations."""

    include_locations: Texts = UNSET
    exclude_locations: Texts = UNSET


class ConditionalAccessPlatforms(_Part, frozen=True):
    include_platforms: Texts = UNSET
    exclude_platforms: Texts = UNSET


class ConditionalAccessFilter(_Part, frozen=True):
    """``mode`` is ``include`` or ``exclude``."""

    mode: Text = UNSET
    rule: Text = UNSET


class ConditionalAccessDevices(_Part, frozen=True):
    device_filter: ConditionalAccessFilter | UnsetType | None = UNSET


class ConditionalAccessConditions(_Part, frozen=True):
    """Whom and when a policy holds for. What is null or empty narrows nothing."""

    users: ConditionalAccessUsers | UnsetType | None = UNSET
    applications: ConditionalAccessApplications | UnsetType | None = UNSET
    client_applications: ConditionalAccessClientApplications | UnsetType | None = UNSET
    authentication_flows: ConditionalAccessAuthenticationFlows | UnsetType | None = UNSET
    client_app_types: Texts = UNSET
    locations: ConditionalAccessPlaces | UnsetType | None = UNSET
    platforms: ConditionalAccessPlatforms | UnsetType | None = UNSET
    devices: ConditionalAccessDevices | UnsetType | None = UNSET
    sign_in_risk_levels: Texts = UNSET
    user_risk_levels: Texts = UNSET
    service_principal_risk_levels: Texts = UNSET


class ConditionalAccessGrantControls(_Part, frozen=True):
    """What has to be fulfilled: ``block``, ``mfa``, ``compliantDevice`` and others."""

    operator: Text = UNSET
    built_in_controls: Texts = UNSET


class ConditionalAccessPolicy(_Part, frozen=True):
    """``state`` is ``enabled``, ``disabled`` or ``enabledForReportingButNotEnforced``, which enforces nothing."""

    id: Text = UNSET
    display_name: Text = UNSET
    state: Text = UNSET
    conditions: ConditionalAccessConditions | UnsetType | None = UNSET
    grant_controls: ConditionalAccessGrantControls | UnsetType | None = UNSET

    @property
    def quoted(self) -> str:
        """How people read it where it is quoted."""
        return next((text for text in (self.display_name, self.id) if isinstance(text, str) and text), "without a name")


class SettingValue(_Part, frozen=True):
    name: Text = UNSET
    value: Text = UNSET


class DirectorySetting(_Part, frozen=True):
    """A group of settings of the directory, such as ``Consent Policy Settings``; Graph calls it ``groupSetting``."""

    id: Text = UNSET
    display_name: Text = UNSET
    template_id: Text = UNSET
    values: tuple[SettingValue, ...] | UnsetType | None = UNSET


class Tenant(msgspec.Struct, frozen=True, rename="camel", dict=True):
    """What was read of a tenant beside its registrations.

    ``delegated_permission_classifications`` are those of Microsoft Graph's permissions.
    ``unread`` says by a property's Graph name (``servicePrincipals``) why it is ``UNSET``. With ``whole`` false only what
    belongs to some chosen applications was read, so that an absence means nothing. ``graph`` is the address of the Microsoft
    Graph that told it, which names the cloud.
    """

    id: str = ""
    graph: str = ""
    organization: Organization | UnsetType = UNSET
    service_principals: tuple[ServicePrincipal, ...] | UnsetType = UNSET
    oauth2_permission_grants: tuple[OAuth2PermissionGrant, ...] | UnsetType = msgspec.field(
        default=UNSET, name="oauth2PermissionGrants"
    )
    app_role_assignments: tuple[AppRoleAssignment, ...] | UnsetType = UNSET
    role_assignments: tuple[RoleAssignment, ...] | UnsetType = UNSET
    authorization_policy: AuthorizationPolicy | UnsetType = UNSET
    default_app_management_policy: DefaultAppManagementPolicy | UnsetType = UNSET
    app_management_policies: tuple[AppManagementPolicy, ...] | UnsetType = UNSET
    admin_consent_request_policy: AdminConsentRequestPolicy | UnsetType = UNSET
    permission_grant_policies: tuple[PermissionGrantPolicy, ...] | UnsetType = UNSET
    settings: tuple[DirectorySetting, ...] | UnsetType = UNSET
    delegated_permission_classifications: tuple[DelegatedPermissionClassification, ...] | UnsetType = UNSET
    conditional_access_policies: tuple[ConditionalAccessPolicy, ...] | UnsetType = UNSET
    unread: Mapping[str, Unread] = {}
    whole: bool = True

    def is_whole(self, member: str) -> bool:
        """Whether all of a list was read, by its Graph name, so that an absence in it means something.

        ``applications`` stands for the registrations, which are judged beside the tenant.
        """
        return self.whole and member not in self.unread

    @cached_property
    def principals_by_app(self) -> Mapping[str, ServicePrincipal]:
        """The service principals that were read, by the ``appId`` of their application."""
        principals = self.service_principals or ()
        return {one.app_id: one for one in principals if isinstance(one.app_id, str)}

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
    def principals_by_id(self) -> Mapping[str, ServicePrincipal]:
        """The service principals that were read, by their object id, which grants name."""
        principals = self.service_principals or ()
        return {one.id: one for one in principals if isinstance(one.id, str)}
