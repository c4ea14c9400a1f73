"""Files that git ignores: what ``.gitignore`` files say, from the root of the repository down.

Source: git, "gitignore" documentation; the patterns themselves are pathspec's.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

    #: Patterns that hold in a folder, and the way to it from where they stand.
    Rule = tuple[GitIgnoreSpec, str]


class Ignored:
    """Knows which files and folders below one are ignored. A file of patterns is read once, when its folder is asked for."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        root = Path(folder).resolve()
        above = [root, *root.parents]
        top = next((n for n, place in enumerate(above) if (place / ".git").exists()), 0)
        rules: list[Rule] = []
        for place in reversed(above[: top + 1]):
            way = root.relative_to(place).as_posix()
            rules += [(spec, "" if way == "." else f"{way}/") for spec, _ in _patterns(place)]
        #: What holds in a folder, by its path below the one that is searched; what is said further down counts more.
        self._known: dict[str, list[Rule]] = {"": rules}
        #: The folder that was asked about last, and what holds in it.
        self._asked, self._holds = "", rules

    def covers(self, folder: str, name: str, *, is_folder: bool) -> bool:
        """Whether a file or folder called *name* in *folder* is ignored. Nothing inside an ignored folder is asked for."""
        verdict = False
        if folder != self._asked:
            self._asked, self._holds = folder, self._rules(os.path.relpath(folder, self._folder))
        for spec, way in self._holds:
            said = spec.check_file(f"{way}{name}{'/' if is_folder else ''}").include
            verdict = verdict if said is None else said
        return verdict

    def _rules(self, path: str) -> list[Rule]:
        """What holds in a folder below the one that is searched."""
        path = "" if path == os.curdir else path
        rules = self._known.get(path)
        if rules is None:
            parent, _, last = path.rpartition(os.sep)
            rules = [*_below(self._rules(parent), f"{last}/"), *_patterns(Path(self._folder) / path)]
            self._known[path] = rules
        return rules


def _below(rules: list[Rule], step: str) -> list[Rule]:
    return [(spec, f"{way}{step}") for spec, way in rules]


def _patterns(folder: Path) -> list[Rule]:
    try:
        text = (folder / ".gitignore").read_text("utf-8", "replace")
    except OSError:
        return []
    if not text.strip():
        return []
    from pathspec import GitIgnoreSpec

    return [(GitIgnoreSpec.from_lines(text.splitlines()), "")]
