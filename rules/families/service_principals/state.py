"""Whether registration and service principal belong together, are both there, and agree."""

from __future__ import annotations

from collections.abc import Iterator

from rules.analysis.lifetimes import certificates, secrets
from rules.analysis.principals import client_credentials, is_own, powers_of
from rules.engine.rule import Bad, Context, Good, rule
from rules.model.finding import Because, Hit, Severity
from rules.model.registration import Registration
from rules.model.tenant_app import TenantApp
from rules.primitives.texts import counted

_SECRET = {
    "keyId": "33333333-3333-4333-8333-333333333335",
    "displayName": "deploy",
    "startDateTime": "2026-01-01T00:00:00Z",
    "endDateTime": "2026-06-01T00:00:00Z",
}


@rule(
    "credentials-of-disabled-application",
    on="service principal",
    severity="low",
    needs=("servicePrincipal.accountEnabled", "application.passwordCredentials", "application.keyCredentials"),
    when_set=("application",),
    checks=("SP-14",),
    references=("graph:serviceprincipal", "entra:app-best-practices#credentials"),
    bad=Bad({"servicePrincipal": {"accountEnabled": False}}, at="/servicePrincipal/accountEnabled"),
    good=Good({"servicePrincipal": {"accountEnabled": False}, "application": {"keyCredentials": []}}),
    base="own",
)
def credentials_of_disabled_application(app: TenantApp, context: Context) -> Iterator[Hit]:
    """An application is disabled for sign-in, and its registration keeps credentials that are still valid.

    Why: Whoever enables it again, or uses the registration in another tenant, has a client that works at once.
    Fix: Remove the credentials, or the registration when nobody needs it any more.
    """
    if app.is_enabled or not app.application:
        return
    registration = app.application
    valid = [life for life in (*secrets(registration), *certificates(registration)) if not life.has_ended(context.now)]
    if valid:
        because = tuple(Because(f"/application{life.pointer}", "is still valid") for life in valid)
        yield Hit(
            pointer=app.disabled_at,
            message=f"is disabled and keeps {counted(len(valid), 'credential')}",
            because=because,
        )


@rule(
    "credentials-without-service-principal", on="service principal",
    severity="low",
    needs=("application.passwordCredentials", "application.keyCredentials", "application.signInAudience"),
    needs_all=("servicePrincipal",),
    when_set=("application",),
    checks=("OW-13",),
    references=("entra:app-objects-and-service-principals", "entra:app-best-practices#credentials"),
    bad=Bad({"servicePrincipal": None}, at="/application"),
    good=(
        Good({"servicePrincipal": None, "application": {"keyCredentials": []}}, why="nothing opens it"),
        Good({"servicePrincipal": None, "application": {"signInAudience": "AzureADMultipleOrgs"}}, why="other tenants may use it"),
    ),
    base="own",
)  # fmt: skip
def credentials_without_service_principal(app: TenantApp, context: Context) -> Iterator[Hit]:
    """A registration for this tenant alone keeps valid credentials and has no service principal.

    Why: Nobody can sign in to it, so it is a leftover; as soon as somebody makes the service principal, the old credentials
        open whatever it is granted.
    Fix: Remove the registration, or its credentials until it is used.
    """
    application = app.application
    if app.service_principal is not None or not isinstance(application, Registration):
        return
    if application.sign_in_audience not in ("AzureADMyOrg", None):
        return
    valid = [life for life in client_credentials(app) if not life.has_ended(context.now)]
    if valid:
        because = tuple(Because(life.pointer, f"a {life.kind} that is still valid") for life in valid[:3])
        yield Hit(
            pointer="/application", message="keeps credentials and has no service principal here", because=because
        )


@rule(
    "service-principal-without-registration", on="service principal",
    severity="low",
    may_be=("high", "medium"),
    needs=(
        "servicePrincipal.appOwnerOrganizationId", "servicePrincipal.servicePrincipalType", "servicePrincipal.accountEnabled",
        "servicePrincipal.passwordCredentials", "servicePrincipal.keyCredentials",
        "servicePrincipal.preferredSingleSignOnMode", "appRoleAssignments", "oauth2PermissionGrants", "roleAssignments", "tenant.organization",
    ),
    needs_all=("application",),
    checks=("OW-14",),
    references=("entra:app-objects-and-service-principals", "graph:serviceprincipal"),
    bad=(
        Bad({"application": None}, at="/servicePrincipal/appId"),
        Bad({"application": None, "servicePrincipal": {"passwordCredentials": [_SECRET]}}, at="/servicePrincipal/appId", severity="medium"),
        Bad({"application": None, "servicePrincipal": {"passwordCredentials": [_SECRET]}, "roleAssignments": [{"id": "r", "roleDefinitionId": "62e90394-69f5-4237-9190-012177145e10", "directoryScopeId": "/"}]}, at="/servicePrincipal/appId", severity="high", expected_rules=("application-with-directory-role",)),
    ),
    good=(
        Good({}, why="both are there"),
        Good({"application": None, "servicePrincipal": {"appOwnerOrganizationId": "0f0f0f0f-0000-4000-8000-000000000002"}}, why="its registration is in another tenant"),
        Good({"application": None, "servicePrincipal": {"servicePrincipalType": "ManagedIdentity"}}, why="a managed identity has none"),
    ),
    base="own",
)  # fmt: skip
def service_principal_without_registration(app: TenantApp, context: Context) -> Iterator[Hit]:
    """A service principal of the tenant's own has no registration any more.

    Why: It is in no list of registrations, so nobody reviews it, and what it was granted stays.
    Fix: Delete the service principal, or restore the registration within thirty days of its deletion.
    """
    principal = app.service_principal
    # Other kinds, such as Legacy, never had one.
    if (
        app.application is not None
        or principal is None
        or principal.service_principal_type != "Application"
        or not is_own(app)
    ):
        return
    valid = [life for life in client_credentials(app) if not life.has_ended(context.now)]
    powers = powers_of(app)
    severity: Severity = "low"
    if valid and app.is_enabled:  # somebody can still be it, and nobody looks there
        severity = "high" if powers else "medium"
    count = len(app.granted)
    words = f", keeps a valid {valid[0].kind}" if valid else ""
    words += f" and holds {counted(count, 'permission')}" if count else ""
    because = tuple(Because(life.pointer, f"a {life.kind} that is still valid") for life in valid[:3])
    yield Hit(
        pointer="/servicePrincipal/appId",
        message=f"has lost its registration{words}",
        severity=severity,
        because=(*because, *powers) if valid else because,
    )


@rule(
    "reply-url-without-registration", on="service principal",
    severity="low",
    needs=(
        "servicePrincipal.replyUrls", "servicePrincipal.appOwnerOrganizationId", "servicePrincipal.servicePrincipalType",
        "tenant.organization",
    ),
    needs_all=("application.web.redirectUris", "application.spa.redirectUris", "application.publicClient.redirectUris"),
    when_set=("servicePrincipal.replyUrls",),
    checks=("RU-27",),
    references=("graph:serviceprincipal", "entra:reply-url#service-principal"),
    bad=Bad({"servicePrincipal": {"replyUrls": ["https://portal.contoso.com/signin-oidc", "https://old.contoso.com/cb"]}}, at="/servicePrincipal/replyUrls/1"),
    good=(
        Good({"servicePrincipal": {"replyUrls": ["HTTPS://Portal.contoso.com/signin-oidc"]}}, why="case makes no difference in a host"),
        Good({"application": None, "servicePrincipal": {"replyUrls": ["https://old.contoso.com/cb"]}}, why="service-principal-without-registration speaks of that"),
    ),
    base="own",
)  # fmt: skip
def reply_url_without_registration(app: TenantApp, _: Context) -> Iterator[Hit]:
    """The service principal sends people to an address that the registration does not have.

    Why: It was left behind or added where nobody looks; no rule about redirect URIs sees it on the registration.
    Fix: Take the address out of the service principal, or register it.
    """
    application, principal = app.application, app.service_principal
    if not isinstance(application, Registration) or principal is None or not is_own(app):
        return
    platforms = (application.web, application.spa, application.public_client)
    known = {uri.casefold() for platform in platforms if platform for uri in platform.redirect_uris or ()}
    for index, uri in enumerate(principal.reply_urls or ()):
        if uri.casefold() not in known:
            says = f"has the address {uri} on its service principal alone"
            yield Hit(pointer=f"/servicePrincipal/replyUrls/{index}", message=says, remove=True)
