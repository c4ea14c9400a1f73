"""The way to Graph: proxies, certificates, batches, and what is shown on it."""

import io
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from advisor.run.progress import Progress
from tests.conftest import Run
from tests.graph_server.directory import TENANT
from tests.graph_server.server import GraphServer

pytestmark = pytest.mark.usefixtures("graph", "waits", "folder")


@pytest.fixture
def proxy() -> Iterator[tuple[str, list[str]]]:
    """An HTTP proxy that tunnels, and the places that were asked of it."""
    asked: list[str] = []
    listener = socket.create_server(("127.0.0.1", 0))
    threads: list[threading.Thread] = []

    def pump(source: socket.socket, target: socket.socket) -> None:
        while data := _received(source):
            target.sendall(data)
        with suppress(OSError):  # the other end may have gone first
            target.shutdown(socket.SHUT_RDWR)

    def tunnel(client: socket.socket) -> None:
        head = client.recv(65536).decode()
        place = head.split()[1]
        asked.append(place)
        host, _, port = place.rpartition(":")
        upstream = socket.create_connection(("127.0.0.1" if host == "localhost" else host, int(port)))
        client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        back = threading.Thread(target=pump, args=(upstream, client))
        back.start()
        pump(client, upstream)
        back.join()
        client.close()
        upstream.close()

    def serve() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            threads.append(threading.Thread(target=tunnel, args=(client,)))
            threads[-1].start()

    server = threading.Thread(target=serve)
    server.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}", asked
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    server.join()
    for thread in threads:
        thread.join()


def _received(source: socket.socket) -> bytes:
    try:
        return source.recv(65536)
    except OSError:
        return b""


def test_a_proxy_of_the_environment_carries_the_sign_in_and_the_reading(
    grantlint: Callable[..., Run], graph: GraphServer, proxy: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    address, asked = proxy
    monkeypatch.setenv("HTTPS_PROXY", address)
    monkeypatch.setenv("NO_PROXY", "")
    run = grantlint("lint", "--tenant", TENANT, "--fast", "--fail-on", "never")
    assert "6 registrations checked" in run.err
    assert len(asked) >= 2
    assert set(asked) == {graph.endpoint.removeprefix("https://")}


def test_a_server_whose_certificate_nobody_trusts_gets_no_token(
    grantlint: Callable[..., Run], graph: GraphServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    run = grantlint("lint", "--tenant", TENANT)
    assert run.status == 3
    assert graph.requests == []
    assert "the connection to Graph broke (ConnectError)" in run.err


def test_an_authority_whose_certificate_nobody_trusts_gets_no_secret(
    grantlint: Callable[..., Run], graph: GraphServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    from azure.core.pipeline.transport import RequestsTransport

    monkeypatch.setattr(RequestsTransport, "sleep", lambda *_: None)  # between the tries of azure-identity
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    run = grantlint("lint", "--tenant", TENANT)
    assert run.status == 3
    assert graph.scopes == []
    assert "signing in with environment failed" in run.err
    assert "Traceback" not in run.err


def test_without_the_client_libraries_one_line_says_what_to_install(
    grantlint: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.startswith("advisor.sources.graph.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "azure.core.exceptions", None)
    run = grantlint("lint", "--tenant", TENANT)
    assert run.status == 2
    assert run.err == (
        "grantlint: --tenant needs Microsoft's client libraries, and azure is not installed; "
        'install them: pip install "msgraph-sdk>=1.50" "azure-identity>=1.25"\n'
    )


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_sees_one_line_that_goes_away(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = _Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    progress = Progress("contoso.com")
    progress.read("applications", 999)
    progress.request("GET", "https://graph.microsoft.com/v1.0/applications", 200, 0.5, 10)
    progress.waiting(30, "Graph answered 429")
    progress.close()
    pictures = screen.getvalue().split("\r\x1b[K")
    assert "contoso.com: 999 applications, 1 request, waiting 30 s (Graph answered 429)" in pictures
    assert pictures[-1] == ""


def test_nobody_sees_progress_where_there_is_no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = io.StringIO()
    monkeypatch.setattr(sys, "stderr", screen)
    progress = Progress("contoso.com")
    progress.read("applications", 999)
    progress.waiting(30, "Graph answered 429")
    progress.close()
    assert screen.getvalue() == ""


def test_verbose_shows_requests_without_their_opaque_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = io.StringIO()
    monkeypatch.setattr(sys, "stderr", screen)
    progress = Progress("contoso.com", verbose=True)
    progress.request(
        "GET", "https://graph.microsoft.com/v1.0/applications?$select=id,appId&$skiptoken=abc&$top=9", 200, 0.41, 2114
    )
    assert screen.getvalue() == (
        "GET https://graph.microsoft.com/v1.0/applications?$select=…&$skiptoken=…&$top=9 200 0.41 s 2,114 bytes\n"
    )


def test_the_folder_is_left_alone(grantlint: Callable[..., Run], folder: Path) -> None:
    grantlint("lint", "--tenant", TENANT, "--fail-on", "never")
    assert list(folder.iterdir()) == []
