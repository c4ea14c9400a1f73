"""The values of a message are compared with the registration, and nothing else of the message is shown."""

import csv
import io
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.preflight.codes import find_codes
from advisor.preflight.compare import _BY_CODE, compare
from rules.model.clean import NOW
from rules.model.registration import Registration
from tests.advisor.preflight.questions import CALLBACK, CLIENT, GRAPH, OTHER, OWN, api, app, trusts

SUBJECT = "repo:larkfield/barn:pull_request"
SECRETS = {
    "passwordCredentials": [
        {"keyId": CLIENT, "displayName": "old", "endDateTime": "2025-06-01T00:00:00Z"},
        {"keyId": OTHER, "displayName": "new", "endDateTime": "2026-06-01T00:00:00Z"},
    ]
}


def compared(code: int, message: str, **more: Any) -> str:
    return " ".join(compare(code, message, msgspec.convert(app(**more), Registration), NOW))


@pytest.mark.parametrize(
    ("code", "message", "more", "said"),
    [
        (50011, f"The redirect URI '{CALLBACK}/' does not match for '{CLIENT}'.", {}, f"{CALLBACK}, differs in the"),
        (50011, f"Der Umleitungs-URI „{CALLBACK}/“ stimmt nicht überein", {}, "the final slash"),
        (50011, f"The redirect URI '{CALLBACK}' does not match", {}, "is registered on web"),
        (700016, f"Application with identifier '{OTHER}' was not found", {}, f"This registration is {CLIENT}"),
        (700016, f'{{"error_description":"Application \'{CLIENT}\' was not found"}}', {}, "about this registration"),
        (700213, f"for presented assertion subject '{SUBJECT.upper()}'.", trusts(SUBJECT), "only in case"),
        (700213, f"for presented assertion subject '{SUBJECT}'.", {}, "Registered: none"),
        (700211, "assertion issuer 'https://a.example/'.", trusts(SUBJECT), "https://token.actions.github"),
        (700212, "assertion audience 'https://a.example'.", trusts(SUBJECT), "api://AzureADTokenExchange"),
        (7000215, "Invalid client secret provided.", SECRETS, "old, expired on 2025-06-01, new, valid until"),
        (7000222, f"secret keys for app '{CLIENT}' are expired.", SECRETS, "sends an expired secret"),
        (
            650053,
            f"The application 'Gate' asked for scope 'mcp.read' that doesn't exist on the resource '{GRAPH}'.",
            {},
            "Microsoft Graph has no delegated permission mcp.read",
        ),
        (650053, f"asked for scope 'x' that doesn't exist on the resource '{OWN}'.", api("read"), "API exposes read"),
        (
            65001,
            "ID '5e3ce6c0-2b1f-4285-8d4b-75ee78787346' named 'Microsoft Teams Web Client'",
            api("access_as_user"),
            "not in preAuthorizedApplications of this registration",
        ),
        (
            700016,
            "Application with identifier 'https://wiki.larkfield.example/saml' was not found in the directory 'x'.",
            api(uris=("https://wiki.larkfield.example/sso",)),
            "identifierUris of this registration: https://wiki.larkfield.example/sso",
        ),
        (500011, f"The resource principal named {OWN}2 was not found", api("read"), ""),
        (500011, f"The resource principal named '{OWN}2' was not found", api("read"), f"of this registration: {OWN}"),
    ],
)
def test_a_value_is_compared(code: int, message: str, more: dict[str, Any], said: str) -> None:
    assert said in compared(code, message, **more)


@pytest.mark.parametrize(
    ("sent", "hints", "said"),
    [
        ("q8Q", ("q8Q", "x1y"), "has the first characters of old, expired on 2025-06-01"),
        ("zzz", ("q8Q", "x1y"), "No secret of the registration has the first characters of the sent secret"),
        ("zzz", ("q8Q", None), "hints of the secrets were not read"),
    ],
)
def test_the_first_characters_of_a_secret_are_compared_and_not_shown(
    sent: str, hints: tuple[str | None, ...], said: str
) -> None:
    rows = [row | {"hint": hint} for row, hint in zip(SECRETS["passwordCredentials"], hints, strict=True)]
    found = compared(7000215, f"Invalid client secret provided, hint '{sent}'.", passwordCredentials=rows)
    assert said in found
    assert not any(hint in found for hint in (sent, *filter(None, hints)))


def test_what_was_not_read_is_not_called_missing() -> None:
    data = {name: value for name, value in app().items() if name != "federatedIdentityCredentials"}
    sentences = compare(700213, f"subject '{SUBJECT}'.", msgspec.convert(data, Registration), NOW)
    assert "Not all federated credentials were read" in " ".join(sentences)


@given(st.sampled_from(sorted(_BY_CODE)), st.text(st.sampled_from("'\"“”ab:/-. \n"), max_size=60))
def test_no_message_is_too_odd(code: int, message: str) -> None:
    compared(code, message)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('{"status":{"errorCode":50105,"failureReason":"x"}}', 50105),
        ("Sign-in error code: 50105\nFailure reason: x", 50105),
        ("invalid_request: 9002326 - [2021-09-03 14:20:13Z]: Cross-origin", 9002326),
        ('{"errorCode":"login_required","errorNo":"50058"}', 50058),
        ("#esctx=1&sErrorCode=500113", 500113),
        ("Sign-in error code   50105", 50105),
    ],
)
def test_a_code_without_its_prefix_is_found(text: str, code: int) -> None:
    assert find_codes(text) == (code,)


def test_the_codes_of_an_exported_table_are_found() -> None:
    file = io.StringIO()
    rows = [["Date (UTC)", "Sign-in error code", "Failure reason"], ["2026-11-28", "50105", "a, b"], ["", "0", ""]]
    csv.writer(file).writerows([*rows, ["2026-11-28", "65001", ""], ["2026-11-29", "50105", ""]])
    assert find_codes(file.getvalue()) == (50105, 65001)
