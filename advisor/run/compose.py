"""Put a run together into the one report that every renderer shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from advisor.policy.govern import Policy
from advisor.preflight.working_requests import Home, Requests
from advisor.run.audit import AuditResult, audit, audit_change
from advisor.run.rows import granted_in, names_of_apis, patched_by_registration, with_before, with_details, with_names
from advisor.run.usage import usage_rows
from advisor.sources.graph.clouds import clouds
from advisor.sources.reading.builder import Reading
from reports.advice import Advice
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
from reports.use import double_counts
from reports.wording import comparison
from rules.analysis.dns import NOTHING_SAID
from rules.analysis.grants import GRANTS, PostureFact, posture
from rules.engine.rule import Rule, can_run
from rules.knowledge.grant_flow import flow_of, sequences_of
from rules.model.finding import SEVERITIES
from rules.model.gap_list import GapList, SharedGap
from rules.model.object_kind import KIND_WORDS
from rules.model.tenant import Tenant
from rules.primitives.dates import instant
from rules.primitives.pointers import dotted
from rules.primitives.texts import counted

if TYPE_CHECKING:
    from advisor.resolve.lookups import Answers
    from advisor.run.inputs import Earlier

#: How much a report has: everything, no more of registrations than what was found, or that without its lines.
Details = Literal["all", "findings", "overview"]

_NO_POLICY: Final = Policy()

#: Reasons that mean: it was requested and was not available. The others lie in the nature of a file.
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
    before: Earlier | None = None,
    answers: Answers | None = None,
    details: Details = "all",
) -> Report:
    """Check what was read, and put the result, the postures and the advice into a report.

    *now* is the moment of the checks, *made_at* that of the report; both aware. *policy* is what an organization
    accepts. *fail_on* is a severity or ``never``. *before* is an earlier state of the same inputs. *answers* is what
    DNS said; without it the rules that need it do not run. With less than all *details*, the report has neither what
    registrations contain nor the requests that work for them; an overview has no lines, as in ``audit``.
    """
    rules = [r for r in rules if can_run(r, dns=bool(answers), usage=bool(reading and reading.usage))]
    names = answers.names if answers else None
    problems = reading.problems if reading else ()
    inputs = reading.inputs if reading else ()
    result = AuditResult()
    postures: tuple[PostureRow, ...] = ()
    working: tuple[RequestRow, ...] = ()
    requests = Requests(now)
    if reading is not None:
        result = (
            audit_change(
                before.reading,
                reading,
                rules,
                now,
                policy,
                names,
                configured=before.configuration,
                root=before.root,
                binds=before.binds,
            )
            if before
            else audit(reading, rules, now, policy, names, lines=details != "overview")
        )
        postures, working = _allowed(reading, requests if details == "all" else None, now)
    texts = requests.texts
    ran = scopes_run(tenant=bool(reading and reading.tenants))
    return Report(
        tool=Tool(name="grantlint", version=version),
        made_at=instant(made_at),
        judged_at=instant(now),
        title=title,
        inputs=inputs,
        problems=problems,
        rules=(*(_rule_text(r) for r in rules), *result.texts) if result.rows else (),
        grants=tuple(GrantText(id=g.id, title=g.title, short=g.short, status=g.status) for g in GRANTS),
        registrations=_rows(result, reading, policy) if reading and details == "all" else result.rows,
        findings=result.findings,
        not_assessed=result.not_assessed,
        postures=postures,
        usage=tuple(usage_rows(reading, postures)) if reading else (),
        reach=reading.usage.reach if reading and reading.usage else (),
        requests=texts,
        working=working,
        sequences=sequences_of(
            {*(text.grant for text in texts), *(flow_of(advice.grant, advice.leaf) for advice in advices)}
        ),
        advices=tuple(advices),
        notes=(
            *policy.notes,
            *(reading.notes if reading else ()),
            *double_counts(reading.usage.reach if reading and reading.usage else ()),
            *_inapplicable(result.rows, rules),
            *_notes(result, before, answers),
            *(_introduced(reading, result, rules, now, policy) if reading and reading.before else ()),
        ),
        policy_changes=policy.changes,
        against=before.revision if before else "",
        fixed=result.fixed,
        summary=_summary(
            inputs,
            problems,
            len(reading.subjects) if reading else 0,
            sum(_scope(rule) in ran for rule in rules),
            result.findings,
            result.not_assessed,
            fail_on,
        ),
    )


def _rows(result: AuditResult, reading: Reading, policy: Policy) -> tuple[RegistrationRow, ...]:
    declared = policy.configuration.registrations
    granted = {name: granted_in(tenant) for name, tenant in reading.tenants.items()}
    patched = patched_by_registration(result.findings)
    apps = {subject.key: subject.app for subject in reading.subjects}
    names = names_of_apis(apps.values())
    rows = []
    for row in result.rows:
        app = apps.get(row.key)
        whole = with_details(row, app, declared, granted.get(row.tenant)) if app is not None else row
        objects = [one for one in (app, result.objects.get(row.key)) if one is not None]
        if row.tenant in reading.tenants:
            whole = msgspec.structs.replace(whole, graph=reading.tenants[row.tenant].graph)
        rows.append(with_before(with_names(whole, names), objects, patched.get(row.key, ())))
    return tuple(rows)


def _inapplicable(rows: Sequence[RegistrationRow], rules: Sequence[Rule]) -> Iterable[str]:
    """How many of *rules* do not apply to each kind of agent objects among *rows*: those were not run on them."""
    for kind, words in KIND_WORDS.items():
        scopes = {row.kind for row in rows if row.object_kind == kind}
        on = {"registration": ("registration", "registrations"), "service-principal": ("service principal",)}
        count = sum(kind not in r.kinds and any(r.on in on.get(scope, ()) for scope in scopes) for r in rules)
        if count:
            what = f"{words[:-1]}ies" if words.endswith("y") else f"{words}s"
            yield f"Does not apply to {what}: {counted(count, 'rule')}."


def _notes(result: AuditResult, before: Earlier | None, answers: Answers | None) -> Iterable[str]:
    """What the run says about itself in addition to the result."""
    if answers:
        yield answers.note
    if before:
        yield comparison(before.revision, result.findings, len(result.fixed), result.unchecked)
    if result.lost:
        yield f"No longer read: {named_first([f'{row.name} ({row.origin.file})' for row in result.lost])}."
    yield from result.notes
    if result.unmatched:
        yield f"Without effect in this run, as no registration matches: {named_first(result.unmatched)}."
    if result.gone:
        count = len(result.gone)
        entries = "1 baseline entry no longer occurs" if count == 1 else f"{count:,} baseline entries no longer occur"
        yield f"{entries}: --prune-baseline removes {'it' if count == 1 else 'them'}."


def named_first(words: Sequence[str], most: int = 5) -> str:
    """The first of some names, and how many more there are."""
    more = len(words) - most
    return ", ".join(words[:most]) + (f" and {more:,} more" if more > 0 else "")


def _introduced(
    reading: Reading, result: AuditResult, rules: Sequence[Rule], now: datetime, policy: Policy
) -> Iterable[str]:
    """Which findings the plans of the run introduce, and how many they fix, by what the plans say of before."""
    if reading.before is None:
        return
    own = {subject.key for subject in reading.before.subjects}
    planned = [finding for finding in result.findings if "Terraform plan" in _format(reading, finding.registration)]
    then = audit_change(reading.before, reading, rules, now, policy)
    fresh = {(one.registration, one.rule, one.pointer) for one in then.findings if one.state == "new"}
    new = [one for one in planned if (one.registration, one.rule, one.pointer) in fresh and one.state == "new"]
    names = ", ".join(dict.fromkeys(one.rule for one in new))
    fixed = sum(one.registration in own for one in then.fixed)
    yield f"Introduced by the plan: {counted(len(new), 'finding')}{f' ({names})' if names else ''}; fixed: {fixed:,}."


def _format(reading: Reading, key: str) -> str:
    """What the registration *key* was read from; empty for what is not a registration."""
    return reading.row(key).format if any(subject.key == key for subject in reading.subjects) else ""


def _rule_text(r: Rule) -> RuleText:
    return RuleText(
        id=r.id,
        title=r.title,
        why=r.why,
        fix=r.fix,
        family=r.family,
        severity=r.severity,
        references=r.references,
        scope=_scope(r),
        kinds=r.kinds,
    )


def _allowed(
    reading: Reading, requests: Requests | None, now: datetime
) -> tuple[tuple[PostureRow, ...], tuple[RequestRow, ...]]:
    """The posture of each registration and, with *requests*, those that work for it.

    Few postures differ, so those in Graph's own words are put together once.
    """
    known: dict[int, tuple[tuple[PostureFact, ...], tuple[PostureEntry, ...]]] = {}
    postures: list[PostureRow] = []
    working: list[RequestRow] = []
    tenants = {subject.key: reading.row(subject.key).tenant for subject in reading.subjects} if reading.tenants else {}
    homes = {name: _home(tenant) for name, tenant in reading.tenants.items()}
    for subject in reading.subjects:
        key, facts = subject.key, posture(subject.app, now)
        if requests is not None:
            working.append(requests.row(key, subject.app, facts, homes.get(tenants.get(key, ""), Home())))
        if not reading.speaks_graph(key):
            postures.append(PostureRow(registration=key, entries=_entries(reading, key, facts)))
            continue
        if id(facts) not in known:  # the facts are kept with their entries, so that the id stays theirs
            known[id(facts)] = facts, _entries(reading, key, facts)
        postures.append(PostureRow(registration=key, entries=known[id(facts)][1]))
    return tuple(postures), tuple(working)


def _home(tenant: Tenant) -> Home:
    """Where the registrations of *tenant* sign in: in one of the known clouds, by its Graph endpoint."""
    found = next((place for place in clouds().values() if place.endpoint == tenant.graph), clouds()["global"])
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
    not_assessed: GapList,
    fail_on: str,
) -> Summary:
    fresh = [f for f in findings if f.state == "new"]
    counts = Counter(f.severity for f in fresh)
    failing = SEVERITIES[: SEVERITIES.index(fail_on) + 1] if fail_on in SEVERITIES else ()
    missing = [(key, gap) for key, block in not_assessed.parts for gap in block if gap.reason in INCOMPLETE]
    partly = [source for source in inputs if source.status != "read"]
    status, reason = 0, ""
    verdict: Verdict = "no-findings"
    if problems:
        status, verdict = 2, "input-error"
        reason = f"{counted(len(problems), 'input')} could not be used; the other inputs were checked"
        if not registrations:
            reason = "nothing could be checked"
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
        not_assessed=not_assessed.checks(),
        problems=len(problems),
        verdict=verdict,
        exit_status=status,
        exit_reason=reason,
    )


def _incomplete_reason(missing: Sequence[tuple[str, SharedGap]], partly: Sequence[Input]) -> str:
    if partly:
        how = "was read in part" if partly[0].status == "partly" else "was not read"
        return f"{partly[0].name} {how}: {partly[0].note}"
    crashed = [gap for _, gap in missing if gap.reason == "internal"]
    if crashed:
        return f"the rule {crashed[0].rule} failed; please report it"
    key, first = missing[0]
    if first.note.startswith(NOTHING_SAID):
        return first.note
    why = f": {first.note}" if first.note else ""
    return f"{dotted(first.pointer)} of {key} could not be read{why}"


def _scope(r: Rule) -> RuleScope:
    """What a rule checks, by the name that stored reports have for it."""
    return "tenant-app" if r.on == "service principal" else r.on
