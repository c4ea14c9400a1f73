"""What a run could have found: only where it looked is something that it did not find gone."""

from __future__ import annotations

import os.path
import posixpath
from collections.abc import Iterable, Mapping

import msgspec

from reports.rows import RegistrationRow
from rules.model.finding import NotAssessed


class Coverage(msgspec.Struct, frozen=True, kw_only=True):
    """What a run read. Files and folders are normalized and as the run names them.

    ``files`` were read whole, or hold no registration; ``absent`` are files that no longer exist in ``folders``, which
    were searched. ``broken`` files and folders were not read, or only in part. ``tenants`` were read whole.
    ``is_whole`` says that everything below the configuration, or the working folder without one, was searched.
    """

    files: frozenset[str] = frozenset()
    absent: frozenset[str] = frozenset()
    folders: tuple[str, ...] = ()
    broken: frozenset[str] = frozenset()
    tenants: frozenset[str] = frozenset()
    is_whole: bool = False

    def includes(self, source: str) -> bool:
        """Whether everything in *source* (see ``source_of``) was read."""
        if source.startswith(_TENANT):
            return source.removeprefix(_TENANT) in self.tenants
        if lies_below(source, self.broken):
            return False
        return source in self.files or (source in self.absent and lies_below(source, self.folders))


_TENANT = "tenant "


def source_of(row: RegistrationRow) -> str:
    """Where a registration was read: ``tenant`` and its name, or a file; empty where neither is known."""
    if row.tenant:
        return _TENANT + row.tenant
    return normal(row.origin.file) if row.origin.file else ""


def is_file(source: str) -> bool:
    """Whether a source is a file, and not a tenant or standard input."""
    return source not in ("", "-") and not source.startswith(_TENANT)


def normal(path: str) -> str:
    """A path in one spelling, with slashes."""
    return posixpath.normpath(path.replace(os.path.sep, "/"))


def lies_below(path: str, folders: Iterable[str]) -> bool:
    """Whether a normalized *path* is one of *folders* or lies below one."""
    return any(
        path == folder or path.startswith(folder.rstrip("/") + "/")
        if folder != "."
        else not path.startswith(("../", "/"))
        for folder in folders
    )


class Gaps(msgspec.Struct, frozen=True):
    """Where rules could not assess a value: rule and name of the registration, or rule and tenant for all of it."""

    names: frozenset[tuple[str, str]]
    tenants: frozenset[tuple[str, str]]

    def has(self, rule: str, name: str, source: str) -> bool:
        """Whether *rule* could not assess the registration *name*, which *source* contains."""
        return (rule, name) in self.names or (rule, source) in self.tenants


def gaps_of(gaps: Iterable[NotAssessed], rows: Mapping[str, RegistrationRow]) -> Gaps:
    """The *gaps* of a run; *rows* are by the registrations' keys."""
    found = [(gap.rule, rows[gap.registration]) for gap in gaps if gap.registration in rows]
    return Gaps(
        frozenset((rule, row.name) for rule, row in found),
        frozenset((rule, source_of(row)) for rule, row in found if row.kind == "tenant"),
    )
