"""More permissions than the client can need."""

from __future__ import annotations

from collections.abc import Iterator

from rules.analysis.requested import requested, roles
from rules.engine.rule import Bad, Context, Good, rule
from rules.families.permissions._examples import (
    AT,
    LIST,
    MAIL_READ,
    MAIL_READ_WRITE,
    OWN,
    USER_READ,
    asks,
)
from rules.knowledge.permission_names import contains
from rules.knowledge.permissions import GRAPH
from rules.model.finding import Because, Hit
from rules.model.registration import Registration


@rule(
    "redundant-permission",
    severity="info",
    only_if=("several",),
    needs=LIST,
    when_set=LIST,
    checks=("PE-14",),
    references=("entra:secure-least-privileged-access", "graph:permissions-reference"),
    bad=(
        Bad(asks(GRAPH, MAIL_READ_WRITE, MAIL_READ), at="/requiredResourceAccess/0/resourceAccess/1", expected_rules=("powerful-application-permission",)),
        Bad(asks(GRAPH, ("75359482-378d-4052-8f01-80520e7db3cd", "Role"), ("01d4889c-1287-42c6-ac1f-5d1e02578ef6", "Role")), at="/requiredResourceAccess/0/resourceAccess/1", expected_rules=("powerful-application-permission",)),
        Bad(asks(GRAPH, ("10465720-29dd-4523-a11a-6a75c743c9d9", "Scope"), ("df85f4d6-205c-4ac5-a5ea-6bf408dba283", "Scope")), at=AT, expected_rules=("powerful-delegated-permission",)),
    ),
    good=(
        Good(asks(GRAPH, MAIL_READ, ("570282fd-fa5c-430d-a7fd-fc8dc98a9dca", "Scope")), why="one for the app, one for people"),
        Good(asks(GRAPH, USER_READ, ("a154be20-db9c-4678-8ab7-66f6cc099a59", "Scope")), why="signing in asks for User.Read, whatever else is asked for"),
    ),
    base="daemon",
)  # fmt: skip
def redundant_permission(app: Registration, _: Context) -> Iterator[Hit]:
    """A client asks for a permission that another one of its permissions contains.

    Why: A list that is longer than it need be is read less, and the wider permission hides behind the narrower one.
    Fix: Keep the narrower of the two if it does, else remove it.
    """
    asked = requested(app)
    for row in asked:
        one = row.permission
        for wider in asked:
            other = wider.permission
            if other.kind == one.kind and other.resource == one.resource and contains(other.value, one.value):
                because = (Because(wider.pointer, other.value),)
                says = f"asks for {one.value} beside {other.value}, which contains it"
                yield Hit(pointer=row.pointer, message=says, because=because, remove=True)
                break


@rule(
    "many-application-permissions",
    severity="low",
    only_if=("Role",),
    needs=LIST,
    when_set=LIST,
    checks=("PE-10",),
    references=("entra:secure-least-privileged-access",),
    settings=("max-application-permissions",),
    bad=Bad(asks(OWN, *((f"{n:08x}-0000-4000-8000-000000000000", "Role") for n in range(11))), at="/requiredResourceAccess"),
    good=Good(asks(OWN, *((f"{n:08x}-0000-4000-8000-000000000000", "Role") for n in range(10)))),
    base="daemon",
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
        yield Hit(pointer="/requiredResourceAccess", message=says)
