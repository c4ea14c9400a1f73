"""Each rule's fragments: they are its tests, its documentation and its example."""

import copy
import inspect
import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
import pytest

from rules.analysis.dns import DnsAnswer
from rules.docs.examples import neighbor
from rules.engine.prefilter import traits
from rules.engine.rule import Bad, Context, Good, Rule, Subject
from rules.engine.run import Result, lint
from rules.families import RULES as EVERY_RULE
from rules.model.clean import KINDS, NOW, clean, merged_into
from rules.model.clean_tenant import APP_KINDS, GRAPH_PRINCIPAL, TENANT_KIND, app_over
from rules.model.finding import SEVERITIES
from rules.model.registration import Registration, read_value
from rules.model.settings import Settings, settings_table
from rules.model.usage import Usage

CONTEXT = Context(NOW)
#: Rules over registrations; those over what else a tenant has are specified in test_tenant_fragments.
RULES = tuple(rule for rule in EVERY_RULE if rule.on in ("registration", "registrations"))
BAD = [pytest.param(rule, bad, id=f"{rule.id}-{n}") for rule in RULES for n, bad in enumerate(rule.bad)]
GOOD = [pytest.param(rule, good, id=f"{rule.id}-{n}") for rule in RULES for n, good in enumerate(rule.good)]
each_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)


def check(
    data: dict[str, Any],
    *,
    rules: tuple[Rule, ...] = RULES,
    settings: Settings | None = None,
    beside: tuple[dict[str, Any], ...] = (),
    names: Mapping[str, DnsAnswer] | None = None,
    usage: Usage | None = None,
) -> Result:
    """What is said of *data*; what is said of the registrations *beside* it is left out."""
    context = Context(NOW, settings or Settings(), names, usage)
    subjects = [Subject("x", msgspec.convert(data, Registration))]
    subjects += [Subject(f"y{n}", msgspec.convert(neighbor(n, other), Registration)) for n, other in enumerate(beside)]
    verdict = lint(subjects, rules, context)
    return Result(
        tuple(found for found in verdict.findings if found.registration == "x"),
        tuple(gap for gap in verdict.not_assessed if gap.registration == "x"),
    )


def tuned(settings: dict[str, Any]) -> Settings:
    return msgspec.convert(settings, Settings)


def dns(rule: Rule, names: Mapping[str, DnsAnswer]) -> Mapping[str, DnsAnswer] | None:
    """What DNS said; nobody asked it where neither the rule nor its fragment has to do with it."""
    return names if names or rule.needs_dns else None


#: Rules that cannot check what is wrong there by another rule: what an unsupported expression accepts is not known.
ALSO_NOT_ASSESSED = {"unsupported-federated-expression": {"broad-federated-expression"}}


@pytest.mark.parametrize(("rule", "bad"), BAD)
def test_a_bad_fragment_is_reported_once_at_its_place_and_by_no_other_rule(rule: Rule, bad: Bad) -> None:
    verdict = check(
        merged_into(rule.base, bad.fragment),
        settings=tuned(bad.settings),
        beside=bad.other_registrations,
        names=dns(rule, bad.dns),
        usage=bad.usage,
    )
    gaps = {gap.rule for gap in verdict.not_assessed}
    assert gaps <= ALSO_NOT_ASSESSED.get(rule.id, set())
    own = [(found.pointer, found.severity) for found in verdict.findings if found.rule == rule.id]
    assert own == [(bad.at, bad.severity or rule.severity)]
    assert {found.rule for found in verdict.findings} == {rule.id, *bad.expected_rules}


@pytest.mark.parametrize(("rule", "good"), GOOD)
def test_a_good_fragment_is_not_reported_by_its_rule(rule: Rule, good: Good) -> None:
    verdict = check(
        merged_into(rule.base, good.fragment),
        rules=(rule,),
        settings=tuned(good.settings),
        beside=good.other_registrations,
        names=dns(rule, good.dns),
        usage=good.usage,
    )
    assert verdict == Result((), ())


@pytest.mark.parametrize("kind", KINDS)
def test_a_clean_registration_has_no_finding(kind: str) -> None:
    assert check(clean(kind)) == Result((), ())


# What a rule must say of itself


def test_ids_are_unique_and_kebab_case_and_every_rule_has_the_name_of_its_function() -> None:
    assert len({rule.id for rule in EVERY_RULE}) == len(EVERY_RULE)
    for rule in EVERY_RULE:
        assert re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)+", rule.id)
        assert getattr(rule.check, "__name__", "").replace("_", "-") == rule.id


@pytest.mark.parametrize("rule", EVERY_RULE, ids=lambda rule: rule.id)
def test_a_rule_is_complete(rule: Rule) -> None:
    assert rule.title.endswith(".")
    assert rule.why.endswith(".")
    assert rule.fix.endswith(".")
    assert "\n" not in rule.title
    assert len(rule.title) <= 100
    assert bool(rule.bad) == bool(rule.good) == (rule.status != "removed")
    assert rule.base in {"service principal": APP_KINDS, "tenant": (TENANT_KIND,)}.get(rule.on, KINDS)
    assert rule.references
    assert all(re.match(r"https://[a-z.-]+/", reference.url) for reference in rule.references)
    assert rule.severity in SEVERITIES
    assert rule.severity not in rule.may_be
    assert rule.needs or rule.needs_all or rule.status == "removed"
    assert {bad.severity for bad in rule.bad} - {None} <= {*rule.may_be, rule.severity}


@pytest.mark.parametrize("rule", EVERY_RULE, ids=lambda rule: rule.id)
def test_a_rule_is_short(rule: Rule) -> None:
    assert len(inspect.getsource(rule.check).splitlines()) <= 80


# What a rule needs


def _properties(kind: type[msgspec.Struct] = Registration, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """All properties that may be unread, without those inside lists."""
    for field in msgspec.structs.fields(kind):
        if field.default is None:  # it does not apply where it is absent
            continue
        yield (*path, field.encode_name)
        for part in getattr(field.type, "__args__", (field.type,)):
            if isinstance(part, type) and issubclass(part, msgspec.Struct):
                yield from _properties(part, (*path, field.encode_name))


#: Without its type, an object is of another kind, to which other rules apply.
PROPERTIES = tuple(path for path in _properties() if path != ("@odata.type",))


def _without(data: dict[str, Any], path: tuple[str, ...]) -> dict[str, Any] | None:
    """A copy without the property; ``None`` where it is not there."""
    changed = copy.deepcopy(data)
    place: Any = changed
    for name in path[:-1]:
        place = place.get(name) if isinstance(place, dict) else None
    if not isinstance(place, dict) or path[-1] not in place:
        return None
    del place[path[-1]]
    return changed


def _said(verdict: Result) -> list[tuple[str, str, str]]:
    return [(found.pointer, found.severity, found.message) for found in verdict.findings]


@each_rule
def test_what_a_rule_needs_and_nobody_read_is_not_assessed_and_the_rest_changes_nothing(rule: Rule) -> None:
    needs = (*rule.needs, *rule.needs_all)
    cases = [
        (
            merged_into(rule.base, bad.fragment),
            tuned(bad.settings),
            bad.other_registrations,
            dns(rule, bad.dns),
            bad.usage,
        )
        for bad in rule.bad
    ]
    usage = rule.bad[0].usage if rule.bad else None
    cases += [(clean(kind), Settings(), ({},), dns(rule, {}), usage) for kind in KINDS]
    cases = [case for case in cases if msgspec.convert(case[0], Registration).kind in rule.kinds]
    for data, settings, beside, names, usage in cases:
        before = check(data, rules=(rule,), settings=settings, beside=beside, names=names, usage=usage)
        for path in PROPERTIES:
            changed = _without(data, path)
            if changed is None:
                continue
            after = check(changed, rules=(rule,), settings=settings, beside=beside, names=names, usage=usage)
            name = ".".join(path)
            hit = [need for need in needs if need == name or need.startswith(f"{name}.")]
            # A name is the finding's identity where an appId is not there; the result is the same.
            assert bool(after.not_assessed) == bool(hit), name
            if not hit:
                assert _said(after) == _said(before), name


@each_rule
def test_a_rule_has_nothing_to_say_where_nothing_is_at_what_it_checks(rule: Rule) -> None:
    if not rule.when_set:
        return
    for data in [merged_into(rule.base, bad.fragment) for bad in rule.bad] + [clean(kind) for kind in KINDS]:
        for path in rule.when_set:
            place = data
            *parents, last = path.split(".")
            for name in parents:
                place = place.get(name) or {}
            if last in place:
                place[last] = None
        app = msgspec.convert(data, Registration)
        known = {name: facts for bad in rule.bad for name, facts in bad.dns.items()}
        for usage in [bad.usage for bad in rule.bad]:
            assert list(rule.check(app, Context(NOW, dns=known, usage=usage))) == []


def test_of_what_nobody_read_nothing_is_said() -> None:
    verdict = check({"appId": "11111111-1111-4111-8111-11111111111a", "displayName": "Small"}, beside=({},))
    assert verdict.findings == ()


#: Every clean registration of the tests, alone and with each bad example, and what is a fact of it in both passes.
EVERY_REGISTRATION = [
    msgspec.convert(data, Registration)
    for data in [merged_into(rule.base, bad.fragment) for rule in RULES for bad in rule.bad]
    + [clean(kind) for kind in KINDS]
]
FACTS_OF_EACH = [frozenset().union(*traits(app)) for app in EVERY_REGISTRATION]


@each_rule
def test_a_rule_has_nothing_to_say_where_none_of_its_facts_holds(rule: Rule) -> None:
    for app, held in zip(EVERY_REGISTRATION, FACTS_OF_EACH, strict=True) if rule.only_if else ():
        if held.isdisjoint(rule.only_if):
            assert list(rule.check(app, CONTEXT)) == []


@each_rule
def test_a_rule_that_asks_for_more_is_silent_and_not_missed_where_nobody_asked(rule: Rule) -> None:
    for bad in rule.bad if rule.needs_dns or rule.needs_usage else ():
        assert check(merged_into(rule.base, bad.fragment), rules=(rule,)) == Result((), ())
        assert check({"appId": "11111111-1111-4111-8111-11111111111a"}, rules=(rule,)) == Result((), ())


@each_rule
def test_a_null_is_read_and_checked(rule: Rule) -> None:
    for need in (*rule.needs, *rule.needs_all):
        data = clean(rule.base)
        *parents, last = need.split(".")
        place = data
        for name in parents:
            place = place[name] or {}  # a part that is null itself is read, too
        place[last] = None
        assert check(data, rules=(rule,)).not_assessed == ()


def test_needs_name_properties_that_exist() -> None:
    for rule in RULES:
        for path in (*rule.needs, *rule.needs_all):
            read_value(Registration(), path)


# Settings

TUNED: dict[str, tuple[dict[str, Any], Any]] = {
    "max-secret-days": (
        {
            "passwordCredentials": [
                {"keyId": "k", "startDateTime": "2026-01-01T00:00:00Z", "endDateTime": "2026-06-01T00:00:00Z"}
            ]
        },
        90,
    ),
    "max-certificate-days": ({}, 90),
    "expiry-warning-days": ({}, 300),
    "expiry-urgent-days": (
        {
            "keyCredentials": [
                {"keyId": "k", "startDateTime": "2025-06-01T00:00:00Z", "endDateTime": "2026-02-01T00:00:00Z"}
            ]
        },
        20,
    ),
    "allowed-hosts": ({"web": {"redirectUris": ["https://app.azurewebsites.net/cb"]}}, ["APP.azurewebsites.net."]),
    "verified-domains": ({"web": {"redirectUris": ["https://fabrikam.example/cb"]}}, ["Contoso.com"]),
    "home-tenants": (
        {
            "federatedIdentityCredentials": [
                {
                    "name": "x",
                    "issuer": "https://login.microsoftonline.com/0f0f0f0f-0000-4000-8000-000000000002/v2.0",
                    "subject": "s",
                    "audiences": ["api://AzureADTokenExchange"],
                    "claimsMatchingExpression": None,
                }
            ]
        },
        ["0f0f0f0f-0000-4000-8000-000000000001"],
    ),
    "allowed-issuers": (
        {
            "federatedIdentityCredentials": [
                {
                    "name": "x",
                    "issuer": "https://idp.contoso.com",
                    "subject": "s",
                    "audiences": ["api://AzureADTokenExchange"],
                    "claimsMatchingExpression": None,
                }
            ]
        },
        ["https://*.contoso.com"],
    ),
    "max-active-credentials": (
        {
            "passwordCredentials": [
                {
                    "keyId": key,
                    "displayName": "a",
                    "startDateTime": "2026-01-01T00:00:00Z",
                    "endDateTime": "2026-06-01T00:00:00Z",
                }
                for key in ("k", "l")
            ]
        },
        1,
    ),
    "max-application-permissions": (
        {
            "requiredResourceAccess": [
                {
                    "resourceAppId": "00000003-0000-0000-c000-000000000000",
                    "resourceAccess": [
                        {"id": "7ab1d382-f21e-4acd-a863-ba3e13f7da61", "type": "Role"},
                        {"id": "df021288-bdef-4463-88db-98f22de89214", "type": "Role"},
                    ],
                }
            ]
        },
        1,
    ),
    "max-redirect-uris": ({"web": {"redirectUris": ["https://a.contoso.com/", "https://b.contoso.com/"]}}, 1),
}


#: The same for settings of rules over the applications of a tenant: which application, what is merged into it, the
#: value.
TUNED_APPS: dict[str, tuple[str, dict[str, Any], Any]] = {
    "trusted-tenants": (
        "foreign",
        {
            "appRoleAssignments": [
                {"id": "a", "appRoleId": "810c84a8-4a9e-49e6-bf7d-12d183f40d01", "resourceId": GRAPH_PRINCIPAL}
            ],
            "servicePrincipal": {"verifiedPublisher": None},
        },
        ["0F0F0F0F-0000-4000-8000-000000000002"],
    ),
    "max-agents-per-blueprint": ("own-blueprint", {"agents": [{"servicePrincipal": {}}] * 2}, 1),
    "home-tenants": (
        "foreign",
        {
            "oauth2PermissionGrants": [
                {"id": "g", "consentType": "AllPrincipals", "resourceId": GRAPH_PRINCIPAL, "scope": "Mail.Read"}
            ],
            "servicePrincipal": {"verifiedPublisher": None},
        },
        ["0f0f0f0f-0000-4000-8000-000000000002"],
    ),
    "unused-after-days": (
        "own",
        {
            "application": {"web": {"redirectUris": [], "logoutUrl": None}, "keyCredentials": []},
            "servicePrincipal": {"replyUrls": []},
        },
        3650,
    ),
    "forbidden-applications": ("foreign", {}, ["11111111-1111-4111-8111-111111111116"]),
    "expiry-warning-days": (
        "foreign",
        {
            "servicePrincipal": {
                "preferredSingleSignOnMode": "saml",
                "keyCredentials": [{"keyId": "k", "usage": "Sign", "endDateTime": "2026-06-01T00:00:00Z"}],
            }
        },
        300,
    ),
    "expiry-urgent-days": (
        "foreign",
        {
            "servicePrincipal": {
                "preferredSingleSignOnMode": "saml",
                "keyCredentials": [{"keyId": "k", "usage": "Sign", "endDateTime": "2026-02-01T00:00:00Z"}],
            }
        },
        20,
    ),
}


def test_each_setting_is_used_by_a_rule_and_rules_name_settings_that_exist() -> None:
    assert {name for rule in EVERY_RULE for name in rule.settings} == {row[0] for row in settings_table()}
    assert {row[0] for row in settings_table()} == {*TUNED, *TUNED_APPS}


@pytest.mark.parametrize("name", TUNED)
def test_a_setting_changes_the_verdict_of_the_rules_that_name_it_alone(name: str) -> None:
    fragment, value = TUNED[name]
    data = merged_into("web", fragment)
    other = tuned({name: value})
    changed = {rule.id for rule in RULES if check(data, rules=(rule,)) != check(data, rules=(rule,), settings=other)}
    assert changed
    assert changed <= {rule.id for rule in RULES if name in rule.settings}


@pytest.mark.parametrize("name", TUNED_APPS)
def test_a_setting_changes_the_verdict_of_the_rules_over_applications_that_name_it_alone(name: str) -> None:
    kind, fragment, value = TUNED_APPS[name]
    app = app_over(kind, fragment)

    def checked(rule: Rule, settings: Settings) -> Result:
        return lint([Subject("x", app)], (rule,), Context(NOW, settings), Subject("tenant", app.tenant))

    rules = [rule for rule in EVERY_RULE if rule.on == "service principal"]
    changed = {rule.id for rule in rules if checked(rule, Settings()) != checked(rule, tuned({name: value}))}
    assert changed
    assert changed <= {rule.id for rule in rules if name in rule.settings}
