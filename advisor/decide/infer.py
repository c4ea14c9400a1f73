"""What a registration says about its client: answers to the tree's questions, and what it is built for.

A registration is evidence, not proof: it may allow grants that are not used. So each answer names the property that
shows it, and what is ambiguous is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final, Literal

import msgspec

from reports.advice import BuiltFor, Setting
from rules.analysis.grants import grant
from rules.analysis.lifetimes import certificates
from rules.analysis.posture import PostureFact, posture
from rules.model.registration import PLATFORMS, UNSET, Redirect, Registration, read_value

GRAPH: Final = "00000003-0000-0000-c000-000000000000"
DATAVERSE: Final = "00000007-0000-0000-c000-000000000000"
AZURE: Final = "797f4846-ba00-4fd7-ba43-dac1f8f63013"
APIS: Final = {GRAPH: "graph", DATAVERSE: "dataverse", AZURE: "azure"}

_AUDIENCES: Final = {
    "azureadmyorg": "one-tenant",
    "azureadmultipleorgs": "many-tenants",
    "azureadandpersonalmicrosoftaccount": "with-personal",
    "personalmicrosoftaccount": "personal-only",
}

#: Hosts of issuers, and the choice of hosted-on that each means; the first that fits holds.
_ISSUERS: Final = (
    ("token.actions.githubusercontent.com", "github"),
    ("gitlab", "gitlab"),
    ("vstoken.dev.azure.com", "azure-devops"),
    ("app.terraform.io", "terraform-cloud"),
    ("accounts.google.com", "google-cloud"),
    ("oidc.eks.", "kubernetes"),
    ("container.googleapis.com", "kubernetes"),
    ("oic.prod-aks.azure.com", "azure"),
    (".api.aws", "aws"),
)


class Inferred(msgspec.Struct, frozen=True):
    """An answer that a registration gives, or its sign-ins (*seen*), and what says so."""

    question: str
    choice: str
    because: str
    by: Literal["inferred", "seen"] = "inferred"


def infer(app: Registration) -> tuple[Inferred, ...]:
    """The answers that *app* gives, the most reliable first; a question is at most once."""
    found: dict[str, Inferred] = {}
    for one in (*_client(app), *_credential(app), *_aside(app)):
        found.setdefault(one.question, one)
    return tuple(found.values())


def _client(app: Registration) -> Iterator[Inferred]:
    """Who the token is for and where the code runs, where only one thing fits."""
    platforms = {redirect.platform for redirect in app.redirects}
    kinds = _permission_kinds(app)
    if app.redirects:
        yield Inferred("token-for", "user", f"{_platforms(platforms)}: users are redirected to the sign-in page")
    elif _no_user_is_redirected(app):
        yield from _without_pages(app, kinds)
    if len(platforms) == 1:
        yield from _place(app, next(iter(app.redirects)))


def _without_pages(app: Registration, kinds: set[str]) -> Iterator[Inferred]:
    """The same for a client that redirects no user to the sign-in page."""
    exposes = _exposes(app)
    if exposes and "Scope" in kinds:
        yield Inferred("token-for", "user", "api.oauth2PermissionScopes, and delegated permissions of another API")
        yield Inferred("runs-in", "api", "api.oauth2PermissionScopes, and no redirect URI")
    elif exposes and not kinds and _has_no_credential(app):
        because = "api.oauth2PermissionScopes, no redirect URI, no credential, no permission"
        yield Inferred("api", "none", because)
    elif kinds == {"Role"}:
        yield Inferred("token-for", "program", "requiredResourceAccess: only application permissions, no redirect URI")
        yield Inferred("app-permission", "yes", "requiredResourceAccess: application permissions")
    elif exposes is False and not kinds and not _has_no_credential(app):
        yield Inferred("token-for", "program", "a credential, no redirect URI, no permission exposed")
        yield Inferred("app-permission", "yes", "a credential, and no way for users to sign in")


def _no_user_is_redirected(app: Registration) -> bool:
    """Whether all redirect URIs were read, and there is none."""
    return not app.redirects and all(read_value(app, f"{name}.redirectUris") is not UNSET for name in PLATFORMS)


def _exposes(app: Registration) -> bool | None:
    """Whether it exposes delegated permissions; nothing where that was not read."""
    scopes = read_value(app, "api.oauth2PermissionScopes")
    return None if scopes is UNSET else bool(scopes)


def _place(app: Registration, first: Redirect) -> Iterator[Inferred]:
    uris = [redirect.uri.text for redirect in app.redirects]
    if first.platform == "spa":
        if any(uri.startswith("brk-") for uri in uris):
            yield Inferred("runs-in", "office", "spa.redirectUris: brk-… lets Office or Teams act as broker")
            yield Inferred("office-server", "no", "spa.redirectUris: brk-… is nested app authentication")
        elif any("chromiumapp.org" in uri for uri in uris):
            yield Inferred("runs-in", "extension", "spa.redirectUris: the redirect URI of an extension")
        else:
            yield Inferred("runs-in", "browser", "spa.redirectUris")
    elif first.platform == "publicClient":
        if any(uri.startswith(("msauth", "msal")) for uri in uris):
            yield Inferred("runs-in", "mobile", "publicClient.redirectUris: msauth… belongs to a mobile app")
        elif any(uri.startswith("ms-appx-web://") for uri in uris):
            yield Inferred("runs-in", "desktop", "publicClient.redirectUris: the redirect URI of the Windows broker")
    elif any("consent.azure-apim.net" in uri for uri in uris):
        yield Inferred("runs-in", "low-code", "web.redirectUris: the redirect URI of a Power Platform connector")
    elif not _has_no_credential(app):
        yield Inferred("runs-in", "server", "web.redirectUris, and a credential")


def _credential(app: Registration) -> Iterator[Inferred]:
    federated = app.federated_identity_credentials or ()
    for credential in federated:
        issuer, subject = str(credential.issuer or ""), str(credential.subject or "")
        where = next((choice for part, choice in _ISSUERS if part in issuer), "")
        if not where and "login.microsoftonline" in issuer:
            where = "azure-devops" if "/sc/" in subject else "azure"
        if not where and subject.startswith("system:serviceaccount:"):
            where = "kubernetes"
        yield Inferred("hosted-on", where or "other-issuer", f"federatedIdentityCredentials: issuer {issuer[:80]}")
    if federated or not _has_no_credential(app):
        yield Inferred("keeps-credential", "yes", "the registration has a credential")


def _aside(app: Registration) -> Iterator[Inferred]:
    audience = app.sign_in_audience
    if isinstance(audience, str) and audience.casefold() in _AUDIENCES:
        yield Inferred("audience", _AUDIENCES[audience.casefold()], f"signInAudience {audience}")
    resources = {str(access.resource_app_id or "").casefold() for access in app.required_resource_access or ()}
    apis = {APIS[resource] for resource in resources if resource in APIS}
    # Nearly every registration requests the user's name from Graph, so another API is the one that the client calls.
    if len(apis - {"graph"}) == 1:
        yield Inferred("api", next(iter(apis - {"graph"})), "requiredResourceAccess")
    elif apis == {"graph"} and len(resources) == 1:
        yield Inferred("api", "graph", "requiredResourceAccess: Microsoft Graph alone")
    if read_value(app, "web.implicitGrantSettings.enableAccessTokenIssuance") is True:
        yield Inferred("today", "implicit", "web.implicitGrantSettings.enableAccessTokenIssuance")
    elif app.password_credentials:
        yield Inferred("today", "secret", "passwordCredentials")
    elif certificates(app):
        yield Inferred("today", "certificate", "keyCredentials")
    if any(credential.usage == "Sign" for credential in app.key_credentials or ()):
        yield Inferred("own-signing-key", "yes", "keyCredentials: one with usage Sign")


def _permission_kinds(app: Registration) -> set[str]:
    """Whether delegated (Scope) or application (Role) permissions are requested."""
    kinds = set()
    for resource in app.required_resource_access or ():
        kinds |= {str(access.type) for access in resource.resource_access or ()}
    return kinds & {"Scope", "Role"}


def _has_no_credential(app: Registration) -> bool:
    lists = (app.password_credentials, app.key_credentials, app.federated_identity_credentials)
    return not any(credentials or False for credentials in lists if credentials is not UNSET)


def _platforms(platforms: Iterable[str]) -> str:
    return " and ".join(f"{platform}.redirectUris" for platform in sorted(platforms))


def built_for(app: Registration, name: str, now: datetime) -> BuiltFor:
    """What *app* is built for: each grant for which something was set up, and what works besides without need."""
    facts = {fact.grant: fact for fact in posture(app, now)}
    evidence = dict(_evidence(app, facts))
    besides = [
        Setting(property=fact.grant, value=grant(fact.grant).title, why=fact.note)
        for fact in facts.values()
        if fact.state == "allowed" and fact.grant not in evidence
    ]
    grants = [
        Setting(
            property=name, value=grant(name).title + ("" if works else ", but this grant does not work today"), why=why
        )
        for name, (why, works) in evidence.items()
    ]
    return BuiltFor(
        registration=name,
        app_id=str(app.app_id or ""),
        grants=tuple(grants),
        besides=tuple(besides),
        answers=tuple(f"{one.question}={one.choice} ({one.because})" for one in infer(app)),
        not_read=tuple(f"{fact.grant}: {fact.note}" for fact in facts.values() if fact.state == "unknown"),
    )


def _evidence(app: Registration, facts: dict[str, PostureFact]) -> Iterator[tuple[str, tuple[str, bool]]]:
    """For each grant the property that was set for it, and whether the grant works today."""
    kinds = _permission_kinds(app)
    platforms = {redirect.platform for redirect in app.redirects}
    id_tokens = read_value(app, "web.implicitGrantSettings.enableIdTokenIssuance") is True
    access_tokens = read_value(app, "web.implicitGrantSettings.enableAccessTokenIssuance") is True
    exposes = _exposes(app)
    alone = _no_user_is_redirected(app) and exposes is False and not _has_no_credential(app)
    signs = [
        ("authorization_code", bool(platforms), f"redirect URIs on {', '.join(sorted(platforms))}"),
        ("implicit", access_tokens, "web.implicitGrantSettings.enableAccessTokenIssuance"),
        ("hybrid", id_tokens and not access_tokens, "web.implicitGrantSettings.enableIdTokenIssuance"),
        ("client_credentials", "Role" in kinds, "application permissions in requiredResourceAccess"),
        ("client_credentials", alone and "Role" not in kinds, "a credential, and no way for users to sign in"),
        (
            "on_behalf_of",
            bool(exposes) and "Scope" in kinds,
            "the registration exposes permissions and requests delegated permissions",
        ),
        ("device_code", app.is_fallback_public_client is True, "isFallbackPublicClient"),
    ]
    for name, there, why in signs:
        if there:
            yield name, (why, facts[name].state != "blocked")
    if not any(there for _, there, _ in signs) and exposes:
        yield (
            "none",
            (
                "the registration exposes permissions and requests none: it validates the tokens of its callers",
                True,
            ),
        )
