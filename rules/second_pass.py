"""Judge what a tenant has beside its registrations: its applications with their service principals and grants, its policies.

What nobody read is not assessed, as in the first pass. A whole list that is missing is named once, on the tenant, and not
for each of its thousands of service principals.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import msgspec

from rules.engine import Context, Rule, Verdict, severity_of
from rules.finding import Finding, Hit, NotAssessed
from rules.hits import attributes, finding_of
from rules.registration import UNSET, Registration, Unread
from rules.tenant import ServicePrincipal, Tenant
from rules.tenant_app import TenantApp

#: The list of the tenant that a member of an application comes from, by its Graph name.
_LISTS: Final = {"servicePrincipal": "servicePrincipals", "application": "applications"}

_PRINCIPAL_FIELDS: Final = tuple(field.encode_name for field in msgspec.structs.fields(ServicePrincipal))
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
    plan = []
    for r in rules:
        if r.scope == "tenant-app":
            gaps = [*_missing_lists(r, tenant, key)]
            not_assessed += gaps
            if not any(gap.pointer[1:] in {_list_of(path) for path in r.needs_all} for gap in gaps):
                plan.append((r, _steps_of(r.judges)))
    wanting = {r.id: _wanted_of_principal(r) for r, _ in plan}
    lacking: Counter[tuple[str, str]] = Counter()
    for subject in subjects:
        app = subject.app
        unset = _unset_members(app.service_principal)
        for r, judged in plan:
            if judged and not any(_stands(app, steps) for steps in judged):
                continue
            missing = wanting[r.id] & unset if unset else None
            if missing:
                lacking.update((r.id, member) for member in missing)
                if any(f"servicePrincipal.{member}" in r.needs_all for member in missing):
                    continue
            for said in _said(r, app, context, subject.key, not_assessed):
                findings.append(
                    finding_of(r.id, severity_of(r, said), subject.key, app.app_id or subject.key, app, said)
                )
            not_assessed += _missing_of_application(r, subject)
    not_assessed += [
        NotAssessed(
            rule=rule_id,
            registration=key,
            pointer=f"/servicePrincipals/{member}",
            reason=_NOT_RETURNED.reason,
            note=f"it was not read of {count:,} service principal{'' if count == 1 else 's'}",
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
        if any(gap.pointer == _pointer(path) for gap in gaps for path in r.needs_all):
            continue
        for said in _said(r, tenant, context, key, not_assessed):
            findings.append(finding_of(r.id, severity_of(r, said), key, tenant.id or key, tenant, said))
    return Verdict(tuple(findings), tuple(not_assessed))


def _said(r: Rule, judged: Any, context: Context, key: str, not_assessed: list[NotAssessed]) -> Iterator[Hit]:
    """The hits of a rule; what it cannot judge, and its failure, go to *not_assessed*."""
    try:
        for said in r.judge(judged, context):
            if isinstance(said, Hit):
                severity_of(r, said)
                yield said
            else:
                not_assessed.append(
                    NotAssessed(rule=r.id, registration=key, pointer=said.pointer, reason="malformed", note=said.note)
                )
    except Exception as error:  # a defect of ours must neither end the run nor vanish
        not_assessed.append(
            NotAssessed(
                rule=r.id,
                registration=key,
                pointer="",
                reason="internal",
                note=f"the rule failed with {type(error).__name__}: {error}",
                remedy="report this as a defect of grantlint",
            )
        )


def _missing_lists(r: Rule, tenant: Tenant, key: str) -> Iterator[NotAssessed]:
    """The lists that a rule over applications needs and that were not read, or not whole."""
    for member in dict.fromkeys(_list_of(path) for path in (*r.needs, *r.needs_all)):
        cause = tenant.unread.get(member)
        if cause is None and member != "applications" and _member(tenant, member) is UNSET:
            cause = _NOT_RETURNED
        if cause is not None:
            yield _gap(r, key, f"/{member}", cause)


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
            yield _gap(r, key, _pointer(path), cause or _NOT_RETURNED)


def _missing_of_application(r: Rule, subject: AppSubject) -> Iterator[NotAssessed]:
    """What a rule needs of the registration itself and was not read of it."""
    application = subject.app.application
    if not isinstance(application, Registration):
        return
    for path in (*r.needs, *r.needs_all):
        first, _, member = path.partition(".")
        if first == "application" and member and _member(application, member) is UNSET:
            cause = application.unread.get(f"/{member}", _NOT_RETURNED)
            yield _gap(r, subject.key, _pointer(path), cause)


def _gap(r: Rule, key: str, pointer: str, cause: Unread) -> NotAssessed:
    return NotAssessed(
        rule=r.id, registration=key, pointer=pointer, reason=cause.reason, note=cause.note, remedy=cause.remedy
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


def _steps_of(paths: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(path.split(".")) for path in paths)


def _stands(app: TenantApp, steps: tuple[str, ...]) -> bool:
    """Whether something stands at a path: no null, no false, nothing empty, nothing unread."""
    value: Any = app
    for name in steps:
        value = _member(value, name)
        if value is UNSET or not value:
            return False
    return True


def _member(value: Any, name: str) -> Any:
    own = attributes(type(value)).get(name)
    return UNSET if own is None else getattr(value, own)


def _pointer(path: str) -> str:
    return "/" + path.replace(".", "/")
