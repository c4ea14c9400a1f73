"""Options that several commands share, and the completion of their values."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from reports.formats import FORMATS


def complete_format(incomplete: str) -> list[str]:
    """Formats that begin so."""
    return [name for name in FORMATS if name.startswith(incomplete)]


def complete_rule(incomplete: str) -> list[str]:
    """Rules and families that begin so."""
    from rules.families import RULES

    names = dict.fromkeys((*(r.family for r in RULES), *(r.id for r in RULES)))
    return [name for name in names if name.startswith(incomplete)]


def complete_severity(incomplete: str) -> list[str]:
    """Severities that begin so."""
    from advisor.policy.checks import FAIL_ON

    return [name for name in FAIL_ON if name.startswith(incomplete)]


FormatOption = Annotated[
    str,
    typer.Option(
        "--format",
        metavar="FORMAT",
        help=f"What standard output gets: {', '.join(FORMATS)}.",
        autocompletion=complete_format,
    ),
]
OutputOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        help="Write a report too. The name's end says the format: .html .json .sarif .xml (JUnit) .csv .md .txt; or say it: github:FILE. May be repeated.",
        show_default=False,
    ),
]
FixPlanOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--fix-plan",
        metavar="FILE",
        help="Write the requests that mend new findings, for people to read and run: .sh (Azure CLI), .ps1 (PowerShell) or .http.",
        show_default=False,
    ),
]
ColorOption = Annotated[
    Literal["auto", "always", "never"],
    typer.Option("--color", help="Colour; auto obeys NO_COLOR, FORCE_COLOR and the terminal."),
]
ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="FILE",
        envvar="GRANTLINT_CONFIG",
        help="Configuration file. [default: grantlint.toml or pyproject.toml, found upwards]",
        show_default=False,
    ),
]
IsolatedOption = Annotated[bool, typer.Option("--isolated", help="Use no configuration file.")]
SinceOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--since",
        metavar="FILE",
        help="An earlier report (JSON): say what is new, gone, open since. May be repeated.",
        show_default=False,
    ),
]
SplitOption = Annotated[
    Literal["owner", "registration"] | None,
    typer.Option("--split-by", help="Write each -o in parts, with an index.", show_default=False),
]
RedactOption = Annotated[
    Literal["names", "ids"] | None,
    typer.Option(
        "--redact",
        help="Take out what others wrote (names, addresses, paths, values); ids: identifiers too.",
        show_default=False,
    ),
]
AnchorOption = Annotated[
    str,
    typer.Option(
        "--sarif-anchor",
        metavar="PATH",
        help="The repository's file to which pipelines attach findings that stand in no file. [default: the configuration file]",
        show_default=False,
    ),
]
TodayOption = Annotated[
    datetime | None,
    typer.Option("--today", formats=["%Y-%m-%d"], metavar="DATE", help="Judge credentials as of this day, YYYY-MM-DD."),
]
VerboseOption = Annotated[
    bool,
    typer.Option("--verbose", "-v", help="Show accepted and known findings, reasons, patches and every gap too."),
]
