"""Name files as the reader of a format looks for them: from this folder, or from the root of the repository."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TypeVar

import msgspec

from reports.report import Report
from reports.rows import FindingRow, Problem, RegistrationRow

Row = TypeVar("Row", RegistrationRow, FindingRow)


def repository_root(here: Path) -> Path:
    """The repository that contains *here*; *here* itself outside of one."""
    return next((place for place in (here, *here.parents) if (place / ".git").exists()), here)


def relative_to(base: Path, here: Path) -> Callable[[str], str]:
    """A function from the name of a file, as it is named in *here*, to its name below *base*, with slashes.

    A name that is not below *base* stays as it is.
    """

    @cache
    def named(file: str) -> str:
        path = Path(os.path.normpath(here / file))
        found = path if path.is_relative_to(base) else Path(os.path.realpath(path))
        return found.relative_to(base).as_posix() if found.is_relative_to(base) else file

    return named


def in_repository(file: str, here: Path) -> str:
    """The name of a file, as it is named in *here*, below the root of the repository; its last part for one outside."""
    name = relative_to(repository_root(here), here)(file)
    return Path(file).name if Path(name).is_absolute() or ".." in Path(name).parts else name


def located(report: Report, base: Path, here: Path) -> Report:
    """*report*, made in *here*, with the names of its files below *base*."""
    named = relative_to(base, here)
    return msgspec.structs.replace(
        report,
        registrations=tuple(_at(row, named) for row in report.registrations),
        findings=tuple(_at(_edited(_accepted(row, named), named), named) for row in report.findings),
        fixed=tuple(_at(row, named) for row in report.fixed),
        problems=tuple(_problem(problem, named) for problem in report.problems),
    )


def _at(row: Row, named: Callable[[str], str]) -> Row:
    file = row.origin.file
    if file is None or named(file) == file:
        return row
    return msgspec.structs.replace(row, origin=msgspec.structs.replace(row.origin, file=named(file)))


def _accepted(row: FindingRow, named: Callable[[str], str]) -> FindingRow:
    accepted = row.accepted
    if accepted is None or not accepted.file or named(accepted.file) == accepted.file:
        return row
    return msgspec.structs.replace(row, accepted=msgspec.structs.replace(accepted, file=named(accepted.file)))


def _edited(row: FindingRow, named: Callable[[str], str]) -> FindingRow:
    if row.edit is None or not row.edit.replacements:
        return row
    replacements = (msgspec.structs.replace(one, file=named(one.file)) for one in row.edit.replacements)
    return msgspec.structs.replace(row, edit=msgspec.structs.replace(row.edit, replacements=tuple(replacements)))


def _problem(problem: Problem, named: Callable[[str], str]) -> Problem:
    if problem.file is None or problem.file == "-":
        return problem
    return msgspec.structs.replace(problem, file=named(problem.file))
