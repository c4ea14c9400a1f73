"""One question: what DNS said of a name, from answers as they come and as strangers write them."""

import struct

import dns.rcode
import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.resolve.lookup import ATTEMPTS, HOPS, UnansweredError, look_up
from advisor.resolve.resolvers import Resolver
from rules.analysis.dns import DnsAnswer
from tests.dns_server import (
    DnsServer,
    Reply,
    chain,
    empty,
    exists,
    in_turn,
    missing,
    only_over_tcp,
    raw,
    refuses,
    silent,
)

HOST = "login.contoso.com"


def ask(zone: dict[str, Reply], host: str = HOST, seconds: float = 5) -> DnsAnswer:
    with DnsServer(zone) as server:
        return look_up(host, [server.resolver], lambda: seconds)


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (exists(), DnsAnswer("exists")),
        (exists("2001:db8::1"), DnsAnswer("exists")),
        (missing(), DnsAnswer("missing")),
        (empty(), DnsAnswer("no-address", note="the host has no IP address")),
        (chain("a.azurefd.net", "b.msedge.net"), DnsAnswer("exists", ("a.azurefd.net", "b.msedge.net"))),
        (missing("a.azurefd.net"), DnsAnswer("missing", ("a.azurefd.net",))),
        (missing("b.contoso.com", "A.AzureFD.net"), DnsAnswer("missing", ("b.contoso.com", "a.azurefd.net"))),
        (chain(HOST), DnsAnswer("no-address", (), "the CNAME records of the host form a loop")),
        (chain("a.net", HOST), DnsAnswer("no-address", ("a.net",), "the CNAME records of the host form a loop")),
        (chain("a.net", "b.net", "A.net"), DnsAnswer("no-address", ("a.net", "b.net"),
            "the CNAME records of the host form a loop")),
        (chain("."), DnsAnswer("missing", (".",))),
        (only_over_tcp(exists()), DnsAnswer("exists")),
        (only_over_tcp(missing(*(f"n{n}.contoso.com" for n in range(HOPS)))), DnsAnswer("missing",
            tuple(f"n{n}.contoso.com" for n in range(HOPS)))),
    ],
)  # fmt: skip
def test_an_answer_says_whether_the_name_exists_and_where_it_leads(reply: Reply, said: DnsAnswer) -> None:
    zone = {HOST: reply}
    if said.chain == (".",):
        zone[HOST] = chain(".", address="")
    assert ask(zone) == said


def test_a_resolver_that_stops_on_the_way_is_asked_for_the_rest() -> None:
    zone = {HOST: chain("a.azurefd.net", address=""), "a.azurefd.net": chain("b.msedge.net", address="")}
    assert ask(zone) == DnsAnswer("missing", ("a.azurefd.net", "b.msedge.net"))
    assert ask({**zone, "b.msedge.net": exists()}) == DnsAnswer("exists", ("a.azurefd.net", "b.msedge.net"))


def test_a_circle_over_several_answers_is_told() -> None:
    said = ask({HOST: chain("a.net", address=""), "a.net": chain(HOST, address="")})
    assert said == DnsAnswer("no-address", ("a.net",), "the CNAME records of the host form a loop")


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (refuses(), "answered SERVFAIL"),
        (refuses(dns.rcode.REFUSED), "answered REFUSED"),
        (chain(rcode=dns.rcode.NXDOMAIN), "contradicts itself"),
        (only_over_tcp(chain(*(f"n{n}.contoso.com" for n in range(HOPS + 1)))), f"more than {HOPS} CNAME records"),
        (raw(b""), "invalid response"),
        (raw(b"\x81\x80" + b"\xff" * 40), "invalid response"),
        (raw(struct.pack("!HHHHH", 0x8180, 0, 0, 0, 0)), "invalid response"),
    ],
)
def test_an_invalid_response_is_said_and_never_taken_for_one(reply: Reply, why: str) -> None:
    with pytest.raises(UnansweredError, match=why) as failure:
        ask({HOST: reply})
    assert not failure.value.silent


def test_a_chain_of_endless_answers_ends() -> None:
    zone = {f"n{n}.contoso.com": chain(f"n{n + 1}.contoso.com", address="") for n in range(3 * HOPS)}
    with pytest.raises(UnansweredError, match=f"more than {HOPS} CNAME records"):
        ask(zone, "n0.contoso.com")


def test_silence_is_no_answer_and_is_asked_again() -> None:
    with DnsServer({HOST: silent()}) as server:
        with pytest.raises(UnansweredError, match="did not answer") as failure:
            look_up(HOST, [server.resolver], lambda: 0.05)
        assert server.asked == [(HOST, "A")] * ATTEMPTS
    assert failure.value.silent
    assert ask({HOST: in_turn(silent(), exists())}, seconds=0.2) == DnsAnswer("exists")


def test_a_second_resolver_is_asked_where_the_first_does_not_help() -> None:
    with DnsServer({HOST: refuses()}) as first, DnsServer({HOST: exists()}) as second:
        assert look_up(HOST, [first.resolver, second.resolver], lambda: 5) == DnsAnswer("exists")


def test_an_answer_with_another_id_or_question_is_not_believed() -> None:
    other = lambda query: struct.pack("!H", query.id ^ 1) + exists()(query)[2:]  # noqa: E731 - one line says it
    with pytest.raises(UnansweredError):
        ask({HOST: other})
    swapped = lambda query: exists()(query).replace(b"\x05login", b"\x05evils")  # noqa: E731
    with pytest.raises(UnansweredError):
        ask({HOST: swapped})


def test_when_time_is_up_nobody_is_asked() -> None:
    with DnsServer({HOST: exists()}) as server:
        with pytest.raises(UnansweredError, match="no time"):
            look_up(HOST, [server.resolver], lambda: 0)
        assert server.asked == []


def test_a_resolver_that_cannot_be_reached_is_no_answer() -> None:
    with pytest.raises(UnansweredError, match="cannot be reached"):
        look_up(HOST, [Resolver("255.255.255.255")], lambda: 0.2)


def test_control_characters_in_an_answer_come_out_as_escapes() -> None:
    said = ask({HOST: missing("evil\\027[31m\\010<b>.azurefd.net")})
    assert said.chain == ("evil\\027[31m\\010<b>.azurefd.net",)
    assert said.chain[0].isprintable()


@pytest.mark.parametrize(
    "host",
    [
        "a..contoso.com",
        "a b.contoso.com",
        "a\\.contoso.com",
        "a" * 64 + ".com",
        "a%41.com",
        ".com",
        "x." * 130 + "com",
        "a;b.com",
    ],
)
def test_what_can_be_no_host_is_not_asked_for(host: str) -> None:
    with DnsServer({}) as server:
        assert look_up(host, [server.resolver], lambda: 5) == DnsAnswer(
            "no-address", note="the name is not a valid host name"
        )
        assert server.asked == []


@pytest.mark.parametrize(
    ("host", "asked"), [("müller.contoso.com", "xn--mller-kva.contoso.com"), ("a_b.contoso.com", "a_b.contoso.com")]
)
def test_letters_beyond_ascii_are_asked_for_as_dns_has_them(host: str, asked: str) -> None:
    assert ask({asked: exists()}, host) == DnsAnswer("exists")


@given(st.text(max_size=80))
def test_a_host_is_asked_for_or_is_none_and_never_fails(host: str) -> None:
    try:
        said = look_up(host, [Resolver("127.0.0.1")], lambda: 0)
    except UnansweredError:
        return
    assert said == DnsAnswer("no-address", note="the name is not a valid host name")
