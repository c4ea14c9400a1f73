"""Recipes are run as they are: by sh and curl, in Chromium, with MSAL, against a sign-in service on loopback."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest

from advisor.preflight.recipe import Preferences, Recipe, make_recipe
from advisor.preflight.recipe_msal import render_msal
from advisor.preflight.recipe_text import render_curl
from rules.analysis.grants import grant
from rules.model.clean import NOW, merged_into
from rules.model.registration import Registration
from tests.chromium import CHROMIUM, FLAGS, need_chromium
from tests.oauth_server.certificates import Pair, make_pair
from tests.oauth_server.server import APP, GRAPH, LOGIN, USER, SignIn, running

SECRET = "s3cr3t~with+plus&ampersand=and%20percent"
SECRETS = {"passwordCredentials": [{"keyId": "k", "endDateTime": "2026-06-01T00:00:00Z"}]}

#: Looks for the names of the sign-in service on this machine, in every process that MSAL runs in.
REDIRECT = f"""
import os, socket
_ask = socket.getaddrinfo
def getaddrinfo(host, port, *rest, **named):
    if host in ({LOGIN!r}, {GRAPH!r}):
        host, port = "127.0.0.1", int(os.environ["SIGN_IN_PORT"])
    return _ask(host, port, *rest, **named)
socket.getaddrinfo = getaddrinfo
"""

#: A browser that sends on the form in which the answer comes (response_mode=form_post).
BROWSER = """#!/bin/sh
page=$(curl --silent "$1")
field() { printf '%s' "$page" | sed -n "s/.*name=\\"$1\\" value=\\"\\([^\\"]*\\)\\".*/\\1/p"; }
action=$(printf '%s' "$page" | sed -n 's/.*action="\\([^"]*\\)".*/\\1/p')
curl --silent --output /dev/null --data-urlencode "code=$(field code)" --data-urlencode "state=$(field state)" \\
  "$action" > /dev/null 2>&1 &
"""


@pytest.fixture(scope="module")
def sign_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SignIn]:
    with running(tmp_path_factory.mktemp("sign-in")) as server:
        yield server


@pytest.fixture(scope="module")
def client_pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return make_pair(tmp_path_factory.mktemp("client"), "client")


@pytest.fixture
def shell(sign_in: SignIn, tmp_path: Path) -> dict[str, str]:
    """The environment of a script: curl finds the sign-in service on loopback, and trusts it."""
    if shutil.which("curl") is None or shutil.which("openssl") is None:
        if os.environ.get("CI"):
            pytest.fail("no curl or no openssl")
        pytest.skip("no curl or no openssl")
    names = (LOGIN, GRAPH, APP, "portal.contoso.com", "orders.contoso.com")
    lines = [f'connect-to = "{name}:443:127.0.0.1:{sign_in.port}"' for name in names]
    (tmp_path / ".curlrc").write_text("\n".join([*lines, f'cacert = "{sign_in.tls.certificate}"']) + "\n")
    return {"PATH": os.environ["PATH"], "CURL_HOME": str(tmp_path), "HOME": str(tmp_path)}


def registration(kind: str, fragment: dict[str, Any]) -> tuple[dict[str, Any], Registration]:
    data = merged_into(kind, fragment)
    return data, msgspec.convert(data, Registration)


def random(length: int) -> str:
    import secrets

    return secrets.token_urlsafe(length)[:length]


def recipe(grant_id: str, app: Registration, **preferences: Any) -> Recipe:
    made = make_recipe(grant(grant_id), app, Preferences(**{"tenant": "contoso.com", **preferences}), NOW, random)
    assert not made.needs, made.needs
    return made


def run(script: str, env: dict[str, str], folder: Path, typed: str = "") -> str:
    """Run *script* as a file with sh; what it prints."""
    file = folder / "recipe.sh"
    file.write_text(script)
    done = subprocess.run(
        ["sh", str(file)], input=typed, capture_output=True, text=True, env=env, timeout=30, check=False
    )
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


def answers(text: str) -> list[dict[str, Any]]:
    """The JSON answers among what a script printed."""
    decoder, found = json.JSONDecoder(), []
    for match in re.finditer(r"\{", text):
        try:
            found.append(decoder.raw_decode(text, match.start())[0])
        except json.JSONDecodeError:
            continue
    return found


@contextmanager
def approving(sign_in: SignIn) -> Iterator[None]:
    """A person who types every user code as soon as it is made."""
    sign_in.approves = True
    try:
        yield
    finally:
        sign_in.approves = False


def code_from(address: str, env: dict[str, str]) -> str:
    """Sign in with curl in the place of a browser: post the page's form, and read the code of the redirect."""
    done = subprocess.run(
        ["curl", "--silent", "--output", "-", "--write-out", "%{redirect_url}", "--request", "POST", address],
        capture_output=True, text=True, env=env, timeout=30, check=True,
    )  # fmt: skip
    return parse_qs(urlsplit(done.stdout.strip().splitlines()[-1]).query)["code"][0]


def test_client_credentials_with_a_secret(sign_in: SignIn, shell: dict[str, str], tmp_path: Path) -> None:
    data, app = registration("daemon", {**SECRETS, "federatedIdentityCredentials": []})
    sign_in.add(data, SECRET)
    out = run(render_curl(recipe("client_credentials", app)), {**shell, "CLIENT_SECRET": SECRET}, tmp_path)
    token, called = answers(out)
    assert token["access_token"].startswith("at-")
    assert called == {"userPrincipalName": USER}


def test_a_wrong_secret_is_refused(sign_in: SignIn, shell: dict[str, str], tmp_path: Path) -> None:
    data, app = registration("daemon", {**SECRETS, "federatedIdentityCredentials": []})
    sign_in.add(data, SECRET)
    out = run(render_curl(recipe("client_credentials", app)), {**shell, "CLIENT_SECRET": "wrong"}, tmp_path)
    assert answers(out)[0]["error"] == "invalid_client"


def test_a_script_without_its_secret_says_what_is_missing(tmp_path: Path, shell: dict[str, str]) -> None:
    _, app = registration("daemon", {**SECRETS, "federatedIdentityCredentials": []})
    (tmp_path / "recipe.sh").write_text(render_curl(recipe("client_credentials", app)))
    done = subprocess.run(["sh", str(tmp_path / "recipe.sh")], capture_output=True, text=True, env=shell, check=False)
    assert done.returncode != 0
    assert "CLIENT_SECRET: the value of the client secret" in done.stderr


def test_client_credentials_with_a_certificate(
    sign_in: SignIn, shell: dict[str, str], client_pair: Pair, tmp_path: Path
) -> None:
    certificate = {"keyCredentials": [{"keyId": "c", "endDateTime": "2026-06-01T00:00:00Z"}]}
    data, app = registration("daemon", {**certificate, "federatedIdentityCredentials": []})
    sign_in.add(data, certificate=client_pair.certificate)
    env = {**shell, "CERT": str(client_pair.certificate), "KEY": str(client_pair.key)}
    out = run(render_curl(recipe("client_credentials", app, credential="certificate")), env, tmp_path)
    assert answers(out)[-1] == {"userPrincipalName": USER}


def test_another_key_is_refused(sign_in: SignIn, shell: dict[str, str], client_pair: Pair, tmp_path: Path) -> None:
    certificate = {"keyCredentials": [{"keyId": "c", "endDateTime": "2026-06-01T00:00:00Z"}]}
    data, app = registration("daemon", {**certificate, "federatedIdentityCredentials": []})
    sign_in.add(data, certificate=client_pair.certificate)
    other = make_pair(tmp_path, "other")
    env = {**shell, "CERT": str(other.certificate), "KEY": str(other.key)}
    out = run(render_curl(recipe("client_credentials", app, credential="certificate")), env, tmp_path)
    assert "access_token" not in answers(out)[0]


def test_device_code(sign_in: SignIn, shell: dict[str, str], tmp_path: Path) -> None:
    data, app = registration("native", {"isFallbackPublicClient": True})
    sign_in.add(data)
    with approving(sign_in):
        out = run(render_curl(recipe("device_code", app)), shell, tmp_path, typed="\n")
    assert answers(out)[-1] == {"userPrincipalName": USER}


def test_device_code_before_the_sign_in_is_pending(sign_in: SignIn, shell: dict[str, str], tmp_path: Path) -> None:
    data, app = registration("native", {"isFallbackPublicClient": True})
    sign_in.add(data)
    out = run(render_curl(recipe("device_code", app)), shell, tmp_path, typed="\n")
    assert answers(out)[1]["error"] == "authorization_pending"


def test_the_code_of_a_program_and_its_refresh(sign_in: SignIn, shell: dict[str, str], tmp_path: Path) -> None:
    data, app = registration("native", {})
    sign_in.add(data)
    made = recipe("refresh_token", app)
    code = code_from(made.steps[0].address, shell)
    out = run(render_curl(made), shell, tmp_path, typed=f"{code}\n")
    first, second, called = answers(out)[-3:]
    assert first["refresh_token"] != second["refresh_token"]
    assert called == {"userPrincipalName": USER}


def test_the_code_of_a_server_with_a_secret(sign_in: SignIn, shell: dict[str, str], tmp_path: Path) -> None:
    data, app = registration("web", {**SECRETS, "keyCredentials": []})
    sign_in.add(data, SECRET)
    made = recipe("authorization_code", app)
    code = code_from(made.steps[0].address, shell)
    out = run(render_curl(made), {**shell, "CLIENT_SECRET": SECRET}, tmp_path, typed=f"{code}\n")
    assert answers(out)[-1] == {"userPrincipalName": USER}


def test_a_code_with_another_verifier_is_refused(sign_in: SignIn, shell: dict[str, str], tmp_path: Path) -> None:
    data, app = registration("native", {})
    sign_in.add(data)
    code = code_from(recipe("authorization_code", app).steps[0].address, shell)
    out = run(render_curl(recipe("authorization_code", app)), shell, tmp_path, typed=f"{code}\n")
    assert answers(out)[0]["error"] == "invalid_grant"


@pytest.mark.browser
def test_a_page_signs_in_and_redeems_its_code_in_chromium(sign_in: SignIn) -> None:
    playwright = pytest.importorskip("playwright.sync_api")
    need_chromium()
    data, app = registration("spa", {})
    sign_in.add(data)
    made = recipe("authorization_code", app)
    redeem = made.steps[1]
    assert dict(redeem.headers) == {"Origin": "https://orders.contoso.com"}
    rules = f"--host-resolver-rules=MAP * 127.0.0.1:{sign_in.port}"
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, rules])
        page = browser.new_context(ignore_https_errors=True).new_page()
        page.goto(made.steps[0].address)
        page.get_by_role("button", name=f"Sign in as {USER}").click()
        page.wait_for_url("https://orders.contoso.com/**")
        query = parse_qs(urlsplit(page.url).query)
        assert query["state"] == [dict(made.steps[0].parameters)["state"]]
        form = {**dict(redeem.parameters), "code": query["code"][0]}
        token = page.evaluate(
            "async ([url, form]) => (await fetch(url, {method: 'POST', body: new URLSearchParams(form)})).json()",
            [redeem.url, form],
        )
        browser.close()
    assert token["access_token"].startswith("at-")
    assert token["refresh_token"].startswith("rt-")


def test_a_server_cannot_redeem_the_code_of_a_page(sign_in: SignIn, shell: dict[str, str], tmp_path: Path) -> None:
    data, app = registration("spa", {})
    sign_in.add(data)
    made = recipe("authorization_code", app)
    code = code_from(made.steps[0].address, shell)
    script = "\n".join(line for line in render_curl(made).splitlines() if "Origin" not in line)
    out = run(script, shell, tmp_path, typed=f"{code}\n")
    assert "9002327" in answers(out)[0]["error_description"]


# MSAL


def msal(snippet: str | None, sign_in: SignIn, folder: Path, **env: str) -> str:
    """Run a snippet for Python in a process of its own."""
    assert snippet is not None
    (folder / "sitecustomize.py").write_text(REDIRECT)
    (folder / "snippet.py").write_text(snippet)
    done = subprocess.run(
        [sys.executable, str(folder / "snippet.py")],
        env={
            "PATH": os.environ["PATH"], "PYTHONPATH": str(folder), "REQUESTS_CA_BUNDLE": str(sign_in.tls.certificate),
            "SIGN_IN_PORT": str(sign_in.port), "HOME": str(folder), **env,
        },
        capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_msal_with_a_secret(sign_in: SignIn, tmp_path: Path) -> None:
    data, app = registration("daemon", {**SECRETS, "federatedIdentityCredentials": []})
    sign_in.add(data, SECRET)
    text = render_msal(recipe("client_credentials", app), "python")
    assert msal(text, sign_in, tmp_path, CLIENT_SECRET=SECRET) == "access token received\n"


def test_msal_with_a_certificate(sign_in: SignIn, client_pair: Pair, tmp_path: Path) -> None:
    certificate = {"keyCredentials": [{"keyId": "c", "endDateTime": "2026-06-01T00:00:00Z"}]}
    data, app = registration("daemon", {**certificate, "federatedIdentityCredentials": []})
    sign_in.add(data, certificate=client_pair.certificate)
    text = render_msal(recipe("client_credentials", app), "python")
    out = msal(text, sign_in, tmp_path, CERT=str(client_pair.certificate), KEY=str(client_pair.key))
    assert out == "access token received\n"


def test_msal_with_a_device_code(sign_in: SignIn, tmp_path: Path) -> None:
    data, app = registration("native", {"isFallbackPublicClient": True})
    sign_in.add(data)
    with approving(sign_in):
        out = msal(render_msal(recipe("device_code", app), "python"), sign_in, tmp_path)
    assert out.endswith("access token received\n")


def test_msal_with_a_browser(sign_in: SignIn, shell: dict[str, str], tmp_path: Path) -> None:
    data, app = registration("native", {"publicClient": {"redirectUris": ["http://localhost"]}})
    sign_in.add(data)
    browser = tmp_path / "browser"
    browser.write_text(BROWSER)
    browser.chmod(0o755)
    sign_in.signs_in = True
    try:
        text = render_msal(recipe("authorization_code", app), "python")
        out = msal(text, sign_in, tmp_path, BROWSER=str(browser), CURL_HOME=shell["CURL_HOME"])
    finally:
        sign_in.signs_in = False
    assert out.endswith("access token received\n")


def test_msal_of_a_server(sign_in: SignIn, shell: dict[str, str], tmp_path: Path) -> None:
    data, app = registration("web", {**SECRETS, "keyCredentials": []})
    sign_in.add(data, SECRET)
    text = render_msal(recipe("authorization_code", app), "python")
    more = """
import subprocess, urllib.parse
where = subprocess.run(["curl", "--silent", "--write-out", "%{redirect_url}", "--request", "POST", flow["auth_uri"]],
                       capture_output=True, text=True, check=True).stdout.splitlines()[-1]
result = finish(flow, dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(where).query)))
print("access token received" if "access_token" in result else result)
"""
    out = msal((text or "") + more, sign_in, tmp_path, CLIENT_SECRET=SECRET, CURL_HOME=shell["CURL_HOME"])
    assert out.endswith("access token received\n")
