"""What several registrations of one run have in common and should not.

Registrations are told apart by their appId: two files that hold one application are one, and what has no appId yet is not
compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Final

import msgspec

from rules.analysis.lifetimes import certificates
from rules.engine.rule import Bad, Context, Good, Subject, rule
from rules.model.finding import Because, Hit
from rules.model.registration import Registration
from rules.primitives.texts import counted

_URIS: Final = ("web.redirectUris", "spa.redirectUris", "publicClient.redirectUris")

#: Where a value stands: the registration, a pointer, and the value.
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


def _shared(places: Iterable[_Place]) -> Iterator[tuple[Subject, str, _Others]]:
    """Each place of a value that stands on several registrations, with the others, once for each value and registration."""
    first: dict[str, _Place] = {}
    groups: dict[str, dict[str, tuple[Subject, str]]] = {}
    for place in places:
        subject, pointer, value = place
        known = first.setdefault(value, place)
        if known is not place:  # nearly every value stands on one registration
            group = groups.setdefault(value, {})
            for member, where in ((known[0], known[1]), (subject, pointer)):
                app_id = member.app.app_id
                if isinstance(app_id, str) and app_id:
                    group.setdefault(app_id.lower(), (member, where))
    for members in groups.values():
        beginning = [member for member, _ in islice(members.values(), 4)]
        for subject, pointer in members.values() if len(members) > 1 else ():
            some = tuple(other for other in beginning if other is not subject)[:3]
            yield subject, pointer, _Others(some, len(members) - 1)


@rule(
    "shared-certificate", on="registrations",
    severity="medium",
    needs=("keyCredentials", "appId"),
    checks=("CR-12",),
    references=("entra:app-best-practices#credentials", "graph:keycredential"),
    bad=Bad({}, at="/keyCredentials/0", other_registrations=({"keyCredentials": [{"keyId": "k", "customKeyIdentifier": "q1w2e3r4t5", "usage": "Verify", "startDateTime": "2025-11-01T00:00:00Z", "endDateTime": "2026-09-01T00:00:00Z"}]},)),
    good=Good({}, other_registrations=({"keyCredentials": [{"keyId": "k", "customKeyIdentifier": "other", "usage": "Verify", "startDateTime": "2025-11-01T00:00:00Z", "endDateTime": "2026-09-01T00:00:00Z"}]},)),
    base="web",
)  # fmt: skip
def shared_certificate(subjects: Sequence[Subject], context: Context) -> Iterator[tuple[Subject, Hit]]:
    """One certificate opens several registrations.

    Why: Whoever has its key is all of these clients, with the permissions of each.
    Fix: Give each client a certificate of its own.
    """
    places = (
        (subject, life.pointer, life.credential.custom_key_identifier)
        for subject in subjects
        if subject.app.key_credentials
        for life in certificates(subject.app)
        if isinstance(life.credential.custom_key_identifier, str)
        and life.credential.custom_key_identifier
        and not life.has_ended(context.now)
    )
    for subject, pointer, others in _shared(places):
        yield subject, Hit(pointer=pointer, message=f"shares a certificate with {others.names}")


@rule(
    "shared-federated-subject", on="registrations",
    severity="low",
    needs=("federatedIdentityCredentials", "appId"),
    references=("entra:federated-credential-considerations#general", "entra:app-best-practices#credentials"),
    bad=Bad({}, at="/federatedIdentityCredentials/0", other_registrations=({"federatedIdentityCredentials": [{"name": "x", "issuer": "https://login.microsoftonline.com/0f0f0f0f-0000-4000-8000-000000000001/v2.0", "subject": "55555555-5555-4555-8555-555555555551", "audiences": ["api://AzureADTokenExchange"], "claimsMatchingExpression": None}]},)),
    good=Good({}, other_registrations=({"federatedIdentityCredentials": [{"name": "x", "issuer": "https://gitlab.com", "subject": "55555555-5555-4555-8555-555555555551", "audiences": ["api://AzureADTokenExchange"], "claimsMatchingExpression": None}]},)),
    base="daemon",
)  # fmt: skip
def shared_federated_subject(subjects: Sequence[Subject], _: Context) -> Iterator[tuple[Subject, Hit]]:
    """One workload may act as several registrations.

    Why: Whoever gets into that workload is all of these clients.
    Fix: Give each workload an identity of its own, and each registration one workload.
    """
    places = (
        (subject, f"/federatedIdentityCredentials/{index}", f"{credential.issuer}\0{credential.subject}")
        for subject in subjects
        for index, credential in enumerate(subject.app.federated_identity_credentials or ())
        if isinstance(credential.issuer, str) and isinstance(credential.subject, str) and credential.subject
    )
    for subject, pointer, others in _shared(places):
        yield subject, Hit(pointer=pointer, message=f"accepts the same workload as {others.names}")


@rule(
    "shared-redirect-uri", on="registrations",
    severity="low",
    needs=(*_URIS, "appId"),
    checks=("RU-23",),
    references=("rfc:9700#4.4", "entra:app-best-practices#redirect-uris"),
    bad=Bad({}, at="/web/redirectUris/0", other_registrations=({"web": {"redirectUris": ["https://PORTAL.contoso.com/signin-oidc"]}},)),
    good=(
        Good({}, other_registrations=({"web": {"redirectUris": ["https://portal.contoso.com/other"]}},)),
        Good({"web": {"redirectUris": ["http://localhost"]}}, why="each person's own device", other_registrations=({"web": {"redirectUris": ["http://localhost"]}},)),
    ),
    base="web",
)  # fmt: skip
def shared_redirect_uri(subjects: Sequence[Subject], _: Context) -> Iterator[tuple[Subject, Hit]]:
    """One redirect URI is registered with several clients.

    Why: Codes and tokens of one client reach the page of the other, which may take them for its own.
    Fix: Give each client an address of its own, or make them one registration.
    """
    places = (
        (subject, place.pointer, place.uri.identity)
        for subject in subjects
        for place in subject.app.redirects
        if place.uri.is_web
        and not place.uri.is_loopback
        and place.uri.host not in ("login.microsoftonline.com", "login.live.com")
    )
    for subject, pointer, others in _shared(places):
        yield subject, Hit(pointer=pointer, message=f"shares a redirect URI with {others.names}")


@rule(
    "clashing-identifier-uri",
    on="registrations",
    severity="medium",
    needs=("identifierUris", "appId"),
    references=("entra:identifier-uri-restrictions#secure-patterns",),
    bad=Bad(
        {},
        at="/identifierUris/0",
        other_registrations=({"identifierUris": ["API://11111111-1111-4111-8111-111111111115/"]},),
    ),
    good=Good({}, other_registrations=({"identifierUris": ["api://11111111-1111-4111-8111-111111111115/v2"]},)),
    base="api",
)
def clashing_identifier_uri(subjects: Sequence[Subject], _: Context) -> Iterator[tuple[Subject, Hit]]:
    """Two registrations have one identifier URI, but for case or a final slash.

    Why: A token for one names an audience that the other takes for its own.
    Fix: Use the default URI, which has the appId in it.
    """
    places = (
        (subject, f"/identifierUris/{index}", uri.casefold().rstrip("/"))
        for subject in subjects
        for index, uri in enumerate(subject.app.identifier_uris or ())
        if f"/identifierUris/{index}" not in subject.app.unread
    )
    for subject, pointer, others in _shared(places):
        yield subject, Hit(pointer=pointer, message=f"has an identifier URI like that of {others.names}")


@rule(
    "same-name",
    on="registrations",
    severity="info",
    needs=("displayName", "appId"),
    checks=("OW-12",),
    references=("entra:app-best-practices",),
    bad=Bad({}, at="/displayName", other_registrations=({"displayName": "contoso  portal"},)),
    good=Good({}, other_registrations=({"displayName": "Contoso Portal 2"},)),
    base="web",
)
def same_name(subjects: Sequence[Subject], _: Context) -> Iterator[tuple[Subject, Hit]]:
    """Several registrations have one name, but for case and blanks.

    Why: On a consent page and in logs nobody can tell them apart, and an imitation hides among them.
    Fix: Say in the name what each is for, such as the environment.
    """
    places = (
        (subject, "/displayName", " ".join(subject.app.display_name.casefold().split()))
        for subject in subjects
        if isinstance(subject.app.display_name, str)
        and subject.app.display_name
        and "/displayName" not in subject.app.unread
    )
    for subject, pointer, others in _shared(places):
        yield subject, Hit(pointer=pointer, message=f"has the name of {counted(others.count, 'other registration')}")


def _by_id(subjects: Sequence[Subject]) -> dict[str, Registration]:
    return {subject.app.app_id.lower(): subject.app for subject in subjects if isinstance(subject.app.app_id, str)}


@rule(
    "weak-client-authorised-in-advance", on="registrations",
    severity="medium",
    needs=("api.preAuthorizedApplications", "appId"),
    checks=("EX-08",),
    references=("graph:preauthorizedapplication", "entra:app-manifest"),
    bad=Bad(
        {"api": {"preAuthorizedApplications": [{"appId": "99999999-9999-4999-8999-999999999990", "delegatedPermissionIds": ["66666666-6666-4666-8666-666666666661"]}]}},
        at="/api/preAuthorizedApplications/0", other_registrations=({"isFallbackPublicClient": True},),
    ),
    good=Good(
        {"api": {"preAuthorizedApplications": [{"appId": "99999999-9999-4999-8999-999999999990", "delegatedPermissionIds": ["66666666-6666-4666-8666-666666666661"]}]}},
        why="a client that keeps a credential", other_registrations=({},),
    ),
    base="api",
)  # fmt: skip
def weak_client_authorised_in_advance(subjects: Sequence[Subject], _: Context) -> Iterator[tuple[Subject, Hit]]:
    """People are not asked before a client that strangers can use, or anybody can copy, gets their tokens.

    Why: Whoever starts a sign-in with that client's appId gets a token for the API, and nobody sees a question.
    Fix: Take the client out of preAuthorizedApplications, or make it one that keeps a credential and is for your tenant.
    """
    known = _by_id(subjects)
    for subject in subjects:
        api = subject.app.api
        for index, client in enumerate(api.pre_authorized_applications or () if api else ()):
            other = known.get(client.app_id.lower()) if isinstance(client.app_id, str) else None
            if other is None or other is subject.app:
                continue
            public = other.is_fallback_public_client is True or bool(
                other.public_client and other.public_client.redirect_uris
            )
            if public or other.is_multi_tenant:
                what = "a public client" if public else "a client for other tenants"
                pointer = f"/api/preAuthorizedApplications/{index}"
                because = (Because(pointer, f"{other.display_name or other.app_id} is {what}"),)
                yield (
                    subject,
                    Hit(pointer=pointer, message=f"asks nobody before {what} gets tokens for it", because=because),
                )


@rule(
    "known-client-that-does-not-ask", on="registrations",
    severity="low",
    needs=("api.knownClientApplications", "appId"),
    checks=("EX-10",),
    references=("entra:app-manifest", "graph:apiapplication"),
    bad=Bad({"api": {"knownClientApplications": ["99999999-9999-4999-8999-999999999990"]}}, at="/api/knownClientApplications/0", other_registrations=({},)),
    good=Good(
        {"api": {"knownClientApplications": ["99999999-9999-4999-8999-999999999990"]}},
        other_registrations=({"requiredResourceAccess": [{"resourceAppId": "11111111-1111-4111-8111-111111111115", "resourceAccess": []}]},),
    ),
    base="api",
)  # fmt: skip
def known_client_that_does_not_ask(subjects: Sequence[Subject], _: Context) -> Iterator[tuple[Subject, Hit]]:
    """A client shares its consent with this API and does not ask for it.

    Why: Consent to that client reaches further than its permissions say, or the entry is a leftover.
    Fix: Let the client ask for the API, or take it out of knownClientApplications.
    """
    known = _by_id(subjects)
    for subject in subjects:
        api, own = subject.app.api, subject.app.app_id
        for index, client in enumerate(api.known_client_applications or () if api else ()):
            other = known.get(client.lower())
            asked = other.required_resource_access if other else None
            if other is None or not (asked is None or isinstance(asked, tuple)) or not isinstance(own, str):
                continue
            if not any(str(resource.resource_app_id).lower() == own.lower() for resource in asked or ()):
                says = f"shares its consent with {other.display_name or client}, which does not ask for it"
                yield subject, Hit(pointer=f"/api/knownClientApplications/{index}", message=says, remove=True)
