"""What the fragments of this family are made of: grants on Microsoft Graph in the clean tenant."""

from __future__ import annotations

from typing import Any, Final

from rules.model.clean_tenant import GRAPH_PRINCIPAL

#: No verified publisher.
UNVERIFIED: Final = {"verifiedPublisher": {"displayName": None, "verifiedPublisherId": None, "addedDateTime": None}}
#: An application of the tenant of Microsoft's services.
OF_MICROSOFT: Final = {"appOwnerOrganizationId": "f8cdef31-a31e-4b4a-93e4-5f571e91255a"}
#: A disabled service principal.
OFF: Final = {"accountEnabled": False}


def role(id: str, resource: str = GRAPH_PRINCIPAL) -> dict[str, Any]:
    """An application permission that was granted."""
    assignment = {"id": "a1", "appRoleId": id, "resourceId": resource, "resourceDisplayName": "Microsoft Graph"}
    return {"appRoleAssignments": [assignment]}


def scope(scope: str, kind: str = "AllPrincipals") -> dict[str, Any]:
    """Delegated permissions that were granted."""
    grant = {"id": "g1", "consentType": kind, "principalId": None, "resourceId": GRAPH_PRINCIPAL, "scope": scope}
    return {"oauth2PermissionGrants": [grant]}
