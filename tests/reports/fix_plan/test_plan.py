"""What a plan holds, what it leaves to people, and in which order."""

from __future__ import annotations

from typing import Any

import jmespath
import msgspec
import pytest

from reports.fix_plan.conditions import condition, selection
from reports.fix_plan.merge import CONTRADICTS, NOT_WHOLE
from reports.fix_plan.plan import Block, make_plan
from reports.fix_plan.step import NO_HOST, NO_ID, NO_REQUEST, Request, Step
from reports.fix_plan.words import step_lines
from reports.formats.plan_http import render_http
from reports.formats.plan_ps1 import render_powershell
from reports.formats.plan_sh import render_shell
from reports.redact import redact
from reports.report import Report
from reports.rows import FindingRow, Origin, Owner, UsageEntry, UsageRow
from rules.engine.findings import VALUE_LIMIT
from rules.model.clean import clean
from tests.reports.fix_plan.runs import report_of
from tests.reports.sample import empty_report, finding, registration

OBJECT = "00000000-0000-4000-8000-000000000001"
CLIENT = "11111111-1111-4111-8111-111111111111"
APPLICATION = f"https://graph.microsoft.com/v1.0/applications/{OBJECT}"


def with_redirects(*uris: str) -> dict[str, Any]:
    app = clean("web")
    app["web"]["redirectUris"] = list(uris)
    return app


def only_block(report: Report) -> Block:
    (block,) = make_plan(report).blocks
    return block


def planned(*findings: FindingRow, before: dict[str, Any] | None = None, **changes: Any) -> Block:
    """The plan for a registration with *findings*, of which *before* is known."""
    row = registration("a", "Portal", **{"object_id": OBJECT, "app_id": CLIENT, "origin": Origin(), **changes})
    return only_block(empty_report(registrations=(msgspec.structs.replace(row, before=before),), findings=findings))


def back(step: Step) -> Request | None:
    """The request that restores what the report read; ``None`` where it did not read all of it."""
    return step.undo.request if step.undo else None


def said(
    pointer: str, patch: dict[str, Any] | None, rule: str = "some-rule", severity: Any = "low", **more: Any
) -> FindingRow:
    return finding(rule, severity, "a", "is odd", pointer=pointer, patch=patch, **more)


def test_removals_from_one_list_become_one_request_that_keeps_the_rest() -> None:
    app = with_redirects(
        "https://jwt.ms/1", "https://portal.contoso.com/a", "https://jwt.ms/2", "https://portal.contoso.com/b"
    )
    (step,) = only_block(report_of(app)).steps
    assert len(step.findings) == 2
    kept = ["https://portal.contoso.com/a", "https://portal.contoso.com/b"]
    assert step.request == Request("PATCH", APPLICATION, {"web": {"redirectUris": kept}})
    assert back(step) == Request("PATCH", APPLICATION, {"web": {"redirectUris": app["web"]["redirectUris"]}})


def test_a_long_address_is_restored_whole() -> None:
    long = "https://jwt.ms/" + "x" * VALUE_LIMIT
    (step,) = only_block(report_of(with_redirects(long, "https://portal.contoso.com/a"))).steps
    assert step.undo
    assert step.undo.known["web"]["redirectUris"][0] == long


def test_an_address_that_one_rule_replaces_and_another_removes_is_removed() -> None:
    patches = [{"web": {"redirectUris": ["https://a", "https://b"]}}, {"web": {"redirectUris": ["https://b"]}}]
    findings = [said("/web/redirectUris/0", patch) for patch in patches]
    (step,) = planned(*findings, before={"/web/redirectUris": ["http://a", "https://b"]}).steps
    assert step.request
    assert step.request.body == {"web": {"redirectUris": ["https://b"]}}


def test_an_address_that_comes_to_stand_twice_is_kept_once() -> None:
    before = {"/web/redirectUris": ["http://a", "HTTP://a"]}
    findings = [
        said("/web/redirectUris/0", {"web": {"redirectUris": ["https://a", "HTTP://a"]}}),
        said("/web/redirectUris/1", {"web": {"redirectUris": ["http://a", "https://a"]}}),
    ]
    (step,) = planned(*findings, before=before).steps
    assert step.request
    assert step.request.body == {"web": {"redirectUris": ["https://a"]}}


def test_a_resource_that_loses_all_its_permissions_goes_with_them() -> None:
    def asks(*ids: str) -> dict[str, Any]:
        return {"resourceAppId": "r", "resourceAccess": [{"id": one, "type": "Scope"} for one in ids]}

    findings = [
        said("/requiredResourceAccess/0/resourceAccess/0", {"requiredResourceAccess": [asks("2"), asks("3")]}),
        said("/requiredResourceAccess/0/resourceAccess/1", {"requiredResourceAccess": [asks("1"), asks("3")]}),
    ]
    (step,) = planned(*findings, before={"/requiredResourceAccess": [asks("1", "2"), asks("3")]}).steps
    assert step.request
    assert step.request.body == {"requiredResourceAccess": [asks("3")]}
    assert step.breaks == ""


def test_properties_of_their_own_have_steps_of_their_own_safe_ones_first_then_the_worst() -> None:
    findings = [
        said("/isFallbackPublicClient", {"isFallbackPublicClient": False}, severity="medium"),
        said("/web/implicitGrantSettings/enableIdTokenIssuance",
            {"web": {"implicitGrantSettings": {"enableIdTokenIssuance": False}}}, severity="high"),
        said("/info/supportUrl", {"info": {"supportUrl": "https://a"}}, severity="info"),
    ]  # fmt: skip
    steps = planned(*findings).steps
    assert [step.findings[0].severity for step in steps] == ["info", "high", "medium"]
    assert [bool(step.breaks) for step in steps] == [False, True, True]


def test_what_a_finding_sets_together_is_one_request() -> None:
    lock = {"servicePrincipalLockConfiguration": {"isEnabled": True, "allProperties": True}}
    (step,) = planned(said("/servicePrincipalLockConfiguration", lock)).steps
    assert step.request == Request("PATCH", APPLICATION, lock)
    assert back(step) is None
    assert step.undo
    assert step.undo.keeps == lock


def test_of_two_values_for_one_property_the_worse_finding_has_its_way() -> None:
    block = planned(
        said("/signInAudience", {"signInAudience": "AzureADMyOrg"}, severity="low"),
        said("/signInAudience", {"signInAudience": "AzureADMultipleOrgs"}, severity="high"),
    )
    assert [step.after for step in block.steps] == [{"/signInAudience": "AzureADMultipleOrgs"}]
    assert [(one.finding.severity, one.why) for one in block.by_hand] == [("low", CONTRADICTS)]


@pytest.mark.parametrize("before", [None, {"/web/redirectUris": None}, {"/web/redirectUris": []}])
def test_a_list_that_was_not_read_whole_is_changed_by_hand(before: dict[str, Any] | None) -> None:
    block = planned(said("/web/redirectUris/1", {"web": {"redirectUris": ["https://a"]}}), before=before)
    assert block.steps == ()
    assert [one.why for one in block.by_hand] == [NOT_WHOLE]


def test_a_placeholder_in_a_list_keeps_it_out_of_the_plan() -> None:
    app = with_redirects("https://jwt.ms", "https://{{host}}/cb", "https://portal.contoso.com")
    block = only_block(report_of(app))
    assert NOT_WHOLE in [one.why for one in block.by_hand]
    assert not [step for step in block.steps if "/web/redirectUris" in step.after]


def test_what_the_rule_cannot_change_is_left_to_people_with_its_fix() -> None:
    report = report_of(with_redirects("https://*.contoso.com/cb"))
    (one,) = only_block(report).by_hand
    assert (one.finding.rule, one.why) == ("wildcard-redirect-uri", "")
    fix = next(rule.fix for rule in report.rules if rule.id == one.finding.rule)
    assert f"fix: {fix}" in " ".join(render_shell(report).replace("\n#", " ").split())  # it may take several lines


def test_known_and_accepted_findings_are_left_out_and_counted() -> None:
    findings = [
        said("/isFallbackPublicClient", {"isFallbackPublicClient": False}, state="known"),
        said("/isFallbackPublicClient", {"isFallbackPublicClient": False}, state="suppressed"),
    ]
    report = empty_report(registrations=(registration("a", "Portal"),), findings=tuple(findings))
    assert make_plan(report).blocks == ()
    text = render_shell(report)
    assert "does not include 2 known or accepted findings" in text
    assert "There is nothing to fix." in text


@pytest.mark.parametrize(
    "format", ["Terraform configuration", "Bicep", "ARM template", "Pulumi preview", "Kubernetes manifest"]
)
def test_a_registration_that_files_define_is_fixed_in_the_files(format: str) -> None:
    place = Origin(file="main.tf", line=12, property="web.redirect_uris[0]")
    one = said("/web/redirectUris/0", {"web": {"redirectUris": []}}, origin=place, change="remove")
    block = planned(one, format=format, origin=Origin(file="main.tf"), before={"/web/redirectUris": ["https://a"]})
    assert (block.steps, block.by_hand, block.in_files) == ((), (), (one,))
    row = registration("a", "Portal", format=format, origin=Origin(file="main.tf"))
    text = render_shell(empty_report(registrations=(row,), findings=(one,)))
    assert "# [ ] in the file: main.tf:12, web.redirect_uris[0] (remove)" in text
    assert "apply_" not in text.partition("1. Portal")[2]


@pytest.mark.parametrize(
    ("object_id", "app_id", "url"),
    [
        (OBJECT, CLIENT, APPLICATION),
        (None, CLIENT, f"https://graph.microsoft.com/v1.0/applications(appId='{CLIENT}')"),
        ("x'); rm", CLIENT, f"https://graph.microsoft.com/v1.0/applications(appId='{CLIENT}')"),
        (None, "$(id)", None),
        (None, None, None),
    ],
)
def test_a_registration_is_addressed_by_ids_that_are_guids(
    object_id: str | None, app_id: str | None, url: str | None
) -> None:
    one = said("/isFallbackPublicClient", {"isFallbackPublicClient": False})
    block = planned(one, object_id=object_id, app_id=app_id)
    assert [step.request.url for step in block.steps if step.request] == ([url] if url else [])
    assert [one.why for one in block.by_hand] == ([] if url else [NO_ID])


@pytest.mark.parametrize("host", ["graph.microsoft.us", "dod-graph.microsoft.us", "microsoftgraph.chinacloudapi.cn"])
def test_requests_go_to_the_graph_that_the_tenant_was_read_from(host: str) -> None:
    one = said("/isFallbackPublicClient", {"isFallbackPublicClient": False})
    owner = Owner(id=CLIENT, name="Ann")
    guest = said("/owners/0", {"owners": []})
    row = registration("a", "Portal", object_id=OBJECT, origin=Origin(), graph=f"https://{host}", owners=(owner,))
    report = empty_report(registrations=(row,), findings=(one, guest))
    for render in (render_shell, render_powershell, render_http):
        text = render(report)
        assert f"https://{host}/v1.0/directoryObjects/" in text
        assert "https://graph.microsoft.com" not in text
        assert f"# Sign in to the national cloud of https://{host}.\n" in text
    assert ("--resource https://dod-graph" in render_shell(report)) == (host == "dod-graph.microsoft.us")


def test_no_token_goes_unseen_to_a_graph_that_no_cloud_has() -> None:
    one = said("/isFallbackPublicClient", {"isFallbackPublicClient": False})
    for host in ("https://localhost:8443", "https://graph.microsoft.com.example.com"):
        row = registration("a", "Portal", object_id=OBJECT, origin=Origin(), graph=host)
        report = empty_report(registrations=(row,), findings=(one,))
        for render in (render_shell, render_powershell, render_http):
            text = render(report)
            assert f"# WARNING: {host} is not a Microsoft cloud." in text
            assert f"{host}/v1.0/applications/{OBJECT}" in text
        assert "{{token}}" not in render_http(report)


@pytest.mark.parametrize("graph", ["http://graph.microsoft.com", "https://a@b", "https://x/y", "https://x'\n", "x"])
def test_what_is_no_address_of_a_host_has_no_steps(graph: str) -> None:
    block = planned(said("/isFallbackPublicClient", {"isFallbackPublicClient": False}), graph=graph)
    assert (block.steps, [one.why for one in block.by_hand]) == ((), [NO_HOST])


def test_a_null_above_a_value_is_restored_as_a_null() -> None:
    app = clean("web")
    app["servicePrincipalLockConfiguration"] = None
    (step,) = only_block(report_of(app)).steps
    assert back(step) == Request("PATCH", APPLICATION, {"servicePrincipalLockConfiguration": None})
    assert step.before == {"/servicePrincipalLockConfiguration": None}


@pytest.mark.parametrize(
    ("pointer", "patch", "url", "body"),
    [
        ("/servicePrincipal/appRoleAssignmentRequired", {"servicePrincipal": {"appRoleAssignmentRequired": True}},
            f"v1.0/servicePrincipals(appId='{CLIENT}')", {"appRoleAssignmentRequired": True}),
        ("/authorizationPolicy/defaultUserRolePermissions/allowedToCreateApps",
            {"authorizationPolicy": {"defaultUserRolePermissions": {"allowedToCreateApps": False}}},
            "v1.0/policies/authorizationPolicy", {"defaultUserRolePermissions": {"allowedToCreateApps": False}}),
        ("/defaultAppManagementPolicy/isEnabled", {"defaultAppManagementPolicy": {"isEnabled": True}},
            "v1.0/policies/defaultAppManagementPolicy", {"isEnabled": True}),
        ("/authenticationBehaviors/coopEnforcement", {"authenticationBehaviors": {"coopEnforcement": True}},
            f"v1.0/applications/{OBJECT}", {"authenticationBehaviors": {"coopEnforcement": True}}),
    ],
)  # fmt: skip
def test_each_object_has_its_address(pointer: str, patch: dict[str, Any], url: str, body: dict[str, Any]) -> None:
    before = {pointer: None}
    (step,) = planned(said(pointer, patch), before=before).steps
    assert step.request == Request("PATCH", f"https://graph.microsoft.com/{url}", body)
    whole = url.startswith("v1.0/policies/")
    assert step.check.url == step.request.url + ("" if whole else f"?$select=id,{','.join(body)}")
    assert jmespath.search(condition(step.check, step.check.done), body) is True
    assert jmespath.search(condition(step.check, step.check.read), {"id": "x"}) is True
    assert jmespath.search(condition(step.check, step.check.read), body) is False
    assert step.undo
    assert step.undo.url == step.request.url
    assert step.breaks


def test_the_consent_policy_is_put_whole_or_not_at_all() -> None:
    pointer = "/adminConsentRequestPolicy"
    block = planned(said(f"{pointer}/isEnabled", {"adminConsentRequestPolicy": {"isEnabled": True}}))
    assert [one.why for one in block.by_hand] == [
        "the request must also have notifyReviewers, remindersEnabled, requestDurationInDays, reviewers"
    ]
    whole = {
        "isEnabled": True,
        "notifyReviewers": True,
        "remindersEnabled": True,
        "requestDurationInDays": 30,
        "reviewers": [],
    }
    (step,) = planned(said(pointer, {"adminConsentRequestPolicy": whole})).steps
    assert step.request == Request("PUT", "https://graph.microsoft.com/v1.0/policies/adminConsentRequestPolicy", whole)
    assert step.undo
    there = {
        **whole,
        "isEnabled": False,
        "reviewers": [{"query": "/users/x", "queryType": "MicrosoftGraph"}],
        "version": 3,
    }
    kept = {name: there[name] for name in whole}
    assert jmespath.search(selection(step.check, step.undo.keeps), there) == kept


@pytest.mark.parametrize(
    "pointer", ["/oauth2PermissionGrants/0", "/appRoleAssignments/1", "/verifiedPublisher", "nonsense"]
)
def test_what_is_in_no_row_of_the_table_is_changed_by_hand(pointer: str) -> None:
    block = planned(said(pointer, {"x": []}))
    assert (block.steps, [one.why for one in block.by_hand]) == ((), [NO_REQUEST])


def test_a_secret_is_removed_by_its_id_and_nothing_brings_it_back() -> None:
    app = clean("web")
    app["passwordCredentials"] = [
        {"keyId": f"77777770-0000-4000-8000-00000000000{n}", "displayName": "ci",
            "startDateTime": "2020-01-01T00:00:00Z", "endDateTime": end}
        for n, end in enumerate(("2026-03-01T00:00:00Z", "2021-01-01T00:00:00Z"))
    ]  # fmt: skip
    (step,) = only_block(report_of(app)).steps
    assert step.request == Request(
        "POST", f"{APPLICATION}/removePassword", {"keyId": "77777770-0000-4000-8000-000000000001"}
    )
    assert (step.undo, step.breaks) == (None, "")
    assert "cannot be restored" in step.undo_note
    assert '"endDateTime": "2021-01-01 00:00 UTC"' in "\n".join(step_lines("1.1", step, {}))


def test_a_credential_without_a_guid_is_removed_by_hand() -> None:
    app = clean("web")
    app["passwordCredentials"] = [{"keyId": "1/../x", "endDateTime": "2021-01-01T00:00:00Z"}]
    block = only_block(report_of(app))
    assert "its key ID is not known" in [one.why for one in block.by_hand]


def test_an_owner_and_a_federated_credential_can_be_put_back() -> None:
    owner = "22222222-2222-4222-8222-222222222229"
    app = clean("daemon")
    app["owners"].append({"id": owner, "userPrincipalName": "ann@fabrikam.com", "userType": "Guest"})
    one = {
        "name": "ci",
        "issuer": "https://token.actions.githubusercontent.com",
        "subject": "repo:contoso/app:environment:prod",
        "audiences": ["api://AzureADTokenExchange"],
    }
    ids = [f"77777771-0000-4000-8000-00000000000{n}" for n in (1, 2)]
    app["federatedIdentityCredentials"] = [{**one, "id": ids[0]}, {**one, "name": "ci-2", "id": ids[1]}]
    there = f"https://graph.microsoft.com/v1.0/applications/{app['id']}"
    done = {step.request: back(step) for step in only_block(report_of(app)).steps}
    assert done[Request("DELETE", f"{there}/owners/{owner}/$ref")] == Request(
        "POST", f"{there}/owners/$ref", {"@odata.id": f"https://graph.microsoft.com/v1.0/directoryObjects/{owner}"}
    )
    assert done[Request("DELETE", f"{there}/federatedIdentityCredentials/{ids[1]}")] == Request(
        "POST", f"{there}/federatedIdentityCredentials", {**one, "name": "ci-2"}
    )


def test_findings_of_a_registration_that_the_report_does_not_list_are_left_to_people() -> None:
    one = said("/isFallbackPublicClient", {"isFallbackPublicClient": False})
    block = only_block(empty_report(findings=(one,)))
    assert (block.name, [one.why for one in block.by_hand]) == ("a", [NO_ID])


def test_a_plan_for_several_tenants_says_so() -> None:
    one = said("/isFallbackPublicClient", {"isFallbackPublicClient": False})
    rows = [registration(key, key, object_id=OBJECT, origin=Origin(), tenant=f"{key}.example") for key in ("a", "b")]
    report = empty_report(registrations=tuple(rows), findings=(one, msgspec.structs.replace(one, registration="b")))
    assert "The plan covers 2 tenants" in render_shell(report)
    assert "It is about" not in render_shell(msgspec.structs.replace(report, findings=(one,)))


def test_a_plan_of_a_redacted_report_runs_nothing() -> None:
    report = redact(report_of(with_redirects("https://jwt.ms", "https://portal.contoso.com")), "names")
    assert all(row.before is None for row in report.registrations)
    text = render_shell(report)
    assert "jwt.ms" not in text
    assert "\nif " not in text
    assert "The report was redacted" in text


def test_the_registration_at_most_risk_is_first_and_human_decisions_are_a_checklist_behind_its_steps() -> None:
    findings = (
        finding("some-rule", "low", "a", "is odd"),
        finding("some-rule", "low", "b", "is odd"),
        finding("some-rule", "high", "b", "is open"),
    )
    rows = (registration("a", "Alpha"), registration("b", "Beta"), registration("c", "Clean"))
    report = empty_report(registrations=rows, findings=findings)
    assert [block.name for block in make_plan(report).blocks] == ["Beta", "Alpha"]
    assert [one.finding.severity for one in make_plan(report).blocks[0].by_hand] == ["high", "low"]
    for text in (render_shell(report), render_http(report)):
        assert text.index("# [ ] by hand: high some-rule") < text.index("# [ ] by hand: low some-rule")


def _turned_off(*uses: UsageEntry) -> tuple[Step, ...]:
    """The steps of a registration with a harmless finding, the implicit grant and the public client fallback on."""
    implicit = {"web": {"implicitGrantSettings": {"enableAccessTokenIssuance": False}}}
    findings = (
        said("/info/supportUrl", {"info": {"supportUrl": "https://a"}}, severity="high"),
        said("/isFallbackPublicClient", {"isFallbackPublicClient": False}, severity="high"),
        said("/web/implicitGrantSettings/enableAccessTokenIssuance", implicit, severity="low"),
    )
    row = registration("a", "Portal", object_id=OBJECT, app_id=CLIENT, origin=Origin())
    usage = (UsageRow(registration="a", entries=uses),) if uses else ()
    return only_block(empty_report(registrations=(row,), findings=findings, usage=usage)).steps


def _kinds(steps: tuple[Step, ...]) -> list[tuple[str, str]]:
    """The setting and the first word of the label of each step, in order."""
    return [(next(iter(step.after)), next(step_lines("1.1", step, {})).split()[1]) for step in steps]


def test_unused_settings_come_first_and_settings_in_use_last() -> None:
    silent = UsageEntry(
        grant="implicit", allowed="allowed", used="not-seen", status="last-resort", says="can-be-turned-off",
        start="2026-10-01", end="2026-11-20", sources=("signins.json",),
    )  # fmt: skip
    busy = UsageEntry(
        grant="device_code", allowed="allowed", used="seen", status="situational", says="in-use", last="2026-11-19"
    )
    unknown = UsageEntry(grant="implicit", allowed="allowed", used="not-known", status="last-resort", why="no source")
    token = "/web/implicitGrantSettings/enableAccessTokenIssuance"
    assert _kinds(_turned_off()) == [("/info/supportUrl", "safe:"), ("/isFallbackPublicClient", "MAY"), (token, "MAY")]
    assert _kinds(_turned_off(silent, busy)) == [
        (token, "UNUSED:"),
        ("/info/supportUrl", "safe:"),
        ("/isFallbackPublicClient", "MIGRATE"),
    ]
    assert _kinds(_turned_off(unknown)) == _kinds(_turned_off())
    assert _turned_off(silent)[0].breaks  # a shell runs it with apply=all only: evidence is not proof
