"""Permissions that are worth a word when a client asks for them: resource, id, kind, value, and what they open.

A permission is matched by resource *and* id *and* kind: ten ids stand on two resources, and one stands for an application
and for a delegated permission. A permission that is not listed here is not called harmless, it is just not known.

To refresh a row: ``GET /v1.0/servicePrincipals(appId='{resource}')?$select=appRoles,oauth2PermissionScopes`` lists id, kind
and value of everything that a resource offers. Ids of the global cloud; GCC High and China differ for some.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final, Literal

import msgspec

from rules.registration import Registration

#: The worst case: *tenant* takes the tenant over; *data* reads or writes everybody's data; *mailbox* every mailbox by an old
#: protocol; *whole* all that the person may do at a resource; *other* is listed so that its name and kind are known.
Tier = Literal["tenant", "data", "mailbox", "whole", "other"]
Kind = Literal["Role", "Scope"]

GRAPH: Final = "00000003-0000-0000-c000-000000000000"
LEGACY_GRAPH: Final = "00000002-0000-0000-c000-000000000000"
EXCHANGE: Final = "00000002-0000-0ff1-ce00-000000000000"
SHAREPOINT: Final = "00000003-0000-0ff1-ce00-000000000000"
AZURE: Final = "797f4846-ba00-4fd7-ba43-dac1f8f63013"
VAULT: Final = "cfa8b339-82a2-471a-a3c9-0fc0be7a4093"
DATAVERSE: Final = "00000007-0000-0000-c000-000000000000"

#: What people call the resources.
RESOURCES: Final = {
    GRAPH: "Microsoft Graph", LEGACY_GRAPH: "Azure AD Graph", EXCHANGE: "Exchange Online", SHAREPOINT: "SharePoint Online",
    AZURE: "Azure Resource Manager", VAULT: "Azure Key Vault", DATAVERSE: "Dataverse",
}  # fmt: skip

#: Where id and name were found together: in the tables of two or three other tools that rate permissions, or in several
#: public projects that request them. Checked on ``CHECKED``.
PEERS: Final = "peers"
PUBLIC: Final = "public projects"
CHECKED: Final = "2026-11-24"


class Permission(msgspec.Struct, frozen=True):
    """A permission: who offers it, of which kind, by which id and value, what it opens, and where that was found."""

    resource: str
    kind: Kind
    id: str
    value: str
    tier: Tier
    source: str

    @property
    def name(self) -> str:
        """The permission as people name it: ``Mail.Read of Microsoft Graph``."""
        return f"{self.value} of {RESOURCES[self.resource]}"


class Requested(msgspec.Struct, frozen=True):
    """A known permission that a registration asks for, and where."""

    pointer: str
    permission: Permission


PERMISSIONS: Final[tuple[Permission, ...]] = (
    Permission(GRAPH, "Role", "5eb59dd3-1da2-4329-8733-9dabdc435916", "AdministrativeUnit.ReadWrite.All", "tenant", PEERS),
    Permission(GRAPH, "Role", "06b708a9-e830-4db3-a914-8e69da51d44f", "AppRoleAssignment.ReadWrite.All", "tenant", PEERS),
    Permission(GRAPH, "Role", "1bfefb4e-e0b5-418b-a88f-73c46d2cc8e9", "Application.ReadWrite.All", "tenant", PEERS),
    Permission(GRAPH, "Role", "18a4783c-866b-4cc7-a460-3d5e5662c884", "Application.ReadWrite.OwnedBy", "tenant", PEERS),
    Permission(GRAPH, "Role", "ef54d2bf-783f-4e0f-bca1-3210c0444d99", "Calendars.ReadWrite", "data", PEERS),
    Permission(GRAPH, "Role", "6b7d71aa-70aa-4810-a8d9-5d9fb2830017", "Chat.Read.All", "data", PEERS),
    Permission(GRAPH, "Role", "294ce7c9-31ba-490a-ad7d-97a7d075e4ed", "Chat.ReadWrite.All", "data", PEERS),
    Permission(GRAPH, "Role", "8e8e4742-1d95-4f68-9d56-6ee75648c72a", "DelegatedPermissionGrant.ReadWrite.All", "tenant", PEERS),
    Permission(GRAPH, "Role", "db51be59-e728-414b-b800-e0f010df1a79", "DeviceLocalCredential.ReadBasic.All", "other", PEERS),
    Permission(GRAPH, "Role", "9241abd9-d0e6-425a-bd4f-47ba86e767a4", "DeviceManagementConfiguration.ReadWrite.All", "tenant", PEERS),
    Permission(GRAPH, "Role", "e330c4f0-4170-414e-a55a-2f022ec2b57b", "DeviceManagementRBAC.ReadWrite.All", "tenant", PEERS),
    Permission(GRAPH, "Role", "7ab1d382-f21e-4acd-a863-ba3e13f7da61", "Directory.Read.All", "other", PUBLIC),
    Permission(GRAPH, "Role", "19dbc75e-c2e2-444c-a770-ec69d8559fc7", "Directory.ReadWrite.All", "tenant", PEERS),
    Permission(GRAPH, "Role", "7e05723c-0bb0-42da-be95-ae9f08a6e53c", "Domain.ReadWrite.All", "tenant", PEERS),
    Permission(GRAPH, "Role", "9acd699f-1e81-4958-b001-93b1d2506e19", "EntitlementManagement.ReadWrite.All", "tenant", PEERS),
    Permission(GRAPH, "Role", "01d4889c-1287-42c6-ac1f-5d1e02578ef6", "Files.Read.All", "data", PEERS),
    Permission(GRAPH, "Role", "75359482-378d-4052-8f01-80520e7db3cd", "Files.ReadWrite.All", "data", PEERS),
    Permission(GRAPH, "Role", "5b567255-7703-4780-807c-7be8301ae99b", "Group.Read.All", "other", PUBLIC),
    Permission(GRAPH, "Role", "62a82d76-70ea-41e2-9197-370581804d09", "Group.ReadWrite.All", "tenant", PEERS),
    Permission(GRAPH, "Role", "dbaae8cf-10b5-4b86-a4a1-f871c94c6695", "GroupMember.ReadWrite.All", "tenant", PEERS),
    Permission(GRAPH, "Role", "810c84a8-4a9e-49e6-bf7d-12d183f40d01", "Mail.Read", "data", PEERS),
    Permission(GRAPH, "Role", "e2a3a72e-5f79-4c64-b1b1-878b674786c9", "Mail.ReadWrite", "data", PEERS),
    Permission(GRAPH, "Role", "b633e1c5-b582-4048-a93e-9f11b44c7e96", "Mail.Send", "data", PEERS),
    Permission(GRAPH, "Role", "b8bb2037-6e08-44ac-a4ea-4674e010e2a4", "OnlineMeetings.ReadWrite.All", "data", PEERS),
    Permission(GRAPH, "Role", "292d869f-3427-49a8-9dab-8c70152b74e9", "Organization.ReadWrite.All", "tenant", PEERS),
    Permission(GRAPH, "Role", "29c18626-4985-4dcd-85c0-193eef327366", "Policy.ReadWrite.AuthenticationMethod", "tenant", PEERS),
    Permission(GRAPH, "Role", "01c0a623-fc9b-48e9-b794-0756f8e8f067", "Policy.ReadWrite.ConditionalAccess", "tenant", PEERS),
    Permission(GRAPH, "Role", "a402ca1c-2696-4531-972d-6e5ee4aa11ea", "Policy.ReadWrite.PermissionGrant", "tenant", PEERS),
    Permission(GRAPH, "Role", "2f6817f8-7b12-4f0f-bc18-eeaf60705a9e", "PrivilegedAccess.ReadWrite.AzureADGroup", "tenant", PEERS),
    Permission(GRAPH, "Role", "41202f2c-f7ab-45be-b001-85c9728b9d69", "PrivilegedAssignmentSchedule.ReadWrite.AzureADGroup", "tenant", PEERS),
    Permission(GRAPH, "Role", "618b6020-bca8-4de6-99f6-ef445fa4d857", "PrivilegedEligibilitySchedule.ReadWrite.AzureADGroup", "tenant", PEERS),
    Permission(GRAPH, "Role", "dd199f4a-f148-40a4-a2ec-f0069cc799ec", "RoleAssignmentSchedule.ReadWrite.Directory", "tenant", PEERS),
    Permission(GRAPH, "Role", "fee28b28-e1f3-4841-818e-2704dc62245f", "RoleEligibilitySchedule.ReadWrite.Directory", "tenant", PEERS),
    Permission(GRAPH, "Role", "9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8", "RoleManagement.ReadWrite.Directory", "tenant", PEERS),
    Permission(GRAPH, "Role", "b38dcc4d-a239-4ed6-aa84-6c65b284f97c", "RoleManagementPolicy.ReadWrite.AzureADGroup", "tenant", PEERS),
    Permission(GRAPH, "Role", "31e08e0a-d3f7-4ca2-ac39-7343fb83e8ad", "RoleManagementPolicy.ReadWrite.Directory", "tenant", PEERS),
    Permission(GRAPH, "Role", "89c8469c-83ad-45f7-8ff2-6e3d4285709e", "ServicePrincipalEndpoint.ReadWrite.All", "other", PEERS),
    Permission(GRAPH, "Role", "a82116e5-55eb-4c41-a434-62fe8a61c773", "Sites.FullControl.All", "data", PEERS),
    Permission(GRAPH, "Role", "332a536c-c7ef-4017-ab91-336970924f0d", "Sites.Read.All", "data", PEERS),
    Permission(GRAPH, "Role", "9492366f-7969-46a4-8d15-ed1a20078fff", "Sites.ReadWrite.All", "data", PEERS),
    Permission(GRAPH, "Role", "883ea226-0bf2-4a8f-9f9d-92c9162a727d", "Sites.Selected", "other", PUBLIC),
    Permission(GRAPH, "Role", "cc117bb9-00cf-4eb8-b580-ea2a878fe8f7", "User-PasswordProfile.ReadWrite.All", "tenant", PEERS),
    Permission(GRAPH, "Role", "eccc023d-eccf-4e7b-9683-8813ab36cecc", "User.DeleteRestore.All", "tenant", PEERS),
    Permission(GRAPH, "Role", "3011c876-62b7-4ada-afa2-506cbbecc68c", "User.EnableDisableAccount.All", "tenant", PEERS),
    Permission(GRAPH, "Role", "df021288-bdef-4463-88db-98f22de89214", "User.Read.All", "other", PUBLIC),
    Permission(GRAPH, "Role", "741f803b-c850-494e-b5df-cde7c675a1ca", "User.ReadWrite.All", "tenant", PEERS),
    Permission(GRAPH, "Role", "50483e42-d915-4231-9639-7fdb7fd190e5", "UserAuthenticationMethod.ReadWrite.All", "tenant", PEERS),
    Permission(GRAPH, "Scope", "7b8a2d34-6b3f-4542-a343-54651608ad81", "AdministrativeUnit.ReadWrite.All", "tenant", PEERS),
    Permission(GRAPH, "Scope", "84bccea3-f856-4a8a-967b-dbe0a3d53a64", "AppRoleAssignment.ReadWrite.All", "tenant", PEERS),
    Permission(GRAPH, "Scope", "bdfbf15f-ee85-4955-8675-146e8e5296b5", "Application.ReadWrite.All", "tenant", PEERS),
    Permission(GRAPH, "Scope", "0e263e50-5827-48a4-b97c-d940288653c7", "Directory.AccessAsUser.All", "tenant", PUBLIC),
    Permission(GRAPH, "Scope", "c5366453-9fb0-48a5-a156-24f0c49a4b84", "Directory.ReadWrite.All", "tenant", PEERS),
    Permission(GRAPH, "Scope", "0b5d694c-a244-4bde-86e6-eb5cd07730fe", "Domain.ReadWrite.All", "tenant", PEERS),
    Permission(GRAPH, "Scope", "863451e7-0667-486c-a5d6-d135439485f0", "Files.ReadWrite.All", "data", PUBLIC),
    Permission(GRAPH, "Scope", "4e46008b-f24c-477d-8fff-7bb4ec7aafe0", "Group.ReadWrite.All", "tenant", PEERS),
    Permission(GRAPH, "Scope", "570282fd-fa5c-430d-a7fd-fc8dc98a9dca", "Mail.Read", "data", PUBLIC),
    Permission(GRAPH, "Scope", "024d486e-b451-40bb-833d-3e66d98c5c73", "Mail.ReadWrite", "data", PUBLIC),
    Permission(GRAPH, "Scope", "e383f46e-2787-4529-855e-0e479a3ffac0", "Mail.Send", "data", PUBLIC),
    Permission(GRAPH, "Scope", "7e823077-d88e-468f-a337-e18f1f0e6c7c", "Policy.ReadWrite.AuthenticationMethod", "tenant", PEERS),
    Permission(GRAPH, "Scope", "ad902697-1014-4ef5-81ef-2b4301988e8c", "Policy.ReadWrite.ConditionalAccess", "tenant", PEERS),
    Permission(GRAPH, "Scope", "d01b97e9-cbc0-49fe-810a-750afd5527a3", "RoleManagement.ReadWrite.Directory", "tenant", PEERS),
    Permission(GRAPH, "Scope", "e1fe6dd8-ba31-4d61-89e7-88639da4683d", "User.Read", "other", PUBLIC),
    Permission(GRAPH, "Scope", "204e0828-b5ca-4ad8-b9f3-f32a958e7cc4", "User.ReadWrite.All", "tenant", PEERS),
    Permission(GRAPH, "Scope", "b7887744-6746-4312-813d-72daeaee7e2d", "UserAuthenticationMethod.ReadWrite.All", "tenant", PEERS),
    Permission(GRAPH, "Scope", "64a6cdd6-aab1-4aaf-94b8-3cc8405e90d0", "email", "other", PUBLIC),
    Permission(GRAPH, "Scope", "7427e0e9-2fba-42fe-b0c0-848c9e6a8182", "offline_access", "other", PUBLIC),
    Permission(GRAPH, "Scope", "37f7f235-527c-4136-accd-4a02d197296e", "openid", "other", PUBLIC),
    Permission(GRAPH, "Scope", "14dad69e-099b-42c9-810b-d002981feec1", "profile", "other", PUBLIC),
    Permission(EXCHANGE, "Role", "ef54d2bf-783f-4e0f-bca1-3210c0444d99", "Calendars.ReadWrite.All", "data", PEERS),
    Permission(EXCHANGE, "Role", "dc50a0fb-09a3-484d-be87-e023b12c6440", "Exchange.ManageAsApp", "data", PUBLIC),
    Permission(EXCHANGE, "Role", "5e5addcd-3e8d-4e90-baf5-964efab2b20a", "IMAP.AccessAsApp", "mailbox", PUBLIC),
    Permission(EXCHANGE, "Role", "810c84a8-4a9e-49e6-bf7d-12d183f40d01", "Mail.Read", "data", PEERS),
    Permission(EXCHANGE, "Role", "e2a3a72e-5f79-4c64-b1b1-878b674786c9", "Mail.ReadWrite", "data", PEERS),
    Permission(EXCHANGE, "Role", "b633e1c5-b582-4048-a93e-9f11b44c7e96", "Mail.Send", "data", PEERS),
    Permission(EXCHANGE, "Role", "cb842b43-da6e-4506-86fe-bb12199c656d", "POP.AccessAsApp", "mailbox", PUBLIC),
    Permission(EXCHANGE, "Role", "dc890d15-9560-4a4c-9b7f-a736ec74ec40", "full_access_as_app", "mailbox", PUBLIC),
    Permission(EXCHANGE, "Scope", "3b5f3d61-589b-4a3c-a359-5dd4b5ee5bd5", "EWS.AccessAsUser.All", "data", PUBLIC),
    Permission(SHAREPOINT, "Role", "678536fe-1083-478a-9c59-b99265e6b0d3", "Sites.FullControl.All", "data", PEERS),
    Permission(SHAREPOINT, "Role", "9bff6588-13f2-4c48-bbf2-ddab62256b36", "Sites.Manage.All", "data", PEERS),
    Permission(SHAREPOINT, "Role", "d13f72ca-a275-4b96-b789-48ebcc4da984", "Sites.Read.All", "data", PEERS),
    Permission(SHAREPOINT, "Role", "fbcd29d2-fcca-4405-aded-518d457caae4", "Sites.ReadWrite.All", "data", PEERS),
    Permission(SHAREPOINT, "Role", "741f803b-c850-494e-b5df-cde7c675a1ca", "User.ReadWrite.All", "data", PEERS),
    Permission(SHAREPOINT, "Scope", "56680e0d-d2a3-4ae1-80d8-3c4f2100e3d0", "AllSites.FullControl", "data", PUBLIC),
    Permission(AZURE, "Scope", "41094075-9dad-400e-a0bd-54e686782033", "user_impersonation", "whole", PUBLIC),
    Permission(VAULT, "Scope", "f53da476-18e3-4152-8e01-aec403e6edc0", "user_impersonation", "whole", PUBLIC),
    Permission(DATAVERSE, "Scope", "78ce3f0f-a1ce-49c2-8cde-64b5c0896db4", "user_impersonation", "whole", PUBLIC),
)  # fmt: skip

_IDS: Final = frozenset(row.id for row in PERMISSIONS)
_BY_KEY: Final = {(row.resource, word, row.kind): row for row in PERMISSIONS for word in (row.id, row.value.lower())}
_WORDS: Final = frozenset(word for _, word, _ in _BY_KEY)
#: A resource by its name: manifests may have names where a tool looks the ids up. Case makes no difference.
_NAMES: Final = {name.lower(): resource for resource, name in RESOURCES.items()} | {
    "windows azure active directory": LEGACY_GRAPH, "office 365 exchange online": EXCHANGE,
    "office 365 sharepoint online": SHAREPOINT, "sharepoint": SHAREPOINT,
    "windows azure service management api": AZURE, "dynamics crm": DATAVERSE,
}  # fmt: skip

#: A narrower permission that does for many clients. Source: Microsoft, "Overview of Selected permissions", and
#: "Role Based Access Control for Applications in Exchange Online".
NARROWER: Final = {
    "Sites": "Sites.Selected", "Files": "Files.SelectedOperations.Selected", "AllSites": "Sites.Selected",
    "Mail": "RBAC for Applications in Exchange Online", "Calendars": "RBAC for Applications in Exchange Online",
}  # fmt: skip


def resource_id(name: str) -> str:
    """The id of a resource that is named by its id or by what people call it; any other text as it is, in small letters."""
    name = name.lower()
    return _NAMES.get(name, name)


def permission(resource: str, id: str, kind: str) -> Permission | None:
    """The row for a permission by its id or value; ``None`` when it is not known. Case makes no difference."""
    return _BY_KEY.get((resource_id(resource), id.lower(), kind))  # type: ignore[arg-type]


def is_listed(id: str) -> bool:
    """Say whether some permission of the table has this id, on whatever resource."""
    return id in _IDS or id.lower() in _IDS


def any_listed(words: Iterable[object]) -> bool:
    """Say whether any of *words* is the id or the value of one of the table."""
    return not _WORDS.isdisjoint(words) or any(
        isinstance(one, str) and one.lower() in _WORDS for one in words if not str(one).islower()
    )


def requested(app: Registration) -> tuple[Requested, ...]:
    """The known permissions that *app* asks for; kept with the registration, since several rules ask."""
    kept: dict[str, Any] = vars(app)
    found: tuple[Requested, ...] | None = kept.get("requested")
    if found is None:
        found = kept["requested"] = tuple(_requested(app)) if app.required_resource_access else ()
    return found


def _requested(app: Registration) -> Iterator[Requested]:
    for index, resource in enumerate(app.required_resource_access or ()):
        name = resource.resource_app_id
        if not isinstance(name, str) or resource_id(name) not in RESOURCES:
            continue
        for place, access in enumerate(resource.resource_access or ()):
            if isinstance(access.id, str) and isinstance(access.type, str):
                row = permission(name, access.id, access.type)
                if row:
                    yield Requested(f"/requiredResourceAccess/{index}/resourceAccess/{place}", row)


def roles(app: Registration) -> int:
    """How many application permissions *app* asks for, known or not."""
    kept: dict[str, Any] = vars(app)
    count = kept.get("roles")
    if count is None:
        resources = app.required_resource_access or ()
        kinds = [access.type for resource in resources for access in resource.resource_access or ()]
        count = kept["roles"] = kinds.count("Role")
    return int(count)


def of_tier(app: Registration, kind: Kind, *tiers: Tier) -> list[Requested]:
    """The known permissions of a *kind* and of one of the *tiers* that *app* asks for."""
    rows = requested(app)
    return [row for row in rows if row.permission.kind == kind and row.permission.tier in tiers]
