"""What a run could have found: only where it looked is something that it did not find gone."""

from __future__ import annotations

import os.path
import posixpath
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec

from reports.rows import RegistrationRow
from rules.engine.rule import Rule
from rules.model.finding import NotAssessed

#: How the source of what was read from a tenant begins.
_TENANT: Final = "tenant "


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


def source_of(row: RegistrationRow) -> str:
    """Where a registration was read: ``tenant`` and its name, or a file; empty where neither is known."""
    if row.tenant:
        return _TENANT + row.tenant
    return normal(row.origin.file) if row.origin.file else ""


def is_file(source: str) -> bool:
    """Whether a source is a file, and not a tenant or standard input."""
    return source not in ("", "-") and not source.startswith(_TENANT)


def source_from(source: str, old: str | Path, new: str | Path = ".") -> str:
    """A *source* that is seen from the folder *old*, as it is seen from *new*."""
    if not is_file(source):
        return source
    try:
        return os.path.relpath(Path(old) / source, new).replace(os.path.sep, "/")
    except ValueError:  # on another drive
        return source


def normal(path: str) -> str:
    """A path in one spelling: relative to the working folder, with slashes."""
    if os.path.isabs(path) or path.startswith(os.pardir):  # noqa: PTH117 - Path is slow for thousands
        try:
            path = os.path.relpath(path)
        except ValueError:  # on another drive
            return path.replace(os.path.sep, "/")
    return posixpath.normpath(path.replace(os.path.sep, "/"))


def seen_from_here(file: str) -> str:
    """A path as seen from the working folder, where it is below it."""
    path, here = Path(file), Path.cwd()
    return path.relative_to(here).as_posix() if path.is_absolute() and path.is_relative_to(here) else file


def lies_below(path: str, folders: Iterable[str]) -> bool:
    """Whether a normalized *path* is one of *folders* or lies below one."""
    return any(
        path == folder or path.startswith(folder.rstrip("/") + "/")
        if folder != "."
        else not f"{path}/".startswith(("../", "/"))
        for folder in folders
    )


class Gaps(msgspec.Struct, frozen=True):
    """Where *rules* could not assess a value: their gaps by rule and name of the registration, or rule and tenant."""

    rules: Mapping[str, Rule]
    of_names: Mapping[tuple[str, str], Sequence[NotAssessed]]
    of_tenants: Mapping[tuple[str, str], Sequence[NotAssessed]]

    def hide(self, rule: str, name: str, source: str, path: str = "") -> bool:
        """Whether a finding of *rule* on the registration *name* in *source* may be there and was not found, because a
        value was not read.

        *path* is where the finding would be; without it, it may be anywhere. A file that has only some of the values
        that the rule reads hides nothing: the others are not in it.
        """
        if (rule, source) in self.of_tenants:
            return True
        gaps = self.of_names.get((rule, name), ())
        found = self.rules.get(rule)
        decisive = set(found.needs_all) if found else set()
        if found and not any(_overlap(one, path) for one in found.when_set):
            decisive |= set(found.when_set)
        unread = {path_of(gap.pointer) for gap in gaps}
        if unread & decisive or (path and any(_overlap(one, path) for one in unread)):
            return True
        if path or not gaps:
            return False
        return any(gap.reason != "not-in-file" for gap in gaps) or bool(found and unread.issuperset(found.needs))


def gaps_of(gaps: Iterable[NotAssessed], rows: Mapping[str, RegistrationRow], rules: Iterable[Rule]) -> Gaps:
    """The *gaps* that *rules* have in a run; *rows* are by the registrations' keys."""
    of_names: defaultdict[tuple[str, str], list[NotAssessed]] = defaultdict(list)
    of_tenants: defaultdict[tuple[str, str], list[NotAssessed]] = defaultdict(list)
    for gap in gaps:
        row = rows.get(gap.registration)
        if row is not None:
            for name in (row.name, *row.former_names):
                of_names[gap.rule, name].append(gap)
            if row.kind == "tenant":
                of_tenants[gap.rule, source_of(row)].append(gap)
    return Gaps({rule.id: rule for rule in rules}, of_names, of_tenants)


def path_of(pointer: str) -> str:
    """A JSON pointer as a dotted path without the positions in lists."""
    return ".".join(token for token in pointer.split("/")[1:] if not token.isdecimal())


def _overlap(one: str, other: str) -> bool:
    """Whether one of two dotted paths is at or below the other."""
    return one == other or not one or not other or one.startswith(f"{other}.") or other.startswith(f"{one}.")
