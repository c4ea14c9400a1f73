"""The HTML report without a browser: complete, escaped, one file that loads nothing, honest about what is not there."""

import base64
import hashlib
import re
from html.parser import HTMLParser
from importlib.resources import files
from itertools import pairwise

import msgspec
import pytest

from advisor.sources.graph.clouds import clouds
from reports.escape import visible
from reports.html import FINDINGS_IN_FULL
from reports.html.details import lists_of
from reports.html.index import render_index
from reports.html.markup import prose
from reports.html.page import packed, render_html
from reports.html.portal import portal_links
from reports.parts import split
from reports.report import Report
from reports.rows import (
    EVIDENCE,
    Acceptance,
    Input,
    Origin,
    PermissionRow,
    PostureEntry,
    PostureRow,
    Problem,
    RedirectRow,
    UsageRow,
)
from reports.use import REDIRECT_URIS
from rules.model.finding import NotAssessed
from tests.reports.hostile import HOSTILE, hostile_report
from tests.reports.large import large_report
from tests.reports.sample import (
    ADVICE,
    TREE,
    advice_report,
    empty_report,
    finding,
    registration,
    sample_report,
    summary,
    trend_report,
    usage_report,
)
from tests.reports.systems import system_report
from tests.reports.tenant import tenant_report

REPORTS = {
    "sample": sample_report,
    "advice": advice_report,
    "hostile": hostile_report,
    "empty": empty_report,
    "trend": trend_report,
    "usage": usage_report,
    "large": lambda: large_report(400),
}
VOID = {"meta", "link", "input", "br", "hr", "img", "wbr", "path", "rect"}


class Page(HTMLParser):
    """The elements, their attributes and texts; whatever is not nested well is an error."""

    def __init__(self, report: Report) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []
        self.feed(render_html(report))
        self.close()
        assert self.open == []
        self.text = " ".join("".join(text for tag, text in self.texts if tag not in ("style", "script")).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs), (tag, attrs)
        self.elements.append((tag, dict(attrs)))
        if tag in ("td", "th", "dd", "tspan", "option"):
            self.texts.append(("", " "))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append((self.open[-1] if self.open else "", data))

    def all(self, attribute: str) -> list[str]:
        return [value for _, attributes in self.elements if (value := attributes.get(attribute)) is not None]

    def of(self, tag: str) -> str:
        return "".join(text for name, text in self.texts if name == tag)

    def count(self, tag: str, name: str = "") -> int:
        return sum(t == tag and (not name or name in (a.get("class") or "").split()) for t, a in self.elements)


@pytest.fixture(scope="module", params=REPORTS)
def page(request: pytest.FixtureRequest) -> Page:
    return Page(REPORTS[request.param]())


@pytest.fixture(scope="module")
def sample() -> Page:
    return Page(sample_report())


def test_elements_are_nested_well_and_ids_are_unique(page: Page) -> None:
    assert len(page.all("id")) == len(set(page.all("id")))


def test_links_inside_the_page_lead_somewhere(page: Page) -> None:
    inside = {href[1:] for href in page.all("href") if href.startswith("#")}
    assert inside <= set(page.all("id"))
    assert {name for names in page.all("aria-labelledby") for name in names.split()} <= set(page.all("id"))


def test_nothing_is_loaded_from_anywhere(page: Page) -> None:
    tags = {tag for tag, _ in page.elements}
    assert not tags & {"link", "img", "iframe", "object", "embed", "audio", "video", "base", "image"}
    assert page.all("src") == []
    assert all(str(attributes["href"]).startswith("#sequence-") for tag, attributes in page.elements if tag == "use")
    assert "url(" not in page.of("style")
    assert "@import" not in page.of("style")
    assert [href for href in page.all("href") if not href.startswith(("#", "https://", "?"))] == []
    queries = {href[1:].partition("=")[0] for href in page.all("href") if href.startswith("?")}
    assert queries <= {"state", "rule", "family", "owner", "tenant", "grant", "use", "expires"}
    assert all(href.endswith("#registrations") for href in page.all("href") if href.startswith("?"))


def test_there_is_no_inline_handler_and_no_inline_style(page: Page) -> None:
    names = {name for _, attributes in page.elements for name in attributes}
    assert [name for name in names if name.startswith("on") or name == "style"] == []


def test_the_policy_allows_exactly_this_style_and_this_script(page: Page) -> None:
    (policy,) = [a["content"] for _, a in page.elements if a.get("http-equiv") == "Content-Security-Policy"]
    for tag, rule in (("style", "style-src"), ("script", "script-src")):
        digest = base64.b64encode(hashlib.sha256(page.of(tag).encode()).digest()).decode()
        assert f"{rule} 'sha256-{digest}';" in str(policy)
    assert str(policy).startswith("default-src 'none'; ")
    assert "unsafe" not in str(policy)


def test_the_page_holds_no_q_element_and_headings_skip_no_level(page: Page) -> None:
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]
    assert page.count("q") == 0
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_hostile_texts_stand_only_as_text() -> None:
    hostile = Page(hostile_report())
    html = render_html(hostile_report())
    assert visible(HOSTILE) in hostile.text
    assert hostile.count("script") == 1
    assert re.findall("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\ud800-\udfff]", html) == []
    attributes = [value for _, a in hostile.elements for name, value in a.items() if name != "content"]
    assert not any("alert(" in str(value) for value in attributes if not str(value).startswith("Decision"))
    assert "49" not in hostile.text  # {{7*7}} is no template
    assert len(html) < 125_000


def test_a_link_that_is_not_http_is_shown_as_text() -> None:
    report = sample_report()
    rule = report.rules[0]
    bad = type(rule.references[0])("the manual", "javascript:alert(1)")
    rules = (msgspec.structs.replace(rule, references=(bad,)), *report.rules[1:])
    assert "javascript:" not in render_html(msgspec.structs.replace(report, rules=rules))


def test_what_was_read_stands_before_the_counts_and_those_before_the_findings(sample: Page) -> None:
    ids = sample.all("id")
    order = [ids.index(name) for name in ("read", "counts", "first", "registrations", "posture", "advice", "rules")]
    assert order == sorted(order)


def test_what_was_not_read_is_named_with_its_remedy(sample: Page) -> None:
    assert "Not usable apps/typo.json:3:14 not JSON: a comma is missing. To do: add it before the name" in sample.text
    assert "Not read apps/broken.json permission denied. To do: make the file readable" in sample.text
    assert "Not assessed 1 rule on 1 registration 1 propertyowners the input does not have it" in sample.text
    assert "Not everything was read: 2 inputs could not be used and 2 rules could not check everything." in sample.text


def test_every_severity_is_counted_as_a_word(sample: Page) -> None:
    start = sample.text.index("Findings by severity")
    assert sample.text[start:].startswith(
        "Findings by severity 1 Critical 1 High 1 Medium 1 Low 1 Info 1 known before 1 accepted 3 checks not assessed "
        "Exit status 1: findings at or above low."
    )


def test_the_worst_registrations_of_a_long_report_are_named_on_the_first_screen() -> None:
    report = large_report(40)
    page = Page(report)
    start = page.text.index("Worst registrations: ")
    assert page.text[start:].startswith("Worst registrations: Application 5 (1 critical, 1 high), ")
    assert "Application 29 (1 critical, 1 high) Exit status 1" in page.text
    assert "Worst registrations" not in Page(large_report(10)).text


def test_evidence_of_use_is_a_source_without_registrations() -> None:
    source = Input(name="usage.json", format=EVIDENCE, status="read")
    page = Page(msgspec.structs.replace(sample_report(), inputs=(source,)))
    assert "Read usage.json evidence of use " in page.text


def test_every_finding_says_what_where_why_and_how_to_fix_it(sample: Page) -> None:
    report = sample_report()
    assert sample.count("li", "finding") == len(report.findings)
    for row in report.findings:
        assert row.message[0].upper() + row.message[1:] in sample.text
        assert f"finding-{row.fingerprint}" in sample.all("id")
    assert "oauth2AllowImplicitFlow in apps/portal.json:41:32 implicit-access-token" in sample.text
    assert '41"oauth2AllowImplicitFlow": true,' in sample.text  # the number is set apart by the style sheet
    assert "Related: spa.redirectUris[0]: the page at https://portal.contoso.com/ receives them" in sample.text
    assert "Change set to false" in sample.text
    assert '"enableAccessTokenIssuance": false' in sample.text
    assert sample.of("mark").startswith("https://*.contoso.com/cb" + "true")


def test_the_indentation_of_a_line_is_left_out() -> None:
    text = '        "https://a.example/*",'
    origin = Origin(file="a.json", line=7, column=9, property="p", text=text, text_start=8, text_end=len(text) - 1)
    found = finding("wildcard-redirect-uri", "critical", "a", "is wide", origin=origin)
    html = render_html(empty_report(registrations=(registration("a", "A"),), findings=(found,)))
    assert '<span class="line">7</span><mark>&#34;https://a.example/*&#34;</mark>,</pre>' in html


def test_a_long_property_is_short_in_its_cell_and_whole_among_the_reasons() -> None:
    entry = PostureEntry(
        grant="hybrid", state="allowed", by=("web.implicitGrantSettings.enableIdTokenIssuance",), note="on"
    )
    postures = (PostureRow(registration="a", entries=(entry,)),)
    page = Page(empty_report(registrations=(registration("a", "A"),), postures=postures))
    assert "Registration hybrid A yes web…enableIdTokenIssuance" in page.text
    assert "hybrid yes: on (web.implicitGrantSettings.enableIdTokenIssuance)" in page.text.replace(
        "hybridyes", "hybrid yes"
    )


def test_every_rule_that_fired_is_told_and_every_other_is_named(sample: Page) -> None:
    fired = {row.rule for row in sample_report().findings}
    assert {name for name in sample.all("id") if re.fullmatch(r"rule-(?!.*-h$).*", name)} >= {
        f"rule-{r}" for r in fired
    }
    for rule in sample_report().rules:
        assert rule.id in sample.text
        if rule.id in fired:
            assert all(words in sample.text for words in (rule.title, rule.why, rule.fix))
            assert {reference.url for reference in rule.references} <= set(sample.all("href"))
    assert "Checked everything and found nothing: duplicate-redirect-uri." in sample.text


def test_a_rule_that_could_not_check_a_registration_is_not_among_those_that_found_nothing() -> None:
    gap = NotAssessed(rule="duplicate-redirect-uri", registration="sync", pointer="/web", reason="not-in-file")
    page = Page(msgspec.structs.replace(sample_report(), not_assessed=(gap,)))
    assert "Checked everything and found nothing" not in page.text


def test_the_posture_says_which_property_allows_each_grant(sample: Page) -> None:
    assert "authorization code client credentials implicit Contoso Portal yes web.redirectUris" in sample.text
    assert "Contoso Orders API Contoso Nightly Sync no yes passwordCredentials no" in sample.text
    assert "Contoso Desktop not known web.redirectUris no no" in sample.text


def test_advice_shows_every_reason_every_setting_and_every_source(sample: Page) -> None:
    texts = (
        ADVICE.headline,
        *(reason.text for item in ADVICE.ruled_out for reason in item.reasons),
        *(item.title for item in ADVICE.ruled_out),
        *(words for item in ADVICE.register for words in (item.property, item.value, item.why)),
        *ADVICE.why,
        *ADVICE.warnings,
        *ADVICE.contradictions,
        *ADVICE.remaining_risk,
        *ADVICE.would_change,
        *(words for fact in ADVICE.facts for words in (fact.ask, fact.label)),
        "Managed identity",
        "It can be copied.",
        ADVICE.repeat,
    )
    assert [text for text in texts if text not in sample.text] == []
    assert {source.url for source in ADVICE.sources} <= set(sample.all("href"))


def test_the_path_is_lit_in_the_drawing_and_said_in_its_description(sample: Page) -> None:
    html = render_html(advice_report())
    start = html.index('<svg class="tree"')
    first = html[start : html.index("</svg>", start)]
    assert first.count('class="edge lit"') == 3
    assert first.count('class="question lit"') == 2
    assert first.count('class="choice lit"') == 2  # the leaf is drawn with its choice
    assert "In a web page" in " ".join(re.findall(r">([^<]+)<", first))
    assert "Where does the code run that asks for the token? On a server; so: Authorization code with PKCE" in first
    assert {node.label.split()[0] for node in TREE.nodes} <= set(re.findall(r"\w+", sample.text))


def test_empty_parts_leave_no_trace() -> None:
    page = Page(empty_report())
    assert not {"read", "counts", "first", "registrations", "posture", "advice", "rules"} & set(page.all("id"))
    assert page.count("nav") == 0
    assert page.of("h1") == "App registrations"


def test_a_report_of_problems_alone_says_that_nothing_was_checked() -> None:
    page = Page(empty_report(problems=(Problem(what="not JSON", file="a.json", line=1, column=1, hint="fix it"),)))
    assert "No registration was checked. Not everything was read: 1 input could not be used." in page.text
    assert "counts" not in page.all("id")


def test_a_report_of_advice_alone_speaks_of_no_registration() -> None:
    page = Page(advice_report())
    assert "registrations" not in page.all("id")
    assert "judged" not in page.text.partition("only reads")[0]
    assert page.count("svg") >= 2


def test_a_clean_report_says_what_it_means() -> None:
    page = Page(
        empty_report(
            registrations=(registration("a", "Contoso"),),
            summary=summary((), registrations=1, exit_status=0, exit_reason="", verdict="no-findings"),
        )
    )
    assert "1 registration checked with 6 rules. No findings. Everything was read." in page.text
    assert "Registrations" in page.of("h2")
    assert "No findings in the values that were read." in page.text


def test_many_findings_leave_reasons_and_patches_to_rules_and_json() -> None:
    page = Page(large_report(400))
    lines = [name for name in page.all("id") if re.fullmatch("f[0-9a-f]{9}", name)]
    assert len(lines) == len(large_report(400).findings) > FINDINGS_IN_FULL
    assert page.count("li", "finding") == 0
    assert "A report of this size has why and how to fix with each rule" in page.text
    assert "Patch for Microsoft Graph" not in page.text
    assert "Not assessed in 58 registrations: 1 rule could not check owners" in page.text
    assert len(re.findall("Needed by no-owner", page.text)) == 1


def test_a_finding_of_a_large_report_is_one_line_with_all_that_is_its_own() -> None:
    report = large_report(400)
    page = Page(report)
    row = report.findings[0]
    words = (
        f"{row.severity} {row.message[0].upper()}{row.message[1:]} {row.origin.property} {row.value} {row.origin.line}:"
    )
    assert words in page.text
    assert f"f{row.fingerprint[:9]}" in {name.partition("-")[0] for name in page.all("id")}


def test_ten_thousand_registrations_stay_below_eight_megabytes() -> None:
    one, two = (len(render_html(large_report(1_000 * thousands)).encode()) for thousands in (1, 2))
    assert len(large_report(1_000).findings) > 3_000
    assert one + 9 * (two - one) < 8_000_000


def test_a_clean_registration_of_a_large_report_has_a_row_too() -> None:
    page = Page(large_report(400))
    assert "Application 10|" in page.text
    assert len([name for name in page.all("id") if re.fullmatch("r-[0-9a-f]{8}", name)]) == 400


def test_a_row_says_whose_it_is_what_was_found_which_grants_it_allows_and_what_expires_next(sample: Page) -> None:
    start = sample.text.index("Contoso Portal", sample.text.index("Next expiry"))
    found = "1 critical 1 high 1 medium 1 info +1 known or accepted "
    assert sample.text[start:].startswith(f"Contoso PortalAnn Example +1web, SPA, public{found}implicit, code, ")


def test_the_worst_registration_of_any_tenant_is_the_first_row() -> None:
    rows = tuple(registration(name, name, tenant=f"{name}.example") for name in ("A", "B"))
    found = (finding("no-owner", "low", "A", "has no owner"), finding("no-owner", "high", "B", "has no owner"))
    page = Page(empty_report(registrations=rows, findings=found))
    assert page.of("h3").startswith("BA")


def test_what_was_not_read_is_not_an_empty_cell(sample: Page) -> None:
    start = sample.text.index("Contoso Nightly Sync", sample.text.index("Next expiry"))
    assert sample.text[start:].startswith("Contoso Nightly Syncnot read")


def test_the_link_of_a_row_is_the_same_in_every_report_about_the_registration() -> None:
    rows = tuple(registration(key, key, app_id=f"{key * 8}-1111-4111-8111-111111111111") for key in "abc")
    whole, part = Page(empty_report(registrations=rows)), Page(empty_report(registrations=rows[2:]))
    assert "r-cccccccc" in whole.all("id")
    assert "r-cccccccc" in part.all("id")


def test_a_figure_leads_to_what_it_counts(sample: Page) -> None:
    hrefs = sample.all("href")
    assert "?state=new&hide=high,medium,low,info#registrations" in hrefs
    assert "?state=known#registrations" in hrefs
    assert "?state=gaps#registrations" in hrefs
    assert "?grant=implicit#registrations" in hrefs
    assert "?expires=overdue#registrations" in hrefs
    assert any(href.startswith("?family=") for href in hrefs)
    assert any(href.startswith("?state=new&rule=") for href in hrefs)


def test_charts_have_their_numbers_in_tables(sample: Page) -> None:
    charts = [
        one for one in sample.elements if one[0] == "svg" and (one[1].get("viewbox") or "").startswith("0 0 360 ")
    ]
    assert len(charts) == 3
    links = {one["href"] for tag, one in sample.elements if tag == "a" and one.get("tabindex") == "-1"}
    in_tables = {one["href"] for tag, one in sample.elements if tag == "a" and "tabindex" not in one}
    assert len(links) == 10
    assert links <= in_tables  # a keyboard and a screen reader have every link of a drawing in its table
    assert "Month Credentials Overdue 1 November 2026 0 December 2026 1" in sample.text
    assert "not read for 2 registrations." in sample.text
    assert "Grant Allowed Not known client credentials 3 0 authorization code" in sample.text


def test_the_use_of_grants_is_shown_with_what_follows_and_how_far_sources_reach() -> None:
    page = Page(usage_report())
    portal = "Recommended What follows authorization code yes last seen 2026-11-19, 120 sign-ins yes In use"
    assert portal in page.text
    assert "implicit no last seen 2026-11-19, 120 sign-ins last resort Blocked today, but seen" in page.text
    assert "Can be turned off implicit not seen from 2026-10-01 to 2026-11-20 in Microsoft Graph (beta)" in page.text
    assert "Allowed and used Allowed, not seen Allowed, use not known Not known if allowed" in page.text
    assert "client credentials 0 0 3 0 authorization code 1 0 0 1 implicit 0 1 0 0" in page.text
    assert "service principal sign-ins Not read" in page.text
    assert "Not complete: it has as many rows as a download may have; download a shorter period" in page.text
    assert page.text.count(REDIRECT_URIS) == 1
    assert "?use=off#registrations" in page.all("href")
    assert "used:code unknown:client off:implicit" in page.all("data-u")
    assert "?use=off&grant=implicit#registrations" in page.all("href")


def test_a_compact_report_has_the_use_of_grants_in_short() -> None:
    whole = large_report(400)
    entries = usage_report().usage[0].entries
    page = Page(msgspec.structs.replace(whole, usage=(UsageRow(registration="app-5", entries=entries),)))
    assert "Use: authorization code last seen 2026-11-19, 120 sign-ins, in use; client credentials use" in page.text


def test_without_evidence_of_use_nothing_is_said_of_it(sample: Page) -> None:
    assert "Use of grants" not in sample.text
    assert REDIRECT_URIS not in sample.text


def test_style_and_script_of_the_page_have_no_long_lines_and_no_comments() -> None:
    for name in ("style.css", "shared.js", "page.js"):
        source = files("reports.html").joinpath(name).read_text("utf-8")
        assert max(map(len, source.splitlines())) <= 120
        assert "".join(packed(source).split()) in "".join(re.sub(r"(?m)^\s*(//.*|/\*.*\*/)$", "", source).split())


def test_what_to_fix_first_says_how_many_findings_of_each_severity_it_removes(sample: Page) -> None:
    assert "Removes 1 critical of wildcard-redirect-uri: Contoso Portal" in sample.text


CLOUDS = {
    "https://graph.microsoft.com": "https://entra.microsoft.com/",
    "https://graph.microsoft.us": "https://entra.microsoft.us/",
    "https://dod-graph.microsoft.us": "https://entra.microsoft.us/",
    "https://microsoftgraph.chinacloudapi.cn": "https://entra.microsoftonline.cn/",
    "https://localhost:8443": "",
    "": "",
}


@pytest.mark.parametrize(("graph", "center"), CLOUDS.items())
def test_a_registration_of_a_tenant_links_to_the_admin_center_of_its_cloud(graph: str, center: str) -> None:
    links = portal_links(registration("a", "A", tenant="contoso.com", graph=graph))
    assert len(links) == (5 if center else 0)
    assert all(link.href.startswith(center + "#view/") for link in links)
    assert portal_links(registration("a", "A", graph=graph)) == ()


def test_every_cloud_has_an_admin_center() -> None:
    assert {place.endpoint for place in clouds().values()} <= {graph for graph, center in CLOUDS.items() if center}


def test_the_most_powerful_permission_and_a_host_that_anyone_can_claim_are_first() -> None:
    graph = "00000003-0000-0000-c000-000000000000"
    row = registration(
        "a",
        "A",
        requested=(
            PermissionRow(
                resource=graph, id="e1fe6dd8-ba31-4d61-89e7-88639da4683d", reach="delegated", name="User.Read"
            ),
            PermissionRow(resource="11111111-1111-4111-8111-111111111111", id="x", reach="delegated", name="own"),
            PermissionRow(resource=graph, id="9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8", reach="application", name="Role"),
        ),
        redirects=(
            RedirectRow(uri="https://a.contoso.com/", platform="web", host="a.contoso.com"),
            RedirectRow(uri="https://a.azurewebsites.net/", platform="web", host="a.azurewebsites.net"),
        ),
    )
    details = lists_of(empty_report(registrations=(row,))).of(row)
    assert [line.name.rpartition(": ")[2] for line in details.permissions or ()] == ["Role", "own", "User.Read"]
    assert [line.is_marked for line in details.permissions or ()] == [True, False, False]
    assert (details.permissions or ())[1].name == "A: own"  # an API that is a registration of the report has its name
    assert [line.name for line in details.redirects or ()] == ["https://a.azurewebsites.net/", "https://a.contoso.com/"]


def test_the_next_credential_to_end_stands_first_with_its_numbers(sample: Page) -> None:
    assert (
        "1 expired, 1 within 30 days, 1 later; 1 without an expiry date (federated, or not read). "
        "Of 2 registrations no credential was read." in sample.text
    )
    assert "Contoso Portal Ann Example +1 in 9 days 2026-12-04 secret CI 2024-12-01" in sample.text
    assert "Contoso Portal Ann Example +1 expired 41 days ago 2026-10-15 certificate c1 2024-01-01" in sample.text
    table = sample.text[sample.text.index("Registration Owner Expires") :]
    ends = re.findall(r"(in [\d,]+ days|expired)(?: \d+ days ago)? \d{4}-\d\d-\d\d", table)
    assert ends == ["in 9 days", "in 554 days", "expired"]


def test_owners_stand_with_their_registrations_and_findings(sample: Page) -> None:
    start = sample.text.index("By owner Owner Critical")
    table = sample.text[start:]
    assert "ann@contoso.example 1 1 1 0 1 2 Contoso Portal Contoso Desktop" in table
    assert "Ben Example 1 1 1 0 1 1 Contoso Portal" in table
    assert "no owner 0 0 0 1 0 1 Contoso Orders API" in table
    assert "owners not read 0 0 0 0 0 1 Contoso Nightly Sync" in table
    assert "owned by ann@contoso.example, Ben Example" in sample.text


def test_permissions_say_on_whose_behalf_they_act_and_what_was_not_read(sample: Page) -> None:
    assert (
        "22222222-2222-4222-8222-222222222222 33333333-3333-4333-8333-333333333333 as itself 1 Contoso Portal"
        in sample.text
    )
    assert "Microsoft Graph User.Read e1fe6dd8-ba31-4d61-89e7-88639da4683d for a user 1 Contoso Portal" in sample.text
    assert "What was granted was not read" in sample.text


def test_a_host_that_looks_like_another_shows_how_it_is_spelt(sample: Page) -> None:
    assert r"port\u0430l.contoso.com (xn--portl-7ve.contoso.com) spa 1 Contoso Portal" in sample.text
    assert "com.contoso.portal: publicClient 1 Contoso Portal" in sample.text


def test_rules_are_counted_with_their_registrations(sample: Page) -> None:
    assert "long-lived-secret Medium 1 1 0 Contoso Portal Contoso Orders API" in sample.text
    assert "no-owner Low 1 0 1 Contoso Orders API Contoso Portal" in sample.text


def test_a_trend_says_what_came_what_went_and_since_when() -> None:
    page = Page(trend_report())
    # known findings count as open too
    assert "Since 1 October 2026, 09:00 UTC: 2 new, 1 fixed, 4 still open." in page.text
    assert "1 October 2026, 09:00 UTC: 5 open in 4 registrations Contoso registrations" in page.text
    assert "Contoso Portal has a page that went low no-owner, last seen 1 October 2026, 09:00 UTC" in page.text
    assert "open since 2026-10-01" in page.text


def test_an_accepted_finding_says_why_and_until_when() -> None:
    accepted = Acceptance(reason="legacy", owner="Ann", until="2027-01-31", file="grantlint.toml", line=12)
    found = finding("no-owner", "low", "a", "has no owner", state="suppressed", accepted=accepted)
    page = Page(empty_report(registrations=(registration("a", "A"),), findings=(found,)))
    assert "Accepted by Ann until 2027-01-31: legacy (grantlint.toml:12)" in page.text


def test_notes_of_the_run_stand_with_what_was_read() -> None:
    page = Page(empty_report(notes=("Against main: 2 introduced.",), registrations=(registration("a", "A"),)))
    assert "What was read Against main: 2 introduced." in page.text


def test_the_page_of_an_owner_says_what_why_by_when_how_and_whom_to_ask() -> None:
    part = next(part for part in split(sample_report(), "owner") if part.name == "Ben Example")
    page = Page(part.report)
    assert (
        "What to do What 4 new findings on 1 registration: 1 critical, 1 high, 1 medium, 1 info. Why Whoever"
        in page.text
    )
    assert (
        "By when 1 credential has expired. The next credential expires on 4 December 2026, of Contoso Portal."
        in page.text
    )
    assert "How Begin with Fix first." in page.text
    assert "Whom to ask Other owners: ann@contoso.example. For questions about a rule" in page.text
    assert "part" not in Page(sample_report()).all("id")


def test_code_in_a_text_of_a_rule_is_shown_as_code() -> None:
    assert prose("Set `web.x` to <b>") == "Set <code>web.x</code> to &lt;b&gt;"
    assert prose("``a`` and b") == "<code>a</code> and b"


def test_a_trend_is_a_line_with_its_counts() -> None:
    html = render_html(trend_report())
    assert html.count("<polyline") == 1
    assert "<title>Open findings over time</title>" in html


def test_an_index_leads_to_its_parts() -> None:
    rows = [("part", "file", "registrations", "high"), ("Ann <b>", "r-ann-1.html", "3", "2")]
    html = render_index(sample_report(), rows)
    assert '<a href="r-ann-1.html">Ann &lt;b&gt;</a>' in html
    assert "<script" not in html


def test_true_duplicates_have_ids_of_their_own() -> None:
    twice = tuple(finding("no-owner", "low", "a", "has no owner") for _ in range(2))
    page = Page(empty_report(registrations=(registration("a", "A"),), findings=twice))
    assert len({name for name in page.all("id") if name.startswith("finding-")}) == 2


def test_the_style_sheet_and_the_templates_use_the_same_classes() -> None:
    style = Page(sample_report()).of("style")
    styled = set(re.findall(r"\.([a-z][a-z-]*)", re.sub(r"/\*.*?\*/|\"[^\"]*\"", "", style)))
    used = {
        name
        for make in (
            sample_report,
            advice_report,
            hostile_report,
            trend_report,
            tenant_report,
            usage_report,
            system_report,
            lambda: large_report(400),
        )
        for names in Page(make()).all("class")
        for name in names.split()
    }
    by_script = {"unseen", "f"}
    several_advices = {"index"}
    elsewhere = {"state", "aside", "copy", "with-tenant"}  # accepted findings, what the script adds, several tenants
    assert styled - used - by_script - several_advices - elsewhere == set()


@pytest.mark.parametrize("copies", [1, 500])
def test_several_tenants_have_a_table_of_totals_and_a_column(copies: int) -> None:
    report = sample_report() if copies == 1 else large_report(copies)
    rows = tuple(
        msgspec.structs.replace(row, tenant=("b.example", "a<b>.example")[number % 2])
        for number, row in enumerate(report.registrations)
    )
    page = render_html(msgspec.structs.replace(report, registrations=rows))
    for name in ("b.example", "a&lt;b&gt;.example"):
        assert re.search(f'<a href="[?]tenant=[12]#registrations">{name}</a></th><td class="number">', page)
    assert "<b>.example" not in page
    assert '<span data-sort="tenant">Tenant</span>' in page
    assert 'id="tenants"' not in render_html(report)


def test_a_large_report_holds_each_request_once_and_a_small_one_below_each_registration() -> None:
    large = Page(large_report(400))
    assert large.count("section", "way") == 3
    groups = [name for name in large.all("id") if re.fullmatch("q[0-9]+", name)]
    assert set(groups) == {href[1:] for href in large.all("href") if re.fullmatch("#q[0-9]+", href)}
    assert "14 registrations: authorization code, redirect URI on spa" in large.text
    small = Page(sample_report())
    assert [name for name in small.all("id") if re.fullmatch("q[0-9]+|way-.*", name)] == []
    assert small.count("details", "ways") == len(sample_report().registrations)
    assert "?client_id=11111111-1111-4111-8111-111111111111 " in small.text
    assert "Should not be used. RFC 9700 advises against this grant" in small.text
    assert "SAML bearer: no permission" in small.text


def test_each_grant_is_drawn_once_and_every_drawing_has_a_title_and_its_messages_in_words(page: Page) -> None:
    symbols = [str(a["id"]) for tag, a in page.elements if tag == "symbol"]
    used = {str(a["href"])[1:] for tag, a in page.elements if tag == "use"}
    assert len(symbols) == len(set(symbols))
    assert used <= set(symbols)
    drawn = page.count("use")
    assert page.count("title") - 1 >= drawn
    assert sum(tag == "desc" for tag, _ in page.elements) >= drawn


def test_a_stored_report_without_requests_still_renders() -> None:
    old = msgspec.structs.replace(large_report(40), requests=(), working=(), sequences=())
    page = Page(old)
    assert page.count("section", "way") == 0
    assert "Requests that work" not in page.text
