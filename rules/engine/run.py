"""Run rules over registrations, and turn what they say into findings.

The engine adds everything to a hit: severity, the quoted value, the patch and the fingerprint. What a rule needs and nobody
read becomes ``NotAssessed``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import msgspec

from rules.engine.findings import digest, finding_of, walk
from rules.engine.prefilter import Facts, facts
from rules.engine.rule import Context, Judge, Rule, Subject, failed, gap_of, severity_of
from rules.model.finding import Finding, Hit, NotAssessed
from rules.model.registration import PathReader, Unread
from rules.primitives.pointers import nearest, pointer_to

_NOT_IN_FILE: Final = Unread("not-in-file")


class Verdict(msgspec.Struct, frozen=True):
    """What all rules say about all registrations, in the order of the registrations."""

    findings: tuple[Finding, ...]
    not_assessed: tuple[NotAssessed, ...]


def lint(subjects: Iterable[Subject], rules: Iterable[Rule], context: Context) -> Verdict:
    """Judge every registration with every rule.

    A rule that raises is reported as not assessed with the reason ``internal``, and the run goes on.
    """
    everything = tuple(r for r in rules if not r.asks or context.names is not None)
    subjects = tuple(subjects)
    wanted = ("registration", "registrations") if len(subjects) > 1 else ("registration",)
    plan = tuple(r for r in everything if r.scope in wanted)
    reader = PathReader(path for r in plan for path in (*r.needs, *r.needs_all, *r.judges))
    # Registrations of one source resemble each other, so what that means for each rule is worked out once.
    shapes: dict[tuple[tuple[bool | None, ...], Facts], _Work] = {}
    findings: list[Finding] = []
    not_assessed: list[NotAssessed] = []
    for subject in subjects:
        app = subject.app
        shape = reader.shape(app), facts(app)
        work = shapes.get(shape)
        if work is None:
            states = dict(zip(reader.paths, shape[0], strict=True))
            work = shapes[shape] = _work(plan, states, shape[1][0] | shape[1][1])
        unread = app.unread
        key = subject.key
        if unread:
            jobs = _partly(plan, work, subject, not_assessed)
        else:
            jobs = work.jobs
            not_assessed += [
                NotAssessed(rule=rule_id, registration=key, pointer=pointer, reason="not-in-file")
                for rule_id, pointer in work.missing
            ]
        for r, judge in jobs:
            try:
                for said in judge(app, context):
                    if isinstance(said, Hit):
                        findings.append(_finding(r, subject, said))
                    elif said.pointer not in unread:
                        not_assessed.append(_gap(r, subject, said.pointer, said.note, said.reason))
            except Exception as error:  # a defect of ours must neither end the run nor vanish
                not_assessed.append(failed(r, subject.key, error))
    for r in plan:
        if r.judge_all is not None:
            try:
                findings += [_finding(r, subject, hit) for subject, hit in r.judge_all(subjects, context)]
            except Exception as error:  # as above
                not_assessed.append(failed(r, subjects[0].key, error))
    return Verdict(tuple(findings), tuple(not_assessed))


class _Work(msgspec.Struct, frozen=True):
    """What is to be done with registrations of one shape.

    ``jobs`` are the rules that have something to judge, ``missing`` each rule's id with a pointer that it needs and that
    nobody read.
    """

    jobs: tuple[tuple[Rule, Judge], ...]
    missing: tuple[tuple[str, str], ...]


def _work(plan: tuple[Rule, ...], shape: Mapping[str, bool | None], known: frozenset[str]) -> _Work:
    jobs = [
        (r, r.judge)
        for r in plan
        if r.judge_all is None
        and (not r.judges or any(shape[path] for path in r.judges))
        and (not r.facts or not known.isdisjoint(r.facts))
        and all(shape[path] is not None for path in r.needs_all)
    ]
    missing = [(r.id, pointer_to(path)) for r in plan for path in (*r.needs, *r.needs_all) if shape[path] is None]
    return _Work(tuple(jobs), tuple(missing))


def _partly(
    plan: tuple[Rule, ...], work: _Work, subject: Subject, not_assessed: list[NotAssessed]
) -> tuple[tuple[Rule, Judge], ...]:
    """The same for a registration with values that a source marked as unread; says what each rule misses."""
    unread = subject.app.unread
    blocked: set[str] = set()
    absent: dict[str, list[str]] = {}
    for rule_id, pointer in work.missing:
        absent.setdefault(rule_id, []).append(pointer)
    for r in plan:
        gaps = [*absent.get(r.id, ()), *_inside(r, unread)]
        not_assessed += [_gap(r, subject, pointer) for pointer in gaps]
        if gaps and r.needs_all and any(gap.startswith(_pointers(r.needs_all)) for gap in gaps):
            blocked.add(r.id)
    return tuple((r, judge) for r, judge in work.jobs if r.id not in blocked)


def _inside(r: Rule, unread: Mapping[str, Any]) -> Iterator[str]:
    """The pointers of single values inside what the rule needs that a source marked as unread."""
    for path in (*r.needs, *r.needs_all) if unread else ():
        whole = pointer_to(path) + "/"
        for pointer in unread:
            if pointer.startswith(whole):
                yield pointer


def _pointers(paths: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(pointer_to(path) for path in paths)


def _gap(r: Rule, subject: Subject, pointer: str, note: str = "", reason: str = "malformed") -> NotAssessed:
    """Say why *pointer* was not read; the reason may stand at one of its parents. A *note* means that it was, in vain."""
    if note:
        return NotAssessed(rule=r.id, registration=subject.key, pointer=pointer, reason=reason, note=note)
    cause = subject.app.unread.get(nearest(subject.app.unread, pointer))
    return gap_of(r, subject.key, pointer, _NOT_IN_FILE if cause is None else cause)


def _finding(r: Rule, subject: Subject, hit: Hit) -> Finding:
    severity = severity_of(r, hit)
    return finding_of(r.id, severity, subject.key, _identity(subject), subject.app, hit)


def _identity(subject: Subject) -> str:
    """The registration's ``appId``, else its name, else its key: an appId exists only after the first deployment."""
    return subject.app.app_id or subject.app.display_name or subject.key


def fingerprint(rule_id: str, subject: Subject, pointer: str) -> str:
    """The identity of a finding on a registration; see ``rules.engine.findings.digest``."""
    return digest(rule_id, _identity(subject), walk(subject.app, pointer)[1])
