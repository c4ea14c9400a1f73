"""What the rules of this family share: the list that they read, documents, and parts of their examples."""

from __future__ import annotations

from typing import Any, Final

from rules.analysis.federation import AUDIENCES
from rules.knowledge.issuers import GITHUB

LIST: Final = ("federatedIdentityCredentials",)
SUBJECT: Final = "/federatedIdentityCredentials/0/subject"
EXPRESSION: Final = "/federatedIdentityCredentials/0/claimsMatchingExpression/value"
MAIN: Final = "repo:contoso/app:ref:refs/heads/main"
CLUSTER: Final = "https://oidc.eks.eu-west-1.amazonaws.com/id/ABC"


def subject(text: str | None, issuer: str = GITHUB, **more: Any) -> dict[str, Any]:
    """A fragment with one federated credential for a subject."""
    credential = {"name": "ci", "issuer": issuer, "subject": text, "audiences": [AUDIENCES[0]]}
    return {"federatedIdentityCredentials": [{**credential, "claimsMatchingExpression": None, **more}]}


def expression(text: str, issuer: str = GITHUB) -> dict[str, Any]:
    """A fragment with one federated credential for an expression over claims."""
    return subject(None, issuer, claimsMatchingExpression={"value": text, "languageVersion": 1})
