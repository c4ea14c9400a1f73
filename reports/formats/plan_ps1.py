"""A fix plan as a PowerShell script of Microsoft Graph requests.

``Invoke-MgGraphRequest`` sends the JSON as it is. ``Update-MgApplication`` writes what its own types know, and loses
the rest without a word (msgraph-sdk-powershell, issue 3401: ``api.acceptMappedClaims``).
"""

from __future__ import annotations

from typing import Final

from reports.fix_plan.script import Language, render
from reports.fix_plan.step import Request
from reports.fix_plan.words import body_text
from reports.formats import Format
from reports.report import Report
from rules.primitives.quoting import for_powershell

#: Windows PowerShell takes a file without this mark for one in the code page of the machine.
_MARK: Final = "\ufeff"

_PROLOGUE: Final = """\
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

function Test-Step([string] $Apply, [string] $Kind) {
    if ($Apply -notin 'no', 'safe', 'all') { throw "say no, safe or all, not: $Apply" }
    $Apply -eq 'all' -or ($Apply -eq 'safe' -and $Kind -eq 'safe')
}
"""


def _command(request: Request) -> str:
    command = f"Invoke-MgGraphRequest -Method {request.method} -Uri {for_powershell(request.url)}"
    if request.body is None:
        return command
    return f"{command} -ContentType 'application/json' -Body {for_powershell(body_text(request.body))}"


_LANGUAGE: Final = Language(
    first="#Requires -Modules Microsoft.Graph.Authentication",
    how=(
        "No step runs until you set the variable of its registration. $apply_1 = 'safe' runs the steps on which no "
        "sign-in depends, 'all' also runs those that may break sign-in, and 'no' runs none. Sign in with "
        "Connect-MgGraph -TenantId TENANT -Scopes Application.ReadWrite.All. Then run this file.",
    ),
    prologue=_PROLOGUE,
    variable=lambda number: f"$apply_{number} = 'no'",
    guarded=lambda number, label, safe, command: (
        f"if (Test-Step $apply_{number} '{'safe' if safe else 'breaking'}') {{\n"
        f"    Write-Host 'step {label}'\n"
        f"    {command}\n"
        "}"
    ),
    command=_command,
    cli=None,
)


def render_powershell(report: Report) -> str:
    """The fix plan of *report* as a PowerShell script that changes nothing until its variables are set."""
    return _MARK + render(report, _LANGUAGE)


FORMAT = Format("plan-ps1", (".ps1",), "a PowerShell script of Graph requests", render_powershell)
