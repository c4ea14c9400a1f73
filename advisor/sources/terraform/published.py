"""What the provider ``azuread`` finds in every tenant alike: appIds of Microsoft's APIs by name, and what these offer.

Source: HashiCorp, data source ``azuread_application_published_app_ids``; the names and ids of manicminer/hamilton,
``environments/published.go``, and hashicorp/go-azure-sdk, ``environments/application_ids.go``, read on 2026-11-24.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import msgspec

from advisor.sources.reading.node import Node, Place, absent
from rules.knowledge.data import read_table
from rules.knowledge.permissions import Kind

PUBLISHED: Final = "azuread_application_published_app_ids"
PRINCIPAL: Final = "azuread_service_principal"
#: By these a service principal is known in every tenant; the second is the provider's older word.
CLIENT_IDS: Final = ("client_id", "application_id")
#: What a service principal offers: ids by value.
OFFERS: Final[dict[str, Kind]] = {"app_role_ids": "Role", "oauth2_permission_scope_ids": "Scope"}


class PublishedApi(msgspec.Struct, frozen=True):
    """An API of Microsoft by the name that the provider gives it."""

    name: str
    app_id: str


@cache
def published_apis() -> tuple[PublishedApi, ...]:
    """The APIs that the data source lists."""
    return read_table("advisor.sources.terraform", "published_app_ids.tsv", PublishedApi)


def published_ids(place: Place) -> Node:
    """The attribute ``result`` of the data source."""
    return absent({api.name: absent(api.app_id, place) for api in published_apis()}, place)
