"""The page of an owner, or of one registration, in Markdown: what is wrong, why, by when, how to fix it, whom to ask.

In: the report of a part. Out: blocks of Markdown that can be mailed: complete, and without links to other files.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from reports.escape import NAME_SHOWN, address, markdown, markdown_code, visible
from reports.markdown import coverage, finding_item, head, trend_blocks, use_blocks
from reports.parts import owners_of
from reports.report import Report
from reports.rows import FindingRow, RegistrationRow, RuleText
from reports.tables import RegistrationPart, by_registration
from reports.trend import last_compared
from reports.wording import tenants_of, titled
from rules.primitives.dates import day, moment

#: A page names this many grants with what follows from their use.
_USES: Final = 200


def owner_page(report: Report) -> Iterator[str]:
    """The page: the result, each registration with its findings by rule, what was not read, and whom to ask."""
    yield from head(report)
    yield from trend_blocks(report)
    rules = {rule.id: rule for rule in report.rules}
    tenants, last = tenants_of(report), last_compared(report.trend)
    for part in by_registration(report):
        yield f"#### {markdown(titled(part.row))}"
        if facts := "\n".join(_facts(part.row, report.judged_at)):
            yield facts
        groups = _by_rule(part)
        if not groups:
            yield "No new findings."
        for rule, findings in groups.items():
            yield from _rule(rules.get(rule), findings, tenants, last)
    yield from use_blocks(report, _USES)
    yield from coverage(report)
    yield (
        "**Questions**: ask the other owners of the registration, or the sender of this page. "
        "`grantlint rules` with the name of a rule explains it."
    )


def _facts(row: RegistrationRow, judged_at: str) -> Iterator[str]:
    """What identifies the registration, who owns it, and by when its next credential must be replaced."""
    if row.app_id:
        yield f"- Client ID: {markdown_code(visible(row.app_id, NAME_SHOWN))}"
    if row.tenant:
        yield f"- Tenant: {markdown_code(visible(row.tenant, NAME_SHOWN))}"
    if row.kind == "registration":
        yield f"- Owners: {', '.join(markdown_code(owner) for owner in owners_of(row))}"
    now = moment(judged_at)
    ends = [found for one in row.credentials or () if (found := moment(one.ends)) and now and found >= now]
    if ends:
        yield f"- By when: the next credential expires on {day(min(ends))}."


def _by_rule(part: RegistrationPart) -> Mapping[str, list[FindingRow]]:
    """The new findings by rule, the worst first."""
    groups: dict[str, list[FindingRow]] = {}
    for finding in part.findings:
        if finding.state == "new":
            groups.setdefault(finding.rule, []).append(finding)
    return groups


def _rule(
    rule: RuleText | None, findings: Sequence[FindingRow], tenants: Mapping[str, str], last_compared: str
) -> Iterator[str]:
    yield "\n".join(finding_item(finding, tenants, last_compared=last_compared) for finding in findings)
    if rule is None:
        return
    yield f"**Why**: {markdown(visible(rule.why))}"
    for fix in dict.fromkeys(finding.fix or rule.fix for finding in findings):
        yield f"**How to fix**: {markdown(visible(fix))}"
    sources = [one for one in rule.references if one.url.startswith("https://")]
    if sources:
        yield f"**Source**: [{markdown(visible(sources[0].label))}](<{address(sources[0].url)}>)"
