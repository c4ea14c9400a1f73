"""The flow of each grant: the roles of RFC 6749, section 1.1, and the messages between them, in order.

The texts are in ``grant_flow.toml``; the requests in full are in ``rules.analysis.grants``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache
from typing import Final, Literal

import msgspec

from rules.knowledge.data import DataError, read_records
from rules.knowledge.reference import Reference
from rules.knowledge.sources import cite_all

Role = Literal["owner", "browser", "client", "server", "resource", "elsewhere"]

#: The roles in the order in which diagrams show them, and their names of RFC 6749. A third party is a calling client or
#: another service that vouches for the user.
ROLES: Final[tuple[tuple[Role, str], ...]] = (
    ("owner", "resource owner"),
    ("browser", "browser"),
    ("elsewhere", "third party"),
    ("client", "client"),
    ("server", "authorization server"),
    ("resource", "resource server"),
)


class Message(msgspec.Struct, frozen=True):
    """One step: from whom to whom, what it says, and the parameters that are sent. ``back`` draws it as an answer."""

    source: Role
    target: Role
    says: str
    parameters: tuple[str, ...] = ()
    back: bool = False


class Sequence(msgspec.Struct, frozen=True, kw_only=True):
    """The flow of one grant. ``players`` name who has each role; ``refresh`` says whether there is a refresh token.

    ``instead`` says what replaces a grant that should not be used; it is empty for every other one.

    A flow of agents or of MCP has a grant in more steps: ``grant`` is then the ID of the flow, ``title`` its name, and
    ``leaves`` are the ends of the decision tree that have it instead of the flow of their grant.
    """

    grant: str
    players: tuple[tuple[Role, str], ...]
    messages: tuple[Message, ...]
    tokens: tuple[str, ...]
    refresh: str
    scopes: str
    who: str
    status: str
    instead: str = ""
    references: tuple[Reference, ...] = ()
    title: str = ""
    leaves: tuple[str, ...] = ()


class _Steps(msgspec.Struct, frozen=True):
    """Messages that several flows share, under the name by which they write them; they may use steps before them."""

    name: str
    messages: tuple[Message | str, ...]


class _Flow(Sequence, frozen=True, kw_only=True):
    """A flow as it is written: a text among its messages names shared steps, and ``references`` are IDs of sources."""

    messages: tuple[Message | str, ...]  # type: ignore[assignment]
    references: tuple[str, ...] = ()  # type: ignore[assignment]


@cache
def sequences() -> Mapping[str, Sequence]:
    """The flows by grant, in the order of ``rules.analysis.grants``."""
    return _read("grants")


@cache
def special_flows() -> Mapping[str, Sequence]:
    """The flows of agents and of MCP, by ID."""
    return _read("flows")


def _read(table: str) -> Mapping[str, Sequence]:
    package, name = "rules.knowledge", "grant_flow.toml"
    shared: dict[str, tuple[Message, ...]] = {}
    for steps in read_records(package, name, "steps", _Steps):
        shared[steps.name] = _expanded(steps.messages, shared)
    return {
        flow.grant: Sequence(
            **{
                **msgspec.structs.asdict(flow),
                "messages": _expanded(flow.messages, shared),
                "references": cite_all(f"{name}: {flow.grant}", *flow.references),
            }
        )
        for flow in read_records(package, name, table, _Flow)
    }


def _expanded(messages: tuple[Message | str, ...], shared: Mapping[str, tuple[Message, ...]]) -> tuple[Message, ...]:
    """*messages* with the shared steps in place of their names. Raises ``DataError`` for a name that was not defined
    before.
    """
    found: list[Message] = []
    for one in messages:
        if isinstance(one, Message):
            found.append(one)
        elif one in shared:
            found.extend(shared[one])
        else:
            raise DataError(f"rules/knowledge/grant_flow.toml: unknown steps {one!r}; one of {', '.join(shared)}")
    return tuple(found)


def sequence(grant: str) -> Sequence:
    """The flow of the grant with that ID, or of agents or MCP. Raises ``KeyError`` for an unknown one."""
    return sequences().get(grant) or special_flows()[grant]


def flow_of(grant: str, leaf: str) -> str:
    """The ID of the flow of an advice, by its grant and its end in the decision tree.

    >>> flow_of("client_credentials", "agent-user"), flow_of("client_credentials", "daemon")
    ('agent-user', 'client_credentials')
    """
    return next((row.grant for row in special_flows().values() if leaf in row.leaves), grant)


def sequences_of(flows: Collection[str]) -> tuple[Sequence, ...]:
    """The sequences of *flows*, each once, in the order of the table; the table is not read for no flow."""
    rows = (*sequences().values(), *special_flows().values()) if flows else ()
    return tuple(row for row in rows if row.grant in flows)
