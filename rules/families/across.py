"""What several registrations of one run have in common and should not.

Registrations are distinguished by their appId: two files with one appId are one application. A registration without an
appId is not compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Final

import msgspec

from rules.analysis.clients import has_guid_audience, preauthorizes_nothing
from rules.analysis.federation import Placed, federated
from rules.analysis.lifetimes import SYMMETRIC, certificate_identity, certificates
from rules.engine.rule import Bad, Context, Good, Subject, rule
from rules.knowledge.hosts import is_debugging, redirect_endpoint
from rules.model.finding import Because, Hit, Severity
from rules.model.fragments import CERTIFICATE, FEDERATED, REDIRECT_URIS, SELF_SIGNED, WEB_0, native, spa, web
from rules.model.fragments import certificates as keys
from rules.model.registration import DISABLED, UNSET, Registration, Unread, disabled_at
from rules.primitives.texts import counted

_OTHER_ID: Final = "99999999-9999-4999-8999-999999999990"
_BRANCH: Final = "project_path:contoso/app:ref_type:branch:ref:main"
_FLEXIBLE: Final = {
    **FEDERATED,
    "subject": None,
    "claimsMatchingExpression": {
        "value": f"claims['sub'] eq '{_BRANCH}'",
        "languageVersion": 1,
    },
}


def _preauthorized(*scopes: str) -> dict[str, Any]:
    """The other client, preauthorized for *scopes* by their IDs."""
    return {
        "api": {"preAuthorizedApplications": [{"appId": _OTHER_ID, "delegatedPermissionIds": list(scopes)}]},
    }


_PREAUTHORIZED: Final = _preauthorized("66666666-6666-4666-8666-666666666661")
_KNOWN: Final = {"api": {"knownClientApplications": [_OTHER_ID]}}

_SAME_URI: Final = {"identifierUris": ["API://11111111-1111-4111-8111-111111111115/"]}
_VERSION_1: Final[dict[str, Any]] = {"api": {"requestedAccessTokenVersion": None}}

#: The ID of a template of the gallery, for SAML.
_AWS: Final = "8b1025e4-1dd2-430b-a150-2ef79cd700f5"

#: Where a value is: the registration, a pointer, and the value.
_Place = tuple[Subject, str, str]


class _Others(msgspec.Struct, frozen=True):
    """The other registrations with a value: some of them, and how many there are."""

    some: tuple[Subject, ...]
    count: int

    @property
    def names(self) -> str:
        """Who they are; of many only the first three."""
        names = ", ".join(str(other.app.display_name or other.app.app_id) for other in self.some)
        more = self.count - len(self.some)
        return f"{names} and {more} more" if more > 0 else names


def _shared(places: Iterable[_Place]) -> Iterator[tuple[_Place, _Others]]:
    """Each place of a value of several registrations, with the others, once for each value and registration."""
    first: dict[str, _Place] = {}
    groups: dict[str, dict[str, _Place]] = {}
    for place in places:
        known = first.setdefault(place[2], place)
        if known is not place:  # nearly every value is that of one registration
            group = groups.setdefault(place[2], {})
            for member in (known, place):
                app_id = member[0].app.app_id
                if isinstance(app_id, str) and app_id:
                    group.setdefault(app_id.lower(), member)
    for members in groups.values():
        beginning = [member[0] for member in islice(members.values(), 4)]
        for place in members.values() if len(members) > 1 else ():
            some = tuple(other for other in beginning if other is not place[0])[:3]
            yield place, _Others(some, len(members) - 1)


@rule(
    "shared-certificate",
    on="registrations",
    kinds=("application", "blueprint"),
    severity="medium",
    needs=("keyCredentials", "appId"),
    checks=("CR-12",),
    references=("entra:app-best-practices#credentials", "graph:keycredential"),
    bad=(
        # The thumbprint in base64 and in hexadecimal.
        Bad(
            keys({}),
            at="/keyCredentials/0",
            other_registrations=(keys({"customKeyIdentifier": "DA20FCA696C4F83E8A9AED59BE33368ED421F3C1"}),),
        ),
        Bad(
            keys({"customKeyIdentifier": None, "key": SELF_SIGNED}),
            at="/keyCredentials/0",
            expected_rules=("self-signed-certificate",),
            other_registrations=(keys({"customKeyIdentifier": None, "key": SELF_SIGNED}),),
        ),
    ),
    good=(
        Good(keys({}), other_registrations=(keys({"customKeyIdentifier": "aaD8ppbE+D6Kmu1ZvjM2jtQh88E="}),)),
        Good(
            keys({"customKeyIdentifier": "cHJvZA=="}),
            other_registrations=(keys({"customKeyIdentifier": "cHJvZA=="}),),
            why="the identifier is a label",
        ),
        Good(
            keys({"customKeyIdentifier": "cHJvZHVjdGlvbi1jZXJ0LTIwMjY="}),
            other_registrations=(keys({"customKeyIdentifier": "cHJvZHVjdGlvbi1jZXJ0LTIwMjY="}),),
            why="a label of 20 letters is not a thumbprint",
        ),
        Good(
            keys({"type": "Symmetric"}),
            other_registrations=(keys({"type": "Symmetric"}),),
            why="a symmetric key has no certificate",
        ),
        Good(
            keys({"usage": "Encrypt"}),
            other_registrations=({"keyCredentials": [{**CERTIFICATE, "usage": "Encrypt"}]},),
            why="the key encrypts SAML assertions and authenticates no client",
        ),
    ),
    base="web",
)
def shared_certificate(subjects: Sequence[Subject], context: Context) -> Iterator[tuple[Subject, Hit]]:
    """One certificate authenticates several registrations.

    Why: An attacker who gets the shared private key can act as every client that uses it, with all their permissions.
        grantlint compares public keys, or thumbprints where no key was read.
    Acceptable: Never. Microsoft advises not to share credentials across applications.
    Fix: Add a separate certificate to each registration, and give it to the client. Then remove the shared certificate.
    """
    places = (
        (subject, life.pointer, identity)
        for subject in subjects
        if subject.app.key_credentials
        for life in certificates(subject.app)
        if life.kind != SYMMETRIC
        and (identity := certificate_identity(life.credential))
        and not life.has_ended(context.now)
    )
    for (subject, pointer, _value), others in _shared(places):
        yield subject, Hit(pointer=pointer, message=f"shares a certificate with {others.names}")


@rule(
    "shared-federated-subject",
    on="registrations",
    kinds=("application", "blueprint"),
    severity="low",
    needs=("federatedIdentityCredentials", "appId"),
    references=("entra:app-best-practices#credentials",),
    bad=(
        Bad(
            {"federatedIdentityCredentials": [FEDERATED]},
            at="/federatedIdentityCredentials/0",
            other_registrations=({"federatedIdentityCredentials": [{**FEDERATED, "name": "x"}]},),
        ),
        Bad(
            {"federatedIdentityCredentials": [_FLEXIBLE]},
            at="/federatedIdentityCredentials/0",
            other_registrations=({"federatedIdentityCredentials": [{**_FLEXIBLE, "name": "x"}]},),
        ),
        Bad(
            {"federatedIdentityCredentials": [_FLEXIBLE]},
            at="/federatedIdentityCredentials/0",
            other_registrations=({"federatedIdentityCredentials": [{**FEDERATED, "subject": _BRANCH}]},),
        ),
    ),
    good=(
        Good(
            {"federatedIdentityCredentials": [FEDERATED]},
            other_registrations=(
                {"federatedIdentityCredentials": [{**FEDERATED, "subject": "project_path:contoso/other"}]},
            ),
        ),
    ),
    base="daemon",
)
def shared_federated_subject(subjects: Sequence[Subject], _: Context) -> Iterator[tuple[Subject, Hit]]:
    """Several registrations trust the same federated subject or expression.

    Why: An attacker who controls a matching workload can act as all of these clients. grantlint compares subjects and
        expressions as they are written. grantlint does not compare which subjects an expression matches.
    Acceptable: One workload may need to sign in as each of these apps. The apps can share the subject if the workload
        may have the permissions of all these apps.
    Fix: Use a workload with a separate subject for each client. Then remove the shared credential.
    """
    places = (
        (subject, place.pointer, f"{place.credential.issuer}\0{workload}")
        for subject in subjects
        for place in federated(subject.app)
        if isinstance(place.credential.issuer, str)
        and not place.matches_nothing
        and (workload := _workload(place))
        and not any(unread.startswith(f"{place.pointer}/") for unread in subject.app.unread)
    )
    for (subject, pointer, _value), others in _shared(places):
        yield subject, Hit(pointer=pointer, message=f"trusts the same federated workload as {others.names}")


def _workload(place: Placed) -> str:
    """The subject that the credential at *place* accepts, else its expression; empty for neither.

    An expression that fixes only the subject accepts the same workload as a credential with that subject.
    """
    _, conditions = place.conditions
    if len(conditions) == 1 and conditions[0].claim == "sub" and not conditions[0].is_open:
        return conditions[0].value
    return place.expression or ""


@rule(
    "shared-redirect-uri",
    on="registrations",
    severity="low",
    needs=(*REDIRECT_URIS, "appId", "appRoles"),
    checks=("RU-23",),
    references=("entra:app-best-practices#redirect-uris", "entra:aws-single-account-access"),
    bad=Bad({}, at=WEB_0, other_registrations=(web("https://PORTAL.contoso.com/signin-oidc"),)),
    good=(
        Good({}, other_registrations=(web("https://portal.contoso.com/other"),)),
        Good(
            web("http://localhost"),
            why="the URI is on the device of each user",
            other_registrations=(web("http://localhost"),),
        ),
        Good(
            web("https://token.botframework.com/.auth/web/redirect"),
            why="every bot must register the URI",
            other_registrations=(web("https://token.botframework.com/.auth/web/redirect"),),
        ),
        Good(
            native("https://login.microsoftonline.us/common/oauth2/nativeclient"),
            why="a page of the sign-in service",
            other_registrations=(native("https://login.microsoftonline.us/common/oauth2/nativeclient"),),
        ),
        Good(
            {**web("https://signin.aws.amazon.com/saml"), "applicationTemplateId": _AWS},
            why="a gallery app: one page of AWS is for the SAML responses of all accounts",
            other_registrations=({**web("https://signin.aws.amazon.com/saml"), "applicationTemplateId": _AWS},),
        ),
    ),
    base="web",
)
def shared_redirect_uri(subjects: Sequence[Subject], _: Context) -> Iterator[tuple[Subject, Hit]]:
    """One redirect URI is registered with several clients.

    Why: If the organization loses the host of the URI, an attacker who gets the host can compromise all these clients.
    Acceptable: One web app may need several registrations. The registrations can share the URI while you own its host.
    Fix: Register a separate redirect URI for each client, and configure the client to use this URI. Then remove the
        shared redirect URI.
    """
    places = (
        (subject, place.pointer, place.uri.identity)
        for subject in subjects
        if not subject.app.is_gallery_app
        for place in subject.app.redirects
        if place.uri.is_web and not place.uri.is_loopback and not _is_shared_by_design(place.uri.host or "")
    )
    for (subject, pointer, _value), others in _shared(places):
        yield subject, Hit(pointer=pointer, message=f"shares a redirect URI with {others.names}")


def _is_shared_by_design(host: str) -> bool:
    """Whether many registrations share a host by design, or it is a site for debugging, which has a rule of its own."""
    return redirect_endpoint(host) is not None or is_debugging(host)


@rule(
    "duplicate-identifier-uri",
    on="registrations",
    kinds=("application", "blueprint"),
    severity="medium",
    may_be=("low",),
    needs=("identifierUris", "appId", "appRoles", "api.requestedAccessTokenVersion"),
    references=(
        "entra:identifier-uri-restrictions#secure-patterns",
        "entra:app-best-practices#identifier-uri",
        "entra:secure-mcp-server-with-entra-id#faq",
        "entra:aws-single-account-access",
    ),
    bad=(
        Bad({}, at="/identifierUris/0", severity="low", other_registrations=(_SAME_URI,)),
        Bad({}, at="/identifierUris/0", severity="low", other_registrations=({**_SAME_URI, **_VERSION_1},)),
        Bad(_VERSION_1, at="/identifierUris/0", other_registrations=({**_SAME_URI, **_VERSION_1},)),
    ),
    good=(
        Good({}, other_registrations=({"identifierUris": ["api://11111111-1111-4111-8111-111111111115/v2"]},)),
        Good(
            {"identifierUris": ["https://signin.aws.amazon.com/saml"], "applicationTemplateId": _AWS},
            why="a gallery app: AWS uses the URI as its SAML identifier",
            other_registrations=(
                {"identifierUris": ["https://signin.aws.amazon.com/saml"], "applicationTemplateId": _AWS},
            ),
        ),
    ),
    base="api",
)
def duplicate_identifier_uri(subjects: Sequence[Subject], _: Context) -> Iterator[tuple[Subject, Hit]]:
    """Several registrations have the same identifier URI.

    Why: The identifier URI can be the audience of version 1 access tokens. If two APIs use version 1, each API may
        accept tokens for the other API. The identifier URI is also the prefix of scopes in requests, so clients can
        confuse the two APIs. To compare identifier URIs, grantlint ignores letter case and a final slash.
    Acceptable: Single-tenant APIs of different tenants can have the same URI, if each validates the tenant that issued
        the token. The URI is also acceptable as the SAML identifier of one app in several tenants.
    Fix: Add the default URI, which contains the appId, to identifierUris. Configure the API to
        accept the default URI as the audience, and the clients to request this URI. Then remove the shared URI.
    """
    places = [
        (subject, f"/identifierUris/{index}", uri.casefold().rstrip("/"))
        for subject in subjects
        if not subject.app.is_gallery_app
        for index, uri in enumerate(subject.app.identifier_uris or ())
        if f"/identifierUris/{index}" not in subject.app.unread and uri.strip("/ ")
    ]
    version_1: dict[str, set[str]] = {}
    for subject, _pointer, uri in places:
        if _has_uri_audience(subject):
            version_1.setdefault(uri, set()).add(str(subject.app.app_id).lower())
    for (subject, pointer, uri), others in _shared(places):
        ids = version_1.get(uri, set())
        is_audience = len(ids) > 1 and str(subject.app.app_id).lower() in ids
        severity: Severity = "medium" if is_audience else "low"
        words = "; the URI can be the audience of version 1 tokens" if is_audience else ""
        says = f"shares an identifier URI with {others.names}{words}"
        yield subject, Hit(pointer=pointer, message=says, severity=severity)


def _has_uri_audience(subject: Subject) -> bool:
    """Whether a URI may be the audience of its tokens: null is version 1, what was not read is left out."""
    version = subject.read("api.requestedAccessTokenVersion")
    return version != 2 and not isinstance(version, Unread) and not has_guid_audience(subject.app)


@rule(
    "duplicate-display-name",
    on="registrations",
    kinds=("application", "blueprint"),
    severity="info",
    needs=("displayName", "appId"),
    checks=("OW-12",),
    references=("entra:application-consent-experience",),
    bad=Bad({}, at="/displayName", other_registrations=({"displayName": "contoso  portal"},)),
    good=Good({}, other_registrations=({"displayName": "Contoso Portal 2"},)),
    base="web",
)
def duplicate_display_name(subjects: Sequence[Subject], _: Context) -> Iterator[tuple[Subject, Hit]]:
    """Several registrations have the same name, except for case and spaces.

    Why: The consent prompt shows the name, and Microsoft Entra ID does not validate who owns it. Users cannot
        distinguish these apps by name from each other, or from an impostor.
    Acceptable: The same name is acceptable if only administrators use these apps, and distinguish them by client ID.
    Fix: Add the purpose of each app to its displayName, such as the environment.
    """
    places = (
        (subject, "/displayName", " ".join(subject.app.display_name.casefold().split()))
        for subject in subjects
        if isinstance(subject.app.display_name, str)
        and subject.app.display_name.strip()
        and "/displayName" not in subject.app.unread
    )
    for (subject, pointer, _value), others in _shared(places):
        yield (
            subject,
            Hit(pointer=pointer, message=f"has the same name as {counted(others.count, 'other registration')}"),
        )


def _by_id(subjects: Sequence[Subject]) -> dict[str, Registration]:
    return {subject.app.app_id.lower(): subject.app for subject in subjects if isinstance(subject.app.app_id, str)}


@rule(
    "pre-authorized-weak-client",
    on="registrations",
    kinds=("application", "blueprint"),
    severity="medium",
    may_be=("low",),
    needs=(
        "api.preAuthorizedApplications",
        "appId",
        "isFallbackPublicClient",
        "spa.redirectUris",
        "publicClient.redirectUris",
    ),
    checks=("EX-08",),
    references=("graph:preauthorizedapplication", "entra:app-manifest", "rfc:8252#8.6"),
    bad=(
        Bad(
            _PREAUTHORIZED,
            at="/api/preAuthorizedApplications/0",
            other_registrations=({"isFallbackPublicClient": True},),
        ),
        Bad(
            _PREAUTHORIZED,
            at="/api/preAuthorizedApplications/0",
            severity="low",
            other_registrations=(spa("https://orders.contoso.com/"),),
        ),
        # No token is issued to a deactivated client.
        Bad(
            _PREAUTHORIZED,
            at="/api/preAuthorizedApplications/0",
            severity="low",
            other_registrations=({"isFallbackPublicClient": True, "isDisabled": True},),
        ),
    ),
    good=(
        Good(_PREAUTHORIZED, why="a confidential client", other_registrations=({},)),
        Good(
            _PREAUTHORIZED,
            why="a confidential client for many tenants receives codes at its own host alone",
            other_registrations=({**web("https://orders.contoso.com/cb"), "signInAudience": "AzureADMultipleOrgs"},),
        ),
        Good(
            _preauthorized(),
            why="no permission is preauthorized, so the user is asked for consent",
            other_registrations=({"isFallbackPublicClient": True},),
        ),
        Good(
            _preauthorized("66666666-6666-4666-8666-66666666666f"),
            why="the API has no scope with this ID",
            other_registrations=({"isFallbackPublicClient": True},),
        ),
    ),
    base="api",
)
def pre_authorized_weak_client(subjects: Sequence[Subject], _: Context) -> Iterator[tuple[Subject, Hit]]:
    """A public client is preauthorized, so users are not asked for consent.

    Why: Users cannot refuse the listed permissions, because they are not asked for consent. An attacker's app can use
        the client ID of a native app, because the client ID is public.
    Acceptable: The client can stay preauthorized if you operate the client and the API, and users expect this access.
        Only the listed permissions skip consent.
    Fix: Remove the client from api.preAuthorizedApplications. After that, users or an administrator must consent to the
        permissions. Users who may not consent cannot use the API with this client until an administrator consents.
    """
    known = _by_id(subjects)
    for subject in subjects:
        api = subject.app.api
        for index, client in enumerate(api.pre_authorized_applications or () if api else ()):
            other = known.get(client.app_id.lower()) if isinstance(client.app_id, str) else None
            pointer = f"/api/preAuthorizedApplications/{index}"
            if other is None or other is subject.app or preauthorizes_nothing(subject.app, client, pointer):
                continue
            what, severity = _public_kind(other)
            if what:
                because = (Because(pointer, f"{other.display_name or other.app_id} is {what}"),)
                says = f"preauthorizes {other.display_name or other.app_id}, {what}"
                yield subject, Hit(pointer=pointer, message=says, because=because, severity=severity)


def _public_kind(app: Registration) -> tuple[str, Severity]:
    """What kind of public client *app* is, and how bad that is; empty for a confidential one.

    A single-page app receives its code at a host that its owner controls; a native client's URI can be claimed.
    """
    is_native = app.is_fallback_public_client is True or (app.public_client and app.public_client.redirect_uris)
    what = "a public client" if is_native else "a single-page app" if app.spa and app.spa.redirect_uris else ""
    where = disabled_at(app)
    if what and where:  # no token is issued to it
        return f"{what} that is {DISABLED[where]}", "low"
    return what, "medium" if is_native else "low"


@rule(
    "unused-known-client",
    on="registrations",
    kinds=("application", "blueprint"),
    severity="low",
    needs=("api.knownClientApplications", "appId", "requiredResourceAccess"),
    checks=("EX-10",),
    references=("entra:app-manifest", "graph:apiapplication"),
    bad=Bad(_KNOWN, at="/api/knownClientApplications/0", other_registrations=({},)),
    good=(
        Good(
            _KNOWN,
            other_registrations=(
                {
                    "requiredResourceAccess": [
                        {"resourceAppId": "11111111-1111-4111-8111-111111111115", "resourceAccess": []}
                    ]
                },
            ),
        ),
        Good(
            {"api": {"knownClientApplications": ["11111111-1111-4111-8111-111111111115"]}},
            why="the API itself is not another client",
            other_registrations=({},),
        ),
    ),
    base="api",
)
def unused_known_client(subjects: Sequence[Subject], _: Context) -> Iterator[tuple[Subject, Hit]]:
    """A known client of this API does not request the API.

    Why: Consent to a known client implies consent to this API. The requested permissions of the client do not show this
        consent. The entry may also be outdated.
    Acceptable: The entry can remain if the client requests the API only in its token requests, and not in its
        registration.
    Fix: Add the API to requiredResourceAccess of the client, or remove the client from api.knownClientApplications.
    """
    known = _by_id(subjects)
    for subject in subjects:
        api, own = subject.app.api, subject.app.app_id
        for index, client in enumerate(api.known_client_applications or () if api else ()):
            other = known.get(client.lower())
            asked = other.required_resource_access if other else None
            if other is None or other is subject.app or not isinstance(own, str):
                continue
            if asked is UNSET or any(place.startswith("/requiredResourceAccess") for place in other.unread):
                continue
            if not any(str(resource.resource_app_id).lower() == own.lower() for resource in asked or ()):
                says = f"has the known client {other.display_name or client}, which does not request this API"
                yield subject, Hit(pointer=f"/api/knownClientApplications/{index}", message=says, remove=True)
