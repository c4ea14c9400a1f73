"""Registrations among the resources of Bicep and ARM: applications of Microsoft Graph with their federated credentials.

Sources: Microsoft, "Microsoft.Graph applications", "Microsoft.Graph applications/federatedIdentityCredentials",
"Microsoft.Graph appRoleAssignedTo" and "Microsoft.Graph oauth2PermissionGrants" (Bicep templates for Microsoft Graph).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from advisor.sources.code.assembled import Branch, add_node
from advisor.sources.code.grants import add_grants, add_principal, has_grants_alone
from advisor.sources.reading.builder import Builder
from advisor.sources.reading.node import Node, Place, absent, plain
from rules.model.registration import Unread

#: ``Microsoft.AzureActiveDirectory/applications`` was never a type of Microsoft's; templates have it all the same.
APPLICATION: Final = re.compile(r"microsoft\.(?:graph|azureactivedirectory)/applications(?:@[\w.-]*)?$", re.IGNORECASE)
CREDENTIAL: Final = re.compile(
    r"(?:microsoft\.graph/applications/)?federatedidentitycredentials(?:@[\w.-]*)?$", re.IGNORECASE
)
#: A user-assigned managed identity, and its federated credentials, which have the properties of an application's.
IDENTITY: Final = re.compile(r"microsoft\.managedidentity/userassignedidentities(?:@[\w.-]*)?$", re.IGNORECASE)
IDENTITY_CREDENTIAL: Final = re.compile(
    r"microsoft\.managedidentity/userassignedidentities/federatedidentitycredentials(?:@[\w.-]*)?$", re.IGNORECASE
)
PRINCIPAL: Final = re.compile(r"microsoft\.graph/serviceprincipals(?:@[\w.-]*)?$", re.IGNORECASE)
#: Resources that grant permissions, the list of Graph in which a tenant has each, and what of them is read.
GRANT: Final = re.compile(r"microsoft\.graph/(approleassignedto|oauth2permissiongrants)(?:@[\w.-]*)?$", re.IGNORECASE)
_LISTS: Final = {"approleassignedto": "appRoleAssignments", "oauth2permissiongrants": "oauth2PermissionGrants"}
_GRANTED: Final = ("appRoleId", "consentType", "scope")
_TWICE: Final = "two resources with the same uniqueName differ"
_OWN: Final = frozenset(("appId", "id", "uniqueName", "logo", "name", "dependsOn", "parent", "owners"))


class Credential(msgspec.Struct, frozen=True):
    """A federated credential: what is in it, and by which names its application, or managed identity, may be known."""

    node: Node
    of: tuple[str, ...] = ()
    kind: str = "application"


class Grant(msgspec.Struct, frozen=True):
    """What a service principal is granted: Graph's list of such grants, the members, and by which names its application
    may be known. A principal that does not belong to an application is of another *kind*.
    """

    list: str
    node: Node
    of: tuple[str, ...] = ()
    kind: str = "service principal"


class Declared(msgspec.Struct, frozen=True):
    """An application as it is declared: its symbolic name, its properties, and names by which credentials find it."""

    symbol: str
    node: Node
    place: Place
    names: tuple[str, ...] = ()
    note: str = ""


Declaration = Declared | Credential | Grant


class Deployment(msgspec.Struct, frozen=True):
    """What one deployment declares, and the parameter file that it was read with."""

    declared: Sequence[Declaration]
    parameters: str = ""


class _Built(msgspec.Struct, frozen=True):
    """A registration to be added: its symbol and name, its values, a note for its format, and its ``uniqueName``."""

    symbol: str
    name: str
    node: Node
    note: str = ""
    unique_name: str = ""


def add_deployments(builder: Builder, deployments: Sequence[Deployment], *, file: str, format: str) -> int:
    """Add the applications of *deployments* of one file, each with its credentials; returns how many there are.

    What is the same with every parameter file is added once, and anything else once for each of its shapes.
    """
    shapes: dict[tuple[str, int], list[tuple[Any, _Built, list[str]]]] = {}
    for deployment in deployments:
        counts: Counter[str] = Counter()
        for built in _built(deployment.declared):
            value = plain(built.node)
            rows = shapes.setdefault((built.symbol, counts[built.symbol]), [])
            counts[built.symbol] += 1
            known = next((files for shape, _, files in rows if shape == value), None)
            if known is None:
                rows.append((value, built, [deployment.parameters]))
            else:
                known.append(deployment.parameters)
    for (symbol, _), rows in shapes.items():
        for _, built, files in rows:
            is_one = len(rows) == 1 and len(files) >= len(deployments)
            notes = filter(None, (format, built.note, "" if is_one else f"with {' and '.join(files)}"))
            preferred = f"{file}#{symbol}" if is_one else f"{file}#{symbol} with {files[0]}"
            kind = ", ".join(notes)
            if has_grants_alone(built.node):
                add_principal(builder, built.node, preferred=built.name, format=kind)
            else:
                key = add_node(
                    builder,
                    built.node,
                    preferred=preferred,
                    name=built.name,
                    format=kind,
                    address=built.unique_name,
                )
                add_grants(builder, built.node, key)
    return sum(map(len, shapes.values()))


def _built(declared: Iterable[Declaration]) -> Iterator[_Built]:
    """The registrations of a deployment. Credentials and grants of an application, or managed identity, that is
    declared elsewhere become one of which nothing else is known.
    """
    everything = list(declared)
    trees = [(one, _tree(one)) for one in everything if isinstance(one, Declared)]
    by_name: dict[str, Branch] = {}
    for one, tree in trees:
        for name in (one.symbol, *one.names):
            by_name.setdefault(name, tree)
    strangers: dict[tuple[str, str], Branch] = {}
    for part in everything:
        if isinstance(part, Declared):
            continue
        owner = next((by_name[name] for name in part.of if name in by_name), None)
        if owner is None or part.kind == "managed identity":
            name = part.of[0] if part.of else ""
            owner = strangers.setdefault((part.kind, name), Branch(Node(None, part.node.place)))
        owner.append(f"/{part.list}" if isinstance(part, Grant) else "/federatedIdentityCredentials", part.node)
    yield from _merged([_Built(one.symbol, one.symbol, tree.node(), one.note) for one, tree in trees], trees)
    for (kind, name), tree in strangers.items():
        yield _Built(name, f"{kind} {name}" if name else f"{kind} elsewhere", tree.node())


def _merged(built: Sequence[_Built], trees: Sequence[tuple[Declared, Branch]]) -> Iterator[_Built]:
    """Registrations, where two resources of one ``uniqueName`` are one: of values that differ, none is known."""
    by_name: dict[str, _Built] = {}
    for one, (declared, _) in zip(built, trees, strict=True):
        members = declared.node.value if isinstance(declared.node.value, dict) else {}
        unique = members["uniqueName"].value if "uniqueName" in members else None
        unique = unique if isinstance(unique, str) else ""
        name = unique or f"resource {one.symbol}"
        first = by_name.get(name)
        node, first = (one.node, one) if first is None else (_either(first.node, one.node), first)
        by_name[name] = _Built(first.symbol, first.name, node, first.note, unique)
    yield from by_name.values()


def _either(one: Node, other: Node) -> Node:
    """Two objects as one, whose members are known where both have the same value, or only one has them."""
    members = {**other.value, **one.value}
    for key in one.value.keys() & other.value.keys():
        if plain(one.value[key]) != plain(other.value[key]):
            members[key] = Node(Unread("placeholder", note=_TWICE, remedy="declare it once"), one.value[key].place)
    return Node(members, one.place)


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


def grant_of(type: str, members: Mapping[str, Node], place: Place, resource: Node) -> Grant | None:
    """A resource that grants permissions to a service principal; nothing for a resource of another *type*.

    *resource* is the client ID of the API, by which rules know it.
    """
    match = GRANT.match(type)
    if match is None:
        return None
    kept = {name: node for name, node in members.items() if name in _GRANTED and isinstance(node.value, str | Unread)}
    return Grant(_LISTS[match[1].lower()], Node({**kept, "resourceId": resource}, place))


def credential_of(node: Node, owner: Sequence[str], *, kind: str = "application") -> Credential:
    """A federated credential; its name holds the application's and its own: ``uniqueName/name``.

    That of a managed identity has the name ``identity/name`` or, inside of its identity, its own alone.
    """
    value = dict(node.value) if isinstance(node.value, dict) else {}
    if kind != "application":
        properties = value.pop("properties", None)
        inner = properties.value if properties is not None and isinstance(properties.value, dict) else {}
        value = {**({"name": value["name"]} if "name" in value else {}), **inner}
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
    return Credential(Node(members, node.place), tuple(names), kind)
