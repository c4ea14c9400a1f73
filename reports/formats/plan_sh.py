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

allows() { # what a registration's variable says, and what kind of step asks
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
        "Nothing below runs as it is. Set the variable of a registration to say what of it may: apply_1=no runs "
        "nothing, "
        "safe runs the steps on which no sign-in depends, all runs those that may break sign-in too. Then run sh with "
        "this "
        "file; Azure CLI must be signed in to the tenant of these registrations (az login --allow-no-subscriptions).",
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
    """The fix plan of *report* as a shell script that changes nothing until somebody sets its variables."""
    return render(report, _LANGUAGE)


FORMAT = Format("plan-sh", (".sh",), "a shell script of Azure CLI calls", render_shell)
