"""The audience of the accepted tokens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from rules.analysis.federation import AUDIENCES, federated
from rules.engine.rule import Bad, Context, Gap, Good, rule
from rules.families.federation._documents import LIST
from rules.knowledge.issuers import GITHUB
from rules.model.finding import Hit, Severity
from rules.model.registration import Registration

_AT: Final = "/federatedIdentityCredentials/0/audiences"
_POOL: Final = re.compile(r"[a-z]+(?:-[a-z]+)+-\d+:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def _for(*audiences: str, **more: Any) -> dict[str, Any]:
    """A fragment with one federated credential for *audiences*."""
    subject = "repo:contoso/app:ref:refs/heads/main"
    credential = {"name": "ci", "issuer": GITHUB, "subject": subject, "claimsMatchingExpression": None}
    return {"federatedIdentityCredentials": [{**credential, "audiences": list(audiences), **more}]}


@rule(
    "wrong-federated-audience",
    kinds=("application", "blueprint"),
    severity="medium",
    may_be=("low",),
    needs=LIST,
    when_set=LIST,
    checks=("FI-06",),
    references=(
        "entra:federated-credential-considerations#general",
        "entra:trust-managed-identity",
        "entra:trust-external-issuer",
        "entra:flexible-federated-credentials",
    ),
    bad=(
        Bad(_for("api://AzureADTokenExchange", "x"), at=_AT, severity="low"),
        Bad(_for(), at=_AT, severity="low"),
        Bad(_for("https://github.com/contoso"), at=_AT),
        # No token matches the issuer, so none is accepted with this audience today.
        Bad(
            _for("https://github.com/contoso", issuer=f"{GITHUB}/"),
            at=_AT,
            severity="low",
            expected_rules=("malformed-federated-issuer",),
        ),
    ),
    good=(
        Good(_for("api://AzureADTokenExchangeUSGov"), why="the audience of another cloud"),
        Good(
            _for(
                "eu-west-1:5f0c4c7e-7d5b-4f0a-9c53-0a1b2c3d4e5f",
                issuer="https://cognito-identity.amazonaws.com",
                subject="eu-west-1:11f0c4c7-7d5b-4f0a-9c53-0a1b2c3d4e5f",
            ),
            why="Amazon Cognito can name its own pool only",
        ),
    ),
    base="daemon",
)
def wrong_federated_audience(app: Registration, _: Context) -> Iterator[Hit | Gap]:
    """A federated credential has a wrong audience, no audience, or several audiences.

    Why: The audience identifies Microsoft Entra ID in the tokens of the issuer. With another audience, a token that was
        issued for another service may be accepted as a credential of this app. A federated credential must have exactly
        one audience. Otherwise, a deployment can fail.
    Acceptable: Some issuers need another audience. Another audience can remain if the issuer uses it only in tokens for
        Microsoft Entra ID.
    Fix: Set audiences to the single value api://AzureADTokenExchange, or to the value for your cloud. Request tokens
        with the same audience from the issuer.
    """
    for place in federated(app):
        audiences = place.credential.audiences
        pointer = f"{place.pointer}/audiences"
        if any(unread.startswith(pointer) for unread in app.unread):
            continue  # the engine reports it
        if audiences is not None and not isinstance(audiences, tuple):
            yield Gap(pointer)
        elif not audiences or len(audiences) > 1:
            says = f"has a federated credential with {len(audiences or ())} audiences; exactly one is needed"
            yield Hit(pointer=pointer, message=says, severity="low")
        elif audiences[0] not in AUDIENCES and not (place.service == "cognito" and _POOL.fullmatch(audiences[0])):
            severity: Severity = "low" if place.accepts_tokens is False else "medium"
            says = f"has a federated credential with {_named(audiences[0])}"
            yield Hit(pointer=pointer, message=says, severity=severity)


def _named(audience: str) -> str:
    return f"the audience {audience}" if audience.strip() else "an empty audience"
