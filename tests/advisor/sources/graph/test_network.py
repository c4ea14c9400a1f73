"""The way to Graph: proxies, certificates, batches, and what is shown on it."""

import io
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
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

    def start(client: socket.socket) -> None:
        threads.append(threading.Thread(target=tunnel, args=(client,)))
        threads[-1].start()

    with serving(start) as address:
        yield address, asked
    for thread in threads:
        thread.join()


@contextmanager
def serving(take: Callable[[socket.socket], None]) -> Iterator[str]:
    """The address of a server that hands each connection on to *take*."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            take(client)

    server = threading.Thread(target=serve)
    server.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    with suppress(OSError):
        listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    server.join()


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
    assert "the certificate of localhost is not trusted" in " ".join(run.err.split())


def test_an_authority_whose_certificate_nobody_trusts_gets_no_secret(
    grantlint: Callable[..., Run], graph: GraphServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    from azure.core.pipeline.transport import RequestsTransport

    slept: list[float] = []
    monkeypatch.setattr(RequestsTransport, "sleep", lambda _, seconds: slept.append(seconds))
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    run = grantlint("lint", "--tenant", TENANT)
    assert run.status == 3
    assert graph.scopes == []
    assert slept == []  # the next try would end in the same way
    assert "is not trusted" in " ".join(run.err.split())
    assert "the tenant refused" not in run.err
    assert "Traceback" not in run.err


@pytest.fixture
def closed_proxy() -> Iterator[str]:
    """An HTTP proxy that wants a password."""

    def refuse(client: socket.socket) -> None:
        with suppress(OSError), client:
            client.recv(65536)
            head = b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n"
            client.sendall(head + b"Connection: close\r\n\r\n")

    with serving(refuse) as address:
        yield address


def test_a_proxy_that_refuses_is_named_at_once(
    grantlint: Callable[..., Run], closed_proxy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from azure.core.pipeline.transport import RequestsTransport

    slept: list[float] = []
    monkeypatch.setattr(RequestsTransport, "sleep", lambda _, seconds: slept.append(seconds))
    monkeypatch.setenv("HTTPS_PROXY", closed_proxy)
    monkeypatch.setenv("NO_PROXY", "")
    run = grantlint("lint", "--tenant", TENANT)
    assert run.status == 3
    assert slept == []
    assert "the proxy refused the connection to localhost" in " ".join(run.err.split())
    assert "check HTTPS_PROXY and NO_PROXY" in " ".join(run.err.split())


@pytest.mark.parametrize("option", ["--authority", "--graph-endpoint"])
def test_a_host_that_dns_does_not_know_is_named(
    grantlint: Callable[..., Run], monkeypatch: pytest.MonkeyPatch, option: str
) -> None:
    from azure.core.pipeline.transport import RequestsTransport

    monkeypatch.setattr(RequestsTransport, "sleep", lambda *_: None)
    run = grantlint("lint", "--tenant", TENANT, option, "https://graph.invalid")
    assert run.status == 3
    assert "DNS has no address for graph.invalid" in " ".join(run.err.split())


def test_a_page_in_place_of_the_sign_in_is_named(grantlint: Callable[..., Run], graph: GraphServer) -> None:
    graph.page = b"<html>Welcome to the hotel</html>"
    run = grantlint("lint", "--tenant", TENANT)
    assert run.status == 3
    assert "answered with an HTML page or text, not JSON" in " ".join(run.err.split())
    assert "the tenant refused" not in run.err


@pytest.mark.parametrize(
    ("after", "note", "remedy"),
    [
        (
            "3600",
            "the sign-in answered 429 and requests to wait 3,600 seconds",
            "read the tenant again after that time",
        ),
        ("60", "the time of --timeout is over", "raise --timeout"),
    ],
)
def test_a_sign_in_that_requests_a_long_wait_does_not_hold_the_run_up(
    grantlint: Callable[..., Run],
    graph: GraphServer,
    monkeypatch: pytest.MonkeyPatch,
    after: str,
    note: str,
    remedy: str,
) -> None:
    monkeypatch.setattr("azure.core.pipeline.transport.RequestsTransport.sleep", pytest.fail)
    graph.page, graph.page_status, graph.page_headers = b"{}", 429, {"Retry-After": after}
    run = grantlint("lint", "--tenant", TENANT, "--timeout", "30")
    assert run.status == 3
    assert f"{note}; {remedy}" in " ".join(run.err.split())


def test_a_sign_in_that_is_retried_says_so(
    grantlint: Callable[..., Run], graph: GraphServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("azure.core.pipeline.transport.RequestsTransport.sleep", lambda *_: setattr(graph, "page", b""))
    graph.page, graph.page_status, graph.page_headers = b"{}", 429, {"Retry-After": "60"}
    run = grantlint("lint", "--tenant", TENANT, "--fail-on", "never")
    assert run.status == 0
    assert "waiting 60 s: the sign-in did not answer" in run.err


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


def test_a_log_shows_waiting_once_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = io.StringIO()
    monkeypatch.setattr(sys, "stderr", screen)
    clock = [0.0]
    monkeypatch.setattr("advisor.run.progress.time.monotonic", lambda: clock[0])
    progress = Progress("contoso.com")
    progress.read("applications", 999)
    progress.waiting(2, "Graph answered 503")
    for clock[0] in (0.0, 30.0, 61.0):
        progress.waiting(30, "Graph answered 429")
    progress.close()
    assert screen.getvalue() == "contoso.com: waiting 30 s: Graph answered 429\n" * 2


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
