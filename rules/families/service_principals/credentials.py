"""Credentials of a service principal, in addition to or instead of those of its registration."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from rules.analysis.lifetimes import Life
from rules.analysis.principals import (
    is_external,
    is_for_signing,
    is_own,
    owned_by,
    powers_of,
    principal_credentials,
    unlisted,
    uses_saml,
)
from rules.engine.rule import Bad, Context, Gap, Good, rule
from rules.knowledge.permissions import EXCHANGE, SHAREPOINT
from rules.model.finding import Hit, Severity
from rules.model.registration import UNSET
from rules.model.tenant import ServicePrincipal
from rules.model.tenant_app import TenantApp
from rules.primitives.dates import day, span

_ON_PRINCIPAL: Final = (
    "servicePrincipal.passwordCredentials",
    "servicePrincipal.keyCredentials",
    "servicePrincipal.preferredSingleSignOnMode",
    "servicePrincipal.appOwnerOrganizationId",
    "servicePrincipal.servicePrincipalType",
)
_CREDENTIALS: Final = ("servicePrincipal.passwordCredentials", "servicePrincipal.keyCredentials")
_SECRET: Final = {
    "keyId": "33333333-3333-4333-8333-333333333336",
    "displayName": "added later",
    "startDateTime": "2026-01-01T00:00:00Z",
    "endDateTime": "2026-06-01T00:00:00Z",
}
_SIGNING: Final = {
    "keyId": "33333333-3333-4333-8333-333333333337",
    "displayName": "CN=Microsoft Azure Federated SSO Certificate",
    "customKeyIdentifier": "2iD8ppbE+D6Kmu1ZvjM2jtQh88E=",
    "startDateTime": "2023-02-01T00:00:00Z",
    "endDateTime": "2026-02-01T00:00:00Z",
    "type": "X509CertAndPassword",
    "usage": "Sign",
}
_PUBLIC_HALF: Final = {
    **_SIGNING,
    "keyId": "33333333-3333-4333-8333-333333333338",
    "type": "AsymmetricX509Cert",
    "usage": "Verify",
}
_ITS_PASSWORD: Final = {
    name: _SIGNING[name] for name in ("keyId", "customKeyIdentifier", "startDateTime", "endDateTime")
}
_SAML: Final = {
    "preferredSingleSignOnMode": "saml",
    "keyCredentials": [_SIGNING, _PUBLIC_HALF],
    "passwordCredentials": [_ITS_PASSWORD],
}
_MICROSOFT: Final = "f8cdef31-a31e-4b4a-93e4-5f571e91255a"
_MFA_CLIENT: Final = "981f26a1-7f43-403b-a875-f8b09b8cd720"
#: Microsoft's applications to which a server on premises adds its certificate by Microsoft's instructions; Exchange
#: has a dedicated application for that by now. Sources: the pages above, and for SharePoint "Configure
#: server-to-server authentication from SharePoint Server to SharePoint in Microsoft 365". Read on 30 November 2026.
_ON_PREMISES: Final = {
    EXCHANGE: "an old hybrid deployment of Exchange or Skype for Business Server",
    SHAREPOINT: "a hybrid deployment of SharePoint Server",
    "00000004-0000-0ff1-ce00-000000000000": "a hybrid deployment of Skype for Business Server",
    _MFA_CLIENT: "AD FS or the NPS extension",
}
#: Entra creates this registration when the first device is joined; its certificate is for remote desktop between
#: devices. An identifier URI is unique in a tenant.
_P2P: Final = "urn:p2p_cert"


_CREDENTIAL_OF_SERVICE_PRINCIPAL_BAD: Final = (
    Bad({"servicePrincipal": {"passwordCredentials": [_SECRET]}}, at="/servicePrincipal/passwordCredentials/0"),
    Bad(
        {
            "servicePrincipal": {
                "keyCredentials": [{**_SECRET, "usage": "Verify"}],
                "appOwnerOrganizationId": "0f0f0f0f-0000-4000-8000-000000000002",
            },
            "application": None,
        },
        at="/servicePrincipal/keyCredentials/0",
        severity="high",
    ),
    Bad(
        {
            "servicePrincipal": {
                "servicePrincipalType": "Legacy",
                "keyCredentials": [{**_SECRET, "usage": "Verify"}],
            },
            "application": None,
        },
        at="/servicePrincipal/keyCredentials/0",
    ),
    Bad(
        {
            "servicePrincipal": {
                "servicePrincipalNames": ["11111111-1111-4111-8111-111111111111", "urn:p2p_cert"],
                "keyCredentials": [{**_SECRET, "usage": "Verify", "type": "Symmetric"}],
            }
        },
        at="/servicePrincipal/keyCredentials/0",
    ),
    Bad(
        {
            "servicePrincipal": {
                "preferredSingleSignOnMode": "saml",
                "keyCredentials": [{**_SECRET, "usage": "Verify", "type": "AsymmetricX509Cert"}],
            }
        },
        at="/servicePrincipal/keyCredentials/0",
    ),
    Bad(
        {"servicePrincipal": {"passwordCredentials": [_SECRET], "accountEnabled": False}},
        at="/servicePrincipal/passwordCredentials/0",
        severity="low",
        expected_rules=("credentials-of-disabled-application",),
    ),
)

_CREDENTIAL_OF_SERVICE_PRINCIPAL_GOOD: Final = (
    Good(
        {"servicePrincipal": {"passwordCredentials": [{**_SECRET, "endDateTime": "2025-12-01T00:00:00Z"}]}},
        why="the secret has expired",
    ),
    Good(
        {"servicePrincipal": {"keyCredentials": [{**_SECRET, "usage": "Encrypt"}]}},
        why="the key encrypts SAML tokens and authenticates no client",
    ),
    Good(
        {
            "servicePrincipal": {
                **_SAML,
                "keyCredentials": [
                    {**_SIGNING, "endDateTime": "2027-02-01T00:00:00Z"},
                    {**_PUBLIC_HALF, "endDateTime": "2027-02-01T00:00:00Z"},
                ],
            }
        },
        why="the keys sign SAML tokens and authenticate no client",
    ),
    Good(
        {
            "servicePrincipal": {
                "servicePrincipalType": "ManagedIdentity",
                "keyCredentials": [{**_SECRET, "usage": "Verify"}],
            }
        },
        why="Azure manages the credentials of a managed identity",
    ),
    Good(
        {
            "servicePrincipal": {
                "servicePrincipalNames": ["11111111-1111-4111-8111-111111111111", "urn:p2p_cert"],
                "keyCredentials": [{**_SECRET, "usage": "Verify"}],
            }
        },
        why="Entra ID creates the certificate of P2P Server",
    ),
    Good(
        {"application": None, "servicePrincipal": {"passwordCredentials": [_SECRET]}},
        why="service-principal-without-registration reports the service principal",
    ),
)


@rule(
    "credential-of-service-principal",
    on="service principal",
    kinds=("application", "blueprint"),
    severity="medium",
    may_be=("high", "low"),
    needs=(
        *_ON_PRINCIPAL,
        "servicePrincipal.accountEnabled",
        "servicePrincipal.servicePrincipalNames",
        "application",
        "appRoleAssignments",
        "roleAssignments",
        "tenant.organization",
    ),
    when_set=_CREDENTIALS,
    checks=("CR-17",),
    settings=("trusted-tenants", "home-tenants"),
    references=(
        "graph:serviceprincipal-addpassword",
        "entra:app-best-practices#instance-lock",
        "entra:security-operations-applications#credentials",
        "entra:devices-faq#p2p-server",
        "entra:howto-enforce-signed-saml-authentication",
        "graph:serviceprincipal",
    ),
    bad=_CREDENTIAL_OF_SERVICE_PRINCIPAL_BAD,
    good=_CREDENTIAL_OF_SERVICE_PRINCIPAL_GOOD,
    base="own",
)
def credential_of_service_principal(app: TenantApp, context: Context) -> Iterator[Hit | Gap]:
    """A credential was added to a service principal.

    Why: Anyone who has the credential can authenticate as the application. A review of the registration does not show
        the credential. A credential that was added outside of the expected process may be from an attacker.
    Acceptable: A certificate is acceptable if Entra ID uses it to verify signed SAML requests of the application. A
        service principal of type Legacy has no registration, so its credentials can only be on the service principal.
    Fix: Find out who added the credential. If a client of yours uses it, add a credential to its registration first.
        For an external or legacy application, register the client in your tenant. Then remove the credential, unless it
        verifies signed SAML requests.
    """
    principal = app.service_principal
    if app.is_microsoft or principal is None or app.is_orphan:
        return  # service-principal-without-registration reports an orphan as a whole
    is_p2p = is_own(app) and _P2P in (principal.service_principal_names or ())
    is_foreign = is_external(app, context.settings)
    powers = powers_of(app)
    lives = tuple(_valid(app, context.now))
    if not powers and any(isinstance(life, Life) for life in lives):
        # One of them may take over the tenant, and then the finding is high.
        yield from (Gap(*one) for one in unlisted(app.granted, "Role"))
    for life in lives:
        if isinstance(life, Gap):
            yield life
            continue
        if is_p2p and not powers and life.kind == "certificate":
            continue
        words = f", while the application is {app.blocked.note}" if app.blocked else ""
        words += f"; {owned_by(app)}" if is_foreign else ""
        words += f"; the application has {powers[0].note}" if powers else ""
        # No document says where Entra ID stores the certificates that verify signed SAML requests.
        is_for_saml = life.kind == "certificate" and uses_saml(principal) is not False
        words += "; the certificate may verify signed SAML requests" if is_for_saml else ""
        yield Hit(
            pointer=life.pointer,
            message=f"has a {life.kind} on its service principal that is valid until {_end(life)}{words}",
            severity="low" if app.blocked else "high" if is_foreign or powers else "medium",
            because=powers,
            remove=not is_for_saml,
        )


def _end(life: Life) -> str:
    return day(life.end) if isinstance(life.end, datetime) else "an unknown date"


def _valid(app: TenantApp, now: datetime) -> Iterator[Life | Gap]:
    """The credentials of the service principal that have not expired; a gap for an end that cannot be read."""
    for life in principal_credentials(app):
        if life.end is UNSET:
            yield Gap(*life.end_unread)
        elif not life.has_ended(now):
            yield life


def _of_microsoft(app_id: str, **credentials: list[dict[str, Any]]) -> dict[str, Any]:
    """A Microsoft application with *credentials*."""
    return {"servicePrincipal": {"appId": app_id, "appOwnerOrganizationId": _MICROSOFT, **credentials}}


_CREDENTIAL_OF_MICROSOFT_APPLICATION_BAD: Final = (
    Bad(
        {"servicePrincipal": {"appOwnerOrganizationId": _MICROSOFT, "passwordCredentials": [_SECRET]}},
        at="/servicePrincipal/passwordCredentials/0",
    ),
    Bad(
        _of_microsoft(EXCHANGE, keyCredentials=[{**_SECRET, "usage": "Verify"}]),
        at="/servicePrincipal/keyCredentials/0",
        severity="medium",
    ),
    Bad(
        _of_microsoft(SHAREPOINT, keyCredentials=[{**_SECRET, "usage": "Verify"}]),
        at="/servicePrincipal/keyCredentials/0",
        severity="medium",
    ),
    Bad(
        _of_microsoft(_MFA_CLIENT, keyCredentials=[{**_SECRET, "usage": "Verify"}]),
        at="/servicePrincipal/keyCredentials/0",
        severity="medium",
    ),
    Bad(
        _of_microsoft(SHAREPOINT, passwordCredentials=[_SECRET]),
        at="/servicePrincipal/passwordCredentials/0",
    ),
    Bad(
        _of_microsoft(SHAREPOINT, keyCredentials=[{**_SECRET, "usage": "Verify", "type": "Symmetric"}]),
        at="/servicePrincipal/keyCredentials/0",
    ),
    Bad(
        {
            "servicePrincipal": {
                "appOwnerOrganizationId": _MICROSOFT,
                "passwordCredentials": [_SECRET],
                "accountEnabled": False,
            }
        },
        at="/servicePrincipal/passwordCredentials/0",
        severity="low",
    ),
)


@rule(
    "credential-of-microsoft-application",
    on="service principal",
    severity="high",
    may_be=("medium", "low"),
    needs=(*_ON_PRINCIPAL, "servicePrincipal.accountEnabled"),
    when_set=_CREDENTIALS,
    checks=("CR-18",),
    references=(
        "web:zta-21774",
        "web:exchange-hybrid-application",
        "learn:skype-hybrid-environment",
        "learn:sharepoint-server-to-server-authentication",
        "learn:configure-ad-fs-and-azure-mfa",
        "entra:howto-mfa-nps-extension",
    ),
    bad=_CREDENTIAL_OF_MICROSOFT_APPLICATION_BAD,
    good=(
        Good(
            {"servicePrincipal": {"appOwnerOrganizationId": _MICROSOFT}},
            why="this tenant added no credential to the application",
        ),
        Good(
            {
                "servicePrincipal": {
                    "appOwnerOrganizationId": _MICROSOFT,
                    "passwordCredentials": [{**_SECRET, "endDateTime": "2025-12-01T00:00:00Z"}],
                }
            },
            why="the secret has expired",
        ),
    ),
    base="foreign",
)
def credential_of_microsoft_application(app: TenantApp, context: Context) -> Iterator[Hit | Gap]:
    """A Microsoft application has a credential from this tenant.

    Why: Anyone who has the credential can authenticate as that application, with all its permissions. The credential
        may be a leftover of an old deployment, or an attacker may have added it.
    Acceptable: The certificate is acceptable if a server on premises needs it: SharePoint or Skype for Business hybrid,
        AD FS, or the NPS extension. Microsoft's setup instructions for these servers add the certificate.
    Fix: Find out who added the credential. Remove the credential, unless a server on premises uses it: SharePoint or
        Skype for Business hybrid, AD FS, or the NPS extension. For Exchange hybrid, use the dedicated application.
    """
    if not app.is_microsoft:
        return
    server = _ON_PREMISES.get(app.app_id.lower(), "")
    for life in _valid(app, context.now):
        if isinstance(life, Gap):
            yield life
            continue
        expected = bool(server) and life.kind == "certificate"  # no server has a secret or a symmetric key there
        words = f", while it is {app.blocked.note}" if app.blocked else ""
        words += f"; {server} adds such a certificate" if expected else ""
        says = (
            f"is a Microsoft application and has a {life.kind} that this tenant added, valid until {_end(life)}{words}"
        )
        severity: Severity = "low" if app.blocked else "medium" if expected else "high"
        yield Hit(pointer=life.pointer, message=says, severity=severity, remove=not expected)


_EXPIRING_SAML_CERTIFICATE_BAD: Final = (
    Bad(
        {"servicePrincipal": {**_SAML, "preferredTokenSigningKeyThumbprint": None}},
        at="/servicePrincipal/keyCredentials/0",
    ),
    Bad(
        {
            "servicePrincipal": {
                **_SAML,
                "keyCredentials": [
                    {**_SIGNING, "endDateTime": "2026-01-20T00:00:00Z"},
                    {**_PUBLIC_HALF, "endDateTime": "2026-01-20T00:00:00Z"},
                ],
            }
        },
        at="/servicePrincipal/keyCredentials/0",
        severity="high",
    ),
    Bad(
        {
            "servicePrincipal": {
                **_SAML,
                "preferredTokenSigningKeyThumbprint": "DA20FCA696C4F83E8A9AED59BE33368ED421F3C1",
                "keyCredentials": [
                    _SIGNING,
                    _PUBLIC_HALF,
                    {
                        **_SIGNING,
                        "keyId": "b",
                        "customKeyIdentifier": "bmV3",
                        "endDateTime": "2029-02-01T00:00:00Z",
                    },
                ],
            }
        },
        at="/servicePrincipal/keyCredentials/0",
    ),
    Bad(
        {
            "servicePrincipal": {
                **_SAML,
                "preferredTokenSigningKeyThumbprint": "DA20FCA696C4F83E8A9AED59BE33368ED421F3C1",
                "keyCredentials": [
                    {**_SIGNING, "endDateTime": "2026-01-01T00:00:00Z"},
                    {
                        **_SIGNING,
                        "keyId": "b",
                        "customKeyIdentifier": "bmV3",
                        "endDateTime": "2029-02-01T00:00:00Z",
                    },
                ],
            }
        },
        at="/servicePrincipal/keyCredentials/0",
    ),
)

_EXPIRING_SAML_CERTIFICATE_GOOD: Final = (
    Good(
        {
            "servicePrincipal": {
                **_SAML,
                "keyCredentials": [
                    _SIGNING,
                    _PUBLIC_HALF,
                    {
                        **_SIGNING,
                        "keyId": "b",
                        "customKeyIdentifier": "bmV3",
                        "endDateTime": "2029-02-01T00:00:00Z",
                    },
                ],
            }
        },
        why="another certificate is valid, and no value says that it is inactive",
    ),
    Good(
        {"servicePrincipal": {**_SAML, "accountEnabled": False}}, why="users cannot sign in to a disabled application"
    ),
    Good(
        {"servicePrincipal": {"keyCredentials": [_SIGNING], "preferredSingleSignOnMode": "oidc"}},
        why="the application uses OpenID Connect, not SAML",
    ),
)


@rule(
    "expiring-saml-certificate",
    on="service principal",
    severity="medium",
    may_be=("high",),
    needs=(
        "servicePrincipal.keyCredentials",
        "servicePrincipal.preferredSingleSignOnMode",
        "servicePrincipal.accountEnabled",
        "servicePrincipal.preferredTokenSigningKeyThumbprint",
        "servicePrincipal.notificationEmailAddresses",
    ),
    when_set=("servicePrincipal.keyCredentials",),
    checks=("SP-12",),
    settings=("expiry-warning-days", "expiry-urgent-days"),
    references=(
        "entra:saml-signing-certificates",
        "graph:serviceprincipal-addtokensigningcertificate",
        "graph:serviceprincipal",
    ),
    bad=_EXPIRING_SAML_CERTIFICATE_BAD,
    good=_EXPIRING_SAML_CERTIFICATE_GOOD,
    base="foreign",
)
def expiring_saml_certificate(app: TenantApp, context: Context) -> Iterator[Hit | Gap]:
    """A SAML signing certificate expires soon or has expired.

    Why: After the active certificate expires, Entra ID signs with another valid certificate, if one exists. Sign-in can
        fail until the application has that other certificate. Without another certificate, sign-in fails if the
        application checks the expiration date.
    Acceptable: The certificate can expire if the application does not check the expiration date, because sign-in then
        still works. Do not create a new certificate before a maintenance window, since Entra ID can sign with it at
        once.
    Fix: Before the certificate expires, create a new certificate, upload it to the application, and make it active. If
        the certificate has expired, plan a maintenance window, because Entra ID signs with a new certificate at once.
        Check notificationEmailAddresses.
    """
    principal = app.service_principal
    is_saml = uses_saml(principal) if principal else False
    if principal is None or app.blocked or is_saml is False:
        return
    lives = _signing(principal)
    wanted = str(principal.preferred_token_signing_key_thumbprint).upper()
    active = [life for life in lives if _thumbprint(life.credential.custom_key_identifier) == wanted]
    started = [life for life in lives if not (isinstance(life.start, datetime) and life.start > context.now)]
    candidates = active or started or lives
    yield from (Gap(*life.end_unread) for life in candidates if life.end is UNSET)
    ends = {life.pointer: life.end for life in candidates if isinstance(life.end, datetime)}
    if not ends or len(ends) < len(candidates):
        return
    at, end = max(ends.items(), key=lambda row: row[1])
    left = end - context.now
    if left > timedelta(days=context.settings.expiry_warning_days):
        return
    if is_saml is None:
        if principal.preferred_single_sign_on_mode is not UNSET:
            says = "the mode is null, so the application may use SAML or OpenID Connect"
            yield Gap("/servicePrincipal/preferredSingleSignOnMode", says, "unknown", "check which one it uses")
        return
    expired = left <= timedelta(0)
    is_urgent = not expired and left <= timedelta(days=context.settings.expiry_urgent_days)
    when = f"expired on {day(end)}" if expired else f"expires in {span(left)}, on {day(end)}"
    says = f"signs SAML tokens with a certificate that {when}"
    if expired and any(isinstance(life.end, datetime) and life.end > context.now for life in started):
        says = f"has an active SAML certificate that {when}; Entra ID signs with another valid certificate"
    says += "; no email address is notified" if principal.notification_email_addresses in (None, ()) else ""
    yield Hit(pointer=at, message=says, severity="high" if is_urgent else "medium")


def _signing(principal: ServicePrincipal) -> list[Life]:
    """The keys that sign SAML tokens."""
    return [
        Life.of(f"/servicePrincipal/keyCredentials/{index}", "certificate", key)
        for index, key in enumerate(principal.key_credentials or ())
        if is_for_signing(key)
    ]


def _thumbprint(mark: object) -> str:
    """The thumbprint that a base64 text encodes, in hex; empty where it does not."""
    try:
        return base64.b64decode(mark, validate=True).hex().upper() if isinstance(mark, str) else ""
    except (ValueError, binascii.Error):
        return ""
