"""Credentials that are valid for too long."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from rules.analysis.lifetimes import Life, certificates, secrets
from rules.engine.rule import Bad, Context, Gap, Good, rule
from rules.model.finding import Hit
from rules.model.fragments import certificates as keys
from rules.model.fragments import secrets as passwords
from rules.model.registration import UNSET, Registration
from rules.primitives.dates import span

_BOTH: Final = ("passwordCredentials", "keyCredentials")
_LONG: Final = {"startDateTime": "2025-12-01T00:00:00Z", "endDateTime": "2027-12-01T00:00:00Z"}
_PRESENCE: Final = ("password-credential",)


@rule(
    "long-lived-credential",
    kinds=("application", "blueprint"),
    severity="medium",
    may_be=("low",),
    needs=_BOTH,
    when_set=_BOTH,
    checks=("CR-05", "CR-06", "CR-07"),
    references=(
        "entra:app-best-practices#credentials",
        "graph:passwordcredentialconfiguration",
        "graph:keycredentialconfiguration",
        "graph:application-addpassword",
        "entra:application-proxy-faq",
    ),
    settings=("max-secret-days", "max-certificate-days"),
    bad=(
        Bad(passwords(_LONG), at="/passwordCredentials/0", expected_rules=_PRESENCE),
        Bad(
            passwords({**_LONG, "endDateTime": "2299-12-31T00:00:00Z"}),
            at="/passwordCredentials/0",
            expected_rules=_PRESENCE,
        ),
        Bad(
            keys({**_LONG, "endDateTime": "2026-09-01T00:00:00Z", "type": "Symmetric"}),
            at="/keyCredentials/0",
            expected_rules=("symmetric-key-credential",),
        ),
        # Another tool compares what is left (under 180 days here), not the whole lifetime.
        Bad(
            keys({"startDateTime": "2016-06-01T00:00:00Z", "endDateTime": "2026-05-31T00:00:00Z"}),
            at="/keyCredentials/0",
            severity="low",
        ),
        # Two credentials with one label are two credentials: the label is free text.
        Bad(
            keys({"customKeyIdentifier": "cHJvZA=="}, {**_LONG, "customKeyIdentifier": "cHJvZA=="}),
            at="/keyCredentials/1",
            severity="low",
        ),
    ),
    good=(
        Good(keys({**_LONG, "endDateTime": "2026-11-01T00:00:00Z"}), why="335 days in all"),
        Good(
            passwords({**_LONG, "endDateTime": "2026-12-01T00:00:00Z", "displayName": "CWAP_AuthSecret"}),
            why="Application Proxy no longer uses the secret: see password-credential",
        ),
        Good(keys({**_LONG, "usage": "Sign"}), why="the credential signs SAML and authenticates no client"),
        Good(keys({**_LONG, "usage": "Encrypt"}), why="the key encrypts SAML assertions and authenticates no client"),
    ),
    base="web",
)
def long_lived_credential(app: Registration, context: Context) -> Iterator[Hit | Gap]:
    """A credential is valid for longer than the limit.

    Why: An attacker can use a leaked credential until it expires or is removed. A copied credential works even after
        the employee who copied it has left. The limit for secrets also applies to symmetric keys, because both can be
        copied.
    Acceptable: If your organization accepts a longer lifetime, set max-secret-days or max-certificate-days. A
        certificate that is stored in a key vault limits the risk.
    Fix: Give the client a managed identity, a federated credential, or a credential with a shorter lifetime. Then
        remove the long-lived credential.
    """
    settings = context.settings
    for life in (*secrets(app), *certificates(app)):
        most = settings.max_secret_days if life.can_be_copied else settings.max_certificate_days
        if life.days is not None:
            yield from _whole(life, most, context.now)
        elif life.end is UNSET:
            yield Gap(*life.end_unread)
        elif not life.has_ended(context.now) and not life.is_of_application_proxy:
            yield from _whole(life, most, context.now)


def _whole(life: Life, most: int, now: datetime) -> Iterator[Hit | Gap]:
    """Check the time from start to end. Where the start is not known, what is left is the least that it can be."""
    start = life.start if isinstance(life.start, datetime) else now
    whole = life.end - start if isinstance(life.end, datetime) else timedelta(days=life.days or 0)
    if whole >= timedelta(days=most + 1):
        least = "" if isinstance(life.start, datetime) or life.days is not None else "at least "
        says = f"has a {life.kind} that is valid for {least}{span(whole)}; the limit is {most} days"
        yield Hit(pointer=life.pointer, message=says, severity="medium" if life.can_be_copied else "low")
    elif life.start is UNSET and life.days is None:
        yield Gap(*life.start_unread)
