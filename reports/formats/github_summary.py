"""Markdown for the summary of a GitHub job: every finding under its registration."""

from __future__ import annotations

from typing import Final

from reports.escape import markdown_code, visible_name
from reports.formats import Format
from reports.markdown import advice_blocks, coverage, finding_item, first_fixes, fixed, head, trend_blocks
from reports.report import Report
from reports.tables import KINDS, by_registration
from reports.trend import last_compared
from reports.wording import tenants_of
from rules.primitives.texts import counted

#: GitHub drops a summary of a step over 1 MiB as a whole, so it ends well before.
SUMMARY_BYTES: Final = 900 * 1024
#: So much of what is gone is named.
GONE: Final = 200


def render_job_summary(report: Report) -> str:
    """The same with every finding under its registration, cut with a sentence where GitHub would drop all of it."""
    rules = {rule.id: rule for rule in report.rules}
    blocks = [
        *head(report),
        *first_fixes(report, rules),
        *fixed(report),
        *coverage(report),
        *trend_blocks(report, GONE),
        *advice_blocks(report),
    ]
    size = sum(len(block.encode()) + 2 for block in blocks)
    parts, tenants = [part for part in by_registration(report) if part.findings], tenants_of(report)
    last = last_compared(report.trend)
    for number, part in enumerate(parts):
        kind = "" if part.row.kind == "registration" else f" ({KINDS[part.row.kind]})"
        block = f"#### {markdown_code(visible_name(part.row.name))}{kind}\n\n" + "\n".join(
            finding_item(finding, tenants, last_compared=last) for finding in part.findings
        )
        size += len(block.encode()) + 2
        if size > SUMMARY_BYTES:
            blocks.append(
                f"{counted(len(parts) - number, 'more registration')} with findings, left out because GitHub shows no "
                "summary over 1 MiB; the HTML and JSON reports contain all."
            )
            break
        blocks.append(block)
    return "\n\n".join(blocks) + "\n"


FORMAT = Format("github-summary", (), "summary of a GitHub job", render_job_summary, of_repository=True)
