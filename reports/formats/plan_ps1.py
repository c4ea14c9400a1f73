"""A fix plan as a PowerShell script of Microsoft Graph requests.

``Invoke-MgGraphRequest`` sends the JSON as it is. ``Update-MgApplication`` writes what its own types know, and loses
the rest without a word (msgraph-sdk-powershell, issue 3401: ``api.acceptMappedClaims``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from reports.fix_plan.script import Language, render
from reports.fix_plan.step import Check, Request, Step
from reports.fix_plan.words import body_text
from reports.formats import Format
from reports.report import Report
from rules.primitives.quoting import for_powershell

#: Windows PowerShell takes a file without this mark for one in the code page of the machine.
_MARK: Final = "\ufeff"


def _table(values: Mapping[str, str]) -> str:
    """A hashtable of texts."""
    return f"@{{ {'; '.join(f'{name} = {for_powershell(text)}' for name, text in values.items())} }}"


def _check(check: Check, *, with_done: bool = True) -> str:
    """What is compared. The one element of a list is the member ``element`` of what the script finds."""
    values, read, done = {"Uri": check.url}, check.read, check.done
    if check.element:
        one = check.element
        values |= {"List": one.name, "Member": one.member, "Value": body_text(one.value)}
        read, done = {"element": read}, {"element": done}
    values["Read"] = body_text(read)
    if with_done:
        values["Done"] = body_text(done)
    return _table(values)


def _change(request: Request) -> str:
    """The arguments of ``Invoke-MgGraphRequest``."""
    values = {"Method": request.method, "Uri": request.url}
    if request.body is not None:
        values |= {"ContentType": "application/json", "Body": body_text(request.body)}
    return _table(values)


def _run(number: int, label: str, step: Step) -> str:
    if step.request is None:
        return ""
    lines = [f"$check = {_check(step.check)}", f"$change = {_change(step.request)}"]
    call = f"Invoke-Change '{label}' $check $change"
    if step.undo:
        undo, keeps = step.undo, step.undo.keeps
        way_back = _change(Request(undo.method, undo.url, undo.known if keeps is None else None))
        check = _check(undo.check, with_done=undo.known is not None)
        lines.append(f"$undo = @{{ Check = {check}; Change = {way_back} }}")
        call += " $undo"
        if keeps is not None:
            call += f" {for_powershell(body_text({'element': keeps} if step.check.element else keeps))}"
    kind = "breaking" if step.breaks else "safe"
    return "\n    ".join([f"if (Test-Step $apply_{number} '{kind}') {{", *lines, call]) + "\n}"


_LANGUAGE: Final = Language(
    first="#Requires -Modules Microsoft.Graph.Authentication",
    how=(
        "No step runs until you set the variable of its registration. $apply_1 = 'safe' runs the steps on which no "
        "sign-in depends. 'all' also runs those that may break sign-in, and 'no' runs no step. Sign in with "
        "Connect-MgGraph -TenantId TENANT -Scopes Application.ReadWrite.All. Then run this file.",
        "Each step first reads the current value. If it differs from the value in the report, the step is not applied, "
        "and the exit status is 1. A step that is already done is skipped, so you can run this file again. Before a "
        "step is applied, the request that undoes it is written to a file grantlint-undo-*.ps1 in the current folder.",
    ),
    prologue="plan.ps1",
    variable=lambda number: f"$apply_{number} = 'no'",
    run=_run,
    epilogue="Complete-Plan",
)


def render_powershell(report: Report) -> str:
    """The fix plan of *report* as a PowerShell script that changes nothing until its variables are set."""
    return _MARK + render(report, _LANGUAGE)


FORMAT = Format("plan-ps1", (".ps1",), "a PowerShell script of Graph requests", render_powershell)
