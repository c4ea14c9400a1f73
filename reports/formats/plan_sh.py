"""A fix plan as a POSIX shell script of Azure CLI calls.

``az rest`` signs requests for the cloud that Azure CLI is signed in to, and takes a body as JSON (Azure CLI, ``az
rest``); it says exactly what is sent, where ``az ad app update --web-redirect-uris`` and its like know some of the
properties alone.
"""

from __future__ import annotations

import re
from typing import Final

from reports.fix_plan.script import Language, render
from reports.fix_plan.step import Request
from reports.fix_plan.words import body_text
from reports.formats import Format
from reports.report import Report
from rules.primitives.quoting import for_shell

_PLAIN: Final = re.compile(r"[A-Za-z0-9_./:=@%+,-]+")

_PROLOGUE: Final = """\
set -eu

allows() { # the value of a registration's variable, and the kind of the step
    case $1 in
        no) return 1 ;;
        safe) [ "$2" = safe ] ;;
        all) ;;
        *) echo "say no, safe or all, not: $1" >&2; exit 2 ;;
    esac
}
"""


def _word(word: str) -> str:
    """*word* as it is in a command line, quoted where a shell would take it for more than a word."""
    return word if _PLAIN.fullmatch(word) else for_shell(word)


def _command(request: Request) -> str:
    words = ["az", "rest", "--method", request.method, "--url", request.url]
    if request.body is not None:
        words += ["--body", body_text(request.body)]
    return " ".join(map(_word, words))


_LANGUAGE: Final = Language(
    first="#!/bin/sh",
    how=(
        "No step runs until you set the variable of its registration. apply_1=safe runs the steps on which no sign-in "
        "depends, all also runs those that may break sign-in, and no runs none. Sign in to the tenant of these "
        "registrations with Azure CLI (az login --allow-no-subscriptions). Then run sh with this file.",
    ),
    prologue=_PROLOGUE,
    variable=lambda number: f"apply_{number}=no",
    guarded=lambda number, label, safe, command: (
        f'if allows "$apply_{number}" {"safe" if safe else "breaking"}; then\n'
        f"    echo 'step {label}'\n"
        f"    {command}\n"
        "fi"
    ),
    command=_command,
    cli=lambda words: " ".join(map(_word, words)),
)


def render_shell(report: Report) -> str:
    """The fix plan of *report* as a shell script that changes nothing until its variables are set."""
    return render(report, _LANGUAGE)


FORMAT = Format("plan-sh", (".sh",), "a shell script of Azure CLI calls", render_shell)
