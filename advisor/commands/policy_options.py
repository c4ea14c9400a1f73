"""The options of ``lint`` that say what an organisation accepts, and the baseline that it keeps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import chdir, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from advisor.policy.config import Configuration
    from advisor.policy.govern import Policy
    from advisor.policy.suppressions import Suppression
    from advisor.sources.reading.builder import Reading
    from reports.report import Report

BaselineOption = Annotated[
    Path | None,
    typer.Option(
        "--baseline",
        metavar="FILE",
        help="Findings in this file are known: only new ones fail.",
        show_default=False,
    ),
]
WriteBaselineOption = Annotated[
    Path | None,
    typer.Option(
        "--write-baseline",
        metavar="FILE",
        help="Write everything that is found now to this file.",
        show_default=False,
    ),
]
NoSuppressionsOption = Annotated[
    bool, typer.Option("--no-suppressions", help="Show what suppressions accept, for an auditor.")
]

AgainstOption = Annotated[
    str | None,
    typer.Option(
        "--against",
        metavar="REVISION",
        help="Only what is new since this git branch, tag or commit fails.",
        show_default=False,
    ),
]


@contextmanager
def reading_at(revision: str | None, paths: list[str]) -> Iterator[Reading | None]:
    """The same *paths* as they were at a git *revision*; nothing without one. Raises ``UsageError`` and ``InputError``."""
    if revision is None:
        yield None
        return
    from tempfile import TemporaryDirectory

    from advisor.errors import UsageError
    from advisor.sources.discover import read_paths
    from advisor.sources.revision import extract

    if "-" in paths:
        raise UsageError("standard input has no other revision", hint="name files or folders with --against")
    with TemporaryDirectory(prefix="grantlint-") as folder:
        names = extract(revision, paths, Path(folder))
        with chdir(folder):  # so that messages name files as the repository does
            reading = read_paths(names, stdin=bytes)
        yield reading


def warn_of_outdated(
    configuration: Configuration,
    comments: Sequence[Suppression] = (),
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
) -> None:
    """Say on standard error which names of rules are on their way out, where they are used, and what to use instead."""
    from advisor.commands.session import all_rules
    from advisor.policy.retired import outdated
    from reports.terminal.render import problem_line

    for one in outdated(all_rules(configuration), configuration, comments, select=select, ignore=ignore):
        typer.echo(problem_line(one.what, one.file, one.line, hint=one.hint), err=True)


def policy_for(
    configuration: Configuration, paths: list[str], reading: Reading, baseline: Path | None, *, honour: bool
) -> Policy:
    """What holds in this run. A folder among *paths* means that all there is was read. Raises ``InputError``."""
    from advisor.policy.baseline import read_baseline
    from advisor.policy.govern import Policy
    from advisor.policy.intent import INTENT
    from advisor.policy.suppression_rules import SUPPRESSION_RULES
    from advisor.policy.suppressions import read_comments
    from rules.families import RULES

    named = baseline
    if named is None and configuration.baseline and configuration.file is not None:
        named = Path(configuration.file).parent / configuration.baseline
    comments = tuple(read_comments(reading.commented())) if honour else ()
    known = {name for rule in RULES for name in (rule.id, rule.family)} | {
        text.id for text in (*SUPPRESSION_RULES, *INTENT)
    }
    return Policy(
        configuration=configuration,
        comments=comments,
        unknown=frozenset(name for comment in comments for name in comment.rules if name not in known),
        broken=frozenset(problem.file for problem in reading.problems if problem.file),
        baseline=read_baseline(named) if named else None,
        honour=honour,
        whole=any(Path(path).is_dir() for path in paths),
    )


def write_baseline(path: Path, report: Report, reading: Reading) -> None:
    """Write the findings of *report* as a baseline and say so. Raises ``UsageError`` when it cannot be written."""
    from advisor.commands.output import write_aside
    from advisor.policy.baseline import make_baseline, render_baseline

    subjects = {subject.key: subject for subject in reading.subjects}
    names = {row.key: row.name for row in report.registrations}
    write_aside(path, render_baseline(make_baseline(report.findings, subjects, names, report.made_at)))
    typer.echo(f"wrote {path}", err=True)
