"""Further clients of a system, in the session that asked about the first one."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Iterable, Sequence
from typing import Final

import msgspec

from advisor.decide.answers import Call, Client
from advisor.decide.system import Pair
from reports.escape import visible_name

_MORE: Final = "Name of another client of this system, or Enter to finish:"


def ask_client(
    clients: Sequence[Client], *, read: Callable[[], str], write: Callable[[str], None]
) -> tuple[Client, ...]:
    """The *clients* and one more with its name and calls, whose answers are still missing; as many as before where the
    user finishes. The first one gets a name with the second.
    """
    name = _name(clients, _MORE, read, write)
    if not name:
        return tuple(clients)
    named = tuple(
        one if one.name else msgspec.structs.replace(one, name=_first_name(name, read, write)) for one in clients
    )
    called = _chosen(named, f"Which of these does {visible_name(name)} call?", read, write)
    callers = _chosen(named, f"Which of these call {visible_name(name)}?", read, write)
    before = (
        msgspec.structs.replace(one, calls=(*one.calls, Call(name))) if one.name in callers else one for one in named
    )
    return (*before, Client(name=name, answers={}, calls=tuple(map(Call, called))))


def _name(clients: Sequence[Client], ask: str, read: Callable[[], str], write: Callable[[str], None]) -> str:
    """A name that no other client has; empty where the user enters nothing, or the input ends."""
    while True:
        write("")
        write(ask)
        try:
            name = read().strip()
        except (EOFError, KeyboardInterrupt):
            return ""
        if name.casefold() not in {one.name.casefold() for one in clients if one.name}:
            return name
        write(f"{visible_name(name)} is the name of another client.")


def _first_name(other: str, read: Callable[[], str], write: Callable[[str], None]) -> str:
    second = Client(name=other, answers={})
    return _name([second], "What is the name of the first client?", read, write) or "Client 1"


def _chosen(
    clients: Sequence[Client], ask: str, read: Callable[[], str], write: Callable[[str], None]
) -> tuple[str, ...]:
    """The names of some clients, chosen by number; none where the user enters nothing."""
    while True:
        write("")
        write(ask)
        for number, one in enumerate(clients, 1):
            write(f"  {number}  {visible_name(one.name)}")
        write("Numbers, separated by commas, or Enter for none.")
        try:
            words = read().replace(",", " ").split()
        except (EOFError, KeyboardInterrupt):
            return ()
        numbers = {int(word) for word in words if word.isascii() and word.isdigit() and len(word) < 4}
        if len(numbers) == len(set(words)) and all(0 < number <= len(clients) for number in numbers):
            return tuple(clients[number - 1].name for number in sorted(numbers))
        write(f"Enter numbers from 1 to {len(clients)}.")


def answers_file(pairs: Iterable[Pair]) -> str:
    """A file of answers that gives the same advice for the same system again, as TOML."""
    tables = []
    for client, advice in pairs:
        answers = (word.partition("=") for word in shlex.split(advice.repeat) if "=" in word)
        lines = ["[[clients]]", f"name = {_text(client.name)}"]
        lines += [f"calls = [{', '.join(_text(call.name) for call in client.calls)}]"] if client.calls else []
        lines += [f"{question} = {_text(choice)}" for question, _, choice in answers]
        tables.append("\n".join(lines) + "\n")
    return "\n".join(tables)


def _text(text: str) -> str:
    """A text as TOML writes it: as JSON does, with the one control that JSON leaves as it is."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
