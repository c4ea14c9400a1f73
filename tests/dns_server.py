"""A resolver on the loopback interface, for tests: it answers as it is told, over UDP and over TCP.

It is written with dnspython's wire format and answers strictly: one question, the name asked for, nothing recursive.
"""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable
from types import TracebackType

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

from advisor.resolve.resolvers import Resolver

#: From a question to the answer's bytes; ``None`` is silence.
Reply = Callable[[dns.message.QueryMessage], bytes | None]


def chain(*names: str, rcode: dns.rcode.Rcode = dns.rcode.NOERROR, address: str = "192.0.2.1") -> Reply:
    """CNAME records from the name asked for along *names*, and at their end an address, unless *address* is empty."""
    targets = [dns.name.from_text(name) for name in names]

    def reply(query: dns.message.QueryMessage) -> bytes:
        answer = dns.message.make_response(query)
        answer.set_rcode(rcode)
        question = query.question[0]
        owner = question.name
        for target in targets:
            answer.answer.append(dns.rrset.from_text(owner, 60, "IN", "CNAME", target.to_text()))
            owner = target
        if address and question.rdtype == (dns.rdatatype.AAAA if ":" in address else dns.rdatatype.A):
            answer.answer.append(dns.rrset.from_text(owner, 60, "IN", question.rdtype, address))
        return answer.to_wire(max_size=65_535)

    return reply


def exists(address: str = "192.0.2.1") -> Reply:
    """An address."""
    return chain(address=address)


def empty() -> Reply:
    """The name is there and has no address."""
    return chain(address="")


def missing(*names: str) -> Reply:
    """The name, or what it leads to along *names*, does not exist."""
    return chain(*names, rcode=dns.rcode.NXDOMAIN, address="")


def refuses(rcode: dns.rcode.Rcode = dns.rcode.SERVFAIL) -> Reply:
    """An answer that is none."""
    return chain(rcode=rcode, address="")


def silent() -> Reply:
    """Nothing comes back."""
    return lambda _: None


def raw(data: bytes) -> Reply:
    """These bytes after the question's id."""
    return lambda query: struct.pack("!H", query.id) + data


def in_turn(*replies: Reply) -> Reply:
    """The first time the first, and so on; the last for ever."""
    left = list(replies)

    def reply(query: dns.message.QueryMessage) -> bytes | None:
        now = left.pop(0) if len(left) > 1 else left[0]
        return now(query)

    return reply


def only_over_tcp(reply: Reply) -> Reply:
    """Over UDP an answer that says it was cut."""
    seen: list[bool] = []

    def cut(query: dns.message.QueryMessage) -> bytes | None:
        if seen:
            return reply(query)
        seen.append(True)
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.TC
        return answer.to_wire()

    return cut


class DnsServer:
    """Answers on 127.0.0.1; what is not in *zone* does not exist. ``asked`` is what it was asked: name and type."""

    def __init__(self, zone: dict[str, Reply]) -> None:
        self._zone = {dns.name.from_text(name): reply for name, reply in zone.items()}
        self.asked: list[tuple[str, str]] = []
        self._udp, self._tcp = _same_port()
        self.resolver = Resolver("127.0.0.1", self._udp.getsockname()[1])
        self._threads = [threading.Thread(target=run, daemon=True) for run in (self._serve_udp, self._serve_tcp)]

    def names(self) -> set[str]:
        """Every name that was asked for."""
        return {name for name, _ in self.asked}

    def __enter__(self) -> DnsServer:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._udp.sendto(b"", self._udp.getsockname())  # wakes the one that waits; it sees an empty datagram and ends
        socket.create_connection(self._tcp.getsockname()).close()
        for thread in self._threads:
            thread.join()
        self._udp.close()
        self._tcp.close()

    def _reply(self, data: bytes) -> bytes | None:
        query = dns.message.from_wire(data)
        assert isinstance(query, dns.message.QueryMessage)
        question = query.question[0]
        self.asked.append((question.name.to_text(omit_final_dot=True), dns.rdatatype.to_text(question.rdtype)))
        return self._zone.get(question.name, missing())(query)

    def _serve_udp(self) -> None:
        while True:
            data, sender = self._udp.recvfrom(4096)
            if not data:
                return
            answer = self._reply(data)
            if answer is not None:
                self._udp.sendto(answer, sender)

    def _serve_tcp(self) -> None:
        while True:
            connection, _ = self._tcp.accept()
            with connection:
                head = connection.recv(2)
                if not head:
                    return
                answer = self._reply(connection.recv(struct.unpack("!H", head)[0]))
                if answer is not None:
                    connection.sendall(struct.pack("!H", len(answer)) + answer)


def _same_port() -> tuple[socket.socket, socket.socket]:
    """A datagram and a listening socket on one free port of the loopback interface."""
    while True:
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        udp.bind(("127.0.0.1", 0))
        tcp = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            tcp.bind(udp.getsockname())
        except OSError:
            udp.close()
            tcp.close()
            continue
        tcp.listen()
        return udp, tcp
