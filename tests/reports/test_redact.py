"""A redacted report holds nothing that somebody else wrote, in any format."""

import msgspec
import pytest

from reports.formats import FORMATS, format_named
from reports.redact import redact
from reports.report import Report
from reports.rows import (
    Acceptance,
    CredentialRow,
    Input,
    Origin,
    Owner,
    PermissionRow,
    PostureEntry,
    PostureRow,
    Problem,
    RedirectRow,
)
from reports.trend import with_trend
from rules.engine.rule import Rule
from rules.families import RULES as EVERY_RULE
from rules.model.finding import Because, NotAssessed
from tests.reports.sample import GRANTS, RULES, advice_report, empty_report, finding, registration, summary

SECRET = "Fabrikam"
GUID = "5ec2e7aa-0000-4000-8000-000000000001"


def named_report() -> Report:
    """A report in which every text of others holds the secret, and every identifier the GUID."""
    origin = Origin(
        file=f"{SECRET}/a.tf", line=3, column=4, property=f"{SECRET}.web", text=f"x {SECRET}", text_start=2, text_end=9
    )
    row = registration(
        GUID,
        f"{SECRET} Portal",
        app_id=GUID,
        object_id=GUID,
        audience=SECRET,
        format="Terraform",
        origin=origin,
        owners=(Owner(id=GUID, name=f"Ann {SECRET}", address=f"ann@{SECRET}.example"),),
        credentials=(CredentialRow(kind="secret", id=GUID, name=SECRET, ends="2027-01-01T00:00:00Z"),),
        redirects=(
            RedirectRow(uri=f"https://{SECRET}.example/cb", platform="web", host=f"{SECRET}.example"),
            RedirectRow(uri=f"{SECRET}://auth", platform="publicClient"),
            RedirectRow(uri="http://localhost/cb", platform="web", host="localhost"),
        ),
        requested=(PermissionRow(resource=GUID, id=GUID, reach="delegated"),),
    )
    found = finding(
        "no-owner",
        "low",
        GUID,
        f"names {SECRET} and {GUID}",
        value=SECRET,
        origin=origin,
        accepted=Acceptance(reason=SECRET, owner=SECRET, until="2027-01-31", file=SECRET, line=3, ended=True),
        because=(Because("/web/redirectUris/0", SECRET), Because(f"/{SECRET}/0", SECRET)),
        patch={"web": SECRET},
        change=f"replace with {SECRET}",
        fingerprint=f"{SECRET}{GUID}",
    )
    return empty_report(
        title=SECRET,
        inputs=(Input(name=SECRET, format="folder", status="partly", note=SECRET, remedy=SECRET),),
        problems=(Problem(what=SECRET, file=SECRET, line=1, column=1, hint=SECRET),),
        rules=RULES,
        grants=GRANTS,
        registrations=(row,),
        findings=(found,),
        fixed=(found,),
        not_assessed=(
            NotAssessed(rule="no-owner", registration=GUID, pointer=f"/{SECRET}/x", reason="malformed", note=SECRET,
                remedy=SECRET),
        ),
        postures=(
            PostureRow(registration=GUID, entries=(PostureEntry(grant="implicit", state="allowed", by=(f"{SECRET}-x",),
                note=SECRET),)),
        ),
        advices=(msgspec.structs.replace(advice_report().advices[0], client_name=SECRET),),
        notes=(SECRET,),
        against=SECRET,
        anchor=SECRET,
        part=SECRET,
        summary=summary((found,), exit_status=3, exit_reason=f"{SECRET} was not read", verdict="incomplete"),
    )  # fmt: skip


@pytest.mark.parametrize("format", FORMATS)
def test_no_word_of_others_is_left_in_any_format(format: str) -> None:
    report = with_trend(named_report(), [msgspec.structs.replace(named_report(), made_at="2026-01-01T00:00:00Z")])
    renderer = format_named(format)
    assert renderer
    assert SECRET.casefold() in renderer.render(report).casefold()
    text = renderer.render(redact(report, "names")).casefold()
    assert SECRET.casefold() not in text
    assert GUID not in renderer.render(redact(report, "ids"))


def test_identifiers_stay_when_only_names_are_taken_out() -> None:
    row = redact(named_report(), "names").registrations[0]
    assert (row.app_id, row.object_id) == (GUID, GUID)
    assert (row.name, row.owners) == ("Registration 1", (Owner(id=GUID, name="Owner 1"),))


def test_what_the_report_is_read_for_stays() -> None:
    before, after = named_report(), redact(named_report(), "ids")
    (found,) = after.findings
    assert (found.rule, found.severity, found.state, found.origin.line) == ("no-owner", "low", "new", 3)
    assert found.message == "breaks the rule: Nobody owns the registration."
    assert after.summary.by_severity == before.summary.by_severity
    (row,) = after.registrations
    assert row.credentials == (
        CredentialRow(kind="secret", id="credential-1", name="[redacted]", ends="2027-01-01T00:00:00Z"),
    )
    assert [redirect.host for redirect in row.redirects or ()] == ["host-1.example", "", "localhost"]
    assert found.registration == row.key == after.not_assessed[0].registration == after.postures[0].registration
    assert after.redacted == "ids"


@pytest.mark.parametrize(
    "rule",
    [rule for rule in EVERY_RULE if rule.on in ("service principal", "tenant") and rule.status != "removed"],
    ids=lambda rule: rule.id,
)
def test_where_something_is_in_a_tenant_is_no_secret(rule: Rule) -> None:
    found = finding("no-owner", "low", GUID, "says", because=(Because(rule.bad[0].at, SECRET),))
    found = msgspec.structs.replace(found, pointer=rule.bad[0].at)
    (after,) = redact(msgspec.structs.replace(named_report(), findings=(found,)), "names").findings
    assert (after.pointer, after.because[0].pointer) == (rule.bad[0].at, rule.bad[0].at)


def test_a_redacted_report_says_so() -> None:
    assert redact(named_report(), "names").notes[0].startswith("Redacted: names, addresses, paths and values")
