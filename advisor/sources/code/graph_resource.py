"""Registrations among the resources of Bicep and ARM: applications of Microsoft Graph with their federated credentials.

Sources: Microsoft, "Microsoft.Graph applications" and "Microsoft.Graph applications/federatedIdentityCredentials"
(Bicep templates for Microsoft Graph).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from advisor.sources.code.assembled import Branch, add_node
from advisor.sources.reading.builder import Builder
from advisor.sources.reading.node import Node, Place, absent
from rules.model.registration import Unread

#: ``Microsoft.AzureActiveDirectory/applications`` was never a type of Microsoft's; templates have it all the same.
APPLICATION: Final = re.compile(r"microsoft\.(?:graph|azureactivedirectory)/applications(?:@[\w.-]*)?$", re.IGNORECASE)
CREDENTIAL: Final = re.compile(
    r"(?:microsoft\.graph/applications/)?federatedidentitycredentials(?:@[\w.-]*)?$", re.IGNORECASE
)
PRINCIPAL: Final = re.compile(r"microsoft\.graph/serviceprincipals(?:@[\w.-]*)?$", re.IGNORECASE)
_OWN: Final = frozenset(("appId", "id", "uniqueName", "logo", "name", "dependsOn", "parent", "owners"))


class Credential(msgspec.Struct, frozen=True):
    """A federated credential: what is in it, and by which names its application may be known."""

    node: Node
    of: tuple[str, ...] = ()


class Declared(msgspec.Struct, frozen=True):
    """An application as it is declared: its symbolic name, its properties, and names by which credentials find it."""

    symbol: str
    node: Node
    place: Place
    names: tuple[str, ...] = ()
    note: str = ""


def add_declared(
    builder: Builder,
    applications: Sequence[Declared],
    credentials: Iterable[Credential],
    *,
    file: str,
    format: str,
) -> int:
    """Add applications, each with its credentials; returns how many registrations there are.

    Credentials of an application that is declared elsewhere become a registration of which nothing else is known.
    """
    trees = [(declared, _tree(declared)) for declared in applications]
    by_name: dict[str, Branch] = {}
    for declared, tree in trees:
        for name in (declared.symbol, *declared.names):
            by_name.setdefault(name, tree)
    strangers: dict[str, Branch] = {}
    for credential in credentials:
        owner = next((by_name[name] for name in credential.of if name in by_name), None)
        if owner is None:
            name = credential.of[0] if credential.of else ""
            owner = strangers.setdefault(name, Branch(Node(None, credential.node.place)))
        owner.append("/federatedIdentityCredentials", credential.node)
    for declared, tree in trees:
        kind = f"{format}, {declared.note}" if declared.note else format
        add_node(builder, tree.node(), preferred=f"{file}#{declared.symbol}", name=declared.symbol, format=kind)
    for name, tree in strangers.items():
        shown = f"application {name}" if name else "application elsewhere"
        add_node(builder, tree.node(), preferred=f"{file}#{name}", name=shown, format=format)
    return len(trees) + len(strangers)


def _tree(declared: Declared) -> Branch:
    tree = Branch(Node(None, declared.place))
    if not isinstance(declared.node.value, dict):
        return tree
    for name, node in declared.node.value.items():
        if name == "owners":
            tree.put("/owners", _owners(node))
        elif name not in _OWN or (name in ("appId", "id") and isinstance(node.value, str)):
            tree.put(f"/{name}", node)
    return tree


def _owners(node: Node) -> Node:
    """Owners are ids below ``relationships``."""
    inner = node.value.get("relationships") if isinstance(node.value, dict) else node
    if inner is None or not isinstance(inner.value, list):
        value = inner.value if inner is not None and not inner.known else Unread("not-in-file")
        return Node(value, node.place)
    elements = [
        element if isinstance(element.value, dict) else Node({"id": element} if element.known else {}, element.place)
        for element in inner.value
    ]
    return Node(elements, inner.place)


def credential_of(node: Node, owner: Sequence[str]) -> Credential:
    """A federated credential; its name holds the application's and its own: ``uniqueName/name``."""
    value = node.value if isinstance(node.value, dict) else {}
    name = value.get("name")
    names = list(owner)
    members = {key: member for key, member in value.items() if key not in ("dependsOn", "parent")}
    if name is not None and not name.known:
        del members["name"]
    elif name is not None and isinstance(name.value, str) and "/" in name.value:
        unique, _, own = name.value.partition("/")
        names.append(unique)
        members["name"] = Node(own, name.place)
    # One with a subject has no expression, and the other way round: what is not written is not there.
    for key in ("subject", "claimsMatchingExpression"):
        members.setdefault(key, absent(None, node.place))
    return Credential(Node(members, node.place), tuple(names))
