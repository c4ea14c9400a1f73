"""A fix plan as a POSIX shell script of Azure CLI calls.

``az rest`` signs requests for the cloud that Azure CLI is signed in to, and takes a body as JSON (Azure CLI, ``az
rest``); it says exactly what is sent, where ``az ad app update --web-redirect-uris`` and its like know some of the
properties alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from reports.fix_plan.conditions import condition, literal, selection
from reports.fix_plan.script import Language, render
from reports.fix_plan.step import Request, Step
from reports.fix_plan.words import body_text
from reports.formats import Format
from reports.report import Report
from rules.primitives.quoting import for_shell

_PLAIN: Final = re.compile(r"[A-Za-z0-9_./:=@%+,-]+")

#: Azure CLI derives for which resource a token is meant, except in this cloud, which it does not know.
_NEEDS_RESOURCE: Final = "https://dod-graph.microsoft.us"


def _words(words: Iterable[str]) -> str:
    """A command line, with each word quoted that a shell would take for more than a word."""
    return " ".join(word if _PLAIN.fullmatch(word) else for_shell(word) for word in words)


def _command(request: Request) -> str:
    words = ["az", "rest", "--method", request.method, "--url", request.url]
    if request.url.startswith(_NEEDS_RESOURCE):
        words += ["--resource", _NEEDS_RESOURCE]
    if request.body is not None:
        words += ["--body", body_text(request.body)]
    return _words(words)


def _kept(step: Step) -> str:
    """The expression for the body that undoes *step*; a null where nothing does."""
    if step.undo and step.undo.keeps is not None:
        return selection(step.check, step.undo.keeps)
    return literal(step.undo.known if step.undo else None)


def _run(number: int, label: str, step: Step) -> str:
    check, undo = step.check, step.undo
    values = {
        "step": label,
        "url": check.url,
        "if_read": condition(check, check.read),
        "if_done": condition(check, check.done),
        "keeps": _kept(step),
        "undo": _command(Request(undo.method, undo.url)) if undo else "",
    }
    if undo:
        values["if_undone"] = "`false`" if undo.known is None else condition(undo.check, undo.check.done)
    lines = [f"{name}={_words([value])}" for name, value in values.items()]
    lines.append(f"change {_command(step.request) if step.request else _words(step.cli)}")
    kind = "breaking" if step.breaks else "safe"
    return "\n    ".join([f'if allows "$apply_{number}" {kind}; then', *lines]) + "\nfi"


_LANGUAGE: Final = Language(
    first="#!/bin/sh",
    how=(
        "No step runs until you set the variable of its registration. apply_1=safe runs the steps on which no sign-in "
        "depends. apply_1=all also runs those that may break sign-in, and apply_1=no runs no step. Sign in to the "
        "tenant of these registrations with Azure CLI (az login --allow-no-subscriptions). Then run sh with this file.",
        "Each step first reads the current value. If it differs from the value in the report, the step is not applied, "
        "and the exit status is 1. A step that is already done is skipped, so you can run this file again. Before a "
        "step is applied, the command that undoes it is written to a file grantlint-undo-*.sh in the current folder.",
    ),
    prologue="plan.sh",
    variable=lambda number: f"apply_{number}=no",
    run=_run,
    epilogue="finish",
)


def render_shell(report: Report) -> str:
    """The fix plan of *report* as a shell script that changes nothing until its variables are set."""
    return render(report, _LANGUAGE)


FORMAT = Format("plan-sh", (".sh",), "a shell script of Azure CLI calls", render_shell)
