"""``grantlint report``: show a stored report again, in any format."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from advisor.commands.options import ReportOptions


@dataclass(frozen=True, kw_only=True)
class StoredReportOptions(ReportOptions):
    """As for a new report; a stored one has no exit status of its own that ``--quiet`` could follow."""

    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing; only write files.")] = False


def report(
    files: Annotated[
        list[str],
        typer.Argument(metavar="FILE", help="Stored reports (JSON); - is standard input.", show_default=False),
    ],
    output: StoredReportOptions,
) -> int:
    """Show a stored report in another format, compared with earlier reports, in
    parts, or without confidential values. Several reports are merged into one.

    The command reads only the reports and runs no checks. The exit status is 0
    if the report could be shown, even if the report has findings.

    \b
    Examples:
      grantlint report report.json -o report.html -o report.sarif
      grantlint report tenant-*.json -o all.html
      grantlint report new.json --since old.json --format markdown
      grantlint report report.json --split-by owner -o owners/report.html
      grantlint report report.json --redact ids -o shareable.html
      grantlint report report.json --format csv > findings.csv
      grantlint report report.json --fix-plan plan.ps1
    """
    from advisor.errors import UsageError
    from advisor.run.output import show
    from advisor.run.reports import load_report, merged, prepared, read_report
    from advisor.run.session import clock_utc

    if files.count("-") > 1:
        raise UsageError("standard input is named twice", hint="name - once")
    stored = merged(
        read_report("-", sys.stdin.buffer.read()) if file == "-" else load_report(Path(file)) for file in files
    )
    changed = prepared(stored, since=output.since, what=output.redact, anchor=output.sarif_anchor, shown=clock_utc())
    show(changed, output.settings(), again=True)
    return 0
