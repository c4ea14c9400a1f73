"""A plan fixes what it says: every planned finding is gone when its steps were run, and no other finding has come."""

from __future__ import annotations

import copy
from collections import Counter
from typing import Any

import jmespath
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.fix_plan.conditions import condition, selection
from reports.fix_plan.plan import make_plan
from reports.fix_plan.step import Check, Step
from rules.engine.rule import Bad, Rule
from rules.families import RULES
from rules.model.clean import KINDS, clean, merged_into
from tests.reports.fix_plan.directory import after, shown, written
from tests.reports.fix_plan.runs import report_of

#: Fragments that grantlint reports without settings and without other registrations beside them.
FRAGMENTS = [
    (rule, bad)
    for rule in RULES
    if rule.on == "registration"
    for bad in rule.bad
    if not bad.settings and not bad.other_registrations
]
#: What one mistake hid shows when that is fixed, and the plan says so: these leave a place to another rule while that
#: speaks of it, or speak of what is left (a secret without a sign-in, localhost beside hosts that are no longer on
#: http).
MAY_COME = frozenset(
    {
        "credential-without-use",
        "expiring-credential",
        "localhost-beside-production",
        "loopback-uris-differ-in-port",
        "public-client-flows-enabled",
        "public-client-with-application-permissions",
        "native-client-with-credentials",
        "spa-with-secret",
    }
)


def related(kind: str, fragments: list[dict[str, Any]]) -> dict[str, Any]:
    """One registration that has what each of *fragments* has: lists are joined, everything else is the last one's."""
    app: dict[str, Any] = clean(kind)
    joined: dict[str, Any] = {}
    for fragment in fragments:
        joined = _joined(joined, copy.deepcopy(fragment))
    return identified(_over(app, joined))


def _joined(one: Any, other: Any) -> Any:
    if isinstance(one, dict) and isinstance(other, dict):
        return {name: _joined(one.get(name), other[name]) if name in other else one[name] for name in {**one, **other}}
    return one + other if isinstance(one, list) and isinstance(other, list) else other


def _over(app: Any, joined: Any) -> Any:
    if not isinstance(joined, dict) or not isinstance(app, dict):
        return joined
    return {**app, **{name: _over(app.get(name), value) for name, value in joined.items()}}


def identified(app: dict[str, Any]) -> dict[str, Any]:
    """*app* with the ids of a directory, and names of federated credentials: each has one of its own."""
    app = copy.deepcopy(app)
    for start, (listed, name) in enumerate(
        (
            ("passwordCredentials", "keyId"),
            ("keyCredentials", "keyId"),
            ("federatedIdentityCredentials", "id"),
            ("owners", "id"),
        )
    ):
        for number, element in enumerate(app.get(listed) or ()):
            element[name] = f"7777777{start}-0000-4000-8000-{number:012}"
            if listed == "federatedIdentityCredentials" and number:  # Graph keeps one of a name
                element["name"] = f"{element.get('name')}-{number}"
    return app


def compared(app: dict[str, Any], step: Step) -> dict[str, Any]:
    """*app* when *step* was run. What is compared before tells both states apart, and undoing leads back."""

    def met(check: Check, wanted: Any, app: dict[str, Any]) -> bool:
        return bool(jmespath.search(condition(check, wanted), shown(app, check.url)))

    check, undo, changed = step.check, step.undo, after(app, step)
    assert (met(check, check.read, app), met(check, check.done, app)) == (True, False)
    assert (met(check, check.read, changed), met(check, check.done, changed)) == (check.read == {}, True)
    if undo:
        body = jmespath.search(selection(check, undo.keeps), shown(app, check.url)) if undo.keeps else undo.known
        assert (met(undo.check, undo.check.read, changed), undo.known is None) == (True, check.read == {})
        back = written(changed, undo.method, undo.url, body)
        assert met(undo.check, undo.check.done, back)
        if check.element is None:  # what is made anew has another id
            assert met(check, check.read, back)
    return changed


def fixed(app: dict[str, Any]) -> None:
    """Run the plan for *app* and look at what it made of it."""
    first = report_of(app)
    plan = make_plan(first)
    steps = [step for block in plan.blocks for step in block.steps]
    by_hand = [one.finding for block in plan.blocks for one in block.by_hand]
    planned = [finding for step in steps for finding in step.findings]
    assert len(planned) + len(by_hand) == len(first.findings)
    assert {id(finding) for finding in planned}.isdisjoint(id(finding) for finding in by_hand)
    for step in steps:
        app = compared(app, step)
    second = report_of(app).findings
    gone = {(finding.rule, finding.fingerprint) for finding in planned}
    gone -= {(finding.rule, finding.fingerprint) for finding in by_hand}  # what stands twice has one fingerprint
    assert gone & {(finding.rule, finding.fingerprint) for finding in second} == set()
    # What is left to people may be at another value now, so it is counted.
    left = Counter(finding.rule for finding in first.findings)
    left.subtract(finding.rule for finding in planned)
    come = Counter(finding.rule for finding in second) - left
    assert {rule: count for rule, count in come.items() if rule not in MAY_COME} == {}


@pytest.mark.parametrize(
    ("rule", "bad"), [pytest.param(*pair, id=f"{pair[0].id}-{n}") for n, pair in enumerate(FRAGMENTS)]
)
def test_what_one_rule_reports_is_gone_when_its_plan_was_run(rule: Rule, bad: Bad) -> None:
    fixed(identified(merged_into(rule.base, bad.fragment)))


@given(st.data())
def test_what_many_rules_report_of_one_registration_is_gone_when_the_plan_was_run(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(KINDS))
    chosen = data.draw(st.lists(st.sampled_from(FRAGMENTS), min_size=2, max_size=6, unique_by=lambda pair: id(pair[1])))
    fixed(related(kind, [bad.fragment for _, bad in chosen]))
