"""Check what was read of tenants besides their registrations, and give it rows in the report."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec
from msgspec import UNSET

from advisor.policy.config import Configuration
from advisor.policy.scopes import scopes
from advisor.run.rows import people
from advisor.sources.reading.builder import Reading, unique_name
from advisor.sources.reading.remedies import AFTER_DEPLOYMENT
from reports.rows import Origin, PermissionRow, RegistrationRow
from rules.analysis.agents import Effective, blueprint_of, effective_permissions, user_of
from rules.analysis.principals import powers_of
from rules.engine.rule import Context, Rule, Subject
from rules.engine.run import Result, Run
from rules.model.finding import Finding, NotAssessed
from rules.model.gap_list import GapList
from rules.model.registration import Registration
from rules.model.settings import Settings
from rules.model.tenant import Tenant
from rules.model.tenant_app import Granted, TenantApp, tenant_apps
from rules.primitives.texts import text_of

#: What the rows say that they were read as.
_PRINCIPAL: Final = "service principal"
_POLICIES: Final = "tenant and its policies"
#: The lists of what code grants.
_GRANTS: Final = ("appRoleAssignments", "oauth2PermissionGrants", "roleAssignments")
#: What no code says of a service principal.
_IN_TENANT: Final = (
    "/servicePrincipals",
    "/organization",
    "/roleGroups",
    "/applications",
    "/applicationAccessPolicies",
)
_AFTER: Final = AFTER_DEPLOYMENT
#: Where the registration is in an application of a tenant.
_APPLICATION: Final = "/application"


class TenantAuditResult(msgspec.Struct, frozen=True):
    """The rows for objects that are not registrations, and what the rules say of it and of the registrations' service
    principals.
    """

    rows: tuple[RegistrationRow, ...] = ()
    result: Result = Result((), GapList())
    #: What was checked, by the key of the row that has findings on it.
    objects: Mapping[str, msgspec.Struct] = {}


def audit_tenants(
    reading: Reading,
    rows: Sequence[RegistrationRow],
    rules: Sequence[Rule],
    context: Context,
    configuration: Configuration,
) -> TenantAuditResult:
    """Check every tenant of *reading*; *rows* are those of its registrations.

    A finding on the service principal of a registration of the run belongs to that registration. An application of
    another tenant has a row of its own, as has the tenant. A row without findings and gaps is left out, except the
    tenant's. Policies are checked where the whole tenant was requested.
    """
    rules = tuple(rule for rule in rules if rule.on in ("service principal", "tenant"))
    if not (reading.tenants or reading.grants) or not rules:
        return TenantAuditResult()
    apps = {subject.key: subject.app for subject in reading.subjects}
    of_tenant: defaultdict[str, dict[str, Registration]] = defaultdict(dict)
    for row in rows:
        if row.tenant:
            of_tenant[row.tenant][row.key] = apps[row.key]
    taken = {row.key for row in rows}
    made: list[RegistrationRow] = []
    findings: list[Finding] = []
    gaps: list[NotAssessed] = []
    objects: dict[str, msgspec.Struct] = {}
    for name, tenant in reading.tenants.items():
        key = unique_name(name, taken)
        taken.add(key)
        registrations = of_tenant[name]
        run = Run(Subject(key, tenant))
        _audit_apps(run, tenant, key, rows, registrations, made, objects, rules, context, configuration)
        if tenant.whole:
            run.check([Subject(key, tenant)], rules, context)
        result = run.result()
        findings += result.findings
        gaps += result.not_assessed
        if tenant.whole or any(gap.registration == key for gap in gaps):
            made.append(_tenant_row(tenant, key, name))
            objects[key] = tenant
    for key, app in reading.grants.items():
        if key not in apps:
            made.append(reading.row(key))
        result = _check_grants(Subject(key, app), apps.get(key), rules, context, made, rows, configuration)
        findings += result.findings
        gaps += result.not_assessed
    said = {finding.registration for finding in findings} | {gap.registration for gap in gaps}
    kept = tuple(row for row in made if row.key in said or row.kind == "tenant" or row.object_kind == "agent identity")
    found = {key: objects[key] for key in {finding.registration for finding in findings} if key in objects}
    return TenantAuditResult(kept, Result(tuple(findings), GapList.of(gaps)), found)


def _audit_apps(
    run: Run,
    tenant: Tenant,
    key: str,
    rows: Sequence[RegistrationRow],
    registrations: Mapping[str, Registration],
    made: list[RegistrationRow],
    objects: dict[str, msgspec.Struct],
    rules: Sequence[Rule],
    context: Context,
    configuration: Configuration,
) -> None:
    """Check the applications of a tenant in *run*, scope by scope.

    Rows for those without a registration go to *made*, all to *objects*.
    """
    keys = {id(application): own for own, application in registrations.items()}
    subjects: list[Subject] = []
    named = {row.key: row for row in rows}
    apps = tenant_apps(tenant, registrations.values())
    agents = effective_permissions(apps)
    for app in apps:
        own = keys.get(id(app.application))
        if own is None:
            row = _principal_row(app, key)
            if app.kind == "agent identity":
                row = _as_agent(row, app, agents[row.object_id or ""])
            made.append(row)
            named[row.key] = row
            own = row.key
        subjects.append(Subject(own, app))
        objects[own] = app
    if not subjects:
        # Rules that need what was not read still say so, once.
        run.check((), rules, context)
    for scope in scopes(subjects, named, rules, configuration):
        run.check(scope.subjects, scope.rules, msgspec.structs.replace(context, settings=scope.settings))


def _check_grants(
    subject: Subject,
    application: Registration | None,
    rules: Sequence[Rule],
    context: Context,
    made: Sequence[RegistrationRow],
    rows: Sequence[RegistrationRow],
    configuration: Configuration,
) -> Result:
    """Check what code grants to a service principal, with the rules over grants.

    What only a tenant says of it is known after the deployment.
    """
    app = msgspec.structs.replace(subject.app, application=UNSET if application is None else application)
    vars(app)["unread"] = subject.unread
    own = Subject(subject.key, app)
    granted = {name for name in _GRANTS if own.read(name)}
    about = [rule for rule in rules if rule.on == "service principal" and granted.intersection(rule.when_set)]
    run = Run(Subject(subject.key, app.tenant))
    named = {row.key: row for row in (*rows, *made)}
    for scope in scopes([own], named, about, configuration):
        run.check(scope.subjects, scope.rules, msgspec.structs.replace(context, settings=scope.settings))
    result = run.result()
    gaps = {
        msgspec.structs.replace(gap, reason="unknown-until-apply", note="", remedy=_AFTER)
        if gap.reason == "failed" or gap.pointer.startswith(_IN_TENANT)
        else gap: None
        for gap in result.not_assessed
        if not gap.pointer.startswith(_APPLICATION)
    }
    return Result(result.findings, GapList.of(gaps))


def without_requests(result: Result, said: Iterable[Finding], rules: Iterable[Rule]) -> Result:
    """*result* over registrations without what a finding *said* of their tenant knows better, by ``Rule.instead_of``.

    That a permission is asked for and that it was granted is one finding, which names both places.
    """
    instead_of = {rule.id: rule.instead_of for rule in rules if rule.instead_of}
    silent = {
        (finding.registration, rule, because.pointer.removeprefix(_APPLICATION))
        for finding in said
        for because in finding.because
        if because.pointer.startswith(f"{_APPLICATION}/")
        for rule in instead_of.get(finding.rule, ())
    }
    if not silent:
        return result
    kept = tuple(one for one in result.findings if (one.registration, one.rule, one.pointer) not in silent)
    return Result(kept, result.not_assessed)


def without_powerful(
    result: Result, reading: Reading, rows: Mapping[str, RegistrationRow], rules: Iterable[Rule]
) -> Result:
    """*result* over the registrations of *reading*, without findings of rules with ``Rule.unless_powerful`` on those
    that can take over their tenant by what it, or code, granted and assigned. *rows* has these registrations by key.
    """
    exempting = {rule.id for rule in rules if rule.unless_powerful}
    found = {finding.registration for finding in result.findings if finding.rule in exempting}
    powerful = {key for key, app in reading.grants.items() if key in found and powers_of(app)}
    for name, tenant in reading.tenants.items():
        subjects = [one for one in reading.subjects if one.key in found and rows[one.key].tenant == name]
        keys = {id(one.app): one.key for one in subjects}
        for app in tenant_apps(tenant, [one.app for one in subjects]) if subjects else ():
            if id(app.application) in keys and powers_of(app):
                powerful.add(keys[id(app.application)])
    kept = tuple(one for one in result.findings if one.rule not in exempting or one.registration not in powerful)
    return Result(kept, result.not_assessed)


def _principal_row(app: TenantApp, tenant: str) -> RegistrationRow:
    """The row of an application that lives elsewhere, or whose registration was not read."""
    principal = app.service_principal
    object_id = text_of(principal.id) if principal else ""
    return RegistrationRow(
        key=f"{tenant}/servicePrincipals/{object_id or app.app_id}",
        name=app.name or object_id,
        app_id=app.app_id or None,
        object_id=object_id or None,
        audience=text_of(principal.sign_in_audience) if principal else "",
        format=_PRINCIPAL,
        origin=Origin(),
        complete=True,
        tenant=tenant,
        kind="service-principal",
        object_kind=app.kind,
    )


def _as_agent(row: RegistrationRow, app: TenantApp, found: Effective) -> RegistrationRow:
    """The row of an agent identity with its effective permissions and its user account.

    ``granted`` stays ``None`` where none was read.
    """
    user = user_of(app)
    is_read = UNSET not in (app.app_role_assignments, app.oauth2_permission_grants)
    granted = (*((one, False) for one in found.direct), *((one, True) for one in found.inherited))
    rows = dict.fromkeys(_permission_row(one, inherited=is_inherited) for one, is_inherited in granted)
    return msgspec.structs.replace(
        row,
        granted=tuple(rows) if is_read else None,
        blueprint=blueprint_of(app),
        inherited_unread=not found.is_whole,
        sponsors=people(app.service_principal.sponsors) if app.service_principal else None,
        agent_user=text_of(user),
        agent_user_unread=user is UNSET,
    )


def _permission_row(granted: Granted, *, inherited: bool) -> PermissionRow:
    return PermissionRow(
        resource=granted.resource,
        id=granted.id,
        reach="application" if granted.kind == "Role" else "delegated",
        resource_name=granted.resource_name,
        name=granted.value,
        inherited=inherited,
    )


def _tenant_row(tenant: Tenant, key: str, name: str) -> RegistrationRow:
    organization = tenant.organization or None
    return RegistrationRow(
        key=key,
        name=(text_of(organization.display_name) if organization else "") or name,
        app_id=None,
        object_id=tenant.id or None,
        audience="",
        format=_POLICIES,
        origin=Origin(),
        complete=not tenant.unread,
        tenant=name,
        kind="tenant",
    )


def settings_of_tenants(settings: Settings, tenants: Iterable[Tenant]) -> Settings:
    """*settings* with the verified domains and the ids of the *tenants* that were read, where none are configured."""
    organizations = [tenant.organization for tenant in tenants if tenant.organization]
    domains = dict.fromkeys(
        text_of(domain.name) for one in organizations for domain in one.verified_domains or () if text_of(domain.name)
    )
    ids = dict.fromkeys(text_of(one.id) for one in organizations if text_of(one.id))
    return msgspec.structs.replace(
        settings,
        verified_domains=settings.verified_domains or tuple(domains),
        home_tenants=settings.home_tenants or tuple(ids),
    )
