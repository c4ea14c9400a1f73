"""Entries of the list that are broken, of the wrong kind, unknown, or retired."""

from __future__ import annotations

from collections.abc import Iterator

from rules.analysis.requested import requests_of
from rules.engine.prefilter import is_guid, is_name
from rules.engine.rule import Bad, Context, Gap, Good, rule
from rules.families.permissions._examples import (
    AT,
    LIST,
    OWN,
    ROLE_MANAGEMENT,
    USER_READ,
    block,
    requests,
)
from rules.knowledge.permissions import (
    AZURE,
    EXCHANGE,
    GRAPH,
    LEGACY_GRAPH,
    permission,
    resembling,
    resources,
    rows_with_id,
)
from rules.model.finding import Hit
from rules.model.registration import UNSET, Registration, ResourceAccess


@rule(
    "azure-ad-graph-permission",
    kinds=("application", "blueprint"),
    severity="low",
    only_if=("legacy",),
    needs=LIST,
    when_set=LIST,
    checks=("PE-11",),
    references=("graph:applications-authenticationbehaviors", "entra:recommendation-migrate-to-microsoft-graph-api"),
    bad=Bad(requests(LEGACY_GRAPH, ("311a71cc-e848-46a1-bdf8-97ff7156d8e6", "Scope")), at="/requiredResourceAccess/0"),
    good=(Good(requests(GRAPH, USER_READ)), Good(requests(LEGACY_GRAPH), why="no permission is requested")),
    base="web",
)
def azure_ad_graph_permission(app: Registration, _: Context) -> Iterator[Hit | Gap]:
    """The app requests permissions of the retired Azure AD Graph.

    Why: Azure AD Graph was retired on 31 August 2025, so a client that still calls it fails. The registration does not
        show whether the client has moved to Microsoft Graph.
    Acceptable: The permissions are acceptable only while the client is moving to Microsoft Graph.
    Fix: Move the client to Microsoft Graph and request the permissions of that API, such as User.Read for sign-in. Then
        remove the entry of Azure AD Graph from requiredResourceAccess.
    """
    for index, resource in enumerate(app.required_resource_access or ()):
        pointer = f"/requiredResourceAccess/{index}"
        if str(resource.resource_app_id).lower() != LEGACY_GRAPH:
            continue
        if resource.resource_access is UNSET:
            says = "grantlint did not read which permissions of Azure AD Graph are requested"
            yield Gap(f"{pointer}/resourceAccess", says, "not-in-file", "add the permissions")
        elif resource.resource_access:
            yield Hit(pointer=pointer, message="requests permissions of Azure AD Graph")


@rule(
    "malformed-permission",
    kinds=("application", "blueprint"),
    severity="low",
    only_if=("disorderly",),
    needs=LIST,
    when_set=LIST,
    checks=("PE-12",),
    references=("graph:requiredresourceaccess", "graph:resourceaccess"),
    bad=(
        Bad(requests(GRAPH, ("e1fe6dd8-ba31-4d61-89e7", "Scope")), at=AT),
        Bad(requests("00000003-0000-0000-c000", USER_READ), at="/requiredResourceAccess/0"),
        Bad(requests(GRAPH, (f" {USER_READ[0]}", "Scope")), at=AT),
        Bad(requests(GRAPH, ("e1fe6dd8-ba31-4d61-89e7-88639da4683d", "Delegated")), at=AT),
        Bad({"requiredResourceAccess": [{"resourceAppId": GRAPH, "resourceAccess": [{"type": "Scope"}]}]}, at=AT),
        Bad(requests(GRAPH, USER_READ, USER_READ), at="/requiredResourceAccess/0/resourceAccess/1"),
        Bad(
            requests(GRAPH, USER_READ, (USER_READ[0].upper(), "Scope")),
            at="/requiredResourceAccess/0/resourceAccess/1",
        ),
        Bad(
            {"requiredResourceAccess": [block(GRAPH, USER_READ), block(GRAPH.upper(), USER_READ)]},
            at="/requiredResourceAccess/1/resourceAccess/0",
        ),
    ),
    good=Good(requests(GRAPH.upper(), USER_READ), why="letter case makes no difference"),
    base="web",
)
def malformed_permission(app: Registration, _: Context) -> Iterator[Hit | Gap]:
    """A requested permission is malformed or listed twice.

    Why: The deployment can fail, or the client does not get the intended permission. A second entry for the same
        permission adds nothing.
    Acceptable: A second entry does no harm. A malformed entry is never acceptable, since it names no permission.
    Fix: Name each API in requiredResourceAccess by its appId. List each permission once, by its ID, with the type Scope
        or Role.
    """
    seen: set[tuple[str, str, str]] = set()
    for index, resource in enumerate(app.required_resource_access or ()):
        name = resource.resource_app_id
        pointer = f"/requiredResourceAccess/{index}"
        if not _is_marked(app, pointer, "resourceAppId"):
            yield from _of_resource(pointer, name)
        for place, access in enumerate(resource.resource_access or ()):
            here = f"{pointer}/resourceAccess/{place}"
            if _is_marked(app, here, "id", "type"):
                continue
            key = (str(name).lower(), str(access.id).lower(), str(access.type))
            wrong = _of_access(here, access)
            if wrong:
                yield wrong
            elif key in seen:
                yield Hit(pointer=here, message=f"requests the permission {access.id} twice", remove=True)
            seen.add(key)


def _is_marked(app: Registration, pointer: str, *members: str) -> bool:
    """Whether a source marked an entry, or one of its *members*, as not read."""
    return bool(app.unread) and any(one in app.unread for one in (pointer, *(f"{pointer}/{name}" for name in members)))


def _of_resource(pointer: str, name: object) -> Iterator[Hit | Gap]:
    """What is wrong with the appId of a resource."""
    if not isinstance(name, str):
        yield Hit(pointer=pointer, message="requests permissions without the appId of their API")
    elif _is_broken(name):
        yield Hit(pointer=pointer, message=f"requests permissions of an API with an invalid appId: {_shown(name)}")
    elif is_name(name):
        yield Gap(f"{pointer}/resourceAppId", f"{name} is a name, not an appId")


def _of_access(pointer: str, access: ResourceAccess) -> Hit | Gap | None:
    """What is wrong with a requested permission by itself."""
    if not isinstance(access.id, str):
        return Hit(pointer=pointer, message="requests a permission without an ID")
    if _is_broken(access.id):
        return Hit(pointer=pointer, message=f"requests a permission with an invalid ID: {_shown(access.id)}")
    if is_name(access.id):
        return Gap(f"{pointer}/id", f"{access.id} is a name, not an ID")
    if not isinstance(access.type, str):
        return Hit(pointer=pointer, message=f"requests the permission {access.id} without a type")
    if access.type not in ("Scope", "Role"):
        return Hit(pointer=pointer, message=f"requests a permission of the unknown type {access.type}")
    return None


def _is_broken(text: str) -> bool:
    """Whether it is meant as an ID and is not one; a name, which some tools look up, is not meant as an ID."""
    return not is_guid(text) and not is_name(text.strip())


def _shown(text: str) -> str:
    """*text* for a message; in quotation marks where it begins or ends with a blank, which is hard to see."""
    return text if text == text.strip() else repr(text)


@rule(
    "wrong-permission-type",
    kinds=("application", "blueprint"),
    severity="low",
    only_if=("strange",),
    needs=LIST,
    when_set=LIST,
    checks=("PE-13",),
    references=("graph:permissions-reference", "graph:resourceaccess"),
    bad=(
        Bad(requests(GRAPH, (ROLE_MANAGEMENT[0], "Scope")), at=AT),
        Bad(requests(GRAPH, (USER_READ[0], "Role")), at=AT),
    ),
    good=(
        Good(requests(OWN, (ROLE_MANAGEMENT[0], "Scope")), why="the ID is requested from another API"),
        Good(
            requests(
                GRAPH,
                ("405a51b5-8d8d-430b-9842-8be4b0e9f324", "Scope"),
                ("405a51b5-8d8d-430b-9842-8be4b0e9f324", "Role"),
            ),
            why="User.Export.All has one ID for both types",
        ),
    ),
    base="daemon",
)
def wrong_permission_type(app: Registration, _: Context) -> Iterator[Hit | Gap]:
    """A delegated permission is requested as an application permission, or the reverse.

    Why: The API offers no permission with this ID and type, so the client does not get the intended permission.
    Acceptable: Never. An entry with the wrong type gives no access.
    Fix: Decide whether the client acts for a signed-in user (Scope) or without one (Role). Use the ID that the API has
        for this type, for example from az ad sp show.
    """
    for place in requests_of(app).mismatches:
        other = permission(place.resource, place.id, "Role" if place.kind == "Scope" else "Scope")
        resource = resources()[place.resource]
        if other and resource.listing == "partial":
            says = f"{other.name} is listed with the type {other.kind}, and the list of {resource.name} is incomplete"
            yield Gap(place.pointer, says, "unknown", f"look it up: az ad sp show --id {resource.id}")
        elif other:
            says = f"requests {other.name} with the type {place.kind}; its type is {other.kind}"
            yield Hit(pointer=place.pointer, message=says)


@rule(
    "unknown-permission",
    kinds=("application", "blueprint"),
    severity="low",
    only_if=("strange",),
    needs=LIST,
    when_set=LIST,
    checks=("PE-12",),
    references=("graph:permissions-reference", "graph:resourceaccess"),
    bad=(
        Bad(requests(AZURE, ("0f0f0f0f-aaaa-4aaa-8aaa-0f0f0f0f0f0f", "Scope")), at=AT),
        Bad(requests(GRAPH, ("678536fe-1083-478a-9c59-b99265e6b0d3", "Role")), at=AT),
    ),
    good=(
        Good(
            requests(GRAPH, ("0f0f0f0f-aaaa-4aaa-8aaa-0f0f0f0f0f0f", "Scope")),
            why="the permission may be newer than the list, so it is not assessed",
        ),
        Good(requests(OWN, ("0f0f0f0f-aaaa-4aaa-8aaa-0f0f0f0f0f0f", "Scope")), why="an API of your own"),
        Good(
            requests(EXCHANGE, ("df021288-bdef-4463-88db-98f22de89214", "Role")),
            why="Exchange shares IDs with Microsoft Graph, so it is not assessed",
        ),
    ),
    base="daemon",
)
def unknown_permission(app: Registration, _: Context) -> Iterator[Hit]:
    """The app requests a permission that the API does not offer.

    Why: The client does not get the intended permission.
    Acceptable: The entry is acceptable only if the service principal of the API lists the ID. The permission is then
        newer than the list of permissions in grantlint.
    Fix: Look up the permissions of the API, for example with az ad sp show. Use the right ID, or remove the entry.
    """
    found = requests_of(app)
    for place in found.mismatches:
        resource, rows = resources()[place.resource], rows_with_id(place.id)
        if any(row.resource == place.resource for row in rows):
            continue  # of the wrong kind
        if rows and resource.listing != "partial":
            says = f"requests {rows[0].name} from {resource.name}, which does not offer it"
            yield Hit(pointer=place.pointer, message=says)
        elif resource.listing == "complete" and is_guid(place.id):
            yield Hit(pointer=place.pointer, message=f"requests {place.id}, which {resource.name} does not offer")
    for place in found.unlisted:
        near = resembling(place.resource, place.id) if is_guid(place.id) else None
        if near:
            says = f"requests {place.id}, which is almost the ID of {near.name} ({near.id})"
            yield Hit(pointer=place.pointer, message=says)
