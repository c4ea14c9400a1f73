"""The server, for the tests of itself."""

from tests.graph_server.fixtures import graph_server

__all__ = ["graph_server"]
