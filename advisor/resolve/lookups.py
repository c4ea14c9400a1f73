"""Query DNS for the hosts of all registrations, each once: with limits on names, on queries at a time and on time."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import Final, NamedTuple

import msgspec

from advisor.resolve.lookup import UnansweredError, look_up
from advisor.resolve.resolvers import Resolver
from rules.analysis.dns import NOTHING_SAID, DnsAnswer, public_hosts, registrable
from rules.knowledge.hosts import shared_suffix
from rules.model.registration import Registration
from rules.primitives.texts import counted


class Bounds(NamedTuple):
    """How many names are asked for and how many at a time, seconds for all of it, and seconds for one answer."""

    names: int = 5_000
    at_once: int = 16
    seconds: float = 60.0
    timeout: float = 2.0


BOUNDS: Final = Bounds()

#: After this many names without any sign of life the rest is not asked for.
_DEAD: Final = 8


class Answers(msgspec.Struct, frozen=True):
    """What DNS said of each host and of the domains of missing ones, and a sentence about the asking."""

    names: dict[str, DnsAnswer]
    note: str


def hosts_of(apps: Iterable[Registration]) -> tuple[str, ...]:
    """The public names among the hosts of redirect URIs and logout URLs, each once, in the order of their first use."""
    return tuple(dict.fromkeys(uri.host or "" for app in apps for _, uri in public_hosts(app)))


def look_up_all(hosts: Sequence[str], resolvers: Sequence[Resolver], bounds: Bounds = BOUNDS) -> Answers:
    """Ask *resolvers* for *hosts*, then for the domains of those that are missing.

    What is not answered is ``failed``.
    """
    asking = _Asking(resolvers, bounds)
    names = asking.ask(hosts[: bounds.names])
    names |= {host: _failed(host, f"only {bounds.names:,} names are asked for") for host in hosts[bounds.names :]}
    ends = (facts.chain[-1] if facts.chain else host for host, facts in names.items() if facts.state == "missing")
    domains = dict.fromkeys(registrable(end) for end in ends if shared_suffix(end) is None)
    said = asking.ask([domain for domain in domains if domain is not None and domain not in names])
    return Answers(names | said, _note([names[host] for host in hosts], len(said), resolvers))


class _Asking:
    """One run: when it ends, and whether a resolver has answered."""

    def __init__(self, resolvers: Sequence[Resolver], bounds: Bounds) -> None:
        self._resolvers = resolvers
        self._bounds = bounds
        self._end = time.monotonic() + bounds.seconds
        self._lock = Lock()
        self._answered = False
        self._silent = 0

    def ask(self, names: Sequence[str]) -> dict[str, DnsAnswer]:
        """What DNS says of each of *names*, several at a time."""
        if not names:
            return {}
        pool = ThreadPoolExecutor(max_workers=min(self._bounds.at_once, len(names)), thread_name_prefix="dns")
        try:
            return dict(zip(names, pool.map(self._one, names), strict=True))
        finally:
            pool.shutdown(cancel_futures=True)  # Ctrl-C does not wait for lookups that have not begun

    def _one(self, name: str) -> DnsAnswer:
        if self._time_left() <= 0:
            return _failed(name, f"not queried: the limit of {self._bounds.seconds:g} seconds was reached")
        if self._is_dead():
            return _failed(name, "not queried: no resolver answered earlier queries")
        try:
            facts = look_up(name, self._resolvers, self._time_left)
        except UnansweredError as failure:
            self._note(answered=not failure.silent)
            return _failed(name, str(failure))
        self._note(answered=True)
        return facts

    def _time_left(self) -> float:
        return min(self._bounds.timeout, self._end - time.monotonic())

    def _note(self, *, answered: bool) -> None:
        with self._lock:
            self._answered = self._answered or answered
            self._silent += not answered

    def _is_dead(self) -> bool:
        with self._lock:
            return not self._answered and self._silent >= _DEAD


def _failed(name: str, why: str) -> DnsAnswer:
    return DnsAnswer("failed", note=f"{NOTHING_SAID}{name}: {why}")


def _note(facts: Sequence[DnsAnswer], domains: int, resolvers: Sequence[Resolver]) -> str:
    """What was asked, and how it went, in a sentence."""
    if not facts:
        return "No redirect URI has a host name to query."
    counts = Counter[str](one.state for one in facts)
    words = {"exists": "found", "no-address": "without an address", "missing": "missing", "failed": "not answered"}
    said = ", ".join(f"{counts[state]:,} {word}" for state, word in words.items() if counts[state])
    more = f" and {counted(domains, 'domain')}" if domains else ""
    who = ", ".join(str(one) for one in resolvers)
    return f"Asked DNS ({who}) for {counted(len(facts), 'host name')}{more}: {said}."
