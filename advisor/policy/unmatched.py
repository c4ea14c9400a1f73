"""Entries of the configuration that no registration of the run matches: a misspelled name, or an application that is
gone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from pathlib import Path

import msgspec

from advisor.policy.config import Configuration
from advisor.policy.coverage import Coverage, lies_below, normal, seen_from_here
from advisor.policy.govern import applies
from advisor.policy.suppression_rules import UNMATCHED
from reports.rows import FindingRow, Origin, RegistrationRow


class Entry(msgspec.Struct, frozen=True):
    """An entry without effect: in words, and where it is."""

    words: str
    file: str
    line: int | None
    folder: str = ""

    @property
    def place(self) -> str:
        """The entry and its place, in words."""
        return f"{self.words} ({seen_from_here(self.file)}, line {self.line})"


def unmatched(configuration: Configuration, rows: Collection[RegistrationRow]) -> Iterator[Entry]:
    """The entries of the file, and of files in folders, that match none of *rows*. A profile is for other runs too."""
    for declared in configuration.registrations:
        if not any(map(declared.is_about, rows)):
            yield Entry(f'[registrations."{declared.name}"]', declared.file, declared.line, declared.folder)
    for override in configuration.overrides:
        if not any(applies(override, row) for row in rows):
            about = ", ".join((*override.registrations, *override.paths))
            yield Entry(f"the override for {about}", override.file, override.line, override.folder)


def unmatched_finding(entry: Entry) -> FindingRow:
    """The finding that says so."""
    file = seen_from_here(entry.file)
    identity = "\0".join((UNMATCHED.id, entry.words, entry.folder))
    return FindingRow(
        rule=UNMATCHED.id,
        severity=UNMATCHED.severity,
        registration=file,
        pointer="",
        message=f"{entry.words} matches no registration",
        value=entry.words,
        fingerprint=hashlib.sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()[:32],
        origin=Origin(file=file, line=entry.line, column=1, property="registrations"),
    )


def sort_unmatched(
    configuration: Configuration, rows: Collection[RegistrationRow], coverage: Coverage
) -> tuple[tuple[FindingRow, ...], tuple[str, ...]]:
    """The entries without effect: as findings where the run read all that an entry can be for, else in words.

    An entry is for the folder of its file, and for all below it.
    """
    findings: list[FindingRow] = []
    words: list[str] = []
    for entry in unmatched(configuration, rows):
        if entry.file != configuration.file and not entry.folder:
            continue
        if lies_below(normal(str(Path(entry.file).absolute().parent)), coverage.folders):
            findings.append(unmatched_finding(entry))
        else:
            words.append(entry.place)
    return tuple(findings), tuple(words)
