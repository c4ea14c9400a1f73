"""Every scope is looked up as the platform reads it; what no table has is not known."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.preflight.read import read_requests
from advisor.preflight.resources import complete_uri, offer, split_scope
from advisor.preflight.steps import predict
from advisor.preflight.steps.credentials import matches
from advisor.preflight.wire import make_request, thumbprint
from rules.model.clean import NOW
from rules.model.registration import Registration
from tests.advisor.preflight.questions import (
    CLIENT,
    GRAPH,
    OTHER,
    OWN,
    PKCE,
    SERVER,
    THUMBPRINT,
    api,
    app,
    lists,
    native,
    sign_in,
)

GRAPH_URI = "https://graph.microsoft.com"


def registration(**more: Any) -> Registration:
    return msgspec.convert(app(**more), Registration)


@pytest.mark.parametrize(
    ("text", "resource", "permission"),
    [
        ("User.Read", GRAPH_URI, "User.Read"),
        ("user:email", GRAPH_URI, "user:email"),
        (".default", GRAPH_URI, ".default"),
        ("OpenID", "", "openid"),
        (f"{GRAPH}/User.Read", GRAPH, "User.Read"),
        ("https://contoso.crm4.dynamics.com//.default", "https://contoso.crm4.dynamics.com/", ".default"),
        ("api://a/b/c", "api://a/b", "c"),
        ("urn:a/b", "urn:a", "b"),
    ],
)
def test_what_follows_the_last_slash_is_the_permission(text: str, resource: str, permission: str) -> None:
    found = split_scope(text)
    assert (found.resource, found.permission, found.is_malformed) == (resource, permission, False)


@pytest.mark.parametrize("text", ["/.default", "contoso.crm4.dynamics.com/.default", GRAPH_URI, f"{GRAPH_URI[:-4]}x",
    "https:/a/b", "https:///b", "api://a"])  # fmt: skip
def test_a_text_without_resource_is_no_scope(text: str) -> None:
    assert split_scope(text).is_malformed


@pytest.mark.parametrize(
    ("text", "state", "code"),
    [
        ("User.Read", "offered", 0),
        ("user.read", "offered", 0),
        (f"{GRAPH_URI}/openid", "offered", 0),
        ("user_impersonation", "not-offered", 650053),
        ("name", "not-offered", 650053),
        ("Mail.Reed", "not-offered", 650053),
        ("User.Read,Mail.Read", "not-offered", 650053),
        ("Stardust.Read.All", "not-known", 650053),
        (GRAPH, "not-known", 650053),
        (f"{GRAPH_URI}/v1.0/User.Read", "not-offered", 500011),
        (f"{GRAPH_URI}/", "not-offered", 0),
        ("https://GRAPH.microsoft.com/User.Read", "not-known", 500011),
        ("https://graph.windows.net/User.Read", "not-known", 500011),
        ("https://management.azure.com/user_impersonation", "offered", 0),
        ("https://management.azure.com/Stardust.Read", "not-offered", 650053),
        ("https://management.azure.com//.default", "offered", 0),
        ("https://management.azure.com///.default", "not-known", 500011),
        ("https://larkfield.sharepoint.com/AllSites.Read", "offered", 0),
        (f"{OWN}/read", "offered", 0),
        (f"{CLIENT}/read", "offered", 0),
        (f"{OWN}/write", "not-offered", 650053),
        (f"{OWN}/openid", "not-offered", 650053),
        (f"{OWN.upper()}/read", "not-known", 500011),
        (f"api://{OTHER}/read", "not-known", 500011),
        (f"{OTHER}/read", "not-known", 650053),
        (f"{OTHER}/.default", "offered", 0),
    ],
)
def test_a_scope_is_looked_up(text: str, state: str, code: int) -> None:
    found = offer(split_scope(text), registration(**api("read"), requiredResourceAccess=lists(OTHER)))
    assert (found.state, found.code) == (state, code), found.says


@pytest.mark.parametrize("unread", ["identifierUris", "api"])
def test_what_was_not_read_is_not_known(unread: str) -> None:
    data = {name: value for name, value in app(**api("read")).items() if name != unread}
    assert offer(split_scope(f"{OWN}/read"), msgspec.convert(data, Registration)).state == "not-known"


def test_the_default_uri_has_to_be_registered() -> None:
    assert offer(split_scope(f"{OWN}/.default"), registration()).code == 500011


@pytest.mark.parametrize(
    ("text", "state"),
    [("api://orders/read", "offered"), ("api://orders/write", "not-offered"), ("api://ledger/read", "not-known")],
)
def test_an_api_may_be_in_the_same_file(text: str, state: str) -> None:
    orders = registration(appId=OTHER, **api("read", uris=("api://orders",)))
    assert offer(split_scope(text), registration(), (registration(), orders)).state == state


@given(st.text(max_size=40))
def test_no_scope_is_too_odd(text: str) -> None:
    offer(split_scope(text), registration(**api("read")))


@pytest.mark.parametrize(
    ("text", "full"),
    [
        ("contoso.crm4.dynamics.com", "https://contoso.crm4.dynamics.com"),
        ("graph.microsoft.com", GRAPH_URI),
        (OWN, OWN),
        (OTHER, OTHER),
        ("https://{environment}", "https://{environment}"),
        ("orders.contoso.com", ""),
        ("orders", ""),
    ],
)
def test_a_host_of_microsoft_is_completed(text: str, full: str) -> None:
    assert complete_uri(text) == full


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("repo:a/b:*", "repo:a/b:ref:refs/heads/x", True),
        ("repo:a/?:pull_request", "repo:a/b:pull_request", True),
        ("repo:a/?:pull_request", "repo:a/bb:pull_request", False),
        ("*", "", True),
        ("a*b*c", "aXbYbZc", True),
        ("a*b*c", "aXbYbZ", False),
        ("A", "a", False),
    ],
)
def test_an_expression_matches_with_wildcards(pattern: str, text: str, expected: bool) -> None:
    assert matches(pattern, text) is expected


@given(st.text("ab*?", max_size=200), st.text("ab", max_size=200))
def test_matching_ends(pattern: str, text: str) -> None:
    assert not matches(pattern, text) or matches("*", text)


def test_a_thumbprint_is_read_in_each_spelling() -> None:
    assert thumbprint(THUMBPRINT.lower()) == THUMBPRINT
    assert thumbprint("obLD1OX2BxgpOktcbX6PkAESIzQ") == THUMBPRINT
    assert thumbprint("kcRealmKey01") == ""


def test_the_claims_of_an_assertion_are_kept_and_the_token_is_not() -> None:
    request = make_request("POST", "https://login.microsoftonline.com/a.example/oauth2/v2.0/token", (),
        [("client_assertion", "eyJhbGciOiJub25lIn0.eyJpc3MiOiJodHRwczovL2EuZXhhbXBsZSJ9.c2ln")])  # fmt: skip
    assert request is not None
    assert request.get("client_assertion") == "{client_assertion}"
    claims = request.facts("client_assertion").claims
    assert claims is not None
    assert claims.issuer == "https://a.example"
    assert "eyJ" not in str(request)


def test_an_mcp_server_may_be_in_the_same_file_as_its_client() -> None:
    """The client requests the server's scope with the server's URL as resource; a slash at its end is a mistake."""
    server = registration(appId=OTHER, **api("mcp.read", uris=(SERVER,)))
    client = registration(**native("http://localhost"))

    def outcome(resource: str, *others: Registration) -> str:
        url = sign_in(redirect_uri="http://localhost", scope=f"{SERVER}/mcp.read", resource=resource, **PKCE)
        return predict(read_requests(url.encode(), "url")[0], client, NOW, (), (client, *others)).outcome

    assert outcome(SERVER, server) == "accepted"
    assert outcome(f"{SERVER}/", server) == "fails"
    assert outcome(SERVER) == "unknown"
