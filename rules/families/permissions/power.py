"""Permissions with which somebody who steals the client's credential, or a token, gains much."""

from __future__ import annotations

from collections.abc import Iterator

from rules.analysis.requested import of_tier, requested
from rules.engine.rule import Bad, Context, Good, rule
from rules.families.permissions._examples import (
    AS_USER,
    AT,
    LIST,
    MAIL_READ,
    OFFLINE,
    OWN,
    ROLE_MANAGEMENT,
    USER_READ,
    asks,
)
from rules.knowledge.permission_names import gains as gains_of
from rules.knowledge.permission_names import narrower
from rules.knowledge.permissions import DATAVERSE, EXCHANGE, GRAPH
from rules.model.finding import Because, Hit, Severity
from rules.model.registration import Registration


@rule(
    "powerful-application-permission",
    severity="high",
    may_be=("medium",),
    only_if=("Role:tenant", "Role:data",),
    needs=LIST,
    when_set=LIST,
    checks=("PE-01", "PE-15"),
    references=(
        "graph:permissions-reference",
        "web:azure-tiering",
        "graph:permissions-selected-overview",
        "learn:application-rbac",
        "learn:teams-resource-specific-permissions",
    ),
    bad=(
        Bad(asks(GRAPH, ROLE_MANAGEMENT), at=AT, expected_rules=("owner-of-powerful-application",)),
        Bad(asks(GRAPH, MAIL_READ), at=AT, severity="medium"),
        Bad(asks(EXCHANGE, ("dc50a0fb-09a3-484d-be87-e023b12c6440", "Role")), at=AT, severity="medium"),
    ),
    good=(
        Good(asks(OWN, ROLE_MANAGEMENT), why="an API of one's own that has a role with the same id"),
        Good(asks(GRAPH, ("883ea226-0bf2-4a8f-9f9d-92c9162a727d", "Role")), why="Sites.Selected opens only what it is given"),
    ),
    base="daemon",
)  # fmt: skip
def powerful_application_permission(app: Registration, _: Context) -> Iterator[Hit]:
    """A client asks for an application permission that takes over the tenant, or opens everybody's data.

    Why: It works without a person. Whoever has the client's credential once granted has all of that.
    Fix: Ask for the narrowest permission that does. Where none does, keep credentials and owners of this registration few.
    """
    for row in of_tier(app, "Role", "tenant", "data"):
        takes = row.permission.tier == "tenant"
        gains = (
            "with which the tenant can be taken over"
            if takes
            else gains_of(row.permission.value) + narrower(row.permission.kind, row.permission.value)
        )
        says = f"asks for {row.permission.name} as an application, {gains}"
        yield Hit(pointer=row.pointer, message=says, severity="high" if takes else "medium")


@rule(
    "powerful-delegated-permission",
    severity="medium",
    may_be=("low",),
    only_if=("Scope:tenant", "Scope:data"),
    needs=LIST,
    when_set=LIST,
    checks=("PE-02", "PE-15"),
    references=("entra:secure-least-privileged-access", "graph:permissions-reference", "web:azure-tiering"),
    bad=(
        Bad(asks(GRAPH, AS_USER), at=AT),
        Bad(asks(GRAPH, ("024d486e-b451-40bb-833d-3e66d98c5c73", "Scope")), at=AT, severity="low"),
    ),
    good=Good(asks(GRAPH, USER_READ), why="the profile of the person who signs in"),
    base="web",
)
def powerful_delegated_permission(app: Registration, _: Context) -> Iterator[Hit]:
    """A client asks to do in a person's name what opens the tenant, or all that the person has.

    Why: A token that is stolen from an administrator opens the tenant; from anybody else, what that person can reach.
    Fix: Ask for the narrowest permission that does, and only when it is needed.
    """
    for row in of_tier(app, "Scope", "tenant", "data"):
        severity: Severity = "medium" if row.permission.tier == "tenant" else "low"
        says = f"asks for {row.permission.name} in a person's name{narrower(row.permission.kind, row.permission.value)}"
        yield Hit(pointer=row.pointer, message=says, severity=severity)


@rule(
    "legacy-mailbox-permission",
    severity="high",
    only_if=("Role:mailbox",),
    needs=LIST,
    when_set=LIST,
    checks=("PE-06",),
    references=("learn:application-rbac", "entra:secure-least-privileged-access"),
    bad=(
        Bad(asks(EXCHANGE, ("dc890d15-9560-4a4c-9b7f-a736ec74ec40", "Role")), at=AT),
        Bad(asks(EXCHANGE, ("5e5addcd-3e8d-4e90-baf5-964efab2b20a", "Role")), at=AT),
    ),
    good=Good(asks(GRAPH, ("dc890d15-9560-4a4c-9b7f-a736ec74ec40", "Role")), why="another resource, so another permission"),
    base="daemon",
)  # fmt: skip
def legacy_mailbox_permission(app: Registration, _: Context) -> Iterator[Hit]:
    """A client asks for every mailbox through an old protocol.

    Why: It reads and writes all mail without a person, by protocols that were to be gone.
    Fix: Use Microsoft Graph with RBAC for Applications, which names the mailboxes, and remove this permission.
    """
    for row in of_tier(app, "Role", "mailbox"):
        yield Hit(pointer=row.pointer, message=f"asks for {row.permission.name}, which opens every mailbox")


@rule(
    "lasting-powerful-access",
    severity="low",
    status="preview",
    only_if=("Scope:tenant",),
    needs=LIST,
    when_set=LIST,
    checks=("PE-16",),
    references=("entra:scopes-oidc", "entra:secure-least-privileged-access"),
    bad=Bad(asks(GRAPH, OFFLINE, AS_USER), at=AT, expected_rules=("powerful-delegated-permission",)),
    good=Good(asks(GRAPH, OFFLINE, USER_READ), why="nothing powerful beside it"),
    base="web",
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
            yield Hit(
                pointer=row.pointer, message="asks for offline_access beside powerful permissions", because=because
            )


@rule(
    "whole-api-permission",
    severity="low",
    only_if=("Scope:whole",),
    needs=LIST,
    when_set=LIST,
    checks=("PE-17",),
    references=("entra:secure-least-privileged-access",),
    bad=Bad(asks(DATAVERSE, ("78ce3f0f-a1ce-49c2-8cde-64b5c0896db4", "Scope")), at=AT),
    good=Good(asks(GRAPH, ("78ce3f0f-a1ce-49c2-8cde-64b5c0896db4", "Scope")), why="another resource"),
    base="web",
)
def whole_api_permission(app: Registration, _: Context) -> Iterator[Hit]:
    """A client asks for all that a person may do at Azure, Key Vault, Dataverse and their like.

    Why: Such a resource has one permission for everything: a stolen token can do whatever its person can there.
    Fix: Where no person need be there, use an identity of its own with roles for what it does.
    """
    for row in of_tier(app, "Scope", "whole"):
        yield Hit(pointer=row.pointer, message=f"asks for {row.permission.name}, all that a person may do there")
