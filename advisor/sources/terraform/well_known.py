"""Ids that a configuration names by words: resources of Microsoft's, and what they offer.

``data.azuread_application_published_app_ids.x.result.MicrosoftGraph`` is the id of Microsoft Graph, and
``data.azuread_service_principal.graph.app_role_ids["Mail.Read"]`` that of a permission, whoever runs it.

Sources: hashicorp/terraform-provider-azuread, docs/data-sources ``application_published_app_ids`` and ``service_principal``;
hashicorp/go-azure-sdk, sdk/environments/application_ids.go.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rules.permissions import (
    AZURE,
    DATAVERSE,
    EXCHANGE,
    GRAPH,
    LEGACY_GRAPH,
    SHAREPOINT,
    VAULT,
    permission,
    resource_id,
)

#: The data source of ids by names.
PUBLISHED: Final = "azuread_application_published_app_ids"
#: A data source, and a resource too when it is to use what exists.
PRINCIPAL: Final = "azuread_service_principal"
#: By which a service principal is looked up.
LOOKED_UP_BY: Final = ("client_id", "application_id", "display_name")
_IDS: Final = {
    "AzureActiveDirectoryGraph": LEGACY_GRAPH,
    "AzureKeyVault": VAULT,
    "AzureResourceManager": AZURE,
    "AzureServiceManagement": AZURE,
    "DynamicsCrm": DATAVERSE,
    "MicrosoftGraph": GRAPH,
    "Office365ExchangeOnline": EXCHANGE,
    "Office365SharePointOnline": SHAREPOINT,
}
_KINDS: Final = {"app_role_ids": "Role", "oauth2_permission_scope_ids": "Scope"}


def published_id(steps: Sequence[str | int]) -> str | None:
    """The id behind ``result.NAME``; nothing for a name that is not known."""
    return _IDS.get(str(steps[1])) if len(steps) == 2 and steps[0] == "result" else None


def offered_id(resource: str, steps: Sequence[str | int]) -> str | None:
    """The id that the service principal of a *resource*, by its id or name, has behind ``client_id`` or ``app_role_ids["X"]``."""
    if len(steps) == 1 and steps[0] in ("client_id", "application_id"):
        return resource_id(resource)
    if len(steps) != 2 or steps[0] not in _KINDS:
        return None
    row = permission(resource, str(steps[1]), _KINDS[steps[0]])
    return row.id if row else None
