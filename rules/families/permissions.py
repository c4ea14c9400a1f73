"""Permissions that a registration asks for. What was granted stands in the tenant, so all of it is judged one step lower."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from rules.engine import Bad, Context, Good, rule
from rules.facts import is_guid
from rules.finding import Because, Hit, Reference, entra, graph, learn
from rules.permissions import (
    DATAVERSE,
    EXCHANGE,
    GRAPH,
    LEGACY_GRAPH,
    NARROWER,
    RESOURCES,
    Requested,
    is_listed,
    of_tier,
    permission,
    requested,
    roles,
)
from rules.registration import Registration

_LIST: Final = ("requiredResourceAccess",)
_LEAST: Final = entra("secure-least-privileged-access", "Least privilege")
_REFERENCE: Final = learn("graph/permissions-reference", "Microsoft Graph permissions")
_TIERS: Final = Reference("Emilien Socchi, Azure tiering", "https://github.com/emiliensocchi/azure-tiering")
_AT: Final = "/requiredResourceAccess/0/resourceAccess/0"
_KINDS: Final = {"Scope", "Role"}


def _asks(resource: str, *pairs: tuple[str, str]) -> dict[str, Any]:
    """A fragment that asks one resource for permissions, each as id and kind."""
    access = [{"id": name, "type": kind} for name, kind in pairs]
    return {"requiredResourceAccess": [{"resourceAppId": resource, "resourceAccess": access}]}


_ROLE_MANAGEMENT: Final = ("9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8", "Role")
_MAIL_READ: Final = ("810c84a8-4a9e-49e6-bf7d-12d183f40d01", "Role")
_MAIL_READ_WRITE: Final = ("e2a3a72e-5f79-4c64-b1b1-878b674786c9", "Role")
_AS_USER: Final = ("0e263e50-5827-48a4-b97c-d940288653c7", "Scope")
_OFFLINE: Final = ("7427e0e9-2fba-42fe-b0c0-848c9e6a8182", "Scope")
_USER_READ: Final = ("e1fe6dd8-ba31-4d61-89e7-88639da4683d", "Scope")


def _narrower(row: Requested) -> str:
    """Which narrower permission does for many clients, as half a sentence."""
    narrower = NARROWER.get(row.permission.value.partition(".")[0])
    return f", where {narrower} may do" if narrower else ""


@rule(
    "powerful-application-permission",
    severity="high",
    may_be=("medium",),
    facts=("Role:tenant", "Role:data",),
    needs=_LIST,
    judges=_LIST,
    checks=("PE-01", "PE-15"),
    references=(_LEAST, _REFERENCE, _TIERS),
    bad=(
        Bad(_asks(GRAPH, _ROLE_MANAGEMENT), at=_AT, also=("owner-of-powerful-application",)),
        Bad(_asks(GRAPH, _MAIL_READ), at=_AT, severity="medium"),
        Bad(_asks(EXCHANGE, ("dc50a0fb-09a3-484d-be87-e023b12c6440", "Role")), at=_AT, severity="medium"),
        Bad(_asks("Microsoft Graph", ("Mail.Read", "Role")), at=_AT, severity="medium"),
    ),
    good=(
        Good(_asks("11111111-1111-4111-8111-111111111119", _ROLE_MANAGEMENT), but="an API of one's own that has a role with the same id"),
        Good(_asks(GRAPH, ("883ea226-0bf2-4a8f-9f9d-92c9162a727d", "Role")), but="Sites.Selected opens only what it is given"),
    ),
    over="daemon",
)  # fmt: skip
def powerful_application_permission(app: Registration, _: Context) -> Iterator[Hit]:
    """A client asks for an application permission that takes over the tenant, or opens everybody's data.

    Why: It works without a person. Whoever has the client's credential once granted has all of that.
    Fix: Ask for the narrowest permission that does. Where none does, keep credentials and owners of this registration few.
    """
    for row in of_tier(app, "Role", "tenant", "data"):
        takes = row.permission.tier == "tenant"
        gains = (
            "with which the tenant can be taken over" if takes else f"which opens the data of everybody{_narrower(row)}"
        )
        says = f"asks for {row.permission.name} as an application, {gains}"
        yield Hit(pointer=row.pointer, says=says, severity="high" if takes else "medium")


@rule(
    "powerful-delegated-permission",
    severity="medium",
    may_be=("low",),
    facts=(
        "Scope:tenant",
        "Scope:data",
    ),
    needs=_LIST,
    judges=_LIST,
    checks=("PE-02",),
    references=(_LEAST, _REFERENCE, _TIERS),
    bad=(
        Bad(_asks(GRAPH, _AS_USER), at=_AT),
        Bad(_asks(GRAPH, ("024d486e-b451-40bb-833d-3e66d98c5c73", "Scope")), at=_AT, severity="low"),
    ),
    good=Good(_asks(GRAPH, _USER_READ), but="the profile of the person who signs in"),
    over="web",
)
def powerful_delegated_permission(app: Registration, _: Context) -> Iterator[Hit]:
    """A client asks to do in a person's name what opens the tenant, or all that the person has.

    Why: A token that is stolen from an administrator opens the tenant; from anybody else, what that person can reach.
    Fix: Ask for the narrowest permission that does, and only when it is needed.
    """
    for row in of_tier(app, "Scope", "tenant", "data"):
        severity = "medium" if row.permission.tier == "tenant" else "low"
        says = f"asks for {row.permission.name} in a person's name{_narrower(row)}"
        yield Hit(pointer=row.pointer, says=says, severity=severity)  # type: ignore[arg-type]


@rule(
    "legacy-mailbox-permission",
    severity="high",
    facts=("Role:mailbox",),
    needs=_LIST,
    judges=_LIST,
    checks=("PE-06",),
    references=(learn("exchange/permissions-exo/application-rbac", "RBAC for Applications in Exchange Online"), _LEAST),
    bad=(
        Bad(_asks(EXCHANGE, ("dc890d15-9560-4a4c-9b7f-a736ec74ec40", "Role")), at=_AT),
        Bad(_asks(EXCHANGE, ("5e5addcd-3e8d-4e90-baf5-964efab2b20a", "Role")), at=_AT),
    ),
    good=Good(_asks(GRAPH, ("dc890d15-9560-4a4c-9b7f-a736ec74ec40", "Role")), but="another resource, so another permission"),
    over="daemon",
)  # fmt: skip
def legacy_mailbox_permission(app: Registration, _: Context) -> Iterator[Hit]:
    """A client asks for every mailbox through an old protocol.

    Why: It reads and writes all mail without a person, by protocols that were to be gone.
    Fix: Use Microsoft Graph with RBAC for Applications, which names the mailboxes, and remove this permission.
    """
    for row in of_tier(app, "Role", "mailbox"):
        yield Hit(pointer=row.pointer, says=f"asks for {row.permission.name}, which opens every mailbox")


@rule(
    "azure-ad-graph-permission",
    severity="medium",
    facts=("legacy",),
    needs=_LIST,
    judges=_LIST,
    checks=("PE-11",),
    references=(learn("graph/migrate-azure-ad-graph-overview", "Migrate from Azure AD Graph"),),
    bad=Bad(_asks(LEGACY_GRAPH, ("311a71cc-e848-46a1-bdf8-97ff7156d8e6", "Scope")), at="/requiredResourceAccess/0"),
    good=Good(_asks(GRAPH, _USER_READ)),
    over="web",
)
def azure_ad_graph_permission(app: Registration, _: Context) -> Iterator[Hit]:
    """A client still asks for Azure AD Graph, which is retired.

    Why: Calls to it fail or will; the permission stays behind, and with it what was once granted.
    Fix: Move the client to Microsoft Graph, then remove the resource from the permissions.
    """
    for index, resource in enumerate(app.required_resource_access or ()):
        if str(resource.resource_app_id).lower() == LEGACY_GRAPH:
            yield Hit(pointer=f"/requiredResourceAccess/{index}", says="asks for permissions of Azure AD Graph")


@rule(
    "malformed-permission",
    severity="low",
    facts=("disorderly",),
    needs=_LIST,
    judges=_LIST,
    checks=("PE-12",),
    references=(graph("resources/requiredresourceaccess", "requiredResourceAccess"), graph("resources/resourceaccess", "resourceAccess")),
    bad=(
        Bad(_asks(GRAPH, ("e1fe6dd8-ba31-4d61-89e7", "Scope")), at=_AT),
        Bad(_asks("00000003-0000-0000-c000", _USER_READ), at="/requiredResourceAccess/0"),
        Bad(_asks(GRAPH, ("e1fe6dd8-ba31-4d61-89e7-88639da4683d", "Delegated")), at=_AT),
        Bad(_asks(GRAPH, _USER_READ, _USER_READ), at="/requiredResourceAccess/0/resourceAccess/1"),
    ),
    good=(
        Good(_asks(GRAPH.upper(), _USER_READ), but="case makes no difference"),
        Good(_asks("Microsoft Graph", ("User.Read", "Scope")), but="some tools take names and look the ids up"),
    ),
    over="web",
)  # fmt: skip
def malformed_permission(app: Registration, _: Context) -> Iterator[Hit]:
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
            yield Hit(pointer=pointer, says=f"names the resource {name}, which is no appId")
        seen: set[tuple[str, str]] = set()
        for place, access in enumerate(accesses):
            here = f"{pointer}/resourceAccess/{place}"
            if not isinstance(access.id, str) or here in unread or f"{here}/id" in unread or f"{here}/type" in unread:
                continue
            key = (access.id.lower(), str(access.type))
            if _is_broken(access.id):
                yield Hit(pointer=here, says=f"asks for {access.id}, which is no id of a permission")
            elif access.type not in ("Scope", "Role"):
                yield Hit(pointer=here, says="asks for a permission that is neither Scope nor Role")
            elif key in seen:
                yield Hit(pointer=here, says="asks for the same permission twice", remove=True)
            seen.add(key)


def _is_broken(text: str) -> bool:
    """Whether it is meant as an id and is none; a name, which some tools look up, is not meant as one."""
    return not is_guid(text) and re.fullmatch(r"[0-9a-fA-F{}-]*", text) is not None


@rule(
    "permission-of-wrong-kind",
    severity="medium",
    facts=("listed",),
    needs=_LIST,
    judges=_LIST,
    checks=("PE-13",),
    references=(_REFERENCE, graph("resources/resourceaccess", "resourceAccess")),
    bad=(
        Bad(_asks(GRAPH, ("9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8", "Scope")), at=_AT),
        Bad(_asks(GRAPH, ("e1fe6dd8-ba31-4d61-89e7-88639da4683d", "Role")), at=_AT),
    ),
    good=Good(_asks("11111111-1111-4111-8111-111111111119", ("9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8", "Scope")), but="another resource"),
    over="daemon",
)  # fmt: skip
def permission_of_wrong_kind(app: Registration, _: Context) -> Iterator[Hit]:
    """A permission is asked for as the wrong kind: as a scope where it is a role, or the reverse.

    Why: No consent covers it, so calls fail; the next attempt is often a wider permission.
    Fix: Look the id up in the reference and set the kind that belongs to it.
    """
    for index, resource in enumerate(app.required_resource_access or ()):
        name = resource.resource_app_id
        if not isinstance(name, str) or name.lower() not in RESOURCES:
            continue
        for place, access in enumerate(resource.resource_access or ()):
            if not (isinstance(access.id, str) and is_listed(access.id) and access.type in _KINDS):
                continue
            other = permission(name, access.id, "Role" if access.type == "Scope" else "Scope")
            if other and not permission(name, access.id, str(access.type)):
                pointer = f"/requiredResourceAccess/{index}/resourceAccess/{place}"
                says = f"asks for {other.name} as {access.type}, which is a {other.kind}"
                yield Hit(pointer=pointer, says=says)


@rule(
    "redundant-permission",
    severity="info",
    facts=("listed",),
    needs=_LIST,
    judges=_LIST,
    checks=("PE-14",),
    references=(_LEAST, _REFERENCE),
    bad=Bad(_asks(GRAPH, _MAIL_READ_WRITE, _MAIL_READ), at="/requiredResourceAccess/0/resourceAccess/1", also=("powerful-application-permission",)),
    good=Good(_asks(GRAPH, _MAIL_READ, ("570282fd-fa5c-430d-a7fd-fc8dc98a9dca", "Scope")), but="one for the app, one for people"),
    over="daemon",
)  # fmt: skip
def redundant_permission(app: Registration, _: Context) -> Iterator[Hit]:
    """A client asks for a permission that another one of its permissions contains.

    Why: A list that is longer than it need be is read less, and the wider permission hides behind the narrower one.
    Fix: Keep the narrower of the two if it does, else remove it.
    """
    if len(requested(app)) < 2:
        return
    known = {(row.permission.resource, row.permission.kind, row.permission.value): row for row in requested(app)}
    for (resource, kind, value), row in known.items():
        if ".Read" in value and ".ReadWrite" not in value:
            wider = known.get((resource, kind, value.replace(".Read", ".ReadWrite", 1)))
            if wider:
                because = (Because(wider.pointer, wider.permission.value),)
                says = f"asks for {value} beside {wider.permission.value}, which contains it"
                yield Hit(pointer=row.pointer, says=says, because=because, remove=True)


@rule(
    "lasting-powerful-access",
    severity="low",
    status="preview",
    facts=("Scope:tenant",),
    needs=_LIST,
    judges=_LIST,
    checks=("PE-16",),
    references=(entra("scopes-oidc", "Scopes: offline_access"), _LEAST),
    bad=Bad(_asks(GRAPH, _OFFLINE, _AS_USER), at=_AT, also=("powerful-delegated-permission",)),
    good=Good(_asks(GRAPH, _OFFLINE, _USER_READ), but="nothing powerful beside it"),
    over="web",
)
def lasting_powerful_access(app: Registration, _: Context) -> Iterator[Hit]:
    """A client asks to keep what it may do for an administrator after that person has left.

    Why: A refresh token outlives the session; with it the powerful permission works for weeks from anywhere.
    Fix: Leave offline_access out of a client that acts for administrators.
    """
    powerful = of_tier(app, "Scope", "tenant")
    for row in requested(app) if powerful else ():
        if row.permission.value == "offline_access":
            because = tuple(Because(other.pointer, other.permission.value) for other in powerful)
            yield Hit(pointer=row.pointer, says="asks for offline_access beside powerful permissions", because=because)


@rule(
    "whole-api-permission",
    severity="low",
    facts=("Scope:whole",),
    needs=_LIST,
    judges=_LIST,
    checks=("PE-17",),
    references=(_LEAST,),
    bad=Bad(_asks(DATAVERSE, ("78ce3f0f-a1ce-49c2-8cde-64b5c0896db4", "Scope")), at=_AT),
    good=Good(_asks(GRAPH, ("78ce3f0f-a1ce-49c2-8cde-64b5c0896db4", "Scope")), but="another resource"),
    over="web",
)
def whole_api_permission(app: Registration, _: Context) -> Iterator[Hit]:
    """A client asks for all that a person may do at Azure, Key Vault or Dataverse.

    Why: These resources have one permission for everything: a stolen token can do whatever its person can there.
    Fix: Where no person need be there, use an identity of its own with roles for what it does.
    """
    for row in of_tier(app, "Scope", "whole"):
        yield Hit(pointer=row.pointer, says=f"asks for {row.permission.name}, all that a person may do there")


@rule(
    "many-application-permissions",
    severity="low",
    facts=("Role",),
    needs=_LIST,
    judges=_LIST,
    checks=("PE-10",),
    references=(_LEAST,),
    settings=("max-application-permissions",),
    bad=Bad(_asks("11111111-1111-4111-8111-111111111119", *((f"{n:08x}-0000-4000-8000-000000000000", "Role") for n in range(11))), at="/requiredResourceAccess"),
    good=Good(_asks("11111111-1111-4111-8111-111111111119", *((f"{n:08x}-0000-4000-8000-000000000000", "Role") for n in range(10)))),
    over="daemon",
)  # fmt: skip
def many_application_permissions(app: Registration, context: Context) -> Iterator[Hit]:
    """A client asks for so many application permissions that nobody can answer for each.

    Why: One credential opens all of them, whichever part of the client it was meant for.
    Fix: Split the client, or remove the permissions that it does not use.
    """
    most = context.settings.max_application_permissions
    count = roles(app)
    if count > most:
        says = f"asks for {count} application permissions, more than the {most} that are accepted here"
        yield Hit(pointer="/requiredResourceAccess", says=says)
