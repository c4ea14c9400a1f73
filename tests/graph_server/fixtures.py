"""A Graph for tests: one server for the session, a fresh tenant for each test, and no waiting."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.graph_server.certificates import make_certificates
from tests.graph_server.directory import TENANT, Directory
from tests.graph_server.server import SECRET, GraphServer

CLIENT = "22222222-2222-4222-8222-222222222222"


@pytest.fixture(scope="session")
def graph_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GraphServer]:
    server = GraphServer(make_certificates(tmp_path_factory.mktemp("certificates")))
    yield server
    server.stop()


@pytest.fixture
def graph(graph_server: GraphServer, monkeypatch: pytest.MonkeyPatch) -> GraphServer:
    """The server with a tenant of six applications, and an environment that leads to it."""
    graph_server.reset(Directory(6))
    for name in (
        "IDENTITY_ENDPOINT",
        "MSI_ENDPOINT",
        "AZURE_FEDERATED_TOKEN_FILE",
        "AZURE_CLIENT_CERTIFICATE_PATH",
        "HTTPS_PROXY",
        "https_proxy",
        "ALL_PROXY",
        "all_proxy",
    ):
        monkeypatch.delenv(name, raising=False)
    for name, value in (
        ("SSL_CERT_FILE", str(graph_server.certificates.authority)),
        ("REQUESTS_CA_BUNDLE", str(graph_server.certificates.authority)),
        ("AZURE_CLIENT_ID", CLIENT),
        ("AZURE_CLIENT_SECRET", SECRET),
        ("AZURE_AUTHORITY_HOST", graph_server.endpoint),
        ("GRANTLINT_GRAPH_ENDPOINT", graph_server.endpoint),
        ("PATH", ""),  # neither az nor pwsh
        ("NO_PROXY", "localhost"),
    ):
        monkeypatch.setenv(name, value)
    return graph_server


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that the reading waited, without waiting."""
    from advisor.sources.graph import throttling

    taken: list[float] = []

    async def sleep(seconds: float) -> None:
        taken.append(seconds)

    monkeypatch.setattr(throttling, "sleep", sleep)
    return taken


__all__ = ["CLIENT", "TENANT", "graph", "graph_server", "waits"]
