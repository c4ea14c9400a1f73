"""``grantlint usage``: show and store what sign-in logs say about the use of grants."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from advisor.commands.options import TodayOption


def usage(
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="FILE",
            help="Sign-in logs or reports of activity; - is standard input. May be repeated.",
            show_default=False,
        ),
    ] = None,
    kql: Annotated[bool, typer.Option("--kql", help="Print the query for Log Analytics and exit.")] = False,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Write the counters to this JSON file, which usage and lint --usage read.",
            show_default=False,
        ),
    ] = None,
    format: Annotated[
        Literal["text", "json"], typer.Option("--format", metavar="FORMAT", help="Print text or json.")
    ] = "text",
    max_bytes: Annotated[
        int | None,
        typer.Option(
            "--max-bytes",
            metavar="BYTES",
            min=1,
            help="Read files up to this size, decompressed. [default: 20000000000]",
            show_default=False,
        ),
    ] = None,
    today: TodayOption = None,
) -> int:
    """Show from sign-in logs which grants and credentials applications used.

    Reads sign-ins that the Entra admin center downloads (JSON, CSV), pages of
    auditLogs/signIns, results of Log Analytics, files of a storage account,
    messages of an Event Hub, servicePrincipalSignInActivities,
    appCredentialSignInActivities, recommendations, and OAuthAppInfo of
    Microsoft Defender. grantlint recognizes a file by its content. Files may be
    compressed with gzip.

    grantlint stores only counters: no user, email address, IP address or
    device. The output shows the period for which each kind of sign-in is
    complete. Outside this period, a missing sign-in does not prove that a grant
    is unused.

    \b
    Examples:
      grantlint usage --kql > query.kql
      grantlint usage query_data.csv -o usage.json
      grantlint usage ApplicationSignIns.csv InteractiveSignIns.json
      grantlint lint --tenant contoso.com --usage usage.json

    Exit status: 2 a file could not be used, 3 a file was too large.
    """
    from advisor.errors import NotReadError, UsageError
    from advisor.run.output import print_text, refuse_inputs, write_aside
    from advisor.run.session import as_of, clock_utc
    from advisor.run.terminal_width import terminal_width
    from advisor.usage.aggregate import encoded, query
    from advisor.usage.read import MOST_BYTES, read_usage
    from reports.terminal.render import problem_line
    from reports.terminal.usage import render_usage
    from rules.model.usage import Usage

    if kql:
        print_text(query(), sys.stdout)
        return 0
    if not paths:
        raise UsageError("no file of sign-ins is named", hint="name files, or print the query with --kql")
    refuse_inputs([output] if output else [], paths)
    reading = read_usage(paths, as_of(today, clock_utc()).date(), max_bytes or MOST_BYTES)
    if output is not None:
        write_aside(output, encoded(reading.usage))
    if format == "json":
        print_text(encoded(reading.usage), sys.stdout)
    elif reading.usage != Usage() or not reading.problems:
        print_text(render_usage(reading.usage, terminal_width(sys.stdout)), sys.stdout)
    for problem in reading.problems:
        line = problem_line(problem.what, problem.file, problem.line, problem.column, problem.hint)
        print_text(line + "\n", sys.stderr)
    return max((3 if isinstance(one, NotReadError) else 2 for one in reading.problems), default=0)
