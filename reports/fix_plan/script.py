"""The frame of a plan that is a script: no step runs until a user sets a registration's variable."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.resources import files

import msgspec

from reports.fix_plan.plan import Plan, make_plan
from reports.fix_plan.step import Step
from reports.fix_plan.words import (
    block_lines,
    by_cli,
    by_hand_lines,
    head,
    in_file_lines,
    step_lines,
    texts,
)
from reports.report import Report


class Language(msgspec.Struct, frozen=True):
    """How a script says what a plan holds. ``how`` are paragraphs for its head.

    Where there are steps, ``prologue`` is the file of functions below the head, and ``epilogue`` is at the end.
    ``variable`` sets the variable of a registration. ``run`` applies a step where that variable allows it (number of
    the registration, label of the step); it is empty for a step that the language cannot apply.
    """

    first: str
    how: tuple[str, ...]
    prologue: str
    variable: Callable[[int], str]
    run: Callable[[int, str, Step], str]
    epilogue: str


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
    if plan.steps:
        yield from ("", files("reports.fix_plan").joinpath(language.prologue).read_text("utf-8").rstrip("\n"))
    for number, block in enumerate(plan.blocks, 1):
        yield ""
        yield comment("-" * 76)
        yield from (comment(line) for line in block_lines(number, block))
        if block.steps:
            yield language.variable(number)
        for place, step in enumerate(block.steps, 1):
            label = f"{number}.{place}"
            yield ""
            yield from (comment(line) for line in step_lines(label, step, whys))
            yield language.run(number, label, step) or comment(by_cli(step))
        if block.by_hand:
            yield ""
            yield from (comment(line) for line in by_hand_lines(block.by_hand, fixes))
        if block.in_files:
            yield from (comment(line) for line in in_file_lines(block, fixes))
    if not plan.blocks:
        yield ""
        yield comment("There is nothing to fix.")
    if plan.steps:
        yield from ("", language.epilogue.rstrip("\n"))
