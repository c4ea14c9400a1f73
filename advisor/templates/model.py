"""What a template says, in no language: registrations as Graph JSON, who is assigned to which role, and what only the
reader knows.

A text in a body is a ``Value``: known now (a string), given by the reader (``Input``), known once a registration exists
(``ClientId``, ``PrincipalId``), or put together from these (``Joined``). Each language writes them in its own way.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec


class Input(msgspec.Struct, frozen=True):
    """A value that only the reader knows: words of a name, joined by hyphens, and what to enter."""

    name: str
    says: str


class ClientId(msgspec.Struct, frozen=True):
    """The client ID of the registration with this key, which Entra chooses."""

    key: str


class PrincipalId(msgspec.Struct, frozen=True):
    """The object ID of the service principal of the registration with this key."""

    key: str


#: What is inserted into a text: every part of a value but a string.
Inserted = Input | ClientId | PrincipalId


class Joined(msgspec.Struct, frozen=True):
    """Values in a row, as one text."""

    parts: tuple[str | Inserted, ...]


Value = str | Inserted | Joined


class Trust(msgspec.Struct, frozen=True):
    """What a federated credential trusts."""

    issuer: Value
    subject: Value
    audience: str


class Planned(msgspec.Struct, frozen=True, kw_only=True):
    """A registration to make.

    ``key`` names it in templates: words of ASCII letters and digits, joined by hyphens. ``body`` is Graph's
    ``application`` with values. ``credential`` is the kind to add, ``trust`` what a federated one trusts. ``notes`` say
    what is left to do by hand.
    """

    key: str
    name: str
    body: dict[str, Any]
    credential: str = ""
    trust: Trust | None = None
    notes: tuple[str, ...] = ()

    @property
    def of_others(self) -> str:
        """The heading of what is added when the other registrations exist."""
        return f"Settings of {self.name} that name other clients"


class Blueprint(msgspec.Struct, frozen=True, kw_only=True):
    """The agent identity blueprint of an agent, with what it exposes to callers: the body of an update.

    ``client_id``, ``object_id`` and ``principal`` are those of the blueprint and of its agent identity; the answers of
    the requests that create them contain them.
    """

    name: str
    body: dict[str, Any]
    client_id: Input
    object_id: Input
    principal: Input


class Assignment(msgspec.Struct, frozen=True, kw_only=True):
    """A role of an API, by its ID and *value*, that an administrator assigns to a *principal*: the service principal of
    a registration, or an identity that exists.
    """

    api: PrincipalId
    principal: PrincipalId | Input
    role: str
    value: str


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """The registrations of a system, callees before their callers where that is possible, and the host of Graph.

    ``blueprints`` are what Graph requests alone can create. ``owners`` are responsible for the registrations. ``notes``
    are about clients without one of their own.
    """

    graph: str
    owners: tuple[Input, ...]
    registrations: tuple[Planned, ...]
    blueprints: tuple[Blueprint, ...]
    assignments: tuple[Assignment, ...]
    notes: tuple[str, ...]

    @property
    def inputs(self) -> tuple[Input, ...]:
        """Everything that the reader has to give, each once."""
        found = {owner.name: owner for owner in self.owners}
        for planned in self.registrations:
            trust = planned.trust
            for value in (*values(planned.body), *((trust.issuer, trust.subject) if trust else ())):
                found |= {part.name: part for part in parts(value) if isinstance(part, Input)}
        found |= {one.principal.name: one.principal for one in self.assignments if isinstance(one.principal, Input)}
        return tuple(found.values())


def parts(value: object) -> tuple[object, ...]:
    """The parts of a value; of a simple one that value itself."""
    return value.parts if isinstance(value, Joined) else (value,)


def values(body: object) -> Iterator[object]:
    """Every value in *body*, a tree of dictionaries and lists."""
    if isinstance(body, dict):
        for item in body.values():
            yield from values(item)
    elif isinstance(body, list):
        for item in body:
            yield from values(item)
    else:
        yield body


def client_ids(body: object) -> set[str]:
    """The keys of the registrations whose client IDs are in *body*."""
    return {part.key for value in values(body) for part in parts(value) if isinstance(part, ClientId)}


def before_client_ids(body: dict[str, Any]) -> dict[str, Any]:
    """The part of *body* that can be written before any client ID is known."""
    kept = {}
    for key, item in body.items():
        if not client_ids(item):
            kept[key] = item
        elif isinstance(item, dict):
            kept[key] = before_client_ids(item)
    return kept


def with_client_ids(body: dict[str, Any]) -> dict[str, Any]:
    """The properties of *body* that contain client IDs, each whole: Graph replaces a property that is sent."""
    return {key: item for key, item in body.items() if client_ids(item)}
