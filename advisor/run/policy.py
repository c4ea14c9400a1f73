"""What an organization accepts in this run: suppressions, the baseline, and names of rules that are deprecated."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from advisor.policy.config import Configuration
    from advisor.policy.folders import InFolders
    from advisor.policy.govern import Policy
    from advisor.policy.suppressions import Suppression
    from advisor.run.policy_source import PolicySource
    from advisor.sources.reading.builder import Reading
    from reports.report import Report


def warn_of_outdated(
    configuration: Configuration,
    comments: Sequence[Suppression] = (),
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
) -> None:
    """Say on standard error which deprecated names of rules are used, where, and what to use instead."""
    from advisor.policy.retired import outdated
    from advisor.run.output import print_text
    from advisor.run.session import all_rules
    from reports.terminal.render import problem_line

    for one in outdated(all_rules(configuration), configuration, comments, select=select, ignore=ignore):
        print_text(problem_line(one.what, one.file, one.line, hint=one.hint) + "\n", sys.stderr)


def policy_for(
    folders: InFolders,
    paths: list[str],
    reading: Reading,
    baseline: Path | None,
    source: PolicySource,
    *,
    honour: bool,
) -> Policy:
    """The policy of this run; without *honour*, suppressions have no effect. Raises ``InputError`` for a bad baseline.

    A folder among *paths* means that every registration was read, so that unused suppressions can be reported.
    """
    from advisor.policy.govern import Policy
    from advisor.policy.intent import INTENT
    from advisor.policy.suppression_rules import SUPPRESSION_RULES
    from advisor.policy.suppressions import read_comments
    from advisor.run.policy_source import baseline_at
    from rules.families import RULES

    configuration = folders.configuration
    named = baseline
    if named is None and configuration.baseline:
        named = configuration.path_of("baseline", configuration.baseline)
    comments = tuple(read_comments(reading.commented())) if honour else ()
    known = {name for rule in RULES for name in (rule.id, rule.family)} | {
        text.id for text in (*SUPPRESSION_RULES, *INTENT)
    }
    return Policy(
        configuration=configuration,
        comments=comments,
        unknown=frozenset(name for comment in comments for name in comment.rules if name not in known),
        broken=frozenset(
            (
                *(problem.file for problem in reading.problems if problem.file),
                *(row.name for row in reading.inputs if row.status != "read"),
            )
        ),
        baseline=baseline_at(named, source),
        honour=honour,
        notes=folders.notes,
        covered=tuple(Path(path).resolve() for path in paths if Path(path).is_dir()),
        whole=any(Path(path).is_dir() for path in paths),
    )


def write_baseline(path: Path, report: Report, reading: Reading) -> None:
    """Write the findings of *report* as a baseline and say so. Raises ``UsageError`` when it cannot be written."""
    from advisor.policy.baseline import make_baseline, render_baseline
    from advisor.run.output import print_text, write_aside

    subjects = {subject.key: subject for subject in reading.subjects}
    names = {row.key: row.name for row in report.registrations}
    write_aside(path, render_baseline(make_baseline(report.findings, subjects, names, report.made_at)))
    print_text(f"wrote {path}\n", sys.stderr)
