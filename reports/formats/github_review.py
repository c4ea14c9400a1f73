"""A review of a pull request on GitHub: the body of ``POST /repos/{owner}/{repo}/pulls/{number}/reviews``.

Each finding that an edit fixes is a comment with a suggestion that one click applies. GitHub refuses a review with a
comment on a line that is not in the diff of the pull request, so a workflow keeps those that are.

Source: GitHub REST API, "Create a review for a pull request"; GitHub Docs, "Incorporating feedback in a pull request".
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from math import inf
from typing import Any, Final

from reports.escape import file_uri, markdown, markdown_code, markdown_fence, visible
from reports.file_edits import lines_after
from reports.formats import Format
from reports.markdown import coverage, fixed, head, trend_blocks, worst
from reports.report import Report
from reports.rows import Replacement
from reports.tables import worst_first
from reports.wording import names_of, sentence
from rules.primitives.texts import counted

#: GitHub refuses a body over 65,536 characters.
LONGEST: Final = 65_000
#: A review has at most this many comments: each is a notification, and GitHub limits how many are made at once.
MOST: Final = 50


def render_github_review(report: Report) -> str:
    """The review as JSON, the worst findings first. It neither approves nor refuses the pull request.

    Its body is the result: the worst findings, also those without a suggestion, and what was not read.
    """
    comments = list(_comments(report))
    left = len(comments) - MOST
    blocks = [*head(report), *worst(report), *fixed(report), *coverage(report), *trend_blocks(report, MOST)]
    if left > 0:
        blocks.insert(1, f"{counted(left, 'further suggestion')} left out: {MOST} are in a review.")
    while len("\n\n".join(blocks)) > LONGEST:
        blocks.pop()
    review = {"event": "COMMENT", "body": "\n\n".join(blocks), "comments": comments[:MOST]}
    return json.dumps(review, indent=2) + "\n"


def _comments(report: Report) -> Iterator[dict[str, Any]]:
    names = names_of(report)
    fixes = {rule.id: rule.fix for rule in report.rules}
    taken: set[tuple[str, int]] = set()
    for finding in worst_first(report):
        edit = finding.edit
        if finding.state != "new" or edit is None or len(edit.replacements) != 1:
            continue  # a suggestion replaces lines in a row, and only those that it shows
        one = edit.replacements[0]
        path, after = file_uri(one.file), lines_after(one)
        lines = {(one.file, number) for number in range(one.line, one.line + one.before.count("\n") + 1)}
        if after is None or ":" in path or path.startswith(("/", "../")) or lines & taken:
            continue
        says = f"**{finding.severity}** {markdown_code(visible(finding.rule))}: {markdown(sentence(finding, names))}"
        fix = markdown(visible(finding.fix or fixes.get(finding.rule, "")))
        use = f" ({markdown(edit.why)})" if edit.why else ""
        risk = "" if edit.applicability == "safe" else f"\n\nA client may stop working after this change{use}."
        body = f"{says}\n\n{fix}{risk}\n\n{markdown_fence(after, 'suggestion')}"
        if len(body) > LONGEST:
            continue
        taken |= lines
        yield _place(one) | {"body": body}


def _place(one: Replacement) -> dict[str, Any]:
    """The lines that a suggestion replaces; several have a first one."""
    last = one.line + one.before.count("\n")
    place: dict[str, Any] = {"path": visible(one.file).replace("\\", "/"), "line": last, "side": "RIGHT"}
    return place | ({"start_line": one.line, "start_side": "RIGHT"} if last > one.line else {})


FORMAT = Format(
    "github-review", (), "suggestions for a review on GitHub", render_github_review, of_repository=True, edits_up_to=inf
)
