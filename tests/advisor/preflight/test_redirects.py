"""Redirect URIs are matched as the platform matches them."""

import re
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.preflight.redirects import _covers, faults, match_redirect
from rules.model.clean import merged_into
from rules.model.registration import Registration


def app(*uris: str, platform: str = "web", **more: Any) -> Registration:
    return msgspec.convert(merged_into("daemon", {platform: {"redirectUris": list(uris)}, **more}), Registration)


def matches(registered: str, sent: str, **more: Any) -> bool:
    return bool(match_redirect(app(registered, **more), sent).found)


@pytest.mark.parametrize(
    ("registered", "sent", "expected"),
    [
        ("https://a.example/cb", "https://a.example/cb", True),
        ("https://a.example/cb", "https://A.EXAMPLE/cb", True),
        ("https://a.example/cb", "https://a.example/CB", False),
        ("https://a.example/cb", "https://a.example/cb/", False),
        ("https://a.example", "https://a.example/", True),
        ("https://a.example/cb?x=1", "https://a.example/cb", False),
        ("https://a.example/cb?x=1", "https://a.example/cb?x=1", True),
        ("https://a.example/cb", "https://a.example/cb#x", False),
        ("https://a.example/cb", "https://a.example:8443/cb", False),
        ("http://localhost/cb", "http://localhost:1234/cb", True),
        ("http://localhost:5000/cb", "http://localhost:8080/cb", True),
        ("http://localhost/cb", "https://localhost/cb", False),
        ("http://127.0.0.1", "http://127.0.0.1:9999/", False),
        ("http://127.0.0.1:9999", "http://127.0.0.1:9999/", True),
        ("http://127.0.0.2", "http://127.0.0.2:9999/", False),
        ("http://localhost", "http://127.0.0.1", False),
        ("http://app.localhost/cb", "http://app.localhost:1/cb", False),
        ("msal1234://auth", "msal1234://auth", True),
        ("msal1234://auth", "MSAL1234://auth", False),
        ("https://*.a.example/cb", "https://b.a.example/cb", True),
        ("https://*.a.example/cb", "https://b.a.example/cb?x=1", True),
        ("https://*.a.example/cb", "https://a.example/cb", False),
        ("https://*.a.example/cb", "https://evil.example/b.a.example/cb", False),
        ("https://a.example/*", "https://a.example/any/where", True),
        ("https://a.example/*", "http://a.example/any", False),
    ],
)
def test_matching(registered: str, sent: str, expected: bool) -> None:
    assert matches(registered, sent) is expected


def test_a_pattern_does_not_work_with_personal_accounts() -> None:
    assert not matches(
        "https://a.example/*", "https://a.example/x", signInAudience="AzureADandPersonalMicrosoftAccount"
    )


def test_an_exact_address_comes_before_a_pattern() -> None:
    found = match_redirect(app("https://a.example/*", "https://a.example/cb"), "https://a.example/cb")
    assert not found.by_pattern
    assert [redirect.uri.text for redirect in found.found] == ["https://a.example/cb"]


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        ("https://a.example/CB", "the case of the path"),
        ("https://a.example/cb/", "the final slash"),
        ("http://a.example/cb", "the scheme (http instead of https)"),
        ("https://a.example:444/cb", "the port"),
        ("https://a.example/cb?x=1", "the query"),
        ("https://a.example/CB/", "the case and the final slash of the path"),
        ("https://a.example/other", "the path"),
        ("https://b.example/cb", "the host"),
        ("myapp://auth", "the scheme, the host and the path"),
        ("http://a.example:443/cb", "the scheme (http instead of https) and the port"),
        ("https://a.example/cb#x", "the fragment"),
        ("https://a.example/CB?x=1", "the case of the path and the query"),
    ],
)
def test_the_differences_are_named(sent: str, why: str) -> None:
    assert match_redirect(app("https://a.example/cb"), sent).why == why


@pytest.mark.parametrize(
    ("uri", "fault"),
    [
        ("https://a.example/cb", ""),
        ("http://localhost/cb", ""),
        ("http://a.example/cb", "http is allowed only for localhost"),
        ("http://[::1]/", "IPv6 loopback"),
        ("https://a.example/#x", "fragment"),
        ("https://a.example/(x)", "not supported: ( )"),
        ("https://a.example/" + "x" * 300, "longer than 256"),
    ],
)
def test_what_cannot_be_registered(uri: str, fault: str) -> None:
    assert (fault in faults(uri)) if fault else faults(uri) == ""


@given(st.text(max_size=80), st.text(max_size=80))
def test_no_text_breaks_the_matcher(registered: str, sent: str) -> None:
    match_redirect(app(registered), sent)
    faults(sent)


@given(
    st.sampled_from(("https://a.example", "http://localhost:1", "msal1://auth")),
    st.text(st.characters(codec="ascii", exclude_characters="*"), max_size=20),
)
def test_a_registered_address_matches_itself(head: str, tail: str) -> None:
    uri = f"{head}/{tail}"
    assert matches(uri, uri)


@given(st.text(alphabet="ab*", max_size=8), st.text(alphabet="ab", max_size=10), st.sampled_from([0, 1]))
def test_a_star_covers_what_a_regular_expression_says_that_it_does(pattern: str, text: str, least: int) -> None:
    expected = re.fullmatch(pattern.replace("*", f".{{{least},}}"), text) is not None
    assert _covers(pattern, text, least=least) is expected


def test_a_pattern_made_of_stars_is_walked_once() -> None:
    assert not matches("https://a.example/" + "*a" * 5_000 + "b", "https://a.example/" + "a" * 20_000)
