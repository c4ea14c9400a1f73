"""What a list lacks that was not read in full is not known: such a request cannot be predicted."""

import base64
import json
from typing import Any
from urllib.parse import urlencode

import msgspec
import pytest

from advisor.preflight.codes import load_codes
from advisor.preflight.explain import explain_text
from advisor.preflight.read import read_requests
from advisor.preflight.steps import predict
from rules.model.clean import NOW, clean, merged
from rules.model.fragments import FEDERATED
from rules.model.registration import Registration, Unread, mark_unread
from rules.primitives.patch import nested, pointer_of

LOGIN = "https://login.microsoftonline.com/contoso.com"
CLIENT = clean("web")["appId"]
GRAPH = "https://graph.microsoft.com"
PROOF = {"client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}
PROOFS = ("passwordCredentials", "keyCredentials", "federatedIdentityCredentials")
SIGN_IN = {"response_type": "code", "state": "s", "scope": "openid"}
REDIRECT = {"redirect_uri": "https://new.contoso.com/"}
ITSELF = {"grant_type": "client_credentials", "scope": f"{GRAPH}/.default"}


def token(**claims: object) -> str:
    parts = ({"alg": "RS256", "typ": "JWT"}, {"exp": 4102444800, "sub": "s", **claims})
    return ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts) + ".x"


def registration(values: dict[str, Any]) -> Registration:
    """A registration with *values*, by the names of properties such as ``web.redirectUris``."""
    return msgspec.convert(
        merged(clean("web"), nested({pointer_of(path): one for path, one in values.items()})), Registration
    )


CASES: list[tuple[str, str, dict[str, str], int]] = [
    ("web.redirectUris", "authorize", SIGN_IN, 900971),
    ("web.redirectUris", "authorize", {**SIGN_IN, **REDIRECT}, 500113),
    ("web.redirectUris", "adminconsent", {}, 900971),
    ("web.redirectUris", "logout", {"post_logout_redirect_uri": "https://new.contoso.com/"}, 0),
    ("passwordCredentials", "token", {**ITSELF, "client_secret": "q8Q~value"}, 7000215),
    ("keyCredentials", "token", {**ITSELF, **PROOF, "client_assertion": "{assertion}"}, 700027),
    ("federatedIdentityCredentials", "token", {**ITSELF, **PROOF, "client_assertion": "{assertion}"}, 700027),
    ("federatedIdentityCredentials", "token",
        {**ITSELF, **PROOF, "client_assertion": token(iss="https://token.actions.githubusercontent.com")}, 700211),
    ("requiredResourceAccess", "authorize", {**SIGN_IN, "scope": f"{GRAPH}/.default"}, 650057),
]  # fmt: skip


@pytest.mark.parametrize(("path", "endpoint", "fields", "code"), CASES)
def test_what_a_partly_read_list_lacks_is_not_known(
    path: str, endpoint: str, fields: dict[str, str], code: int
) -> None:
    known = path == "requiredResourceAccess"
    redirects = ["https://orders.contoso.com/"] if known else []
    proofs: dict[str, Any] = {name: [] for name in PROOFS}
    app = registration({**proofs, "web.redirectUris": redirects, path: []})
    url = f"{LOGIN}/{'' if endpoint == 'adminconsent' else 'oauth2/v2.0/'}{endpoint}"
    form = urlencode({"client_id": CLIENT, **fields, **({"redirect_uri": redirects[0]} if known else {})})
    sent = f"POST {url}\n\n{form}" if endpoint == "token" else f"GET {url}?{form}"
    (request,) = read_requests(sent.encode(), "input")
    read = predict(request, app, NOW)
    assert code in [check.code for check in read.checks if check.state == "failed"]
    pointer = "/" + path.replace(".", "/") + "/0"
    partly = predict(request, mark_unread(app, {pointer: Unread("placeholder")}), NOW)
    assert partly.outcome == "unknown", partly.checks


@pytest.mark.parametrize(
    ("change", "outcome"),
    [({}, "accepted"), ({"issuer": "https://gitlab.com/"}, "fails"), ({"subject": "contoso/app"}, "unknown")],
)
def test_an_assertion_needs_a_federated_credential_that_a_token_can_match(change: dict[str, str], outcome: str) -> None:
    app = registration({**{name: [] for name in PROOFS}, "federatedIdentityCredentials": [{**FEDERATED, **change}]})
    form = urlencode({"client_id": CLIENT, **ITSELF, **PROOF, "client_assertion": "{assertion}"})
    (request,) = read_requests(f"POST {LOGIN}/oauth2/v2.0/token\n\n{form}".encode(), "input")
    assert predict(request, app, NOW).outcome == outcome


def test_an_explanation_says_what_was_not_read() -> None:
    app = registration({"web.redirectUris": [""]})
    app = mark_unread(app, {"/web/redirectUris/0": Unread("placeholder")})
    said = explain_text(load_codes()[50011], app, lambda _: "", width=80, color=False)
    assert "here: web.redirectUris = not all of it was read" in said
