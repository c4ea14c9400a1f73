"""Entries of the list that do not mean what they were to mean: broken, of the wrong kind, unknown, or retired."""

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
    asks,
)
from rules.knowledge.permissions import (
    AZURE,
    EXCHANGE,
    GRAPH,
    LEGACY_GRAPH,
    permission,
    resources,
    rows_with_id,
)
from rules.model.finding import Hit
from rules.model.registration import Registration


@rule(
    "azure-ad-graph-permission",
    severity="medium",
    only_if=("legacy",),
    needs=LIST,
    when_set=LIST,
    checks=("PE-11",),
    references=("graph:migrate-azure-ad-graph-overview",),
    bad=Bad(asks(LEGACY_GRAPH, ("311a71cc-e848-46a1-bdf8-97ff7156d8e6", "Scope")), at="/requiredResourceAccess/0"),
    good=Good(asks(GRAPH, USER_READ)),
    base="web",
)
def azure_ad_graph_permission(app: Registration, _: Context) -> Iterator[Hit]:
    """A client still asks for Azure AD Graph, which is retired.

    Why: Calls to it fail or will; the permission stays behind, and with it what was once granted.
    Fix: Move the client to Microsoft Graph, then remove the resource from the permissions.
    """
    for index, resource in enumerate(app.required_resource_access or ()):
        if str(resource.resource_app_id).lower() == LEGACY_GRAPH:
            yield Hit(pointer=f"/requiredResourceAccess/{index}", message="asks for permissions of Azure AD Graph")


@rule(
    "malformed-permission",
    severity="low",
    only_if=("disorderly",),
    needs=LIST,
    when_set=LIST,
    checks=("PE-12",),
    references=("graph:requiredresourceaccess", "graph:resourceaccess"),
    bad=(
        Bad(asks(GRAPH, ("e1fe6dd8-ba31-4d61-89e7", "Scope")), at=AT),
        Bad(asks("00000003-0000-0000-c000", USER_READ), at="/requiredResourceAccess/0"),
        Bad(asks(GRAPH, ("e1fe6dd8-ba31-4d61-89e7-88639da4683d", "Delegated")), at=AT),
        Bad(asks(GRAPH, USER_READ, USER_READ), at="/requiredResourceAccess/0/resourceAccess/1"),
    ),
    good=Good(asks(GRAPH.upper(), USER_READ), why="case makes no difference"),
    base="web",
)  # fmt: skip
def malformed_permission(app: Registration, _: Context) -> Iterator[Hit | Gap]:
    """A permission or its resource has a broken id or an unknown kind, or stands there twice.

    Why: The deployment fails, or the consent that people give is not the one that was meant.
    Fix: Name the resource by its appId and the permission by its id, once, with the kind Scope or Role.
    """
    unread = app.unread
    for index, resource in enumerate(app.required_resource_access or ()):
        name = resource.resource_app_id
        accesses = resource.resource_access or ()
        pointer = f"/requiredResourceAccess/{index}"
        if isinstance(name, str) and f"{pointer}/resourceAppId" not in unread and _is_broken(name):
            yield Hit(pointer=pointer, message=f"names the resource {name}, which is no appId")
        elif is_name(name):
            yield Gap(f"{pointer}/resourceAppId", f"{name} is a name, and no appId")
        seen: set[tuple[str, str]] = set()
        for place, access in enumerate(accesses):
            here = f"{pointer}/resourceAccess/{place}"
            if not isinstance(access.id, str) or here in unread or f"{here}/id" in unread or f"{here}/type" in unread:
                continue
            key = (access.id.lower(), str(access.type))
            if _is_broken(access.id):
                yield Hit(pointer=here, message=f"asks for {access.id}, which is no id of a permission")
            elif is_name(access.id):
                yield Gap(f"{here}/id", f"{access.id} is a name, and no id")
            elif access.type not in ("Scope", "Role"):
                yield Hit(pointer=here, message="asks for a permission that is neither Scope nor Role")
            elif key in seen:
                yield Hit(pointer=here, message="asks for the same permission twice", remove=True)
            seen.add(key)


def _is_broken(text: str) -> bool:
    """Whether it is meant as an id and is none; a name, which some tools look up, is not meant as one."""
    return not is_guid(text) and not is_name(text)


@rule(
    "permission-of-wrong-kind",
    severity="medium",
    only_if=("strange",),
    needs=LIST,
    when_set=LIST,
    checks=("PE-13",),
    references=("graph:permissions-reference", "graph:resourceaccess"),
    bad=(
        Bad(asks(GRAPH, (ROLE_MANAGEMENT[0], "Scope")), at=AT),
        Bad(asks(GRAPH, (USER_READ[0], "Role")), at=AT),
    ),
    good=(
        Good(asks(OWN, (ROLE_MANAGEMENT[0], "Scope")), why="another resource"),
        Good(asks(GRAPH, ("405a51b5-8d8d-430b-9842-8be4b0e9f324", "Scope"), ("405a51b5-8d8d-430b-9842-8be4b0e9f324", "Role")), why="User.Export.All has one id for both kinds"),
    ),
    base="daemon",
)  # fmt: skip
def permission_of_wrong_kind(app: Registration, _: Context) -> Iterator[Hit]:
    """A permission is asked for as the wrong kind: as a scope where it is a role, or the reverse.

    Why: No consent covers it, so calls fail; the next attempt is often a wider permission.
    Fix: Look the id up in the reference and set the kind that belongs to it.
    """
    for place in requests_of(app).mismatches:
        other = permission(place.resource, place.id, "Role" if place.kind == "Scope" else "Scope")
        if other:
            yield Hit(pointer=place.pointer, message=f"asks for {other.name} as {place.kind}, which is a {other.kind}")


@rule(
    "unknown-permission",
    severity="medium",
    only_if=("strange",),
    needs=LIST,
    when_set=LIST,
    checks=("PE-12",),
    references=("graph:permissions-reference", "graph:resourceaccess", "entra:secure-least-privileged-access"),
    bad=(
        Bad(asks(AZURE, ("0f0f0f0f-aaaa-4aaa-8aaa-0f0f0f0f0f0f", "Scope")), at=AT),
        Bad(asks(GRAPH, ("678536fe-1083-478a-9c59-b99265e6b0d3", "Role")), at=AT),
    ),
    good=(
        Good(asks(GRAPH, ("0f0f0f0f-aaaa-4aaa-8aaa-0f0f0f0f0f0f", "Scope")), why="Microsoft Graph gets new permissions every month"),
        Good(asks(OWN, ("0f0f0f0f-aaaa-4aaa-8aaa-0f0f0f0f0f0f", "Scope")), why="an API of one's own"),
        Good(asks(EXCHANGE, ("df021288-bdef-4463-88db-98f22de89214", "Role")), why="Exchange shares ids with Microsoft Graph"),
    ),
    base="daemon",
)  # fmt: skip
def unknown_permission(app: Registration, _: Context) -> Iterator[Hit]:
    """A resource is asked for a permission that it does not offer, or that belongs to another resource.

    Why: Consent fails when the client is used, not when it is deployed; the next attempt is often a wider permission.
    Fix: Look the id up in the list of the resource: az ad sp show --id with its appId.
    """
    for place in requests_of(app).mismatches:
        resource, rows = resources()[place.resource], rows_with_id(place.id)
        if any(row.resource == place.resource for row in rows):
            continue  # of the wrong kind
        if rows and resource.listing != "partial":
            yield Hit(pointer=place.pointer, message=f"asks {resource.name} for {rows[0].name}")
        elif resource.listing == "complete" and is_guid(place.id):
            yield Hit(pointer=place.pointer, message=f"asks {resource.name} for {place.id}, which it does not offer")
