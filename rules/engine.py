"""Declare rules and run them.

``@rule`` turns a decorated function into a frozen ``Rule``; the function yields hits and the engine adds everything else:
severity, the quoted value, the patch and the fingerprint. What a rule needs and nobody read becomes ``NotAssessed``.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from rules.facts import Facts, facts
from rules.finding import Finding, Hit, NotAssessed, Reference, Severity
from rules.hits import digest, finding_of, walk
from rules.names import NameFacts
from rules.registration import PathReader, Registration
from rules.settings import Settings

if TYPE_CHECKING:
    from rules.tenant import Tenant
    from rules.tenant_app import TenantApp

Status = Literal["stable", "preview", "deprecated", "removed"]


class Context(msgspec.Struct, frozen=True):
    """What a rule may know beside the registration. ``now`` is aware, in UTC; rules never ask a clock.

    ``names`` is what DNS said of the hosts, by host; ``None`` when nobody asked it.
    """

    now: datetime
    settings: Settings = Settings()
    names: Mapping[str, NameFacts] | None = None


class Gap(msgspec.Struct, frozen=True):
    """What a rule yields for a value that it needs and cannot judge: ``note`` says what stands there, or what failed.

    Whole properties, and values that a source marked as unread, are found by the engine from ``needs``.
    """

    pointer: str
    note: str = ""
    reason: Literal["malformed", "failed"] = "malformed"


Judge = Callable[[Registration, Context], Iterator[Hit | Gap]]
JudgeTenantApp = Callable[["TenantApp", Context], Iterator[Hit | Gap]]
JudgeTenant = Callable[["Tenant", Context], Iterator[Hit | Gap]]

#: What judges all registrations of a run together; each hit goes with the registration that it stands on.
JudgeAll = Callable[[Sequence["Subject"], Context], Iterator[tuple["Subject", Hit]]]

#: What a rule is called with: one registration; all of a run; an application of a tenant with its service principal and
#: grants (``rules.tenant_app``); a tenant with its policies (``rules.tenant``).
Scope = Literal["registration", "registrations", "tenant-app", "tenant"]

#: What a rule needs beside registrations that is only had when it is asked for: ``Context.names``.
Asks = Literal["", "dns"]


class Bad(msgspec.Struct, frozen=True):
    """A fragment that the rule must report once, at *at*, with *severity* when it is not the rule's default.

    It is laid over the rule's clean registration as a JSON merge patch (RFC 7396). ``also`` lists rules that rightly
    fire beside it. ``settings`` are those, in kebab-case, without which the rule says nothing; ``beside`` are other
    registrations of the run; ``names`` is what DNS said.
    """

    fragment: dict[str, Any]
    at: str
    severity: Severity | None = None
    also: tuple[str, ...] = ()
    settings: dict[str, Any] = {}
    beside: tuple[dict[str, Any], ...] = ()
    names: dict[str, NameFacts] = {}


class Good(msgspec.Struct, frozen=True):
    """A fragment that the rule must not report; ``but`` says why one might think otherwise."""

    fragment: dict[str, Any]
    but: str = ""
    settings: dict[str, Any] = {}
    beside: tuple[dict[str, Any], ...] = ()
    names: dict[str, NameFacts] = {}


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """One judgement. ``needs``, ``needs_all`` and ``judges`` are dotted Graph paths.

    Of a path in ``needs`` every value that was read is judged and the rest is reported as not assessed; without a whole
    value at a path in ``needs_all`` the rule is not called, since it judges an absence. A rule with ``judges`` says
    nothing where nothing stands at all these paths (null, false, empty), so the engine does not call it there; nor one
    with ``facts`` where none of these words of ``rules.facts`` holds.
    A rule that ``asks`` is not there at all, neither clean nor not assessed, where nobody asked.
    ``checks`` are the canonical checks of ``rules.canonical`` that it covers. A rule whose ``status`` is preview runs where
    it is asked for; one that is removed never runs and keeps its name, so that configurations which use it are told what
    to use ``instead``, as they are for one that is deprecated.
    """

    id: str
    title: str
    why: str
    fix: str
    family: str
    severity: Severity
    may_be: tuple[Severity, ...]
    needs: tuple[str, ...]
    needs_all: tuple[str, ...]
    judges: tuple[str, ...]
    facts: tuple[str, ...]
    checks: tuple[str, ...]
    references: tuple[Reference, ...]
    bad: tuple[Bad, ...]
    good: tuple[Good, ...]
    over: str
    since: str
    status: Status
    settings: tuple[str, ...]
    peers: Mapping[str, str]
    judge: Judge
    scope: Scope = "registration"
    judge_all: JudgeAll | None = None
    instead: str = ""
    asks: Asks = ""


def rule(
    id: str,
    *,
    severity: Severity,
    references: tuple[Reference, ...],
    bad: Bad | tuple[Bad, ...],
    good: Good | tuple[Good, ...],
    over: str,
    needs: tuple[str, ...] = (),
    needs_all: tuple[str, ...] = (),
    judges: tuple[str, ...] = (),
    facts: tuple[str, ...] = (),
    checks: tuple[str, ...] = (),
    may_be: tuple[Severity, ...] = (),
    settings: tuple[str, ...] = (),
    since: str = "0.1",
    status: Status = "stable",
    instead: str = "",
    peers: Mapping[str, str] | None = None,
    asks: Asks = "",
) -> Callable[[Judge], Rule]:
    """Declare a rule; its title, why and fix come from the function's docstring.

    Raises ``ValueError`` when the docstring has not the shape *title*, ``Why:``, ``Fix:``.
    """

    def declare(judge: Judge) -> Rule:
        title, why, fix = _prose(judge)
        return Rule(
            id=id,
            title=title,
            why=why,
            fix=fix,
            family=judge.__module__.rpartition("families.")[2].partition(".")[0].replace("_", "-"),
            severity=severity,
            may_be=may_be,
            needs=needs,
            needs_all=needs_all,
            judges=judges,
            facts=facts,
            checks=checks,
            references=references,
            bad=bad if isinstance(bad, tuple) else (bad,),
            good=good if isinstance(good, tuple) else (good,),
            over=over,
            since=since,
            status=status,
            settings=settings,
            peers=peers or {},
            judge=judge,
            instead=instead,
            asks=asks,
        )

    return declare


def across_rule(id: str, **options: Any) -> Callable[[JudgeAll], Rule]:
    """Declare a rule over all registrations of a run, with the options of ``rule``.

    It is called once, in a second pass, and only where there is more than one registration.
    """

    def declare(judge_all: JudgeAll) -> Rule:
        def alone(_app: Registration, _context: Context) -> Iterator[Hit | Gap]:
            return iter(())

        for name in ("__doc__", "__name__", "__module__", "__qualname__"):
            setattr(alone, name, getattr(judge_all, name))
        return msgspec.structs.replace(rule(id, **options)(alone), scope="registrations", judge_all=judge_all)

    return declare


def app_rule(id: str, **options: Any) -> Callable[[JudgeTenantApp], Rule]:
    """Declare a rule over the applications of a tenant, with the options of ``rule``.

    ``needs`` and pointers reach into ``rules.tenant_app.TenantApp``, fragments are laid over an application of
    ``rules.clean_tenant``.
    """

    def declare(judge: JudgeTenantApp) -> Rule:
        return msgspec.structs.replace(rule(id, **options)(judge), scope="tenant-app")  # type: ignore[arg-type]

    return declare


def tenant_rule(id: str, **options: Any) -> Callable[[JudgeTenant], Rule]:
    """Declare a rule over a tenant and its policies, with the options of ``rule``.

    ``needs`` and pointers reach into ``rules.tenant.Tenant``, fragments are laid over the tenant of ``rules.clean_tenant``.
    """

    def declare(judge: JudgeTenant) -> Rule:
        return msgspec.structs.replace(rule(id, **options)(judge), scope="tenant")  # type: ignore[arg-type]

    return declare


def _prose(judge: Any) -> tuple[str, str, str]:
    text = inspect.cleandoc(judge.__doc__ or "")
    title, _, rest = text.partition("\n\nWhy: ")
    why, _, fix = rest.partition("\nFix: ")
    parts = tuple(" ".join(part.split()) for part in (title, why, fix))
    if not all(parts):
        raise ValueError(f"{judge.__qualname__}: the docstring must be a title, 'Why: ...' and 'Fix: ...'")
    return parts[0], parts[1], parts[2]


class Subject(msgspec.Struct, frozen=True):
    """A registration under the key by which the report names it."""

    key: str
    app: Registration


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
                not_assessed.append(_crash(r, subject, error))
    for r in plan:
        if r.judge_all is not None:
            try:
                findings += [_finding(r, subject, hit) for subject, hit in r.judge_all(subjects, context)]
            except Exception as error:  # as above
                not_assessed.append(_crash(r, subjects[0], error))
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
    missing = [(r.id, _whole(path)) for r in plan for path in (*r.needs, *r.needs_all) if shape[path] is None]
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
        whole = _whole(path) + "/"
        for pointer in unread:
            if pointer.startswith(whole):
                yield pointer


def _crash(r: Rule, subject: Subject, error: Exception) -> NotAssessed:
    return NotAssessed(
        rule=r.id,
        registration=subject.key,
        pointer="",
        reason="internal",
        note=f"the rule failed with {type(error).__name__}: {error}",
        remedy="report this as a defect of grantlint",
    )


def _whole(path: str) -> str:
    return "/" + path.replace(".", "/")


def _pointers(paths: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(_whole(path) for path in paths)


def _gap(r: Rule, subject: Subject, pointer: str, note: str = "", reason: str = "malformed") -> NotAssessed:
    """Say why *pointer* was not read; the reason may stand at one of its parents. A *note* means that it was, in vain."""
    if note:
        return NotAssessed(rule=r.id, registration=subject.key, pointer=pointer, reason=reason, note=note)
    place = pointer
    while place and place not in subject.app.unread:
        place = place.rpartition("/")[0]
    cause = subject.app.unread.get(place)
    if cause is None:
        return NotAssessed(rule=r.id, registration=subject.key, pointer=pointer, reason="not-in-file")
    return NotAssessed(
        rule=r.id, registration=subject.key, pointer=pointer, reason=cause.reason, note=cause.note, remedy=cause.remedy
    )


def _finding(r: Rule, subject: Subject, hit: Hit) -> Finding:
    severity = severity_of(r, hit)
    return finding_of(r.id, severity, subject.key, _identity(subject), subject.app, hit)


def severity_of(r: Rule, hit: Hit) -> Severity:
    """The severity of a *hit*; raises ``ValueError`` for one that the rule does not declare."""
    severity = hit.severity or r.severity
    if severity != r.severity and severity not in r.may_be:
        raise ValueError(f"{r.id} may not be {severity}")
    return severity


def _identity(subject: Subject) -> str:
    """The registration's ``appId``, else its name, else its key: an appId exists only after the first deployment."""
    return subject.app.app_id or subject.app.display_name or subject.key


def fingerprint(rule_id: str, subject: Subject, pointer: str) -> str:
    """The identity of a finding on a registration; see ``rules.hits.digest``."""
    return digest(rule_id, _identity(subject), walk(subject.app, pointer)[1])
