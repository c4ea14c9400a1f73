"""Registrations for benchmarks: the shape and size that Graph returns, three findings in each on average."""

import json
import random
from typing import Any

from rules.model.clean import KINDS, clean


def registrations(count: int) -> list[dict[str, Any]]:
    """*count* registrations, the same ones every time."""
    chance = random.Random(7)
    return [_registration(number, chance) for number in range(count)]


def graph_response(count: int) -> bytes:
    """The registrations as Graph returns a page of them."""
    return json.dumps(
        {"@odata.context": "https://graph.microsoft.com/v1.0/$metadata#applications", "value": registrations(count)}
    ).encode()


def _registration(number: int, chance: random.Random) -> dict[str, Any]:
    app = clean(chance.choice(KINDS))
    app["appId"] = f"{number:08x}-1111-4111-8111-111111111111"
    app["id"] = f"{number:08x}-0000-4000-8000-000000000000"
    app["displayName"] = f"Application {number}"
    # What a real object carries and no rule reads: a third of the bytes.
    app["requiredResourceAccess"] = [
        {
            "resourceAppId": "00000003-0000-0000-c000-000000000000",
            "resourceAccess": [
                {"id": f"{n:08x}-ba31-4d61-89e7-88639da4683d", "type": "Scope"} for n in range(chance.randint(1, 8))
            ],
        }
    ]
    app["parentalControlSettings"] = {"countriesBlockedForMinors": [], "legalAgeGroupRule": "Allow"}
    app["servicePrincipalLockConfiguration"] = None
    del app["owners"], app["federatedIdentityCredentials"]  # navigation properties are not in a page
    if chance.random() < 0.4:
        app["web"]["redirectUris"] += [
            f"http://app{number}.contoso.com/cb",
            f"https://app{number}.azurewebsites.net/cb",
        ]
    if chance.random() < 0.3:
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
