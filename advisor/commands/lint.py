"""``grantlint lint``: judge app registrations in files."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import Annotated

import typer

from advisor.commands.options import (
    ColorOption,
    ConfigOption,
    FormatOption,
    IsolatedOption,
    OutputOption,
    complete_rule,
    complete_severity,
)
from advisor.commands.policing import (
    BaselineOption,
    NoSuppressionsOption,
    WriteBaselineOption,
    policy_for,
    write_baseline,
)
from advisor.commands.session import VERSION, choose, clock_utc, load


def lint(
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="PATH...", help="Files or folders with registrations; - is standard input.", show_default=False
        ),
    ] = None,
    select: Annotated[
        list[str] | None,
        typer.Option(
            "--select", metavar="NAME", help="Only this rule or family; may be repeated.", autocompletion=complete_rule
        ),
    ] = None,
    ignore: Annotated[
        list[str] | None,
        typer.Option(
            "--ignore", metavar="NAME", help="Not this rule or family; may be repeated.", autocompletion=complete_rule
        ),
    ] = None,
    fail_on: Annotated[
        str | None,
        typer.Option(
            "--fail-on",
            metavar="SEVERITY",
            help="Exit with 1 from this severity up: critical, high, medium, low, info, never. [default: low]",
            autocompletion=complete_severity,
        ),
    ] = None,
    baseline: BaselineOption = None,
    write_known: WriteBaselineOption = None,
    no_suppressions: NoSuppressionsOption = False,
    format: FormatOption = "text",
    output: OutputOption = None,
    concise: Annotated[bool, typer.Option("--concise", help="One line for each finding.")] = False,
    posture: Annotated[bool, typer.Option("--posture/--no-posture", help="Show which grants work today.")] = True,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Say nothing when there is nothing to fail for.")
    ] = False,
    color: ColorOption = "auto",
    config: ConfigOption = None,
    isolated: IsolatedOption = False,
    today: Annotated[
        datetime | None,
        typer.Option(
            "--today", formats=["%Y-%m-%d"], metavar="DATE", help="Judge credentials as of this day, YYYY-MM-DD."
        ),
    ] = None,
) -> int:
    """Judge app registrations: portal manifests in both formats, Microsoft
    Graph responses, what az ad app show and list print.

    A folder is searched. Results go to standard output, all else to standard
    error. What a file leaves out is named as not assessed, never as clean.

    \b
    Examples:
      grantlint lint manifest.json
      grantlint lint apps/ -o report.html -o report.json
      az ad app list --all | grantlint lint - --fail-on high
      grantlint lint apps/ --select implicit --concise
      grantlint lint apps/ --write-baseline known.json
      grantlint lint apps/ --baseline known.json
    """
    from advisor.commands.compose import compose
    from advisor.commands.output import show
    from advisor.errors import UsageError
    from advisor.sources.discover import read_paths

    if not paths:
        raise UsageError("nothing to lint", hint="name files or folders, or - for standard input: grantlint lint apps/")
    configuration = load(config, isolated=isolated)
    plan = choose(configuration, select or [], ignore or [])
    clock = clock_utc()
    now = today.replace(tzinfo=UTC) if today else clock
    reading = read_paths(paths, stdin=sys.stdin.buffer.read)
    report = compose(
        title="App registrations",
        version=VERSION,
        now=now,
        made_at=clock,
        rules=plan,
        reading=reading,
        policy=policy_for(configuration, paths, reading, baseline, honour=not no_suppressions),
        fail_on=_severity(fail_on) or configuration.fail_on,
    )
    if write_known is not None:
        write_baseline(write_known, report, reading)
    return show(report, format=format, output=output or [], colour=color, concise=concise, quiet=quiet, posture=posture)


def _severity(word: str | None) -> str | None:
    from advisor.errors import UsageError
    from advisor.policy.checks import FAIL_ON

    if word is not None and word not in FAIL_ON:
        raise UsageError(f"unknown severity {word!r} in --fail-on", hint=f"one of {', '.join(FAIL_ON)}")
    return word
