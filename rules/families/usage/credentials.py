"""Credentials: those that were not seen in use, and secrets in use where a federated credential exists."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from rules.analysis.federation import federated
from rules.analysis.lifetimes import Life, certificates, secrets
from rules.analysis.usage import ENOUGH_DAYS, credential_use, secret_use, tokens_within
from rules.engine.rule import Bad, Context, Gap, Good, rule
from rules.families.usage._evidence import gaps_of, in_use, seen, unseen, use, use_of
from rules.model.finding import Hit
from rules.model.fragments import CERTIFICATE, FEDERATED, SECRET
from rules.model.registration import Registration
from rules.model.usage import Usage
from rules.primitives.dates import day
from rules.primitives.texts import text_of

_SECRET_ID: Final = SECRET["keyId"]
_CERTIFICATE_ID: Final = CERTIFICATE["keyId"]
_BOTH: Final = {"passwordCredentials": [SECRET], "keyCredentials": [CERTIFICATE]}
#: It was added before the period of the examples.
_OLD: Final = {**SECRET, "startDateTime": "2025-08-01T00:00:00Z", "endDateTime": "2026-01-27T00:00:00Z"}
_FIRST: Final = "/passwordCredentials/0"
_PRESENCE: Final = ("password-credential",)


@rule(
    "unused-credential",
    severity="medium",
    status="preview",
    needs_usage=True,
    needs=("signInAudience", "passwordCredentials", "keyCredentials"),
    needs_all=("appId",),
    when_set=("passwordCredentials", "keyCredentials"),
    checks=("CR-20",),
    references=(
        "entra:recommendation-remove-unused-credential",
        "entra:app-best-practices#credentials",
        "graph:signin-beta",
        "entra:reports-data-retention",
    ),
    bad=Bad(
        {**_BOTH, "passwordCredentials": [_OLD], "federatedIdentityCredentials": []},
        at=_FIRST,
        expected_rules=_PRESENCE,
        usage=seen(use(4, credential="certificate", credential_id=_CERTIFICATE_ID)),
    ),
    good=(
        Good(
            _BOTH,
            why="both credentials were in use",
            usage=seen(
                use(4, credential="certificate", credential_id=_CERTIFICATE_ID),
                use(4, credential="secret", credential_id=_SECRET_ID),
            ),
        ),
        Good({"passwordCredentials": [SECRET]}, why="no other credential was seen", usage=seen()),
    ),
    base="daemon",
)
def unused_credential(app: Registration, context: Context) -> Iterator[Hit | Gap]:
    """A valid credential was not seen in use, while another credential was.

    Why: Anyone who has the credential can authenticate as the app. If no client of yours uses the credential, you may
        not notice that it is misused or lost.
    Acceptable: A credential is acceptable if it was added for a rotation, or if a client uses it less often than the
        logs can show.
    Fix: Check that no client still has the credential. Then remove it. Sign-ins of users do not name the credential of
        the client, so grantlint reports only apps without sign-ins of users.
    """
    usage = context.usage or Usage()
    for life in (*secrets(app), *certificates(app)):
        key_id = text_of(life.credential.key_id).lower()
        others = {one.credential_id for one in usage.by_client.get(text_of(app.app_id).lower(), ())} - {"", key_id}
        if not key_id or not others or life.is_end_unread or not life.is_valid_at(context.now):
            continue
        found = use_of(app, context, credential_use(key_id))
        if found.days < ENOUGH_DAYS:
            yield from gaps_of(app, found, life.pointer, ENOUGH_DAYS)
        elif _starts_after(life, found.start):
            yield Gap(life.pointer, "the credential was added within the period", "use-unknown")
        elif any(one.credential_id in others for one in tokens_within(usage, text_of(app.app_id), found)):
            yield Hit(
                pointer=life.pointer,
                message=f"has a {life.kind} that was {unseen(found)}, while another credential was",
                remove=True,
            )


def _starts_after(life: Life, start: str) -> bool:
    return not isinstance(life.start, datetime) or day(life.start) >= start


@rule(
    "secret-in-use-despite-federation",
    severity="medium",
    status="preview",
    needs_usage=True,
    needs=("signInAudience",),
    needs_all=("appId", "passwordCredentials", "federatedIdentityCredentials"),
    when_set=("passwordCredentials",),
    references=(
        "entra:workload-identity-federation",
        "entra:app-best-practices#credentials",
        "graph:signin-beta",
    ),
    bad=Bad(
        {"passwordCredentials": [SECRET], "federatedIdentityCredentials": [FEDERATED]},
        at="/passwordCredentials",
        expected_rules=(*_PRESENCE, "secret-beside-federation"),
        usage=seen(use(4, credential="secret")),
    ),
    good=(
        Good(
            {"passwordCredentials": [SECRET], "federatedIdentityCredentials": [FEDERATED]},
            why="the federated credential is in use",
            usage=seen(use(4, credential="federated")),
        ),
        Good(
            {"passwordCredentials": [SECRET], "federatedIdentityCredentials": []},
            why="there is no federated credential",
            usage=seen(use(4, credential="secret")),
        ),
        Good(
            {
                "passwordCredentials": [SECRET],
                "federatedIdentityCredentials": [{**FEDERATED, "issuer": "https://gitlab.com/"}],
            },
            why="no token matches the federated credential",
            usage=seen(use(4, credential="secret")),
        ),
        Good(
            {"passwordCredentials": [SECRET], "federatedIdentityCredentials": [FEDERATED]},
            why="the secret in use was removed since",
            usage=seen(use(4, credential="secret", credential_id="33333333-3333-4333-8333-333333333339")),
        ),
    ),
    base="daemon",
)
def secret_in_use_despite_federation(app: Registration, context: Context) -> Iterator[Hit | Gap]:
    """A client used a secret, although the app has a federated credential.

    Why: The federated credential protects the app only if no secret works. Anyone who copies the secret can
        authenticate as the app from any network.
    Acceptable: The secret is acceptable while clients move to the federated credential. It is also acceptable for a
        client on a platform that does not issue tokens.
    Fix: In the sign-in logs, find the clients that use the secret. Move these clients to the federated credential. Then
        remove the secret.
    """
    is_federated = any(not place.matches_nothing for place in federated(app))
    valid = [text_of(life.credential.key_id).lower() for life in secrets(app) if life.is_valid_at(context.now)]
    if not is_federated or not valid:
        return
    # A secret that was removed since is not reported. A secret without an ID may be any of those in use.
    found = use_of(app, context, secret_use(frozenset(valid) if all(valid) else frozenset()))
    if found.state == "seen":
        message = f"has a federated credential, and a secret was in use, {in_use(found)}"
        yield Hit(pointer="/passwordCredentials", message=message)
    else:
        yield from gaps_of(app, found, "/passwordCredentials")
