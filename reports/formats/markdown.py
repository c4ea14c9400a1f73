"""Markdown: for a comment on a pull request, the result, what was not read, the worst findings and what to fix first;
for advice, a complete document.
"""

from __future__ import annotations

from reports.decision import is_advice
from reports.document import advice_document
from reports.formats import Format
from reports.markdown import WORST, advice_blocks, comparison, finding_item, first_fixes, head, trend_blocks
from reports.report import Report
from reports.tables import worst_first
from reports.wording import tenants_of
from rules.primitives.texts import counted


def render_markdown(report: Report) -> str:
    """The result, what was not read, the worst findings and what to do first, which fits a comment; advice alone is a
    document.
    """
    if is_advice(report):
        return "\n\n".join(advice_document(report)) + "\n"
    blocks = [*head(report), *comparison(report), *trend_blocks(report.trend, WORST)]
    worst = worst_first(report)
    fixes = {rule.id: rule for rule in report.rules}
    if worst:
        names, tenants = {row.key: row.name for row in report.registrations}, tenants_of(report)
        lines = [
            finding_item(finding, tenants, names.get(finding.registration, finding.registration))
            for finding in worst[:WORST]
        ]
        if len(worst) > WORST:
            lines.append(f"- and {counted(len(worst) - WORST, 'more finding')}, in the full report")
        blocks += ["**Worst first**" if len(worst) > 1 else "**Finding**", "\n".join(lines)]
        blocks += first_fixes(report, fixes)
    blocks += advice_blocks(report)
    return "\n\n".join(blocks) + "\n"


FORMAT = Format(
    "markdown",
    (".md",),
    "short, for a comment on a pull request; advice in full, for a design document",
    render_markdown,
)
