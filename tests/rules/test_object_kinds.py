"""Rules run on the kinds of objects that they declare."""

import msgspec
import pytest

from rules.engine.rule import Context, Rule, Subject
from rules.engine.run import lint
from rules.families import RULES
from rules.model.clean import NOW, clean
from rules.model.fragments import requests
from rules.model.registration import Registration

(LOCK,) = (rule for rule in RULES if rule.id == "missing-instance-property-lock")
(EXPIRED,) = (rule for rule in RULES if rule.id == "expired-credential")
PERMISSIONS = tuple(
    rule for rule in RULES if rule.id in ("powerful-delegated-permission", "permission-blocked-for-agents")
)


def subject(kind: str, **changes: object) -> Subject:
    return Subject(kind, msgspec.convert({**clean(kind), **changes}, Registration))


def test_a_rule_for_applications_does_not_apply_to_a_blueprint() -> None:
    lacking = [
        Subject(kind, msgspec.structs.replace(subject(kind).app, sign_in_audience=msgspec.UNSET))
        for kind in ("web", "blueprint")
    ]
    result = lint(lacking, (LOCK,), Context(NOW))
    assert {gap.registration for gap in result.not_assessed} == {"web"}


def test_a_rule_for_both_runs_on_both() -> None:
    old = {"keyId": "k", "startDateTime": "2024-01-01T00:00:00Z", "endDateTime": "2025-01-01T00:00:00Z"}
    subjects = [subject(kind, passwordCredentials=[old]) for kind in ("web", "blueprint")]
    assert {found.registration for found in lint(subjects, (EXPIRED,), Context(NOW)).findings} == {"web", "blueprint"}


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("web", "powerful-delegated-permission"), ("blueprint", "permission-blocked-for-agents")],
)
def test_a_delegated_permission_that_agents_cannot_have_is_reported_once(kind: str, expected: str) -> None:
    fragment = requests("204e0828-b5ca-4ad8-b9f3-f32a958e7cc4", "Scope")  # User.ReadWrite.All
    result = lint([subject(kind, **fragment)], PERMISSIONS, Context(NOW))
    assert [found.rule for found in result.findings] == [expected]


def test_every_rule_concerns_something() -> None:
    assert all(isinstance(rule, Rule) and rule.kinds for rule in RULES)
