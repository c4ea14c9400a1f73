"""Many questions: each name once, bounded in number and time, and what was not answered is said."""

from typing import Any

import msgspec
import pytest

from advisor.errors import UsageError
from advisor.resolve.lookups import Bounds, hosts_of, look_up_all
from advisor.resolve.resolvers import Resolver, named_resolver, system_resolvers
from rules.analysis.dns import DnsAnswer
from rules.model.registration import Registration
from tests.dns_server import DnsServer, chain, empty, exists, missing, refuses, silent


def app(data: dict[str, Any]) -> Registration:
    return msgspec.convert(data, Registration)


def test_only_public_names_are_asked_for_and_each_once() -> None:
    addresses = [
        "https://login.contoso.com/cb", "https://LOGIN.contoso.com.:443/other", "https://*.contoso.com/cb",
            "https://intranet/cb", "https://app.corp.local/cb",
        "http://localhost:5000", "https://127.0.0.1/", "https://[2001:db8::1]/", "https://10.0.0.1/",
            "https://www.fabrikam.example/", "https://a.test/", "https://x.onion/",
        "https://contoso.com@evil.contoso.net/", "msauth://com.contoso.app/x", "javascript:alert(1)", "https:///cb", "",
    ]  # fmt: skip
    first = app({"web": {"redirectUris": addresses, "logoutUrl": "https://out.contoso.com/x"}})
    second = app(
        {"spa": {"redirectUris": ["https://spa.contoso.com/"]}, "publicClient": {"redirectUris": addresses[:1]}}
    )
    wanted = ("login.contoso.com", "evil.contoso.net", "out.contoso.com", "spa.contoso.com")
    assert hosts_of([first, second]) == wanted


def test_of_what_is_missing_the_domain_is_asked_for_unless_a_cloud_hands_the_name_out() -> None:
    zone = {"a.contoso.com": exists(), "b.contoso.com": missing("gone.fabrikam.co.uk"), "c.contoso.com": empty()}
    hosts = ["a.contoso.com", "b.contoso.com", "c.contoso.com", "d.azurefd.net", "e.contosso.com", "contosso.net"]
    with DnsServer(zone) as server:
        answers = look_up_all(hosts, [server.resolver])
        assert server.names() == {*hosts, "fabrikam.co.uk", "contosso.com"}
        who = str(server.resolver)
    assert answers.names["fabrikam.co.uk"] == answers.names["contosso.com"] == DnsAnswer("missing")
    assert answers.note == (
        f"Asked DNS ({who}) for 6 host names and 2 domains: 1 found, 1 without an address, 4 missing."
    )


def test_what_was_not_answered_is_failed_with_a_reason() -> None:
    with DnsServer({"a.contoso.com": refuses(), "b.contoso.com": exists()}) as server:
        answers = look_up_all(["a.contoso.com", "b.contoso.com"], [server.resolver])
        who = server.resolver
    assert answers.names["a.contoso.com"] == DnsAnswer(
        "failed", note=f"DNS said nothing of a.contoso.com: {who} answered SERVFAIL"
    )
    assert answers.note == f"Asked DNS ({who}) for 2 host names: 1 found, 1 not answered."


def test_more_names_than_the_bound_are_failed_and_not_asked_for() -> None:
    with DnsServer({f"n{n}.contoso.com": exists() for n in range(9)}) as server:
        answers = look_up_all([f"n{n}.contoso.com" for n in range(9)], [server.resolver], Bounds(names=4))
        assert server.names() == {f"n{n}.contoso.com" for n in range(4)}
    assert [facts.state for facts in answers.names.values()] == ["exists"] * 4 + ["failed"] * 5
    assert "only 4 names are asked for" in answers.names["n8.contoso.com"].note


def test_when_nobody_answers_it_gives_up_early() -> None:
    with DnsServer({f"n{n}.contoso.com": silent() for n in range(100)}) as server:
        hosts = [f"n{n}.contoso.com" for n in range(100)]
        answers = look_up_all(hosts, [server.resolver], Bounds(at_once=4, timeout=0.02))
        assert len(server.names()) <= 16
    assert {facts.state for facts in answers.names.values()} == {"failed"}
    assert "no resolver answered earlier queries" in answers.names["n99.contoso.com"].note


def test_when_time_is_over_the_rest_is_failed() -> None:
    with DnsServer({"a.contoso.com": exists()}) as server:
        answers = look_up_all(["a.contoso.com"], [server.resolver], Bounds(seconds=0))
        assert server.asked == []
    assert "the limit of 0 seconds" in answers.names["a.contoso.com"].note


def test_without_hosts_nobody_is_asked() -> None:
    answers = look_up_all([], [Resolver("192.0.2.53")])
    assert answers.names == {}
    assert answers.note == "No redirect URI has a host name to query."


def test_many_names_are_asked_for_at_once_and_keep_their_answers() -> None:
    hosts = [f"n{n}.contoso.com" for n in range(300)]
    zone = {host: chain(f"{host}.azurefd.net") if number % 2 else exists() for number, host in enumerate(hosts)}
    with DnsServer(zone) as server:
        answers = look_up_all(hosts, [server.resolver])
    assert all(
        answers.names[host] == DnsAnswer("exists", (f"{host}.azurefd.net",) if number % 2 else ())
        for number, host in enumerate(hosts)
    )


@pytest.mark.parametrize(
    ("text", "resolver"),
    [
        ("192.0.2.53", Resolver("192.0.2.53", 53)),
        ("192.0.2.53:5353", Resolver("192.0.2.53", 5353)),
        ("2001:db8::53", Resolver("2001:db8::53", 53)),
        ("[2001:db8::53]", Resolver("2001:db8::53", 53)),
        ("[2001:db8::53]:5353", Resolver("2001:db8::53", 5353)),
    ],
)
def test_a_resolver_is_an_address_with_or_without_a_port(text: str, resolver: Resolver) -> None:
    assert named_resolver(text) == resolver
    assert named_resolver(str(resolver)) == resolver


@pytest.mark.parametrize(
    "text",
    [
        "",
        "dns.contoso.com",
        "192.0.2.53:",
        "192.0.2.53:0",
        "192.0.2.53:65536",
        "[::1",
        "192.0.2.53:x",
        "192.0.2.53:9999999999",
        "[::1]x",
    ],
)
def test_what_is_no_address_of_a_resolver_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="--resolver"):
        named_resolver(text)


def test_a_system_without_a_resolver_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    import dns.resolver

    def none() -> None:
        raise dns.resolver.NoResolverConfiguration

    monkeypatch.setattr(dns.resolver, "Resolver", none)
    with pytest.raises(UsageError, match="finds no resolver"):
        system_resolvers()
