"""The policies of a tenant that rules check: who may register and consent, what credentials may be, Conditional Access.

Graph v1.0's own types in snake_case, as in ``rules.model.registration``: a property is a value, ``None`` or ``UNSET``.

Source of names and types: Microsoft Graph v1.0, the resource types of the same names.
"""

from __future__ import annotations

import msgspec
from msgspec import UNSET, UnsetType

from rules.model.registration import Switch, Text, Texts

Number = int | UnsetType | None


class _Part(msgspec.Struct, frozen=True, rename="camel", gc=False):
    """A type of Graph's: any property may be unread."""


class DefaultUserRolePermissions(_Part, frozen=True):
    """What every member may do; ``permission_grant_policies_assigned`` names the consent policies that users have."""

    allowed_to_create_apps: Switch = UNSET
    allowed_to_create_security_groups: Switch = UNSET
    allowed_to_create_tenants: Switch = UNSET
    allowed_to_read_bitlocker_keys_for_owned_device: Switch = UNSET
    allowed_to_read_other_users: Switch = UNSET
    permission_grant_policies_assigned: Texts = UNSET


class AuthorizationPolicy(_Part, frozen=True):
    """What members and guests may do in the tenant."""

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
    """Who is exempt from a restriction."""

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
    """Which application ID URIs may not be added, since when, and to what that does not apply."""

    state: Text = UNSET
    restrict_for_apps_created_after_date_time: Text = UNSET
    is_state_set_by_microsoft: Switch = UNSET
    exclude_apps_receiving_v2_tokens: Switch = msgspec.field(default=UNSET, name="excludeAppsReceivingV2Tokens")
    exclude_saml: Switch = UNSET
    exclude_actors: ActorExemptions | UnsetType | None = UNSET


class IdentifierUriRestrictions(_Part, frozen=True):
    """Restrictions of application ID URIs, by what they forbid."""

    non_default_uri_addition: IdentifierUriRestriction | UnsetType | None = UNSET
    uri_addition_without_unique_tenant_identifier: IdentifierUriRestriction | UnsetType | None = UNSET


class AppRestrictions(_Part, frozen=True):
    """The restrictions of an app management policy for applications or for service principals."""

    password_credentials: tuple[CredentialRestriction, ...] | UnsetType | None = UNSET
    key_credentials: tuple[CredentialRestriction, ...] | UnsetType | None = UNSET
    identifier_uris: IdentifierUriRestrictions | UnsetType | None = UNSET


class CustomAppRestrictions(_Part, frozen=True):
    """The restrictions of a policy for single applications; those for identifier URIs are one level deeper."""

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
    """A policy for single applications; what it does not define is inherited from the default.

    ``applies_to`` is ``UNSET`` where the list was not read whole.
    """

    id: Text = UNSET
    display_name: Text = UNSET
    description: Text = UNSET
    is_enabled: Switch = UNSET
    restrictions: CustomAppRestrictions | UnsetType | None = UNSET
    applies_to: tuple[PolicyTarget, ...] | UnsetType | None = UNSET


class ClaimsMappingPolicy(_Part, frozen=True):
    """A policy that changes the claims in tokens; ``applies_to`` has the object IDs of its service principals."""

    id: Text = UNSET
    display_name: Text = UNSET
    applies_to: tuple[str, ...] = ()


class AccessReviewer(_Part, frozen=True):
    """The reviewers, as a query to Graph: ``/users/ID``, or the members of a group or role."""

    query: Text = UNSET
    query_type: Text = UNSET
    query_root: Text = UNSET


class AdminConsentRequestPolicy(_Part, frozen=True):
    """The workflow by which users request consent from an administrator."""

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
    """How the organization classifies a delegated permission: ``low``, ``medium`` or ``high``."""

    id: Text = UNSET
    permission_id: Text = UNSET
    permission_name: Text = UNSET
    classification: Text = UNSET


class ConditionalAccessGuests(_Part, frozen=True):
    """Kinds of guests, with commas between them, such as ``b2bCollaborationGuest``."""

    guest_or_external_user_types: Text = UNSET


class ConditionalAccessFilter(_Part, frozen=True):
    """``mode`` is ``include`` or ``exclude``."""

    mode: Text = UNSET
    rule: Text = UNSET


class ConditionalAccessUsers(_Part, frozen=True):
    """``All``, ``None``, ``GuestsOrExternalUsers`` or IDs."""

    include_users: Texts = UNSET
    exclude_users: Texts = UNSET
    include_groups: Texts = UNSET
    exclude_groups: Texts = UNSET
    include_roles: Texts = UNSET
    exclude_roles: Texts = UNSET
    exclude_guests_or_external_users: ConditionalAccessGuests | UnsetType | None = UNSET


class ConditionalAccessApplications(_Part, frozen=True):
    """``All``, ``None``, ``Office365``, ``MicrosoftAdminPortals`` or client IDs of the requested resources."""

    include_applications: Texts = UNSET
    exclude_applications: Texts = UNSET
    include_user_actions: Texts = UNSET
    application_filter: ConditionalAccessFilter | UnsetType | None = UNSET


class ConditionalAccessClientApplications(_Part, frozen=True):
    """The service principals that a policy applies to: ``ServicePrincipalsInMyTenant``, their ids or a filter."""

    include_service_principals: Texts = UNSET
    exclude_service_principals: Texts = UNSET
    service_principal_filter: ConditionalAccessFilter | UnsetType | None = UNSET


class ConditionalAccessAuthenticationFlows(_Part, frozen=True):
    """``transfer_methods`` has ``deviceCodeFlow`` and ``authenticationTransfer``, with commas between."""

    transfer_methods: Text = UNSET


class ConditionalAccessPlaces(_Part, frozen=True):
    """Where from: ``All``, ``AllTrusted`` or ids of named locations."""

    include_locations: Texts = UNSET
    exclude_locations: Texts = UNSET


class ConditionalAccessPlatforms(_Part, frozen=True):
    """The operating systems that a policy applies to."""

    include_platforms: Texts = UNSET
    exclude_platforms: Texts = UNSET


class ConditionalAccessDevices(_Part, frozen=True):
    """The devices that a policy applies to."""

    device_filter: ConditionalAccessFilter | UnsetType | None = UNSET


class ConditionalAccessConditions(_Part, frozen=True):
    """To whom and when a policy applies. A null or empty condition narrows nothing."""

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
    insider_risk_levels: Text = UNSET


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
        """Its text where it is quoted."""
        return next((text for text in (self.display_name, self.id) if isinstance(text, str) and text), "without a name")


class SettingValue(_Part, frozen=True):
    """One setting of a group; its value is a text, also where it means true or false."""

    name: Text = UNSET
    value: Text = UNSET


class DirectorySetting(_Part, frozen=True):
    """A group of settings of the directory, such as ``Consent Policy Settings``; Graph calls it ``groupSetting``."""

    id: Text = UNSET
    display_name: Text = UNSET
    template_id: Text = UNSET
    values: tuple[SettingValue, ...] | UnsetType | None = UNSET
