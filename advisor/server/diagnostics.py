"""Findings as diagnostics of the protocol."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lsprotocol.types import (
    CodeDescription,
    Diagnostic,
    DiagnosticRelatedInformation,
    DiagnosticSeverity,
    Location,
    Position,
    Range,
)
from pygls.uris import from_fs_path

from advisor.errors import GrantlintError
from advisor.server.check import Result
from advisor.server.positions import Positions
from reports.escape import visible
from reports.rows import FindingRow, Origin, Problem
from rules.model.finding import Severity

SOURCE: Final = "grantlint"

_SEVERITIES: Final[dict[Severity, DiagnosticSeverity]] = {
    "critical": DiagnosticSeverity.Error,
    "high": DiagnosticSeverity.Error,
    "medium": DiagnosticSeverity.Warning,
    "low": DiagnosticSeverity.Information,
    "info": DiagnosticSeverity.Hint,
}


def diagnostics(result: Result, positions: Positions) -> list[Diagnostic]:
    """What the editor shows of a *result*: each finding at its value, and what keeps the file from being checked."""
    names = {row.key: row.name for row in result.checked.report.registrations}
    return [
        *(_finding(one, names.get(one.registration, ""), result, positions) for one in result.findings),
        *(_problem(one, positions) for one in result.problems),
    ]


def not_checked(error: GrantlintError) -> Diagnostic:
    """The diagnostic for a file that was not checked because the configuration is not valid."""
    place = ":".join(str(part) for part in (error.file, error.line) if part)
    text = f"Not checked: {f'{place}: ' if place else ''}{error.what}{f'; {error.hint}' if error.hint else ''}"
    at = Position(0, 0)
    return Diagnostic(Range(at, at), visible(text), severity=DiagnosticSeverity.Error, source=SOURCE)


def _finding(finding: FindingRow, name: str, result: Result, positions: Positions) -> Diagnostic:
    texts = result.texts.get(finding.rule)
    pages = [one.url for one in texts.references if one.url.startswith("https://")] if texts else []
    return Diagnostic(
        range=positions.range(positions.span_of(finding.origin)),
        message=visible(f"{name} {finding.message}".strip(), 1_000),
        severity=_SEVERITIES[finding.severity],
        code=finding.rule,
        code_description=CodeDescription(pages[0]) if pages else None,
        source=SOURCE,
        related_information=list(_related(finding, result, positions)) or None,
    )


def _related(finding: FindingRow, result: Result, positions: Positions) -> Iterator[DiagnosticRelatedInformation]:
    """The places that are reasons for a finding, where they are in files."""
    for one in finding.because:
        origin = result.checked.reading.locate(finding.registration, one.pointer)
        if origin.file is None or origin.line is None:
            continue
        if result.is_here(origin):
            place = positions.range(positions.span_of(origin))
        else:  # the units of another text are not at hand: its line is named
            at = Position(origin.line - 1, 0)
            place = Range(at, at)
        uri = from_fs_path(result.path(origin))
        if uri is not None:
            yield DiagnosticRelatedInformation(Location(uri, place), visible(one.note))


def _problem(problem: Problem, positions: Positions) -> Diagnostic:
    place = positions.span_of(Origin(line=problem.line, column=problem.column))
    text = f"Not checked: {problem.what}{f'; {problem.hint}' if problem.hint else ''}"
    return Diagnostic(positions.range(place), visible(text), severity=DiagnosticSeverity.Warning, source=SOURCE)
