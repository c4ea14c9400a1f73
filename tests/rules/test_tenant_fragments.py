"""The fragments of rules over a tenant: its applications with their service principals and grants, its policies."""

import copy
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from rules.docs.examples import check_example
from rules.engine.rule import Bad, Context, Good, Rule, Subject
from rules.engine.run import Result, Run, lint
from rules.families import RULES
from rules.families.usage._evidence import seen
from rules.model.clean import NOW
from rules.model.clean_tenant import APP_KINDS, TENANT_KIND, app_over, clean_app, clean_tenant, tenant_over
from rules.model.registration import UNSET, Registration, Unread, mark_unread
from rules.model.tenant import Tenant
from rules.model.tenant_app import TenantApp

#: Complete evidence of use that shows nothing: rules that need it run too.
CONTEXT = Context(NOW, usage=seen())
TENANT_RULES = tuple(rule for rule in RULES if rule.on in ("service principal", "tenant"))
REFUSED = Unread("refused", note="403", remedy="grant Policy.Read.All")
each_rule = pytest.mark.parametrize("rule", TENANT_RULES, ids=lambda rule: rule.id)
BAD = [pytest.param(rule, bad, id=f"{rule.id}-{n}") for rule in TENANT_RULES for n, bad in enumerate(rule.bad)]
GOOD = [pytest.param(rule, good, id=f"{rule.id}-{n}") for rule in TENANT_RULES for n, good in enumerate(rule.good)]


@pytest.mark.parametrize(("rule", "bad"), BAD)
def test_a_bad_fragment_is_reported_once_at_its_place_and_by_no_other_rule(rule: Rule, bad: Bad) -> None:
    verdict = check_example(TENANT_RULES, rule.base, bad)
    assert verdict.not_assessed == ()
    own = [(found.pointer, found.severity) for found in verdict.findings if found.rule == rule.id]
    assert own == [(bad.at, bad.severity or rule.severity)]
    assert {found.rule for found in verdict.findings} == {rule.id, *bad.expected_rules}


@pytest.mark.parametrize(("rule", "good"), GOOD)
def test_a_good_fragment_is_not_reported_by_its_rule(rule: Rule, good: Good) -> None:
    assert check_example((rule,), rule.base, good) == Result((), ())


@pytest.mark.parametrize("kind", APP_KINDS)
def test_a_clean_application_has_no_finding(kind: str) -> None:
    app = app_over(kind, {})
    assert lint([Subject("x", app)], TENANT_RULES, CONTEXT, Subject("tenant", app.tenant)) == Result((), ())


def test_a_clean_tenant_has_no_finding() -> None:
    assert lint([Subject("x", tenant_over({}))], TENANT_RULES, CONTEXT) == Result((), ())


def check_app(rule: Rule, app: TenantApp) -> Result:
    return lint([Subject("x", app)], (rule,), CONTEXT, Subject("tenant", app.tenant))


def said(verdict: Result) -> list[tuple[str, str, str]]:
    return [(found.pointer, found.severity, found.message) for found in verdict.findings]


def apps_of(rule: Rule) -> Iterator[TenantApp]:
    """The rule's own bad applications, and the clean ones."""
    for bad in rule.bad:
        if not bad.settings:
            yield app_over(rule.base, bad.fragment)
    yield from (app for app in map(clean_over, APP_KINDS) if app.kind in rule.kinds)


def clean_over(kind: str) -> TenantApp:
    return app_over(kind, {})


#: What of an application is in which list of the tenant.
LISTS = {
    "servicePrincipals": ("servicePrincipal",),
    "oauth2PermissionGrants": ("oauth2PermissionGrants",),
    "appRoleAssignments": ("appRoleAssignments",),
    "roleAssignments": ("roleAssignments", "scopedRoleAssignments"),
    "roleEligibilities": ("scopedRoleEligibilities",),
    "applications": ("application",),
}
GRANTED = {
    "oauth2PermissionGrants": ("oauth2_permission_grants",),
    "appRoleAssignments": ("app_role_assignments",),
    "roleAssignments": ("role_assignments", "scoped_role_assignments"),
    "roleEligibilities": ("scoped_role_eligibilities",),
}


@pytest.mark.parametrize("rule", [r for r in TENANT_RULES if r.on == "service principal"], ids=lambda rule: rule.id)
@pytest.mark.parametrize("member", LISTS)
def test_a_list_that_a_rule_needs_and_nobody_read_is_named_once_on_the_tenant(rule: Rule, member: str) -> None:
    needs = {path.split(".")[0] for path in (*rule.needs, *rule.needs_all)}
    absences = {path.split(".")[0] for path in rule.needs_all}
    for app in apps_of(rule):
        tenant = msgspec.structs.replace(app.tenant, unread={member: REFUSED})
        changed = msgspec.structs.replace(app, tenant=tenant)
        changed = msgspec.structs.replace(changed, **dict.fromkeys(GRANTED.get(member, ()), UNSET))
        subjects = [Subject(f"x{n}", changed) for n in range(3)]
        verdict = lint(subjects, (rule,), CONTEXT, Subject("tenant", tenant))
        gaps = [(gap.registration, gap.pointer, gap.reason) for gap in verdict.not_assessed]
        assert gaps == ([("tenant", f"/{member}", "refused")] if needs & {*LISTS[member]} else [])
        if absences & {*LISTS[member]}:
            assert verdict.findings == ()


@pytest.mark.parametrize("rule", [r for r in TENANT_RULES if r.on == "service principal"], ids=lambda rule: rule.id)
def test_a_member_that_was_not_read_is_not_assessed_where_it_is_needed_and_changes_nothing_elsewhere(
    rule: Rule,
) -> None:
    needs = {path.split(".")[1] for path in (*rule.needs, *rule.needs_all) if path.startswith("servicePrincipal.")}
    for app in apps_of(rule):
        before = check_app(rule, app)
        if app.service_principal is None:
            continue
        for field in msgspec.structs.fields(type(app.service_principal)):
            if field.encode_name in ("id", "appId", "displayName", "@odata.type"):
                continue
            principal = msgspec.structs.replace(app.service_principal, **{field.name: UNSET})
            after = check_app(rule, msgspec.structs.replace(app, service_principal=principal))
            if field.encode_name in needs:
                assert {gap.pointer for gap in after.not_assessed} <= {f"/servicePrincipals/{field.encode_name}"}
                assert after.not_assessed or said(after) == said(before) == []
            else:
                assert (said(after), after.not_assessed) == (said(before), before.not_assessed), field.encode_name


@pytest.mark.parametrize("rule", [r for r in TENANT_RULES if r.on == "service principal"], ids=lambda rule: rule.id)
def test_a_member_of_the_registration_that_was_not_read_is_not_assessed_on_it_and_changes_nothing_elsewhere(
    rule: Rule,
) -> None:
    paths = [path.split(".")[1:] for path in (*rule.needs, *rule.needs_all) if path.startswith("application.")]
    absences = {path.split(".")[1] for path in rule.needs_all if path.startswith("application.")}
    for app in apps_of(rule):
        if not isinstance(app.application, Registration):
            continue
        before = check_app(rule, app)
        for field in msgspec.structs.fields(Registration):
            if field.encode_name in ("id", "appId", "displayName", "@odata.type"):
                continue
            changed = msgspec.structs.replace(app.application, **{field.name: UNSET})
            after = check_app(rule, msgspec.structs.replace(app, application=changed))
            needed = {f"/application/{'/'.join(path)}" for path in paths if path[0] == field.encode_name}
            assert {gap.pointer for gap in after.not_assessed} == needed
            if not needed:
                assert said(after) == said(before), field.encode_name
            elif field.encode_name in absences:
                assert after.findings == ()


def test_what_was_not_read_of_a_tenant_is_reported_once_where_applications_are_checked_in_parts() -> None:
    app = app_over("own", {})
    assert app.service_principal is not None
    lacking = msgspec.structs.replace(app.service_principal, account_enabled=UNSET)
    tenant = msgspec.structs.replace(app.tenant, unread={"appRoleAssignments": REFUSED})
    changed = msgspec.structs.replace(
        app, service_principal=lacking, app_role_assignments=UNSET, scoped_role_assignments=UNSET, tenant=tenant
    )
    subjects = [Subject("x", changed), Subject("y", changed)]
    holder = Subject("tenant", tenant)
    run = Run(holder)
    for subject in subjects:
        run.check([subject], TENANT_RULES, CONTEXT)
    assert run.result() == lint(subjects, TENANT_RULES, CONTEXT, holder)
    gaps = [gap for gap in run.result().not_assessed if gap.rule == "granted-application-permission"]
    assert [(gap.registration, gap.pointer, gap.reason, gap.note) for gap in gaps] == [
        ("tenant", "/appRoleAssignments", "refused", REFUSED.note),
        ("tenant", "/servicePrincipals/accountEnabled", "not-in-file", "it was not read of 2 service principals"),
    ]


def test_applications_of_a_tenant_are_checked_with_their_tenant() -> None:
    with pytest.raises(ValueError, match="with their tenant"):
        lint([Subject("x", app_over("own", {}))], TENANT_RULES, CONTEXT)


def test_a_single_value_that_a_source_could_not_read_blocks_a_rule_about_absence() -> None:
    (rule,) = [rule for rule in TENANT_RULES if rule.id == "unrequested-permission-grant"]
    app = app_over(rule.base, rule.bad[0].fragment)
    assert isinstance(app.application, Registration)
    assert said(check_app(rule, app))
    mark_unread(app.application, {"/requiredResourceAccess/0": REFUSED})
    verdict = check_app(rule, app)
    assert verdict.findings == ()
    assert [gap.pointer for gap in verdict.not_assessed] == ["/application/requiredResourceAccess/0"]


def _paths(data: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, value in data.items():
        yield (*path, name)
        if isinstance(value, dict):
            yield from _paths(value, (*path, name))


def _without(data: dict[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    changed = copy.deepcopy(data)
    place = changed
    for name in path[:-1]:
        place = place[name]
    del place[path[-1]]
    return changed


@pytest.mark.parametrize("rule", [r for r in TENANT_RULES if r.on == "tenant"], ids=lambda rule: rule.id)
def test_what_a_rule_needs_of_a_policy_and_nobody_read_is_not_assessed(rule: Rule) -> None:
    needs = (*rule.needs, *rule.needs_all)
    for data in [msgspec.to_builtins(tenant_over(bad.fragment)) for bad in rule.bad] + [clean_tenant()]:
        before = lint([Subject("x", msgspec.convert(data, Tenant))], (rule,), CONTEXT)
        for path in _paths(clean_tenant()):
            name = ".".join(path)
            changed = msgspec.convert(_without(data, path), Tenant) if _has(data, path) else None
            if changed is None or path == ("id",):
                continue
            after = lint([Subject("x", changed)], (rule,), CONTEXT)
            if any(need == name or need.startswith(f"{name}.") for need in needs):
                assert after.not_assessed, name
            else:
                assert (said(after), after.not_assessed) == (said(before), before.not_assessed), name


def _has(data: Any, path: tuple[str, ...]) -> bool:
    for name in path:
        if not isinstance(data, dict) or name not in data:
            return False
        data = data[name]
    return True


@each_rule
def test_a_policy_or_list_that_is_null_never_makes_a_rule_fail(rule: Rule) -> None:
    if rule.on == "tenant":
        for path in _paths(clean_tenant()):
            data = clean_tenant()
            place = data
            for name in path[:-1]:
                place = place[name]
            place[path[-1]] = None
            try:
                tenant = msgspec.convert(data, Tenant)
            except msgspec.ValidationError:
                continue  # Graph has no null there, and the reader says so
            verdict = lint([Subject("x", tenant)], (rule,), CONTEXT)
            assert not [gap for gap in verdict.not_assessed if gap.reason == "internal"]
        return
    for kind in APP_KINDS:
        for name in clean_app(kind)["servicePrincipal"]:
            app = app_over(kind, {"servicePrincipal": {name: None}})
            assert not [gap for gap in check_app(rule, app).not_assessed if gap.reason == "internal"]
        for name in ("application", "servicePrincipal"):
            app = app_over(kind, {name: None})
            assert not [gap for gap in check_app(rule, app).not_assessed if gap.reason == "internal"]


@pytest.mark.parametrize("rule", [r for r in TENANT_RULES if r.on == "service principal"], ids=lambda rule: rule.id)
@pytest.mark.parametrize(
    "name",
    [
        "oauth2PermissionGrants",
        "appRoleAssignments",
        "roleAssignments",
        "scopedRoleAssignments",
        "scopedRoleEligibilities",
    ],
)
def test_a_grant_of_which_nothing_is_known_never_makes_a_rule_fail(rule: Rule, name: str) -> None:
    members = (
        "id",
        "appRoleId",
        "resourceId",
        "scope",
        "consentType",
        "roleDefinitionId",
        "directoryScopeId",
        "principalId",
    )
    for kind in APP_KINDS:
        for row in ({}, dict.fromkeys(members), dict.fromkeys(members, "\u0000' =x")):
            app = app_over(
                kind, {name: [row], "servicePrincipal": {"passwordCredentials": [{}], "keyCredentials": [{}]}}
            )
            assert not [gap for gap in check_app(rule, app).not_assessed if gap.reason == "internal"]


def test_needs_name_what_exists() -> None:
    roots: dict[str, type] = {"service principal": TenantApp, "tenant": Tenant}
    for rule in TENANT_RULES:
        for path in (*rule.needs, *rule.needs_all, *rule.when_set):
            kind: Any = roots[rule.on]
            for name in path.split("."):
                fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
                assert name in fields, f"{rule.id}: {path}"
                found = getattr(fields[name].type, "__args__", (fields[name].type,))
                kind = next(
                    (one for one in found if isinstance(one, type) and issubclass(one, msgspec.Struct)), Registration
                )


def test_over_names_what_is_clean() -> None:
    assert {rule.base for rule in TENANT_RULES} <= {*APP_KINDS, TENANT_KIND}
