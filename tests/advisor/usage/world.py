"""Sign-ins with a known truth: applications of ten kinds, what they did, and exports that show a part of it.

``World(seed).export(folder)`` writes files and returns their paths. ``uses`` is the truth, ``shown`` is what they show.
"""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

END = datetime(2026, 11, 28, 18, tzinfo=UTC)
DAYS = 75
KEYS = tuple(f"{number:08x}-3333-4333-8333-333333333333" for number in range(3))
APIS = ("00000003-0000-0000-c000-000000000000", "00000002-0000-0000-c000-000000000000")

#: For each kind of application, the grants that it uses: kind of sign-in, grant, and values of the protocol.
CODE = ("interactiveUser", "authorization_code", ("authorizationCodeWithPkce", "authorizationCodeWithoutPkce"))
REFRESH = ("nonInteractiveUser", "refresh_token", ("refreshTokenGrant",))
DAEMON = ("servicePrincipal", "client_credentials", ("clientCredentials", "none", ""))
APPLICATIONS: dict[str, tuple[tuple[str, str, tuple[str, ...]], ...]] = {
    "web app": (CODE, REFRESH),
    "daemon": (DAEMON,),
    "API": (("nonInteractiveUser", "on_behalf_of", ("onBehalfOf",)), DAEMON),
    "command line": (("interactiveUser", "device_code", ("deviceCode",)), REFRESH),
    "legacy script": (("nonInteractiveUser", "password", ("ropc",)),),
    "old SPA": (("interactiveUser", "implicit", ("implicitAccessTokenAndGetResponseMode",)),),
    "hybrid web app": (
        ("interactiveUser", "hybrid", ("implicitIdTokenAndPostResponseMode", "authorizationCodeWithPkce")),
        REFRESH,
    ),
    "desktop app": (("nonInteractiveUser", "integrated_windows", ("kerberos", "wsTrust", "none")), REFRESH),
    "federated app": (("nonInteractiveUser", "saml_bearer", ("samlOnBehalfOf",)),),
    "SAML app": (("interactiveUser", "", ("saml20",)),),
    "silent app": (),
}
GRANTS = sorted({grant for uses in APPLICATIONS.values() for _, grant, _ in uses if grant})
#: Values that may be in place of the grant's own.
UNNAMED = ("none", "oAuth2", "unknownFutureValue", "prtBrokerBased", "newValueOfNextYear")
#: Grants that a value of the protocol names for certain.
NAMED = {
    "authorizationCodeWithPkce": "authorization_code",
    "authorizationCodeWithoutPkce": "authorization_code",
    "deviceCode": "device_code",
    "ropc": "password",
    "refreshTokenGrant": "refresh_token",
    "onBehalfOf": "on_behalf_of",
    "implicitAccessTokenAndGetResponseMode": "implicit",
}
CATEGORIES = {
    "interactiveUser": "SignInLogs",
    "nonInteractiveUser": "NonInteractiveUserSignInLogs",
    "servicePrincipal": "ServicePrincipalSignInLogs",
}
#: The columns of a portal CSV, of applications and of users (here without some that are not read).
PORTAL_APPLICATIONS = """Date (UTC)|Request ID|Correlation ID|Service principal ID|Service principal name
Credential key ID|Credential thumbprint|Application|Application ID |App owner tenant ID
Resource|Resource ID |Resource tenant ID|Resource owner tenant ID|Home tenant ID|Home tenant name|IP address
Location|Status|Sign-in error code|Failure reason|Conditional Access""".replace("\n", "|").split("|")
PORTAL_USERS = """Date (UTC)|Request ID|User agent|Correlation ID|User ID|User|Username|Incoming token type
Authentication Protocol|Original transfer method|Client credential type|Application|Application ID |Resource
Resource ID |IP address|Location|Status|Sign-in error code|Failure reason|Client app|Incoming token type""".replace(
    "\n", "|"
).split("|")


class Event(NamedTuple):
    """One sign-in as it was: *grant* is the truth, *protocol* what the log says."""

    at: datetime
    app_id: str
    kind: str
    grant: str
    protocol: str
    resource: str
    succeeded: bool
    user: str
    key_id: str
    by_device_code: bool


class World:
    """A tenant for 75 days, made from a *seed*."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.shown: list[Event] = []
        self.created: dict[str, str] = {}
        #: How many records of users do not name their grant.
        self.unnamed = self.chance.choice((0.0, 0.0, 0.1, 1.0))
        self.events = sorted(self._events(), key=lambda event: event.at, reverse=True)
        #: From this moment on, records may not have arrived.
        self.late = END - timedelta(days=3) if self.chance.random() < 0.5 else END

    @property
    def today(self) -> date:
        """The day of the exports."""
        return END.date()

    def _events(self) -> Iterator[Event]:
        chance = self.chance
        for number, (_, uses) in enumerate(APPLICATIONS.items()):
            app_id = f"{number:08x}-1111-4111-8111-111111111111"
            self.created[app_id] = (END - timedelta(days=chance.choice((400, 400, 400, 50, 10)))).date().isoformat()
            for kind, grant, protocols in uses:
                for _ in range(chance.choice((0, 1, 2, 8, 30))):
                    yield self._event(app_id, kind, grant, chance.choice(protocols))
        for _ in range(chance.choice((0, 40, 120))):  # others, so that no kind is silent
            yield self._event(
                "99999999-1111-4111-8111-111111111111", *chance.choice((CODE, REFRESH, DAEMON))[:2], "none"
            )

    def _event(self, app_id: str, kind: str, grant: str, protocol: str) -> Event:
        chance = self.chance
        first = max(
            datetime.fromisoformat(self.created.get(app_id, "2020-01-01")).replace(tzinfo=UTC),
            END - timedelta(days=DAYS),
        )
        at = first + (END - first) * chance.random()
        unnamed = kind != "servicePrincipal" and chance.random() < self.unnamed
        return Event(
            at=at.replace(microsecond=0),
            app_id=app_id,
            kind=kind,
            grant=grant,
            protocol=chance.choice(UNNAMED) if unnamed else protocol,
            resource=chance.choice(APIS),
            succeeded=chance.random() < 0.9,
            user=f"{chance.randrange(6):08x}-7777-4777-8777-777777777777" if kind != "servicePrincipal" else "",
            key_id=chance.choice(KEYS) if kind == "servicePrincipal" else "",
            by_device_code=grant == "refresh_token" and chance.random() < 0.02,
        )

    def uses(self, app_id: str, grant: str) -> list[date]:
        """The days on which an application truly used a grant; a hybrid request also redeems a code."""
        also = {"authorization_code": "hybrid"}.get(grant, grant)
        return [
            event.at.date()
            for event in self.events
            if event.app_id == app_id
            and event.succeeded
            and (event.grant in (grant, also) or (grant == "device_code" and event.by_device_code))
        ]

    def export(self, folder: Path) -> list[str]:
        """Write one to five files, and return their paths."""
        paths = []
        for number in range(self.chance.randint(1, 5)):
            written = self.chance.choice(EXPORTS)(self, self._part())
            paths.append(str(folder / f"{number}"))
            Path(paths[-1]).write_bytes(written)
        return paths

    def _part(self) -> list[Event]:
        """The events of a period, newest first; late ones and those of a filter are missing."""
        chance = self.chance
        start = END - timedelta(days=chance.choice((7, 30, 30, 60, 90)), hours=chance.randrange(24))
        end = END if chance.random() < 0.8 else END - timedelta(days=chance.randrange(1, 20))
        part = [event for event in self.events if start <= event.at <= end]
        part = [event for event in part if event.at < self.late or chance.random() < 0.5]
        if chance.random() < 0.1:
            wanted = chance.choice(list(self.created))
            part = [event for event in part if event.app_id == wanted]
        if chance.random() < 0.05:
            part = [event for event in part if not event.succeeded]
        if chance.random() < 0.1:
            part = part[:100]  # the newest
        return part

    def show(self, events: Iterable[Event]) -> list[Event]:
        """Note that these events are in a file as they are."""
        shown = list(events)
        self.shown += shown
        return shown


def graph(event: Event) -> dict[str, Any]:
    """A record of Graph beta, with users, devices and addresses."""
    return {
        "createdDateTime": event.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "appId": event.app_id,
        "appDisplayName": "Contoso",
        "resourceId": event.resource,
        "signInEventTypes": [event.kind],
        "isInteractive": event.kind == "interactiveUser",
        "userId": event.user,
        "userPrincipalName": "jane.doe@contoso.com",
        "ipAddress": "203.0.113.9",
        "deviceDetail": {"deviceId": "laptop-of-jane", "browser": "Edge"},
        "servicePrincipalId": "",
        "authenticationProtocol": event.protocol or None,
        "clientCredentialType": "clientSecret" if event.key_id else "none",
        "servicePrincipalCredentialKeyId": event.key_id,
        "federatedCredentialId": "",
        "originalTransferMethod": "deviceCodeFlow" if event.by_device_code else "none",
        "status": {"errorCode": 0 if event.succeeded else 50126, "failureReason": None},
    }


def page(world: World, events: list[Event]) -> bytes:
    """A page of Graph beta; with a next page, the older half is elsewhere."""
    document: dict[str, Any] = {"@odata.context": "https://graph.microsoft.com/beta/$metadata#auditLogs/signIns"}
    if world.chance.random() < 0.3:
        events = events[: len(events) // 2]
        document["@odata.nextLink"] = "https://graph.microsoft.com/beta/auditLogs/signIns?$skiptoken=1"
    document["value"] = [graph(event) for event in world.show(events)]
    return json.dumps(document, indent=world.chance.choice((None, 2))).encode()


def old_page(world: World, events: list[Event]) -> bytes:
    """A page of Graph v1.0: interactive sign-ins, and no protocol."""
    gone = ("signInEventTypes", "authenticationProtocol", "originalTransferMethod", "clientCredentialType")
    rows = [graph(event) for event in events if event.kind == "interactiveUser"]
    rows = [{name: value for name, value in row.items() if name not in gone} for row in rows]
    return json.dumps(
        {"@odata.context": "https://graph.microsoft.com/v1.0/$metadata#auditLogs/signIns", "value": rows}
    ).encode()


def download(world: World, events: list[Event]) -> bytes:
    """A JSON download: sign-ins that are not interactive are grouped, and one of each group is shown."""
    mark = world.chance.choice((b"", b"\xef\xbb\xbf"))
    text = json.dumps([graph(event) for event in world.show(grouped(events))], indent=1)
    return mark + text.encode() if world.chance.random() < 0.8 else text.encode("utf-16")


def grouped(events: Iterable[Event]) -> list[Event]:
    """One event of each group, as the portal shows them; interactive sign-ins are not grouped."""
    groups: dict[tuple[object, ...], Event] = {}
    for event in events:
        key = (event.app_id, event.kind, event.user, event.resource, event.succeeded)
        groups.setdefault((*key, event.at) if event.kind == "interactiveUser" else key, event)
    return list(groups.values())


def workspace(world: World, events: list[Event]) -> bytes:
    """Rows of Log Analytics, as JSON or as CSV with dates in the order of a language; a limit takes any 100."""
    if world.chance.random() < 0.2 and len(events) > 100:
        events = world.chance.sample(events, 100)
    rows = [
        {
            "TimeGenerated": event.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "AppId": event.app_id,
            "AppDisplayName": "Contoso",
            "ResourceIdentity": event.resource,
            "ResourceId": "/tenants/x/providers/Microsoft.aadiam",
            "Category": CATEGORIES[event.kind],
            "UserId": event.user,
            "UserPrincipalName": "jane.doe@contoso.com",
            "IPAddress": "203.0.113.9",
            "AuthenticationProtocol": event.protocol,
            "ServicePrincipalCredentialKeyId": event.key_id,
            "OriginalTransferMethod": "deviceCodeFlow" if event.by_device_code else "none",
            "ResultType": "0" if event.succeeded else "50126",
        }
        for event in world.show(events)
    ]
    if world.chance.random() < 0.5:
        return json.dumps(rows).encode()
    return table(
        world,
        "TimeGenerated [UTC]",
        [
            {"TimeGenerated [UTC]" if name == "TimeGenerated" else name: value for name, value in row.items()}
            for row in rows
        ],
    )


def portal(world: World, events: list[Event]) -> bytes:
    """A CSV download of the portal, of applications or of users; where the words are translated, codes remain."""
    is_users = world.chance.random() < 0.5
    chosen = [event for event in events if (event.kind == "servicePrincipal") != is_users]
    chosen = grouped(chosen) if world.chance.random() < 0.8 else chosen
    success, failure = world.chance.choice((("Success", "Failure"), ("Erfolgreich", "Fehler"), ("成功", "失敗")))
    rows = [
        dict.fromkeys(PORTAL_USERS if is_users else PORTAL_APPLICATIONS, "")
        | {
            "Date (UTC)": event.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "Application": "Contoso",
            "Application ID ": event.app_id,
            "Resource ID ": event.resource,
            "IP address": "203.0.113.9",
            "Status": success if event.succeeded else failure,
            "Sign-in error code": "0" if event.succeeded else "50126",
        }
        | (
            {
                "User ID": event.user,
                "Username": "jane.doe@contoso.com",
                "Authentication Protocol": event.protocol,
                "Original transfer method": "Device code flow" if event.by_device_code else "None",
            }
            if is_users
            else {"Credential key ID": event.key_id}
        )
        for event in world.show(chosen)
    ]
    return table(world, "Date (UTC)", rows)


def table(world: World, date_column: str, rows: list[dict[str, str]]) -> bytes:
    """Rows as CSV, with the separator and the dates of a language."""
    form = world.chance.choice(("", "", "%d/%m/%Y %H:%M:%S", "%m/%d/%Y, %I:%M:%S %p", "%d.%m.%Y %H:%M"))
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0] if rows else [date_column, "x"], delimiter=world.chance.choice(",;\t"))
    writer.writeheader()
    for row in rows:
        at = datetime.fromisoformat(row[date_column])
        writer.writerow(row | ({date_column: at.strftime(form)} if form else {}))
    return (world.chance.choice(("", "\ufeff")) + text.getvalue()).encode()


def lines(world: World, events: list[Event]) -> bytes:
    """Records of a storage account, of which hours may be missing, or messages of an Event Hub."""
    lost = {event.at.replace(minute=0, second=0) for event in events if world.chance.random() < 0.05}
    records = [
        {"time": graph(event)["createdDateTime"], "category": CATEGORIES[event.kind], "properties": graph(event)}
        for event in world.show(event for event in events if event.at.replace(minute=0, second=0) not in lost)
    ]
    if world.chance.random() < 0.5:
        return "\n".join(json.dumps({"records": records[at : at + 3]}) for at in range(0, len(records), 3)).encode()
    return "\n".join(map(json.dumps, records)).encode()


def query(world: World, events: list[Event]) -> bytes:
    """The result of the query of ``grantlint usage --kql``, from which rows may be missing."""
    groups: dict[tuple[str, ...], list[Event]] = {}
    for event in events:
        transfer = "deviceCodeFlow" if event.by_device_code else "none"
        result = "success" if event.succeeded else "failure"
        key = (event.kind, event.app_id, event.resource, event.protocol, transfer, "", event.key_id, "", result)
        groups.setdefault(key, []).append(event)
    names = ("Kind", "AppId", "ResourceId", "Protocol", "Transfer", "Credential", "KeyId", "FederatedId", "Result")
    rows = [dict(zip(names, key, strict=True)) | counts(mine) for key, mine in groups.items()]
    if world.chance.random() < 0.2:
        rows = rows[: len(rows) // 2]
    else:
        world.show(events)
    for kind in CATEGORIES:
        if mine := [event for event in events if event.kind == kind]:
            rows.append(dict.fromkeys(names, "") | {"Kind": kind, "AppId": "*"} | counts(mine))
    return table_of_counts(world, rows)


def counts(events: list[Event]) -> dict[str, str]:
    """The counters of some events, as the query has them."""
    days = [event.at.strftime("%Y-%m-%dT%H:%M:%SZ") for event in events]
    return {"Count": str(len(events)), "First": min(days), "Last": max(days), "Name": "Contoso"}


def table_of_counts(world: World, rows: list[dict[str, str]]) -> bytes:
    """The rows as CSV, or as JSON."""
    if not rows or world.chance.random() < 0.5:
        return json.dumps(rows).encode()
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0])
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def activities(world: World, _: list[Event]) -> bytes:
    """The report of last sign-ins, which forgets what is older than it reaches; dates of attempts."""
    start = END - timedelta(days=world.chance.choice((20, 60, 90)))
    known = [event for event in world.events if start <= event.at < world.late]
    rows = []
    for app_id in {one for event in known for one in (event.app_id, event.resource)}:
        row: dict[str, Any] = {"appId": app_id}
        for name, role, is_daemon in (
            ("applicationAuthenticationClient", "app_id", True),
            ("applicationAuthenticationResource", "resource", True),
            ("delegatedClient", "app_id", False),
            ("delegatedResource", "resource", False),
        ):
            mine = [
                event
                for event in known
                if getattr(event, role) == app_id and (event.kind == "servicePrincipal") == is_daemon
            ]
            if mine:
                row[f"{name}SignInActivity"] = {"lastSignInDateTime": mine[0].at.strftime("%Y-%m-%dT%H:%M:%SZ")}
            good = [event for event in mine if event.succeeded]
            if good and world.chance.random() < 0.5:
                row[f"{name}SignInActivity"]["lastSuccessfulSignInDateTime"] = good[0].at.strftime("%Y-%m-%dT%H:%M:%SZ")
        rows.append(row)
    return json.dumps({"value": rows}).encode()


def keys(world: World, events: list[Event]) -> bytes:
    """The report of last sign-ins with credentials, of which some are missing; the last one may have failed."""
    latest: dict[tuple[str, str], Event] = {}
    for event in events:
        if event.key_id and world.chance.random() < 0.8:
            latest.setdefault((event.app_id, event.key_id), event)
    rows = [
        {
            "appId": app_id,
            "keyId": key_id,
            "keyType": world.chance.choice(("clientSecret", "certificate", "secret")),
            "resourceId": event.resource,
            "signInActivity": {
                "lastSignInDateTime": event.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
                **(
                    {"lastSuccessfulSignInDateTime": event.at.strftime("%Y-%m-%dT%H:%M:%SZ")} if event.succeeded else {}
                ),
            },
        }
        for (app_id, key_id), event in latest.items()
    ]
    return json.dumps({"value": rows}).encode()


def recommendations(world: World, _: list[Event]) -> bytes:
    """Recommendations of Microsoft about applications and credentials, which may be out of date."""
    named = [app_id for app_id in world.created if world.chance.random() < 0.3]
    resources = [
        {
            "subjectId": app_id,
            "status": "active",
            "addedDateTime": "2026-11-01T00:00:00Z",
            "additionalDetails": [{"key": "AppId", "value": app_id}, {"key": "CredentialId", "value": KEYS[0]}],
        }
        for app_id in named
    ]
    kind = world.chance.choice(("staleApps", "staleAppCreds"))
    return json.dumps({"value": [{"recommendationType": kind, "impactedResources": resources}]}).encode()


def defender(world: World, _: list[Event]) -> bytes:
    """OAuthAppInfo of Microsoft Defender, which may call a permission unused that was used since."""
    rows = [
        {
            "OAuthAppId": app_id,
            "Permissions": json.dumps(
                [{"PermissionName": "User.Read.All", "TargetAppId": APIS[0], "UsageStatus": "NotInUse"}]
            ),
            "LastUsedTime": "",
        }
        for app_id in world.created
    ]
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0])
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


EXPORTS: tuple[Callable[[World, list[Event]], bytes], ...] = (
    page,
    page,
    old_page,
    download,
    workspace,
    workspace,
    portal,
    lines,
    query,
    query,
    activities,
    keys,
    recommendations,
    defender,
)
