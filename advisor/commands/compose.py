"""Put a run together into the one report that every renderer shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

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
from rules.grants import GRANTS, posture

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
        not_assessed=verdict.not_assessed,
        postures=tuple(_postures(reading, now)) if reading else (),
        advices=tuple(advices),
        tree=tree,
        summary=_summary(inputs, problems, len(subjects), len(rules), findings, verdict.not_assessed, fail_on),
    )


def _instant(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def _rule_text(r: Rule) -> RuleText:
    return RuleText(
        id=r.id, title=r.title, why=r.why, fix=r.fix, family=r.family, severity=r.severity, references=r.references
    )


def _postures(reading: Reading, now: datetime) -> Iterable[PostureRow]:
    for subject in reading.subjects:
        entries = tuple(
            PostureEntry(
                grant=fact.grant,
                state=fact.state,
                by=tuple(dict.fromkeys(reading.spell(subject.key, pointer) for pointer in fact.by)),
                note=fact.note,
            )
            for fact in posture(subject.app, now)
        )
        yield PostureRow(registration=subject.key, entries=entries)


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
    failing = SEVERITIES[: SEVERITIES.index(fail_on) + 1] if fail_on in SEVERITIES else ()  # type: ignore[arg-type]
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
        return f"{partly[0].name} was read in part: {partly[0].note}"
    crashed = [gap for gap in missing if gap.reason == "internal"]
    if crashed:
        return f"the rule {crashed[0].rule} failed; please report it"
    return f"{missing[0].pointer} of {missing[0].registration} could not be read"
