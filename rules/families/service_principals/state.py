"""Whether registration and service principal exist both, are enabled, and agree."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rules.analysis.lifetimes import certificates, secrets
from rules.analysis.principals import client_credentials, is_own, powers_of
from rules.engine.rule import Bad, Context, Good, rule
from rules.model.finding import Because, Hit
from rules.model.registration import UNSET, Registration
from rules.model.tenant_app import TenantApp
from rules.primitives.texts import counted
from rules.primitives.uri import parse

_SECRET = {
    "keyId": "33333333-3333-4333-8333-333333333335",
    "displayName": "deploy",
    "startDateTime": "2026-01-01T00:00:00Z",
    "endDateTime": "2026-06-01T00:00:00Z",
}


@rule(
    "credentials-of-disabled-application",
    on="service principal",
    kinds=("application", "blueprint"),
    severity="low",
    needs=(
        "servicePrincipal.accountEnabled",
        "servicePrincipal.isDisabled",
        "servicePrincipal.disabledByMicrosoftStatus",
        "application.passwordCredentials",
        "application.keyCredentials",
        "application.signInAudience",
    ),
    when_set=("application",),
    checks=("SP-14",),
    references=(
        "entra:deactivate-application-portal",
        "entra:app-best-practices#credentials",
        "entra:protect-against-consent-phishing",
    ),
    bad=(
        Bad({"servicePrincipal": {"accountEnabled": False}}, at="/servicePrincipal/accountEnabled"),
        Bad({"servicePrincipal": {"isDisabled": True}}, at="/servicePrincipal/isDisabled"),
        Bad(
            {"servicePrincipal": {"disabledByMicrosoftStatus": "DisabledDueToViolationOfServicesAgreement"}},
            at="/servicePrincipal/disabledByMicrosoftStatus",
        ),
    ),
    good=(
        Good({"servicePrincipal": {"accountEnabled": False}, "application": {"keyCredentials": []}}),
        Good(
            {"servicePrincipal": {"accountEnabled": False}, "application": {"signInAudience": "AzureADMultipleOrgs"}},
            why="other tenants can still use the application",
        ),
    ),
    base="own",
)
def credentials_of_disabled_application(app: TenantApp, context: Context) -> Iterator[Hit]:
    """A disabled application has credentials that are still valid.

    Why: As soon as a disabled application is enabled again, anyone who has an old credential can authenticate as the
        application.
    Acceptable: The credentials can remain while the application is disabled for a short time, for example for an
        investigation. No token is issued until the application is enabled again.
    Fix: Remove the credentials, or delete the registration if it is no longer needed. An application that Microsoft
        disabled cannot be deleted.
    """
    registration = app.application
    if app.blocked is None or not isinstance(registration, Registration):
        return
    if app.blocked.pointer in _IN_THIS_TENANT and not _is_single_tenant(registration):
        return
    valid = [life for life in (*secrets(registration), *certificates(registration)) if not life.has_ended(context.now)]
    if valid:
        because = tuple(Because(f"/application{life.pointer}", "is still valid") for life in valid)
        yield Hit(
            pointer=app.blocked.pointer,
            message=f"is {app.blocked.note} and has {counted(len(valid), 'valid credential')}",
            because=because,
        )


@rule(
    "credentials-without-service-principal",
    on="service principal",
    kinds=("application", "blueprint"),
    severity="low",
    needs=("application.passwordCredentials", "application.keyCredentials", "application.signInAudience"),
    needs_all=("servicePrincipal",),
    when_set=("application",),
    checks=("OW-13",),
    references=("entra:app-objects-and-service-principals", "entra:app-best-practices#credentials"),
    bad=(
        Bad({"servicePrincipal": None}, at="/application"),
        Bad({"servicePrincipal": None, "application": {"signInAudience": "azureadmyorg"}}, at="/application"),
    ),
    good=(
        Good(
            {"servicePrincipal": None, "application": {"keyCredentials": []}}, why="the registration has no credential"
        ),
        Good(
            {"servicePrincipal": None, "application": {"signInAudience": "AzureADMultipleOrgs"}},
            why="other tenants can use the application",
        ),
    ),
    base="own",
)
def credentials_without_service_principal(app: TenantApp, context: Context) -> Iterator[Hit]:
    """A single-tenant registration has valid credentials and no service principal.

    Why: A tenant issues no token to an application without a service principal, so the registration is probably a
        leftover. As soon as the service principal exists, anyone who has an old credential can authenticate as the
        application.
    Acceptable: The credentials can remain if a deployment creates the service principal soon. No token is issued before
        the service principal exists.
    Fix: Delete the registration, or remove its credentials until you need the registration.
    """
    application = app.application
    if app.service_principal is not None or not isinstance(application, Registration):
        return
    if not _is_single_tenant(application):
        return
    valid = [life for life in client_credentials(app) if not life.has_ended(context.now)]
    if valid:
        because = tuple(Because(life.pointer, f"a {life.kind} that is still valid") for life in valid[:3])
        yield Hit(pointer="/application", message="has valid credentials and no service principal", because=because)


#: What blocks an application in this tenant alone; the other ways block it in all tenants. Source: Microsoft,
#: "Deactivate an enterprise application", "Comparison with other options".
_IN_THIS_TENANT: Final = ("/servicePrincipal/accountEnabled", "/servicePrincipal/deletedDateTime")


def _is_single_tenant(application: Registration) -> bool:
    """Whether only this tenant may use an application. An audience that was not read is not one."""
    return application.sign_in_audience is not UNSET and not application.is_multi_tenant


_GLOBAL = {"id": "r", "roleDefinitionId": "62e90394-69f5-4237-9190-012177145e10", "directoryScopeId": "/"}


_SERVICE_PRINCIPAL_WITHOUT_REGISTRATION_BAD: Final = (
    Bad({"application": None}, at="/servicePrincipal/appId"),
    Bad({"application": None, "servicePrincipal": {"passwordCredentials": [_SECRET]}}, at="/servicePrincipal/appId"),
    Bad(
        {
            "application": None,
            "servicePrincipal": {"passwordCredentials": [_SECRET]},
            "roleAssignments": [_GLOBAL],
        },
        at="/servicePrincipal/appId",
        expected_rules=("application-with-directory-role",),
    ),
)

_SERVICE_PRINCIPAL_WITHOUT_REGISTRATION_GOOD: Final = (
    Good({}, why="the service principal has a registration"),
    Good(
        {
            "application": None,
            "servicePrincipal": {"appOwnerOrganizationId": "0f0f0f0f-0000-4000-8000-000000000002"},
        },
        why="its registration is in another tenant",
    ),
    Good(
        {"application": None, "servicePrincipal": {"servicePrincipalType": "ManagedIdentity"}},
        why="a managed identity has no registration",
    ),
)


@rule(
    "service-principal-without-registration",
    on="service principal",
    severity="low",
    needs=(
        "servicePrincipal.appOwnerOrganizationId",
        "servicePrincipal.servicePrincipalType",
        "servicePrincipal.passwordCredentials",
        "servicePrincipal.keyCredentials",
        "servicePrincipal.preferredSingleSignOnMode",
        "appRoleAssignments",
        "oauth2PermissionGrants",
        "roleAssignments",
        "tenant.organization",
    ),
    needs_all=("application",),
    checks=("OW-14",),
    references=("graph:serviceprincipal", "entra:restore-application", "entra:deactivate-application-portal"),
    bad=_SERVICE_PRINCIPAL_WITHOUT_REGISTRATION_BAD,
    good=_SERVICE_PRINCIPAL_WITHOUT_REGISTRATION_GOOD,
    base="own",
)
def service_principal_without_registration(app: TenantApp, context: Context) -> Iterator[Hit]:
    """A service principal of your tenant no longer has a registration.

    Why: Without a registration, no token is issued to the application. A deleted registration can be restored for 30
        days. The restored application has all access that its service principal still has.
    Acceptable: The service principal can remain while you decide whether to restore the registration. No token is
        issued without the registration.
    Fix: Delete the service principal, or restore the registration within 30 days of its deletion.
    """
    if not app.is_orphan:
        return
    valid = [life for life in client_credentials(app) if not life.has_ended(context.now)]
    powers = powers_of(app)
    count = len(app.granted)
    words = [f"a valid {valid[0].kind}"] if valid else []
    words += [counted(count, "permission")] if count else []
    words += [powers[0].note] if powers else []
    because = tuple(Because(life.pointer, f"a {life.kind} that is still valid") for life in valid[:3])
    yield Hit(
        pointer="/servicePrincipal/appId",
        message="no longer has a registration"
        + (f"; its service principal still has {', '.join(words)}" if words else ""),
        because=(*because, *powers) if valid else because,
    )


@rule(
    "reply-url-without-registration",
    on="service principal",
    severity="low",
    needs=(
        "servicePrincipal.replyUrls",
        "servicePrincipal.accountEnabled",
        "servicePrincipal.appOwnerOrganizationId",
        "servicePrincipal.servicePrincipalType",
        "tenant.organization",
    ),
    needs_all=("application.web.redirectUris", "application.spa.redirectUris", "application.publicClient.redirectUris"),
    when_set=("servicePrincipal.replyUrls",),
    checks=("RU-27",),
    references=("graph:serviceprincipal", "entra:reply-url#service-principal"),
    bad=(
        Bad(
            {
                "servicePrincipal": {
                    "replyUrls": ["https://portal.contoso.com/signin-oidc", "https://old.contoso.com/cb"],
                },
            },
            at="/servicePrincipal/replyUrls/1",
        ),
        Bad(
            {"servicePrincipal": {"replyUrls": ["https://portal.contoso.com/Signin-OIDC"]}},
            at="/servicePrincipal/replyUrls/0",
        ),
    ),
    good=(
        Good(
            {"servicePrincipal": {"replyUrls": ["HTTPS://Portal.contoso.com/signin-oidc"]}},
            why="letter case makes no difference in a scheme and host",
        ),
        Good(
            {"application": None, "servicePrincipal": {"replyUrls": ["https://old.contoso.com/cb"]}},
            why="service-principal-without-registration reports the service principal",
        ),
    ),
    base="own",
)
def reply_url_without_registration(app: TenantApp, _: Context) -> Iterator[Hit]:
    """A service principal has a reply URL that its registration lacks.

    Why: The URL may be a leftover, or it was added only to the service principal. A review of the registration does not
        show it. Anyone who controls the URL can receive tokens.
    Acceptable: Never. A sync with the registration can remove the URL, and then users cannot sign in with it.
    Fix: If you own the URL and users sign in with it, add it to the redirect URIs of the registration. Otherwise,
        remove it from replyUrls.
    """
    application, principal = app.application, app.service_principal
    if not isinstance(application, Registration) or principal is None or not is_own(app):
        return
    platforms = (application.web, application.spa, application.public_client)
    known = {parse(uri).identity for platform in platforms if platform for uri in platform.redirect_uris or ()}
    words = f", while it is {app.blocked.note}" if app.blocked else ""
    for index, uri in enumerate(principal.reply_urls or ()):
        if parse(uri).identity not in known:
            says = f"has the reply URL {uri} only on its service principal{words}"
            yield Hit(pointer=f"/servicePrincipal/replyUrls/{index}", message=says, remove=True)
