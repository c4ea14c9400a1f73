"""Put a run together into the one report that every renderer shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

from advisor.policy.govern import Policy
from advisor.preflight.working_requests import Home, Requests, tellings
from advisor.run.audit import Judged, judge, judge_change
from advisor.run.before import patched_by_registration, with_before
from advisor.run.details import with_details
from advisor.run.granted import granted_in
from advisor.sources.graph.clouds import CLOUDS
from advisor.sources.reading.builder import Reading
from reports.advice import Advice, Tree
from reports.report import Report, Summary, Tool, Verdict
from reports.rows import (
    FindingRow,
    GrantText,
    Input,
    PostureEntry,
    PostureRow,
    Problem,
    RegistrationRow,
    RequestRow,
    RuleScope,
    RuleText,
)
from reports.tables import scopes_run
from rules.analysis.dns import NOTHING_SAID
from rules.analysis.grants import GRANTS, PostureFact, posture
from rules.engine.rule import Rule
from rules.model.finding import SEVERITIES, NotAssessed
from rules.model.tenant import Tenant
from rules.primitives.dates import instant
from rules.primitives.pointers import dotted
from rules.primitives.texts import counted

if TYPE_CHECKING:
    from advisor.resolve.asking import Answers

_NO_POLICY: Final = Policy()

#: Reasons that mean: it was asked for and could not be had. The others lie in the nature of a file.
INCOMPLETE: Final = frozenset({"malformed", "refused", "failed", "left-out", "internal"})


def compose(
    *,
    title: str,
    version: str,
    now: datetime,
    made_at: datetime,
    rules: Sequence[Rule] = (),
    reading: Reading | None = None,
    policy: Policy = _NO_POLICY,
    fail_on: str = "low",
    advices: Sequence[Advice] = (),
    tree: Tree | None = None,
    before: Reading | None = None,
    against: str = "",
    answers: Answers | None = None,
) -> Report:
    """Judge what was read and put the verdict, the postures and the advice into a report.

    *now* is the moment at which is judged, *made_at* the clock; both aware. *policy* is the organisation's word over the
    verdict. *fail_on* is a severity or ``never``.
    *before* is the same as it was in the state that is called *against*. *answers* is what DNS said, if it was asked;
    rules that need it are not among the rules of a run that did not ask.
    """
    rules = [r for r in rules if not r.needs_dns or answers]
    names = answers.names if answers else None
    problems = reading.problems if reading else ()
    inputs = reading.inputs if reading else ()
    judged = Judged()
    postures: tuple[PostureRow, ...] = ()
    working: tuple[RequestRow, ...] = ()
    requests = Requests(now)
    if reading is not None:
        judged = (
            judge_change(before, reading, rules, now, policy, names)
            if before
            else judge(reading, rules, now, policy, names)
        )
        postures, working = _allowed(reading, requests, now)
    texts = requests.texts
    ran = scopes_run(tenant=bool(reading and reading.tenants))
    return Report(
        tool=Tool(name="grantlint", version=version),
        made_at=instant(made_at),
        judged_at=instant(now),
        title=title,
        inputs=inputs,
        problems=problems,
        rules=(*(_rule_text(r) for r in rules), *judged.texts) if judged.rows else (),
        grants=tuple(GrantText(id=g.id, title=g.title, short=g.short, status=g.status) for g in GRANTS),
        registrations=_rows(judged, reading, policy) if reading else (),
        findings=judged.findings,
        not_assessed=judged.not_assessed,
        postures=postures,
        requests=texts,
        working=working,
        sequences=tellings({*(text.grant for text in texts), *(advice.grant for advice in advices)}),
        advices=tuple(advices),
        tree=tree,
        notes=(*(reading.notes if reading else ()), *_notes(judged, against, answers)),
        against=against,
        fixed=judged.fixed,
        summary=_summary(
            inputs,
            problems,
            len(reading.subjects) if reading else 0,
            sum(_scope_of(rule) in ran for rule in rules),
            judged.findings,
            judged.not_assessed,
            fail_on,
        ),
    )


def _rows(judged: Judged, reading: Reading, policy: Policy) -> tuple[RegistrationRow, ...]:
    declared = policy.configuration.registrations
    granted = {name: granted_in(tenant) for name, tenant in reading.tenants.items()}
    patched = patched_by_registration(judged.findings)
    apps = {subject.key: subject.app for subject in reading.subjects}
    rows = []
    for row in judged.rows:
        app = apps.get(row.key)
        whole = with_details(row, app, declared, granted.get(row.tenant)) if app is not None else row
        held = [one for one in (app, judged.held.get(row.key)) if one is not None]
        rows.append(with_before(whole, held, patched.get(row.key, ())))
    return tuple(rows)


def _notes(judged: Judged, against: str, answers: Answers | None) -> Iterable[str]:
    """What the run says about itself beside the verdict."""
    if answers:
        yield answers.note
    if against:
        fresh = sum(finding.state == "new" for finding in judged.findings)
        known = sum(finding.state == "known" for finding in judged.findings)
        yield f"Against {against}: {fresh:,} introduced, {len(judged.fixed):,} fixed, {known:,} left."
    if judged.gone:
        one = len(judged.gone) == 1
        entries = (
            "1 baseline entry no longer occurs" if one else f"{len(judged.gone):,} baseline entries no longer occur"
        )
        yield f"{entries}: --write-baseline drops {'it' if one else 'them'}."


def _scope_of(r: Rule) -> RuleScope:
    """What a rule checks, by the name that stored reports have for it."""
    return "tenant-app" if r.on == "service principal" else r.on


def _rule_text(r: Rule) -> RuleText:
    return RuleText(
        id=r.id,
        title=r.title,
        why=r.why,
        fix=r.fix,
        family=r.family,
        severity=r.severity,
        references=r.references,
        scope=_scope_of(r),
    )


def _allowed(
    reading: Reading, requests: Requests, now: datetime
) -> tuple[tuple[PostureRow, ...], tuple[RequestRow, ...]]:
    """The posture of each registration and the requests that work for it.

    Few postures differ, so those in Graph's own words are put together once.
    """
    known: dict[int, tuple[tuple[PostureFact, ...], tuple[PostureEntry, ...]]] = {}
    postures: list[PostureRow] = []
    working: list[RequestRow] = []
    tenants = {subject.key: reading.row(subject.key).tenant for subject in reading.subjects} if reading.tenants else {}
    homes = {name: _home(tenant) for name, tenant in reading.tenants.items()}
    for subject in reading.subjects:
        key, facts = subject.key, posture(subject.app, now)
        working.append(requests.row(key, subject.app, facts, homes.get(tenants.get(key, ""), Home())))
        if not reading.speaks_graph(key):
            postures.append(PostureRow(registration=key, entries=_entries(reading, key, facts)))
            continue
        if id(facts) not in known:  # the facts are kept beside their entries, so that the id stays theirs
            known[id(facts)] = facts, _entries(reading, key, facts)
        postures.append(PostureRow(registration=key, entries=known[id(facts)][1]))
    return tuple(postures), tuple(working)


def _home(tenant: Tenant) -> Home:
    """Where the registrations of *tenant* sign in: in one of the known clouds, by the Graph that told of it."""
    found = next((place for place in CLOUDS.values() if place.endpoint == tenant.graph), CLOUDS["global"])
    return Home(tenant.id, found.authority, found.endpoint)


def _entries(reading: Reading, key: str, facts: Iterable[PostureFact]) -> tuple[PostureEntry, ...]:
    return tuple(
        PostureEntry(
            grant=fact.grant,
            state=fact.state,
            by=tuple(dict.fromkeys(reading.spell(key, pointer) for pointer in fact.by)),
            note=fact.note,
        )
        for fact in facts
    )


def _summary(
    inputs: Sequence[Input],
    problems: Sequence[Problem],
    registrations: int,
    rules: int,
    findings: Sequence[FindingRow],
    not_assessed: Sequence[NotAssessed],
    fail_on: str,
) -> Summary:
    fresh = [f for f in findings if f.state == "new"]
    counts = Counter(f.severity for f in fresh)
    failing = SEVERITIES[: SEVERITIES.index(fail_on) + 1] if fail_on in SEVERITIES else ()
    missing = [gap for gap in not_assessed if gap.reason in INCOMPLETE]
    partly = [source for source in inputs if source.status != "read"]
    status, reason, verdict = 0, "", "no-findings"
    if problems:
        status, verdict = 2, "input-error"
        reason = f"{counted(len(problems), 'input')} could not be used; the rest was judged"
        if not registrations:
            reason = "nothing could be judged"
    elif missing or partly:
        status, verdict = 3, "incomplete"
        reason = _incomplete_reason(missing, partly)
    elif any(counts[severity] for severity in failing):
        status, verdict = 1, "findings"
        reason = f"findings at or above {fail_on}"
    elif fresh:
        verdict = "findings"
        reason = f"no finding at or above {fail_on}" if fail_on != "never" else "findings never fail (--fail-on never)"
    return Summary(
        registrations=registrations,
        rules=rules,
        findings=len(findings),
        by_severity={severity: counts[severity] for severity in SEVERITIES},
        known=sum(f.state == "known" for f in findings),
        suppressed=sum(f.state == "suppressed" for f in findings),
        not_assessed=len(not_assessed),
        problems=len(problems),
        verdict=_verdict(verdict),
        exit_status=status,
        exit_reason=reason,
    )


def _verdict(word: str) -> Verdict:
    verdicts: dict[str, Verdict] = {
        "findings": "findings",
        "no-findings": "no-findings",
        "incomplete": "incomplete",
        "input-error": "input-error",
    }
    return verdicts[word]


def _incomplete_reason(missing: Sequence[NotAssessed], partly: Sequence[Input]) -> str:
    if partly:
        how = "was read in part" if partly[0].status == "partly" else "was not read"
        return f"{partly[0].name} {how}: {partly[0].note}"
    crashed = [gap for gap in missing if gap.reason == "internal"]
    if crashed:
        return f"the rule {crashed[0].rule} failed; please report it"
    if missing[0].note.startswith(NOTHING_SAID):
        return missing[0].note
    return f"{dotted(missing[0].pointer)} of {missing[0].registration} could not be read"
