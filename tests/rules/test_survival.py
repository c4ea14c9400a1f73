"""Every rule survives every registration that the types allow, and what parses strangers' text never raises."""

import collections.abc
import types
import typing
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rules.analysis.dns import DnsAnswer, public_hosts
from rules.engine.rule import Context, Subject
from rules.engine.run import lint
from rules.families import RULES
from rules.knowledge.permissions import permissions
from rules.model.clean import NOW
from rules.model.registration import Registration
from rules.model.settings import Settings
from rules.model.tenant import Tenant
from rules.model.tenant_app import tenant_apps
from rules.model.uri_traits import forbidden, scripts, shown, traits_of
from rules.model.usage import KINDS, Reach, Usage, Use
from rules.primitives.uri import parse

#: Texts that rules look for, so that chance finds more than noise.
TEXTS = st.one_of(
    st.sampled_from(
        [
            "",
            "http://localhost:1/cb",
            "https://*.contoso.com/",
            "javascript:x",
            "msauth://a/b",
            "urn:ietf:wg:oauth:2.0:oob",
            "https://xn--mller-kva.de/",
            "AzureADMultipleOrgs",
            "email",
            "groups",
            "User",
            "Guest",
            "Scope",
            "Role",
            "Verify",
            "Symmetric",
            "2026-01-20T00:00:00Z",
            "0001-01-01T00:00:00Z",
            "claims['sub'] matches 'repo:*'",
            "repo:a/b:pull_request",
            "https://token.actions.githubusercontent.com",
            "ConnectSyncProvisioning_x",
            *(row.id for row in permissions()[:3]),
            permissions()[0].resource,
        ]
    ),
    st.text(max_size=12),
)


def values(annotation: Any) -> st.SearchStrategy[Any]:
    """JSON values that *annotation* allows, without those that were not read."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (typing.Union, types.UnionType):
        return st.one_of(*(values(one) for one in arguments if one is not msgspec.UnsetType))
    if origin is tuple:
        return st.lists(values(arguments[0]), max_size=3)
    if origin is collections.abc.Mapping:
        return st.just({})
    if annotation is type(None):
        return st.none()
    if isinstance(annotation, type) and issubclass(annotation, msgspec.Struct):
        hints = typing.get_type_hints(annotation)
        return st.fixed_dictionaries(
            {},
            optional={field.encode_name: values(hints[field.name]) for field in msgspec.structs.fields(annotation)},
        )
    return {bool: st.booleans(), int: st.integers(0, 3)}.get(annotation, TEXTS)


REGISTRATIONS = values(Registration)
#: What DNS may say of a host; where it leads is written by strangers.
FACTS = st.builds(
    DnsAnswer,
    st.sampled_from(["exists", "no-address", "missing", "failed"]),
    st.lists(st.one_of(st.sampled_from(["a.azurefd.net", "contoso.co.uk", "."]), st.text(max_size=12)), max_size=2).map(
        tuple
    ),
    st.sampled_from(["", "why"]),
)
IDS = st.sampled_from(["", "11111111-1111-4111-8111-111111111111", "x"])
DAYS = st.sampled_from(["", "2025-09-01", "2026-01-10"])
#: Evidence of use may have any combination of values.
EVIDENCE = st.builds(
    Usage,
    uses=st.lists(
        st.builds(
            Use,
            app_id=IDS,
            kind=st.sampled_from(KINDS),
            protocol=st.sampled_from(["", "other", "ropc", "deviceCode", "implicitIdTokenAndGetResponseMode"]),
            credential_id=IDS,
            resource_id=IDS,
            unit=st.sampled_from(["sign-ins", "dates"]),
            first=DAYS,
            last=DAYS,
        ),
        max_size=3,
    ).map(tuple),
    reach=st.lists(
        st.builds(Reach, kind=st.sampled_from(KINDS), source=st.just("x"), start=DAYS, end=DAYS), max_size=5
    ).map(tuple),
)
EVERYTHING = Settings(verified_domains=("contoso.com",), home_tenants=("x",), max_redirect_uris=1)


@pytest.mark.exhaustive
@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.lists(REGISTRATIONS, min_size=1, max_size=3), FACTS, EVIDENCE)
def test_no_rule_fails_on_any_registration(data: list[dict[str, Any]], facts: DnsAnswer, usage: Usage) -> None:
    subjects = [Subject(str(n), msgspec.convert(app, Registration)) for n, app in enumerate(data)]
    names = {host: facts for subject in subjects for host in (uri.host or "" for _, uri in public_hosts(subject.app))}
    verdict = lint(subjects, RULES, Context(NOW, EVERYTHING, names, usage))
    assert [gap for gap in verdict.not_assessed if gap.reason == "internal"] == []


@pytest.mark.exhaustive
@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(values(Tenant), st.lists(REGISTRATIONS, max_size=2), EVIDENCE)
def test_no_rule_fails_on_any_tenant(data: dict[str, Any], applications: list[dict[str, Any]], usage: Usage) -> None:
    tenant = msgspec.convert(data, Tenant)
    apps = tenant_apps(tenant, [msgspec.convert(app, Registration) for app in applications])
    subjects = [Subject(str(n), app) for n, app in enumerate(apps)]
    context = Context(NOW, EVERYTHING, usage=usage)
    verdicts = (lint(subjects, RULES, context, Subject("t", tenant)), lint([Subject("t", tenant)], RULES, context))
    assert [gap for verdict in verdicts for gap in verdict.not_assessed if gap.reason == "internal"] == []


@pytest.mark.exhaustive
@given(st.text())
def test_what_is_odd_about_a_uri_is_said_of_any_text(text: str) -> None:
    uri = parse(text)
    assert isinstance(traits_of(uri), frozenset)
    assert ("character" in traits_of(uri)) <= bool(forbidden(text))
    shown(uri.host or "")
    scripts(text)
