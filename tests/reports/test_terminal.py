"""The text for terminals and logs: its shape, its width, and that nothing in it can move a cursor."""

import re

import msgspec
import pytest

from reports.decision import sections
from reports.report import Report
from reports.rows import Input, Origin, Problem
from reports.terminal.render import problem_line, render_summary, render_terminal
from reports.view import View
from rules.model.finding import NotAssessed
from tests.reports.hostile import hostile_report
from tests.reports.large import large_report
from tests.reports.sample import (
    ADVICE,
    FINDINGS,
    advice_report,
    empty_report,
    finding,
    registration,
    sample_report,
    summary,
    trend_report,
)

CONCISE = View(concise=True)


def lint_report():
    return empty_report(
        registrations=sample_report().registrations,
        rules=sample_report().rules,
        findings=FINDINGS,
        summary=summary(FINDINGS),
    )


def test_a_finding_is_a_place_a_sentence_the_line_with_its_mark_and_where_to_read_more() -> None:
    assert """apps/portal.json:41:32: high implicit-access-token
  Contoso Portal issues access tokens from the authorization endpoint
  41 |     "oauth2AllowImplicitFlow": true,
     |                                ^^^^ set to false
  related: spa.redirectUris[0]: the page at https://portal.contoso.com/ receives
    them
  fix: Move the client to the authorization code grant with PKCE, then switch
       the property off.
  why and how: grantlint rules implicit-access-token
""" in render_terminal(lint_report())


def test_a_finding_without_a_line_names_property_value_and_change() -> None:
    assert """apps/portal.json:52:9: critical wildcard-redirect-uri
  Contoso Portal sends codes to every host below contoso.com
  replyUrlsWithType[0].url = https://*.contoso.com/cb
  change: remove
  fix: Register each address in full and remove the pattern.
  why and how: grantlint rules wildcard-redirect-uri
""" in render_terminal(lint_report())


def test_a_finding_without_a_file_begins_with_its_property() -> None:
    assert "\nowners: low no-owner\n  Contoso Orders API has no owner\n" in render_terminal(lint_report())


def test_findings_stand_by_registration_the_worst_first_and_accepted_ones_are_left_out() -> None:
    text = render_terminal(lint_report())
    heads = re.findall(r"^\S+: (critical|high|medium|low|info) |^(Contoso [\w ]+)  ", text, re.MULTILINE)
    assert [severity or name for severity, name in heads] == [
        *("Contoso Portal", "critical", "high", "medium", "info"),
        *("Contoso Orders API", "low"),
    ]
    assert "Contoso Portal  1 critical, 1 high, 1 medium, 1 info\n" in text


def test_verbose_shows_what_is_set_aside_why_patches_and_gaps() -> None:
    text = render_terminal(sample_report(), View(verbose=True, posture=False))
    assert "Contoso Portal has no owner (accepted)\n" in text
    assert "Contoso Orders API has a secret that lives for 400 days (known before)\n" in text
    assert "  client id 11111111-1111-4111-8111-111111111111\n" in text
    assert "  why: Nobody is told when a credential expires.\n" in text
    assert '      "enableAccessTokenIssuance": false' in text
    assert "  not assessed: web.redirectUris[0]: a placeholder is in its place (${{HOST}});" in text
    assert (
        len(re.findall("(?:known before|accepted)", render_terminal(sample_report(), View(verbose=True, concise=True))))
        == 2
    )


def test_how_to_fix_is_said_once_for_each_rule() -> None:
    twice = tuple(finding("no-owner", "low", key, "has no owner") for key in ("a", "b"))
    report = empty_report(rules=sample_report().rules, findings=twice)
    assert render_terminal(report).count("fix: Name two owners.") == 1
    assert render_terminal(report).count("why and how: grantlint rules no-owner") == 2


def test_a_terminal_that_follows_links_gets_them_and_no_other() -> None:
    plain = render_terminal(lint_report())
    for color in (False, True):
        linked = render_terminal(lint_report(), View(links=True, color=color, base="file:///work/"))
        assert "\x1b]8;;file:///work/apps/portal.json\x1b\\apps/portal.json:41:32\x1b]8;;\x1b\\" in linked
        assert "\x1b]8;;https://www.rfc-editor.org/rfc/rfc9700#section-2.1.2\x1b\\implicit-access-token" in linked
        without = re.sub(r"\x1b\]8;;[^\x1b]*\x1b\\|\x1b\[[0-9;]*m", "", linked)
        assert without == plain
    assert "\x1b" not in plain


def test_an_address_of_somebody_else_ends_no_link() -> None:
    linked = render_terminal(hostile_report(), View(links=True, color=False, base="file:///work/"))
    addresses = re.findall(r"\x1b\]8;;(.*?)\x1b\\", linked)
    assert any(address.startswith("https://wiki.example/)%3E%0A%0A#%20forged%1B%5C") for address in addresses)
    rest = re.sub(r"\x1b\]8;;[!-~]*\x1b\\", "", linked)
    assert not re.findall(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", rest)


def test_a_pipeline_sees_no_command_in_a_name() -> None:
    report = empty_report(
        registrations=(registration("p", "::error::forged ##[error]x ##vso[task.complete]"),),
        findings=(finding("no-owner", "low", "p", "has none"),),
    )
    for view in (View(), CONCISE, View(color=True)):
        text = render_terminal(report, view)
        assert not re.search(r"(?m)^\s*::", text)
        assert "##[" not in text
        assert "##vso[" not in text


def test_the_trend_is_in_the_summary_and_what_is_gone_in_the_report() -> None:
    assert "Since 2026-10-01 09:00 UTC: 2 new, 1 fixed, 4 still open." in render_summary(trend_report())
    gone = "fixed: low no-owner: Contoso Portal has a page that went (last seen 2026-10-01)\n"
    assert f"Fixed: 1 finding\n  {gone}" in render_terminal(trend_report(), View(width=100))
    assert f"\n{gone}" in render_terminal(trend_report(), CONCISE)
    assert "(still open since 2026-10-01)" in render_terminal(trend_report())
    assert "(new since 2026-10-01)" in render_terminal(trend_report())


def test_a_report_that_is_shown_again_has_no_exit_status() -> None:
    assert "exit 1" not in render_summary(sample_report(), View(again=True))


def test_concise_is_one_line_for_each_finding() -> None:
    lines = render_terminal(lint_report(), CONCISE).splitlines()
    assert lines[1] == (
        "apps/portal.json:41:32: high implicit-access-token "
        "Contoso Portal issues access tokens from the authorization endpoint"
    )
    assert len(lines) == 5


def test_concise_lines_wrap_where_a_person_reads_them() -> None:
    wrapped = render_terminal(lint_report(), View(concise=True, wraps=True, width=60))
    assert max(map(len, wrapped.splitlines())) <= 60
    unwrapped = wrapped.replace("\n    ", " ")
    assert unwrapped == render_terminal(lint_report(), View(concise=True, width=60))


def test_many_findings_are_an_overview_with_the_worst_ten() -> None:
    report = large_report(300)
    text = render_terminal(report)
    lines = text.splitlines()
    assert len(lines) + len(render_summary(report).splitlines()) <= 100
    assert lines[0] == "Registrations by severity  critical  high  medium  low  info"
    assert lines[1] == "  Application 5                   1     1       1    2     1"
    assert lines[11] == "  260 more                      170   130     170  260   170"
    assert lines[12] == "  30 registrations without new findings"
    assert len(re.findall(r"^export/\S+: critical wildcard-redirect-uri$", text, re.MULTILINE)) == 10
    assert "  high      implicit-access-token        140            140\n" in text
    assert "  refresh_token 240, authorization_code 180, " in text
    assert "  --full shows all findings, each with its fix.\n" in text


def test_the_overview_is_shown_from_eleven_findings_and_never_with_full_or_verbose() -> None:
    few, many = (
        empty_report(
            registrations=(registration("p", "Portal"),),
            findings=tuple(finding("no-owner", "low", "p", "has no owner") for _ in range(number)),
        )
        for number in (10, 11)
    )
    assert render_terminal(few).count("low no-owner") == 10
    assert "Next steps" not in render_terminal(few)
    assert render_terminal(many).count(": low no-owner") == 10
    assert "Next steps" in render_terminal(many)
    for view in (View(full=True), View(verbose=True)):
        assert render_terminal(many, view).count(": low no-owner") == 11
        assert "Next steps" not in render_terminal(many, view)


def test_the_overview_of_one_registration_has_no_table_of_registrations() -> None:
    report = empty_report(
        registrations=(registration("p", "Portal"),),
        findings=tuple(finding("no-owner", "low", "p", "has no owner") for _ in range(11)),
    )
    assert render_terminal(report).startswith("The 10 worst findings\n")


def test_registrations_of_one_name_are_told_apart_by_their_files() -> None:
    report = empty_report(
        registrations=(registration("a", "Portal", file="dev.json"), registration("b", "Portal", file="prod.json")),
        findings=tuple(finding("no-owner", "low", "ab"[number % 2], "has no owner") for number in range(11)),
    )
    assert "  Portal in dev.json         6\n  Portal in prod.json        5\n" in render_terminal(report)


def test_the_overview_says_in_one_sentence_what_was_not_assessed() -> None:
    text = render_summary(large_report(300))
    assert "Not assessed: 43 checks by 1 rule on 43 registrations. Reason: the input does\nnot have it.\n" in text
    gap = NotAssessed(rule="no-owner", registration="app-0", pointer="/owners", reason="not-in-file")
    gaps = (gap, *(msgspec.structs.replace(gap, rule=f"r-{n}", remedy="lint the tenant") for n in range(2)))
    text = render_summary(msgspec.structs.replace(large_report(300), not_assessed=gaps))
    assert (
        "Not assessed: 3 checks by 3 rules on 1 registration. To assess most of them,\n"
        "lint the tenant: grantlint lint --tenant ID.\n"
    ) in text


def test_the_posture_says_which_grants_work_and_by_which_property() -> None:
    text = render_terminal(sample_report())
    assert (
        """Grants that work today, and the property that allows each
  Contoso Orders API
    client_credentials   passwordCredentials
  Contoso Portal
    authorization_code   web.redirectUris
"""
        in text
    )
    assert "  Contoso Desktop\n    not known: authorization_code\n" in text
    assert "Grants that work today" not in render_terminal(sample_report(), View(posture=False))


def test_advice_is_five_lines_then_what_decided_it_then_where_the_rest_is() -> None:
    assert (
        render_terminal(advice_report())
        == """Contoso Portal
Grant        Authorization code with PKCE, redeemed by the server
Client       confidential, platform web
Credential   Managed identity
Conflict     You said that nobody is present, and that a person signs in.
Refused      The implicit grant. The server redeems a code.

What your team wants to use
  A secret: Allowed. A server can protect one.

Unknown answers that change the advice
  Where is it hosted?
    - On Azure: managed identity (this advice)
    - Elsewhere: certificate
    - Who can answer: The team that operates the client.

Derived and assumed
  Not known: Where is it hosted? Safe assumption: On Azure.

Answers without effect
  acts-in=own-tenant changes nothing in this advice

The same advice on the command line
  grantlint advise -a token-for=user -a runs-in=server

Reasons, registration, request, risks and sources: --verbose, or -o advice.md
"""
    )


def test_several_clients_have_five_lines_each_and_one_hint_to_the_rest() -> None:
    report = msgspec.structs.replace(
        advice_report(), advices=(ADVICE, msgspec.structs.replace(ADVICE, client_name="Job"))
    )
    lines = render_terminal(report).splitlines()
    assert lines[:2] == ["Contoso Portal", "=" * 14]
    place = lines.index("Job")
    assert lines[place + 1] == "==="
    assert [line[:13].strip() for line in lines[place + 2 : place + 7]] == [
        "Grant", "Client", "Credential", "Conflict", "Refused",
    ]  # fmt: skip
    assert sum("--verbose" in line for line in lines) == 1


def test_verbose_says_everything() -> None:
    text = render_terminal(advice_report(), View(verbose=True))
    heads = [line for line in text.splitlines() if line and not line.startswith(" ")][6:]
    assert heads == [section.title for section in sections(ADVICE)]
    assert "  - Where does the code run that asks for the token? On a server\n" in text
    assert "  - Implicit: a server redeems a code out of the browser's sight\n" in text
    assert "  - The implicit grant: Refused. The server redeems a code.\n" in text
    assert "--verbose" not in text


@pytest.mark.parametrize("report", [sample_report(), large_report(40)], ids=["sample", "large"])
@pytest.mark.parametrize("width", [60, 80, 120])
def test_a_line_is_never_wider_than_the_view_unless_it_is_an_address_or_a_place(width: int, report: Report) -> None:
    view = View(width=width)
    text = render_terminal(report, view) + "".join(
        line + "\n" for line in render_summary(report, view).splitlines() if not line.startswith("apps/")
    )
    wide = [line for line in text.splitlines() if len(line) > width]
    assert [line for line in wide if "://" not in line and not line.startswith("export/")] == []


def test_a_long_line_is_cut_so_that_the_value_stays_in_sight() -> None:
    text = '{"a": 1, ' + '"filler": "' + "x" * 300 + '", "isFallbackPublicClient": true}'
    start = text.index("true")
    found = finding(
        "implicit-access-token",
        "high",
        "portal",
        "is open",
        origin=Origin(
            file="one.json", line=1, column=start + 1, property="p", text=text, text_start=start, text_end=start + 4
        ),
    )
    lines = render_terminal(empty_report(registrations=(registration("portal", "P"),), findings=(found,))).splitlines()
    line, marks = lines[3], lines[4]
    assert len(line) <= 80
    assert line[marks.index("^") : marks.rindex("^") + 1] == "true"


def test_indentation_stays_indentation_even_before_the_value() -> None:
    text = '\t      "https://a.example/*",'
    found = finding(
        "wildcard-redirect-uri", "critical", "portal", "is wide",
        origin=Origin(file="a.json", line=7, column=8, property="p", text=text, text_start=7, text_end=len(text) - 1),
    )  # fmt: skip
    lines = render_terminal(empty_report(registrations=(registration("portal", "P"),), findings=(found,))).splitlines()
    assert lines[3:5] == ['  7 |         "https://a.example/*",', "    |         " + "^" * 21]


@pytest.mark.parametrize("view", [View(), CONCISE, View(width=40)])
def test_nothing_in_a_hostile_report_moves_the_cursor(view: View) -> None:
    text = render_terminal(hostile_report(), view) + render_summary(hostile_report(), view)
    assert re.findall("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", text) == []
    text.encode("utf-8")


def test_a_hostile_name_cannot_forge_a_line() -> None:
    name = "Portal\napps/other.json:1:1: critical forged-rule"
    report = empty_report(
        registrations=(registration("p", name),), findings=(finding("no-owner", "low", "p", f"is {name}"),)
    )
    assert not any(line.startswith("apps/other.json") for line in render_terminal(report).splitlines())
    assert not any(line.startswith("apps/other.json") for line in render_terminal(report, CONCISE).splitlines())


def test_color_adds_nothing_but_color() -> None:
    plain, colored = render_terminal(sample_report()), render_terminal(sample_report(), View(color=True))
    assert "\x1b[" in colored
    assert re.sub("\x1b\\[[0-9;]*m", "", colored) == plain


def test_an_empty_report_says_nothing() -> None:
    assert render_terminal(empty_report()) == ""
    assert render_summary(empty_report()) == ""


def test_the_summary_says_what_was_checked_what_was_not_and_why_it_ends_so() -> None:
    assert (
        render_summary(sample_report())
        == """apps/typo.json:3:14: not JSON: a comma is missing; add it before the name
apps/broken.json: not read: permission denied; make the file readable for this account

4 registrations checked with 6 rules: 1 critical, 1 high, 1 medium, 1 low, 1
info, 1 known, 1 accepted.
Not assessed: 1 rule on 1 registration (owners: the input does not have it).
Not assessed: 1 rule on 1 registration (web.redirectUris: a placeholder is in
its place; lint the file after the placeholders are filled in).
exit 1: findings at or above low
"""
    )


def test_a_source_that_was_read_in_part_is_named_with_its_remedy() -> None:
    report = empty_report(
        inputs=(Input(name="tenant", format="", status="partly", note="owners refused", remedy="grant it"),)
    )
    assert render_summary(report).startswith("tenant: read in part: owners refused; grant it\n")


def test_no_findings_in_a_partly_read_file_is_never_called_clean() -> None:
    some = sample_report()
    report = empty_report(registrations=some.registrations, not_assessed=some.not_assessed, summary=summary(()))
    assert "no findings in the values that were read." in render_summary(report)


def test_a_problem_is_one_line_with_place_cause_and_remedy() -> None:
    problem = Problem(what="not\nJSON", file="a\x1b.json", line=3, column=7, hint="fix it")
    assert problem_line(problem.what, problem.file, problem.line, problem.column, problem.hint) == (
        r"a\x1b.json:3:7: not\nJSON; fix it"
    )
    assert problem_line("odd") == "grantlint: odd"
