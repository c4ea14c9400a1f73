"""The second pass: service principals with what they were granted, as they are in a directory of some size."""

import json
import random
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from rules.model.clean_tenant import GRAPH_PRINCIPAL, clean_app, clean_tenant

_SCOPES = ("User.Read", "openid profile email", "Mail.Read", "Files.ReadWrite.All", "Directory.Read.All offline_access")
#: User.Read.All, Mail.Read and Directory.ReadWrite.All of Microsoft Graph, as application permissions.
_ROLES = (
    "df021288-bdef-4463-88db-98f22de89214",
    "810c84a8-4a9e-49e6-bf7d-12d183f40d01",
    "19dbc75e-c2e2-444c-a770-ec69d8559fc7",
)
#: Three of five live elsewhere, as in most tenants; of Azure's managed identities there is one in ten.
_KINDS = ("foreign",) * 6 + ("own", "own-daemon", "own-api", "managed-identity")


def directory(count: int) -> bytes:
    """A tenant with *count* service principals, their grants and the registrations of its own ones, as JSON of Graph's
    words.
    """
    chance = random.Random(7)
    tenant = clean_tenant()
    lists: dict[str, list[Any]] = {"oauth2PermissionGrants": [], "appRoleAssignments": [], "applications": []}
    principals = tenant["servicePrincipals"]
    for number in range(count):
        app = clean_app(chance.choice(_KINDS))
        one = app["servicePrincipal"]
        one["id"] = f"{number:08x}-7777-4777-8777-777777777777"
        one["appId"] = f"{number:08x}-1111-4111-8111-111111111111"
        one["displayName"] = f"Application {number}"
        one["appRoleAssignmentRequired"] = chance.random() < 0.7
        principals.append(one)
        if app["application"]:
            lists["applications"].append(
                app["application"] | {"appId": one["appId"], "id": f"{number:08x}-0000-4000-8000-000000000000"}
            )
        if chance.random() < 0.6:
            everybody = chance.random() < 0.3
            lists["oauth2PermissionGrants"].append(
                {
                    "id": f"grant{number}",
                    "clientId": one["id"],
                    "consentType": "AllPrincipals" if everybody else "Principal",
                    "principalId": None if everybody else f"{number:08x}-2222-4222-8222-222222222222",
                    "resourceId": GRAPH_PRINCIPAL,
                    "scope": chance.choice(_SCOPES),
                }
            )
        if chance.random() < 0.2:
            lists["appRoleAssignments"].append(
                {
                    "id": f"role{number}",
                    "appRoleId": chance.choice(_ROLES),
                    "createdDateTime": "2026-01-01T00:00:00Z",
                    "principalId": one["id"],
                    "principalType": "ServicePrincipal",
                    "principalDisplayName": one["displayName"],
                    "resourceId": GRAPH_PRINCIPAL,
                    "resourceDisplayName": "Microsoft Graph",
                }
            )
    return json.dumps({**tenant, **lists}).encode()


def checking(
    count: int,
    rounds: int,
    now: datetime,
    cpu: Callable[[Callable[[], object], int], float],
    row: Callable[[str, float, float, float, str], None],
) -> None:
    """Check applications and policies of a tenant with all rules over such, against ``json.loads`` of the same
    bytes.
    """
    import msgspec

    from rules.engine.rule import Context, Rule, Subject
    from rules.engine.run import lint
    from rules.families import RULES
    from rules.model.registration import Registration
    from rules.model.tenant import Tenant
    from rules.model.tenant_app import tenant_apps

    data = directory(count)
    floor = cpu(lambda: json.loads(data), rounds)
    plan: Sequence[Rule] = [r for r in RULES if r.on in ("service principal", "tenant")]
    applications = msgspec.convert(json.loads(data)["applications"], list[Registration])
    context = Context(now)

    def check(tenant: Tenant) -> int:
        apps = tenant_apps(tenant, applications)
        verdict = lint([Subject(app.app_id, app) for app in apps], plan, context, Subject("t", tenant))
        return len(verdict.findings) + len(lint([Subject("t", tenant)], plan, context).findings)

    decoder = msgspec.json.Decoder(Tenant)
    print(
        f"{count:,} service principals, {len(data) / 1e6:.1f} MB, {len(plan)} rules, {check(decoder.decode(data)):,} "
        "findings"
    )
    fresh = [decoder.decode(data) for _ in range(rounds)]
    row("check a tenant", cpu(lambda: check(fresh.pop()), rounds), floor, 4.0, "json.loads")
