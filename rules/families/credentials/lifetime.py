"""Credentials that hold for too long."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from rules.analysis.lifetimes import Life, certificates, secrets
from rules.engine.rule import Bad, Context, Gap, Good, rule
from rules.model.finding import Hit
from rules.model.registration import UNSET, Registration
from rules.primitives.dates import span

_SECRET = {
    "keyId": "33333333-3333-4333-8333-333333333332",
    "displayName": "deploy",
    "startDateTime": "2025-12-01T00:00:00Z",
    "endDateTime": "2027-12-01T00:00:00Z",
}
_CERTIFICATE = {**_SECRET, "usage": "Verify", "customKeyIdentifier": "q1w2"}


@rule(
    "long-lived-credential",
    severity="medium",
    may_be=("low",),
    needs=("passwordCredentials", "keyCredentials"),
    when_set=("passwordCredentials", "keyCredentials"),
    checks=("CR-05", "CR-06", "CR-07"),
    references=(
        "entra:app-best-practices#credentials",
        "graph:passwordcredentialconfiguration",
        "graph:keycredentialconfiguration",
    ),
    settings=("max-secret-days", "max-certificate-days"),
    bad=(
        Bad({"passwordCredentials": [_SECRET]}, at="/passwordCredentials/0", expected_rules=("password-credential",)),
        Bad({"passwordCredentials": [{**_SECRET, "endDateTime": None}]}, at="/passwordCredentials/0", expected_rules=("password-credential",)),
        Bad({"passwordCredentials": [{**_SECRET, "endDateTime": "2299-12-31T00:00:00Z"}]}, at="/passwordCredentials/0", expected_rules=("password-credential",)),
        # Another tool asks what is left (under 180 days here), not how long the whole life is.
        Bad({"keyCredentials": [{**_CERTIFICATE, "startDateTime": "2016-06-01T00:00:00Z", "endDateTime": "2026-05-31T00:00:00Z"}]}, at="/keyCredentials/0", severity="low"),
    ),
    good=(
        Good({"keyCredentials": [{**_CERTIFICATE, "endDateTime": "2026-11-01T00:00:00Z"}]}, why="335 days in all"),
        Good({"keyCredentials": [{**_CERTIFICATE, "usage": "Sign"}]}, why="it signs SAML and proves no client"),
    ),
    base="web",
)  # fmt: skip
def long_lived_credential(app: Registration, context: Context) -> Iterator[Hit | Gap]:
    """A credential holds for longer than is accepted, from its start to its end.

    Why: What was copied once opens the client for as long as the credential holds, whoever has left since.
    Fix: Replace the credential by a shorter one that a machine renews, or by a managed identity or a federated credential.
    """
    settings = context.settings
    for life, most in (
        *((life, settings.max_secret_days) for life in secrets(app)),
        *((life, settings.max_certificate_days) for life in certificates(app)),
    ):
        if life.end is None:
            yield Hit(pointer=life.pointer, message=f"has a {life.kind} that never ends")
        elif life.end is UNSET:
            yield Gap(*life.end_unread)
        elif not life.has_ended(context.now):
            yield from _whole(life, most, context.now)


def _whole(life: Life, most: int, now: datetime) -> Iterator[Hit | Gap]:
    """Judge the time from start to end. Where the start is not known, what is left is the least that it can be."""
    start = life.start if isinstance(life.start, datetime) else now
    whole = life.end - start if isinstance(life.end, datetime) else timedelta()
    if whole >= timedelta(days=most + 1):
        says = f"has a {life.kind} that holds for {span(whole)}, where {most} are accepted"
        yield Hit(pointer=life.pointer, message=says, severity="medium" if life.kind == "secret" else "low")
    elif life.start is UNSET:
        yield Gap(*life.start_unread)
