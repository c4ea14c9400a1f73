"""Credentials that stand on a service principal, beside or instead of those of its registration."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from rules.analysis.lifetimes import Life
from rules.analysis.principals import is_external, is_for_signing, is_own, powers_of, principal_credentials
from rules.engine.rule import Bad, Context, Gap, Good, rule
from rules.knowledge.permissions import EXCHANGE, SHAREPOINT
from rules.model.finding import Hit, Severity
from rules.model.registration import UNSET
from rules.model.tenant_app import TenantApp
from rules.primitives.dates import day, moment, span

_ON_PRINCIPAL: Final = (
    "servicePrincipal.passwordCredentials", "servicePrincipal.keyCredentials", "servicePrincipal.preferredSingleSignOnMode",
    "servicePrincipal.appOwnerOrganizationId", "servicePrincipal.servicePrincipalType",
)  # fmt: skip
_JUDGES: Final = ("servicePrincipal.passwordCredentials", "servicePrincipal.keyCredentials")
_SECRET: Final = {
    "keyId": "33333333-3333-4333-8333-333333333336", "displayName": "added later",
    "startDateTime": "2026-01-01T00:00:00Z", "endDateTime": "2026-06-01T00:00:00Z",
}  # fmt: skip
_SIGNING: Final = {
    "keyId": "33333333-3333-4333-8333-333333333337", "displayName": "CN=Microsoft Azure Federated SSO Certificate",
    "customKeyIdentifier": "2iD8ppbE+D6Kmu1ZvjM2jtQh88E=", "startDateTime": "2023-02-01T00:00:00Z",
    "endDateTime": "2026-02-01T00:00:00Z", "type": "X509CertAndPassword", "usage": "Sign",
}  # fmt: skip
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
#: Microsoft's applications on which a server on premises leaves its certificate, by Microsoft's own instructions; only
#: Exchange has an application of its own for that by now. Sources: the pages above, and for SharePoint "Configure
#: server-to-server authentication from SharePoint Server to SharePoint in Microsoft 365".
_ON_PREMISES: Final = {
    EXCHANGE: "as an old Exchange hybrid deployment leaves it",
    SHAREPOINT: "as a hybrid deployment of SharePoint Server leaves it",
    "00000004-0000-0ff1-ce00-000000000000": "as a hybrid deployment of Skype for Business Server leaves it",
}
#: Entra makes this registration when a first device is joined; its certificate vouches for remote desktop between devices.
#: An identifier URI is had once in a tenant. Source: Microsoft, "Microsoft Entra device management FAQ".
_P2P: Final = "urn:p2p_cert"


@rule(
    "credential-of-service-principal", on="service principal",
    severity="medium",
    may_be=("high", "low"),
    needs=(*_ON_PRINCIPAL, "servicePrincipal.servicePrincipalNames", "application", "appRoleAssignments", "roleAssignments", "tenant.organization"),
    when_set=_JUDGES,
    checks=("CR-17",),
    settings=("trusted-tenants", "home-tenants"),
    references=(
        "entra:app-instance-property-lock",
        "graph:serviceprincipal-addpassword",
        "entra:app-best-practices#instance-lock",
    ),
    bad=(
        Bad({"servicePrincipal": {"passwordCredentials": [_SECRET]}}, at="/servicePrincipal/passwordCredentials/0"),
        Bad({"servicePrincipal": {"keyCredentials": [{**_SECRET, "usage": "Verify"}], "appOwnerOrganizationId": "0f0f0f0f-0000-4000-8000-000000000002"}, "application": None}, at="/servicePrincipal/keyCredentials/0", severity="high"),
        Bad({"servicePrincipal": {"servicePrincipalNames": ["11111111-1111-4111-8111-111111111111", "urn:p2p_cert"], "keyCredentials": [{**_SECRET, "usage": "Verify"}]}}, at="/servicePrincipal/keyCredentials/0", severity="low"),
        Bad({"servicePrincipal": {"servicePrincipalType": "Legacy", "keyCredentials": [{**_SECRET, "usage": "Verify"}]}, "application": None}, at="/servicePrincipal/keyCredentials/0"),
    ),
    good=(
        Good({"servicePrincipal": {"passwordCredentials": [{**_SECRET, "endDateTime": "2025-12-01T00:00:00Z"}]}}, why="it has ended, and opens nothing"),
        Good({"servicePrincipal": {**_SAML, "keyCredentials": [{**_SIGNING, "endDateTime": "2027-02-01T00:00:00Z"}, {**_PUBLIC_HALF, "endDateTime": "2027-02-01T00:00:00Z"}]}}, why="they sign SAML, and prove no client"),
        Good({"servicePrincipal": {"servicePrincipalType": "ManagedIdentity", "keyCredentials": [{**_SECRET, "usage": "Verify"}]}}, why="the platform's own"),
        Good({"application": None, "servicePrincipal": {"passwordCredentials": [_SECRET]}}, why="service-principal-without-registration speaks of that"),
    ),
    base="own",
)  # fmt: skip
def credential_of_service_principal(app: TenantApp, context: Context) -> Iterator[Hit | Gap]:
    """A service principal has a credential of its own, beside those of the registration.

    Why: It is shown on no page of the registration, so nobody renews or removes it; added to another organisation's
        application, it is how an intruder comes back as that application.
    Fix: Find out who added it, then remove it, but for that of the P2P Server, which Entra makes. Lock the instances of your
        own applications against it.
    """
    principal = app.service_principal
    if app.is_microsoft or principal is None:
        return
    if app.application is None and is_own(app) and principal.service_principal_type == "Application":
        return  # service-principal-without-registration judges it as a whole; other kinds never had one
    is_p2p = is_own(app) and _P2P in (principal.service_principal_names or ())
    stranger = is_external(app, context.settings)
    powers = powers_of(app)
    for life in _valid(app, context.now):
        if isinstance(life, Gap):
            yield life
            continue
        words = ", though another organisation keeps the application" if stranger else ""
        ends = f"valid until {day(life.end)}" if isinstance(life.end, datetime) else "which never ends"
        opens = f", and opens {powers[0].note}" if powers else ""
        expected = is_p2p and not powers and life.kind == "certificate"
        words += ", as Entra makes it for remote desktop between joined devices" if expected else ""
        yield Hit(
            pointer=life.pointer,
            message=f"has a {life.kind} on its service principal, {ends}{words}{opens}",
            severity="low" if expected else "high" if stranger or powers else "medium",
            because=powers,
            remove=not expected,
        )


def _valid(app: TenantApp, now: datetime) -> Iterator[Life | Gap]:
    """The credentials on the service principal that may be used, or whose end nobody can read."""
    for life in principal_credentials(app):
        if life.end is UNSET:
            yield Gap(*life.end_unread)
        elif not life.has_ended(now):
            yield life


@rule(
    "credential-of-microsoft-application", on="service principal",
    severity="high",
    may_be=("medium",),
    needs=_ON_PRINCIPAL,
    when_set=_JUDGES,
    checks=("CR-18",),
    references=(
        "web:exchange-hybrid-application",
        "learn:skype-hybrid-environment",
        "learn:identity-non-user-applications",
        "graph:serviceprincipal",
    ),
    bad=(
        Bad({"servicePrincipal": {"appOwnerOrganizationId": _MICROSOFT, "passwordCredentials": [_SECRET]}}, at="/servicePrincipal/passwordCredentials/0"),
        Bad({"servicePrincipal": {"appId": EXCHANGE, "appOwnerOrganizationId": _MICROSOFT, "keyCredentials": [{**_SECRET, "usage": "Verify"}]}}, at="/servicePrincipal/keyCredentials/0", severity="medium"),
        Bad({"servicePrincipal": {"appId": SHAREPOINT, "appOwnerOrganizationId": _MICROSOFT, "keyCredentials": [{**_SECRET, "usage": "Verify"}]}}, at="/servicePrincipal/keyCredentials/0", severity="medium"),
        Bad({"servicePrincipal": {"appId": SHAREPOINT, "appOwnerOrganizationId": _MICROSOFT, "passwordCredentials": [_SECRET]}}, at="/servicePrincipal/passwordCredentials/0"),
    ),
    good=(
        Good({"servicePrincipal": {"appOwnerOrganizationId": _MICROSOFT}}, why="Microsoft's credentials are in Microsoft's tenant"),
        Good({"servicePrincipal": {"appOwnerOrganizationId": _MICROSOFT, "passwordCredentials": [{**_SECRET, "endDateTime": "2025-12-01T00:00:00Z"}]}}, why="it has ended"),
    ),
    base="foreign",
)  # fmt: skip
def credential_of_microsoft_application(app: TenantApp, context: Context) -> Iterator[Hit | Gap]:
    """Somebody in the tenant added a credential to one of Microsoft's own applications.

    Why: Whoever has it acts as that application, with what Microsoft gave it; intruders do this because nobody looks there.
    Fix: Find out who added it, and remove it unless a server on premises is configured with it, as SharePoint's and Skype
        for Business's hybrids are. An Exchange hybrid deployment has an application of its own for this.
    """
    if not app.is_microsoft:
        return
    server = _ON_PREMISES.get(app.app_id.lower(), "")
    for life in _valid(app, context.now):
        if isinstance(life, Gap):
            yield life
            continue
        ends = f"valid until {day(life.end)}" if isinstance(life.end, datetime) else "that never ends"
        hybrid = bool(server) and life.kind == "certificate"  # no server has a secret there
        words = f", {server}" if hybrid else ""
        says = f"is Microsoft's own and has a {life.kind} from this tenant, {ends}{words}"
        yield Hit(pointer=life.pointer, message=says, severity="medium" if hybrid else "high", remove=True)


@rule(
    "expiring-saml-certificate", on="service principal",
    severity="medium",
    may_be=("high",),
    needs=(
        "servicePrincipal.keyCredentials", "servicePrincipal.preferredSingleSignOnMode", "servicePrincipal.accountEnabled",
        "servicePrincipal.preferredTokenSigningKeyThumbprint", "servicePrincipal.notificationEmailAddresses",
    ),
    when_set=("servicePrincipal.keyCredentials",),
    checks=("SP-12",),
    settings=("expiry-warning-days", "expiry-urgent-days"),
    references=("entra:saml-signing-certificates", "graph:serviceprincipal-addtokensigningcertificate"),
    bad=(
        Bad({"servicePrincipal": {**_SAML, "preferredTokenSigningKeyThumbprint": None}}, at="/servicePrincipal/keyCredentials/0"),
        Bad({"servicePrincipal": {**_SAML, "keyCredentials": [{**_SIGNING, "endDateTime": "2026-01-20T00:00:00Z"}, {**_PUBLIC_HALF, "endDateTime": "2026-01-20T00:00:00Z"}]}}, at="/servicePrincipal/keyCredentials/0", severity="high"),
        Bad({"servicePrincipal": {**_SAML, "preferredTokenSigningKeyThumbprint": "DA20FCA696C4F83E8A9AED59BE33368ED421F3C1", "keyCredentials": [_SIGNING, _PUBLIC_HALF, {**_SIGNING, "keyId": "b", "customKeyIdentifier": "bmV3", "endDateTime": "2029-02-01T00:00:00Z"}]}}, at="/servicePrincipal/keyCredentials/0"),
    ),
    good=(
        Good({"servicePrincipal": {**_SAML, "keyCredentials": [_SIGNING, _PUBLIC_HALF, {**_SIGNING, "keyId": "b", "customKeyIdentifier": "bmV3", "endDateTime": "2029-02-01T00:00:00Z"}]}}, why="its successor is there, and nothing says that it is not in use"),
        Good({"servicePrincipal": {**_SAML, "accountEnabled": False}}, why="nobody signs in"),
        Good({"servicePrincipal": {"keyCredentials": [_SIGNING]}}, why="no SAML"),
    ),
    base="foreign",
)  # fmt: skip
def expiring_saml_certificate(app: TenantApp, context: Context) -> Iterator[Hit]:
    """The certificate that signs SAML for an application ends soon, or has ended.

    Why: On that day people cannot sign in to the application, unless it does not check, which is worse.
    Fix: Make a new certificate, give it to the application, then make it the active one. Name an address that is warned.
    """
    principal = app.service_principal
    if principal is None or not app.is_enabled or str(principal.preferred_single_sign_on_mode).casefold() != "saml":
        return
    keys = [
        (index, key, end)
        for index, key in enumerate(principal.key_credentials or ())
        if is_for_signing(key) and isinstance(end := moment(key.end_date_time), datetime)
    ]
    if not keys:
        return
    wanted = str(principal.preferred_token_signing_key_thumbprint).upper()
    active = [row for row in keys if _thumbprint(row[1].custom_key_identifier) == wanted]
    index, _, end = max(active or keys, key=lambda row: row[2])
    left = end - context.now
    if left > timedelta(days=context.settings.expiry_warning_days):
        return
    severity: Severity = "medium"
    if timedelta(0) < left <= timedelta(days=context.settings.expiry_urgent_days):
        severity = "high"
    when = f"ends in {span(left)}, on {day(end)}" if left > timedelta(0) else f"ended on {day(end)}"
    nobody = "" if principal.notification_email_addresses else ", and nobody is warned by mail"
    yield Hit(
        pointer=f"/servicePrincipal/keyCredentials/{index}",
        message=f"signs SAML with a certificate that {when}{nobody}",
        severity=severity,
    )


def _thumbprint(mark: object) -> str:
    """A base64 mark as the thumbprint that it stands for, in hex; empty where it is none."""
    try:
        return base64.b64decode(mark, validate=True).hex().upper() if isinstance(mark, str) else ""
    except (ValueError, binascii.Error):
        return ""
