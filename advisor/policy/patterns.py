"""Which registrations a line of the configuration is about: by name, client id, object id or path."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import translate
from functools import lru_cache
from pathlib import PurePosixPath

from reports.rows import RegistrationRow


def is_about(row: RegistrationRow, patterns: Iterable[str]) -> bool:
    """Whether one of *patterns* is the registration's name, client id or object id; ``*`` and ``?`` stand for anything.

    Case makes no difference. A name in a file may hold a placeholder; it is compared as it is there.
    """
    names = [name for name in (row.name, row.app_id, row.object_id) if name]
    return any(_compiled(pattern.casefold()).match(name.casefold()) for pattern in patterns for name in names)


def lies_in(file: str | None, patterns: Iterable[str]) -> bool:
    """Whether a file matches one of the path *patterns*: ``sandbox/**`` is everything below, ``*.json`` any
    folder's.
    """
    if file is None:
        return False
    path = PurePosixPath(file.replace("\\", "/").removeprefix("./"))
    return any(_path_matches(path, pattern) for pattern in patterns)


def _path_matches(path: PurePosixPath, pattern: str) -> bool:
    pattern = pattern.removeprefix("./")
    if "/" not in pattern:
        return bool(_compiled(pattern).match(path.name)) or pattern in path.parts
    return bool(_path_compiled(pattern.rstrip("/")).match(str(path)))


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(translate(pattern))


@lru_cache(maxsize=1024)
def _path_compiled(pattern: str) -> re.Pattern[str]:
    """``**`` crosses folders, ``*`` and ``?`` do not; a folder's name covers what is below it."""
    parts = re.split(r"(\*\*/?|\*|\?)", pattern)
    wild = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    body = "".join(wild.get(part, re.escape(part)) for part in parts)
    return re.compile(rf"(?:.*/)?{body}(?:/.*)?\Z" if not pattern.startswith("/") else rf"{body}(?:/.*)?\Z")
