"""Credentials that are too many, of the wrong kind, without a name, or of no use."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from rules.analysis.lifetimes import certificates, secrets
from rules.engine.rule import Bad, Context, Good, rule
from rules.model.finding import Because, Hit
from rules.model.registration import HIDDEN, Registration
from rules.primitives.dates import day

_BOTH: Final = ("passwordCredentials", "keyCredentials")
_SECRET: Final = {
    "keyId": "33333333-3333-4333-8333-333333333332",
    "displayName": "deploy",
    "startDateTime": "2025-12-01T00:00:00Z",
    "endDateTime": "2026-05-01T00:00:00Z",
}
_PRESENCE: Final = ("password-credential",)


def _secrets(*more: dict[str, Any]) -> list[dict[str, Any]]:
    return [{**_SECRET, "keyId": f"k{number}", **change} for number, change in enumerate(more)]


@rule(
    "secret-in-file",
    severity="critical",
    needs=_BOTH,
    when_set=_BOTH,
    checks=("CR-13",),
    references=("entra:app-best-practices#credentials", "graph:passwordcredential"),
    bad=Bad(
        {"passwordCredentials": [{**_SECRET, "secretText": "abc~"}]},
        at="/passwordCredentials/0",
        expected_rules=_PRESENCE,
    ),
    good=Good(
        {"passwordCredentials": [{**_SECRET, "secretText": None}]}, why="Graph returns null after the first time"
    ),
    base="web",
)
def secret_in_file(app: Registration, _: Context) -> Iterator[Hit]:
    """The text of a client secret stands in the input.

    Why: Whoever reads the file is the client, and a secret that was once in a repository stays in its history.
    Fix: Remove the credential at once, take the text out of the file, and use a federated credential or a vault.
    """
    for name, credentials in (
        ("passwordCredentials", app.password_credentials),
        ("keyCredentials", app.key_credentials),
    ):
        for index, credential in enumerate(credentials or ()):
            pointer = f"/{name}/{index}"
            if credential.secret_text == HIDDEN and f"{pointer}/secretText" not in app.unread:
                yield Hit(pointer=pointer, message="has the text of its secret in the input (secretText)")


@rule(
    "several-valid-credentials",
    severity="low",
    needs=_BOTH,
    when_set=_BOTH,
    checks=("CR-10",),
    references=("entra:app-best-practices#credentials",),
    settings=("max-active-credentials",),
    bad=Bad({"passwordCredentials": _secrets({}, {}, {})}, at="/passwordCredentials", expected_rules=_PRESENCE),
    good=Good({"passwordCredentials": _secrets({}, {})}, why="two are needed to change one for the other"),
    base="web",
)
def several_valid_credentials(app: Registration, context: Context) -> Iterator[Hit]:
    """More credentials of one kind are valid than a change of one for the other needs.

    Why: Nobody knows any more which client uses which, so none is ever removed.
    Fix: Find out in the sign-in logs which are used, and remove the rest.
    """
    most = context.settings.max_active_credentials
    for pointer, lives in (("/passwordCredentials", secrets(app)), ("/keyCredentials", certificates(app))):
        valid = [life for life in lives if life.holds(context.now)]
        if len(valid) > most:
            says = f"has {len(valid)} valid {valid[0].kind}s, where {most} are accepted"
            yield Hit(pointer=pointer, message=says, because=tuple(Because(life.pointer, "valid") for life in valid))


@rule(
    "impossible-credential-dates",
    severity="low",
    needs=_BOTH,
    when_set=_BOTH,
    checks=("CR-11",),
    references=("graph:passwordcredential", "graph:keycredential"),
    bad=Bad({"passwordCredentials": _secrets({"startDateTime": "2026-01-10T00:00:00Z", "endDateTime": "2026-01-09T00:00:00Z"})}, at="/passwordCredentials/0"),
    good=Good({"passwordCredentials": _secrets({"startDateTime": "2026-03-01T00:00:00Z"})}, why="it begins later, as a successor does"),
    base="web",
)  # fmt: skip
def impossible_credential_dates(app: Registration, _: Context) -> Iterator[Hit]:
    """A credential ends before it begins.

    Why: It never holds, so the client that it was made for cannot sign in.
    Fix: Remove the credential and make one with the right dates.
    """
    for life in (*secrets(app), *certificates(app)):
        if life.is_impossible and isinstance(life.start, datetime) and isinstance(life.end, datetime):
            says = f"has a {life.kind} that ends on {day(life.end)} and begins on {day(life.start)}"
            yield Hit(pointer=life.pointer, message=says, remove=True)


@rule(
    "symmetric-key-credential",
    severity="medium",
    needs=("keyCredentials",),
    when_set=("keyCredentials",),
    checks=("CR-14",),
    references=("graph:keycredentialconfiguration", "entra:app-best-practices#credentials"),
    bad=Bad({"keyCredentials": [{**_SECRET, "type": "Symmetric", "usage": "Verify", "customKeyIdentifier": "q"}]}, at="/keyCredentials/0"),
    good=Good({"keyCredentials": [{**_SECRET, "type": "AsymmetricX509Cert", "usage": "Verify", "customKeyIdentifier": "q"}]}),
    base="web",
)  # fmt: skip
def symmetric_key_credential(app: Registration, context: Context) -> Iterator[Hit]:
    """A key credential is symmetric: both sides keep the same key.

    Why: It is a secret under another name, which restrictions for secrets do not reach.
    Fix: Use a certificate or a federated credential.
    """
    for life in certificates(app):
        kind = life.credential.type
        if isinstance(kind, str) and kind.casefold() == "symmetric" and not life.has_ended(context.now):
            yield Hit(pointer=life.pointer, message="has a symmetric key")


@rule(
    "unnamed-credential",
    severity="info",
    needs=("passwordCredentials",),
    when_set=("passwordCredentials",),
    checks=("CR-21",),
    references=("entra:app-best-practices#credentials",),
    bad=Bad({"passwordCredentials": _secrets({"displayName": None})}, at="/passwordCredentials/0", expected_rules=_PRESENCE),
    good=(
        Good({"passwordCredentials": _secrets({})}),
        Good({"passwordCredentials": _secrets({"displayName": None, "customKeyIdentifier": "ZABlAHAAbABvAHkA"})}, why="older tools keep the name there"),
    ),
    base="web",
)  # fmt: skip
def unnamed_credential(app: Registration, context: Context) -> Iterator[Hit]:
    """A secret has no name, so nobody knows who uses it.

    Why: What nobody knows is never removed.
    Fix: Make a new secret that is named after its client, and remove this one.
    """
    for life in secrets(app):
        named = life.credential.display_name or life.credential.custom_key_identifier
        if not named and not life.has_ended(context.now):
            yield Hit(pointer=life.pointer, message="has a secret without a name")


@rule(
    "credential-without-use",
    severity="low",
    status="preview",
    needs=(*_BOTH, "api.oauth2PermissionScopes"),
    needs_all=("web.redirectUris", "spa.redirectUris", "publicClient.redirectUris", "requiredResourceAccess"),
    when_set=_BOTH,
    checks=("CR-22",),
    references=("entra:app-best-practices#credentials",),
    bad=Bad({"passwordCredentials": [_SECRET]}, at="/passwordCredentials/0", expected_rules=_PRESENCE),
    good=Good({"passwordCredentials": [_SECRET], "requiredResourceAccess": [{"resourceAppId": "00000003-0000-0000-c000-000000000000", "resourceAccess": []}]}, why="it calls another API"),
    base="api",
)  # fmt: skip
def credential_without_use(app: Registration, context: Context) -> Iterator[Hit]:
    """An API that signs nobody in and calls nothing keeps a credential.

    Why: It does not need to prove itself to anybody, so the credential is of use to thieves alone.
    Fix: Remove the credential, after a look at the sign-in logs.
    """
    scopes = app.api.oauth2_permission_scopes if app.api else None
    parts = (app.web, app.spa, app.public_client)
    if not scopes or app.required_resource_access or any(part and part.redirect_uris for part in parts):
        return
    for life in (*secrets(app), *certificates(app)):
        if not life.has_ended(context.now):
            yield Hit(
                pointer=life.pointer, message=f"keeps a {life.kind}, and signs nobody in and calls nothing", remove=True
            )


@rule(
    "entra-connect-secret",
    severity="medium",
    needs=("displayName", *_BOTH),
    when_set=_BOTH,
    checks=("CR-24",),
    references=("entra:authenticate-application-id",),
    bad=Bad({"displayName": "ConnectSyncProvisioning_DC01_a1b2", "passwordCredentials": [_SECRET], "keyCredentials": []}, at="/passwordCredentials/0", expected_rules=_PRESENCE),
    good=Good({"displayName": "ConnectSyncProvisioning_DC01_a1b2"}, why="one certificate"),
    base="web",
)  # fmt: skip
def entra_connect_secret(app: Registration, context: Context) -> Iterator[Hit]:
    """The application of Entra Connect has a secret, or several certificates.

    Why: Its wizard makes one certificate and keeps it in the machine; everything else was added by somebody, and this
        application writes people and passwords.
    Fix: Find out who added the credential and remove it.
    """
    name = app.display_name
    if not isinstance(name, str) or not name.startswith("ConnectSyncProvisioning_"):
        return
    valid = [life for life in certificates(app) if life.holds(context.now)]
    for life in (*(life for life in secrets(app) if life.holds(context.now)), *valid[2:]):
        yield Hit(
            pointer=life.pointer, message=f"is the application of Entra Connect and has a {life.kind} beside its own"
        )
