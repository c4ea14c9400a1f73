"""Which registrations a line of the configuration is about: by name, client id, object id or path."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from fnmatch import translate
from functools import lru_cache
from pathlib import PurePosixPath

from reports.rows import RegistrationRow


def is_about(row: RegistrationRow, patterns: Iterable[str]) -> bool:
    """Whether one of *patterns* is the registration's name, a former name, its client id, object id or address in code;
    ``*`` and ``?`` match anything.

    Case makes no difference. A name in a file may hold a placeholder; it is compared as it is there.
    """
    names = [name.casefold() for name in (row.name, row.app_id, row.object_id, row.address, *row.former_names) if name]
    wanted = [pattern.casefold() for pattern in patterns]
    # An address such as azuread_application.a["web"] is also a pattern, which does not match itself.
    return any(pattern in names or any(map(_compiled(pattern).match, names)) for pattern in wanted)


def lies_in(file: str | None, patterns: Iterable[str]) -> bool:
    """Whether a file matches one of the path *patterns*: ``sandbox/**`` is everything below, ``*.json`` any
    folder's.
    """
    if file is None:
        return False
    path = PurePosixPath(file.replace("\\", "/").removeprefix("./"))
    return any(_path_matches(path, pattern) for pattern in patterns)


def is_below(file: str | None, folder: str) -> bool:
    """Whether a file is in a folder or below it; both are as the run names files."""
    if file is None:
        return False
    path = PurePosixPath(posixpath.normpath(file.replace("\\", "/")))
    return path.is_relative_to(PurePosixPath(folder))


def _path_matches(path: PurePosixPath, pattern: str) -> bool:
    pattern = pattern.removeprefix("./")
    if "/" not in pattern:
        return bool(_compiled(pattern).match(path.name)) or pattern in path.parts
    return _segments_match(str(path), pattern.rstrip("/"))


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(translate(pattern))  # its expressions take linear time


@lru_cache(maxsize=4096)
def _segments_match(path: str, pattern: str) -> bool:
    """``**`` matches folders, ``*`` and ``?`` stay inside one name; a folder's name covers what is below it.

    All ways to match are followed at once, name by name, so that no pattern takes more than names times parts.
    """
    parts = pattern.split("/")
    if parts[-1] == "**":  # everything below, at least one name
        parts[-1] = "*"
    if not pattern.startswith("/"):
        parts.insert(0, "**")
    reached = _past_folders({0}, parts)
    for name in path.split("/"):
        if len(parts) in reached:
            return True
        reached = _past_folders(
            {at if parts[at] == "**" else at + 1 for at in reached if _part_matches(name, parts[at])}, parts
        )
    return len(parts) in reached


def _past_folders(reached: set[int], parts: list[str]) -> set[int]:
    """The parts that are *reached*, and those after a ``**``, which also matches no folder."""
    found = set(reached)
    for at, part in enumerate(parts):
        if at in found and part == "**":
            found.add(at + 1)
    return found


def _part_matches(name: str, part: str) -> bool:
    return part == "**" or bool(_compiled(part.replace("[", "[[]")).match(name))
