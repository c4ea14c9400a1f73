"""Which names are public, and where a domain begins that somebody can register."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.analysis.dns import is_open, is_public, registrable
from rules.primitives.uri import parse


@pytest.mark.parametrize(
    ("name", "domain"),
    [
        ("contoso.com", "contoso.com"),
        ("a.b.contoso.com", "contoso.com"),
        ("www.contoso.co.uk", "contoso.co.uk"),
        ("contoso.co.uk", "contoso.co.uk"),
        ("www.contoso.uk", "contoso.uk"),
        ("app.com.contoso.de", "contoso.de"),
        ("app.co.de", "co.de"),
        ("www.contoso.com.au", "contoso.com.au"),
        ("co.uk", None),
        ("com", None),
        ("", None),
        (".", None),
        ("a..com", None),
    ],
)
def test_a_domain_is_registered_at_the_second_level_or_in_some_countries_at_the_third(
    name: str, domain: str | None
) -> None:
    assert registrable(name) == domain


@given(st.text(alphabet="ab.cou\u00fc-", max_size=30))
def test_a_domain_is_the_end_of_its_name_label_by_label(name: str) -> None:
    domain = registrable(name)
    if domain is not None:
        assert name == domain or name.endswith(f".{domain}")
        assert 2 <= len(domain.split(".")) <= 3
        assert registrable(f"x.{domain}") == registrable(domain) == domain


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("https://login.contoso.com/cb", True),
        ("http://login.contoso.com", True),
        ("https://login.contoso.com:8443/cb", True),
        ("https://m\u00fcller.de/cb", True),
        ("https://*.contoso.com/cb", False),
        ("https://intranet/cb", False),
        ("https://app.corp.local/cb", False),
        ("https://app.home.arpa/cb", False),
        ("https://localhost/cb", False),
        ("https://app.localhost/cb", False),
        ("https://127.1/cb", False),
        ("https://2130706433/cb", False),
        ("https://[2001:db8::1]/cb", False),
        ("https://www.fabrikam.example/cb", False),
        ("https://a.test/", False),
        ("https://a.invalid/", False),
        ("https://a.onion/", False),
        ("https://example.com/", True),
        ("msauth://login.contoso.com/cb", False),
        ("com.contoso.app://login.contoso.com", False),
        ("", False),
    ],
)
def test_only_names_that_somebody_can_own_in_public_are_asked_for(address: str, public: bool) -> None:
    assert is_public(parse(address)) is public


@pytest.mark.parametrize(
    ("pattern", "open_to_anyone"),
    [
        ("*", True),
        ("*.com", True),
        ("*.co.uk", True),
        ("*contoso.com", True),
        ("*.contoso.com", False),
        ("app.*.contoso.com", False),
        ("*.azurewebsites.net", True),
        ("contoso-*.azurewebsites.net", True),
        ("*.westeurope-01.azurewebsites.net", True),
        ("*.contoso.azurewebsites.net", False),
        ("*.eastus.cloudapp.azure.com", True),
        ("*.contoso.eastus.cloudapp.azure.com", False),
        ("*.westeurope.2.azurestaticapps.net", True),
        ("*.s3.eu-west-1.amazonaws.com", True),
        ("*.contoso.s3.eu-west-1.amazonaws.com", False),
        ("*.contoso.github.io", False),
    ],
)
def test_a_wildcard_is_open_where_anyone_can_get_a_host_that_it_matches(pattern: str, open_to_anyone: bool) -> None:
    assert is_open(pattern) is open_to_anyone
