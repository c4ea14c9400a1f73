"""Run rules over registrations, applications of a tenant and tenants, and turn what they yield into findings.

The engine adds everything to a hit: severity, the quoted value, the patch and the fingerprint. A value that a rule
needs and that was not read becomes a row of a ``GapList``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec

from rules.engine.findings import digest, finding_of, walk
from rules.engine.prefilter import NO_TRAITS, Traits, traits
from rules.engine.rule import NOT_IN_FILE, NOT_RETURNED, Context, Gap, On, Rule, Subject, can_run, severity_of
from rules.model.finding import Because, Finding, Hit
from rules.model.gap_list import Block, GapList, SharedGap
from rules.model.object_kind import OBJECT_KINDS, ObjectKind
from rules.model.registration import DISABLED, Registration, Unread, disabled_at
from rules.model.tenant import Tenant
from rules.model.tenant_app import TenantApp
from rules.primitives.paths import PathReader
from rules.primitives.pointers import pointer_to
from rules.primitives.texts import counted

_ON: Final[dict[type, On]] = {Registration: "registration", TenantApp: "service principal", Tenant: "tenant"}

#: The severities of findings about a registration that are low where no token is issued to it.
_FALL_TO_LOW: Final = ("critical", "high", "medium")

#: The list of the tenant from which a member of an application comes, by its Graph name.
_LISTS: Final = {
    "servicePrincipal": "servicePrincipals",
    "application": "applications",
    "scopedRoleAssignments": "roleAssignments",
    "scopedRoleEligibilities": "roleEligibilities",
}


class Result(msgspec.Struct, frozen=True):
    """The findings and gaps of all rules, in the order of the subjects."""

    findings: tuple[Finding, ...]
    not_assessed: GapList


def lint(subjects: Iterable[Subject], rules: Iterable[Rule], context: Context, tenant: Subject | None = None) -> Result:
    """Check *subjects* with *rules* and return what was found; see ``Run``."""
    run = Run(tenant)
    run.check(subjects, rules, context)
    return run.result()


class Run:
    """Checks subjects with rules and collects findings and gaps.

    Subjects that have rules or settings of their own are checked in calls of their own. With applications of a tenant
    goes the *tenant*: what was not read of all its applications is reported there, once for all calls.
    """

    def __init__(self, tenant: Subject | None = None) -> None:
        self._tenant = tenant
        self._findings: list[Finding] = []
        self._gaps: list[tuple[str, Block]] = []
        #: Many registrations have the same gap.
        self._blocks: dict[SharedGap, Block] = {}
        #: Lists of the tenant that were not read. A dictionary, since every call may report the same one.
        self._list_gaps: dict[SharedGap, None] = {}
        #: How many service principals lack a member, by rule and path.
        self._lacking: Counter[tuple[str, str]] = Counter()

    def check(self, subjects: Iterable[Subject], rules: Iterable[Rule], context: Context) -> None:
        """Check *subjects*, all of one kind, with those of *rules* that are for this kind (``Rule.on``).

        A rule that raises is reported as not assessed with the reason ``internal``, and the run goes on.
        """
        subjects = tuple(subjects)
        kind = self._kind_of(subjects)
        given = {"dns": context.dns is not None, "usage": context.usage is not None}
        rules = tuple(r for r in rules if can_run(r, **given))
        kinds = {subject.app.kind for subject in subjects} or {*OBJECT_KINDS}
        plan = [r for r in rules if r.on == _ON[kind] and not kinds.isdisjoint(r.kinds)]
        if kind is TenantApp:
            plan = [r for r in plan if self._has_lists(r)]
        across = [r for r in rules if r.on == "registrations"] if kind is Registration and len(subjects) > 1 else []
        shapes = _Shapes(kind, [*plan, *across])
        for subject in subjects:
            work = shapes.work(subject.app)
            if work.lacking:
                self._lacking.update(work.lacking)
            marks = subject.unread
            for r in self._partly_read(subject, shapes, work, marks) if marks else self._read(subject, work):
                try:
                    for one in r.check(subject.app, context):
                        if isinstance(one, Hit):
                            self._findings.append(_finding(r, subject, one))
                        elif one.pointer not in marks:
                            self._add(subject.key, _yielded(r, subject, one))
                except Exception as error:  # a defect of the rule must neither end the run nor vanish
                    self._add(subject.key, _failed(r, error))
        for r in across:
            try:
                concerned = [subject for subject in subjects if subject.app.kind in r.kinds]
                self._findings += [_finding(r, subject, hit) for subject, hit in r.check(concerned, context)]
            except Exception as error:  # as above
                self._add(subjects[0].key, _failed(r, error))

    def result(self) -> Result:
        """Everything found so far."""
        lacking = tuple(
            SharedGap(
                rule=rule_id,
                pointer=pointer_to(path.replace("servicePrincipal", "servicePrincipals", 1)),
                reason=NOT_RETURNED.reason,
                note=f"{NOT_RETURNED.note} of {counted(count, 'service principal')}",
                remedy=NOT_RETURNED.remedy,
            )
            for (rule_id, path), count in self._lacking.items()
        )
        before = [(self._holder.key, tuple(self._list_gaps))] if self._list_gaps else []
        after = [(self._holder.key, lacking)] if lacking else []
        return Result(tuple(self._findings), GapList((*before, *self._gaps, *after)))

    def _kind_of(self, subjects: Sequence[Subject]) -> type:
        """The kind of *subjects*; without any it is applications of the tenant, whose lists may be missing."""
        if not subjects:
            return TenantApp if self._tenant else Registration
        return next(kind for kind in _ON if isinstance(subjects[0].app, kind))  # sources may make subclasses

    @property
    def _holder(self) -> Subject:
        """The tenant, where applications of it are checked."""
        if self._tenant is None:
            raise ValueError("applications of a tenant are checked with their tenant")
        return self._tenant

    def _has_lists(self, r: Rule) -> bool:
        """Report the lists that a rule needs and that were not read; say whether it can be called without them."""
        blocking = {_list_of(path) for path in r.needs_all}
        is_blocked = False
        for name in dict.fromkeys(_list_of(path) for path in (*r.needs, *r.needs_all)):
            # Registrations are not a property of the tenant: sources read them separately.
            found = self._holder.unread.get("/applications") if name == "applications" else self._holder.read(name)
            if isinstance(found, Unread):
                self._list_gaps[_gap(r.id, f"/{name}", found)] = None
                is_blocked = is_blocked or name in blocking
        return not is_blocked

    def _add(self, key: str, gap: SharedGap) -> None:
        self._gaps.append((key, self._blocks.setdefault(gap, (gap,))))

    def _read(self, subject: Subject, work: _Work) -> Sequence[Rule]:
        """The rules to call for a subject; reports what they lack."""
        if work.block:
            self._gaps.append((subject.key, work.block))
        return work.rules

    def _partly_read(
        self, subject: Subject, shapes: _Shapes, work: _Work, marks: Mapping[str, Unread]
    ) -> Sequence[Rule]:
        """The same for a subject of which a source marked values as not read."""
        missing: dict[str, list[str]] = {}
        for gap in work.block:
            missing.setdefault(gap.rule, []).append(gap.pointer)
        marked: dict[str, list[tuple[int, int, str]]] = {}
        blocked: set[str] = set()
        for number, mark in enumerate(marks):
            for rule_id, need, whole in shapes.needing(mark, subject.app.kind):
                marked.setdefault(rule_id, []).append((need, number, mark))
                if whole:
                    blocked.add(rule_id)
        for rule_id in sorted({*missing, *marked}, key=shapes.order.__getitem__):
            found = (mark for _, _, mark in sorted(marked.get(rule_id, ())))
            for pointer in dict.fromkeys((*missing.get(rule_id, ()), *found)):
                self._add(subject.key, _gap(rule_id, pointer, subject.cause(pointer)))
        return [r for r in work.rules if r.id not in blocked]


class _Work(msgspec.Struct, frozen=True):
    """What to do with subjects of one shape.

    ``rules`` are to be called. ``block`` has what they need and what was not read, for subjects without marks;
    ``lacking`` has rules with paths for members of a service principal, which are counted over all of them.
    """

    rules: tuple[Rule, ...]
    block: Block
    lacking: tuple[tuple[str, str], ...]


class _Shapes:
    """Works out for each shape which rules to call. Subjects of one source resemble each other, so shapes are few.

    ``order`` has the number of each rule in the plan.
    """

    def __init__(self, kind: type, plan: Sequence[Rule]) -> None:
        self.order = {r.id: number for number, r in enumerate(plan)}
        self._needs = [
            (r, number, pointer_to(path) + "/", path in r.needs_all)
            for r in plan
            for number, path in enumerate((*r.needs, *r.needs_all))
        ]
        self._needing: dict[tuple[str, ObjectKind], list[tuple[str, int, bool]]] = {}
        self._kind = kind
        self._plan = plan
        paths = [path for r in plan for path in (*r.needs, *r.needs_all, *r.when_set)]
        self._reader = PathReader(kind, ["application", *paths] if kind is TenantApp else paths)
        self._known: dict[tuple[tuple[bool | None, ...], Traits, ObjectKind], _Work] = {}

    def needing(self, mark: str, kind: ObjectKind) -> Sequence[tuple[str, int, bool]]:
        """The rules for a *kind* that need the value at a *mark*: ID, number of the need, whether of the whole.

        Subjects of one source have the same marks.
        """
        found = self._needing.get((mark, kind))
        if found is None:
            found = self._needing[mark, kind] = [
                (r.id, number, whole)
                for r, number, start, whole in self._needs
                if kind in r.kinds and f"{mark}/".startswith(start)
            ]
        return found

    def work(self, app: Any) -> _Work:
        """What to do with *app*."""
        shape = self._reader.shape(app), traits(app) if self._kind is Registration else NO_TRAITS, app.kind
        work = self._known.get(shape)
        if work is None:
            states = dict(zip(self._reader.paths, shape[0], strict=True))
            work = self._known[shape] = self._work(states, shape[1][0] | shape[1][1], app.kind)
        return work

    def _work(self, states: Mapping[str, bool | None], known: frozenset[str], kind: ObjectKind) -> _Work:
        plan = [r for r in self._plan if kind in r.kinds]
        rules = [
            r
            for r in plan
            if r.on != "registrations"
            and (not r.when_set or any(states[path] for path in r.when_set))
            and (not r.only_if or not known.isdisjoint(r.only_if))
            and all(states[path] is not None for path in r.needs_all)
        ]
        unread = [(r, path) for r in plan for path in (*r.needs, *r.needs_all) if states[path] is None]
        missing, lacking = unread, []
        if self._kind is TenantApp:  # other members are lists of the tenant, and reported on it
            is_known = states["application"] is not None
            missing = [(r, path) for r, path in unread if is_known and path.startswith("application.")]
            lacking = [(r.id, path) for r, path in unread if path.startswith("servicePrincipal.")]
        cause = NOT_IN_FILE if self._kind is Registration else NOT_RETURNED
        return _Work(tuple(rules), tuple(_gap(r.id, pointer_to(path), cause) for r, path in missing), tuple(lacking))


def _list_of(path: str) -> str:
    """The list of the tenant from which the value at a path of an application comes."""
    first, _, rest = path.partition(".")
    return rest.partition(".")[0] if first == "tenant" else _LISTS.get(first, first)


def _gap(rule_id: str, pointer: str, cause: Unread) -> SharedGap:
    return SharedGap(rule=rule_id, pointer=pointer, reason=cause.reason, note=cause.note, remedy=cause.remedy)


def _yielded(r: Rule, subject: Subject, gap: Gap) -> SharedGap:
    """The gap that a rule yielded; one without a message has the cause for which the value was not read."""
    if not gap.message:
        return _gap(r.id, gap.pointer, subject.cause(gap.pointer))
    return SharedGap(rule=r.id, pointer=gap.pointer, reason=gap.reason, note=gap.message, remedy=gap.remedy)


def _failed(r: Rule, error: Exception) -> SharedGap:
    return SharedGap(
        rule=r.id,
        pointer="",
        reason="internal",
        note=f"the rule failed with {type(error).__name__}: {error}",
        remedy="report this as a defect of grantlint",
    )


def _finding(r: Rule, subject: Subject, hit: Hit) -> Finding:
    severity = severity_of(r, hit)
    where = disabled_at(subject.app) if isinstance(subject.app, Registration) else ""
    if where and severity in _FALL_TO_LOW and not r.keeps_severity:
        severity = "low"
        hit = msgspec.structs.replace(hit, because=(*hit.because, Because(f"/{where}", DISABLED[where])))
    return finding_of(r.id, severity, subject.key, subject.identity, subject.app, hit)


def fingerprint(rule_id: str, subject: Subject, pointer: str) -> str:
    """The identity of a finding; see ``rules.engine.findings.digest``."""
    return digest(rule_id, subject.identity, walk(subject.app, pointer)[1])
