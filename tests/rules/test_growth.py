"""No rule takes more than linear time in the length of a registration's lists."""

from typing import Any

import msgspec
import pytest

from rules.engine.rule import Context, Rule, Subject
from rules.engine.run import lint
from rules.families import RULES
from rules.model.clean import NOW, merged_into
from rules.model.registration import Registration
from tests.growth import growth

#: Longer lists than those whose findings have a patch, since a patch is a copy of the list.
SIZE = 300


def _id(kind: int, number: int) -> str:
    return f"{kind:08x}-0000-4000-8000-{number:012x}"


def crowded(size: int) -> dict[str, Any]:
    """A registration with *size* bad elements in each of its lists."""
    numbers = range(size)
    expired = {"startDateTime": "2024-01-01T00:00:00Z", "endDateTime": "2025-01-01T00:00:00Z"}
    lasting = {"startDateTime": "2025-12-01T00:00:00Z", "endDateTime": "2036-01-01T00:00:00Z"}
    scope = {"type": "User", "isEnabled": True, "adminConsentDisplayName": "", "adminConsentDescription": ""}
    return {
        "web": {
            "redirectUris": [
                f"{scheme}://h{number}.azurewebsites.net/cb" for number in numbers for scheme in ("http", "https")
            ]
        },
        "spa": {"redirectUris": [f"https://*.h{number}.contoso.com/cb" for number in numbers]},
        "publicClient": {"redirectUris": [f"http://localhost:{1024 + number}/x" for number in numbers]},
        "identifierUris": [f"https://h{number}.fabrikam.example/api" for number in numbers],
        "passwordCredentials": [
            {"keyId": _id(1, number), **(expired if number % 2 else lasting)} for number in numbers
        ],
        "keyCredentials": [
            {"keyId": _id(2, number), "type": "AsymmetricX509Cert", "usage": "Verify", **expired} for number in numbers
        ],
        "federatedIdentityCredentials": [
            {
                "id": _id(3, number),
                "name": f"f{number}",
                "issuer": "https://token.actions.githubusercontent.com",
                "subject": f"repo:contoso/r{number}:*",
                "audiences": ["api://AzureADTokenExchange"],
            }
            for number in numbers
        ],
        "requiredResourceAccess": [
            {
                "resourceAppId": "00000003-0000-0000-c000-000000000000",
                "resourceAccess": [{"id": _id(4, number), "type": "Role"} for number in numbers],
            }
        ],
        "api": {
            "oauth2PermissionScopes": [{**scope, "id": _id(5, number), "value": f"s{number}"} for number in numbers],
            "preAuthorizedApplications": [
                {"appId": _id(6, number), "delegatedPermissionIds": [_id(5, number)]} for number in numbers
            ],
            "knownClientApplications": [_id(7, number) for number in numbers],
        },
        "appRoles": [
            {
                "id": _id(8, number),
                "value": f"r{number}",
                "displayName": "",
                "description": "",
                "isEnabled": True,
                "allowedMemberTypes": ["User", "Application"],
            }
            for number in numbers
        ],
        "owners": [{"id": _id(9, number)} for number in numbers],
        "tags": [f"t{number}" for number in numbers],
    }


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    "rule", [rule for rule in RULES if rule.on in ("registration", "registrations")], ids=lambda rule: rule.id
)
def test_twice_as_long_lists_take_at_most_twice_as_long(rule: Rule) -> None:
    def work(size: int) -> Any:
        app = msgspec.convert(merged_into("api", crowded(size)), Registration)
        return lambda: lint([Subject("x", app)], [rule], Context(NOW))

    assert growth(work, SIZE) < 2.5
