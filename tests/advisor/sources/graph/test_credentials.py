"""Signing in with azure-identity against a local authority: each method, the order, and what is said when none
works.
"""

import json
import os
import threading
import urllib.request
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from advisor.errors import UsageError
from advisor.sources.graph.auth_methods import AUTH
from advisor.sources.graph.clouds import clouds, find_place
from advisor.sources.graph.credentials import Signed, SignIn, sign_in
from advisor.sources.graph.failure import Failure
from advisor.sources.graph.progress import ProgressListener
from tests.graph_server.directory import TENANT
from tests.graph_server.fixtures import CLIENT
from tests.graph_server.server import TOKEN, GraphServer


@pytest.fixture
def enter(graph: GraphServer) -> Callable[..., Signed]:
    """Sign in as the environment and the arguments say; the credential is closed after the test."""

    def call(auth: str | None = None, say: Callable[[str], None] = lambda _: None, **more: object) -> Signed:
        place = find_place("global", graph.endpoint, graph.endpoint)
        listener = ProgressListener()
        listener.say = say  # type: ignore[method-assign]
        signed = sign_in(SignIn(TENANT, place, auth, **more), os.environ, listener)  # type: ignore[arg-type]
        token = signed.get_token(*signed.scopes, enable_cae=True).token
        signed.close()
        assert token.startswith(TOKEN)
        return signed

    return call


def forget(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    for name in names or ("AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET"):
        monkeypatch.delenv(name)


def program(folder: Path, name: str, body: str) -> None:
    """An executable on the path in the place of a real one."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    """A certificate with its key, as a client has one."""
    import datetime

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "client")])
    begin = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, begin, begin + datetime.timedelta(days=9999))
    path = tmp_path / "client.pem"
    path.write_bytes(
        builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return path


def test_a_secret_in_the_environment_is_the_first_choice_when_it_is_there(
    enter: Callable[..., Signed], graph: GraphServer
) -> None:
    assert enter().method == "environment"
    assert graph.scopes == ["https://localhost/.default"]  # one token, which the reading then finds


def test_a_certificate_file_with_its_key(
    enter: Callable[..., Signed], monkeypatch: pytest.MonkeyPatch, key_file: Path
) -> None:
    forget(monkeypatch)
    assert enter("certificate", client_id=CLIENT, certificate=str(key_file)).method == "certificate"
    assert enter(client_id=CLIENT, certificate=str(key_file)).method == "certificate"
    monkeypatch.setenv("AZURE_CLIENT_ID", CLIENT)
    monkeypatch.setenv("AZURE_CLIENT_CERTIFICATE_PATH", str(key_file))
    assert enter().method == "environment"


def test_a_certificate_that_cannot_be_used_is_said(enter: Callable[..., Signed], tmp_path: Path) -> None:
    (tmp_path / "x.pem").write_text("no certificate")
    for name in ("x.pem", "none.pem"):
        with pytest.raises(UsageError, match="the certificate cannot be used"):
            enter("certificate", certificate=str(tmp_path / name))


def test_a_federated_token_of_a_workload(
    enter: Callable[..., Signed], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    forget(monkeypatch, "AZURE_CLIENT_SECRET")
    (tmp_path / "token").write_text("federated")
    monkeypatch.setenv("AZURE_FEDERATED_TOKEN_FILE", str(tmp_path / "token"))
    assert enter().method == "workload-identity"


def test_a_managed_identity(enter: Callable[..., Signed], monkeypatch: pytest.MonkeyPatch, graph: GraphServer) -> None:
    forget(monkeypatch)
    monkeypatch.setenv("IDENTITY_ENDPOINT", f"{graph.endpoint}/msi/token")
    monkeypatch.setenv("IDENTITY_HEADER", "x")
    assert enter().method == "managed-identity"


def test_the_azure_command_line(
    enter: Callable[..., Signed], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, graph: GraphServer
) -> None:
    forget(monkeypatch)
    said = json.dumps(
        {"accessToken": graph.issue(TENANT, ""), "expires_on": 4_000_000_000, "expiresOn": "2099-01-01 00:00:00.000000"}
    )
    program(tmp_path, "az", f"echo '{said}'")
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}/bin{os.pathsep}/usr/bin")
    assert enter("azure-cli").method == "azure-cli"
    assert enter().method == "azure-cli"


def test_azure_powershell(
    enter: Callable[..., Signed], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, graph: GraphServer
) -> None:
    forget(monkeypatch)
    program(tmp_path, "pwsh", f"echo 'azsdk%{graph.issue(TENANT, '')}%4000000000'")
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}/bin{os.pathsep}/usr/bin")
    assert enter("azure-powershell").method == "azure-powershell"


def test_a_code_that_a_person_enters_elsewhere_and_only_what_is_needed_is_asked_for(
    enter: Callable[..., Signed], monkeypatch: pytest.MonkeyPatch, graph: GraphServer
) -> None:
    forget(monkeypatch)
    said: list[str] = []
    assert enter(None, said.append, is_interactive=True, permissions=("Application.Read.All",)).method == "device-code"
    assert said == [f"to sign in to {TENANT}, open https://localhost/device and enter the code ABCD-1234"]
    assert graph.device_scopes == ["https://localhost/Application.Read.All"]


def test_a_person_in_the_browser(enter: Callable[..., Signed], monkeypatch: pytest.MonkeyPatch) -> None:
    from azure.identity._credentials import browser

    threads: list[threading.Thread] = []

    def visit(url: str) -> bool:
        query = parse_qs(urlsplit(url).query)
        back = f"{query['redirect_uri'][0]}?code={query['nonce'][0]}&state={query['state'][0]}"
        threads.append(threading.Thread(target=lambda: urllib.request.urlopen(back, timeout=20).close()))
        threads[0].start()
        return True

    monkeypatch.setattr(browser, "_open_browser", visit)
    assert enter("browser", permissions=("Application.Read.All",)).method == "browser"
    threads[0].join()


def test_what_is_set_up_and_refused_ends_the_search(enter: Callable[..., Signed], graph: GraphServer) -> None:
    graph.refused_tenants = {TENANT}
    with pytest.raises(Failure, match=r"failed: AADSTS7000215: Invalid client secret provided\.$"):
        enter(is_interactive=True)


def test_nothing_set_up_says_what_to_do(enter: Callable[..., Signed], monkeypatch: pytest.MonkeyPatch) -> None:
    forget(monkeypatch)
    with pytest.raises(
        UsageError, match=f"cannot sign in to {TENANT}: no sign-in method is set up on this machine"
    ) as error:
        enter()
    assert error.value.hint.startswith(f"sign in with: az login --tenant {TENANT}")


def test_a_command_line_that_nobody_signed_in_to_is_passed_over_and_named(
    enter: Callable[..., Signed], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    forget(monkeypatch)
    program(tmp_path, "az", "echo 'ERROR: Please run az login to setup account.' >&2; exit 1")
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}/bin{os.pathsep}/usr/bin")
    with pytest.raises(UsageError, match=r"cannot sign in to .* \(azure-cli: Please run 'az login'"):
        enter()


@pytest.mark.parametrize("way", ["certificate", "workload-identity"])
def test_a_way_that_lacks_something_says_what(
    enter: Callable[..., Signed], monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    forget(monkeypatch)
    with pytest.raises(UsageError, match=f"--auth {way} needs "):
        enter(way)


def test_every_way_has_a_word_of_explanation_and_is_in_the_help(grantlint: Callable) -> None:
    page = " ".join(grantlint("snapshot", "--help").out.split()).replace("- ", "-")
    assert all(way in page for way in AUTH)


def test_the_clouds_are_microsofts() -> None:
    assert {name: (place.endpoint, place.authority) for name, place in clouds().items()} == {
        "global": ("https://graph.microsoft.com", "login.microsoftonline.com"),
        "us-gov-l4": ("https://graph.microsoft.us", "login.microsoftonline.us"),
        "us-gov-l5": ("https://dod-graph.microsoft.us", "login.microsoftonline.us"),
        "china": ("https://microsoftgraph.chinacloudapi.cn", "login.partner.microsoftonline.cn"),
    }
    assert clouds()["china"].scope == "https://microsoftgraph.chinacloudapi.cn/.default"
    assert not clouds()["china"].is_custom_authority


def test_an_address_may_have_a_scheme_a_port_and_a_slash_or_none_of_them() -> None:
    for text in ("https://graph.example:8443/", "graph.example:8443", "https://graph.example:8443/v1.0"):
        assert find_place("global", text, None).endpoint == "https://graph.example:8443"
    assert find_place("global", None, "https://login.example/").is_custom_authority
