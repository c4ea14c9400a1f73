"""Ask DNS for one name: whether it exists, and where its CNAME records lead.

A recursive resolver follows CNAME records itself and says of the last name whether it exists (RFC 1034, section 3.6.2;
RFC 2308, section 2.1; RFC 6604, section 3). One that stops on the way is asked for the rest. Everything in an answer is
not trusted: the chain is bounded, loops are reported, and names come out in DNS's own escapes (RFC 1035, 5.1).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rdatatype
import dns.rrset

from advisor.resolve.resolvers import Resolver
from rules.analysis.dns import DnsAnswer

#: Longest chain of CNAME records that is followed; resolvers give up at 8 to 16.
HOPS: Final = 16
_TOO_LONG: Final = f"more than {HOPS} CNAME records in a row"
#: How often a question is put before it counts as not answered: a datagram may be lost.
ATTEMPTS: Final = 2

#: Host names as DNS carries them; the underscore is common and harmless.
_HOST: Final = re.compile(r"[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*", re.IGNORECASE)

#: Seconds that one attempt may take; 0 or less when time is up.
TimeLeft = Callable[[], float]


class UnansweredError(Exception):
    """No usable answer; the message says why. ``silent`` when nothing came back at all."""

    def __init__(self, why: str, *, silent: bool = False) -> None:
        super().__init__(why)
        self.silent = silent


def look_up(host: str, resolvers: Sequence[Resolver], time_left: TimeLeft) -> DnsAnswer:
    """What DNS says of *host*. Raises ``UnansweredError`` when no resolver answers in time."""
    name = _name(host)
    if name is None:
        return DnsAnswer("no-address", note="the name is not a valid host name")
    chain: list[dns.name.Name] = []
    for _ in range(HOPS):
        end = chain[-1] if chain else name
        answer = _ask(end, dns.rdatatype.A, resolvers, time_left)
        before = len(chain)
        if not _follow(name, answer, chain):
            return DnsAnswer("no-address", _texts(chain), "the CNAME records of the host form a loop")
        end = chain[-1] if chain else name
        addresses = _has(answer, end, dns.rdatatype.A)
        if answer.rcode() == dns.rcode.NXDOMAIN:
            if addresses:
                raise UnansweredError("the DNS response contradicts itself")
            return DnsAnswer("missing", _texts(chain))
        if addresses or (len(chain) == before and _has_other_address(end, resolvers, time_left)):
            return DnsAnswer("exists", _texts(chain))
        if len(chain) == before:
            return DnsAnswer("no-address", _texts(chain), "the host has no IP address")
    raise UnansweredError(_TOO_LONG)


def _name(host: str) -> dns.name.Name | None:
    """*host* as a name of DNS, letters beyond ASCII encoded; ``None`` for what can be none."""
    try:
        name = dns.name.from_text(host, idna_codec=dns.name.IDNA_2003)
        return name if _HOST.fullmatch(name.to_text(omit_final_dot=True)) else None
    except (dns.exception.DNSException, UnicodeError):
        return None


def _ask(
    name: dns.name.Name, kind: dns.rdatatype.RdataType, resolvers: Sequence[Resolver], time_left: TimeLeft
) -> dns.message.Message:
    """An answer that says whether *name* exists, from the first resolver that gives one."""
    failure = UnansweredError("no time was left")
    for attempt in range(ATTEMPTS):
        seconds = time_left()
        if seconds <= 0:
            break
        resolver = resolvers[attempt % len(resolvers)]
        query = dns.message.make_query(name, kind)
        try:
            answer, _ = dns.query.udp_with_fallback(query, resolver.address, timeout=seconds, port=resolver.port)
        except dns.exception.Timeout:
            failure = UnansweredError(f"{resolver} did not answer", silent=True)
        except OSError:
            failure = UnansweredError(f"{resolver} cannot be reached", silent=True)
        except dns.exception.DNSException as error:
            failure = UnansweredError(f"{resolver} sent an invalid response ({type(error).__name__})")
        else:
            if answer.rcode() in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
                return answer
            failure = UnansweredError(f"{resolver} answered {dns.rcode.to_text(answer.rcode())}")
    raise failure


def _follow(name: dns.name.Name, answer: dns.message.Message, chain: list[dns.name.Name]) -> bool:
    """Add to *chain* where the CNAME records of *answer* lead; False for a circle.

    Raises ``UnansweredError`` when too long.
    """
    targets = {record.name: record[0].target for record in answer.answer if record.rdtype == dns.rdatatype.CNAME}
    end = chain[-1] if chain else name
    while end in targets:
        end = targets[end]
        if end == name or end in chain:
            return False
        chain.append(end)
        if len(chain) > HOPS:
            raise UnansweredError(_TOO_LONG)
    return True


def _has(answer: dns.message.Message, name: dns.name.Name, kind: dns.rdatatype.RdataType) -> bool:
    return any(record.rdtype == kind and record.name == name for record in answer.answer)


def _has_other_address(name: dns.name.Name, resolvers: Sequence[Resolver], time_left: TimeLeft) -> bool:
    return _has(_ask(name, dns.rdatatype.AAAA, resolvers, time_left), name, dns.rdatatype.AAAA)


def _texts(chain: Sequence[dns.name.Name]) -> tuple[str, ...]:
    return tuple(name.to_text(omit_final_dot=True).lower() for name in chain)
