"""``grantlint diff``: what changed between two snapshots, and what that means."""

from __future__ import annotations

import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Final

import typer

from advisor.commands.options import ConfigurationOptions, TextOrJsonOption, TodayOption, complete_severity
from advisor.run.session import VERSION, as_of, choose_some, clock_utc, limits_of, severity_named

if TYPE_CHECKING:
    from advisor.limits import Limits
    from advisor.run.compare import Comparison
    from advisor.run.comparison.objects import Compared
    from advisor.run.comparison.words import Category
    from advisor.sources.reading.builder import Reading

#: How a line about an object begins.
_MARKS: Final = {"added": "+", "removed": "-", "changed": "~", "unknown": "?"}
#: At most this many objects with the same gaps are named.
_NAMED: Final = 3
#: A value is shown whole, up to what one line of a log takes.
_WHOLE: Final = 1 << 20


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
    fail_on_change: Annotated[
        str,
        typer.Option(
            "--fail-on-change",
            metavar="CATEGORIES",
            help="Exit with 1 for any change in these categories, separated by commas: credentials, grants, roles, "
            "owners, policies, registrations, service-principals.",
            show_default=False,
        ),
    ] = "",
    format: TextOrJsonOption = "text",
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print only the difference.")] = False,
    today: TodayOption = None,
) -> int:
    """Show what changed between two readings of a tenant or of files, and which
    findings are new or gone.

    grantlint compares registrations, service principals, credentials, grants,
    directory roles, owners and policies, and describes each change in a
    sentence. It checks both readings with the same rules and the same date, so
    no finding is new only because time has passed. A finding is gone only if
    the later reading has the values that its rule needs. A value that only one
    reading contains is not a change. grantlint does not compare readings of
    different tenants.

    \b
    Examples:
      grantlint diff monday.jsonl.gz friday.jsonl.gz
      grantlint diff old/ new/ --fail-on high
      grantlint diff monday.jsonl.gz friday.jsonl.gz --format json
      grantlint diff old.jsonl new.jsonl --fail-on-change credentials,grants

    Exit status: 1 for new findings and for changes in a category of
    --fail-on-change. The exit status is 3 if a reading is incomplete or does
    not contain such a category.
    """
    from advisor.policy.govern import Policy
    from advisor.run.compare import compare
    from advisor.run.compose import compose

    threshold = severity_named(fail_on) or "low"
    watched = _categories(fail_on_change)
    configuration = configured.load()
    plan = choose_some(configuration, [], [])
    clock = clock_utc()
    now = as_of(today, clock)
    limits = limits_of(configuration)
    readings = (_read(old, limits), _read(new, limits))
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
    return _status(found, threshold, watched, quiet=quiet)


def _read(name: str, limits: Limits) -> Reading:
    """One side. Raises ``InputError`` when it cannot be used: half a comparison says nothing."""
    from advisor.errors import InputError
    from advisor.sources.discover import read_paths

    reading = read_paths([name], stdin=lambda: sys.stdin.buffer.read(limits.bytes + 1), limits=limits)
    for problem in reading.problems:
        raise InputError(problem.what, file=problem.file, line=problem.line, column=problem.column, hint=problem.hint)
    return reading


def _categories(names: str) -> frozenset[Category]:
    """What ``--fail-on-change`` names. Raises ``UsageError`` for an unknown category."""
    from advisor.errors import UsageError
    from advisor.run.comparison.words import CATEGORIES

    found = frozenset(name.strip() for name in names.split(",") if name.strip())
    for name in found.difference(CATEGORIES):
        raise UsageError(f"unknown category {name!r} in --fail-on-change", hint=f"one of {', '.join(CATEGORIES)}")
    return frozenset(name for name in CATEGORIES if name in found)


def _status(found: Comparison, threshold: str, watched: frozenset[Category], *, quiet: bool) -> int:
    from advisor.run.comparison.words import CATEGORIES
    from reports.escape import visible
    from rules.model.finding import SEVERITIES

    failing = SEVERITIES[: SEVERITIES.index(threshold) + 1] if threshold in SEVERITIES else ()
    is_worse = any(delta.state == "new" and delta.severity in failing for delta in found.findings)
    changed = ", ".join(name for name in CATEGORIES if name in watched & found.changed)
    reasons = [f"new findings at or above {threshold}"] if is_worse else []
    reasons += [f"changes in {changed}"] if changed else []
    status, reason = (1 if reasons else 0), "; ".join(reasons)
    unread = ", ".join(name for name in found.not_compared if name in watched)
    if found.incomplete:
        status, reason = 3, visible(found.incomplete[0])
    elif unread:
        status, reason = 3, f"not everything about {unread} was read in both"
    if reason and not quiet:
        sys.stderr.write(f"exit {status}: {reason}\n")
    return status


def _json(found: Comparison) -> str:
    import msgspec

    return json.dumps(msgspec.to_builtins(found), indent=2) + "\n"


def _lines(found: Comparison) -> Iterator[str]:
    """The difference as text; nothing of it is printed raw."""
    from reports.escape import visible
    from reports.wording import moment_words

    for side in (found.old, found.new):
        if side.read_at:
            yield f"{visible(side.name)}: read {moment_words(side.read_at)}"
    yield from (visible(note) for note in found.notes)
    if found.old.read_at or found.new.read_at or found.notes:
        yield ""
    unread: dict[tuple[str, ...], list[Compared]] = defaultdict(list)
    for one in found.objects:
        if one.changes or one.state != "changed":
            yield from _object_lines(one)
        else:
            unread[one.unknown].append(one)
    for those in unread.values():
        yield from _unread_lines(those)
    yield from _counts(found)
    yield ""
    yield from _finding_lines(found)


def _object_lines(one: Compared) -> Iterator[str]:
    from reports.escape import visible

    unread = ": not known whether it is in both, because one of the two was not read whole"
    yield f"{_MARKS[one.state]} {_named(one)}{unread if one.state == 'unknown' else ''}"
    for change in one.changes:
        yield f"    {change.category}: {visible(change.text, _WHOLE)}"
    if one.unknown:
        yield _not_read(one)


def _named(one: Compared) -> str:
    from reports.escape import visible, visible_name
    from reports.tables import KINDS

    app_id = f" ({visible(one.app_id)})" if one.app_id else ""
    return f"{visible_name(one.name)}{app_id}" + ("" if one.kind == "registration" else f", {KINDS[one.kind]}")


def _unread_lines(those: Sequence[Compared]) -> Iterator[str]:
    """What lacks the same properties, once."""
    from reports.escape import visible_name

    if len(those) == 1:
        yield from _object_lines(those[0])
        return
    rest = len(those) - _NAMED
    names = ", ".join(visible_name(one.name) for one in those[:_NAMED]) + (f" and {rest:,} more" if rest > 0 else "")
    yield f"~ {names}"
    yield _not_read(those[0])


def _not_read(one: Compared) -> str:
    from reports.escape import visible

    return f"    not read in one of the two: {', '.join(visible(text) for text in one.unknown)}"


def _counts(found: Comparison) -> Iterator[str]:
    """How many registrations, and where there are some service principals, came, went and changed."""
    for kind, noun in (("registration", "registrations"), ("service-principal", "service principals")):
        those = [one for one in found.objects if one.kind == kind]
        if not those and kind != "registration":
            continue
        count = Counter(one.state for one in those if one.state != "changed" or one.changes)
        more = f", {count['unknown']} not known" if count["unknown"] else ""
        yield f"{noun}: {count['added']} added, {count['removed']} removed, {count['changed']} changed{more}"


def _finding_lines(found: Comparison) -> Iterator[str]:
    from reports.escape import visible, visible_name
    from reports.tables import RANK

    for state, mark in {"new": "+", "gone": "-", "unknown": "?"}.items():
        fitting = (one for one in found.findings if one.state == state)
        for delta in sorted(fitting, key=lambda one: RANK[one.severity]):
            more = " (could not be checked again)" if state == "unknown" else ""
            more = more if delta.was_checked else " (could not be checked before)"
            yield (
                f"{mark} {delta.severity} {visible(delta.rule)}: {visible_name(delta.registration)} "
                f"{visible(delta.message)}{more}"
            )
    counts = {
        state: sum(one.state == state for one in found.findings) for state in ("new", "gone", "remaining", "unknown")
    }
    unknown = f", {counts['unknown']} not checked again" if counts["unknown"] else ""
    yield f"findings: {counts['new']} new, {counts['gone']} gone, {counts['remaining']} remaining{unknown}"
