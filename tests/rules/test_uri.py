"""URIs are parsed, never searched."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.knowledge.hosts import is_allowed, shared_suffix, shared_suffixes
from rules.model.uri_traits import forbidden
from rules.primitives.uri import parse

LABEL = st.from_regex(r"\A[a-z]([a-z0-9-]{0,8}[a-z0-9])?\Z")
HOST = st.lists(LABEL, min_size=2, max_size=4).map(".".join)


@given(st.text())
def test_no_text_raises(text: str) -> None:
    uri = parse(text)
    assert uri.text == text
    for name in ("is_web", "ip", "is_loopback", "has_unusual_port", "identity"):
        getattr(uri, name)
    uri.with_scheme("https")


@given(
    st.sampled_from(("http", "HTTPS", "https")),
    HOST,
    st.none() | st.integers(0, 65535),
    st.from_regex(r"\A(/[A-Za-z0-9]{0,5}){0,3}\Z"),
)
def test_the_identity_of_an_identity_is_itself(scheme: str, host: str, port: int | None, path: str) -> None:
    uri = parse(f"{scheme}://{host}{'' if port is None else f':{port}'}{path}")
    assert parse(uri.identity).identity == uri.identity
    assert parse(uri.text.replace(host, host.upper())).identity == uri.identity


@given(HOST, st.sampled_from(("localhost", "127.0.0.1")))
def test_a_host_that_only_contains_a_name_is_not_that_name(host: str, name: str) -> None:
    for text in (
        f"https://{name}.{host}/",
        f"https://{host}/{name}",
        f"https://{host}/?a=https://{name}/",
        f"https://not{name}/",
    ):
        uri = parse(text)
        assert not uri.is_loopback


@given(st.ip_addresses(v=4))
def test_every_spelling_of_an_address_is_that_address(address: object) -> None:
    number = int(address)  # type: ignore[call-overload]
    parts = str(address).split(".")
    hexadecimal = ".".join(hex(int(part)) for part in parts)
    octal = ".".join(f"0{int(part):o}" for part in parts)
    for spelling in (str(address), str(number), hex(number), hexadecimal, octal, f"{address}."):
        assert parse(f"https://{spelling}/").ip == address


@given(st.ip_addresses(v=6))
def test_an_ipv6_address_is_in_brackets(address: object) -> None:
    uri = parse(f"https://[{address}]:8443/cb")
    assert (uri.ip, uri.port, uri.path) == (address, 8443, "/cb")


@pytest.mark.parametrize(
    "host",
    ["[::1]", "[::ffff:127.0.0.1]", "127.9.9.9", "localhost", "LOCALHOST.", "a.localhost", "2130706433", "0x7f.1"],
)
def test_loopback_has_many_names(host: str) -> None:
    assert parse(f"http://{host}:80/").is_loopback


@pytest.mark.parametrize(
    "host",
    ["localhost.com", "127.0.0.1.nip.io", "128.0.0.1", "1270.0.0.1", "[::2]", "256.256.256.256", "0x", "1.2.3.4.5"],
)
def test_a_lookalike_is_not_loopback(host: str) -> None:
    assert not parse(f"http://{host}/").is_loopback


@pytest.mark.parametrize(
    ("text", "host", "userinfo", "port"),
    [
        ("https://contoso.com@evil.example/cb", "evil.example", "contoso.com", None),
        ("https://a@b@evil.example:8443/", "evil.example", "a@b", 8443),
        ("https://login.contoso.com:443@evil.example/", "evil.example", "login.contoso.com:443", None),
        # A browser reads the backslash as a slash.
        ("https://evil.example\\@contoso.com/cb", "evil.example", None, None),
        ("https://contoso.com:/", "contoso.com", None, None),
        ("https://contoso.com:99999/", "contoso.com", None, -1),
        ("https://contoso.com:*/", "contoso.com", None, -1),
        ("https://contoso.com:٣/", "contoso.com", None, -1),
        ("not a url", None, None, None),
        ("https://", "", None, None),
        ("", None, None, None),
    ],
)
def test_the_authority_is_split_as_a_browser_splits_it(
    text: str, host: str | None, userinfo: str | None, port: int | None
) -> None:
    uri = parse(text)
    assert (uri.host, uri.userinfo, uri.port) == (host, userinfo, port)


def test_the_port_of_localhost_and_an_empty_path_make_no_difference() -> None:
    same = {parse(text).identity for text in ("http://localhost", "http://localhost:1234/", "http://LOCALHOST:80")}
    assert same == {"http://localhost/"}
    assert parse("https://a.example/CB").identity != parse("https://a.example/cb").identity


@pytest.mark.parametrize(
    ("registered", "requested", "same"),
    [
        ("https://orchard.example.com/Signin", "https://orchard.example.com/signin", False),
        ("https://Orchard.Example.com/cb", "https://orchard.example.com/cb", True),
        ("https://orchard.example.com/cb", "https://orchard.example.com/cb/", False),
        ("https://orchard.example.com", "https://orchard.example.com/", True),
        ("http://localhost/cb", "http://localhost:51234/cb", True),
        ("http://localhost", "http://localhost:51234/cb", False),
        # "This is only true for localhost redirect URIs", says the page of the port.
        ("http://127.0.0.1/cb", "http://127.0.0.1:51234/cb", False),
        ("http://localhost", "http://127.0.0.1", False),
        ("http://app.localhost:3000/cb", "http://app.localhost:4000/cb", False),
        ("https://localhost:5001/cb", "https://localhost:7001/cb", True),
        ("https://localhost/cb", "http://localhost/cb", False),
        ("https://orchard.example.com/cb", "https://orchard.example.com:443/cb", True),
        ("https://orchard.example.com/cb", "https://orchard.example.com:8443/cb", False),
        ("https://orchard.example.com/cb?a=1&b=2", "https://orchard.example.com/cb?b=2&a=1", False),
        ("https://orchard.example.com/sign-in", "https://orchard.example.com/sign%2Din", False),
        ("urn:ietf:wg:oauth:2.0:oob", "URN:IETF:WG:OAUTH:2.0:OOB", False),
    ],
)
def test_what_the_platform_compares(registered: str, requested: str, same: bool) -> None:
    assert (parse(registered).identity == parse(requested).identity) is same


def test_a_shared_suffix_is_told_label_by_label() -> None:
    assert shared_suffix("azurewebsites.net") is None
    for row in shared_suffixes().values():
        assert row.source.startswith("https://")
        assert row.suffix == row.suffix.lower().strip(".")
        assert shared_suffix(f"a.b.{row.suffix}") is row
        assert shared_suffix(f"a{row.suffix}") in (None, *shared_suffixes().values())
        assert shared_suffix(f"{row.suffix}.evil.example") is None


@pytest.mark.parametrize(
    ("host", "claimable"),
    [
        ("app-b0c1d2e3f4a5.westeurope-01.azurewebsites.net", False),
        ("app.scm.azurewebsites.net", True),
        ("app-slot.azurewebsites.net", True),
        ("app-b0c1d2e3.z01.azurefd.net", False),
        ("app.azurefd.net", True),
        ("contoso.fjdng2acavhkevd8.westus.cloudapp.azure.com", False),
        ("contoso.westus.cloudapp.azure.com", True),
        ("contoso.fjdng2acavhkevd8.westus.azurecontainer.io", False),
        ("a.b.westus.azurecontainer.io", True),
        ("contoso.s3.eu-west-1.amazonaws.com", True),
        ("contoso.s3.dualstack.us-gov-west-1.amazonaws.com", True),
        ("contoso.s3-website-eu-west-1.amazonaws.com", True),
        ("contoso.s3-website.eu-central-1.amazonaws.com", True),
        ("contoso.s3.cn-north-1.amazonaws.com.cn", True),
        ("contoso-111122223333-us-west-2-an.s3.us-west-2.amazonaws.com", False),
        ("s3.eu-west-1.amazonaws.com", False),
        ("contoso.s3-accesspoint.eu-west-1.amazonaws.com", False),
        ("contoso.s3.eu-west-1.amazonaws.com.evil.example", False),
        ("contoso.eu-west-1.elasticbeanstalk.com", True),
        ("contoso.eba-a1b2c3d4.eu-west-1.elasticbeanstalk.com", False),
        ("contoso.fly.dev", True),
    ],
)
def test_a_name_with_the_hash_of_its_owner_is_not_claimable(host: str, claimable: bool) -> None:
    assert bool(shared_suffix(host)) is claimable


def test_an_allowed_name_covers_itself_and_what_is_below() -> None:
    assert is_allowed("app.azurewebsites.net", ("APP.azurewebsites.net.",))
    assert is_allowed("slot.app.azurewebsites.net", ("app.azurewebsites.net",))
    assert not is_allowed("myapp.azurewebsites.net", ("app.azurewebsites.net", ""))


def test_the_mark_of_a_hidden_secret_is_no_forbidden_character() -> None:
    assert forbidden("https://a.contoso.com/cb?sig=(hidden)") == ()
    assert forbidden("https://a.contoso.com/(cb)?sig=(hidden)") == ("(", ")")
