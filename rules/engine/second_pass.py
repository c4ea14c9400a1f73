"""Judge what a tenant has beside its registrations: its applications with their service principals and grants, its policies.

What nobody read is not assessed, as in the first pass. A whole list that is missing is named once, on the tenant, and not
for each of its thousands of service principals.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import msgspec

from rules.engine.findings import finding_of
from rules.engine.rule import Context, Rule, failed, gap_of, severity_of
from rules.engine.run import Verdict
from rules.model.finding import Finding, Hit, NotAssessed
from rules.model.registration import UNSET, PathReader, Registration, Unread
from rules.model.tenant import ServicePrincipal, Tenant
from rules.model.tenant_app import TenantApp
from rules.primitives.paths import attributes, steps_of
from rules.primitives.pointers import nearest, pointer_to
from rules.primitives.texts import counted

#: The list of the tenant that a member of an application comes from, by its Graph name.
_LISTS: Final = {
    "servicePrincipal": "servicePrincipals", "application": "applications", "scopedRoleAssignments": "roleAssignments",
}  # fmt: skip

_PRINCIPAL_FIELDS: Final = tuple(attributes(ServicePrincipal))
_NOT_RETURNED: Final = Unread("not-in-file", note="it was not read", remedy="read the tenant again")


class AppSubject(msgspec.Struct, frozen=True):
    """An application of a tenant under the key by which the report names it."""

    key: str
    app: TenantApp


def lint_apps(
    subjects: Iterable[AppSubject], tenant: Tenant, key: str, rules: Iterable[Rule], context: Context
) -> Verdict:
    """Judge the applications of a *tenant*, which the report names by *key*, with the rules over such."""
    findings: list[Finding] = []
    not_assessed: list[NotAssessed] = []
    plan: list[Rule] = []
    for r in rules:
        if r.scope == "tenant-app":
            gaps = [*_missing_lists(r, tenant, key)]
            not_assessed += gaps
            if not any(gap.pointer[1:] in {_list_of(path) for path in r.needs_all} for gap in gaps):
                plan.append(r)
    reader = _Reader(plan)
    lacking: Counter[tuple[str, str]] = Counter()
    for subject in subjects:
        app = subject.app
        work = reader.work(app)
        unset = _unset_members(app.service_principal)
        blocked = set(reader.lacking(unset, lacking)) if unset else set()
        for r, pointer in work.missing:
            not_assessed.append(gap_of(r, subject.key, f"/application{pointer}", _cause(app, pointer)))
        inside = _inside(app, plan)
        not_assessed += [gap_of(r, subject.key, f"/application{at}", cause) for r, at, cause, _ in inside]
        blocked.update(r.id for r, _, _, is_whole in inside if is_whole)
        for r in work.jobs:
            if r.id in blocked:
                continue
            findings += _found(r, app, context, subject.key, app.app_id or subject.key, not_assessed)
    not_assessed += [
        NotAssessed(
            rule=rule_id,
            registration=key,
            pointer=f"/servicePrincipals/{member}",
            reason=_NOT_RETURNED.reason,
            note=f"it was not read of {counted(count, 'service principal')}",
            remedy=_NOT_RETURNED.remedy,
        )
        for (rule_id, member), count in lacking.items()
    ]
    return Verdict(tuple(findings), tuple(not_assessed))


def lint_tenant(tenant: Tenant, key: str, rules: Iterable[Rule], context: Context) -> Verdict:
    """Judge a *tenant*, which the report names by *key*, with the rules over its policies."""
    findings: list[Finding] = []
    not_assessed: list[NotAssessed] = []
    for r in rules:
        if r.scope != "tenant":
            continue
        gaps = [*_missing_policies(r, tenant, key)]
        not_assessed += gaps
        if any(gap.pointer == pointer_to(path) for gap in gaps for path in r.needs_all):
            continue
        findings += _found(r, tenant, context, key, tenant.id or key, not_assessed)
    return Verdict(tuple(findings), tuple(not_assessed))


def _found(r: Rule, judged: Any, context: Context, key: str, who: str, gaps: list[NotAssessed]) -> Iterator[Finding]:
    """The findings of a rule in *judged*, known as *who* through all reports; what it cannot judge, and its failure, go to *gaps*."""
    try:
        for said in r.judge(judged, context):
            if isinstance(said, Hit):
                yield finding_of(r.id, severity_of(r, said), key, who, judged, said)
            else:
                gaps.append(
                    NotAssessed(rule=r.id, registration=key, pointer=said.pointer, reason=said.reason, note=said.note)
                )
    except Exception as error:  # a defect of ours must neither end the run nor vanish
        gaps.append(failed(r, key, error))


def _missing_lists(r: Rule, tenant: Tenant, key: str) -> Iterator[NotAssessed]:
    """The lists that a rule over applications needs and that were not read, or not whole."""
    for member in dict.fromkeys(_list_of(path) for path in (*r.needs, *r.needs_all)):
        cause = tenant.unread.get(member)
        if cause is None and member != "applications" and _member(tenant, member) is UNSET:
            cause = _NOT_RETURNED
        if cause is not None:
            yield gap_of(r, key, f"/{member}", cause)


def _missing_policies(r: Rule, tenant: Tenant, key: str) -> Iterator[NotAssessed]:
    """What a rule over the tenant needs and was not read: a policy, or a member of one."""
    for path in (*r.needs, *r.needs_all):
        member, *rest = path.split(".")
        cause = tenant.unread.get(member)
        value = _member(tenant, member)
        for name in rest:
            if value is None or value is UNSET:
                break
            value = _member(value, name)
        if cause is not None or value is UNSET:
            yield gap_of(r, key, pointer_to(path), cause or _NOT_RETURNED)


class _Work(msgspec.Struct, frozen=True):
    """What is to be done with applications of one shape: the rules that have something to judge, and what of a registration
    some rule needs and nobody read.
    """

    jobs: tuple[Rule, ...]
    missing: tuple[tuple[Rule, str], ...]


class _Reader:
    """Says what rules have to judge in an application. Applications resemble each other: each shape is worked out once."""

    def __init__(self, plan: Sequence[Rule]) -> None:
        self._plan = plan
        self._judged = {path: steps_of(TenantApp, path) for r in plan for path in r.judges}
        self._needed = {r.id: _of_application(r) for r in plan}
        self._reader = PathReader(path for paths in self._needed.values() for path in paths)
        self._wanted = [(r, _wanted_of_principal(r)) for r in plan]
        self._known: dict[tuple[tuple[bool, ...], tuple[bool | None, ...]], _Work] = {}

    def work(self, app: TenantApp) -> _Work:
        """What is to be done with *app*."""
        application = app.application
        states = self._reader.shape(application) if isinstance(application, Registration) else ()
        shape = tuple([_stands(app, steps) for steps in self._judged.values()]), states
        work = self._known.get(shape)
        if work is None:
            work = self._known[shape] = self._work(*shape)
        return work

    def _work(self, judged: tuple[bool, ...], read: tuple[bool | None, ...]) -> _Work:
        stands = dict(zip(self._judged, judged, strict=True))
        states = dict(zip(self._reader.paths, read, strict=True)) if read else {}
        jobs: list[Rule] = []
        missing: list[tuple[Rule, str]] = []
        for r in self._plan:
            gaps = [path for path in self._needed[r.id] if states.get(path, True) is None]
            missing += [(r, pointer_to(path)) for path in gaps]
            is_blocked = any(f"application.{path}" in r.needs_all for path in gaps)
            if not is_blocked and (not r.judges or any(stands[path] for path in r.judges)):
                jobs.append(r)
        return _Work(tuple(jobs), tuple(missing))

    def lacking(self, unset: frozenset[str], counts: Counter[tuple[str, str]]) -> frozenset[str]:
        """Count what each rule needs of a service principal and was not read; the rules that are not called without it."""
        found = [(r, wanted & unset) for r, wanted in self._wanted if not wanted.isdisjoint(unset)]
        counts.update((r.id, member) for r, members in found for member in members)
        return frozenset(
            r.id for r, members in found if any(f"servicePrincipal.{one}" in r.needs_all for one in members)
        )


def _inside(app: TenantApp, plan: Sequence[Rule]) -> list[tuple[Rule, str, Unread, bool]]:
    """Single values inside what rules need of a registration that a source marked as unread, and whether that blocks."""
    unread = app.application.unread if isinstance(app.application, Registration) else {}
    return [
        (r, pointer, cause, f"application.{path}" in r.needs_all)
        for pointer, cause in unread.items()
        for r in plan
        for path in _of_application(r)
        if pointer.startswith(pointer_to(path) + "/")
    ]


def _cause(app: TenantApp, pointer: str) -> Unread:
    """Why a value of the registration was not read; the reason may stand at one of its parents."""
    unread = app.application.unread if isinstance(app.application, Registration) else {}
    return unread.get(nearest(unread, pointer), _NOT_RETURNED)


def _of_application(r: Rule) -> tuple[str, ...]:
    """The paths into the registration that a rule needs."""
    return tuple(
        path.removeprefix("application.") for path in (*r.needs, *r.needs_all) if path.startswith("application.")
    )


def _list_of(path: str) -> str:
    """The list of the tenant in which the value at a path of an application stands."""
    first, _, rest = path.partition(".")
    return rest.partition(".")[0] if first == "tenant" else _LISTS.get(first, first)


def _wanted_of_principal(r: Rule) -> frozenset[str]:
    return frozenset(path.split(".")[1] for path in (*r.needs, *r.needs_all) if path.startswith("servicePrincipal."))


def _unset_members(principal: ServicePrincipal | None) -> frozenset[str]:
    """The members of a service principal that were not read. Most have none."""
    if principal is None:
        return frozenset()
    values = msgspec.structs.astuple(principal)
    if UNSET not in values:
        return frozenset()
    return frozenset(name for name, value in zip(_PRINCIPAL_FIELDS, values, strict=True) if value is UNSET)


def _stands(app: TenantApp, attributes: tuple[str, ...]) -> bool:
    """Whether something stands at the end of *attributes*: no null, no false, nothing empty, nothing unread."""
    value: Any = app
    for name in attributes:
        value = getattr(value, name)
        if value is UNSET or not value:
            return False
    return True


def _member(value: Any, name: str) -> Any:
    own = attributes(type(value)).get(name)
    return UNSET if own is None else getattr(value, own)
