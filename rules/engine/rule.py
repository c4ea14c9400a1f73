"""Declare rules: what a rule is, what it yields, and the decorator that makes one of a function.

``@rule`` turns a decorated function into a frozen ``Rule``. The function yields hits and gaps; ``rules.engine.run``
adds everything else.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Literal, TypedDict, Unpack

import msgspec

from rules.analysis.dns import DnsAnswer
from rules.knowledge.reference import Reference
from rules.knowledge.sources import cite_all
from rules.model.finding import Hit, Severity
from rules.model.object_kind import ObjectKind
from rules.model.registration import UNSET, Registration, Unread, read_value
from rules.model.settings import Settings
from rules.model.tenant import Tenant
from rules.model.tenant_app import TenantApp
from rules.model.usage import Usage
from rules.primitives.pointers import nearest, pointer_to

Status = Literal["stable", "preview", "deprecated", "removed"]


#: Why a value is missing that no source marked: of a file, and of a tenant.
NOT_IN_FILE: Final = Unread("not-in-file")
NOT_RETURNED: Final = Unread("not-in-file", note="it was not read", remedy="read the tenant again")


class Context(msgspec.Struct, frozen=True):
    """What a rule may know in addition to the subject. ``now`` is aware, in UTC; rules never read a clock.

    ``dns`` has the DNS answers by host; ``None`` when no query was allowed. ``usage`` is the evidence of use; ``None``
    where none was read.
    """

    now: datetime
    settings: Settings = Settings()
    dns: Mapping[str, DnsAnswer] | None = None
    usage: Usage | None = None


class Gap(msgspec.Struct, frozen=True):
    """What a rule yields for a value that it needs and cannot check; ``message`` says what is there, or what failed.

    ``unknown`` is a value that was read and that may be right: ``remedy`` names what would decide it. ``use-unknown``
    is a value of which no evidence says whether it was used.
    Whole properties, and values that a source marked as not read, are found by the engine from ``needs``.
    """

    pointer: str
    message: str = ""
    reason: Literal["malformed", "failed", "not-in-file", "unknown", "use-unknown"] = "malformed"
    remedy: str = ""


class Subject(msgspec.Struct, frozen=True):
    """What is checked, under the key by which the report names it.

    ``app`` is a ``Registration``, a ``TenantApp`` (an application of a tenant with its service principal and grants) or
    a ``Tenant`` with its policies. Every value in it is known, absent (``None``) or not read. ``address`` is what names
    a registration in code: it stays the same when the display name changes. Empty where code gives it no such name.
    """

    key: str
    app: Any
    address: str = ""

    @property
    def unread(self) -> Mapping[str, Unread]:
        """The values that a source marked as not read, with the reason, by JSON pointer into ``app``."""
        app = self.app
        if isinstance(app, Registration):
            return app.unread
        if isinstance(app, Tenant):
            return {f"/{name}": cause for name, cause in app.unread.items()}
        marks = app.application.unread if isinstance(app.application, Registration) else {}
        own = vars(app).get("unread", {})
        return (
            {**{f"/application{pointer}": cause for pointer, cause in marks.items()}, **own} if marks or own else marks
        )

    def read(self, path: str) -> Any:
        """The value at a dotted Graph *path*; ``None`` where it is absent, an ``Unread`` where it was not read."""
        value, pointer = read_value(self.app, path), pointer_to(path)
        return self.cause(pointer) if value is UNSET or nearest(self.unread, pointer) else value

    def cause(self, pointer: str) -> Unread:
        """Why the value at *pointer* was not read; the mark may be at one of its parents."""
        marks = self.unread
        return marks.get(nearest(marks, pointer), NOT_IN_FILE if isinstance(self.app, Registration) else NOT_RETURNED)

    @property
    def identity(self) -> str:
        """What names the subject in every report: its client ID or tenant ID, else a registration's name, else its key.

        A client ID exists only after the first deployment.
        """
        app = self.app
        if isinstance(app, Registration):
            return app.app_id or app.display_name or self.key
        return (app.id if isinstance(app, Tenant) else app.app_id) or self.key


#: What a rule is called with: one registration; all registrations of a run, once and only where there are several; an
#: application of a tenant (``TenantApp``); a tenant with its policies (``Tenant``).
On = Literal["registration", "registrations", "service principal", "tenant"]

Check = (
    Callable[[Registration, Context], Iterator[Hit | Gap]]
    | Callable[[Sequence[Subject], Context], Iterator[tuple[Subject, Hit]]]
    | Callable[[TenantApp, Context], Iterator[Hit | Gap]]
    | Callable[[Tenant, Context], Iterator[Hit | Gap]]
)


class Bad(msgspec.Struct, frozen=True):
    """A fragment that the rule must report once, at *at*, with *severity* when it is not the rule's default.

    It is merged into the rule's clean base as a JSON merge patch (RFC 7396). ``expected_rules`` are others that
    correctly report it too. ``settings`` are those, in kebab-case, without which the rule reports nothing;
    ``other_registrations`` are those of the same run; ``dns`` has the DNS answers, ``usage`` the evidence of use.
    """

    fragment: dict[str, Any]
    at: str
    severity: Severity | None = None
    expected_rules: tuple[str, ...] = ()
    settings: dict[str, Any] = {}
    other_registrations: tuple[dict[str, Any], ...] = ()
    dns: dict[str, DnsAnswer] = {}
    usage: Usage | None = None


class Good(msgspec.Struct, frozen=True):
    """A fragment that the rule must not report; ``why`` says why it is right although it looks wrong."""

    fragment: dict[str, Any]
    why: str = ""
    settings: dict[str, Any] = {}
    other_registrations: tuple[dict[str, Any], ...] = ()
    dns: dict[str, DnsAnswer] = {}
    usage: Usage | None = None


class Options(TypedDict, total=False):
    """What a rule may declare besides its identity and its examples. Paths are dotted Graph paths into the subject.

    - ``on``: what the rule is called with.
    - ``kinds``: the kinds of objects to which it applies (``rules.model.object_kind``), plain applications alone if it
      declares none. It is neither run on others nor reported as not assessed.
    - ``may_be``: the severities that a hit may have instead of the rule's own.
    - ``needs``: every value that was read is checked, the rest is reported as not assessed.
    - ``needs_all``: the rule is not called unless all of these were read whole, since it checks an absence.
    - ``when_set``: the rule is called only where one of these has a value (not null, false or empty).
    - ``only_if``: the rule is called only where one of these traits of ``rules.engine.prefilter`` holds.
    - ``needs_dns``: the rule takes part only where DNS was queried.
    - ``needs_usage``: the rule takes part only where evidence of use was read.
    - ``checks``: the canonical checks of ``rules.docs.canonical`` that it covers.
    - ``settings``: the settings that tune it, in kebab-case.
    - ``status``: a preview rule runs on request. A removed one never runs; it keeps its name, so that configurations
      which use it get a hint to use ``instead``, as for a deprecated one.
    - ``keeps_severity``: a finding is not low where no token is issued to the registration.
    - ``instead_of``: rules over registrations whose findings are dropped where a finding of this rule has the same
      place (``/application/...``) as a reason: this rule knows more.
    - ``unless_powerful``: a finding is dropped where the tenant is known to have given the application the power to
      take it over, of which a registration says nothing.
    """

    on: On
    kinds: tuple[ObjectKind, ...]
    may_be: tuple[Severity, ...]
    needs: tuple[str, ...]
    needs_all: tuple[str, ...]
    when_set: tuple[str, ...]
    only_if: tuple[str, ...]
    needs_dns: bool
    needs_usage: bool
    checks: tuple[str, ...]
    settings: tuple[str, ...]
    status: Status
    instead: str
    keeps_severity: bool
    instead_of: tuple[str, ...]
    unless_powerful: bool


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """One check: texts, examples, the function and its ``Options``.

    ``base`` names the clean registration, application or tenant into which the examples are merged.
    """

    id: str
    title: str
    why: str
    fix: str
    family: str
    acceptable: str = ""
    severity: Severity
    references: tuple[Reference, ...]
    bad: tuple[Bad, ...]
    good: tuple[Good, ...]
    base: str
    check: Callable[..., Iterator[Any]]
    on: On = "registration"
    kinds: tuple[ObjectKind, ...] = ("application",)
    may_be: tuple[Severity, ...] = ()
    needs: tuple[str, ...] = ()
    needs_all: tuple[str, ...] = ()
    when_set: tuple[str, ...] = ()
    only_if: tuple[str, ...] = ()
    needs_dns: bool = False
    needs_usage: bool = False
    checks: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    status: Status = "stable"
    instead: str = ""
    keeps_severity: bool = False
    instead_of: tuple[str, ...] = ()
    unless_powerful: bool = False


def can_run(r: Rule, *, dns: bool, usage: bool) -> bool:
    """Whether a rule takes part in a run: where it needs *dns* answers or evidence of *usage*, there are any."""
    return (dns or not r.needs_dns) and (usage or not r.needs_usage)


def rule(
    id: str,
    *,
    severity: Severity,
    references: tuple[str | Reference, ...],
    bad: Bad | tuple[Bad, ...],
    good: Good | tuple[Good, ...],
    base: str,
    **options: Unpack[Options],
) -> Callable[[Check], Rule]:
    """Make a rule of the decorated function. Its docstring has the title, ``Why:``, ``Acceptable:`` (when to keep what
    the rule reports; optional) and ``Fix:``; its module names the family.

    *references* are IDs of ``rules/knowledge/sources.tsv``; a rule pack may give a ``Reference`` of its own. Raises
    ``DataError`` for an unknown ID and ``ValueError`` when title, ``Why:`` or ``Fix:`` is missing.
    """

    def declare(check: Check) -> Rule:
        title, why, acceptable, fix = _prose(check)
        return Rule(
            id=id,
            title=title,
            why=why,
            fix=fix,
            acceptable=acceptable,
            family=check.__module__.rpartition("families.")[2].partition(".")[0].replace("_", "-"),
            severity=severity,
            references=cite_all(f"rule {id}", *references),
            bad=bad if isinstance(bad, tuple) else (bad,),
            good=good if isinstance(good, tuple) else (good,),
            base=base,
            check=check,
            **options,
        )

    return declare


def _prose(check: Check) -> tuple[str, str, str, str]:
    text = inspect.cleandoc(check.__doc__ or "")
    title, _, rest = text.partition("\n\nWhy: ")
    why, _, fix = rest.partition("\nFix: ")
    why, _, acceptable = why.partition("\nAcceptable: ")
    title, why, acceptable, fix = (" ".join(part.split()) for part in (title, why, acceptable, fix))
    if not (title and why and fix):
        raise ValueError(f"{check.__qualname__}: the docstring must be a title, 'Why: ...' and 'Fix: ...'")
    return title, why, acceptable, fix


def severity_of(r: Rule, hit: Hit) -> Severity:
    """The severity of a *hit*; raises ``ValueError`` for one that the rule does not declare."""
    severity = hit.severity or r.severity
    if severity != r.severity and severity not in r.may_be:
        raise ValueError(f"{r.id} may not be {severity}")
    return severity
