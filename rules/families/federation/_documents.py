"""The list that the rules of this family read, and the documents that several of them name."""

from __future__ import annotations

from typing import Final

from rules.knowledge.reference import Reference, learn

LIST: Final = ("federatedIdentityCredentials",)
LIMITS: Final = learn(
    "entra/workload-id/workload-identity-federation-considerations", "Federated credentials: considerations"
)
FLEXIBLE: Final = learn(
    "entra/workload-id/workload-identities-flexible-federated-identity-credentials", "Flexible federated credentials"
)
GITHUB_OIDC: Final = Reference(
    "GitHub, OpenID Connect reference", "https://docs.github.com/actions/reference/security/oidc"
)
