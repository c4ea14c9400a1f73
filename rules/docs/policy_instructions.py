"""Where and how to change a policy of the tenant: the page of the portal, and the request to Graph.

``ID`` is a placeholder for an ID that is not known before the tenant is read. Sources: Microsoft Graph, "Update
authorizationPolicy", "Update tenantAppManagementPolicy", "Update adminConsentRequestPolicy", "Update groupSetting",
"Delete delegatedPermissionClassification"; Microsoft Entra, the pages that the rules name.
"""

from __future__ import annotations

from typing import Final

from rules.docs.requests import GRAPH
from rules.primitives.pointers import nearest

_GRAPH: Final = f"{GRAPH}/v1.0"
_CONSENT: Final = "Enterprise apps > Consent and permissions"
_GUESTS: Final = "External Identities > External collaboration settings"

#: The page of the portal, by the beginning of a pointer; the longest match applies.
_PAGES: Final = {
    "/authorizationPolicy/defaultUserRolePermissions/allowedToCreateApps": (
        "Users > User settings > Users can register applications"
    ),
    "/authorizationPolicy/defaultUserRolePermissions/permissionGrantPoliciesAssigned": (
        f"{_CONSENT} > User consent settings (for groups, teams and chats, Graph alone)"
    ),
    "/authorizationPolicy/defaultUserRolePermissions/allowedToCreateTenants": (
        "Users > User settings > Restrict non-admin users from creating tenants"
    ),
    "/authorizationPolicy/guestUserRoleId": _GUESTS,
    "/authorizationPolicy/allowInvitesFrom": _GUESTS,
    "/authorizationPolicy": "no page; only Graph changes it",
    "/settings": "no page; only Graph changes it",
    "/adminConsentRequestPolicy": f"{_CONSENT} > Admin consent settings",
    "/roleDefinitions": "no page; only Graph changes these permissions of a role",
    "/permissionGrantPolicies": "no page; only Graph changes it",
    "/delegatedPermissionClassifications": f"{_CONSENT} > Permission classifications",
    "/defaultAppManagementPolicy": "Enterprise apps > Application policies",
    "/appManagementPolicies": "Enterprise apps > Application policies",
    "/conditionalAccessPolicies": "Conditional Access > Policies",
    "/servicePrincipals": "no page; only Graph creates service principals of Microsoft's apps",
}

#: The request, without its body, for a change that no merge patch makes.
_REQUESTS: Final = {
    "adminConsentRequestPolicy": f"PUT {_GRAPH}/policies/adminConsentRequestPolicy (the whole policy)",
    "defaultAppManagementPolicy": (
        f"PATCH {_GRAPH}/policies/defaultAppManagementPolicy (with all restrictions that are to stay)"
    ),
    "settings": (
        f"POST {_GRAPH}/groupSettings for new settings, PATCH {_GRAPH}/groupSettings/ID for existing ones (all values)"
    ),
    "delegatedPermissionClassifications": (
        "DELETE "
        f"{_GRAPH}/servicePrincipals(appId='00000003-0000-0000-c000-000000000000')/delegatedPermissionClassifications/ID"
    ),
    "roleDefinitions": (
        f"PATCH {_GRAPH}/roleManagement/directory/roleDefinitions/ID (with all permissions that are to stay)"
    ),
    "appManagementPolicies": f"PATCH {_GRAPH}/policies/appManagementPolicies/ID",
    "servicePrincipals": f'POST {_GRAPH}/servicePrincipals (with the "appId" of each)',
    "conditionalAccessPolicies": (
        f"POST {_GRAPH}/identity/conditionalAccess/policies for a new policy, "
        f"PATCH {_GRAPH}/identity/conditionalAccess/policies/ID for an existing one"
    ),
}


def policy_page(pointer: str) -> str:
    """The page of the portal for a pointer into a policy of the tenant; empty for any other."""
    return _PAGES.get(nearest(_PAGES, pointer), "")


def policy_request(pointer: str) -> str:
    """The request, without its body, for a change that no merge patch makes; empty where there is none."""
    return _REQUESTS.get(pointer.split("/")[1], "")
