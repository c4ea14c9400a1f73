"""Fixtures of a tenant, for the sources and for the commands."""

from tests.graph_server.fixtures import graph, graph_server, waits

__all__ = ["graph", "graph_server", "waits"]
