"""Permissions of Microsoft's resources in files that name them, or ask a service principal for them, instead of writing
ids.

What is found is what the deployment would find: the id that a known resource has for a value and a kind. A resource is
known by its appId, and never by its display name, which any application may have; the one
exception is a manifest of the Microsoft 365 Agents Toolkit, whose tool knows two resources by name and no other. What
is not in the table of ``rules.knowledge.permissions`` stays a value that is not known.

Sources: Microsoft, "Microsoft Entra app manifest" of the Microsoft 365 Agents Toolkit and its ``permissions.json``;
HashiCorp, ``azuread_service_principal``; Microsoft, "Microsoft.Graph servicePrincipals" (Bicep templates for Microsoft
Graph).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final

import msgspec
from msgspec import UNSET, UnsetType

from advisor.sources.reading.node import Node, Place, absent
from rules.engine.prefilter import is_guid, is_name
from rules.knowledge.permissions import GRAPH, SHAREPOINT, Kind, permissions_by_value
from rules.model.registration import Registration, RequiredResourceAccess, ResourceAccess, Unread

#: What the toolkit finds by name.
_RESOURCES: Final = {"microsoft graph": GRAPH, "office 365 sharepoint online": SHAREPOINT}
_REMEDY: Final = "write the ids, or lint the tenant after the deployment"
#: How Graph calls what a service principal offers.
_OFFERS: Final[dict[str, Kind]] = {"appRoles": "Role", "oauth2PermissionScopes": "Scope"}


@lru_cache(maxsize=64)
def ids_by_value(resource: str, kind: Kind, place: Place) -> Node | None:
    """The ids that a *resource* has for its permissions of a *kind*, by value; nothing for one that is not known.

    They are in no file: *place* is that of the principal which is asked.
    """
    known = permissions_by_value(resource, kind)
    return absent({row.value: absent(row.id, place) for row in known.values()}, place) if known else None


@lru_cache(maxsize=64)
def offers_of(resource: str, place: Place) -> dict[str, Node]:
    """What the service principal of a *resource* offers, in Graph's words; empty for one that is not known."""
    found: dict[str, Node] = {}
    for name, kind in _OFFERS.items():
        members = [{"id": row.id, "value": row.value} for row in permissions_by_value(resource, kind).values()]
        elements = [absent({key: absent(text, place) for key, text in one.items()}, place) for one in members]
        if elements:
            found[name] = absent(elements, place)
    return found


def with_ids(app: Registration, unread: dict[str, Unread]) -> Registration:
    """The registration with the IDs of permissions that it requests by name; what has none is put into *unread*."""
    resources = app.required_resource_access
    if isinstance(resources, UnsetType) or resources is None or not any(map(is_name, _texts(resources))):
        return app
    found = tuple(_resource(one, f"/requiredResourceAccess/{n}", unread) for n, one in enumerate(resources))
    return msgspec.structs.replace(app, required_resource_access=found)


def _texts(resources: Iterable[RequiredResourceAccess]) -> Iterable[Any]:
    for one in resources:
        yield one.resource_app_id
        yield from (access.id for access in one.resource_access or ())


def _resource(one: RequiredResourceAccess, pointer: str, unread: dict[str, Unread]) -> RequiredResourceAccess:
    name = one.resource_app_id
    if isinstance(name, str) and is_name(name):
        known = _RESOURCES.get(name.casefold())
        if known is None:
            unread[f"{pointer}/resourceAppId"] = _nameless(name)
        name = known or UNSET
    accesses = one.resource_access
    if not isinstance(accesses, UnsetType) and accesses is not None:
        accesses = tuple(
            _access(access, name, f"{pointer}/resourceAccess/{n}", unread) for n, access in enumerate(accesses)
        )
    return RequiredResourceAccess(name, accesses)


def _access(access: ResourceAccess, resource: object, pointer: str, unread: dict[str, Unread]) -> ResourceAccess:
    value = access.id
    if not isinstance(value, str) or not is_name(value) or is_guid(value.strip()):
        return access  # a GUID with blanks around it is no name
    known = permissions_by_value(resource, access.type) if isinstance(resource, str) else {}  # type: ignore[arg-type]
    row = known.get(value.casefold())
    if row is None:
        unread[f"{pointer}/id"] = _nameless(value)
    return ResourceAccess(row.id if row else UNSET, access.type)


def _nameless(name: str) -> Unread:
    return Unread("placeholder", note=f"{name}, a name that a tool looks up", remedy=_REMEDY)
