"""Rules run on the kinds of objects that they declare."""

import msgspec

from rules.engine.rule import Context, Rule, Subject
from rules.engine.run import lint
from rules.families import RULES
from rules.model.clean import NOW, clean
from rules.model.registration import Registration

(LOCK,) = (rule for rule in RULES if rule.id == "missing-instance-property-lock")
(EXPIRED,) = (rule for rule in RULES if rule.id == "expired-credential")


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


def test_every_rule_concerns_something() -> None:
    assert all(isinstance(rule, Rule) and rule.kinds for rule in RULES)
