"""Each rule's fragments: they are its tests, its documentation and its example."""

import copy
import inspect
import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

import rules.families
from rules.clean import KINDS, NOW, clean, laid_over
from rules.engine import Bad, Context, Good, Rule, Subject, Verdict, lint
from rules.families import MODULES, RULES
from rules.finding import SEVERITIES
from rules.registration import Registration, read_value
from rules.settings import Settings, settings_table

CONTEXT = Context(NOW)
BAD = [pytest.param(rule, bad, id=f"{rule.id}-{n}") for rule in RULES for n, bad in enumerate(rule.bad)]
GOOD = [pytest.param(rule, good, id=f"{rule.id}-{n}") for rule in RULES for n, good in enumerate(rule.good)]
each_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)


def judge(data: dict[str, Any], *, rules: tuple[Rule, ...] = RULES, settings: Settings | None = None) -> Verdict:
    context = Context(NOW, settings) if settings else CONTEXT
    return lint([Subject("x", msgspec.convert(data, Registration))], rules, context)


@pytest.mark.parametrize(("rule", "bad"), BAD)
def test_a_bad_fragment_is_reported_once_at_its_place_and_by_no_other_rule(rule: Rule, bad: Bad) -> None:
    verdict = judge(laid_over(rule.over, bad.fragment))
    assert verdict.not_assessed == ()
    own = [(found.pointer, found.severity) for found in verdict.findings if found.rule == rule.id]
    assert own == [(bad.at, bad.severity or rule.severity)]
    assert {found.rule for found in verdict.findings} == {rule.id, *bad.also}


@pytest.mark.parametrize(("rule", "good"), GOOD)
def test_a_good_fragment_is_not_reported_by_its_rule(rule: Rule, good: Good) -> None:
    verdict = judge(laid_over(rule.over, good.fragment), rules=(rule,))
    assert verdict == Verdict((), ())


@pytest.mark.parametrize("kind", KINDS)
def test_a_clean_registration_has_no_finding(kind: str) -> None:
    assert judge(clean(kind)) == Verdict((), ())


# What a rule must say of itself


def test_ids_are_unique_and_kebab_case_and_every_rule_has_the_name_of_its_function() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)+", rule.id)
        assert getattr(rule.judge, "__name__", "").replace("_", "-") == rule.id


def test_every_file_of_the_folder_is_named_in_the_list() -> None:
    folder = __import__("pathlib").Path(rules.families.__file__).parent
    files = {
        ".".join(path.relative_to(folder).with_suffix("").parts) for path in folder.rglob("*.py") if path.stem[0] != "_"
    }
    assert {module.__name__.removeprefix("rules.families.") for module in MODULES} == files
    assert len(MODULES) == len(files)


@each_rule
def test_a_rule_is_complete(rule: Rule) -> None:
    assert rule.title.endswith(".")
    assert rule.why.endswith(".")
    assert rule.fix.endswith(".")
    assert "\n" not in rule.title
    assert len(rule.title) <= 100
    assert rule.bad
    assert rule.good
    assert rule.over in KINDS
    assert rule.references
    assert all(re.match(r"https://[a-z.-]+/", reference.url) for reference in rule.references)
    assert rule.severity in SEVERITIES
    assert rule.severity not in rule.may_be
    assert rule.needs or rule.needs_all
    assert {bad.severity for bad in rule.bad} - {None} <= {*rule.may_be, rule.severity}


@each_rule
def test_a_rule_is_short(rule: Rule) -> None:
    assert len(inspect.getsource(rule.judge).splitlines()) <= 45


# What a rule needs


def _properties(kind: type[msgspec.Struct] = Registration, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """All properties, without those inside lists."""
    for field in msgspec.structs.fields(kind):
        yield (*path, field.encode_name)
        for part in getattr(field.type, "__args__", (field.type,)):
            if isinstance(part, type) and issubclass(part, msgspec.Struct):
                yield from _properties(part, (*path, field.encode_name))


PROPERTIES = tuple(_properties())


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


def _said(verdict: Verdict) -> list[tuple[str, str, str]]:
    return [(found.pointer, found.severity, found.message) for found in verdict.findings]


@each_rule
def test_what_a_rule_needs_and_nobody_read_is_not_assessed_and_the_rest_changes_nothing(rule: Rule) -> None:
    needs = (*rule.needs, *rule.needs_all)
    cases = [laid_over(rule.over, bad.fragment) for bad in rule.bad] + [clean(kind) for kind in KINDS]
    for data in cases:
        before = judge(data, rules=(rule,))
        for path in PROPERTIES:
            changed = _without(data, path)
            if changed is None:
                continue
            after = judge(changed, rules=(rule,))
            name = ".".join(path)
            hit = [need for need in needs if need == name or need.startswith(f"{name}.")]
            # A name is the finding's identity where an appId is not there; the verdict is the same.
            assert bool(after.not_assessed) == bool(hit), name
            if not hit:
                assert _said(after) == _said(before), name


@each_rule
def test_a_null_is_read_and_judged(rule: Rule) -> None:
    for need in (*rule.needs, *rule.needs_all):
        data = clean(rule.over)
        *parents, last = need.split(".")
        place = data
        for name in parents:
            place = place[name]
        place[last] = None
        assert judge(data, rules=(rule,)).not_assessed == ()


def test_needs_name_properties_that_exist() -> None:
    for rule in RULES:
        for path in (*rule.needs, *rule.needs_all):
            read_value(Registration(), path)


# Settings

TUNED: dict[str, tuple[dict[str, Any], Any]] = {
    "max-secret-days": ({"passwordCredentials": [{"keyId": "k", "startDateTime": "2026-01-01T00:00:00Z", "endDateTime": "2026-06-01T00:00:00Z"}]}, 90),
    "max-certificate-days": ({}, 90),
    "expiry-warning-days": ({}, 300),
    "expiry-urgent-days": ({"keyCredentials": [{"keyId": "k", "startDateTime": "2025-06-01T00:00:00Z", "endDateTime": "2026-02-01T00:00:00Z"}]}, 20),
    "allowed-hosts": ({"web": {"redirectUris": ["https://app.azurewebsites.net/cb"]}}, ["APP.azurewebsites.net."]),
    "max-redirect-uris": ({"web": {"redirectUris": ["https://a.contoso.com/", "https://b.contoso.com/"]}}, 1),
}  # fmt: skip


def test_each_setting_is_used_by_a_rule_and_rules_name_settings_that_exist() -> None:
    assert {name for rule in RULES for name in rule.settings} == {row[0] for row in settings_table()} == set(TUNED)


@pytest.mark.parametrize("name", TUNED)
def test_a_setting_changes_the_verdict_of_the_rules_that_name_it_alone(name: str) -> None:
    fragment, value = TUNED[name]
    data = laid_over("web", fragment)
    tuned = msgspec.convert({name: value}, Settings)
    changed = {rule.id for rule in RULES if judge(data, rules=(rule,)) != judge(data, rules=(rule,), settings=tuned)}
    assert changed
    assert changed <= {rule.id for rule in RULES if name in rule.settings}
