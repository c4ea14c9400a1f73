"""No secret reaches an output, whatever the format of the input and of the output.

A marker is put into each place in which a format keeps a secret, and every output is searched for it.
"""

from __future__ import annotations

import base64
import json
import random
import string
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.secrets import Secrets, is_secret_like, names_secret, unmasked, without_secrets
from advisor.sources.tenant.records import Application, Header, Outcome
from advisor.sources.tenant.snapshot_file import SnapshotWriter
from reports.formats import FORMATS, PLANS, load_formats
from rules.model.registration import Credential, Registration, Web
from tests.advisor.secret_places import MARKER, files, requests
from tests.conftest import Run

FILES, REQUESTS = files(), requests()
_CHARACTERS = string.ascii_letters + string.digits
_SEED = random.Random(14)


def _secret() -> str:
    return "".join(_SEED.choices(_CHARACTERS, k=24))


def _written(value: str) -> Iterator[str]:
    """A secret in the ways in which an output may write it."""
    yield value
    yield quote(value, safe="")
    yield json.dumps(value)[1:-1]
    yield base64.b64encode(value.encode()).decode().rstrip("=")[:-1]


def _assert_hidden(secret: str, *texts: str) -> None:
    for text in texts:
        for written in _written(secret):
            at = text.find(written)
            assert at < 0, f"...{text[max(at - 200, 0) : at + len(written) + 40]}..."


@pytest.mark.parametrize("case", FILES)
def test_no_secret_of_a_file_reaches_an_output(case: str, folder: Path, grantlint: Callable[..., Run]) -> None:
    secret = _secret()
    for name, text in FILES[case].items():
        (folder / name).write_text(text.replace(MARKER, secret), "utf-8")
    named = [name for name in FILES[case] if not name.startswith(".env")]
    outputs = [argument for name in FORMATS for argument in ("-o", f"{name}:out/{name}")]
    plans = [argument for row in load_formats(PLANS) for argument in ("--fix-plan", f"out/plan{row.suffixes[0]}")]
    (folder / "out").mkdir()
    run = grantlint(
        "lint", *named, "--isolated", "--today", "2026-11-30", "-v", "--write-baseline", "out/baseline.json",
        *outputs, *plans,
    )  # fmt: skip
    assert run.status in (0, 1, 3), run.err
    written = [path.read_text("utf-8") for path in (folder / "out").iterdir()]
    assert len(written) > len(FORMATS)
    _assert_hidden(secret, run.out, run.err, *written)


@pytest.mark.parametrize("case", REQUESTS)
@pytest.mark.parametrize("format", ["text", "json"])
def test_no_secret_of_a_request_reaches_an_output(
    case: str, format: str, folder: Path, grantlint: Callable[..., Run]
) -> None:
    secret = _secret()
    name, text = REQUESTS[case]
    (folder / name).write_text(text.replace(MARKER, secret), "utf-8")
    run = grantlint("request", name, "--format", format)
    _assert_hidden(secret, run.out, run.err)


def test_the_errors_of_the_command_line_quote_no_secret(folder: Path, grantlint: Callable[..., Run]) -> None:
    secret = _secret()
    for arguments in (
        ("request", f"grant_type=client_credentials&client_secret={secret}"),
        ("request", f"client_secret={secret}"),
        ("request", "curl", "-d", f"client_secret={secret}"),
        ("lint", f"https://user:{secret}@contoso.com/app.json"),
        ("explain", f"https://contoso.com/cb#access_token={secret}"),
        ("lint", "--config", f"password={secret}"),
    ):
        run = grantlint(*arguments)
        assert run.status == 2
        _assert_hidden(secret, run.out, run.err)


def test_explain_and_advise_show_no_secret_of_a_registration(folder: Path, grantlint: Callable[..., Run]) -> None:
    for case in ("graph, secretText, one line", "graph, query, lines", "graph, display name, lines"):
        secret = _secret()
        (name, text), *_ = FILES[case].items()
        (folder / name).write_text(text.replace(MARKER, secret), "utf-8")
        for command in (
            ("explain", "7000215", "-r"),
            ("advise", "--registration"),
            ("recipe", "client_credentials", "-r"),
        ):
            run = grantlint(*command, name)
            _assert_hidden(secret, run.out, run.err)


def test_a_snapshot_keeps_no_secret(folder: Path) -> None:
    secret = _secret()
    redirects = Web(redirect_uris=(f"https://contoso.com/cb?client_secret={secret}",))
    thumbprint = "q1w2e3r4t5"
    app = Registration(
        id="a",
        notes=f"https://user:{secret}@contoso.com/",
        web=redirects,
        password_credentials=(
            Credential(custom_key_identifier=secret, secret_text=secret),
            Credential(custom_key_identifier=thumbprint),
        ),
        key_credentials=(Credential(custom_key_identifier=thumbprint),),
    )
    writer = SnapshotWriter(
        folder / "t.jsonl", Header(tenant="contoso.com", endpoint="", read_at="2026-11-30T00:00:00Z")
    )
    writer.write(Application(app))
    writer.write(Outcome(part="applications", status="read"))
    writer.finish()
    text = (folder / "t.jsonl").read_text("utf-8")
    _assert_hidden(secret, text)
    assert text.count(thumbprint) == 2


@given(
    secret=st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=12, max_size=40),
    before=st.text("ab\"\\{}[]:=,'é ", max_size=20),
    after=st.text("ab\"\\{}[]:=,'é ", max_size=20),
)
def test_a_declared_secret_is_hidden_wherever_it_is_repeated(secret: str, before: str, after: str) -> None:
    secrets = Secrets()
    secrets.learn(json.dumps({"clientSecret": f"x7{secret}"}, ensure_ascii=False))
    for written in (f"x7{secret}", json.dumps(f"x7{secret}"), quote(f"x7{secret}", safe="")):
        text = before + written + after
        assert f"x7{secret}" not in secrets.hide(text)
        masked = secrets.mask(text)
        assert len(masked) == len(text)
        assert f"x7{secret}" not in unmasked(masked)


@given(text=st.text("a:/@?&=#-.\"'\\\n{}[]secretpasswordvalue ", max_size=200))
def test_a_masked_text_has_the_same_lines_of_the_same_length(text: str) -> None:
    masked = Secrets().mask(text)
    assert [len(line) for line in masked.split("\n")] == [len(line) for line in text.split("\n")]


@given(text=st.text("a:/@?&=#-.\"'{}[]%$ ", max_size=80))
def test_what_is_hidden_is_hidden_once(text: str) -> None:
    once = Secrets().hide(text)
    assert Secrets().hide(once) == once


@pytest.mark.parametrize(
    "text",
    [
        "Bearer eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl",
        "abc8Q~" + "aB3" * 11,
        "0.AXkA" + "aB3_-" * 10,
        "https://user:password@contoso.com/",
        r"https:\/\/user:password@contoso.com\/",
        r"https://contoso.com/?a=b\u0026client_secret\u003dabcdefgh",
        "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nMIIE\n-----END RSA PRIVATE KEY-----",
        "DefaultEndpointsProtocol=https;AccountKey=" + "aB3+" * 22,
        "ghp_" + "a1" * 18,
    ],
)
def test_what_looks_like_a_secret_is_hidden(text: str) -> None:
    assert is_secret_like(text)
    hidden = Secrets().hide(text)
    assert "(hidden)" in hidden
    assert not is_secret_like(hidden)
    assert not any(part in hidden for part in ("password", "abcdefgh", "MIIE", "aB3", "c2lnbmF0dXJl", "a1a1"))


@pytest.mark.parametrize(
    "text",
    [
        "https://contoso.com/cb?code={code}",
        "https://{user}@contoso.com",
        '{"secretText": null, "passwordCredentials": [], "clientSecret": "${{SECRET}}"}',
        'client_secret = var.client_secret\nresource "x" "y" {}',
        "param clientSecret string\nvar x = { password: adminPassword }",
        "secretText: (hidden)",
        "api://11111111-1111-4111-8111-111111111111/user_impersonation",
    ],
)
def test_what_is_public_is_shown(text: str) -> None:
    secrets = Secrets()
    secrets.learn(text)
    assert secrets.hide(text) == without_secrets(text) == text


@pytest.mark.parametrize(
    "name", ["AZURE_CLIENT_SECRET", "secretText", "adminPassword", "SECRET_AAD_APP_CLIENT_SECRET", "api-key"]
)
def test_a_name_says_that_its_value_is_a_secret(name: str) -> None:
    assert names_secret(name)


@pytest.mark.parametrize(
    "name", ["AZURE_CLIENT_ID", "secretName", "passwordCredentials", "tokenEncryptionKeyId", "endpoint"]
)
def test_a_name_says_nothing_of_the_kind(name: str) -> None:
    assert not names_secret(name)


@pytest.mark.parametrize(
    "value",
    [
        '"abc1234567"',
        'join("", ["abc", "ghi1234567"])',
        'join("", [\n    "abc1234567",\n    "def1234567",\n  ])',
        "<<EOT\nabc1234567\nkey = def1234567\nEOT",
    ],
)
def test_the_value_of_a_credential_is_hidden_and_its_dates_are_not(value: str) -> None:
    end = "2099-01-01T00:00:00Z"
    text = f'resource "azuread_application_password" "p" {{\n  value = {value}\n  end_date = "{end}"\n}}\n'
    secrets = Secrets()
    secrets.learn(text)
    hidden = secrets.hide(text)
    assert "1234567" not in hidden
    assert end in hidden
