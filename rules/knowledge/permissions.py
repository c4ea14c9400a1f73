"""Permissions that Microsoft's resources offer: resource, id, kind, value, and what they open.

A permission is matched by resource *and* id *and* kind, and never by its name: ten ids stand on two resources, and one
stands for an application and for a delegated permission.

**The table** is ``permissions.tsv``: a row for each permission with resource, kind, id, value, tier, source, and the reason
for a tier about which other tools disagree. It is read when the first registration requests a permission.

**Tiers** say what the worst case is. They were chosen by what an attacker gains; where tools that rate permissions
disagree, the reason stands beside the row. Azure AD Graph is *other* throughout: it was retired in September 2025 (Microsoft
Entra blog, "Important update: Azure AD Graph retirement"), and ``azure-ad-graph-permission`` speaks of all of it at once.

**What is not in the table** is not called harmless, it is just not known. Microsoft adds permissions every month, so of
Microsoft Graph, Exchange and their like nobody can say from a table that an id does not exist; of the resources in ``WHOLE``,
whose list has had one or two lines for years, one can. Whether a permission was disabled stands in the tenant alone.

**To refresh it**, save what Graph says of each resource and run ``tests/project/refresh_permissions.py`` on the files::

    GET https://graph.microsoft.com/v1.0/servicePrincipals?$select=appId,displayName,appRoles,oauth2PermissionScopes

Ids are those of the global cloud; where GCC High has another one that is known, its source is ``other-cloud``.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Final, Literal, get_args

import msgspec

from rules.knowledge.table import read_table, text_of_table

#: The worst case: *tenant* takes the tenant over, at once or by one more step; *data* reads or writes what everybody has, or
#: in a person's name all that this person has; *mailbox* every mailbox by an old protocol; *whole* all that the person may do
#: at a resource; *other* is listed so that its name and kind are known.
Tier = Literal["tenant", "data", "mailbox", "whole", "other"]
Kind = Literal["Role", "Scope"]

#: Where id, kind and value were found together: in Microsoft's own list of what the resource offers (the one that the
#: Microsoft 365 Agents Toolkit ships, version 3.1.3); in the tables of two or three *peers*, tools that rate permissions
#: (ScubaGear, Maester after Azure tiering, EntraFalcon); in two or more *public* projects or lists; in the table of one *peer*
#: alone; or there as the id that *other-cloud* has for a value of this table. Checked on ``CHECKED``.
Source = Literal["microsoft", "peers", "public", "peer", "other-cloud"]
CHECKED: Final = "2026-11-24"

GRAPH: Final = "00000003-0000-0000-c000-000000000000"
LEGACY_GRAPH: Final = "00000002-0000-0000-c000-000000000000"
EXCHANGE: Final = "00000002-0000-0ff1-ce00-000000000000"
SHAREPOINT: Final = "00000003-0000-0ff1-ce00-000000000000"
AZURE: Final = "797f4846-ba00-4fd7-ba43-dac1f8f63013"
VAULT: Final = "cfa8b339-82a2-471a-a3c9-0fc0be7a4093"
DATAVERSE: Final = "00000007-0000-0000-c000-000000000000"
STORAGE: Final = "e406a681-f3d4-42a8-90b6-c2b029497af1"
SQL: Final = "022907d3-0f1b-48f7-badc-1ba6abab6d66"

#: What people call the resources.
RESOURCES: Final = {
    GRAPH: "Microsoft Graph", LEGACY_GRAPH: "Azure AD Graph", EXCHANGE: "Exchange Online", SHAREPOINT: "SharePoint Online",
    AZURE: "Azure Resource Manager", VAULT: "Azure Key Vault", DATAVERSE: "Dataverse", STORAGE: "Azure Storage",
    SQL: "Azure SQL Database",
    "00000009-0000-0000-c000-000000000000": "Power BI",
    "00000012-0000-0000-c000-000000000000": "Rights Management Services",
    "2ff814a6-3304-4ab8-85cb-cd0e6f879c1d": "Azure Databricks",
    "475226c6-020e-4fb2-8a90-7a972cbfc1d4": "Power Apps",
    "48ac35b8-9aa8-4d74-927d-1f4a14a0b239": "Skype and Teams administration",
    "499b84ac-1321-427f-aa17-267ca6975798": "Azure DevOps",
    "7df0a125-d3be-4c96-aa54-591f83ff541c": "Power Automate",
    "870c4f2e-85b6-4d43-bdda-6ed9a579b725": "Information Protection Sync Service",
    "8ee8fdad-f234-4243-8f3b-15c294843740": "Microsoft Threat Protection",
    "996def3d-b36c-4153-8607-a6fd3c01b89f": "Dynamics 365 Business Central",
    "c161e42e-d4df-4a3d-9b42-e7a3c31f59d4": "Intune",
    "c5393580-f805-4401-95e8-94b7a6ef2fc2": "Office 365 Management APIs",
    "ca7f3f0b-7d91-482c-8e09-c5d840d0eac5": "Log Analytics",
    "fc780465-2017-40d4-a0c5-307022471b92": "Defender for Endpoint",
}  # fmt: skip

#: Resources of which every permission is in the table.
WHOLE: Final = frozenset((AZURE, VAULT, STORAGE, SQL))
#: And those of which Microsoft's own list is: what is added to it has a new id, and not one that another resource has long had.
#: Of the rest, Exchange above all, some share ids with Microsoft Graph that nobody has listed.
OWN_IDS: Final = WHOLE | {GRAPH, SHAREPOINT}


class Permission(msgspec.Struct, frozen=True):
    """A permission: who offers it, of which kind, by which id and value, what it opens, and where that was found.

    ``note`` is the reason for its tier where that is not plain.
    """

    resource: str
    kind: Kind
    id: str
    value: str
    tier: Tier
    source: Source
    note: str = ""

    @property
    def name(self) -> str:
        """The permission as people name it: ``Mail.Read of Microsoft Graph``."""
        return f"{self.value} of {RESOURCES[self.resource]}"


_TABLE: Final = "permissions.tsv"
_PREFERRED: Final = {source: rank for rank, source in enumerate(get_args(Source))}


@cache
def _lines() -> Mapping[tuple[str, str], Mapping[str, str]]:
    """The lines of the table by resource and kind, then by id. A run looks at few of them, so they are not taken apart."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for line in text_of_table(_TABLE).splitlines():
        if line[:1] not in ("#", "r", ""):
            resource, kind, id_, _ = line.split("\t", 3)
            found.setdefault((resource, kind), {})[id_] = line
    return found


@lru_cache(maxsize=4096)
def _row(line: str) -> Permission:
    return Permission(*line.split("\t"))  # type: ignore[arg-type]


@cache
def permissions() -> tuple[Permission, ...]:
    """The whole table, in its order, checked. Raises ``rules.knowledge.table.TableError`` for a wrong row."""
    return read_table(_TABLE, Permission)


@cache
def _by_value() -> Mapping[tuple[str, str], Mapping[str, Permission]]:
    """The rows by resource and kind, and by value in small letters; of two ids the one that is known better."""
    found: dict[tuple[str, str], dict[str, Permission]] = {}
    for row in sorted(permissions(), key=lambda row: _PREFERRED[row.source], reverse=True):
        found.setdefault((row.resource, row.kind), {})[row.value.casefold()] = row
    return found


def is_resource(name: object) -> bool:
    """Say whether *name* is the id of a resource of the table. Case makes no difference."""
    return isinstance(name, str) and (name in RESOURCES or name.lower() in RESOURCES)


def permission(resource: str, id: str, kind: str) -> Permission | None:
    """The row for a permission; ``None`` when it is not known. Case makes no difference in ids."""
    line = _lines().get((resource.lower(), kind), {}).get(id.lower())
    return _row(line) if line else None


def permissions_by_value(resource: str, kind: Kind) -> Mapping[str, Permission]:
    """What a *resource* offers by value in small letters; empty for one that is not known. Where clouds differ, the global one."""
    return _by_value().get((resource.lower(), kind), {})


def permission_named(resource: str, value: str, kind: Kind) -> Permission | None:
    """The row for a permission by its value, as delegated grants name it; ``None`` when it is not known."""
    return permissions_by_value(resource, kind).get(value.casefold())


def is_listed(id: str) -> bool:
    """Say whether the table has this id, on whatever resource and of whatever kind."""
    return any(id.lower() in lines for lines in _lines().values())


@lru_cache(maxsize=4096)
def rows_with_id(id: str) -> tuple[Permission, ...]:
    """The rows that have this id, on whatever resource and of whatever kind."""
    found = (lines.get(id.lower()) for lines in _lines().values())
    return tuple(_row(line) for line in found if line)
