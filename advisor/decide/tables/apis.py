"""The APIs that a client calls: identifiers, scopes, what an administrator sets up, and limits."""

from __future__ import annotations

from functools import cache

import msgspec

from rules.knowledge.data import read_table


class Api(msgspec.Struct, frozen=True):
    """A row of ``apis.tsv``. A row of several services has lists in one order.

    ``customers`` are the scopes that customers of an external tenant can have. ``user_text`` and ``app_text`` say
    what follows for the scope, ``set_up`` what an administrator does for an app that acts as itself; ``app_limits``
    are limits of such an app, ``limits`` those of every client.
    """

    id: str
    title: str
    resources: tuple[str, ...]
    delegated: tuple[str, ...]
    application: tuple[str, ...]
    customers: tuple[str, ...]
    user_text: str
    app_text: str
    set_up: str
    app_limits: str
    limits: str
    sources: tuple[str, ...]


@cache
def apis() -> tuple[Api, ...]:
    """The rows of the table."""
    return read_table("advisor.decide.tables", "apis.tsv", Api)
