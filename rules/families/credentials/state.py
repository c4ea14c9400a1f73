"""Credentials that are too many, unnamed, unused, exposed or of the wrong kind."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from rules.analysis.lifetimes import SYMMETRIC, Life, certificates, may_authenticate, secrets
from rules.engine.gaps import unlisted
from rules.engine.rule import Bad, Context, Gap, Good, rule
from rules.families.credentials._leaked import leaked
from rules.model.finding import Because, Hit
from rules.model.fragments import MANAGE_ROLES, SECRET, SELF_SIGNED
from rules.model.fragments import certificates as keys
from rules.model.fragments import secrets as passwords
from rules.model.registration import UNSET, Registration
from rules.primitives.dates import day, instant
from rules.primitives.texts import HIDDEN

_BOTH: Final = ("passwordCredentials", "keyCredentials")
_PRESENCE: Final = ("password-credential",)
_NEVER: Final = {"startDateTime": "2026-03-01T00:00:00Z", "endDateTime": "2026-02-01T00:00:00Z"}
_HALF_A_YEAR: Final = {"endDateTime": "2026-04-30T00:00:00Z"}
_PFX: Final = {"type": "X509CertAndPassword", "usage": "Sign", "key": "MIIK"}


@rule(
    "secret-in-file",
    kinds=("application", "blueprint"),
    severity="critical",
    may_be=("low",),
    needs=_BOTH,
    when_set=_BOTH,
    checks=("CR-13",),
    references=(
        "entra:app-best-practices#credentials",
        "graph:passwordcredential",
        "graph:keycredential",
        "entra:saml-signing-certificates",
    ),
    bad=(
        Bad(passwords({"secretText": "abc~"}), at="/passwordCredentials/0", expected_rules=_PRESENCE),
        Bad(
            passwords({"secretText": "abc~", "endDateTime": "2026-01-01T00:00:00Z"}),
            at="/passwordCredentials/0",
            severity="low",
            expected_rules=("expired-credential",),
        ),
        Bad(
            passwords({"secretText": "abc~", **_NEVER}),
            at="/passwordCredentials/0",
            severity="low",
            expected_rules=("impossible-credential-dates",),
        ),
        Bad(keys(_PFX), at="/keyCredentials/0"),
        Bad(keys({**_PFX, "endDateTime": "2026-01-01T00:00:00Z"}), at="/keyCredentials/0"),
        Bad(keys({"key": "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----"}), at="/keyCredentials/0"),
        Bad(
            keys({"type": "Symmetric", "key": "c2VjcmV0"}),
            at="/keyCredentials/0",
            expected_rules=("symmetric-key-credential", "long-lived-credential"),
        ),
    ),
    good=(
        Good(passwords({"secretText": None}), why="Graph returns null after the first time"),
        Good(
            passwords(*({"secretText": mask} for mask in ("***", "[REDACTED]"))),
            why="a mask in place of the secret",
        ),
        Good(keys({**_PFX, "key": "(sensitive value)"}), why="Terraform prints this instead of the key"),
        Good(keys({"key": SELF_SIGNED}), why="the public key of a certificate is not secret"),
        Good(keys({**_PFX, "key": None}), why="Graph does not return the key in a list"),
    ),
    base="web",
)
def secret_in_file(app: Registration, context: Context) -> Iterator[Hit]:
    """The input contains a client secret, or a private or symmetric key.

    Why: Anyone who can read the file can use the secret or key, for example to act as the client. The secret or key
        works until the credential expires or is removed. An application that trusts a SAML signing key may still accept
        the key after that. A Git repository keeps the secret or key in its history.
    Acceptable: The secret or key can remain only if the credential has expired or is never valid, and no application
        trusts it for SAML.
    Fix: Remove the credential now, although each client that uses it stops working. Give the clients a federated
        credential, or a new credential from a vault. Delete the secret or key from the file.
    """
    for name, credentials, place in (
        ("passwordCredentials", app.password_credentials, "secretText"),
        ("keyCredentials", app.key_credentials, "key"),
    ):
        for index, credential in enumerate(credentials or ()):
            pointer = f"/{name}/{index}"
            if credential.secret_text == HIDDEN and app.unread.keys().isdisjoint(
                (f"{pointer}/secretText", f"{pointer}/key")
            ):
                what = "a client secret" if name == "passwordCredentials" else "a private or symmetric key"
                life = Life.of(pointer, what, credential)
                over = "; the credential is never valid" if life.is_impossible else ""
                over = "; the credential has expired" if life.has_ended(context.now) else over
                # An application may not check when the certificate of a SAML signing key expires.
                is_over = bool(over) and str(credential.usage).casefold() != "sign"
                says = f"contains {what} as text ({place}){over}"
                yield Hit(pointer=pointer, message=says, severity="low" if is_over else "critical")


@rule(
    "several-valid-credentials",
    kinds=("application", "blueprint"),
    severity="low",
    needs=_BOTH,
    when_set=_BOTH,
    checks=("CR-10",),
    references=("entra:app-best-practices#credentials", "graph:signin-beta"),
    settings=("max-active-credentials",),
    bad=Bad(passwords({}, {}, {}), at="/passwordCredentials", expected_rules=_PRESENCE),
    good=(
        Good(passwords({}, {}), why="a rotation needs two"),
        Good(keys({}, {}, {"usage": "Encrypt"}), why="one of the three authenticates no client"),
    ),
    base="web",
)
def several_valid_credentials(app: Registration, context: Context) -> Iterator[Hit | Gap]:
    """More credentials of one kind are valid than a rotation needs.

    Why: With many credentials, it is unclear which client uses which credential. Old credentials can remain, and an
        attacker can use a leaked credential.
    Acceptable: More than one valid credential is acceptable during a rotation. If your organization accepts more valid
        credentials, set max-active-credentials. A name for each credential limits the risk.
    Fix: Find out which credentials are in use. The service principal sign-in logs show key IDs, but user sign-in logs
        may not show them. Remove the credentials that no client needs.
    """
    most = context.settings.max_active_credentials
    for pointer, kind, lives in (
        ("/passwordCredentials", "secrets", secrets(app)),
        ("/keyCredentials", "key credentials", certificates(app)),
    ):
        possible = [life for life in lives if life.is_valid_at(context.now) and not life.is_of_application_proxy]
        valid = [life for life in possible if not life.is_end_unread]
        if len(valid) > most:
            says = f"has {len(valid)} valid {kind}; the limit is {most}"
            yield Hit(pointer=pointer, message=says, because=tuple(Because(life.pointer, "valid") for life in valid))
        elif len(possible) > most:
            yield from (Gap(*life.end_unread) for life in possible if life.is_end_unread)


@rule(
    "impossible-credential-dates",
    kinds=("application", "blueprint"),
    severity="low",
    needs=_BOTH,
    when_set=_BOTH,
    checks=("CR-11",),
    references=("graph:passwordcredential", "graph:keycredential"),
    bad=Bad(
        passwords({"startDateTime": "2026-01-10T00:00:00Z", "endDateTime": "2026-01-09T00:00:00Z"}),
        at="/passwordCredentials/0",
    ),
    good=Good(
        passwords({"startDateTime": "2026-03-01T00:00:00Z"}),
        why="the credential becomes valid later, as a new credential may",
    ),
    base="web",
)
def impossible_credential_dates(app: Registration, _: Context) -> Iterator[Hit]:
    """A credential expires before it becomes valid, or at the same time.

    Why: A credential with such dates is never valid. No client can authenticate with the credential.
    Acceptable: The credential can remain, because no client can use it.
    Fix: Create a credential with correct dates, and give it to the client. Then remove the invalid credential.
    """
    for life in (*secrets(app), *certificates(app)):
        if life.is_impossible and isinstance(life.start, datetime) and isinstance(life.end, datetime):
            write = instant if day(life.end) == day(life.start) else day
            says = f"has a {life.kind} that expires on {write(life.end)} and becomes valid on {write(life.start)}"
            yield Hit(pointer=life.pointer, message=says, remove=life.is_known_to_prove)


@rule(
    "symmetric-key-credential",
    kinds=("application", "blueprint"),
    severity="low",
    may_be=("medium", "high"),
    needs=("keyCredentials", "requiredResourceAccess"),
    when_set=("keyCredentials",),
    checks=("CR-14",),
    references=("graph:passwordcredentialconfiguration", "graph:keycredential"),
    bad=(
        Bad(keys({"type": "Symmetric", **_HALF_A_YEAR}), at="/keyCredentials/0"),
        Bad(keys({"type": "Symmetric", "usage": "Sign"}), at="/keyCredentials/0"),
        # It is rated like a client secret.
        Bad(
            {**keys({"type": "Symmetric", **_HALF_A_YEAR}), **MANAGE_ROLES},
            at="/keyCredentials/0",
            severity="high",
            expected_rules=("powerful-application-permission", "owner-of-powerful-application"),
        ),
    ),
    good=(
        Good(keys({})),
        Good(keys({"type": "Symmetric", "endDateTime": "2025-12-01T00:00:00Z"}), why="the credential has expired"),
        Good(
            keys({"type": "Symmetric", **_NEVER}), why="the credential is never valid: see impossible-credential-dates"
        ),
    ),
    base="web",
)
def symmetric_key_credential(app: Registration, context: Context) -> Iterator[Hit | Gap]:
    """A key credential is symmetric: both sides store the same key.

    Why: Anyone who copies the key from one side can use it. The restriction passwordAddition of an app management
        policy does not block symmetric keys. The restriction symmetricKeyAddition blocks them.
    Acceptable: A symmetric key is acceptable only while the client supports no other credential. A short lifetime
        limits the risk.
    Fix: Replace the key with a certificate wherever it is used. A client can also use a federated credential. Then
        remove the key.
    """
    is_rated = False
    for index, key in enumerate(app.key_credentials or ()):
        pointer = f"/keyCredentials/{index}"
        life = Life.of(pointer, "certificate", key)
        is_over = life.has_ended(context.now) or life.is_impossible
        if life.kind == SYMMETRIC and not is_over and pointer not in app.unread:
            words, severity = leaked(app) if may_authenticate(key) else ("", "low")
            yield Hit(pointer=pointer, message=f"has a symmetric key{words}", severity=severity)
            is_rated |= may_authenticate(key) and severity != "high"
    if is_rated:
        yield from unlisted(app, "Role")


@rule(
    "unnamed-credential",
    kinds=("application", "blueprint"),
    severity="info",
    needs=("passwordCredentials",),
    when_set=("passwordCredentials",),
    checks=("CR-21",),
    references=("graph:passwordcredential", "graph:signin-beta"),
    bad=Bad(passwords({"displayName": None}), at="/passwordCredentials/0", expected_rules=_PRESENCE),
    good=(
        Good(passwords({})),
        Good(
            passwords({"displayName": None, "customKeyIdentifier": "ZABlAHAAbABvAHkA"}),
            why="older tools set the name in another property",
        ),
    ),
    base="web",
)
def unnamed_credential(app: Registration, context: Context) -> Iterator[Hit | Gap]:
    """A client secret has no name.

    Why: Without a name, it is unclear which client uses the secret. A secret that no client needs may therefore remain,
        and an attacker can use it if it leaked.
    Acceptable: A secret needs no name if you know its client, for example because the app has only one client. The
        service principal sign-in logs identify a secret by its key ID.
    Fix: Find the client of the secret, for example by the key ID in the service principal sign-in logs. Give the client
        a new secret with a name. Then remove the credential without a name.
    """
    for life in secrets(app):
        name = life.credential.display_name
        is_named = isinstance(name, str) and name.strip()
        if is_named or life.credential.custom_key_identifier or life.has_ended(context.now):
            continue
        if name is UNSET:
            yield Gap(f"{life.pointer}/displayName")
        else:
            yield Hit(pointer=life.pointer, message="has a client secret without a name")


@rule(
    "credential-without-use",
    severity="low",
    status="preview",
    needs=(*_BOTH, "api.oauth2PermissionScopes"),
    needs_all=("web.redirectUris", "spa.redirectUris", "publicClient.redirectUris", "requiredResourceAccess"),
    when_set=_BOTH,
    checks=("CR-22",),
    references=("entra:app-best-practices#credentials", "graph:signin-beta"),
    bad=Bad({"passwordCredentials": [SECRET]}, at="/passwordCredentials/0", expected_rules=_PRESENCE),
    good=(
        Good(
            {
                "passwordCredentials": [SECRET],
                "requiredResourceAccess": [
                    {"resourceAppId": "00000003-0000-0000-c000-000000000000", "resourceAccess": []}
                ],
            },
            why="the API calls another API",
        ),
        Good(keys({"usage": "Encrypt"}), why="the key encrypts SAML assertions and authenticates no client"),
    ),
    base="api",
)
def credential_without_use(app: Registration, context: Context) -> Iterator[Hit | Gap]:
    """An API that requests no other API has a credential.

    Why: An API that only validates tokens needs no credential. An attacker who steals this credential can act as the
        API.
    Acceptable: A credential is acceptable if the API uses it to get tokens, for example for its Azure roles. A
        registration does not show Azure roles or granted permissions.
    Fix: Check the sign-in logs, the permissions of the service principal and the Azure role assignments. Remove the
        credential only if the API does not use it.
    """
    scopes = app.api.oauth2_permission_scopes if app.api else None
    parts = (app.web, app.spa, app.public_client)
    if not scopes or app.required_resource_access or any(part and part.redirect_uris for part in parts):
        return
    for life in (*secrets(app), *certificates(app)):
        if life.is_end_unread:
            yield Gap(*life.end_unread)
        elif not life.has_ended(context.now) and not life.is_impossible:
            says = f"has a {life.kind}, but no redirect URI and no requested API"
            yield Hit(pointer=life.pointer, message=says)


@rule(
    "entra-connect-secret",
    severity="medium",
    needs=("displayName", *_BOTH),
    when_set=_BOTH,
    checks=("CR-24",),
    references=("entra:authenticate-application-id", "web:entrafalcon-entra-connect-application"),
    bad=(
        Bad(
            {"displayName": "ConnectSyncProvisioning_DC01_a1b2", **passwords({}), "keyCredentials": []},
            at="/passwordCredentials/0",
            expected_rules=_PRESENCE,
        ),
        Bad(
            {"displayName": "ConnectSyncProvisioning_DC01_a1b2", **keys({}, {}, {})},
            at="/keyCredentials/2",
            expected_rules=("several-valid-credentials",),
        ),
    ),
    good=(
        Good({"displayName": "ConnectSyncProvisioning_DC01_a1b2"}, why="one certificate"),
        Good({"displayName": "ConnectSyncProvisioning_DC01_a1b2", **keys({}, {})}, why="a rotation needs two"),
    ),
    base="web",
)
def entra_connect_secret(app: Registration, context: Context) -> Iterator[Hit | Gap]:
    """An app named like the Entra Connect app has extra credentials.

    Why: Entra Connect authenticates as an app with a certificate. Anyone with another credential of the app can act as
        the app, with the permission ADSynchronization.ReadWrite.All.
    Acceptable: A secret is never acceptable, because Entra Connect uses a certificate. A third certificate is
        acceptable only until a rotation ends.
    Fix: Compare the certificates with the thumbprint that the wizard of Entra Connect shows. Remove every credential
        that no server uses.
    """
    name = app.display_name
    if not isinstance(name, str) or not name.startswith("ConnectSyncProvisioning_"):
        return
    valid = [life for life in certificates(app) if life.is_valid_at(context.now)]
    for life in (*(life for life in secrets(app) if life.is_valid_at(context.now)), *valid[2:]):
        if life.is_end_unread:
            yield Gap(*life.end_unread)
        else:
            says = f"is named like the app of Entra Connect and has an extra {life.kind}"
            yield Hit(pointer=life.pointer, message=says)
