"""Reports as large as a tenant: built in memory, the same every time."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from reports.report import Report
from reports.rows import FindingRow, GrantText, Input, Origin, PostureEntry, PostureRow, RegistrationRow
from rules.analysis.grants import GRANTS
from rules.analysis.posture import posture
from rules.model.clean import KINDS, clean
from rules.model.finding import SEVERITIES, NotAssessed
from rules.model.registration import Registration
from tests.reports.sample import RULES, empty_report, finding, registration, summary
from tests.reports.sent import with_requests

_MESSAGES = {
    "wildcard-redirect-uri": "sends codes to every host below contoso.com",
    "implicit-access-token": "issues access tokens from the authorization endpoint",
    "long-lived-secret": "has a secret that lives for 730 days",
    "no-owner": "has no owner",
    "legacy-post-response": "still asks for form posts",
    "duplicate-redirect-uri": "registers one address on two platforms",
}
_LINE = '      "https://*.contoso.com/signin-oidc",'


def large_report(registrations: int) -> Report:
    """*registrations* of them, three findings in each on average (one to five), every tenth clean, every seventh read
    in part.
    """
    rows: list[RegistrationRow] = []
    findings: list[FindingRow] = []
    gaps: list[NotAssessed] = []
    postures: list[PostureRow] = []
    kinds = [_entries(kind) for kind in KINDS if kind != "blueprint"]
    for number in range(registrations):
        key = f"app-{number}"
        file = f"export/applications-{number // 100:03}.json"
        rows.append(
            registration(
                key,
                f"Application {number}",
                app_id=f"{number:08x}-1111-4111-8111-111111111111",
                file=file,
                line=1 + 40 * (number % 100),
                format="Microsoft Graph",
                complete=number % 7 != 0,
            )
        )
        findings += (_finding(key, number, nth, file) for nth in range(0 if number % 10 == 0 else 1 + number % 6))
        if number % 7 == 0:
            gaps.append(NotAssessed(rule="no-owner", registration=key, pointer="/owners", reason="not-in-file"))
        postures.append(PostureRow(registration=key, entries=kinds[number % len(kinds)]))
    found = tuple(findings)
    report = empty_report(
        title="Contoso, everything",
        inputs=(Input(name="export/", format="folder", status="read", registrations=registrations),),
        rules=RULES,
        grants=tuple(GrantText(id=row.id, title=row.title, short=row.short, status=row.status) for row in GRANTS),
        registrations=tuple(rows),
        findings=found,
        not_assessed=tuple(gaps),
        postures=tuple(postures),
        summary=summary(found, registrations=registrations, not_assessed=len(gaps)),
    )
    return with_requests(report)


def _finding(key: str, number: int, nth: int, file: str) -> FindingRow:
    rule = RULES[(number + nth) % len(RULES)]
    line = 1 + 40 * (number % 100) + 3 * nth
    start = _LINE.index("https")
    return finding(
        rule.id,
        SEVERITIES[SEVERITIES.index(rule.severity)],
        key,
        _MESSAGES[rule.id],
        pointer=f"/web/redirectUris/{nth}",
        fingerprint=f"{number * 8 + nth:032x}"[::-1],  # the first characters differ, as those of a hash do
        origin=Origin(
            file=file,
            line=line,
            column=start + 1,
            property=f"web.redirectUris[{nth}]",
            text=_LINE,
            text_start=start,
            text_end=len(_LINE) - 2,
        ),
        patch={"web": {"redirectUris": [f"https://app{number}.contoso.com/signin-oidc"]}},
        change="remove",
    )


def _entries(kind: str) -> tuple[PostureEntry, ...]:
    facts = posture(msgspec.convert(clean(kind), Registration), datetime(2026, 1, 15, tzinfo=UTC))
    return tuple(
        PostureEntry(
            grant=fact.grant,
            state=fact.state,
            by=tuple(pointer.strip("/").replace("/", ".") for pointer in fact.by),
            note=fact.note,
        )
        for fact in facts
    )
