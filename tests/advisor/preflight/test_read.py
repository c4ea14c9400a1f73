"""Requests are read from everything that people have at hand, and no secret survives it."""

import base64
import io
import json
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import jsonschema
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from advisor.errors import InputError
from advisor.preflight.read import read_requests, read_variables
from advisor.preflight.show import render_json, render_predictions
from advisor.preflight.steps import predict_all
from advisor.preflight.wire import AuthRequest
from rules.model.clean import NOW

CLIENT = "00001111-aaaa-2222-bbbb-3333cccc4444"
LOGIN = "https://login.microsoftonline.com/contoso.com/oauth2/v2.0"
HAR = json.loads((Path(__file__).parent / "data" / "har-1.2.json").read_text())

Fields = dict[str, str]


def as_form(fields: Fields) -> bytes:
    return urlencode(fields).encode()


def as_curl(fields: Fields) -> bytes:
    return f"curl -X POST {LOGIN}/token \\\n  -d '{urlencode(fields)}'".encode()


def as_curl_parts(fields: Fields) -> bytes:
    parts = " ".join(f"--data-urlencode {_sh(f'{name}={value}')}" for name, value in fields.items())
    return f"curl -s {LOGIN}/token {parts} | jq .access_token".encode()


def as_chrome(fields: Fields) -> bytes:
    body = urlencode(fields).replace("'", "\\'")
    return (
        f"curl '{LOGIN}/token' \\\n  -H 'origin: https://a.example' \\\n  --data-raw $'{body}' \\\n  --compressed"
    ).encode()


def as_cmd(fields: Fields) -> bytes:
    body = urlencode(fields).replace("%", "^%").replace("&", "^&")
    return f'curl ^"{LOGIN}/token^" ^\n  --data-raw ^"{body}^"'.encode()


def as_http(fields: Fields) -> bytes:
    body = "\n&".join(f"{name}={quote(value, safe='')}" for name, value in fields.items())
    return (
        "### sign in\n@tenant = contoso.com\nPOST "
        f"https://login.microsoftonline.com/{{{{tenant}}}}/oauth2/v2.0/token\nContent-Type: "
        f"application/x-www-form-urlencoded\n\n{body}\n"
    ).encode()


def as_raw(fields: Fields) -> bytes:
    return (
        f"POST /contoso.com/oauth2/v2.0/token HTTP/1.1\r\nHost: login.microsoftonline.com\r\n\r\n{urlencode(fields)}"
    ).encode()


def as_printed(fields: Fields) -> bytes:
    lines = (f"    {name}={value}" for name, value in fields.items())
    return "\n".join((f"POST {LOGIN}/token", *lines, "    header Accept: text/html, which a browser adds")).encode()


def as_markdown(fields: Fields) -> bytes:
    return b"# Advice\n\n## Request\n\n```text\n" + as_printed(fields) + b"\n```\n\n## Sources\n\n- name=value\n"


def as_har(fields: Fields) -> bytes:
    request = {
        "method": "POST", "url": f"{LOGIN}/token", "httpVersion": "HTTP/1.1", "cookies": [], "queryString": [],
        "headers": [{"name": "Authorization", "value": "Basic c2VjcmV0"}], "headersSize": -1, "bodySize": -1,
        "postData": {"mimeType": "application/x-www-form-urlencoded", "text": urlencode(fields)},
    }  # fmt: skip
    answer = {
        "status": 200, "statusText": "OK", "httpVersion": "HTTP/1.1", "cookies": [], "headers": [], "redirectURL": "",
        "headersSize": -1, "bodySize": -1, "content": {"size": 0, "mimeType": "application/json"},
    }  # fmt: skip
    entry = {
        "startedDateTime": "2026-01-01T00:00:00Z", "time": 1, "request": request, "response": answer, "cache": {},
        "timings": {"send": 1, "wait": 1, "receive": 1},
    }  # fmt: skip
    recording = {"log": {"version": "1.2", "creator": {"name": "test", "version": "1"}, "entries": [entry]}}
    jsonschema.validate(recording, HAR)
    return json.dumps(recording).encode()


def as_postman(fields: Fields) -> bytes:
    rows = [{"key": name, "value": value} for name, value in fields.items() if name != "client_secret"]
    rows += [{"key": "client_secret", "value": "{{secret}}"}] if "client_secret" in fields else []
    item = {
        "name": "token",
        "request": {
            "method": "POST",
            "url": {"raw": f"{LOGIN}/token"},
            "body": {"mode": "urlencoded", "urlencoded": rows},
        },
    }
    variable = [{"key": "secret", "value": fields.get("client_secret", "")}]
    return json.dumps(
        {"info": {"name": "x"}, "item": [{"name": "folder", "item": [item]}], "variable": variable}
    ).encode()


def as_saz(fields: Fields) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("raw/1_c.txt", b"GET https://example.com/ HTTP/1.1\r\n\r\n")
        archive.writestr("raw/2_c.txt", as_raw(fields))
        archive.writestr("raw/2_s.txt", b"HTTP/1.1 200 OK\r\n\r\n" + urlencode(fields).encode())
    return file.getvalue()


def _sh(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


KINDS: dict[str, Callable[[Fields], bytes]] = {
    "form": as_form, "curl": as_curl, "curl in parts": as_curl_parts, "curl of Chrome": as_chrome,
        "curl of cmd": as_cmd, "http": as_http,
    "raw": as_raw, "printed": as_printed, "Markdown": as_markdown,
    "HAR": as_har, "Postman": as_postman, "Fiddler": as_saz,
}  # fmt: skip


def one(data: bytes | str) -> AuthRequest:
    requests = read_requests(data.encode() if isinstance(data, str) else data, "input")
    assert len(requests) == 1
    return requests[0]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_input_gives_the_same_request(kind: str) -> None:
    fields = {
        "client_id": CLIENT,
        "grant_type": "client_credentials",
        "scope": "https://graph.microsoft.com/.default",
        "client_secret": "aB~1+2/3=&%",
    }
    request = one(KINDS[kind](fields))
    assert (request.endpoint, request.method, request.version) == ("token", "POST", 2)
    assert request.get("client_id") == CLIENT
    assert request.get("scope") == "https://graph.microsoft.com/.default"
    assert request.get("client_secret") == "{client_secret}"
    assert request.facts("client_secret").length == len("aB~1+2/3=&%")
    assert request.tenant == ("{tenant}" if kind == "form" else "contoso.com")


#: It begins with what stands nowhere else, so that it cannot be in an answer by accident.
secret = (
    st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=4, max_size=60)
    .map(lambda text: f"Zq~9{text}")
    .filter(lambda text: "{" not in text)
)
NAMES = (
    "client_secret", "password", "username", "refresh_token", "code", "assertion", "device_code", "code_verifier",
        "state", "nonce",
    "access_token", "id_token", "api_key", "x-secret", "clientSecret",
)  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
@given(value=secret, name=st.sampled_from(NAMES))
@example(value="Zq~900$'", name="client_secret")
@settings(max_examples=60)
def test_a_secret_is_neither_shown_nor_kept(kind: str, value: str, name: str) -> None:
    fields = {"client_id": CLIENT, "grant_type": "password", "scope": "openid", name: value}
    requests = read_requests(KINDS[kind](fields), "input")
    predictions = predict_all(requests, lambda _: None, NOW)
    shown = (
        render_predictions(predictions, {}) + render_json(predictions, version="0", judged_at="now") + repr(requests)
    )
    assert value not in shown
    assert quote(value, safe="") not in shown or quote(value, safe="") == value


@given(value=secret)
@settings(max_examples=100)
def test_a_secret_in_the_place_of_the_client_id_is_not_shown(value: str) -> None:
    requests = read_requests(as_form({"client_id": value, "grant_type": "client_credentials"}), "input")
    predictions = predict_all(requests, lambda _: None, NOW)
    assert value not in render_predictions(predictions, {}) + repr(requests)
    assert predictions[0].code == 700016


def test_a_token_in_a_public_parameter_is_not_shown() -> None:
    token = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJzIn0.c2ln"
    request = one(f"{LOGIN}/authorize?client_id={CLIENT}&redirect_uri={quote('https://user:pass@a.example/#' + token)}")
    assert "c2ln" not in repr(request)
    assert "user:pass" not in repr(request)


@given(data=st.binary(max_size=300))
def test_no_input_ends_in_anything_but_an_input_error(data: bytes) -> None:
    with suppress(InputError):
        read_requests(data, "input")


@given(
    text=st.text(max_size=200),
    head=st.sampled_from(
        ("curl ", "POST ", "GET https://", "client_id=", '{"log": {"entries": [', "https://login.microsoftonline.com/")
    ),
)
def test_nearly_a_request_ends_in_nothing_worse(text: str, head: str) -> None:
    with suppress(InputError):
        read_requests((head + text).encode("utf-8", "replace"), "input")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "contains no request"),
        (b"hello", "contains no request"),
        (b"\x00\x01\x02", "is not text"),
        (b"{", "is not JSON"),
        (b"[" * 100_000, "nested too deeply"),
        (b"{}", "neither a Postman collection nor a HAR file"),
        (b"PK\x03\x04broken", "is not a readable archive"),
        (b"curl 'https://login.microsoftonline.com", "the closing quotation mark of the curl command is missing"),
        (b"curl https://example.com -d a=b", "contains no request"),
        (b"https://example.com/oauth2/v2.0/authorize?client_id=x", "contains no request"),
        (b"https://idp.example.com/t/oauth2/v2.0/authorize?client_id=x", "no request goes to an endpoint"),
    ],
)
def test_bad_input_is_one_clear_line(data: bytes, said: str) -> None:
    with pytest.raises(InputError) as caught:
        read_requests(data, "input")
    assert said in caught.value.what


def test_an_archive_with_a_password_says_so() -> None:
    # A file with the flag of encryption set: zipfile refuses to read it without a password.
    data = bytearray(as_saz({"client_id": CLIENT}))
    for mark in (b"PK\x03\x04", b"PK\x01\x02"):
        at = data.find(mark)
        while at >= 0:
            data[at + (6 if mark == b"PK\x03\x04" else 8)] |= 1
            at = data.find(mark, at + 4)
    with pytest.raises(InputError, match="has a password"):
        read_requests(bytes(data), "input")


# Addresses and .http files


def test_an_address_over_several_lines_as_documents_write_it() -> None:
    request = one(
        f"{LOGIN}/authorize?\nclient_id={CLIENT}\n&response_type=code\n&redirect_uri=https%3A%2F%2Fa.example%2F"
    )
    assert request.get("redirect_uri") == "https://a.example/"


def test_the_example_of_a_document() -> None:
    request = one(
        "POST /{tenant}/oauth2/v2.0/token HTTP/1.1           //Line breaks for clarity\nHost: "
        "login.microsoftonline.com:443\n"
        f"Content-Type: application/x-www-form-urlencoded\n\nclient_id={CLIENT}\n"
        "&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default\n"
        "&client_secret=sampleCredentials\n&grant_type=client_credentials\n"
    )
    assert request.tenant == "{tenant}"
    assert request.get("grant_type") == "client_credentials"


def test_variables_of_an_http_file_are_put_in_and_unknown_ones_stay() -> None:
    text = (
        f"@host = https://login.microsoftonline.com\n@base = {{{{host}}}}/contoso.com\n\nPOST "
        f"{{{{base}}}}/oauth2/v2.0/token\n\nclient_id={CLIENT}&scope={{{{scope}}}}"
    )
    request = one(text)
    assert request.tenant == "contoso.com"
    assert request.get("scope") == "{{scope}}"


def test_variables_that_name_each_other_end() -> None:
    with pytest.raises(InputError):
        read_requests(b"@a = {{b}}\n@b = {{a}}\nGET {{a}}", "input")


def test_several_requests_of_a_file_keep_their_lines() -> None:
    text = (
        f"GET {LOGIN}/authorize?client_id={CLIENT}\n\n###\nPOST {LOGIN}/token\n\nclient_id={CLIENT}"
        "&grant_type=refresh_token"
    )
    first, second = read_requests(text.encode(), "flow.http")
    assert (first.line, second.line) == (1, 4)
    assert (first.endpoint, second.endpoint) == ("authorize", "token")


def test_answers_in_a_recording_are_not_requests() -> None:
    text = f"POST {LOGIN}/token HTTP/1.1\n\nclient_id={CLIENT}\n\nHTTP/1.1 400 Bad Request\n\nPOSTED client_id=other"
    assert one(text).get("client_id") == CLIENT


def test_a_national_cloud_is_known() -> None:
    assert one(f"https://login.microsoftonline.us/t.us/oauth2/v2.0/authorize?client_id={CLIENT}").host.endswith(".us")


def test_utf_16_of_powershell_is_read() -> None:
    assert one(f"curl -d client_id={CLIENT} {LOGIN}/token".encode("utf-16")).get("client_id") == CLIENT


# curl


def test_curl_with_get_and_with_basic() -> None:
    request = one(f"curl -G {LOGIN}/authorize -d client_id={CLIENT} -d response_type=code")
    assert (request.method, request.get("response_type")) == ("GET", "code")
    basic = one(f"curl -u {CLIENT}:pass {LOGIN}/token -d grant_type=client_credentials")
    assert basic.basic
    assert "pass" not in repr(basic)


def test_a_command_ends_where_the_shell_ends_it() -> None:
    request = one(f"curl {LOGIN}/token -d client_id={CLIENT} && echo done\n# it's a comment\nls -d x=1")
    assert [p.name for p in request.parameters] == ["client_id"]


def test_a_script_gives_its_sign_in_and_its_redemption() -> None:
    script = (
        f"printf '%s\\n' '{LOGIN}/authorize?client_id={CLIENT}&response_type=code'\ncurl {LOGIN}/token -d "
        f"client_id={CLIENT}"
    )
    assert [request.endpoint for request in read_requests(script.encode(), "x")] == ["authorize", "token"]


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("$'client_secret=a\\'b\\u0021\\x21'", "a'b!!"),
        ("client_secret=$'a b'", "a b"),
        ("'client_secret=900$'", "900$"),
        ("'client_secret=$'\\''x'", "$'x"),
        ("\"client_secret=$'x'\"", "$'x'"),
        ("client_secret=\\$'x'", "$x"),
        ("'client_secret=$'$'\\x21'", "$!"),
    ],
)
def test_ansi_quoting_begins_outside_other_quotation_marks(word: str, value: str) -> None:
    request = one(f"curl {LOGIN}/token -d grant_type=client_credentials --data-urlencode {word} -d scope='it'")
    assert request.get("client_secret") == "{client_secret}"
    assert request.facts("client_secret").length == len(value)
    assert request.get("scope") == "it"


def test_an_apostrophe_before_a_command_quotes_nothing_of_it() -> None:
    assert one(f"# it's the browser's\ncurl $'{LOGIN}/token' -d $'client_id={CLIENT}'").get("client_id") == CLIENT


def test_a_shell_variable_counts_as_filled_in() -> None:
    request = one(f'curl {LOGIN}/token -d "client_secret=$CLIENT_SECRET" -d client_id={CLIENT}')
    assert request.facts("client_secret").template


def test_an_address_in_the_midst_of_words_is_read() -> None:
    text = f"It says this:\n> <{LOGIN}/authorize?client_id={CLIENT}&response_type=code&scope=openid>, and fails."
    assert one(text).get("scope") == "openid"


# Postman


def postman(auth: dict[str, Any]) -> bytes:
    rows = [{"key": key, "value": value} for key, value in auth.items()]
    return json.dumps({"info": {}, "item": [], "auth": {"type": "oauth2", "oauth2": rows}}).encode()


def test_postmans_helper_with_the_implicit_grant() -> None:
    request = one(
        postman(
            {
                "grant_type": "implicit", "authUrl": "https://login.microsoftonline.com/common/oauth2/authorize?resource=https://org.crm.dynamics.com",
                "clientId": CLIENT, "redirect_uri": "https://www.getpostman.com/oauth2/callback",
            }
        )
    )  # fmt: skip
    assert (request.version, request.get("response_type")) == (1, "token")
    assert request.get("resource") == "https://org.crm.dynamics.com"
    assert request.label == "collection (sign-in)"


def test_postmans_helper_with_pkce_sends_two_requests() -> None:
    auth = {
        "grant_type": "authorization_code_with_pkce", "authUrl": f"{LOGIN}/authorize",
            "accessTokenUrl": f"{LOGIN}/token", "clientId": CLIENT,
        "redirect_uri": "https://oauth.pstmn.io/v1/callback", "clientSecret": "hush-hush-hush",
            "challengeAlgorithm": "S256",
    }  # fmt: skip
    requests = read_requests(postman(auth), "x")
    assert [request.endpoint for request in requests] == ["authorize", "token"]
    assert requests[0].get("code_challenge_method") == "S256"
    assert requests[1].facts("code_verifier").given
    assert "hush" not in repr(requests)


VARIED = {
    "variable": [{"key": "client", "value": "of the collection"}],
    "item": [
        {
            "name": "token",
            "request": {
                "method": "POST",
                "url": {"protocol": "https", "host": ["login", "microsoftonline", "com"], "path": ["{{tenant}}",
                    "oauth2", "v2.0", "token"]},
                "body": {"mode": "urlencoded", "urlencoded": [{"key": "client_id", "value": "{{client}}"},
                    {"key": "client_secret", "value": "{{secret}}"}]},
            },
        }
    ],
}  # fmt: skip


def test_a_postman_environment_fills_the_collection_and_wins_over_its_variables() -> None:
    rows = [
        {"key": "tenant", "value": "contoso.com", "enabled": True},
        {"key": "client", "value": CLIENT, "enabled": True},
        {"key": "tenant", "value": "off.example", "enabled": False},
        {"key": "secret", "value": "hush-hush-hush", "type": "secret"},
    ]
    values = read_variables(json.dumps({"name": "e", "values": rows}).encode(), "env.json")
    (request,) = read_requests(json.dumps(VARIED).encode(), "x", environment=values)
    assert (request.tenant, request.get("client_id")) == ("contoso.com", CLIENT)
    assert request.facts("client_secret").length == 14
    assert "hush" not in repr(request)


@pytest.mark.parametrize("text", ["[]", "{}", "no", '{"values": 1}', "[" * 100_000])
def test_what_is_no_environment_is_one_clear_line(text: str) -> None:
    with pytest.raises(InputError) as told:
        read_variables(text.encode(), "env.json")
    assert "\n" not in str(told.value)


# What is drawn from secrets


def token_of(claims: dict[str, Any]) -> str:
    part = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    return f"eyJhbGciOiJub25lIn0.{part}.c2lnbmF0dXJl"


def test_a_token_is_known_by_its_claims_alone() -> None:
    token = token_of({"iss": "i", "sub": "s", "aud": "a", "exp": 1_800_000_000, "scp": "x"})
    request = one(as_form({"client_id": CLIENT, "grant_type": "x", "assertion": token}))
    claims = request.facts("assertion").claims
    assert claims is not None
    assert (claims.issuer, claims.subject, claims.audience, claims.kind) == ("i", "s", "a", "access")
    assert "c2lnbmF0dXJl" not in repr(request)


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda x: st.lists(x) | st.dictionaries(st.text(), x),
        max_leaves=8,
    )
)
def test_no_token_breaks_the_reading(value: Any) -> None:
    token = token_of({"exp": value, "iss": value, "aud": value}) if not isinstance(value, dict) else token_of(value)
    assert one(as_form({"client_id": CLIENT, "grant_type": "x", "client_assertion": token})).get("client_assertion")
