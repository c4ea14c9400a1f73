"""Declare rules: what a rule is, what it yields, and the decorator that makes one of a function.

``@rule`` turns a decorated function into a frozen ``Rule``. The function yields hits and gaps; ``rules.engine.run`` adds
everything else.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, Literal

import msgspec

from rules.analysis.dns import DnsAnswer
from rules.knowledge.reference import Reference
from rules.model.finding import Hit, Severity
from rules.model.settings import Settings

Status = Literal["stable", "preview", "deprecated", "removed"]


class Context(msgspec.Struct, frozen=True):
    """What a rule may know beside the subject. ``now`` is aware, in UTC; rules never read a clock.

    ``dns`` has the DNS answers by host; ``None`` when no query was allowed.
    """

    now: datetime
    settings: Settings = Settings()
    dns: Mapping[str, DnsAnswer] | None = None


class Gap(msgspec.Struct, frozen=True):
    """What a rule yields for a value that it needs and cannot check; ``message`` says what is there, or what failed.

    Whole properties, and values that a source marked as not read, are found by the engine from ``needs``.
    """

    pointer: str
    message: str = ""
    reason: Literal["malformed", "failed"] = "malformed"


class Subject(msgspec.Struct, frozen=True):
    """What is checked, under the key by which the report names it: a registration, an application of a tenant with its
    service principal and grants, or a tenant with its policies.
    """

    key: str
    app: Any


#: What a rule is called with: one registration; all registrations of a run (it yields pairs of subject and hit, and is called
#: once where there is more than one); an application of a tenant (``TenantApp``); a tenant with its policies (``Tenant``).
On = Literal["registration", "registrations", "service principal", "tenant"]

#: Called with what ``On`` says and a ``Context``; yields ``Hit`` and ``Gap``, or pairs of ``Subject`` and ``Hit``.
Check = Callable[[Any, Context], Iterator[Any]]


class Bad(msgspec.Struct, frozen=True):
    """A fragment that the rule must report once, at *at*, with *severity* when it is not the rule's default.

    It is merged into the rule's clean base as a JSON merge patch (RFC 7396). ``expected_rules`` are others that correctly
    report it too. ``settings`` are those, in kebab-case, without which the rule reports nothing; ``other_registrations`` are
    those of the same run; ``dns`` has the DNS answers.
    """

    fragment: dict[str, Any]
    at: str
    severity: Severity | None = None
    expected_rules: tuple[str, ...] = ()
    settings: dict[str, Any] = {}
    other_registrations: tuple[dict[str, Any], ...] = ()
    dns: dict[str, DnsAnswer] = {}


class Good(msgspec.Struct, frozen=True):
    """A fragment that the rule must not report; ``why`` says why it is right although it looks wrong."""

    fragment: dict[str, Any]
    why: str = ""
    settings: dict[str, Any] = {}
    other_registrations: tuple[dict[str, Any], ...] = ()
    dns: dict[str, DnsAnswer] = {}


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """One check. ``needs``, ``needs_all`` and ``when_set`` are dotted Graph paths.

    - ``needs``: every value that was read is checked, the rest is reported as not assessed.
    - ``needs_all``: without a whole value the rule is not called, since it checks an absence.
    - ``when_set``: the rule is called only where one of these paths has a value (not null, false or empty).
    - ``only_if``: the rule is called only where one of these traits of ``rules.engine.prefilter`` holds.
    - ``needs_dns``: the rule takes part only where DNS answers were requested.
    - ``checks``: the canonical checks of ``rules.docs.canonical`` that it covers.
    - ``status``: a preview rule runs on request; a removed one never runs, and configurations that name it are told what to
      use ``instead``, as for a deprecated one.
    - ``instead_of``: rules over registrations that are silent at a place which a finding of this rule gives as a reason
      (``/application/...``), since this rule knows more.
    - ``base``: the clean registration, application or tenant into which the examples are merged.
    """

    id: str
    title: str
    why: str
    fix: str
    family: str
    severity: Severity
    references: tuple[Reference, ...]
    bad: tuple[Bad, ...]
    good: tuple[Good, ...]
    base: str
    check: Check
    on: On = "registration"
    may_be: tuple[Severity, ...] = ()
    needs: tuple[str, ...] = ()
    needs_all: tuple[str, ...] = ()
    when_set: tuple[str, ...] = ()
    only_if: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    status: Status = "stable"
    instead: str = ""
    instead_of: tuple[str, ...] = ()
    needs_dns: bool = False


def rule(
    id: str,
    *,
    severity: Severity,
    references: tuple[Reference, ...],
    bad: Bad | tuple[Bad, ...],
    good: Good | tuple[Good, ...],
    base: str,
    **options: Any,
) -> Callable[[Check], Rule]:
    """Declare a rule; *options* are the other fields of ``Rule``. Title, why and fix come from the function's docstring.

    Raises ``ValueError`` when the docstring is not a title, ``Why:`` and ``Fix:``, ``TypeError`` for an unknown option.
    """

    def declare(check: Check) -> Rule:
        title, why, fix = _prose(check)
        return Rule(
            id=id,
            title=title,
            why=why,
            fix=fix,
            family=check.__module__.rpartition("families.")[2].partition(".")[0].replace("_", "-"),
            severity=severity,
            references=references,
            bad=bad if isinstance(bad, tuple) else (bad,),
            good=good if isinstance(good, tuple) else (good,),
            base=base,
            check=check,
            **options,
        )

    return declare


def _prose(judge: Any) -> tuple[str, str, str]:
    text = inspect.cleandoc(judge.__doc__ or "")
    title, _, rest = text.partition("\n\nWhy: ")
    why, _, fix = rest.partition("\nFix: ")
    parts = tuple(" ".join(part.split()) for part in (title, why, fix))
    if not all(parts):
        raise ValueError(f"{judge.__qualname__}: the docstring must be a title, 'Why: ...' and 'Fix: ...'")
    return parts[0], parts[1], parts[2]


def severity_of(r: Rule, hit: Hit) -> Severity:
    """The severity of a *hit*; raises ``ValueError`` for one that the rule does not declare."""
    severity = hit.severity or r.severity
    if severity != r.severity and severity not in r.may_be:
        raise ValueError(f"{r.id} may not be {severity}")
    return severity
