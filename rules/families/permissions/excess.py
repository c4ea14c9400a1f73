"""More permissions than the client can need."""

from __future__ import annotations

from collections.abc import Iterator

from rules.analysis.requested import requested, roles
from rules.engine.rule import Bad, Context, Gap, Good, rule
from rules.families.permissions._examples import (
    AT,
    LIST,
    MAIL_READ,
    MAIL_READ_WRITE,
    OWN,
    USER_READ,
    requests,
)
from rules.knowledge.permission_names import contains
from rules.knowledge.permissions import GRAPH
from rules.model.finding import Because, Hit
from rules.model.registration import UNSET, Registration

_CONDITIONAL_ACCESS = (
    ("ad902697-1014-4ef5-81ef-2b4301988e8c", "Scope"),
    ("633e0fce-8c58-4cfb-9495-12bbd5a24f7c", "Scope"),
)


@rule(
    "redundant-permission",
    kinds=("application", "blueprint"),
    severity="info",
    only_if=("several",),
    needs=LIST,
    when_set=LIST,
    checks=("PE-14",),
    references=(
        "entra:secure-least-privileged-access",
        "graph:permissions-reference",
        "web:microsoft-permissions-and-the-calls-that-they-allow",
    ),
    bad=(
        Bad(
            requests(GRAPH, MAIL_READ_WRITE, MAIL_READ),
            at="/requiredResourceAccess/0/resourceAccess/1",
            expected_rules=("powerful-application-permission",),
        ),
        Bad(
            requests(GRAPH, MAIL_READ, ("693c5e45-0940-467d-9b8a-1022fb9d42ef", "Role")),
            at="/requiredResourceAccess/0/resourceAccess/1",
            expected_rules=("powerful-application-permission",),
        ),
        Bad(
            requests(
                GRAPH,
                ("10465720-29dd-4523-a11a-6a75c743c9d9", "Scope"),
                ("df85f4d6-205c-4ac5-a5ea-6bf408dba283", "Scope"),
            ),
            at=AT,
            expected_rules=("powerful-delegated-permission",),
        ),
    ),
    good=(
        Good(
            requests(GRAPH, MAIL_READ, ("570282fd-fa5c-430d-a7fd-fc8dc98a9dca", "Scope")),
            why="one application permission and one delegated permission",
        ),
        Good(
            requests(GRAPH, USER_READ, ("a154be20-db9c-4678-8ab7-66f6cc099a59", "Scope")),
            why="many clients request User.Read to sign users in, whatever else they request",
        ),
        Good(
            requests(
                GRAPH,
                ("570282fd-fa5c-430d-a7fd-fc8dc98a9dca", "Scope"),
                ("7b9103a5-4610-446b-9670-80643382c1fa", "Scope"),
            )
            | {"signInAudience": "AzureADandPersonalMicrosoftAccount"},
            why="personal accounts have Mail.Read, and not Mail.Read.Shared",
        ),
        Good(
            requests(GRAPH, *_CONDITIONAL_ACCESS),
            why="Policy.ReadWrite.ConditionalAccess does not read the policies: a known issue of Microsoft Graph",
        ),
    ),
    base="daemon",
)
def redundant_permission(app: Registration, _: Context) -> Iterator[Hit]:
    """A requested permission is included in another requested permission.

    Why: The narrower permission adds no access. If the client needs only the narrower permission, the wider permission
        gives an attacker additional access.
    Acceptable: Two delegated permissions can remain if the client requests the wider permission only for a feature that
        needs it.
    Fix: Keep only the narrower permission if it is enough. Otherwise, remove the narrower permission.
    """
    asked = requested(app)
    personal = app.sign_in_audience is UNSET or app.allows_personal_accounts
    for row in asked:
        wider = next((other for other in asked if contains(other.permission, row.permission, personal=personal)), None)
        if wider:
            says = (
                f"requests {row.permission.value} and {wider.permission.value}, which includes {row.permission.value}"
            )
            yield Hit(pointer=row.pointer, message=says, because=(Because(wider.pointer, wider.permission.value),))


@rule(
    "many-application-permissions",
    kinds=("application", "blueprint"),
    severity="low",
    only_if=("Role",),
    needs=LIST,
    when_set=LIST,
    checks=("PE-10",),
    references=("entra:secure-least-privileged-access", "entra:app-best-practices#credentials"),
    settings=("max-application-permissions",),
    bad=Bad(
        requests(OWN, *((f"{n:08x}-0000-4000-8000-000000000000", "Role") for n in range(11))),
        at="/requiredResourceAccess",
    ),
    good=(
        Good(requests(OWN, *((f"{n:08x}-0000-4000-8000-000000000000", "Role") for n in range(10)))),
        Good(
            requests(OWN, *[("00000000-0000-4000-8000-000000000000", "Role")] * 11),
            why="the same permission is listed several times",
        ),
    ),
    base="daemon",
)
def many_application_permissions(app: Registration, context: Context) -> Iterator[Hit | Gap]:
    """The app requests more application permissions than the configured limit.

    Why: Once the permissions are granted, an attacker who steals one credential of the client can use all permissions.
    Acceptable: More permissions are acceptable if the client needs each of them. A federated credential limits the
        risk, because there is no secret to steal.
    Fix: Split the client into several apps, or remove the permissions that the client does not use.
    """
    most = context.settings.max_application_permissions
    count = roles(app)
    if count > most:
        says = f"requests {count} application permissions; the limit is {most}"
        yield Hit(pointer="/requiredResourceAccess", message=says)
        return
    for index, resource in enumerate(app.required_resource_access or ()):
        if resource.resource_access is UNSET:
            says = "grantlint did not read which permissions of this API are requested"
            yield Gap(f"/requiredResourceAccess/{index}/resourceAccess", says, "not-in-file", "add the permissions")
