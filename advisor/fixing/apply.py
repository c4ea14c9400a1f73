"""Fix the findings of a run: compose edits, check the result by reading it again, and repeat until nothing changes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

import msgspec

from advisor.errors import InputError
from advisor.fixing.edit import Edit, NotFixed, applied, overlaps
from advisor.fixing.make import edits_for
from advisor.fixing.verify import objection
from advisor.sources.reading.builder import Reading
from advisor.sources.reading.text import decode, encoded_like
from reports.report import Report
from reports.rows import FindingRow
from reports.use import in_use_words
from rules.engine.applicability import applicability
from rules.model.registration import Registration
from rules.primitives.patch import leaves

#: The limit of the passes of a run, whatever the findings.
_PASSES: Final = 100


class Checked(msgspec.Struct, frozen=True):
    """What was read, and the report on it."""

    reading: Reading
    report: Report

    @property
    def apps(self) -> dict[str, Registration]:
        """The registrations by key."""
        return {subject.key: subject.app for subject in self.reading.subjects}


#: Reads the inputs and checks them, with the given contents in place of those on disk, by resolved path.
Check = Callable[[Mapping[str, bytes]], Checked]


class FileChange(msgspec.Struct, frozen=True):
    """A file by the *name* that the user knows it by and by its resolved *path*, before and after the fixes."""

    name: str
    path: str
    before: bytes
    after: bytes


class Fixed(msgspec.Struct, frozen=True):
    """The result of the fixes: the files that change, and the report on them as they will be.

    ``count`` is how many findings were fixed, ``more`` how many others ``--unsafe-fixes`` could fix. ``refused`` are
    findings that were not fixed although their rule knows a change, each with the reason.
    """

    files: tuple[FileChange, ...]
    checked: Checked
    count: int
    more: int
    refused: tuple[tuple[FindingRow, str], ...]


class _Fix(msgspec.Struct, frozen=True):
    finding: FindingRow
    edits: tuple[Edit, ...]


def fix(checked: Checked, check: Check, *, unsafe: bool) -> Fixed:
    """Fix what can be fixed of *checked*; with *unsafe* also where a client may stop working. Nothing is written."""
    return _Run(checked, check, unsafe=unsafe).result()


class _Run:
    """The state between passes: the report of the files with the edits so far."""

    def __init__(self, checked: Checked, check: Check, *, unsafe: bool) -> None:
        self._now = checked
        self._apps = checked.apps
        self._check = check
        self._unsafe = unsafe
        self._names: dict[str, str] = {}
        self._before: dict[str, bytes] = {}
        self._after: dict[str, bytes] = {}
        self._refused: dict[str, str] = {}
        self._count = 0

    def result(self) -> Fixed:
        for _ in range(_PASSES):
            fixes = self._fixes()
            if not fixes or not self._settle(fixes):
                break
        refused, more = [], 0
        for finding, reason in self._left():
            if reason:
                refused.append((finding, reason))
            else:
                more += 1
        files = tuple(
            FileChange(self._names[path], path, self._before[path], data)
            for path, data in self._after.items()
            if data != self._before[path]
        )
        return Fixed(files, self._now, self._count, more, tuple(refused))

    def _candidates(self) -> list[tuple[FindingRow, bool]]:
        """The new findings with a change, and whether it is safe."""
        apps = self._apps
        now = datetime.fromisoformat(self._now.report.judged_at)
        return [
            (one, applicability(one, apps[one.registration], now) == "safe" and not self._use(one))
            for one in self._now.report.findings
            if one.state == "new" and one.patch and one.registration in apps
        ]

    def _edits(self, finding: FindingRow) -> tuple[Edit, ...]:
        edits = tuple(edits_for(finding, self._now.reading, self._apps))
        for edit in edits:
            self._load(edit.file)
        return edits

    def _fixes(self) -> list[_Fix]:
        """The fixes of a pass, in the order of the findings; those that overlap an earlier one wait for the next."""
        taken: list[_Fix] = []
        edits: list[Edit] = []
        for finding, safe in self._candidates():
            if finding.fingerprint in self._refused or not (safe or self._unsafe):
                continue
            try:
                own = self._edits(finding)
            except NotFixed as error:
                self._refused[finding.fingerprint] = str(error)
                continue
            if not any(overlaps(edit, edits) for edit in own):
                taken.append(_Fix(finding, own))
                edits += own
        return taken

    def _left(self) -> Iterator[tuple[FindingRow, str]]:
        """What could be fixed and was not: with the reason, or without one where ``--unsafe-fixes`` fixes it."""
        for finding, safe in self._candidates():
            reason = self._refused.get(finding.fingerprint, "")
            if reason or not (safe or self._unsafe):
                try:
                    self._edits(finding)
                except NotFixed as error:  # its lines are those of the files as they will be
                    reason = str(error)
                else:
                    reason = reason or self._use(finding)
            yield finding, reason

    def _use(self, finding: FindingRow) -> str:
        """Why a change that only ``--unsafe-fixes`` makes turns off what is in use; empty where nothing is known."""
        rows = self._now.report.usage
        entries = next((row.entries for row in rows if row.registration == finding.registration), ())
        words = in_use_words(leaves(finding.patch or {}), entries)
        return f"{words}; --unsafe-fixes turns it off" if words else ""

    def _settle(self, fixes: Sequence[_Fix]) -> bool:
        """Make those of *fixes* that work in combination, all at once or half by half; returns whether any was made."""
        base = dict(self._after)
        accepted: list[_Fix] = []

        def attempt(some: Sequence[_Fix]) -> None:
            wanted = [*accepted, *some]
            try:
                contents = self._contents(base, wanted)
            except ValueError:
                reason, later = "the encoding of the file does not have this character", None
            else:
                later = self._check(contents)
                reason = objection(self._now.report, later.report, [one.finding for one in some], later.apps)
            if later is not None and not reason:
                accepted[:] = wanted
                self._now, self._apps, self._after = later, later.apps, contents
            elif len(some) == 1:
                self._refused[some[0].finding.fingerprint] = reason
            else:
                half = len(some) // 2
                attempt(some[:half])
                attempt(some[half:])

        attempt(fixes)
        self._count += len(accepted)
        return bool(accepted)

    def _load(self, name: str) -> str:
        """Keep what is in the file *name* now; returns its resolved path. Raises ``NotFixed`` where it is not text."""
        path = os.path.realpath(name)
        if path not in self._before:
            try:
                with open(path, "rb") as file:  # noqa: PTH123 - the path is a text, as those of sources are
                    data = file.read()
                encoded_like(data, decode(data, name))
            except (OSError, ValueError, InputError) as error:
                raise NotFixed(f"{name} cannot be written back as it is") from error
            self._names[path], self._before[path], self._after[path] = name, data, data
        return path

    def _contents(self, base: Mapping[str, bytes], fixes: Sequence[_Fix]) -> dict[str, bytes]:
        """The contents of all files with the edits of *fixes*, which were made for the texts of *base*."""
        found = {**self._before, **base}
        by_path: dict[str, set[Edit]] = {}
        for edit in (edit for one in fixes for edit in one.edits):
            by_path.setdefault(os.path.realpath(edit.file), set()).add(edit)
        for path, edits in by_path.items():
            data = found[path]
            found[path] = encoded_like(data, applied(decode(data, path), edits))
        return found
