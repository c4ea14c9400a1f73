"""Client secrets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rules.analysis.lifetimes import Life, secrets
from rules.engine.gaps import unlisted
from rules.engine.rule import Bad, Context, Gap, Good, rule
from rules.families.credentials._leaked import leaked
from rules.model.finding import Because, Hit
from rules.model.fragments import MANAGE_ROLES, READ_MAIL, SECRET
from rules.model.fragments import certificates as keys
from rules.model.fragments import secrets as passwords
from rules.model.registration import Registration
from rules.primitives.dates import day
from rules.primitives.texts import counted

_AT: Final = "/passwordCredentials"
_POWERFUL: Final = ("powerful-application-permission",)
_PROXY: Final = {"displayName": None, "customKeyIdentifier": "Q1dBUF9BdXRoU2VjcmV0"}


@rule(
    "password-credential",
    severity="low",
    may_be=("medium", "high"),
    needs=("passwordCredentials", "keyCredentials", "requiredResourceAccess"),
    when_set=("passwordCredentials",),
    checks=("CR-01", "CR-02", "CR-09", "CR-23"),
    references=(
        "entra:app-best-practices#credentials",
        "rfc:9700#2.5",
        "entra:application-proxy-faq",
        "graph:serviceprincipal-addtokensigningcertificate",
    ),
    bad=(
        Bad(passwords({}), at=_AT),
        Bad(passwords({}, {"endDateTime": "2026-05-20T00:00:00.1234567+02:00"}), at=_AT),
        Bad(passwords(_PROXY), at=_AT),
        Bad({**passwords({}), **READ_MAIL}, at=_AT, severity="medium", expected_rules=_POWERFUL),
        # A certificate, or a key that encrypts, takes nothing from what a leaked secret grants.
        Bad(
            {**passwords({}), **keys({"usage": "Encrypt"}), **READ_MAIL},
            at=_AT,
            severity="medium",
            expected_rules=_POWERFUL,
        ),
        Bad(
            {**passwords({}), **MANAGE_ROLES},
            at=_AT,
            severity="high",
            expected_rules=(*_POWERFUL, "owner-of-powerful-application"),
        ),
    ),
    good=(
        Good({"passwordCredentials": []}),
        # Four other tools count a secret that has expired.
        Good({"passwordCredentials": None}, why="null is an empty list"),
        Good(
            passwords({"startDateTime": "2026-03-01T00:00:00Z", "endDateTime": "2026-02-01T00:00:00Z"}),
            why="the credential is never valid: see impossible-credential-dates",
        ),
        Good(
            {"passwordCredentials": [SECRET], **keys({"keyId": SECRET["keyId"], "usage": "Sign"})},
            why="the password of a key that signs SAML has the key ID of that key",
        ),
    ),
    base="web",
)
def password_credential(app: Registration, context: Context) -> Iterator[Hit | Gap]:
    """The app has a client secret that has not expired.

    Why: Anyone who copies a secret, for example from a file, a log or an email, can act as the client. Microsoft
        advises against secrets, because they are often mismanaged and can be easily compromised.
    Acceptable: A secret is acceptable only while the client supports no other credential. A short lifetime of the
        secret limits the risk.
    Fix: Give the client a managed identity, a federated credential or a certificate. Then remove the secret. Secrets
        named CWAP_AuthSecret can be removed: Application Proxy no longer uses them.
    """
    if not app.password_credentials:
        return
    valid = []
    for life in secrets(app):
        if life.is_end_unread:
            yield Gap(*life.end_unread)
        elif not life.has_ended(context.now) and not life.is_impossible:
            valid.append(life)
    if valid:
        proxy = all(life.is_of_application_proxy for life in valid)
        what = counted(len(valid), "unexpired client secret") + (" of Application Proxy" if proxy else "")
        words, severity = leaked(app)
        because = tuple(Because(life.pointer, _until(life)) for life in valid)
        yield Hit(pointer=_AT, message=f"has {what}{words}", because=because, severity=severity)
        if severity != "high":
            yield from unlisted(app, "Role")


def _until(life: Life) -> str:
    if life.days is not None:
        return f"valid for {counted(life.days, 'day')} from its creation"
    return f"valid until {day(life.end)}" if life.end else "its end is not known"
