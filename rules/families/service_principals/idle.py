"""Registrations that nothing can be done with: as far as they themselves tell, nobody uses them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from rules.analysis.principals import client_credentials
from rules.engine.rule import Bad, Context, Good, rule
from rules.model.finding import Hit
from rules.model.registration import Registration
from rules.model.tenant_app import TenantApp
from rules.primitives.dates import day, moment

_READ: Final = (
    "createdDateTime", "web.redirectUris", "spa.redirectUris", "publicClient.redirectUris", "isFallbackPublicClient",
    "passwordCredentials", "keyCredentials", "federatedIdentityCredentials", "identifierUris", "appRoles",
    "api.oauth2PermissionScopes",
)  # fmt: skip
_PRINCIPAL: Final = (
    "servicePrincipal.preferredSingleSignOnMode", "servicePrincipal.applicationTemplateId",
    "servicePrincipal.passwordCredentials", "servicePrincipal.keyCredentials",
)  # fmt: skip
_EMPTY: Final = {"web": {"redirectUris": [], "logoutUrl": None}, "keyCredentials": []}


@rule(
    "registration-that-nobody-can-use", on="service principal",
    severity="info",
    needs_all=(*(f"application.{path}" for path in _READ), *_PRINCIPAL),
    when_set=("application",),
    settings=("unused-after-days",),
    references=("entra:recommendation-remove-unused-apps", "entra:app-best-practices"),
    bad=(
        Bad({"application": _EMPTY, "servicePrincipal": {"replyUrls": []}}, at="/application"),
        Bad({"application": _EMPTY, "servicePrincipal": None}, at="/application"),
    ),
    good=(
        Good({}, why="people can sign in"),
        Good({"application": {**_EMPTY, "identifierUris": ["api://11111111-1111-4111-8111-111111111111"]}, "servicePrincipal": {"replyUrls": []}}, why="an API, for which others get tokens"),
        Good({"application": {**_EMPTY, "createdDateTime": "2026-01-10T00:00:00Z"}, "servicePrincipal": {"replyUrls": []}}, why="made this week, and may not be finished"),
        Good({"application": {**_EMPTY, "isFallbackPublicClient": True}, "servicePrincipal": {"replyUrls": []}}, why="the device code grant needs neither address nor credential"),
        Good({"application": _EMPTY, "servicePrincipal": {"replyUrls": [], "applicationTemplateId": "8adf8e6e-67b2-4cf2-a259-e3dc5476c621"}}, why="of the gallery, which signs people in without a token"),
        Good({"application": _EMPTY, "servicePrincipal": {"replyUrls": [], "preferredSingleSignOnMode": "password"}}, why="signs people in with a stored password"),
    ),
    base="own",
)  # fmt: skip
def registration_that_nobody_can_use(app: TenantApp, context: Context) -> Iterator[Hit]:
    """No grant works with a registration, and it offers no API.

    Why: Nobody misses it, so nobody watches it: whoever gets to own it has a name that people trust, and what it was granted.
    Fix: See whether it defines directory extensions, whose data would be lost with it; if not, delete it. It can be restored
        for thirty days. Sign-in logs, which are not read here, say who used it last.
    """
    application = app.application
    if not isinstance(application, Registration) or _is_of_use(app, application, context.now):
        return
    made = moment(application.created_date_time)
    if not isinstance(made, datetime) or context.now - made < timedelta(days=context.settings.unused_after_days):
        return
    says = f"was made on {day(made)}, no grant works with it today, and it offers no API"
    yield Hit(pointer="/application", message=says)


def _is_of_use(app: TenantApp, own: Registration, now: datetime) -> bool:
    """Whether somebody can get a token with the registration, or for it, or its service principal is of use without one.

    An application of the gallery may sign people in with a stored password or a link, or have them provisioned.
    """
    principal = app.service_principal
    if principal and (principal.preferred_single_sign_on_mode or principal.application_template_id):
        return True
    offers = own.identifier_uris or own.app_roles or (own.api.oauth2_permission_scopes if own.api else None)
    if offers or own.redirects or own.is_fallback_public_client or own.federated_identity_credentials:
        return True
    return any(not life.has_ended(now) for life in client_credentials(app))
