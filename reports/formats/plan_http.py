"""A fix plan as a file of HTTP requests, which editors send one at a time (REST Client, JetBrains, Visual Studio).

In these files ``###`` parts requests, ``#`` begins a comment, ``# @`` an instruction and ``{{name}}`` is filled in
before a request is sent; see ``words`` for how untrusted text is kept out of it.
"""

from __future__ import annotations

from collections.abc import Iterator

from reports.fix_plan.plan import in_cloud, make_plan
from reports.fix_plan.script import comment
from reports.fix_plan.step import Request, Step
from reports.fix_plan.words import (
    HTTP_FILE,
    block_lines,
    body_text,
    by_cli,
    by_hand_lines,
    head,
    in_file_lines,
    shown_today,
    step_lines,
    texts,
)
from reports.formats import Format
from reports.report import Report

_HOW = (
    HTTP_FILE,
    "An editor does not compare values. A request that writes a list replaces the whole list. Elements that were added "
    "after the report are lost. Send the first request of a registration, and compare its response with the values in "
    "each step. The plans for shells (.sh, .ps1) compare values before each step and record how to undo it.",
)


def render_http(report: Report) -> str:
    """The fix plan of *report* as HTTP requests."""
    return "\n".join(_lines(report)) + "\n"


FORMAT = Format("plan-http", (".http",), "requests to Graph, for editors", render_http)


def _lines(report: Report) -> Iterator[str]:
    plan = make_plan(report)
    whys, fixes = texts(report)
    yield from (comment(line) for line in head(report, plan, _HOW))
    for number, block in enumerate(plan.blocks, 1):
        yield ""
        yield "### " + "-" * 72  # what is behind a request and is not parted from it is taken for its body
        yield from (comment(line) for line in block_lines(number, block))
        if block.in_files:
            yield from (comment(line) for line in in_file_lines(block, fixes))
        if block.by_hand:
            yield ""
            yield from (comment(line) for line in by_hand_lines(block.by_hand, fixes))
        today = shown_today(block)
        if today:
            yield from ("", f"### {number}.0 read the current values", *_request(Request("GET", today)))
        for place, step in enumerate(block.steps, 1):
            yield from _step(f"{number}.{place}", step, whys)
    if not plan.blocks:
        yield from ("", comment("There is nothing to fix."))


def _step(label: str, step: Step, whys: dict[str, str]) -> Iterator[str]:
    yield ""
    yield f"### {label}"
    yield from (comment(line) for line in step_lines(label, step, whys))
    if step.undo and step.undo.request:
        yield comment(f"    undo: {step.undo.method} {step.undo.url} {body_text(step.undo.known)}")
    elif step.undo:
        yield comment("    undo: the report does not have all replaced values; note them before you send this request")
    if step.request:
        yield from _request(step.request)
    else:
        yield comment(by_cli(step))


def _request(request: Request) -> Iterator[str]:
    yield f"{request.method} {request.url}"
    if in_cloud(request.url):
        yield "Authorization: Bearer {{token}}"
    if request.body is not None:
        yield "Content-Type: application/json"
        yield ""
        yield body_text(request.body, 2)
