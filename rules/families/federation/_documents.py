"""What the rules of this family share: the list that they read, documents, and parts of their examples."""

from __future__ import annotations

from typing import Any, Final

from rules.analysis.federation import AUDIENCES
from rules.knowledge.issuers import GITHUB
from rules.knowledge.reference import Reference, learn

LIST: Final = ("federatedIdentityCredentials",)
LIMITS: Final = learn(
    "entra/workload-id/workload-identity-federation-considerations", "Federated credentials: considerations"
)
FLEXIBLE: Final = learn(
    "entra/workload-id/workload-identities-flexible-federated-identity-credentials", "Flexible federated credentials"
)
IDENTITY: Final = learn(
    "entra/workload-id/workload-identity-federation-config-app-trust-managed-identity",
    "Application trusts a managed identity",
)
GITHUB_OIDC: Final = Reference(
    "GitHub, OpenID Connect reference", "https://docs.github.com/actions/reference/security/oidc"
)
GITHUB_WORKFLOWS: Final = Reference(
    "GitHub, OpenID Connect with reusable workflows",
    "https://docs.github.com/actions/how-tos/secure-your-work/security-harden-deployments/oidc-with-reusable-workflows",
)
SUBJECT: Final = "/federatedIdentityCredentials/0/subject"
EXPRESSION: Final = "/federatedIdentityCredentials/0/claimsMatchingExpression/value"
MAIN: Final = "repo:contoso/app:ref:refs/heads/main"
CLUSTER: Final = "https://oidc.eks.eu-west-1.amazonaws.com/id/ABC"


def subject(text: str | None, issuer: str = GITHUB, **more: Any) -> dict[str, Any]:
    """A fragment with one federated credential for a subject."""
    credential = {"name": "ci", "issuer": issuer, "subject": text, "audiences": [AUDIENCES[0]]}
    return {"federatedIdentityCredentials": [{**credential, "claimsMatchingExpression": None, **more}]}


def expression(text: str, issuer: str = GITHUB, version: int = 1) -> dict[str, Any]:
    """A fragment with one federated credential for an expression over claims."""
    return subject(None, issuer, claimsMatchingExpression={"value": text, "languageVersion": version})
