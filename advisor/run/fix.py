"""Fix the files of a run: write them, or print the diff; and say what was fixed and what was not."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

import msgspec

from advisor.errors import UsageError
from advisor.run.output import Output, print_bytes, print_text
from advisor.sources.reading.source import read_instead
from reports.escape import log_lines

if TYPE_CHECKING:
    from advisor.fixing.apply import Fixed
    from advisor.sources.reading.builder import Reading
    from reports.report import Report

#: At most this many findings that were not fixed are named.
_NAMED: Final = 10


def check_fix_options(
    paths: Sequence[str], tenants: Sequence[str], *, fix: bool, diff: bool, unsafe: bool, reports: bool
) -> None:
    """Raise ``UsageError`` for options that request fixes of what is not a file, or *reports* next to a diff."""
    if unsafe and not (fix or diff):
        raise UsageError("--unsafe-fixes changes nothing alone", hint="add --diff or --fix")
    if (fix or diff) and tenants:
        raise UsageError("--fix and --diff change files, and --tenant reads a tenant", hint="use --fix-plan")
    if (fix or diff) and "-" in paths:
        raise UsageError("--fix and --diff change files, and - is standard input", hint="name files or folders")
    if diff and reports:
        raise UsageError("--diff prints the fixes and no report", hint="run again without --diff")


def fixed(
    reading: Reading,
    report: Report,
    read: Callable[[], Reading],
    report_on: Callable[[Reading], Report],
    *,
    unsafe: bool,
) -> Fixed:
    """The fixes of a run, unwritten. *read* reads its inputs once more, and *report_on* checks what was read.

    Raises ``UsageError`` for a snapshot of a tenant.
    """
    from advisor.fixing.apply import Checked, fix

    if reading.tenants:
        name = next(iter(reading.tenants))
        raise UsageError(f"--fix and --diff change files that deploy, and {name} is a tenant", hint="use --fix-plan")

    def check(contents: Mapping[str, bytes]) -> Checked:
        with read_instead(contents):
            again = read()
            return Checked(again, report_on(again))

    return fix(Checked(reading, report), check, unsafe=unsafe)


def edited(report: Report, reading: Reading, output: Output) -> Report:
    """*report* on *reading* with how its new findings are fixed in files; with the edits if *output* has them.

    What an overview shows gets its lines (see ``compose``).
    """
    from advisor.fixing.proposed import with_edits
    from advisor.run.audit import with_lines

    report = with_lines(report, reading)
    now = datetime.fromisoformat(report.judged_at)
    uses = {row.registration: row.entries for row in report.usage}
    findings = with_edits(report.findings, reading, now, uses, whole=output.has_edits(len(report.findings)))
    return msgspec.structs.replace(report, findings=tuple(findings))


def print_diff(result: Fixed, *, quiet: bool) -> int:
    """Print the fixes as a diff; returns the exit status: 1 for any, unless an input was not read.

    A terminal shows everything; a file or a pipe gets the exact bytes.
    """
    from advisor.fixing.write import patch, shown_diff
    from reports.terminal.render import problem_line

    secrets = result.checked.reading.secrets
    if sys.stdout.isatty():
        print_text("".join(shown_diff(result.files, secrets)), sys.stdout)
    else:
        _print_patch(*patch(result.files, secrets))
    for one in result.checked.report.problems:
        print_text(problem_line(one.what, one.file, one.line, one.column, one.hint) + "\n", sys.stderr)
    if not quiet:
        print_text(_summary(result, "would be fixed"), sys.stderr)
    status = result.checked.report.summary.exit_status
    return status if status > 1 else int(bool(result.files))


def _print_patch(data: bytes, hidden: Sequence[str]) -> None:
    """Print an exact diff, and warn where it does not fit: a secret is hidden, or a pipeline would run a line of it."""
    from reports.terminal.render import problem_line

    hint = "use --fix"
    for name in hidden:
        print_text(problem_line("the diff hides a secret, so it cannot be applied", name, hint=hint) + "\n", sys.stderr)
    if _is_log():
        text = data.decode("utf-8", "surrogateescape")
        safe = log_lines(text).encode("utf-8", "surrogateescape")
        if safe != data:
            what = "the diff contains a command of the pipeline, which was made harmless, so it cannot be applied"
            print_text(problem_line(what, hint="redirect the diff to a file") + "\n", sys.stderr)
            data = safe
    print_bytes(data, sys.stdout)


def _is_log() -> bool:
    """Whether standard output may be the log of GitHub Actions or Azure Pipelines, which runs commands in it."""
    if not {"GITHUB_ACTIONS", "TF_BUILD"} & os.environ.keys():
        return False
    try:
        return not stat.S_ISREG(os.fstat(sys.stdout.fileno()).st_mode)
    except (OSError, ValueError):  # a stream without a file
        return True


def write_fixes(result: Fixed, *, quiet: bool) -> None:
    """Write the files that were fixed, and say what was. Raises ``UsageError`` for one that cannot be written."""
    from advisor.fixing.write import write

    for change in result.files:
        write(change)
    if not quiet:
        print_text(_summary(result, "fixed"), sys.stderr)


def _summary(result: Fixed, verb: str) -> str:
    """``3 fixed, 2 remaining; 1 more with --unsafe-fixes``, and the reasons for what cannot be fixed."""
    from reports.escape import visible

    remaining = sum(finding.state == "new" for finding in result.checked.report.findings)
    more = f"; {result.more} more with --unsafe-fixes" if result.more else ""
    lines = []
    for finding, reason in result.refused[:_NAMED]:
        place = ":".join(str(part) for part in (finding.origin.file, finding.origin.line) if part)
        lines.append(f"{visible(place)}: {finding.rule} not fixed: {visible(reason)}\n")
    left = len(result.refused) - _NAMED
    if left > 0:
        lines.append(f"{left:,} more not fixed\n")
    return "".join((*lines, f"{result.count} {verb}, {remaining} remaining{more}\n"))
