"""Resources that hold a part of an application, and what each adds to it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from advisor.sources.code.assembled import Branch
from advisor.sources.reading.node import Node, absent
from advisor.sources.terraform.functions import seconds
from advisor.sources.terraform.graph_body import add_body
from advisor.sources.terraform.schema import GRAPH_CREDENTIAL, GRAPH_UPDATE, PIECES
from advisor.sources.terraform.shape import Resource, part, renamed
from advisor.sources.terraform.values import Later, Reference
from rules.model.registration import Unread

#: Lists to which others may have added what is in no configuration.
OPEN: Final = frozenset(
    (
        "/passwordCredentials", "/keyCredentials", "/federatedIdentityCredentials", "/api/preAuthorizedApplications",
        "/disabledByMicrosoftStatus",
    )
)  # fmt: skip
_PASSWORDS: Final = ("azuread_application_password", "azuread_service_principal_password")
_DAY: Final = 86400
#: A secret without an end is valid for two years (Microsoft Graph, "application: addPassword"): at least these days.
_DEFAULT_DAYS: Final = 730
_PLATFORMS: Final = {"web": "web", "spa": "spa", "publicclient": "publicClient"}


def add_piece(tree: Branch, piece: Resource) -> None:
    """Add what a resource of its own says about the application."""
    if piece.type in (GRAPH_CREDENTIAL, GRAPH_UPDATE):
        add_body(tree, piece)
        return
    kind = PIECES[piece.type]
    by_hand = _BY_HAND.get(piece.type)
    if by_hand is not None:
        for pointer, node in by_hand(piece):
            tree.append(pointer, node, sure=node.known or piece.type == "azuread_application_identifier_uri")
        return
    whole = Node(dict(piece.body), piece.place)
    if piece.type in ("azuread_application_fallback_public_client", "azuread_application_optional_claims"):
        _put_piece(tree, piece, kind.adds, whole)
        return
    written = part(kind.arguments, whole, piece.address)
    element = Branch(written)
    element.members.update(written.value)
    certificate = element.members.get("key")
    if isinstance(certificate, Node) and not certificate.known:
        del element.members["key"]  # most sources leave it out, so that few rules read it
    for graph, value in kind.fixed.items():
        element.put(f"/{graph}", absent(value, piece.place, piece.address))
    if piece.type.startswith("azuread_application_flexible"):
        _wrap_audience(element)
    if kind.adds in OPEN and "end_date" in kind.arguments:
        _put_end(element, piece)
    tree.append(kind.adds, element.node())


def _put_end(element: Branch, piece: Resource) -> None:
    """The end of a credential, or how long it will be valid where that is counted from its creation."""
    end, relative = element.get("/endDateTime"), piece.body.get("end_date_relative")
    name = f"{piece.address}.end_date"
    length: int | None = None
    place = piece.place
    if end is not None:
        length, place = (end.value.seconds, end.place) if isinstance(end.value, Later) else (None, place)
    elif relative is not None and relative.value is not None:
        length, place = seconds(relative.value) if isinstance(relative.value, str) else None, relative.place
        name = f"{piece.address}.end_date_relative"
    elif piece.type in _PASSWORDS:
        length = _DEFAULT_DAYS * _DAY
    start = element.get("/startDateTime")
    if length is not None and (start is None or start.value is None):
        element.members.pop("endDateTime", None)
        element.put("/lifetimeDays", Node(length // _DAY, place, name))
    elif end is None:
        note = f"{relative.value} after its start" if relative is not None and isinstance(relative.value, str) else ""
        remedy = "set end_date, or lint the tenant after the deployment"
        element.put("/endDateTime", absent(Unread("unknown-until-apply", note, remedy), place, name))


def _wrap_audience(element: Branch) -> None:
    audience = element.members.get("audiences")
    if isinstance(audience, Node) and isinstance(audience.value, str):
        element.members["audiences"] = Node([audience], audience.place, audience.name)


def _put_piece(tree: Branch, piece: Resource, pointer: str, whole: Node) -> None:
    if pointer == "/isFallbackPublicClient":
        enabled = piece.body.get("enabled")
        if enabled is not None:
            tree.put(pointer, enabled.named(f"{piece.address}.enabled"), over=True)
        return
    for graph, node in part(PIECES[piece.type].arguments, whole, piece.address).value.items():
        tree.put(f"{pointer}/{graph}", node)


def _listed(piece: Resource, argument: str) -> Iterator[Node]:
    """The elements of a list; the list itself where it is not known."""
    node = piece.body.get(argument)
    name = f"{piece.address}.{argument}"
    if node is None or node.value is None:
        return
    if isinstance(node.value, list):
        yield from renamed(node, name).value
    else:
        yield node.named(name)


def _identifier(piece: Resource) -> Iterator[tuple[str, Node]]:
    for node in _listed(piece, "identifier_uri"):
        yield "/identifierUris", node


def _redirects(piece: Resource) -> Iterator[tuple[str, Node]]:
    kind = piece.body.get("type")
    text = kind.value if kind is not None else None
    platform = _PLATFORMS.get(text.lower()) if isinstance(text, str) else None
    if kind is not None and not kind.known:  # their platform is not known, nor which of them has any
        for one in _PLATFORMS.values():
            yield f"/{one}/redirectUris", Node(kind.value, piece.place, f"{piece.address}.type")
    for node in _listed(piece, "redirect_uris"):
        if platform:
            yield f"/{platform}/redirectUris", node


def _access(piece: Resource) -> Iterator[tuple[str, Node]]:
    accesses = []
    for argument, kind in (("role_ids", "Role"), ("scope_ids", "Scope")):
        for node in _listed(piece, argument) if not _is_unknown(piece, argument) else ():
            members = {"id": node, "type": absent(kind, node.place, node.name)}
            accesses.append(Node(members, node.place, node.name))
    # Where only a list is not known, it is not known whether anything is requested.
    unknown = next((piece.body[name].value for name in ("role_ids", "scope_ids") if _is_unknown(piece, name)), None)
    element = {"resourceAccess": Node(accesses or unknown or [], piece.place, piece.address)}
    for node in _listed(piece, "api_client_id"):
        element["resourceAppId"] = node
    yield "/requiredResourceAccess", Node(element, piece.place, piece.address)


def _is_unknown(piece: Resource, argument: str) -> bool:
    return argument in piece.body and not piece.body[argument].known


def _known_clients(piece: Resource) -> Iterator[tuple[str, Node]]:
    for node in _listed(piece, "known_client_ids"):
        yield "/api/knownClientApplications", node


def _api(piece: Resource, argument: str) -> Node:
    """The client ID of an API by its service principal, or the address of its application, otherwise not known."""
    node = piece.body.get(argument) or absent(Unread("not-in-file"), piece.place)
    value = node.value
    if isinstance(value, Reference) and value.is_principal:
        value = value.client or value.address
    elif isinstance(value, str):
        value = Unread("unknown-until-apply", "the object ID of an API", "refer to its service principal")
    return Node(value, node.place, f"{piece.address}.{argument}")


def _app_role(piece: Resource) -> Iterator[tuple[str, Node]]:
    role = piece.body.get("app_role_id") or absent(Unread("not-in-file"), piece.place)
    element = {
        "appRoleId": role.named(f"{piece.address}.app_role_id"),
        "resourceId": _api(piece, "resource_object_id"),
    }
    yield "/appRoleAssignments", Node(element, piece.place, piece.address)


def _delegated(piece: Resource) -> Iterator[tuple[str, Node]]:
    """A grant of delegated permissions: for all users where no user is named."""
    claims, user = piece.body.get("claim_values"), piece.body.get("user_object_id")
    scope = claims or absent(Unread("not-in-file"), piece.place)
    if isinstance(scope.value, list):
        unknown = next((one.value for one in scope.value if not one.known), None)
        words = " ".join(one.value for one in scope.value if isinstance(one.value, str))
        scope = Node(unknown or words, scope.place)
    is_for_all = user is None or user.value is None
    element = {
        "scope": scope.named(f"{piece.address}.claim_values"),
        "consentType": absent("AllPrincipals" if is_for_all else "Principal", piece.place),
        "resourceId": _api(piece, "resource_service_principal_object_id"),
    }
    yield "/oauth2PermissionGrants", Node(element, piece.place, piece.address)


def _directory_role(piece: Resource) -> Iterator[tuple[str, Node]]:
    argument = "role_id" if "role_id" in piece.body else "role_object_id"
    role = piece.body.get(argument) or absent(Unread("not-in-file"), piece.place)
    scope = next((piece.body[one] for one in ("directory_scope_id", "app_scope_id") if one in piece.body), None)
    if scope is None or scope.value is None:
        scope = absent("/", piece.place)
    element = {"roleDefinitionId": role.named(f"{piece.address}.{argument}"), "directoryScopeId": scope}
    yield "/roleAssignments", Node(element, piece.place, piece.address)


_BY_HAND: Final = {
    "azuread_app_role_assignment": _app_role,
    "azuread_service_principal_delegated_permission_grant": _delegated,
    "azuread_directory_role_assignment": _directory_role,
    "azuread_directory_role_member": _directory_role,
    "azuread_application_identifier_uri": _identifier,
    "azuread_application_redirect_uris": _redirects,
    "azuread_application_api_access": _access,
    "azuread_application_known_clients": _known_clients,
}
