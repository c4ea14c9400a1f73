"""The credentials with which a confidential client authenticates, best first.

The order is that of preference: nothing to store, tokens of the platform, a signing key, a text that can be copied.
Sources: RFC 9700, section 2.5; Microsoft, "Application trusts a managed identity", "Workload identity federation",
"Certificate credentials".
"""

from __future__ import annotations

from typing import Final

import msgspec

from rules.knowledge.reference import Reference
from rules.knowledge.sources import cite_all


class CredentialKind(msgspec.Struct, frozen=True, kw_only=True):
    """A credential of a confidential client; ``parameters`` are those that it adds to a token request."""

    id: str
    title: str
    short: str
    property: str
    value: str
    parameters: tuple[str, ...]
    risks: tuple[str, ...]
    references: tuple[Reference, ...]


_ASSERTION: Final = "client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_FEDERATED: Final = "federatedIdentityCredentials"

#: Best first.
CREDENTIALS: Final[tuple[CredentialKind, ...]] = (
    CredentialKind(
        id="managed_identity",
        title="Managed identity",
        short="Azure gives the app an identity. There is no secret to store or rotate.",
        property=_FEDERATED,
        value="issuer https://login.microsoftonline.com/{tenant of the identity}/v2.0, subject {object (principal) id "
        "of the user-assigned identity}, audience api://AzureADTokenExchange",
        parameters=(_ASSERTION, "client_assertion={token of the identity for api://AzureADTokenExchange}"),
        risks=("All code on an Azure resource with the identity can use the identity.",),
        references=cite_all("credential managed_identity", "entra:trust-managed-identity", "rfc:9700#2.5"),
    ),
    CredentialKind(
        id="federated",
        title="Federated credential",
        short="The platform that runs the app issues short-lived tokens that Entra trusts.",
        property=_FEDERATED,
        value="issuer {issuer of the platform}, subject {exact subject}, audience api://AzureADTokenExchange",
        parameters=(_ASSERTION, "client_assertion={token that the platform issued for api://AzureADTokenExchange}"),
        risks=(
            "Anyone who can run code as the subject can act as the client. Limit the subject to one branch, "
            "environment or workload.",
        ),
        references=cite_all("credential federated", "entra:workload-identity-federation", "rfc:7523#2.2"),
    ),
    CredentialKind(
        id="certificate",
        title="Certificate",
        short="The app signs with a private key that it never sends.",
        property="keyCredentials",
        value="one certificate with usage Verify, renewed automatically, valid for at most one year",
        parameters=(_ASSERTION, "client_assertion={JWT signed with the private key}"),
        risks=("An exportable private key can be copied. Without automatic renewal, the certificate expires.",),
        references=cite_all("credential certificate", "entra:certificate-credentials", "rfc:9700#2.5"),
    ),
    CredentialKind(
        id="secret",
        title="Client secret",
        short="The secret is a password that the app sends with each request.",
        property="passwordCredentials",
        value="one secret, valid for at most six months, stored in a key vault",
        parameters=("client_secret={secret}",),
        risks=(
            "The app sends the secret with each request, and secrets leak in files, logs and emails. Store the secret "
            "in a key vault, and rotate it.",
        ),
        references=cite_all("credential secret", "rfc:6749#2.3.1", "rfc:9700#2.5"),
    ),
)

_BY_ID: Final = {row.id: row for row in CREDENTIALS}


def credential_kind(id: str) -> CredentialKind:
    """The row of the credential *id*. Raises ``KeyError`` for an unknown name."""
    return _BY_ID[id]
