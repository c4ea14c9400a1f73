"""What was checked of a tenant beside its registrations, in every format: it is called what it is, and told apart by
tenant.
"""

import csv
from xml.etree.ElementTree import fromstring

import msgspec

from reports.formats.azure import render_azure
from reports.formats.csv import render_csv
from reports.formats.github import render_github
from reports.formats.github_summary import render_job_summary
from reports.formats.gitlab import render_gitlab
from reports.formats.junit import render_junit
from reports.formats.markdown import render_markdown
from reports.html.page import render_html
from reports.parts import NOT_OWNED, split
from reports.redact import redact
from reports.terminal.render import render_terminal
from reports.view import View
from tests.reports.sample import sample_report
from tests.reports.tenant import tenant_report


def test_no_rule_passes_on_what_it_cannot_be_asked_about() -> None:
    cases = [case.get("classname", "") for case in fromstring(render_junit(tenant_report())).iter("testcase")]
    assert {name: cases.count(name) for name in cases if name != "grantlint.inputs"} == {
        "registration.Portal": 2,
        "registration.Archive": 3,
        "service-principal.Fabrikam Sync": 1,
        "tenant.Contoso": 1,
    }


def test_a_line_on_its_own_names_the_tenant() -> None:
    first, second, _ = render_terminal(tenant_report(), View(concise=True)).splitlines()
    assert first == "contoso.com: high rule-of-tenant Contoso lets members consent"
    assert second == "contoso.com: medium rule-of-tenant-app Fabrikam Sync holds Mail.Read"


def test_a_long_property_is_said_once() -> None:
    text = render_terminal(tenant_report())
    assert text.count("permissionGrantPoliciesAssigned[0]") == 1
    assert "Contoso (tenant)  1 high\ncontoso.com: high rule-of-tenant\n" in text
    assert "Fabrikam Sync (service principal)  1 medium\n" in text


def test_annotations_and_issues_name_tenant_and_property() -> None:
    for text in (render_github(tenant_report()), render_azure(tenant_report()), render_gitlab(tenant_report())):
        assert "(contoso.com: appRoleAssignments[0])" in text


def test_markdown_names_the_tenant_and_what_a_heading_is_about() -> None:
    assert "(`contoso.com`, `appRoleAssignments[0]`)" in render_markdown(tenant_report())
    summary_ = render_job_summary(tenant_report())
    assert "#### `Fabrikam Sync` (service principal)" in summary_
    assert "#### `Contoso` (tenant)" in summary_


def test_csv_says_what_a_row_is_about() -> None:
    rows = csv.DictReader(render_csv(tenant_report()).splitlines())
    assert [(row["name"], row["kind"], row["tenant"]) for row in rows] == [
        ("Contoso", "tenant", "contoso.com"),
        ("Fabrikam Sync", "service principal", "contoso.com"),
        ("Portal", "registration", ""),
    ]


def test_a_part_for_each_owner_keeps_the_tenant_apart_and_counts_registrations_alone() -> None:
    report = tenant_report()
    parts = {part.name: part.report for part in split(report, "owner")}
    assert [row.key for row in parts[NOT_OWNED].registrations] == ["sp", "tenant"]
    assert parts[NOT_OWNED].summary.registrations == 0
    named = msgspec.structs.replace(report, registrations=report.registrations[1:2])
    assert NOT_OWNED not in {part.name for part in split(named, "owner")}


def test_the_page_says_what_a_heading_is_about() -> None:
    page = render_html(tenant_report())
    assert '<a href="#registrations">Registrations and tenant</a> <span class="n">2</span>' in page
    assert "<h3>Fabrikam Sync (service principal)</h3>" in page
    assert "<h3>Contoso (tenant)</h3>" in page
    assert ">Fabrikam Sync (service principal)</a>" in page
    assert page.count("<span>read as Microsoft Graph</span>") == 1  # the registration of the tenant
    assert '>Registrations<span id="order">, worst first</span></h2>' in render_html(sample_report())


def test_a_value_that_goes_on_below_its_line_is_told_behind_it() -> None:
    assert '<mark>[</mark><span class="more"> cli 2026]</span></pre>' in render_html(tenant_report())


def test_a_redacted_row_is_called_by_what_it_is() -> None:
    rows = redact(tenant_report(), "names").registrations
    assert [row.name for row in rows] == ["Registration 1", "Registration 2", "Service principal 3", "Tenant 1"]
    assert {row.tenant for row in rows[1:]} == {"tenant-1"}
