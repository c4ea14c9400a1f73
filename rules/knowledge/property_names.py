"""What the properties of Microsoft Graph are called in the formats of readers: manifests, Terraform and the portal.

The table is ``property_names.tsv``, one row for each property that has another name somewhere, or a page of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Final

import msgspec

from rules.knowledge.data import read_table

_INDEX: Final = re.compile(r"/\d+(?=/|$)")
#: What a row says where a tool does not have the property, although it has the object around it.
NOWHERE: Final = "-"


class PropertyName(msgspec.Struct, frozen=True, kw_only=True):
    """A property and its names; an empty one is that of Graph, and a page or resource that of what contains it.

    ``path`` is the dotted path in Graph JSON, without indexes; a restriction of an app management policy is named by
    its type. ``manifest`` is the attribute of a manifest in Azure AD Graph format. ``terraform`` is the resource, with
    the argument after a colon. ``azure_cli`` is the option of ``az ad app update`` that sets it. ``page`` and ``label``
    are the portal's, and ``values`` what the label shows for values of Graph. ``sources`` are IDs of ``sources.tsv``.
    """

    path: str
    manifest: str = ""
    terraform: str = ""
    azure_cli: str = ""
    page: str = ""
    label: str = ""
    values: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    @property
    def argument(self) -> str:
        """Terraform's name of the property: the argument, or the resource that contains it."""
        return self.terraform.rpartition(": ")[2]

    @property
    def shown(self) -> dict[str, str]:
        """What the portal shows for the values of Graph that the table names."""
        return dict(value.split("=", 1) for value in self.values)


@cache
def property_names() -> Mapping[str, PropertyName]:
    """The rows by their paths, in the order of the table."""
    return {row.path: row for row in read_table("rules.knowledge", "property_names.tsv", PropertyName)}


def path_of(pointer: str) -> str:
    """The dotted path of a JSON *pointer*, without indexes: ``/appRoles/0/value`` is ``appRoles.value``."""
    return _INDEX.sub("", pointer).removeprefix("/").replace("/", ".")


def terraform_of(pointer: str) -> str:
    """The resource, and the argument after a colon, for the property at *pointer*; empty where Terraform has none."""
    found = next((row.terraform for row in _around(pointer) if row.terraform), "")
    return "" if found == NOWHERE else found


def portal_of(pointer: str) -> str:
    """The page of the portal for the property at *pointer*, with the label on it; empty where no page is known."""
    label = ""
    for row in _around(pointer):
        label = label or row.label
        if row.page:
            return f"{row.page} > {label}" if label else row.page
    return ""


def _around(pointer: str) -> Iterator[PropertyName]:
    """The row of the property at *pointer*, and those of what contains it, from the inside out."""
    path = path_of(pointer)
    while path:
        if path in property_names():
            yield property_names()[path]
        path = path.rpartition(".")[0]
