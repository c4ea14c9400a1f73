"""``grantlint diff``: what changed between two snapshots, and what that means."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from advisor.commands.options import ConfigurationOptions, TextOrJsonOption, TodayOption, complete_severity
from advisor.run.session import VERSION, as_of, choose_some, clock_utc, severity_named

if TYPE_CHECKING:
    from advisor.run.compare import Comparison
    from advisor.sources.reading.builder import Reading


def diff(
    old: Annotated[
        str, typer.Argument(metavar="OLD", help="The earlier snapshot, file or folder.", show_default=False)
    ],
    new: Annotated[str, typer.Argument(metavar="NEW", help="The later snapshot, file or folder.", show_default=False)],
    configured: ConfigurationOptions,
    fail_on: Annotated[
        str,
        typer.Option(
            "--fail-on",
            metavar="SEVERITY",
            help="Exit with 1 for new findings from this severity up: critical, high, medium, low, info, never.",
            autocompletion=complete_severity,
        ),
    ] = "low",
    format: TextOrJsonOption = "text",
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but the difference.")] = False,
    today: TodayOption = None,
) -> int:
    """Show what changed between two snapshots: registrations added, removed
    and changed, and findings new, gone and remaining.

    Both are checked with the same rules at the same moment, so a finding is
    new because of a change, not because time has passed. A finding is gone
    only when it was checked again.

    \b
    Examples:
      grantlint diff monday.jsonl.gz friday.jsonl.gz
      grantlint diff old/ new/ --fail-on high
      grantlint diff monday.jsonl.gz friday.jsonl.gz --format json

    Exits with 1 on new findings, with 3 when one of the two is incomplete.
    """
    from advisor.policy.govern import Policy
    from advisor.run.compare import compare
    from advisor.run.compose import compose

    threshold = severity_named(fail_on) or "low"
    configuration = configured.load()
    plan = choose_some(configuration, [], [])
    clock = clock_utc()
    now = as_of(today, clock)
    readings = (_read(old), _read(new))
    reports = tuple(
        compose(
            title="App registrations",
            version=VERSION,
            now=now,
            made_at=clock,
            rules=plan,
            reading=reading,
            policy=Policy(configuration=configuration),
            fail_on="never",
        )
        for reading in readings
    )
    found = compare((old, new), readings, (reports[0], reports[1]))
    text = "\n".join(_lines(found)) + "\n" if format == "text" else _json(found)
    sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace"))
    sys.stdout.flush()
    return _status(found, threshold, quiet=quiet)


def _read(name: str) -> Reading:
    """One side. Raises ``InputError`` when it cannot be used: half a comparison says nothing."""
    from advisor.errors import InputError
    from advisor.sources.discover import read_paths

    reading = read_paths([name], stdin=sys.stdin.buffer.read)
    for problem in reading.problems:
        raise InputError(problem.what, file=problem.file, line=problem.line, column=problem.column, hint=problem.hint)
    return reading


def _status(found: Comparison, threshold: str, *, quiet: bool) -> int:
    from reports.escape import visible
    from rules.model.finding import SEVERITIES

    failing = SEVERITIES[: SEVERITIES.index(threshold) + 1] if threshold in SEVERITIES else ()
    if found.incomplete:
        status, reason = 3, visible(found.incomplete[0])
    elif any(delta.state == "new" and delta.severity in failing for delta in found.findings):
        status, reason = 1, f"new findings at or above {threshold}"
    else:
        status, reason = 0, ""
    if reason and not quiet:
        sys.stderr.write(f"exit {status}: {reason}\n")
    return status


def _json(found: Comparison) -> str:
    import msgspec

    return json.dumps(msgspec.to_builtins(found), indent=2) + "\n"


def _lines(found: Comparison) -> Iterator[str]:
    """The difference as text; nothing of it is printed raw."""
    from reports.escape import visible, visible_name
    from reports.tables import RANK

    def name(one: Any) -> str:
        return visible_name(one.name) + (f" ({visible(one.app_id)})" if one.app_id else "")

    yield from (f"+ {name(one)}" for one in found.added)
    yield from (f"- {name(one)}" for one in found.removed)
    for one in found.changed:
        yield f"~ {name(one)}"
        for change in one.changes:
            yield f"    {visible(change.property)}: {_shown(change.old)} -> {_shown(change.new)}"
        if one.unknown:
            yield f"    not read in one of the two: {', '.join(visible(text) for text in one.unknown)}"
    changed = sum(1 for one in found.changed if one.changes)
    yield f"registrations: {len(found.added)} added, {len(found.removed)} removed, {changed} changed"
    yield ""
    marks = {"new": "+", "gone": "-", "unknown": "?"}
    for state, mark in marks.items():
        fitting = (one for one in found.findings if one.state == state)
        for delta in sorted(fitting, key=lambda one: RANK[one.severity]):
            more = " (could not be checked again)" if state == "unknown" else ""
            yield (
                f"{mark} {delta.severity} {visible(delta.rule)}: {visible_name(delta.registration)} "
                f"{visible(delta.message)}{more}"
            )
    counts = {
        state: sum(one.state == state for one in found.findings) for state in ("new", "gone", "remaining", "unknown")
    }
    unknown = f", {counts['unknown']} not checked again" if counts["unknown"] else ""
    yield f"findings: {counts['new']} new, {counts['gone']} gone, {counts['remaining']} remaining{unknown}"


def _shown(value: Any) -> str:
    from reports.escape import visible

    if value is None:
        return "nothing"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return visible(text, 120)
