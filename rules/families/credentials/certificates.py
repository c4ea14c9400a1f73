"""What the certificates of key credentials contain, where they were read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from rules.analysis.lifetimes import Life, certificates
from rules.engine.rule import Bad, Context, Gap, Good, rule
from rules.model.finding import Hit
from rules.model.fragments import SELF_SIGNED, SHORT_KEY
from rules.model.fragments import certificates as keys
from rules.model.registration import Registration
from rules.primitives.certificates import Certificate
from rules.primitives.dates import day, instant

_LIST: Final = ("keyCredentials",)
_AT: Final = "/keyCredentials/0"

#: The shortest RSA key that may sign a client assertion, and the hashes with which Entra documents certificates.
_SHORTEST: Final = 2048
_HASHES: Final = ("sha256", "sha384", "sha512")


def _read(app: Registration, now: datetime) -> Iterator[tuple[Life, Certificate] | Gap]:
    """The certificates with which a client can authenticate; a gap for one that cannot be read."""
    for life in certificates(app):
        found, unread = life.credential.certificate, life.credential.unread_key
        if life.has_ended(now) or life.is_impossible:
            continue
        if unread is not None:
            yield Gap(f"{life.pointer}/key", unread.note, "failed", unread.remedy)
            continue
        if not life.credential.digest:
            continue
        says = "grantlint cannot read the certificate"
        yield (life, found) if found else Gap(f"{life.pointer}/key", says, "unknown", "check it with openssl x509")


@rule(
    "weak-certificate",
    kinds=("application", "blueprint"),
    severity="medium",
    may_be=("low",),
    needs=_LIST,
    when_set=_LIST,
    checks=("CR-15",),
    references=("entra:howto-create-self-signed-certificate", "rfc:7518#3.3", "graph:keycredential"),
    bad=Bad(keys({"key": SHORT_KEY}), at=_AT),
    good=(
        Good(keys({"key": SELF_SIGNED}), why="an RSA key of 2048 bits, signed with SHA-256"),
        Good(keys({"key": None}), why="Graph does not return the key in a list"),
        Good(keys({"key": SHORT_KEY, "usage": "Sign"}), why="the credential signs SAML and authenticates no client"),
        Good(keys({"key": SHORT_KEY, "endDateTime": "2025-12-01T00:00:00Z"}), why="the credential has expired"),
        Good(
            keys({"key": SHORT_KEY, "startDateTime": "2026-08-02T00:00:00Z", "endDateTime": "2026-08-01T00:00:00Z"}),
            why="the credential is never valid: see impossible-credential-dates",
        ),
    ),
    base="web",
)
def weak_certificate(app: Registration, context: Context) -> Iterator[Hit | Gap]:
    """A certificate has a short RSA key, or an undocumented algorithm.

    Why: An attacker who computes the private key from a short public key can act as the client. Client assertions need
        an RSA key of at least 2048 bits (RFC 7518). Microsoft documents only RSA keys, and certificates signed with
        SHA-256, SHA-384 or SHA-512. grantlint reads certificates from files, and from a tenant with --include
        certificates.
    Acceptable: A short RSA key is never acceptable. An undocumented type of key or hash can remain until the next
        rotation, if the client can authenticate with it.
    Fix: Create a certificate with an RSA key of at least 2048 bits and SHA-256. Add it to the application, and give it
        to the client with its private key. Then remove the weak certificate.
    """
    for one in _read(app, context.now):
        if isinstance(one, Gap):
            yield one
            continue
        life, found = one
        if 0 < found.bits < _SHORTEST:
            says = f"has a certificate with an RSA key of {found.bits} bits; the minimum is {_SHORTEST}"
            yield Hit(pointer=life.pointer, message=says)
        elif not found.bits:
            yield Hit(pointer=life.pointer, message="has a certificate whose key is not RSA", severity="low")
        elif found.hash not in _HASHES:
            how = f"with {found.hash.upper()}" if found.hash else "without a hash"
            yield Hit(pointer=life.pointer, message=f"has a certificate that is signed {how}", severity="low")


@rule(
    "self-signed-certificate",
    kinds=("application", "blueprint"),
    severity="info",
    needs=_LIST,
    when_set=_LIST,
    checks=("CR-16",),
    references=(
        "entra:howto-create-self-signed-certificate",
        "entra:app-best-practices#credentials",
        "graph:applications-how-to-add-certificate",
        "entra:authenticate-application-id",
    ),
    bad=Bad(keys({"key": SELF_SIGNED}), at=_AT),
    good=Good(keys({"key": SHORT_KEY}), why="another issuer signed the certificate"),
    base="web",
)
def self_signed_certificate(app: Registration, context: Context) -> Iterator[Hit | Gap]:
    """A certificate is self-signed.

    Why: Microsoft describes self-signed certificates for testing. Microsoft prefers certificates of a trusted
        certificate authority (CA) to self-signed certificates, and self-signed certificates to secrets. grantlint
        reads certificates from files, and from a tenant with --include certificates.
    Acceptable: A self-signed certificate is acceptable for a test, or where a trusted CA is not possible. Microsoft
        prefers a self-signed certificate to a secret. Microsoft Entra Connect can manage a self-signed certificate for
        its app.
    Fix: Use a managed identity, a federated credential, or a certificate of a trusted CA. Give the new credential to
        the client. Then remove the self-signed certificate.
    """
    for one in _read(app, context.now):
        if isinstance(one, Gap):
            yield one
        elif one[1].is_own_issuer:
            yield Hit(pointer=one[0].pointer, message="has a self-signed certificate")


@rule(
    "credential-outlives-certificate",
    kinds=("application", "blueprint"),
    severity="low",
    needs=_LIST,
    when_set=_LIST,
    references=("thread:microsoft/b2c-to-meeid-migration-tool#18", "graph:keycredential"),
    bad=Bad(
        keys({"key": SELF_SIGNED, "endDateTime": "2026-10-01T00:00:00Z"}),
        at=f"{_AT}/endDateTime",
        expected_rules=("self-signed-certificate",),
    ),
    good=(
        Good(keys({"key": SELF_SIGNED}), why="the credential expires with its certificate"),
        Good(
            keys({"key": SELF_SIGNED, "endDateTime": "2026-05-01T00:00:00Z"}), why="the credential may expire earlier"
        ),
    ),
    base="web",
)
def credential_outlives_certificate(app: Registration, context: Context) -> Iterator[Hit | Gap]:
    """A key credential expires after its certificate.

    Why: Microsoft Graph can reject a key credential that expires after its certificate (KeyCredentialsInvalidEndDate).
        A deployment can then fail. grantlint reads certificates from files, and from a tenant with --include
        certificates.
    Acceptable: A tenant that already has the credential can keep it, because Microsoft Graph accepted it. The next
        deployment can still fail.
    Fix: Set keyCredentials.endDateTime in the deployment to the end of the certificate in UTC, or earlier.
    """
    for one in _read(app, context.now):
        if isinstance(one, Gap):
            yield one
            continue
        life, found = one
        if isinstance(life.end, datetime) and life.end > found.end:
            write = instant if day(life.end) == day(found.end) else day
            says = (
                f"has a key credential that expires on {write(life.end)}; its certificate expires on {write(found.end)}"
            )
            yield Hit(pointer=f"{life.pointer}/endDateTime", message=says)
