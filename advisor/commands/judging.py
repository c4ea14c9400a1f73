"""Judge what was read: rules over registrations, scope by scope, then the organisation's word over the verdict."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec

from advisor.commands.judging_tenants import judge_tenants, settings_of_tenants, without_requests
from advisor.policy.baseline import Entry
from advisor.policy.change import compare_states
from advisor.policy.govern import Policy, govern
from advisor.policy.intent import judge_intent
from advisor.policy.scopes import scopes
from advisor.sources.reading import Reading
from reports.report import FindingRow, RegistrationRow, RuleText
from rules.engine import Context, Rule, Subject, Verdict, lint
from rules.finding import Finding, NotAssessed

#: What makes a property readable that a file leaves out, by its beginning; the last row is for all others.
_REMEDIES: Final = (
    ("/owners", "export with $expand=owners"),
    ("/federatedIdentityCredentials", "export with $expand=federatedIdentityCredentials"),
    ("/", "lint a full export: the portal's manifest, or what `az ad app show` prints"),
)


class Judged(msgspec.Struct, frozen=True):
    """What a run found: findings with origins and states, gaps, texts of findings that no rule made, what is gone."""

    rows: tuple[RegistrationRow, ...] = ()
    findings: tuple[FindingRow, ...] = ()
    not_assessed: tuple[NotAssessed, ...] = ()
    texts: tuple[RuleText, ...] = ()
    gone: tuple[Entry, ...] = ()
    fixed: tuple[FindingRow, ...] = ()


def judge_change(before: Reading, reading: Reading, rules: Sequence[Rule], now: datetime, policy: Policy) -> Judged:
    """Judge *reading* against the same registrations *before*: what both have is known, what only that had is fixed."""
    then = judge(before, rules, now, msgspec.structs.replace(policy, baseline=None, comments=()))
    judged = judge(reading, rules, now, policy)
    change = compare_states(then.findings, judged.findings, _by_key(before), _by_key(reading))
    return msgspec.structs.replace(judged, findings=change.findings, fixed=change.fixed)


def judge(reading: Reading, rules: Sequence[Rule], now: datetime, policy: Policy) -> Judged:
    """Judge every registration of *reading*, and what was read of tenants, at *now* (aware) under the *policy*."""
    settings = settings_of_tenants(policy.configuration.settings, reading.tenants.values())
    policy = msgspec.structs.replace(
        policy, configuration=msgspec.structs.replace(policy.configuration, settings=settings)
    )
    rows = tuple(reading.row(subject.key) for subject in reading.subjects)
    by_key = {row.key: row for row in rows}
    verdict = _lint(reading, rules, now, policy, by_key)
    tenants = judge_tenants(reading, rows, rules, Context(now, policy.configuration.settings), policy.configuration)
    verdict = without_requests(verdict, tenants.verdict.findings, rules)
    rows = (*rows, *tenants.rows)
    by_key |= {row.key: row for row in tenants.rows}
    intent = judge_intent(reading.subjects, by_key, verdict.findings, policy.configuration, now)
    governed = govern(
        [_row(finding, reading) for finding in (*intent.findings, *tenants.verdict.findings)],
        policy,
        rows=by_key,
        subjects=_by_key(reading),
        families={**{rule.id: rule.family for rule in rules}, **{text.id: text.family for text in intent.texts}},
        today=now.date(),
    )
    gaps = tuple(
        _with_remedy(gap) for gap in (*verdict.not_assessed, *tenants.verdict.not_assessed, *intent.not_assessed)
    )
    return Judged(rows, governed.findings, gaps, (*intent.texts, *governed.texts), governed.gone)


def _by_key(reading: Reading) -> dict[str, Subject]:
    return {subject.key: subject for subject in reading.subjects}


def _lint(
    reading: Reading, rules: Sequence[Rule], now: datetime, policy: Policy, rows: dict[str, RegistrationRow]
) -> Verdict:
    """The verdict over all scopes, in the order of the registrations."""
    parts = scopes(reading.subjects, rows, rules, policy.configuration)
    verdicts = [lint(part.subjects, part.rules, Context(now, part.settings)) for part in parts]
    if len(verdicts) == 1:
        return verdicts[0]
    order = {subject.key: number for number, subject in enumerate(reading.subjects)}
    findings = [finding for verdict in verdicts for finding in verdict.findings]
    gaps = [gap for verdict in verdicts for gap in verdict.not_assessed]
    return Verdict(
        tuple(sorted(findings, key=lambda finding: order[finding.registration])),
        tuple(sorted(gaps, key=lambda gap: order[gap.registration])),
    )


def _row(finding: Finding, reading: Reading) -> FindingRow:
    return FindingRow(
        rule=finding.rule,
        severity=finding.severity,
        registration=finding.registration,
        pointer=finding.pointer,
        message=finding.message,
        value=finding.value,
        fingerprint=finding.fingerprint,
        origin=reading.locate(finding.registration, finding.pointer),
        because=finding.because,
        patch=finding.patch,
        change=finding.change,
    )


def _with_remedy(gap: NotAssessed) -> NotAssessed:
    """Say what would make a property readable that the file leaves out."""
    if gap.reason != "not-in-file" or gap.remedy:
        return gap
    remedy = next((remedy for start, remedy in _REMEDIES if gap.pointer.startswith(start)), "")
    return msgspec.structs.replace(gap, remedy=remedy)
