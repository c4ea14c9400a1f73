"""The registration that rules check: Graph v1.0's ``application`` in snake_case, with *not read* as a value.

Every source turns what it read into this shape. A property is a value, ``None`` (Graph's null) or ``UNSET`` (not read).
Nothing here knows a file or a tenant.

Source of names and types: Microsoft Graph v1.0, "application resource type".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache, cached_property
from hashlib import sha256
from typing import Any, ClassVar, Final, Literal, Protocol

import msgspec
from msgspec import UNSET, UnsetType

from rules.model.object_kind import NOT_OF_BLUEPRINTS, ObjectKind, kind_of_type
from rules.model.uri_traits import UriTrait, traits_of
from rules.primitives.certificates import Certificate, has_private_key, read_certificate
from rules.primitives.paths import steps_of
from rules.primitives.texts import HIDDEN, is_mask, text_of
from rules.primitives.uri import Uri, parse

__all__ = ["UNSET", "Registration", "Unread", "UnsetType", "mark_unread"]

Platform = Literal["web", "spa", "publicClient"]
PLATFORMS: Final[tuple[Platform, ...]] = ("web", "spa", "publicClient")

#: Why a value was not read. ``not-in-file`` and ``placeholder`` lie in the nature of a file, as does
#: ``unknown-until-apply``; ``malformed``, ``refused`` (by the tenant), ``failed`` (on the way) and ``left-out`` mean
#: that something asked for is missing.
UnreadReason = Literal[
    "not-in-file", "placeholder", "unknown-until-apply", "malformed", "refused", "failed", "left-out"
]

Text = str | None | UnsetType
Switch = bool | None | UnsetType
Texts = tuple[str, ...] | None | UnsetType


#: What the properties say because of which no token is issued.
DISABLED: Final = {
    "accountEnabled": "disabled",
    "isDisabled": "deactivated",
    "disabledByMicrosoftStatus": "disabled by Microsoft",
    "deletedDateTime": "deleted",
}

#: The values of ``disabledByMicrosoftStatus`` that say no, in lower case; some exports write a null as a word.
NOT_DISABLED: Final = ("", "notdisabled", "null")

#: Types of key credentials whose key is a secret (Microsoft Graph, "keyCredential").
_SECRET_KEYS: Final = frozenset({"symmetric", "x509certandpassword"})


class Unread(msgspec.Struct, frozen=True, gc=False):
    """Why a value was not read, a note on what was found instead, and what would make it readable."""

    reason: UnreadReason
    note: str = ""
    remedy: str = ""


class _Part(msgspec.Struct, frozen=True, rename="camel", gc=False):
    """A complex type of Graph's application: any property may be unread."""


class ImplicitGrantSettings(_Part, frozen=True):
    enable_access_token_issuance: Switch = UNSET
    enable_id_token_issuance: Switch = UNSET


class Web(_Part, frozen=True):
    redirect_uris: Texts = UNSET
    home_page_url: Text = UNSET
    logout_url: Text = UNSET
    implicit_grant_settings: ImplicitGrantSettings | UnsetType | None = UNSET


class Spa(_Part, frozen=True):
    redirect_uris: Texts = UNSET


class PublicClient(_Part, frozen=True):
    redirect_uris: Texts = UNSET


class PermissionScope(_Part, frozen=True):
    id: Text = UNSET
    value: Text = UNSET
    type: Text = UNSET
    is_enabled: Switch = UNSET
    admin_consent_display_name: Text = UNSET
    admin_consent_description: Text = UNSET
    user_consent_display_name: Text = UNSET
    user_consent_description: Text = UNSET


class PreAuthorizedApplication(_Part, frozen=True):
    app_id: Text = UNSET
    delegated_permission_ids: Texts = UNSET


class Api(_Part, frozen=True):
    requested_access_token_version: int | UnsetType | None = UNSET
    accept_mapped_claims: Switch = UNSET
    known_client_applications: Texts = UNSET
    oauth2_permission_scopes: tuple[PermissionScope, ...] | UnsetType | None = UNSET
    pre_authorized_applications: tuple[PreAuthorizedApplication, ...] | UnsetType | None = UNSET


class AppRole(_Part, frozen=True):
    id: Text = UNSET
    value: Text = UNSET
    display_name: Text = UNSET
    description: Text = UNSET
    is_enabled: Switch = UNSET
    allowed_member_types: Texts = UNSET


class ResourceAccess(_Part, frozen=True):
    id: Text = UNSET
    type: Text = UNSET


class RequiredResourceAccess(_Part, frozen=True):
    resource_app_id: Text = UNSET
    resource_access: tuple[ResourceAccess, ...] | UnsetType | None = UNSET


def digest_of_hint(secret: str) -> str:
    """The digest of the first three characters of *secret*, by which it is compared with the hint of a credential."""
    return sha256(secret[:3].encode("utf-8", "surrogatepass")).hexdigest()


class Credential(_Part, frozen=True, dict=True, gc=True):
    """A ``passwordCredential`` or ``keyCredential``, without any secret.

    ``secret_text`` is ``HIDDEN`` where the input contains a secret: a password, a symmetric key, or a certificate with
    its private key. A mask in place of a secret, such as ``***``, counts as not read. Of a public key only the digest
    is kept, and what its certificate says of itself. ``hint``, the first three characters of a secret, is kept as a
    digest alone, so that it is compared and never shown.
    """

    key_id: Text = UNSET
    display_name: Text = UNSET
    custom_key_identifier: Text = UNSET
    start_date_time: Text = UNSET
    end_date_time: Text = UNSET
    type: Text = UNSET
    usage: Text = UNSET
    secret_text: Text = UNSET
    hint: Text = UNSET
    key: Text = UNSET
    #: For how many days a credential is valid that code creates, where its dates are known only after the deployment.
    lifetime_days: int | UnsetType | None = UNSET

    def __post_init__(self) -> None:
        key = self.key
        if key and (key == HIDDEN or is_mask(key)):
            msgspec.structs.force_setattr(self, "key", UNSET)
        elif key:
            if str(self.type).casefold() in _SECRET_KEYS or has_private_key(key):
                msgspec.structs.force_setattr(self, "secret_text", HIDDEN)
            else:
                vars(self)["digest"] = sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
                vars(self)["certificate"] = read_certificate(key)
            msgspec.structs.force_setattr(self, "key", UNSET)
        if self.hint:
            vars(self)["hint_digest"] = "" if self.hint == HIDDEN else digest_of_hint(self.hint)
            msgspec.structs.force_setattr(self, "hint", UNSET)
        if self.secret_text:  # rules check that there is one; the secret itself is not kept
            msgspec.structs.force_setattr(self, "secret_text", UNSET if is_mask(self.secret_text) else HIDDEN)

    @property
    def digest(self) -> str:
        """The digest of the public key that was read; empty without one."""
        digest: str = vars(self).get("digest", "")
        return digest

    @property
    def unread_key(self) -> Unread | None:
        """Why the public key was not read, although it was requested."""
        found: Unread | None = vars(self).get("unread_key")
        return found

    def with_key(self, digest: str, certificate: Certificate | None, unread: Unread | None = None) -> Credential:
        """The credential with what a source read of its public key, or with why it was not read."""
        found = msgspec.structs.replace(self)
        vars(found).update(digest=digest, certificate=certificate, unread_key=unread)
        return found

    @property
    def hint_digest(self) -> str:
        """The digest of the first three characters of the secret; empty where they were not read."""
        digest: str = vars(self).get("hint_digest", "")
        return digest

    @property
    def certificate(self) -> Certificate | None:
        """What the certificate says of itself; ``None`` where none was read, or none that can be read."""
        found: Certificate | None = vars(self).get("certificate")
        return found


class ClaimsMatchingExpression(_Part, frozen=True):
    """In place of a subject: an expression over the claims of the token (Graph beta, "federatedIdentityExpression")."""

    value: Text = UNSET
    language_version: int | UnsetType | None = UNSET


class FederatedCredential(_Part, frozen=True):
    id: Text = UNSET
    name: Text = UNSET
    issuer: Text = UNSET
    subject: Text = UNSET
    audiences: Texts = UNSET
    description: Text = UNSET
    claims_matching_expression: ClaimsMatchingExpression | UnsetType | None = UNSET


class Owner(_Part, frozen=True):
    id: Text = UNSET
    display_name: Text = UNSET
    user_principal_name: Text = UNSET
    user_type: Text = UNSET
    app_id: Text = UNSET
    app_owner_organization_id: Text = UNSET
    service_principal_type: Text = UNSET
    odata_type: Text = msgspec.field(default=UNSET, name="@odata.type")

    @property
    def is_application(self) -> bool:
        """Whether it is known to be a service principal, by its type or by a property that users lack."""
        kind = self.odata_type
        is_named = isinstance(kind, str) and (
            kind.casefold().endswith("serviceprincipal") or kind_of_type(kind) != "application"
        )
        return is_named or any(isinstance(text, str) and text for text in (self.service_principal_type, self.app_id))

    @property
    def is_guest(self) -> bool:
        """Whether it is known to be a guest, or an external user whose type was not read.

        Graph returns the type of a user only on request; the name of an external user contains ``#EXT#``.
        """
        kind, name = self.user_type, self.user_principal_name
        if isinstance(kind, str):
            return kind.casefold() == "guest"
        return isinstance(name, str) and "#ext#" in name.casefold()

    @property
    def name(self) -> str:
        """What identifies it for a reader: the user principal name, else the display name, else the object ID."""
        names = (self.user_principal_name, self.display_name, self.id)
        return next((text for text in names if isinstance(text, str) and text), "unnamed")


class Inheritance(_Part, frozen=True):
    """Which permissions of an API are inherited: ``kind`` is ``allAllowed``, ``none``, or ``enumerated`` with a list.

    Graph's types ``inheritableScopes`` and ``inheritableRoles``.
    """

    kind: Text = UNSET
    scopes: Texts = UNSET
    roles: Texts = UNSET


class InheritablePermission(_Part, frozen=True):
    """The permissions of one API that agent identities inherit once their blueprint's principal was granted them."""

    resource_app_id: Text = UNSET
    inheritable_scopes: Inheritance | UnsetType | None = UNSET
    inheritable_roles: Inheritance | UnsetType | None = UNSET


class ServicePrincipalLock(_Part, frozen=True):
    """Graph's ``servicePrincipalLockConfiguration``: what an instance of the application may not have changed."""

    is_enabled: Switch = UNSET
    all_properties: Switch = UNSET
    credentials_with_usage_verify: Switch = UNSET
    credentials_with_usage_sign: Switch = UNSET
    identifier_uris: Switch = UNSET
    token_encryption_key_id: Switch = UNSET


class AuthenticationBehaviors(_Part, frozen=True):
    """Graph's type of the same name; it is returned only where ``$select`` names it."""

    block_azure_ad_graph_access: Switch = msgspec.field(default=UNSET, name="blockAzureADGraphAccess")
    coop_enforcement: Switch = UNSET
    remove_unverified_email_claim: Switch = UNSET
    require_client_service_principal: Switch = UNSET


class RequestSignatureVerification(_Part, frozen=True):
    """Whether sign-in requests of SAML must be signed, and with which weak algorithms they may be."""

    is_signed_request_required: Switch = UNSET
    allowed_weak_algorithms: Text = UNSET


class VerifiedPublisher(_Part, frozen=True):
    display_name: Text = UNSET
    verified_publisher_id: Text = UNSET
    added_date_time: Text = UNSET


class InformationalUrl(_Part, frozen=True):
    logo_url: Text = UNSET
    marketing_url: Text = UNSET
    privacy_statement_url: Text = UNSET
    support_url: Text = UNSET
    terms_of_service_url: Text = UNSET


class OptionalClaim(_Part, frozen=True):
    name: Text = UNSET
    source: Text = UNSET
    essential: Switch = UNSET
    additional_properties: Texts = UNSET


class OptionalClaims(_Part, frozen=True):
    id_token: tuple[OptionalClaim, ...] | UnsetType | None = UNSET
    access_token: tuple[OptionalClaim, ...] | UnsetType | None = UNSET
    saml2_token: tuple[OptionalClaim, ...] | UnsetType | None = UNSET


class Redirect(msgspec.Struct, frozen=True, gc=False):
    """A redirect URI that was read: its pointer in the registration, its platform and its parts."""

    pointer: str
    platform: Platform
    uri: Uri


class AudienceRestrictions(_Part, frozen=True):
    """Which tenants may use the application; ``allowedTenants`` are those of a list. Of Graph beta alone."""

    kind: Text = UNSET
    allowed_tenant_ids: Texts = UNSET


class Registration(msgspec.Struct, frozen=True, rename="camel", dict=True):
    """An application object. ``unread`` says why a value inside a list, or a property, was not read."""

    unread: ClassVar[Mapping[str, Unread]] = {}

    id: Text = UNSET
    app_id: Text = UNSET
    application_template_id: Text = UNSET
    display_name: Text = UNSET
    description: Text = UNSET
    notes: Text = UNSET
    tags: Texts = UNSET
    created_date_time: Text = UNSET
    sign_in_audience: Text = UNSET
    sign_in_audience_restrictions: AudienceRestrictions | UnsetType | None = UNSET
    is_fallback_public_client: Switch = UNSET
    oauth2_require_post_response: Switch = msgspec.field(default=UNSET, name="oauth2RequirePostResponse")
    publisher_domain: Text = UNSET
    verified_publisher: VerifiedPublisher | UnsetType | None = UNSET
    info: InformationalUrl | UnsetType | None = UNSET
    group_membership_claims: Text = UNSET
    optional_claims: OptionalClaims | UnsetType | None = UNSET
    token_encryption_key_id: Text = UNSET
    request_signature_verification: RequestSignatureVerification | UnsetType | None = UNSET
    saml_metadata_url: Text = UNSET
    service_management_reference: Text = UNSET
    disabled_by_microsoft_status: Text = UNSET
    is_disabled: Switch = UNSET
    #: ``none`` or ``all``: whether native clients may use the native authentication of External ID.
    native_authentication_apis_enabled: Text = UNSET
    is_device_only_auth_supported: Switch = UNSET
    created_by_app_id: Text = UNSET
    deleted_date_time: Text = UNSET
    service_principal_lock_configuration: ServicePrincipalLock | UnsetType | None = UNSET
    authentication_behaviors: AuthenticationBehaviors | UnsetType | None = UNSET
    identifier_uris: Texts = UNSET
    web: Web | UnsetType | None = UNSET
    spa: Spa | UnsetType | None = UNSET
    public_client: PublicClient | UnsetType | None = UNSET
    api: Api | UnsetType | None = UNSET
    app_roles: tuple[AppRole, ...] | UnsetType | None = UNSET
    required_resource_access: tuple[RequiredResourceAccess, ...] | UnsetType | None = UNSET
    password_credentials: tuple[Credential, ...] | UnsetType | None = UNSET
    key_credentials: tuple[Credential, ...] | UnsetType | None = UNSET
    federated_identity_credentials: tuple[FederatedCredential, ...] | UnsetType | None = UNSET
    owners: tuple[Owner, ...] | UnsetType | None = UNSET
    #: The type of what is not a plain application, and what such an agent identity blueprint has in addition.
    odata_type: Text = msgspec.field(default=UNSET, name="@odata.type")
    sponsors: tuple[Owner, ...] | UnsetType | None = UNSET
    inheritable_permissions: tuple[InheritablePermission, ...] | UnsetType | None = UNSET
    #: No property of Graph's: where code deploys the application, the addresses of its resources whose part of it
    #: another resource overwrites. For everything else it does not apply.
    overwritten_resources: Texts = None

    @property
    def kind(self) -> ObjectKind:
        """An application, or an agent identity blueprint where its type says so."""
        return "application" if self.odata_type is UNSET else kind_of_type(self.odata_type)

    @cached_property
    def redirects(self) -> tuple[Redirect, ...]:
        """All redirect URIs that were read, in the order web, spa, publicClient; elements not read are left out."""
        return tuple(self._redirects())

    @cached_property
    def uri_traits(self) -> frozenset[UriTrait]:
        """The traits of all redirect URIs that were read; most rules apply only where one of them is present."""
        return frozenset().union(*(traits_of(place.uri) for place in self.redirects))

    def _redirects(self) -> Iterator[Redirect]:
        parts: tuple[tuple[Platform, Web | Spa | PublicClient | UnsetType | None], ...] = (
            ("web", self.web),
            ("spa", self.spa),
            ("publicClient", self.public_client),
        )
        unread = self.unread
        for platform, part in parts:
            uris = part.redirect_uris if part else None
            if not uris:
                continue
            for index, text in enumerate(uris):
                pointer = f"/{platform}/redirectUris/{index}"
                if pointer not in unread and isinstance(text, str):
                    yield Redirect(pointer, platform, parse(text))

    @cached_property
    def is_gallery_app(self) -> bool:
        """Whether it was made from a template of Entra's gallery, for a third-party application that uses SAML.

        Every template for SAML brings the role ``msiam_access``, which has no value, and most bring the one scope
        ``user_impersonation`` (Microsoft Graph, "applicationTemplate: instantiate").
        """
        if self.application_template_id:
            return True
        return any(role.display_name == "msiam_access" and not role.value for role in self.app_roles or ())

    @property
    def is_multi_tenant(self) -> bool:
        """Whether identities from outside the home tenant may use it: true for every audience but ``AzureADMyOrg``."""
        audience = self.sign_in_audience
        return isinstance(audience, str) and audience.casefold() != "azureadmyorg"

    @property
    def allows_any_tenant(self) -> bool:
        """Whether it is multitenant without a list of allowed tenants; a list that was not read counts as none."""
        restrictions = self.sign_in_audience_restrictions or None
        if restrictions is None:
            return self.is_multi_tenant
        kind = text_of(restrictions.kind).casefold()  # optional: only the kind with a list has IDs
        is_listed = kind == "allowedtenants" or (not kind and bool(restrictions.allowed_tenant_ids))
        return self.is_multi_tenant and not is_listed

    @property
    def allows_other_organizations(self) -> bool:
        """Whether work or school accounts of other tenants may use it, so that instances of it may exist there."""
        return self.is_multi_tenant and str(self.sign_in_audience).casefold() != "personalmicrosoftaccount"

    @property
    def allows_personal_accounts(self) -> bool:
        """Whether personal Microsoft accounts may sign in."""
        audience = self.sign_in_audience
        return isinstance(audience, str) and "personalmicrosoftaccount" in audience.casefold()

    @property
    def is_in_external_tenant(self) -> bool:
        """Whether its tenant is known to be an external one, which native authentication needs (External ID)."""
        return text_of(self.native_authentication_apis_enabled).casefold() not in ("", "none")

    @property
    def allows_only_personal_accounts(self) -> bool:
        """Whether only personal Microsoft accounts may sign in, which have no tenant."""
        return self.allows_personal_accounts and not self.allows_other_organizations


def disabled_at(one: _HasStatus) -> str:
    """The property because of which no token is issued to an application or service principal; empty without one.

    What was not read counts as enabled, so that no finding is lost.
    """
    if one.is_disabled is True:
        return "isDisabled"
    if text_of(one.disabled_by_microsoft_status).casefold() not in NOT_DISABLED:
        return "disabledByMicrosoftStatus"
    return "deletedDateTime" if text_of(one.deleted_date_time) else ""


class _HasStatus(Protocol):
    @property
    def is_disabled(self) -> Switch: ...
    @property
    def disabled_by_microsoft_status(self) -> Text: ...
    @property
    def deleted_date_time(self) -> Text: ...


def with_certificates_of(app: Registration, read: Registration) -> Registration:
    """*app*, a copy of *read* in other words, with what the keys of *read* said: no text of a registration has it."""
    for key, same in zip(app.key_credentials or (), read.key_credentials or (), strict=True):
        vars(key).update(vars(same))
    return app


def without_inapplicable(app: Registration) -> Registration:
    """*app*, in which properties that its kind does not have are null instead of not read."""
    if app.kind != "blueprint":
        return app
    absent = [name for name in NOT_OF_BLUEPRINTS if getattr(app, name) is UNSET]
    names = {field.name: f"/{field.encode_name}" for field in msgspec.structs.fields(Registration)}
    inapplicable = tuple(names[name] for name in NOT_OF_BLUEPRINTS)
    unread = {at: cause for at, cause in app.unread.items() if not at.startswith(inapplicable)}
    filled = msgspec.structs.replace(app, **dict.fromkeys(absent))
    return mark_unread(with_certificates_of(filled, app), unread)


def mark_unread(app: Registration, unread: Mapping[str, Unread]) -> Registration:
    """Record on *app* which JSON pointers were not read; call it before any rule sees the registration."""
    if unread:
        vars(app)["unread"] = dict(unread)
    return app


def read_value(app: msgspec.Struct, path: str) -> Any:
    """The value of *app* at a dotted Graph *path* such as ``web.redirectUris``; ``UNSET`` if a step to it was not read.

    A null on the way is the answer ``None``: ``web: null`` has no redirect URIs.
    """
    value: Any = app
    for name in _steps(type(app), path):
        value = getattr(value, name)
        if value is None or value is UNSET:
            return value
    return value


@cache
def _steps(kind: type[msgspec.Struct], path: str) -> tuple[str, ...]:
    return steps_of(kind, path)
