"""What fragments of rules are made of: redirect URIs, credentials and permissions, for the clean registrations."""

from __future__ import annotations

from typing import Any, Final

#: Redirect URIs of the three platforms, as dotted Graph paths.
REDIRECT_URIS: Final = ("web.redirectUris", "spa.redirectUris", "publicClient.redirectUris")
#: The pointers of the first redirect URI of each platform.
WEB_0: Final = "/web/redirectUris/0"
SPA_0: Final = "/spa/redirectUris/0"
NATIVE_0: Final = "/publicClient/redirectUris/0"

SECRET: Final = {
    "keyId": "33333333-3333-4333-8333-333333333332",
    "displayName": "deploy",
    "startDateTime": "2025-12-01T00:00:00Z",
    "endDateTime": "2026-05-01T00:00:00Z",
}
#: Its custom identifier is the thumbprint of a certificate in base64, as Graph sets it by default.
CERTIFICATE: Final = {
    "keyId": "33333333-3333-4333-8333-333333333335",
    "displayName": "CN=portal.contoso.com",
    "customKeyIdentifier": "2iD8ppbE+D6Kmu1ZvjM2jtQh88E=",
    "startDateTime": "2025-11-01T00:00:00Z",
    "endDateTime": "2026-09-01T00:00:00Z",
    "type": "AsymmetricX509Cert",
    "usage": "Verify",
}
#: Certificates as Graph returns them, valid as long as ``CERTIFICATE``: a self-signed one with an RSA key of 2048 bits,
#: and one of a CA with an RSA key of 512 bits.
SELF_SIGNED: Final = (
    "MIICszCCAZugAwIBAgIBBzANBgkqhkiG9w0BAQsFADAdMRswGQYDVQQDDBJwb3J0YWwuY29udG9zby5jb20wHhcNMjUxMTAxMDAwMDAwWhcNMjYw"
    "OTAxMDAwMDAwWjAdMRswGQYDVQQDDBJwb3J0YWwuY29udG9zby5jb20wggEiMA0GCSqGSIb3DQEBAQUAA4IBDwAwggEKAoIBAQCx4cIO1UPvEyD/"
    "ehmsT+3aWaXGEtGl+R+P7WWjmU58EOZhjqLbz7dpHFKjmET7rc7vjfRtgj5suSR9O0kSAOp+8E37H+QbuN5SLVaZNza812DHsoec/vzDf7kK5liY"
    "kZ+4aJVhrn9zQIw5/D6ZN8EkVYXRXuF56s45k8gOU+eXQ8sj5bof1/08h3mnw9vwW+5zvLjb4FFzTo8yaPPv35faJ+pR/+RCGVjwhtzhC/3h8FOB"
    "m9/GjCK2atP2JQ5kLpaQ5IE8jKNFtuOMHYZJueGksihgNH/2LxXFex3RBmSf1mZHNlm6UYOwyWH2gBCOZxqeDJbz8bV/x+UskHGOmtUTAgMBAAEw"
    "DQYJKoZIhvcNAQELBQADggEBAI0org5c3zjqleMk1JzsQQwG1dbpWL1pDINJ/rMwbFuZcPqQ1B60VKTDkoTiX8oGnfc51izwSkgZ8/D/3kRJlqSx"
    "OJL/LXVV10dDvQn8Xjnj1aycIqS8GMdV0LsClDgbKRMcfD++BeYtf40kuThQFkXqY4n8FNIfZVkEFwW50eRG8jU9v0t/NWyQp/72LPVbGVniOy1f"
    "H8CLYEtXb64+h4enGmorKlqkpfyPeQqnvx+97GDJ8huTVXvKi8rjoleLp3q2olPaFnCOcK991fKR0wwHURAmRqlW2MqlvZuPI4+WeQuFqUM9U9h+"
    "0NhIrYJXOM+ERa+VRORgYspr9JZGA9Q="
)
SHORT_KEY: Final = (
    "MIIBITCByKADAgECAgEHMAoGCCqGSM49BAMCMBUxEzARBgNVBAMMCkNvbnRvc28gQ0EwHhcNMjUxMTAxMDAwMDAwWhcNMjYwOTAxMDAwMDAwWjAd"
    "MRswGQYDVQQDDBJwb3J0YWwuY29udG9zby5jb20wXDANBgkqhkiG9w0BAQEFAANLADBIAkEA7VyWOICTgEWNhWHjYCDYIY7BY0qQpmvkNsjldhyX"
    "LkNqjwBuP+vz3B9kSFhprtxArP7RljIAsHhbsWF+oDdrmwIDAQABMAoGCCqGSM49BAMCA0gAMEUCIQDIh+FGubg4dNGtWO7zgbJhjitsyWhs2n4I"
    "EpjkrubC8QIgRy371B692ZofXOq0613ihd/x89QZ4in18jNsqBSSG10="
)
FEDERATED: Final = {
    "name": "ci",
    "issuer": "https://gitlab.com",
    "subject": "project_path:contoso/app:ref_type:branch:ref:main",
    "audiences": ["api://AzureADTokenExchange"],
    "claimsMatchingExpression": None,
}


def web(*uris: str) -> dict[str, Any]:
    """The web platform with *uris*."""
    return {"web": {"redirectUris": list(uris)}}


def spa(*uris: str) -> dict[str, Any]:
    """The spa platform with *uris*."""
    return {"spa": {"redirectUris": list(uris)}}


def native(*uris: str) -> dict[str, Any]:
    """The publicClient platform with *uris*."""
    return {"publicClient": {"redirectUris": list(uris)}}


def secrets(*changes: dict[str, Any]) -> dict[str, Any]:
    """Client secrets, each ``SECRET`` with changes and a key ID of its own."""
    return {"passwordCredentials": [{**SECRET, "keyId": f"k{n}", **one} for n, one in enumerate(changes)]}


def certificates(*changes: dict[str, Any]) -> dict[str, Any]:
    """Key credentials, each ``CERTIFICATE`` with changes and a key ID of its own."""
    return {"keyCredentials": [{**CERTIFICATE, "keyId": f"c{n}", **one} for n, one in enumerate(changes)]}


def requests(id: str, kind: str) -> dict[str, Any]:
    """A request for the permission *id* of Microsoft Graph; *kind* is ``Scope`` or ``Role``."""
    access = [{"id": id, "type": kind}]
    graph = "00000003-0000-0000-c000-000000000000"
    return {"requiredResourceAccess": [{"resourceAppId": graph, "resourceAccess": access}]}


#: Directory.AccessAsUser.All and User.Read, delegated; User.Read.All, Mail.Read and RoleManagement.ReadWrite.Directory
#: for the application itself.
ACT_AS_USER: Final = requests("0e263e50-5827-48a4-b97c-d940288653c7", "Scope")
READ_SELF: Final = requests("e1fe6dd8-ba31-4d61-89e7-88639da4683d", "Scope")
READ_USERS: Final = requests("df021288-bdef-4463-88db-98f22de89214", "Role")
READ_MAIL: Final = requests("810c84a8-4a9e-49e6-bf7d-12d183f40d01", "Role")
MANAGE_ROLES: Final = requests("9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8", "Role")
