"""Applications of Terraform in Graph's vocabulary: one resource, or one with the pieces that belong to it."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any, Final

import msgspec

from advisor.sources.code.assembled import Branch, add_node
from advisor.sources.code.grants import add_grants, add_principal, has_grants_alone
from advisor.sources.reading.builder import Builder
from advisor.sources.reading.node import Node, Place
from advisor.sources.reading.remedies import AFTER_DEPLOYMENT
from advisor.sources.terraform.graph_body import add_body
from advisor.sources.terraform.pieces import OPEN, add_piece
from advisor.sources.terraform.schema import (
    APPLICATIONS,
    ARGUMENTS,
    COMPUTED,
    DEFAULTS,
    GRAPH_APPLICATION,
    OVERWRITTEN,
    PIECES,
    SPLIT,
    SPLIT_DEFAULTS,
    WHOLE,
)
from advisor.sources.terraform.shape import Resource, renamed, shaped
from advisor.sources.terraform.values import as_text
from rules.model.registration import Unread

Speller = Callable[[str], str]

_AFTER_APPLY: Final = Unread("unknown-until-apply", remedy=AFTER_DEPLOYMENT)
_BROKEN: Final = Unread("malformed", note="there is a mistake in the resource", remedy="fix the syntax")
_CALLER: Final = Unread(
    "unknown-until-apply", note="versions 0 and 1 of the provider set the caller", remedy="lint the tenant too"
)
_IGNORED: Final = Unread("not-in-file", note="ignore_changes", remedy="lint the tenant: it may have been changed there")
_ELSEWHERE: Final = Unread("not-in-file", remedy="lint the tenant too, for what was added outside of Terraform")
#: What is not written in these is defined elsewhere.
_WITHOUT_DEFAULTS: Final = frozenset(("azuread_application_from_template", GRAPH_APPLICATION))
#: Arguments of versions 0 and 1 of the provider; with one of them what is not written has no default that is known.
_OLD: Final = frozenset(
    ("available_to_other_tenants", "homepage", "oauth2_allow_implicit_flow", "oauth2_permissions", "reply_urls")
)
_OLD_DEFAULTS: Final = frozenset(
    (
        "/signInAudience", "/identifierUris", "/requiredResourceAccess", "/appRoles", "/isFallbackPublicClient",
        "/web/redirectUris", "/spa/redirectUris", "/publicClient/redirectUris",
        "/web/implicitGrantSettings/enableAccessTokenIssuance",
        "/passwordCredentials", "/keyCredentials", "/federatedIdentityCredentials",
    )
)  # fmt: skip
#: The ends of the types of resources that are only ever created and deleted.
_UNCHANGEABLE: Final = ("_password", "_certificate")
#: Operators and first numbers of a version constraint.
_VERSION: Final = re.compile(r"(?<![\d.])(~>|>=|<=|!=|=|<|>|)\s*v?(\d+)(?:\.[\d.]+)?")
#: Tags behind ``feature_tags`` (docs/resources/application.md).
_FEATURES: Final = {
    "custom_single_sign_on": "WindowsAzureActiveDirectoryCustomSingleSignOnApplication",
    "enterprise": "WindowsAzureActiveDirectoryIntegratedApp",
    "gallery": "WindowsAzureActiveDirectoryGalleryApplicationNonPrimaryV1",
    "hide": "HideApp",
}


def add_applications(
    builder: Builder, resources: Iterable[Resource], *, folder: str, format: str, spell: Speller | None = None
) -> int:
    """Put applications together and add them; returns how many. The key begins with the *folder* of the configuration.

    Pieces of an application that is not among them become a registration of which nothing else is known. *spell* puts
    the names of arguments into another vocabulary than Terraform's.
    """
    resources = tuple(resources)
    here = {resource.address for resource in resources if resource.type in APPLICATIONS}
    pieces: dict[str, list[Resource]] = {}
    for resource in resources:
        if resource.type in PIECES:
            for owner in resource.belongs_to or (resource.address,):
                pieces.setdefault(owner, []).append(resource)
    count = 0
    for resource in resources:
        if resource.type in APPLICATIONS:
            tree = _application(resource, pieces.get(resource.address, ()))
            _add(builder, tree, resource, folder, format, spell)
            count += 1
    for owner, parts in pieces.items():
        if owner not in here:
            tree = Branch(Node(None, parts[0].place, parts[0].address))
            for part in parts:
                add_piece(tree, part)
            _add(builder, tree, parts[0], folder, format, spell)
            count += 1
    return count


def _add(builder: Builder, tree: Branch, resource: Resource, folder: str, format: str, spell: Speller | None) -> None:
    preferred = f"{folder}/{resource.address}" if folder not in ("", ".") else resource.address
    kind = f"{format}, {resource.note}" if resource.note else format
    node = tree.node() if spell is None else _spelled(tree.node(), spell)
    if has_grants_alone(node):
        add_principal(builder, node, preferred=preferred, format=kind)
        return
    key = add_node(
        builder,
        node,
        preferred=preferred,
        name=resource.address,
        format=kind,
        is_broken=resource.is_broken,
        address=preferred,
    )
    add_grants(builder, node, key)


def _spelled(node: Node, spell: Speller) -> Node:
    value = node.value
    if isinstance(value, dict):
        value = {key: _spelled(member, spell) for key, member in value.items()}
    elif isinstance(value, list):
        value = [_spelled(member, spell) for member in value]
    return Node(value, node.place, spell(node.name))


def _application(resource: Resource, pieces: Iterable[Resource]) -> Branch:
    tree = Branch(Node(None, resource.place, resource.address))
    if resource.type == GRAPH_APPLICATION:
        add_body(tree, resource)
    body = _body(resource) if resource.type != GRAPH_APPLICATION else {}
    for name, node in body.items():
        if name in ARGUMENTS and not _is_second_look(name, node, resource):
            argument = ARGUMENTS[name]
            found = shaped(argument, node, f"{resource.address}.{name}", argument.pointer)
            if found is not None:
                tree.put(argument.pointer, found)
    _second_look(tree, msgspec.structs.replace(resource, body=body))
    for piece in pieces:
        add_piece(tree, _changeable(piece))
        if resource.type in WHOLE and _is_overwritten(piece, resource):
            tree.append("/overwrittenResources", Node(piece.address, piece.place, piece.address))
    for name in COMPUTED:
        if resource.is_new:
            tree.fill(ARGUMENTS[name].pointer, _AFTER_APPLY, f"{resource.address}.{name}")
    if resource.type not in _WITHOUT_DEFAULTS:
        _fill(tree, resource)
    return tree


def _is_overwritten(piece: Resource, application: Resource) -> bool:
    """Whether an application that declares all of its lists removes what a resource of its own adds to one of them.

    Source: the notes in the provider's documentation of the resources in ``OVERWRITTEN``.
    """
    if piece.type not in OVERWRITTEN:
        return False
    argument = OVERWRITTEN[piece.type]
    return not argument or not is_ignored(argument, application.ignored)


def _is_second_look(name: str, node: Node, resource: Resource) -> bool:
    """Whether an argument is not simply a property: a switch of old by the name of a block of today."""
    if name == "public_client":
        return isinstance(node.value, bool | str)
    return name == "application_id" and resource.type not in APPLICATIONS


def _second_look(tree: Branch, resource: Resource) -> None:
    """What an argument alone does not say."""
    body = resource.body

    def name(argument: str) -> str:
        return f"{resource.address}.{argument}"

    audience = body.get("available_to_other_tenants")
    if audience is not None and audience.value is not None:
        value = audience.value
        if isinstance(value, bool):
            value = "AzureADMultipleOrgs" if value else "AzureADMyOrg"
        tree.put("/signInAudience", Node(value, audience.place, name("available_to_other_tenants")))
    public = body.get("public_client")
    if public is not None and isinstance(public.value, bool | str):
        tree.put("/isFallbackPublicClient", public.named(name("public_client")))
    urls = body.get("reply_urls")
    if urls is not None and urls.value is not None:
        kind = body.get("type")
        native = (kind is not None and kind.value == "native") or (public is not None and public.value is True)
        tree.put(f"/{'publicClient' if native else 'web'}/redirectUris", renamed(urls, name("reply_urls")))
    owners = body.get("owners")
    if owners is not None and owners.value is not None:
        tree.put("/owners", _owners(owners, name("owners")))
    claims = body.get("group_membership_claims")
    if claims is not None and claims.value not in (None, []):
        tree.put("/groupMembershipClaims", _joined(claims, name("group_membership_claims")))
    features = body.get("feature_tags")
    if features is not None and features.value not in (None, []) and tree.get("/tags") is None:
        tree.put("/tags", _tags(features, name("feature_tags")))


def _owners(node: Node, name: str) -> Node:
    if not isinstance(node.value, list):
        return node.named(name)
    elements = []
    for index, element in enumerate(node.value):
        here = f"{name}[{index}]"
        # Who it is, is not known before the deployment; that there is one, is.
        members = {"id": element.named(here)} if element.known else {}
        elements.append(Node(members, element.place, here))
    return Node(elements, node.place, name)


def _joined(node: Node, name: str) -> Node:
    """A list of claims as Graph writes it: names with commas."""
    if not isinstance(node.value, list):
        return node.named(name)
    unknown = next((element for element in node.value if not element.known), None)
    texts = [as_text(element.value) or "" for element in node.value]
    text: Any = unknown.value if unknown else ",".join(texts)
    return Node(text, node.place, name)


def _tags(node: Node, name: str) -> Node:
    one = node.value[0] if isinstance(node.value, list) else node
    if not isinstance(one.value, dict):
        return Node(one.value, one.place, name)
    elements = [
        Node(tag if member.known else member.value, member.place, f"{name}.{feature}")
        for feature, tag in _FEATURES.items()
        if (member := one.value.get(feature)) is not None and (member.value is True or not member.known)
    ]
    return Node(elements, node.place, name)


def _fill(tree: Branch, resource: Resource) -> None:
    """Say what holds where nothing is written."""
    is_split = resource.type in SPLIT
    is_old = not is_split and (
        _allows_old_alone(resource.provider)
        or not _OLD.isdisjoint(name for name, node in resource.body.items() if node.value is not None)
    )
    if is_old:
        tree.fill("/owners", _CALLER, f"{resource.address}.owners")
    for pointer, value, argument in DEFAULTS:
        if is_split and pointer in SPLIT_DEFAULTS:
            value, argument = SPLIT_DEFAULTS[pointer]  # noqa: PLW2901
        if is_old and pointer not in _OLD_DEFAULTS:
            continue
        name = argument if argument.startswith("azuread_") else f"{resource.address}.{argument}"
        open_elsewhere = pointer in OPEN or (is_split and argument.startswith("azuread_"))
        if resource.is_broken:
            value = _BROKEN  # noqa: PLW2901
        elif is_ignored(argument, resource.ignored) or (open_elsewhere and not resource.is_new):
            value = _ELSEWHERE  # noqa: PLW2901
        tree.fill(pointer, value, name)


def _allows_old_alone(constraint: str) -> bool:
    """Whether a version constraint allows versions 0 and 1 of the provider and no later one."""
    parts = _VERSION.findall(constraint)
    return any(major in "01" and operator in ("", "=", "~>") for operator, major in parts) or ("<", "2") in parts


def is_ignored(argument: str, ignored: Collection[str]) -> bool:
    """Whether an argument, or one that contains it, is in ``ignore_changes``."""
    if not ignored:
        return False
    parts = argument.split(".")
    return "all" in ignored or any(".".join(parts[:count]) in ignored for count in range(1, len(parts) + 1))


def _body(resource: Resource) -> dict[str, Node]:
    """The arguments of a resource, without what ``ignore_changes`` leaves to others."""
    body = dict(resource.body)
    for path in resource.ignored:
        _ignore(body, path.split("."), resource.place)
    return body


def _changeable(piece: Resource) -> Resource:
    """A piece of an application without what others may change. No one can change a secret or a certificate."""
    if not piece.ignored or piece.type.endswith(_UNCHANGEABLE):
        return piece
    return msgspec.structs.replace(piece, body=_body(piece))


def _ignore(body: dict[str, Node], path: Sequence[str], place: Place) -> None:
    """Put *not known* in place of an argument that others may change after the creation."""
    first, *rest = path
    names = [first] if first != "all" else list(body)
    for name in names:
        node = body.get(name)
        inner = node.value[0] if node is not None and isinstance(node.value, list) and node.value else node
        if not rest or node is None or inner is None or not isinstance(inner.value, dict):
            body[name] = Node(_IGNORED, place if node is None else node.place)
            continue
        members = dict(inner.value)
        _ignore(members, rest, inner.place)
        body[name] = Node([Node(members, inner.place)], node.place)
