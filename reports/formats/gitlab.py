"""GitLab's code quality report: a list of issues, each with a fingerprint of its own.

GitLab shows the last of those that share a fingerprint, and does not show ``check_name``, so the rule begins the
description. What is gone since an earlier report is not in it: GitLab takes each issue as present, and finds what is
gone by comparing with the report of the target branch.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

import msgspec

from reports.escape import NAME_SHOWN, visible
from reports.formats import Format
from reports.report import Report
from reports.tables import new_first, stable_prints
from reports.wording import ANCHOR, at_words, names_of, related, sentence, tenants_of

_LEVELS: Final = {"critical": "blocker", "high": "critical", "medium": "major", "low": "minor", "info": "info"}


def render_gitlab(report: Report) -> str:
    """The findings that are not accepted as JSON, worst first, ending in a line feed."""
    names, tenants, seen = names_of(report), tenants_of(report), Counter[str]()
    print_of = stable_prints(report.findings)
    issues = []
    for finding in new_first(report.findings):
        if finding.state == "suppressed":
            continue
        own = print_of(finding)
        seen[own] += 1
        again = seen[own]
        fingerprint = visible(own, NAME_SHOWN)
        words = [f"{visible(finding.rule, NAME_SHOWN)}: {sentence(finding, names)}", *related(finding)]
        file = finding.origin.file
        if file is None:
            words[-1] += f" ({at_words(finding, tenants)})"
        path = visible(file or report.anchor or ANCHOR).replace("\\", "/").removeprefix("./")
        issues.append(
            {
                "description": "; ".join(words),
                "check_name": visible(finding.rule, NAME_SHOWN),
                "fingerprint": fingerprint if again == 1 else f"{fingerprint}-{again}",
                "severity": _LEVELS[finding.severity],
                "location": {"path": path, "lines": {"begin": (finding.origin.line or 1) if file else 1}},
            }
        )
    return msgspec.json.format(msgspec.json.encode(issues), indent=1).decode() + "\n"


FORMAT = Format(
    "gitlab",
    (".codequality.json", "gl-code-quality-report.json"),
    "code quality of GitLab",
    render_gitlab,
    of_repository=True,
)
