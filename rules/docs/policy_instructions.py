"""How to change a policy of the tenant where no merge patch does: the request to Graph.

``ID`` is a placeholder for an ID that is not known before the tenant is read. Sources: Microsoft Graph, "Update
authorizationPolicy", "Update tenantAppManagementPolicy", "Update adminConsentRequestPolicy", "Update groupSetting",
"Delete delegatedPermissionClassification", "Add agentIdentityBlueprint sponsors", "Update inheritablePermission",
"Delete agentUser"; Microsoft Entra, the pages that the rules name.
"""

from __future__ import annotations

from typing import Final

from rules.docs.requests import GRAPH

_GRAPH: Final = f"{GRAPH}/v1.0"

_BLUEPRINT: Final = f"{_GRAPH}/applications/OBJECT_ID/microsoft.graph.agentIdentityBlueprint"

#: The request, without its body, for a change that no merge patch makes.
_REQUESTS: Final = {
    "adminConsentRequestPolicy": f"PUT {_GRAPH}/policies/adminConsentRequestPolicy (with the whole policy)",
    "defaultAppManagementPolicy": (
        f"PATCH {_GRAPH}/policies/defaultAppManagementPolicy (with every restriction to keep)"
    ),
    "settings": (
        f"POST {_GRAPH}/groupSettings for new settings, "
        f"PATCH {_GRAPH}/groupSettings/ID for existing settings (with all values)"
    ),
    "delegatedPermissionClassifications": (
        "DELETE "
        f"{_GRAPH}/servicePrincipals(appId='00000003-0000-0000-c000-000000000000')/delegatedPermissionClassifications/ID"
    ),
    "roleDefinitions": (f"PATCH {_GRAPH}/roleManagement/directory/roleDefinitions/ID (with every permission to keep)"),
    "agentUsers": f"DELETE {_GRAPH}/users/microsoft.graph.agentUser/USER_ID",
    "sponsors": f"POST {_BLUEPRINT}/sponsors/$ref (with the user or group)",
    "inheritablePermissions": f"PATCH {_BLUEPRINT}/inheritablePermissions/APP_ID (with the client ID of the API)",
    "appManagementPolicies": f"PATCH {_GRAPH}/policies/appManagementPolicies/ID",
    "servicePrincipals": f'POST {_GRAPH}/servicePrincipals (with the "appId" of each)',
    "conditionalAccessPolicies": (
        f"POST {_GRAPH}/identity/conditionalAccess/policies for a new policy, "
        f"PATCH {_GRAPH}/identity/conditionalAccess/policies/ID for an existing one"
    ),
}


def policy_request(name: str) -> str:
    """The request, without its body, that changes a policy by its *name* where no merge patch does; empty without."""
    return _REQUESTS.get(name, "")
