"""The groupings that all renderers share."""

import msgspec

from reports.tables import (
    by_registration,
    do_first,
    gaps_by_property,
    gaps_by_reason,
    gaps_in_words,
    tenant_heads,
    worst_first,
)
from rules.model.finding import NotAssessed
from tests.reports.sample import empty_report, finding, registration, sample_report


def test_new_findings_stand_worst_first_and_others_not_at_all() -> None:
    assert [row.severity for row in worst_first(sample_report())] == ["critical", "high", "medium", "low", "info"]


def test_equal_findings_keep_the_order_in_which_they_were_read() -> None:
    report = empty_report(findings=tuple(finding("no-owner", "low", key, "has no owner") for key in ("b", "a", "c")))
    assert [row.registration for row in worst_first(report)] == ["b", "a", "c"]


def test_registrations_stand_worst_first_then_as_read() -> None:
    assert [part.row.key for part in by_registration(sample_report())] == ["portal", "api", "desktop", "sync"]


def test_one_critical_finding_weighs_more_than_many_high_ones() -> None:
    many = tuple(finding("implicit-access-token", "high", "a", "issues tokens") for _ in range(9))
    report = empty_report(
        registrations=(registration("a", "A"), registration("b", "B")),
        findings=(*many, finding("wildcard-redirect-uri", "critical", "b", "sends codes")),
    )
    assert [part.row.key for part in by_registration(report)] == ["b", "a"]


def test_within_a_registration_known_and_accepted_findings_come_after_new_ones() -> None:
    portal = by_registration(sample_report())[0]
    assert [row.state for row in portal.findings] == ["new"] * 4 + ["suppressed"]
    assert portal.by_severity == {"critical": 1, "high": 1, "medium": 1, "low": 0, "info": 1}


def test_a_finding_under_a_key_that_nobody_announced_is_not_lost() -> None:
    report = empty_report(findings=(finding("no-owner", "low", "ghost", "has no owner"),))
    (part,) = by_registration(report)
    assert (part.row.name, part.row.complete, len(part.findings)) == ("ghost", False, 1)


def test_what_to_do_first_goes_by_severity_then_by_what_it_removes() -> None:
    report = empty_report(
        findings=(
            finding("no-owner", "low", "a", "has no owner"),
            finding("implicit-access-token", "high", "a", "issues tokens"),
            *(finding("plaintext-redirect-uri", "high", key, "sends codes") for key in ("a", "b", "b")),
        )
    )
    fixes = do_first(report)
    assert [(fix.rule, fix.findings, fix.registrations) for fix in fixes] == [
        ("plaintext-redirect-uri", 3, ("a", "b")),
        ("implicit-access-token", 1, ("a",)),
        ("no-owner", 1, ("a",)),
    ]
    assert len(do_first(report, limit=2)) == 2


def test_info_never_is_under_what_to_do_first() -> None:
    assert {fix.severity for fix in do_first(sample_report())} == {"critical", "high", "medium", "low"}


def _gap(rule: str, key: str, pointer: str, reason: str = "not-in-file", remedy: str = "") -> NotAssessed:
    return NotAssessed(rule=rule, registration=key, pointer=pointer, reason=reason, remedy=remedy)


def test_elements_of_a_list_count_for_their_list() -> None:
    gaps = (_gap("a", "x", "/web/redirectUris/0"), _gap("b", "x", "/web/redirectUris/1"))
    (gap,) = gaps_by_property(gaps)
    assert (gap.property, gap.rules, gap.registrations) == ("web.redirectUris", ("a", "b"), ("x",))
    assert [gap.property for gap in gaps_by_property(gaps, exact=True)] == [
        "web.redirectUris[0]",
        "web.redirectUris[1]",
    ]


def test_gaps_of_one_reason_and_remedy_make_one_row() -> None:
    gaps = (
        _gap("a", "x", "/owners"),
        _gap("b", "y", "/keyCredentials"),
        _gap("b", "x", "/tags", "refused", "grant Application.Read.All"),
    )
    rows = gaps_by_reason(gaps, {})
    assert [(row.properties, row.rules, row.registrations) for row in rows] == [
        (("owners", "keyCredentials"), 2, 2),
        (("tags",), 1, 1),
    ]


def test_gaps_are_said_in_words_with_their_remedy() -> None:
    assert gaps_in_words(sample_report()) == (
        "1 rule on 1 registration (owners: the input does not have it).",
        "1 rule on 1 registration (web.redirectUris: a placeholder is in its place; "
        "lint the file after the placeholders are filled in).",
    )


def test_a_reason_that_nobody_knows_is_shown_as_it_is() -> None:
    assert gaps_by_reason((_gap("a", "x", "/owners", "novel"),), {})[0].why == "novel"


def test_several_tenants_stand_one_after_the_other_and_are_told_apart() -> None:
    report = sample_report()
    rows = tuple(
        msgspec.structs.replace(row, tenant=("b.example", "a.example")[number % 2])
        for number, row in enumerate(report.registrations)
    )
    parts = by_registration(msgspec.structs.replace(report, registrations=rows))
    order = [part.row.tenant for part in parts if part.row.tenant]
    assert order == sorted(order, reverse=True)
    assert set(tenant_heads(parts).values()) >= {"Tenant a.example", "Tenant b.example"}
    assert tenant_heads(by_registration(report)) == {}


def test_what_was_not_assessed_names_the_tenant_apart_from_its_registrations() -> None:
    gaps = (_gap("a", "x", "/owners", "refused"), _gap("b", "t", "/authorizationPolicy", "refused"))
    assert gaps_by_reason(gaps, {"t": "tenant"})[0].on == "1 registration and 1 tenant"


def test_of_thousands_of_notes_on_one_property_the_first_are_shown_and_the_rest_counted() -> None:
    gaps = [
        NotAssessed(rule="r", registration="a", pointer=f"/web/redirectUris/{n}", reason="failed", note=f"note {n}")
        for n in range(3_000)
    ]
    (gap,) = gaps_by_property(gaps)
    assert gap.note == "note 0; note 1; note 2; note 3; note 4; and 2,995 more"
    (gap,) = gaps_by_property(gaps[:2])
    assert gap.note == "note 0; note 1"
