"""The frame of a plan that is a script: everything inert until somebody sets a registration's variable."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from reports.fix_plan.plan import Plan, make_plan
from reports.fix_plan.step import Request, Step
from reports.fix_plan.words import (
    block_lines,
    by_hand_lines,
    head,
    in_file_lines,
    shown_today,
    step_lines,
    texts,
)
from reports.report import Report


class Language(msgspec.Struct, frozen=True):
    """How a script says what a plan holds. ``how`` are sentences for its head; ``{file}`` in them is left to the
    reader.

    ``prologue`` is below the head, ``variable`` sets the variable of a registration, ``guarded`` wraps a command in a
    step's condition (number of the registration, label of the step, whether it is safe), ``command`` is a request on
    one line, ``cli`` a call of Azure CLI or ``None`` where the script has none.
    """

    first: str
    how: tuple[str, ...]
    prologue: str
    variable: Callable[[int], str]
    guarded: Callable[[int, str, bool, str], str]
    command: Callable[[Request], str]
    cli: Callable[[tuple[str, ...]], str] | None


def comment(line: str) -> str:
    """A line of ``words`` behind a comment sign. A space follows it, so it is neither ``#Requires`` nor ``#!``."""
    return f"# {line}".rstrip()


def render(report: Report, language: Language) -> str:
    """The plan as a script in *language*, ending in a line feed."""
    plan = make_plan(report)
    return "\n".join(_lines(report, plan, language)) + "\n"


def _lines(report: Report, plan: Plan, language: Language) -> Iterator[str]:
    whys, fixes = texts(report)
    yield language.first
    yield from (comment(line) for line in head(report, plan, language.how))
    yield language.prologue.rstrip("\n")
    for number, block in enumerate(plan.blocks, 1):
        yield ""
        yield comment("-" * 76)
        yield from (comment(line) for line in block_lines(number, block))
        today = shown_today(block)
        if today:
            yield comment(f"   see what is there today: {language.command(Request('GET', today))}")
        if block.steps:
            yield language.variable(number)
        for place, step in enumerate(block.steps, 1):
            label = f"{number}.{place}"
            yield ""
            yield from (comment(line) for line in step_lines(label, step, whys))
            if step.undo:
                yield comment(f"    undo: {language.command(step.undo)}")
            yield from _run(number, label, step, language)
        if block.by_hand:
            yield ""
            yield from (comment(line) for line in by_hand_lines(block.by_hand, fixes))
        if block.in_files:
            yield from (comment(line) for line in in_file_lines(block, fixes))
    if not plan.blocks:
        yield ""
        yield comment("There is nothing to fix.")


def _run(number: int, label: str, step: Step, language: Language) -> Iterator[str]:
    if step.request:
        yield language.guarded(number, label, not step.breaks, language.command(step.request))
    elif language.cli:
        yield language.guarded(number, label, not step.breaks, language.cli(step.cli))
    else:
        yield comment(f"    by hand, in the portal or with Azure CLI: {' '.join(step.cli)}")
