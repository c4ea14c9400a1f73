"""Markdown: for a comment on a pull request, the result, what is new and what to fix first, then what was not read; for
an owner and for advice, a complete document.
"""

from __future__ import annotations

from typing import Final

from reports.decision import is_advice
from reports.document import advice_document
from reports.formats import Format
from reports.markdown import WORST, advice_blocks, coverage, first_fixes, fixed, head, trend_blocks, use_blocks, worst
from reports.owner_page import owner_page
from reports.report import Report

#: GitHub refuses a comment over 65,536 characters.
COMMENT_BYTES: Final = 65_000


def render_markdown(report: Report) -> str:
    """The result, the worst findings, what to fix first and what was not read, which fits a comment of GitHub; a part
    of a report, and advice alone, are documents.
    """
    if report.part:
        return "\n\n".join(owner_page(report)) + "\n"
    if is_advice(report):
        return "\n\n".join(advice_document(report)) + "\n"
    blocks = (
        *head(report),
        *worst(report),
        *first_fixes(report, {rule.id: rule for rule in report.rules}),
        *fixed(report),
        *use_blocks(report, WORST),
        *coverage(report),
        *trend_blocks(report, WORST),
        *advice_blocks(report),
    )
    kept: list[str] = []
    size = 0
    for block in blocks:
        size += len(block.encode()) + 2
        if size > COMMENT_BYTES:
            kept.append("The rest is in the full report: GitHub refuses a longer comment.")
            break
        kept.append(block)
    return "\n\n".join(kept) + "\n"


FORMAT = Format(
    "markdown",
    (".md",),
    "short, for a comment on a pull request; advice and --split-by in full",
    render_markdown,
    of_repository=True,
)
