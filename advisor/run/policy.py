"""What an organization accepts in this run: suppressions, the baseline, and names of rules that are deprecated."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec

if TYPE_CHECKING:
    from advisor.policy.baseline import Baseline, Entry
    from advisor.policy.config import Configuration
    from advisor.policy.coverage import Coverage
    from advisor.policy.folders import InFolders
    from advisor.policy.govern import Policy
    from advisor.policy.suppressions import Suppression
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
    baseline: Baseline | None,
    *,
    honor: bool,
) -> Policy:
    """The policy of this run over *paths*; without *honor*, suppressions have no effect."""
    from advisor.policy.govern import Policy
    from advisor.policy.suppressions import read_comments
    from advisor.run.session import names_of_rules

    configuration = folders.configuration
    return Policy(
        configuration=configuration,
        comments=tuple(read_comments(reading.commented(), names_of_rules(configuration))) if honor else (),
        coverage=_coverage(configuration, paths, reading, baseline),
        baseline=baseline,
        honor=honor,
        notes=folders.notes,
    )


def _coverage(
    configuration: Configuration, paths: Sequence[str], reading: Reading, baseline: Baseline | None
) -> Coverage:
    """What the run read, and which files of the *baseline* no longer exist."""
    from advisor.policy.coverage import Coverage, lies_below, normal

    folders = tuple(normal(path) for path in paths if Path(path).is_dir())
    broken = {problem.file for problem in reading.problems if problem.file}
    broken |= {row.name for row in reading.inputs if row.status != "read"}
    root = Path(configuration.file).parent if configuration.file else Path()
    return Coverage(
        files=frozenset(normal(name) for name in (*reading.searched, *(row.name for row in reading.inputs))),
        absent=absent_files(baseline.findings, folders) if baseline else frozenset(),
        folders=folders,
        broken=frozenset(map(normal, broken)),
        tenants=frozenset(name for name, tenant in reading.tenants.items() if tenant.whole and name not in broken),
        is_whole=lies_below(normal(str(root.absolute())), folders),
    )


def absent_files(entries: Iterable[Entry], folders: Sequence[str]) -> frozenset[str]:
    """The files of *entries* that no longer exist in *folders*; nothing is looked up elsewhere."""
    from advisor.policy.coverage import is_file, lies_below

    sources = {entry.source for entry in entries if is_file(entry.source)}
    return frozenset(one for one in sources if lies_below(one, folders) and not Path(one).exists())


def baseline_path(configuration: Configuration, option: Path | None) -> Path | None:
    """The baseline of the run: the one that ``--baseline`` names, else that of the configuration."""
    if option is None and configuration.baseline:
        return configuration.path_of("baseline", configuration.baseline)
    return option


class BaselineUpdate(NamedTuple):
    """A baseline file that the run changes, and what it contains so far; *prunes* says that it only gets shorter."""

    path: Path
    old: Baseline
    prunes: bool


def baseline_update(
    configuration: Configuration, written: Path | None, baseline: Path | None, *, prunes: bool
) -> BaselineUpdate | None:
    """What ``--write-baseline`` (*written*) changes, or ``--prune-baseline`` (*prunes*) in the *baseline* of the run.

    Without both it is ``None``. Raises ``UsageError`` where they contradict each other or there is nothing to prune,
    and ``InputError`` for a file that is not a baseline, which is never overwritten.
    """
    from advisor.errors import UsageError
    from advisor.policy.baseline import Baseline, read_baseline

    if prunes:
        path = baseline_path(configuration, baseline)
        if written is not None:
            hint = "use --write-baseline to add and remove entries, --prune-baseline to remove them only"
            raise UsageError("--write-baseline and --prune-baseline exclude each other", hint=hint)
        if path is None:
            hint = "add --baseline FILE, or baseline = FILE in the configuration"
            raise UsageError("--prune-baseline needs a baseline", hint=hint)
        return BaselineUpdate(path, read_baseline(path), prunes=True)
    if written is None:
        return None
    return BaselineUpdate(written, read_baseline(written) if written.is_file() else Baseline(), prunes=False)


def update_baseline(update: BaselineUpdate, report: Report, reading: Reading, policy: Policy) -> None:
    """Write the baseline after the run that *report* shows, and say on standard error what changed.

    A run that failed, or could not read everything, removes no entry. Raises ``UsageError`` when the file cannot be
    written.
    """
    from datetime import date

    from advisor.policy.baseline import prune, render_baseline, renew
    from advisor.policy.govern import gone_test
    from advisor.run.output import print_text, write_aside

    subjects = {subject.key: subject for subject in reading.subjects}
    rows = {row.key: row for row in report.registrations}
    absent = absent_files(update.old.findings, policy.coverage.folders)
    coverage = msgspec.structs.replace(policy.coverage, absent=absent)
    is_gone = gone_test(
        msgspec.structs.replace(policy, coverage=coverage),
        rows=rows,
        families={rule.id: rule.family for rule in report.rules},
        gaps=report.not_assessed,
    )
    is_partial = report.summary.verdict in ("input-error", "incomplete")
    if is_partial:
        is_gone = _never
    if update.prunes:
        renewal = prune(update.old, report.findings, subjects, is_gone)
    else:
        today = date.fromisoformat(report.judged_at[:10])
        renewal = renew(update.old, report.findings, subjects, rows, today, is_gone)
    count = len(renewal.baseline.findings)
    text = render_baseline(renewal.baseline, update.path.parent)
    if count or update.path.exists() or not is_partial:
        write_aside(update.path, text)
    words = f"{update.path}: +{renewal.added} -{renewal.removed}, {count:,} {'entry' if count == 1 else 'entries'}"
    kept = f"; no entry was removed, because {report.summary.exit_reason}" if is_partial else ""
    print_text(f"{words}{kept}\n", sys.stderr)


def _never(_: Entry) -> bool:
    return False
