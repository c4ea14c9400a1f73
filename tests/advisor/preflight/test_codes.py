"""The table of AADSTS codes: complete, sourced, and found in whatever people paste."""

import re
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

import advisor.preflight
from advisor.preflight.codes import find_codes, load_codes, narrow
from advisor.preflight.explain import explain_text, shown
from rules.model.clean import merged_into
from rules.model.registration import Registration, read_value

FOLDER = Path(advisor.preflight.__file__).parent
PUBLISHED = Path(__file__).parent / "data" / "published-codes.txt"
CODES = load_codes()


@pytest.mark.parametrize("code", CODES.values(), ids=lambda code: code.name)
def test_a_code_has_causes_checks_and_sources(code) -> None:  # type: ignore[no-untyped-def]
    assert code.means.endswith(".")
    assert code.causes
    assert all(cause.text.endswith(".") and cause.check.endswith(".") for cause in code.causes)
    assert code.sources
    assert all(reference.url.startswith("https://") for reference in code.sources)
    assert set(code.near) <= set(CODES)


def test_what_a_cause_looks_at_is_a_property_of_a_registration() -> None:
    app = msgspec.convert(merged_into("web", {}), Registration)
    for code in CODES.values():
        for cause in code.causes:
            for path in cause.look:
                read_value(app, path)


def test_every_code_of_the_check_is_explained() -> None:
    text = "".join(file.read_text("utf-8") for file in FOLDER.rglob("*.py"))
    named = {
        int(number)
        for number in re.findall(r"\b(\d{5,8})\b", text)
        if not number.startswith(("0", "65536", "100000", "200000"))
    }
    used = {
        number for number in named if str(number).startswith(("28", "50", "53", "54", "65", "70", "90", "100", "24"))
    }
    assert used - {65_536, 100_000, 500_000} <= set(CODES)


def test_every_published_code_that_concerns_a_registration_or_a_request_is_explained() -> None:
    listed = re.search(r"codes: ([\d\s]+)", PUBLISHED.read_text("utf-8"))
    assert listed
    published = {int(number) for number in listed[1].split()}
    assert len(published) > 280
    assert published <= set(CODES)


def test_the_codes_are_in_the_order_of_their_numbers() -> None:
    assert list(CODES) == sorted(CODES)


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (7000216, "neither client_secret nor client_assertion"),
        (700212, "another audience"),
        (500131, "for another API"),
        (500112, "changes the host or scheme of one of the two requests"),
        (700021, "iss or sub"),
        (700026, "the registration has no certificate"),
        (650053, "does not name an API"),
        (650059, "signInAudience is AzureADMyOrg"),
        (9010010, "MCP client"),
        (7000114, "app-only"),
        (530033, "device code"),
    ],
)
def test_the_likeliest_cause_is_named_first(code: int, text: str) -> None:
    assert text in CODES[code].causes[0].text


def test_a_code_is_valid_for_a_minute_and_only_localhost_ignores_the_port() -> None:
    assert "about one minute" in CODES[70008].causes[0].text
    assert "On 127.0.0.1, use the registered port" in CODES[50011].causes[0].check


@pytest.mark.parametrize(
    ("message", "means"),
    [
        ("AADSTS700023: Client assertion audience claim does not match Realm issuer.", "client assertion"),
        ("AADSTS700023: The provided value for the input parameter 'scope' isn't valid", "does not name an API"),
    ],
)
def test_a_number_with_two_meanings_is_told_apart_by_its_message(message: str, means: str) -> None:
    told = narrow(CODES[700023], message)
    assert means in told.means
    assert len(told.causes) == 1


def test_without_a_message_all_meanings_are_explained() -> None:
    assert narrow(CODES[700023], "AADSTS700023") == CODES[700023]


def test_what_a_message_tells_has_a_meaning_of_its_own() -> None:
    assert all(bool(cause.message) == bool(cause.means) for code in CODES.values() for cause in code.causes)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("AADSTS50011", (50011,)),
        ("aadsts50011: The redirect URI", (50011,)),
        ("50011", (50011,)),
        ("error 7000218", (7000218,)),
        ("https://a.example/?error=invalid_client&error_description=AADSTS650057%3a+Invalid+resource", (650057,)),
        ('{"error":"invalid_scope","error_description":"AADSTS70011: x","error_codes":[70011]}', (70011,)),
        ('{"error_codes":[700016]}', (700016,)),
        ("https://login.microsoftonline.com/error?code=50058", (50058,)),
        ("AADSTS70002: Error validating credentials. AADSTS50012: Client assertion", (70002, 50012)),
        ("nothing of the kind 123", ()),
        ("", ()),
    ],
)
def test_codes_are_found(text: str, codes: tuple[int, ...]) -> None:
    assert find_codes(text) == codes


@given(st.text(max_size=500))
def test_no_text_breaks_the_search(text: str) -> None:
    find_codes(text)


def test_an_explanation_shows_no_credential() -> None:
    data = merged_into(
        "web", {"passwordCredentials": [{"keyId": "k", "hint": "abc", "endDateTime": "2026-06-01T00:00:00Z"}]}
    )
    app = msgspec.convert(data, Registration)
    text = explain_text(CODES[7000215], app, lambda _: "app.json:1", width=80, color=False)
    assert "passwordCredentials = [one valid until 2026-06-01] (app.json:1)" in text
    assert "abc" not in text
    assert shown(tuple(f"https://a.example/{n}" for n in range(9))).endswith("] and 3 more")
