"""Registrations for benchmarks, as Microsoft Graph returns them with owners and federated credentials expanded.

Half of them are clean but for what most tenants have; the others have one mistake each, of all rules in turn.
"""

import json
import random
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from rules.families import RULES
from rules.knowledge.permissions import GRAPH, permissions
from rules.model.clean import KINDS, clean, merged_into

#: What the clean registrations share.
_HOSTS = ("portal", "orders")
_SUBJECT = clean("daemon")["federatedIdentityCredentials"][0]["subject"]
_HEAD = '{"@odata.context": "https://graph.microsoft.com/v1.0/$metadata#applications(owners())", "value": ['


def registrations(count: int) -> Iterator[str]:
    """*count* registrations as JSON, the same ones every time."""
    chance = random.Random(7)
    mistakes = _mistakes()
    for number in range(count):
        kind, fragment = mistakes[number // 2 % len(mistakes)] if number % 2 else (chance.choice(KINDS), {})
        app = merged_into(kind, fragment) if number % 2 else _usual(kind, number, chance)
        yield _named(app, number)


def graph_response(count: int) -> bytes:
    """The registrations as a page of Microsoft Graph."""
    return f"{_HEAD}{', '.join(registrations(count))}]}}".encode()


def write_page(path: Path, count: int) -> None:
    """The same as a file, one registration in memory at a time."""
    with path.open("w", encoding="utf-8") as file:
        file.write(_HEAD)
        for number, one in enumerate(registrations(count)):
            file.write(f", {one}" if number else one)
        file.write("]}")


@cache
def _mistakes() -> tuple[tuple[str, dict[str, Any]], ...]:
    """The bad example of each rule over one registration that needs neither settings nor evidence: base, fragment."""
    rules = (rule for rule in RULES if rule.on == "registration" and rule.status == "stable")
    return tuple(
        (rule.base, bad.fragment)
        for rule in rules
        for bad in rule.bad[:1]
        if not (bad.settings or bad.dns or bad.usage or bad.other_registrations)
    )


@cache
def _graph_permissions() -> tuple[dict[str, str], ...]:
    """The permissions of Microsoft Graph, as a registration requests them."""
    return tuple({"id": one.id, "type": one.kind} for one in permissions() if one.resource == GRAPH)


def _named(app: dict[str, Any], number: int) -> str:
    """*app* as JSON with names of its own: what nearly all registrations share is a mistake of its own."""
    own = app["appId"]
    app = app | {
        "id": f"{number:08x}-0000-4000-8000-000000000000",
        "appId": f"{number:08x}-1111-4111-8111-111111111111",
        "displayName": f"Application {number}",
        # Graph returns these too, and no rule reads them.
        "parentalControlSettings": {"countriesBlockedForMinors": [], "legalAgeGroupRule": "Allow"},
    }
    text = json.dumps(app).replace(own, app["appId"])
    for host in _HOSTS:
        text = text.replace(f"{host}.contoso.com", f"{host}{number}.contoso.com")
    return text.replace(_SUBJECT, f"{number:08x}-5555-4555-8555-555555555555")


def _usual(kind: str, number: int, chance: random.Random) -> dict[str, Any]:
    app = clean(kind)
    requested = [dict(one) for one in chance.sample(_graph_permissions(), chance.randint(1, 8))]
    app["requiredResourceAccess"] = [{"resourceAppId": GRAPH, "resourceAccess": requested}]
    if app.get("web") and chance.random() < 0.4:
        app["web"]["redirectUris"] += [
            f"http://app{number}.contoso.com/cb",
            f"https://app{number}.azurewebsites.net/cb",
        ]
    if app.get("web") and chance.random() < 0.3:
        app["web"]["implicitGrantSettings"]["enableIdTokenIssuance"] = True
    if chance.random() < 0.5:
        app["passwordCredentials"] = [
            {
                "keyId": f"{number:08x}-3333-4333-8333-333333333333",
                "displayName": "deploy",
                "hint": "abc",
                "startDateTime": "2024-01-01T00:00:00Z",
                "endDateTime": chance.choice(("2025-01-01T00:00:00Z", "2026-12-01T00:00:00Z", "2299-12-31T00:00:00Z")),
            }
        ]
    return app
