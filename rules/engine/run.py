"""Run rules over registrations, applications of a tenant and tenants, and turn what they yield into findings.

The engine adds everything to a hit: severity, the quoted value, the patch and the fingerprint. A value that a rule needs and
that was not read becomes ``NotAssessed``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from rules.engine.findings import digest, finding_of, walk
from rules.engine.prefilter import Traits, traits
from rules.engine.rule import Context, On, Rule, Subject, severity_of
from rules.model.finding import Finding, Hit, NotAssessed
from rules.model.registration import UNSET, Registration, Unread
from rules.model.tenant import Tenant
from rules.model.tenant_app import TenantApp
from rules.primitives.paths import PathReader, attributes
from rules.primitives.pointers import nearest, pointer_to
from rules.primitives.texts import counted

_NOT_IN_FILE: Final = Unread("not-in-file")
_NOT_RETURNED: Final = Unread("not-in-file", note="it was not read", remedy="read the tenant again")
#: The list of the tenant from which a member of an application comes, by its Graph name.
_LISTS: Final = {
    "servicePrincipal": "servicePrincipals",
    "application": "applications",
    "scopedRoleAssignments": "roleAssignments",
}
_PRINCIPAL: Final = "/servicePrincipal/"


class Result(msgspec.Struct, frozen=True):
    """What all rules found in all subjects, in the order of the subjects."""

    findings: tuple[Finding, ...]
    not_assessed: tuple[NotAssessed, ...]


def lint(subjects: Iterable[Subject], rules: Iterable[Rule], context: Context, tenant: Subject | None = None) -> Result:
    """Check *subjects*, all of one kind, with the *rules* over that kind (``Rule.on``).

    For applications of a tenant give the *tenant*: a whole list that was not read is reported there, once. A rule that raises
    is reported as not assessed with the reason ``internal``, and the run goes on.
    """
    rules = tuple(r for r in rules if not r.needs_dns or context.dns is not None)
    subjects = tuple(subjects)
    findings: list[Finding] = []
    gaps: list[NotAssessed] = []
    on: On = "service principal"
    if tenant is None:
        on = "tenant" if subjects and isinstance(subjects[0].app, Tenant) else "registration"
    wanted = (on, "registrations") if on == "registration" and len(subjects) > 1 else (on,)
    plan = [r for r in rules if r.on in wanted]
    if tenant is not None:
        plan = [r for r in plan if not _lacks_list(r, tenant, gaps)]
    access = _ACCESS[on](plan)
    for subject in subjects:
        for r in access.assessable(subject, gaps):
            try:
                for one in r.check(subject.app, context):
                    if isinstance(one, Hit):
                        findings.append(_finding(r, subject, one))
                    elif one.pointer not in access.marks(subject.app):
                        gaps.append(access.gap(r, subject, one.pointer, one.message, one.reason))
            except Exception as error:  # a defect of ours must neither end the run nor vanish
                gaps.append(_failed(r, subject.key, error))
    for r in plan:
        if r.on == "registrations":
            try:
                findings += [_finding(r, subject, hit) for subject, hit in r.check(subjects, context)]
            except Exception as error:  # as above
                gaps.append(_failed(r, subjects[0].key, error))
    return Result(tuple(findings), tuple(gaps) if tenant is None else _grouped(gaps, tenant.key))


def _grouped(gaps: Iterable[NotAssessed], tenant: str) -> tuple[NotAssessed, ...]:
    """*gaps* of a tenant's applications as the report has them.

    A member that was not read of many service principals is one gap on the *tenant* (its key), with their number.
    """
    lacking = Counter((gap.rule, gap.pointer) for gap in gaps if _is_lacking(gap))
    kept = [gap for gap in gaps if not _is_lacking(gap)]
    return (
        *kept,
        *(
            NotAssessed(
                rule=rule_id,
                registration=tenant,
                pointer=pointer.replace("/servicePrincipal/", "/servicePrincipals/", 1),
                reason=_NOT_RETURNED.reason,
                note=f"it was not read of {counted(count, 'service principal')}",
                remedy=_NOT_RETURNED.remedy,
            )
            for (rule_id, pointer), count in lacking.items()
        ),
    )


def _is_lacking(gap: NotAssessed) -> bool:
    return gap.pointer.startswith(_PRINCIPAL) and gap.note == _NOT_RETURNED.note


class _Work(msgspec.Struct, frozen=True):
    """What is to be done with subjects of one shape: the rules to call, and each rule with a pointer that it misses."""

    rules: tuple[Rule, ...]
    missing: tuple[tuple[Rule, str], ...]


class _Access:
    """Says which rules can check a subject. Subjects of one source resemble each other: each shape is worked out once."""

    kind: type[msgspec.Struct] = Registration
    cause: Unread = _NOT_IN_FILE
    always: tuple[str, ...] = ()

    def __init__(self, plan: Iterable[Rule]) -> None:
        self._plan = tuple(plan)
        paths = [path for r in self._plan for path in (*r.needs, *r.needs_all, *r.when_set)]
        self._reader = PathReader(self.kind, [*self.always, *paths])
        self._needs = [
            (r, tuple((pointer_to(path) + "/", path in r.needs_all) for path in (*r.needs, *r.needs_all)))
            for r in self._plan
        ]
        self._known: dict[Any, _Work] = {}

    def assessable(self, subject: Subject, gaps: list[NotAssessed]) -> Iterable[Rule]:
        """The rules to call for *subject*; what the others, and these, miss is added to *gaps*."""
        work = self._work(subject.app)
        if not self.marks(subject.app):
            gaps += [_gap(r, subject.key, pointer, self.cause) for r, pointer in work.missing]
            return work.rules
        return self._partly(subject, work, gaps)

    def marks(self, app: Any) -> Mapping[str, Unread]:
        """The values of *app* that its source marked as not read, by JSON pointer."""
        found: Mapping[str, Unread] = app.unread
        return found

    def gap(self, r: Rule, subject: Subject, pointer: str, message: str = "", reason: str = "malformed") -> NotAssessed:
        """Say why *pointer* was not read; the mark may be at one of its parents. A *message* means it was, in vain."""
        if message:
            return NotAssessed(rule=r.id, registration=subject.key, pointer=pointer, reason=reason, note=message)
        marks = self.marks(subject.app)
        return _gap(r, subject.key, pointer, marks.get(nearest(marks, pointer), self.cause) if marks else self.cause)

    def _partly(self, subject: Subject, work: _Work, gaps: list[NotAssessed]) -> list[Rule]:
        """The same for a subject with values that its source marked as not read."""
        marks = self.marks(subject.app)
        blocked: set[str] = set()
        absent: dict[str, list[str]] = {}
        for r, pointer in work.missing:
            absent.setdefault(r.id, []).append(pointer)
        for r, needs in self._needs:
            inside = [
                (pointer, whole) for start, whole in needs for pointer in marks if f"{pointer}/".startswith(start)
            ]
            pointers = dict.fromkeys([*absent.get(r.id, ()), *(pointer for pointer, _ in inside)])
            gaps += [self.gap(r, subject, pointer) for pointer in pointers]
            if any(whole for _, whole in inside):
                blocked.add(r.id)
        return [r for r in work.rules if r.id not in blocked]

    def _is_reported(self, _path: str, _states: Mapping[str, bool | None]) -> bool:
        """Whether a value that was not read at a path is reported on the subject itself."""
        return True

    def _shape(self, app: Any) -> Any:
        return self._reader.shape(app), traits(app)

    def _work(self, app: Any) -> _Work:
        shape = self._shape(app)
        work = self._known.get(shape)
        if work is None:
            read, known = shape
            states = dict(zip(self._reader.paths, read, strict=True))
            work = self._known[shape] = self._worked_out(states, known)
        return work

    def _worked_out(self, states: Mapping[str, bool | None], known: Traits | None) -> _Work:
        rules = [
            r
            for r in self._plan
            if r.on != "registrations"
            and (not r.when_set or any(states[path] for path in r.when_set))
            and (not r.only_if or known is None or not (known[0] | known[1]).isdisjoint(r.only_if))
            and all(states[path] is not None for path in r.needs_all)
        ]
        missing = [
            (r, pointer_to(path))
            for r in self._plan
            for path in (*r.needs, *r.needs_all)
            if states[path] is None and self._is_reported(path, states)
        ]
        return _Work(tuple(rules), tuple(missing))


class _TenantAccess(_Access):
    """A tenant: what was refused is marked by property."""

    kind = Tenant
    cause = _NOT_RETURNED

    def marks(self, app: Tenant) -> Mapping[str, Unread]:
        return {f"/{member}": cause for member, cause in app.unread.items()}

    def _shape(self, app: Tenant) -> Any:
        return self._reader.shape(app), None


class _TenantAppAccess(_Access):
    """An application of a tenant: its registration has marks; a list that was not read is reported on the tenant."""

    kind = TenantApp
    cause = _NOT_RETURNED
    always = ("application",)

    def marks(self, app: TenantApp) -> Mapping[str, Unread]:
        unread = app.application.unread if isinstance(app.application, Registration) else {}
        return {f"/application{pointer}": cause for pointer, cause in unread.items()} if unread else unread

    def _shape(self, app: TenantApp) -> Any:
        return self._reader.shape(app), None

    def _is_reported(self, _path: str, _states: Mapping[str, bool | None]) -> bool:
        if _path.startswith("application."):
            return _states["application"] is not None
        return _path.startswith("servicePrincipal.")


_ACCESS: Final[dict[On, type[_Access]]] = {
    "registration": _Access,
    "service principal": _TenantAppAccess,
    "tenant": _TenantAccess,
}


def _lacks_list(r: Rule, tenant: Subject, gaps: list[NotAssessed]) -> bool:
    """Report the lists that a rule over applications needs and that were not read, or not whole; whether one blocks it."""
    app: Any = tenant.app
    blocking = {_list_of(path) for path in r.needs_all}
    blocked = False
    for member in dict.fromkeys(_list_of(path) for path in (*r.needs, *r.needs_all)):
        cause = app.unread.get(member)
        if cause is None and member != "applications" and getattr(app, attributes(Tenant)[member]) is UNSET:
            cause = _NOT_RETURNED
        if cause is not None:
            gaps.append(_gap(r, tenant.key, f"/{member}", cause))
            blocked = blocked or member in blocking
    return blocked


def _list_of(path: str) -> str:
    """The list of the tenant from which the value at a path of an application comes."""
    first, _, rest = path.partition(".")
    return rest.partition(".")[0] if first == "tenant" else _LISTS.get(first, first)


def _gap(r: Rule, key: str, pointer: str, cause: Unread) -> NotAssessed:
    return NotAssessed(
        rule=r.id, registration=key, pointer=pointer, reason=cause.reason, note=cause.note, remedy=cause.remedy
    )


def _failed(r: Rule, key: str, error: Exception) -> NotAssessed:
    return NotAssessed(
        rule=r.id,
        registration=key,
        pointer="",
        reason="internal",
        note=f"the rule failed with {type(error).__name__}: {error}",
        remedy="report this as a defect of grantlint",
    )


def _finding(r: Rule, subject: Subject, hit: Hit) -> Finding:
    return finding_of(r.id, severity_of(r, hit), subject.key, _identity(subject), subject.app, hit)


def _identity(subject: Subject) -> str:
    """What names the subject in every report: client ID or tenant ID, else a registration's name, else its key.

    A client ID exists only after the first deployment.
    """
    app: Any = subject.app
    if isinstance(app, Registration):
        return app.app_id or app.display_name or subject.key
    return (app.id if isinstance(app, Tenant) else app.app_id) or subject.key


def fingerprint(rule_id: str, subject: Subject, pointer: str) -> str:
    """The identity of a finding on a registration; see ``rules.engine.findings.digest``."""
    return digest(rule_id, _identity(subject), walk(subject.app, pointer)[1])
