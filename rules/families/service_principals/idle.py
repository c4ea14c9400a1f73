"""Registrations with which no grant works: as far as their properties show, they are unused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from rules.analysis.clients import is_made_by_entra
from rules.analysis.principals import client_credentials
from rules.engine.rule import Bad, Context, Gap, Good, rule
from rules.model.finding import Hit
from rules.model.registration import Registration
from rules.model.tenant_app import TenantApp
from rules.primitives.dates import day, moment
from rules.primitives.texts import text_of

_READ: Final = (
    "createdDateTime",
    "displayName",
    "web.redirectUris",
    "spa.redirectUris",
    "publicClient.redirectUris",
    "isFallbackPublicClient",
    "passwordCredentials",
    "keyCredentials",
    "federatedIdentityCredentials",
    "identifierUris",
    "appRoles",
    "api.oauth2PermissionScopes",
)
_PRINCIPAL: Final = (
    "servicePrincipal.preferredSingleSignOnMode",
    "servicePrincipal.applicationTemplateId",
    "servicePrincipal.replyUrls",
    "servicePrincipal.passwordCredentials",
    "servicePrincipal.keyCredentials",
)
_EMPTY: Final = {"web": {"redirectUris": [], "logoutUrl": None}, "keyCredentials": []}


_UNUSABLE_REGISTRATION_BAD: Final = (
    Bad({"application": _EMPTY, "servicePrincipal": {"replyUrls": []}}, at="/application"),
    Bad(
        {"application": _EMPTY, "servicePrincipal": {"replyUrls": [], "preferredSingleSignOnMode": "notSupported"}},
        at="/application",
    ),
    Bad({"application": _EMPTY, "servicePrincipal": None}, at="/application"),
)

_UNUSABLE_REGISTRATION_GOOD: Final = (
    Good({}, why="users can sign in"),
    Good(
        {
            "application": {**_EMPTY, "identifierUris": ["api://11111111-1111-4111-8111-111111111111"]},
            "servicePrincipal": {"replyUrls": []},
        },
        why="the registration is an API, for which clients get tokens",
    ),
    Good(
        {
            "application": {**_EMPTY, "createdDateTime": "2026-01-10T00:00:00Z"},
            "servicePrincipal": {"replyUrls": []},
        },
        why="the registration is new and may not be finished",
    ),
    Good(
        {"application": {**_EMPTY, "isFallbackPublicClient": True}, "servicePrincipal": {"replyUrls": []}},
        why="device code flow needs no redirect URI and no credential",
    ),
    Good(
        {
            "application": _EMPTY,
            "servicePrincipal": {"replyUrls": [], "applicationTemplateId": "8adf8e6e-67b2-4cf2-a259-e3dc5476c621"},
        },
        why="a gallery app may sign users in without a token",
    ),
    Good(
        {"application": _EMPTY, "servicePrincipal": {"replyUrls": [], "preferredSingleSignOnMode": "password"}},
        why="the application signs users in with a stored password",
    ),
    Good(
        {"application": _EMPTY, "servicePrincipal": {"replyUrls": ["https://portal.contoso.com/cb"]}},
        why="users can sign in with the reply URL of the service principal",
    ),
    Good(
        {
            "application": {
                **_EMPTY,
                "displayName": "b2c-extensions-app. Do not modify. Used by AADB2C for storing user data.",
            },
            "servicePrincipal": {"replyUrls": []},
        },
        why="Azure AD B2C stores attributes of users in this application",
    ),
    Good(
        {
            "application": {**_EMPTY, "displayName": "Tenant Schema Extension App"},
            "servicePrincipal": {"replyUrls": []},
        },
        why="Microsoft Entra Connect keeps the directory extensions that it synchronizes in this application",
    ),
)


@rule(
    "unusable-registration",
    on="service principal",
    severity="info",
    needs_all=(*(f"application.{path}" for path in _READ), *_PRINCIPAL),
    when_set=("application",),
    settings=("unused-after-days",),
    references=(
        "entra:recommendation-remove-unused-apps",
        "entra:restore-application",
        "graph:extensibility-overview#directory-extensions",
        "azure:b2c-extensions-app",
    ),
    bad=_UNUSABLE_REGISTRATION_BAD,
    good=_UNUSABLE_REGISTRATION_GOOD,
    base="own",
)
def unusable_registration(app: TenantApp, context: Context) -> Iterator[Hit | Gap]:
    """A registration allows no grant and offers no API.

    Why: An unused application increases the attack surface.
    Acceptable: The registration is acceptable if it defines directory extensions, or will be used later. Until then,
        the registration has no valid credential and no redirect URI.
    Fix: Check whether the registration defines directory extensions. Deleting the registration makes the data of its
        extensions undiscoverable. If the registration defines no extensions, delete it. You can restore a deleted
        registration for 30 days. Sign-in logs, which this rule does not read, may show the last use of the application.
    """
    application = app.application
    if not isinstance(application, Registration) or _is_of_use(app, application, context.now):
        return
    if is_made_by_entra(application):
        return
    made = moment(application.created_date_time)
    if not isinstance(made, datetime):
        says = "no date says when the registration was created"
        yield Gap("/application/createdDateTime", says, "unknown", "check the sign-in logs for its last use")
    elif context.now - made >= timedelta(days=context.settings.unused_after_days):
        says = f"was created on {day(made)}, allows no grant today, and offers no API"
        yield Hit(pointer="/application", message=says)


def _is_of_use(app: TenantApp, own: Registration, now: datetime) -> bool:
    """Whether a token can be issued with the registration, or for it, or its service principal is of use without one.

    A gallery app may sign users in with a stored password or a link, or have them provisioned.
    """
    principal = app.service_principal
    if principal:
        mode = text_of(principal.preferred_single_sign_on_mode).casefold()
        if mode not in ("", "notsupported") or principal.application_template_id or principal.reply_urls:
            return True
    offers = own.identifier_uris or own.app_roles or (own.api.oauth2_permission_scopes if own.api else None)
    if offers or own.redirects or own.is_fallback_public_client or own.federated_identity_credentials:
        return True
    return any(not life.has_ended(now) for life in client_credentials(app))
