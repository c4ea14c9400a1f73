"""Put a run together into the one report that every renderer shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

import msgspec

from advisor.sources.reading import Reading
from reports.report import (
    Advice,
    FindingRow,
    GrantText,
    Input,
    PostureEntry,
    PostureRow,
    Problem,
    Report,
    RuleText,
    Summary,
    Tool,
    Tree,
    Verdict,
)
from rules.engine import Context, Rule, lint
from rules.finding import SEVERITIES, NotAssessed
from rules.grants import GRANTS, PostureFact, posture

#: What makes a property readable that a file leaves out, by its beginning; the last row is for all others.
_REMEDIES: Final = (
    ("/owners", "export with $expand=owners"),
    ("/federatedIdentityCredentials", "export with $expand=federatedIdentityCredentials"),
    ("/", "lint a full export: the portal's manifest, or what `az ad app show` prints"),
)

#: Reasons that mean: it was asked for and could not be had. The others lie in the nature of a file.
INCOMPLETE: Final = frozenset({"malformed", "refused", "left-out", "internal"})


def compose(
    *,
    title: str,
    version: str,
    now: datetime,
    made_at: datetime,
    rules: Sequence[Rule] = (),
    reading: Reading | None = None,
    context: Context | None = None,
    fail_on: str = "low",
    advices: Sequence[Advice] = (),
    tree: Tree | None = None,
) -> Report:
    """Judge what was read and put the verdict, the postures and the advice into a report.

    *now* is the moment at which is judged, *made_at* the clock; both aware. *fail_on* is a severity or ``never``.
    """
    subjects = reading.subjects if reading else ()
    problems = reading.problems if reading else ()
    inputs = reading.inputs if reading else ()
    verdict = lint(subjects, rules, context or Context(now))
    not_assessed = tuple(_with_remedy(gap) for gap in verdict.not_assessed)
    findings = tuple(
        FindingRow(
            rule=f.rule,
            severity=f.severity,
            registration=f.registration,
            pointer=f.pointer,
            message=f.message,
            value=f.value,
            fingerprint=f.fingerprint,
            origin=reading.locate(f.registration, f.pointer),
            because=f.because,
            patch=f.patch,
            change=f.change,
        )
        for f in verdict.findings
        if reading
    )
    return Report(
        tool=Tool(name="grantlint", version=version),
        made_at=_instant(made_at),
        judged_at=_instant(now),
        title=title,
        inputs=inputs,
        problems=problems,
        rules=tuple(_rule_text(r) for r in rules) if subjects else (),
        grants=tuple(GrantText(id=g.id, title=g.title, short=g.short, status=g.status) for g in GRANTS),
        registrations=tuple(reading.row(subject.key) for subject in subjects) if reading else (),
        findings=findings,
        not_assessed=not_assessed,
        postures=tuple(_postures(reading, now)) if reading else (),
        advices=tuple(advices),
        tree=tree,
        summary=_summary(inputs, problems, len(subjects), len(rules), findings, not_assessed, fail_on),
    )


def _with_remedy(gap: NotAssessed) -> NotAssessed:
    """Say what would make a property readable that the file leaves out."""
    if gap.reason != "not-in-file" or gap.remedy:
        return gap
    remedy = next((remedy for start, remedy in _REMEDIES if gap.pointer.startswith(start)), "")
    return msgspec.structs.replace(gap, remedy=remedy)


def _instant(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def _rule_text(r: Rule) -> RuleText:
    return RuleText(
        id=r.id, title=r.title, why=r.why, fix=r.fix, family=r.family, severity=r.severity, references=r.references
    )


def _postures(reading: Reading, now: datetime) -> Iterable[PostureRow]:
    """The posture of each registration. Few differ, so those in Graph's own words are put together once."""
    known: dict[int, tuple[tuple[PostureFact, ...], tuple[PostureEntry, ...]]] = {}
    for subject in reading.subjects:
        facts = posture(subject.app, now)
        if not reading.speaks_graph(subject.key):
            yield PostureRow(registration=subject.key, entries=_entries(reading, subject.key, facts))
            continue
        if id(facts) not in known:  # the facts are kept beside their entries, so that the id stays theirs
            known[id(facts)] = facts, _entries(reading, subject.key, facts)
        yield PostureRow(registration=subject.key, entries=known[id(facts)][1])


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
        lines = len(problems)
        status, verdict = 2, "input-error"
        reason = f"{lines} input{'' if lines == 1 else 's'} could not be used; the rest was judged"
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
    return f"{missing[0].pointer} of {missing[0].registration} could not be read"
