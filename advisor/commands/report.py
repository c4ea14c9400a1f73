"""``grantlint report``: show a stored report again, in any format."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from advisor.commands.options import (
    AnchorOption,
    ColorOption,
    FixPlanOption,
    FormatOption,
    OutputOption,
    RedactOption,
    SinceOption,
    SplitOption,
    VerboseOption,
)


def report(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="A report in JSON; - is standard input.", show_default=False)
    ],
    format: FormatOption = "text",
    output: OutputOption = None,
    fix_plan: FixPlanOption = None,
    since: SinceOption = None,
    split_by: SplitOption = None,
    redact: RedactOption = None,
    sarif_anchor: AnchorOption = "",
    concise: Annotated[bool, typer.Option("--concise", help="One line for each finding.")] = False,
    posture: Annotated[bool, typer.Option("--posture/--no-posture", help="Show which grants work.")] = True,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Write files and say nothing.")] = False,
    verbose: VerboseOption = False,
    color: ColorOption = "auto",
) -> int:
    """Show a stored report again: in another format, against earlier ones, in
    parts, or without what must not be shared.

    Judges nothing and reads nothing but the reports. Exits with 0 when the
    report could be shown, whatever stands in it.

    \b
    Examples:
      grantlint report report.json -o report.html -o report.sarif
      grantlint report new.json --since old.json --format markdown
      grantlint report report.json --split-by owner -o owners/report.html
      grantlint report report.json --redact ids -o shareable.html
      grantlint report report.json --format csv > findings.csv
      grantlint report report.json --fix-plan plan.ps1
    """
    from advisor.commands.output import show
    from advisor.run.reports import load_report, prepared, read_report

    stored = read_report("-", sys.stdin.buffer.read()) if file == "-" else load_report(Path(file))
    show(
        prepared(stored, since=since or (), what=redact, anchor=sarif_anchor),
        format=format,
        output=output or [],
        colour=color,
        concise=concise,
        posture=posture,
        verbose=verbose,
        quiet=quiet,
        split_by=split_by,
        fix_plan=fix_plan or [],
        again=True,
    )
    return 0
