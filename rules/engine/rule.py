"""Declare rules: what a rule is, what it yields, and the four decorators that make one of a function.

``@rule`` turns a decorated function into a frozen ``Rule``; the function yields hits, and ``rules.engine.run`` and
``rules.engine.second_pass`` add everything else.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from rules.analysis.dns import NameFacts
from rules.knowledge.reference import Reference
from rules.model.finding import Hit, NotAssessed, Severity
from rules.model.registration import Registration, Unread
from rules.model.settings import Settings

if TYPE_CHECKING:
    from rules.model.tenant import Tenant
    from rules.model.tenant_app import TenantApp

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
#: grants (``rules.model.tenant_app``); a tenant with its policies (``rules.model.tenant``).
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
    with ``facts`` where none of these words of ``rules.engine.prefilter`` holds.
    A rule that ``asks`` for what is only had on request is not there at all, neither clean nor not assessed, where nobody asked.
    ``checks`` are the canonical checks of ``rules.docs.canonical`` that it covers. A rule whose ``status`` is preview runs where
    it is asked for; one that is removed never runs and keeps its name, so that configurations which use it are told what
    to use ``instead``, as they are for one that is deprecated.
    ``instead_of`` names rules over registrations that fall silent at a place which a finding of this rule gives as a
    reason (``/application/...``): it knows more.
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
    instead_of: tuple[str, ...] = ()
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
    instead_of: tuple[str, ...] = (),
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
            instead_of=instead_of,
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

    ``needs`` and pointers reach into ``rules.model.tenant_app.TenantApp``, fragments are laid over an application of
    ``rules.model.clean_tenant``.
    """
    make: Callable[[Any], Rule] = rule(id, **options)

    def declare(judge: JudgeTenantApp) -> Rule:
        return msgspec.structs.replace(make(judge), scope="tenant-app")

    return declare


def tenant_rule(id: str, **options: Any) -> Callable[[JudgeTenant], Rule]:
    """Declare a rule over a tenant and its policies, with the options of ``rule``.

    ``needs`` and pointers reach into ``rules.model.tenant.Tenant``, fragments are laid over the tenant of ``rules.model.clean_tenant``.
    """
    make: Callable[[Any], Rule] = rule(id, **options)

    def declare(judge: JudgeTenant) -> Rule:
        return msgspec.structs.replace(make(judge), scope="tenant")

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


def severity_of(r: Rule, hit: Hit) -> Severity:
    """The severity of a *hit*; raises ``ValueError`` for one that the rule does not declare."""
    severity = hit.severity or r.severity
    if severity != r.severity and severity not in r.may_be:
        raise ValueError(f"{r.id} may not be {severity}")
    return severity


def gap_of(r: Rule, key: str, pointer: str, cause: Unread) -> NotAssessed:
    """What a rule could not judge of what the report names by *key*, for the *cause* for which nobody read it."""
    return NotAssessed(
        rule=r.id, registration=key, pointer=pointer, reason=cause.reason, note=cause.note, remedy=cause.remedy
    )


def failed(r: Rule, key: str, error: Exception) -> NotAssessed:
    """A rule that raised an *error*: a defect of its own must neither end the run nor vanish."""
    return NotAssessed(
        rule=r.id,
        registration=key,
        pointer="",
        reason="internal",
        note=f"the rule failed with {type(error).__name__}: {error}",
        remedy="report this as a defect of grantlint",
    )
