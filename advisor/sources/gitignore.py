"""Files that git ignores: what ``.gitignore`` files say, from the root of the repository down.

Source: git, "gitignore" documentation; the patterns themselves are pathspec's.
"""

from __future__ import annotations

import os
import re
import stat
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from advisor.errors import UsageError
from advisor.sources.git import ask

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

    #: The patterns of one file, and the path from its folder to the folder that is searched.
    Rule = tuple[GitIgnoreSpec, str]


#: Of a longer file the beginning counts.
_LARGEST: Final = 1_000_000
_WILDCARDS: Final = re.compile(r"\*+")
_MOST_WILDCARDS: Final = 4


class GitIgnore:
    """Knows which files and folders below one are ignored. Each ``.gitignore`` is read once, when its folder is
    reached. A file that git tracks is not ignored, whatever the patterns say.
    """

    def __init__(self, folder: str) -> None:
        self._folder = folder
        root = Path(folder).resolve()
        above = [root, *root.parents]
        top = next((n for n, place in enumerate(above) if (place / ".git").exists()), 0)
        rules: list[Rule] = []
        for place in reversed(above[: top + 1]):
            path = root.relative_to(place).as_posix()
            rules += [(spec, "" if path == "." else f"{path}/") for spec, _ in _patterns(str(place))]
        #: The rules of a folder, by its path below the one that is searched. A later rule has precedence.
        self._known: dict[str, list[Rule]] = {"": rules}
        #: The folder of the last question, and its rules.
        self._last, self._last_rules = "", rules
        #: Folders that are ignored, and searched for the files in them that git tracks.
        self._searched: set[str] = set()

    @cached_property
    def _tracked(self) -> frozenset[str]:
        """The files that git tracks below the folder, and their folders; empty without git."""
        try:
            listed = ask("ls-files", "-z", "--cached", at=Path(self._folder))
        except UsageError:
            return frozenset()
        files = [os.path.normpath(name) for name in os.fsdecode(listed).split("\0")[:-1]]
        return frozenset(files).union(str(parent) for name in files for parent in Path(name).parents)

    def ignores(self, folder: str, name: str, *, is_folder: bool) -> bool:
        """Whether a file or folder called *name* in *folder* is ignored; *folder* itself was searched."""
        is_ignored = self._is_searched_for_tracked(folder)
        if folder != self._last:
            self._last, self._last_rules = folder, self._rules(self._below(folder))
        for spec, path in self._last_rules:
            decision = spec.check_file(f"{path}{name}{'/' if is_folder else ''}").include
            is_ignored = is_ignored if decision is None else decision
        if not is_ignored:
            return False
        path = os.path.join(self._below(folder), name)  # noqa: PTH118 - Path is slow for thousands
        is_tracked = path in self._tracked
        if is_tracked and is_folder:
            self._searched.add(path)
        return not is_tracked

    def _below(self, folder: str) -> str:
        """The path of *folder* below the one that is searched, which is its beginning; empty for that one."""
        return folder[len(self._folder) :].strip(os.sep)

    def _is_searched_for_tracked(self, folder: str) -> bool:
        """Whether *folder* is ignored by pattern, so that only files that git tracks are read in it."""
        if not self._searched:
            return False
        path = Path(self._below(folder))
        return any(str(place) in self._searched for place in (path, *path.parents))

    def _rules(self, path: str) -> list[Rule]:
        """The rules of a folder below the one that is searched."""
        rules = self._known.get(path)
        if rules is None:
            parent, _, last = path.rpartition(os.sep)
            rules = [*_below(self._rules(parent), f"{last}/"), *_patterns(os.path.join(self._folder, path))]  # noqa: PTH118 - as above
            self._known[path] = rules
        return rules


def _below(rules: list[Rule], step: str) -> list[Rule]:
    return [(spec, f"{path}{step}") for spec, path in rules]


def _patterns(folder: str) -> list[Rule]:
    file = os.path.join(folder, ".gitignore")  # noqa: PTH118 - Path is slow for thousands
    try:
        # Like git, this does not follow a link. Nor does it open a pipe.
        if not stat.S_ISREG(os.lstat(file).st_mode):
            return []
        with open(file, "rb") as stream:  # noqa: PTH123 - as above
            text = stream.read(_LARGEST).decode("utf-8", "replace")
    except OSError:
        return []
    if not text.strip():
        return []
    from pathspec import GitIgnoreSpec

    # A pattern with many wildcards can take for ever to match. Without it more is read, never less.
    lines = [line for line in text.splitlines() if len(_WILDCARDS.findall(line)) <= _MOST_WILDCARDS]
    try:
        return [(GitIgnoreSpec.from_lines(lines), "")]
    except ValueError:  # one of the patterns is broken
        return []
