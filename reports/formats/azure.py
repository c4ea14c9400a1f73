"""Azure Pipelines logging commands: errors and warnings on the summary of a run, and its result when something is
missing.

Azure Pipelines has errors and warnings and nothing below. Findings under high are warnings; what is only a note is a
line of the log.
"""

from __future__ import annotations

from collections.abc import Iterator

from reports.escape import azure_message, azure_property, visible
from reports.formats import Format
from reports.report import Report
from reports.tables import worst_first
from reports.trend import gone_lines
from reports.wording import ANCHOR, at_words, names_of, notices, related, sentence, tenants_of


def render_azure(report: Report) -> str:
    """The report as logging commands, one a line, what was not read first; empty when there is nothing to say."""
    gone = (azure_message(line) for line in gone_lines(report))  # lines of the log: gone is not a warning
    lines = [*_unread(report), *_found(report), *gone]
    if report.summary.exit_status == 3:
        reason = azure_message(visible(report.summary.exit_reason))
        lines.append(f"##vso[task.complete result=SucceededWithIssues;]{reason}")
    return "\n".join(lines) + "\n" if lines else ""


FORMAT = Format("azure", (), "logging commands of Azure Pipelines", render_azure, of_repository=True)


def _unread(report: Report) -> Iterator[str]:
    for notice in notices(report):
        if notice.level == "note":
            yield azure_message(notice.text)
            continue
        level = notice.level
        place = _place(notice.file, notice.line, notice.column) if notice.file else ""
        yield f"##vso[task.logissue type={level};{place}code={notice.id};]{azure_message(notice.text)}"


def _found(report: Report) -> Iterator[str]:
    names, tenants = names_of(report), tenants_of(report)
    for finding in worst_first(report):
        level = "error" if finding.severity in ("critical", "high") else "warning"
        origin = finding.origin
        place = (
            _place(origin.file, origin.line, origin.column) if origin.file else _place(report.anchor or ANCHOR, 1, None)
        )
        text = "; ".join([f"{finding.severity}: {sentence(finding, names)}", *related(finding)])
        text += "" if origin.file else f" ({at_words(finding, tenants)})"
        rule = azure_property(visible(finding.rule))
        yield f"##vso[task.logissue type={level};{place}code={rule};]{azure_message(text)}"


def _place(file: str, line: int | None, column: int | None) -> str:
    place = f"sourcepath={azure_property(visible(file))};"
    place += f"linenumber={line};" if line else ""
    return place + (f"columnnumber={column};" if line and column else "")
