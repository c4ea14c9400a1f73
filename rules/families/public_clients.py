"""Clients that can keep no credential."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from rules.engine import Bad, Context, Good, rule
from rules.finding import Because, Hit, entra, rfc
from rules.lifetimes import certificates, secrets
from rules.registration import Registration

_SECRET = {
    "keyId": "33333333-3333-4333-8333-333333333332",
    "startDateTime": "2025-12-01T00:00:00Z",
    "endDateTime": "2026-05-01T00:00:00Z",
}


@rule(
    "public-client-with-credentials",
    severity="medium",
    needs=(
        "isFallbackPublicClient",
        "passwordCredentials",
        "keyCredentials",
        "federatedIdentityCredentials",
    ),
    references=(
        entra("security-best-practices-for-app-registration", "Security best practices"),
        entra("reference-microsoft-graph-app-manifest", "App manifest"),
        rfc(6749, "2.1"),
    ),
    bad=(
        Bad({"isFallbackPublicClient": True, "passwordCredentials": [_SECRET]}, at="/isFallbackPublicClient", also=("password-credential",)),
        Bad({"isFallbackPublicClient": True, "federatedIdentityCredentials": [{"name": "ci"}]}, at="/isFallbackPublicClient"),
        Bad({"isFallbackPublicClient": True, "keyCredentials": [{**_SECRET, "usage": "Verify"}]}, at="/isFallbackPublicClient"),
    ),
    good=(
        Good({"isFallbackPublicClient": True}, but="public, and without a credential"),
        Good({"isFallbackPublicClient": None, "keyCredentials": [{**_SECRET, "usage": "Verify"}]}, but="null is off"),
        Good({"isFallbackPublicClient": True, "keyCredentials": [{**_SECRET, "usage": "Sign"}]}, but="it signs SAML and proves no client"),
    ),
    over="native",
)  # fmt: skip
def public_client_with_credentials(app: Registration, context: Context) -> Iterator[Hit]:
    """A registration is for a public client and keeps credentials all the same.

    Why: Either the credential sits in a program that anybody can open, or two clients share one registration and each
        has the permissions and the weaknesses of the other.
    Fix: Give each client a registration of its own; remove the credentials, or switch isFallbackPublicClient off.
    """
    if app.is_fallback_public_client is not True:
        return
    because = _credentials(app, context.now)
    if because:
        what = because[0].note if len(because) == 1 else f"{len(because)} credentials"
        yield Hit(pointer="/isFallbackPublicClient", says=f"counts as a public client and has {what}", because=because)


def _credentials(app: Registration, now: datetime) -> tuple[Because, ...]:
    """Every credential that is not known to have ended."""
    lives = (life for life in (*secrets(app), *certificates(app)) if not life.has_ended(now))
    federated = range(len(app.federated_identity_credentials or ()))
    return (
        *(Because(life.pointer, f"a {life.kind}") for life in lives),
        *(Because(f"/federatedIdentityCredentials/{index}", "a federated credential") for index in federated),
    )
