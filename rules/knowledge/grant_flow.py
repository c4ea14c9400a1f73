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
    package, name = "rules.knowledge", "grant_flow.toml"
    shared: dict[str, tuple[Message, ...]] = {}
    for steps in read_records(package, name, "steps", _Steps):
        shared[steps.name] = _expanded(steps.messages, shared)
    flows = read_records(package, name, "grants", _Flow)
    return {
        flow.grant: Sequence(
            **{
                **msgspec.structs.asdict(flow),
                "messages": _expanded(flow.messages, shared),
                "references": cite_all(f"{name}: {flow.grant}", *flow.references),
            }
        )
        for flow in flows
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
    """The flow of the grant with that ID. Raises ``KeyError`` for an unknown one."""
    return sequences()[grant]


def sequences_of(grants: Collection[str]) -> tuple[Sequence, ...]:
    """The flows of *grants*, each once, in the order of the table; the table is not read for no grant."""
    return tuple(row for row in sequences().values() if row.grant in grants) if grants else ()
