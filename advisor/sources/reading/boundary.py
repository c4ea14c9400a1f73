"""The folders that a run may read: what a file leads to, such as a link, a module or ``.env``, must be in one of them.

The author of a checked file or of a link decides where it leads. So every such path is resolved before it is
opened.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from advisor.errors import NotReadError


class Boundary:
    """The folders that were named."""

    def __init__(self, folders: Iterable[str]) -> None:
        self._roots = tuple(dict.fromkeys(map(_real, folders)))
        #: Whether folders are in one of these: a folder is resolved once for all of its files.
        self._admitted: dict[str, bool] = {}

    def admits(self, path: str) -> bool:
        """Whether *path* is in one of the folders once all links are resolved, and no link leads into a hidden
        folder.
        """
        folder, name = os.path.split(path)
        if name == ".." or os.path.islink(path):  # noqa: PTH114 - Path is slow for thousands
            return self._contains(path)
        if folder not in self._admitted:
            self._admitted[folder] = self._contains(os.path.join(folder, "file"))  # noqa: PTH118 - as above
        return self._admitted[folder] or self._contains(path)

    def _contains(self, path: str) -> bool:
        real = _real(path)
        for root in self._roots:
            if real.is_relative_to(root):
                hidden = {part for part in real.relative_to(root).parts[:-1] if part.startswith(".")}
                # A folder such as .git is not searched, so a link must not lead there either.
                if not hidden or hidden <= {*Path.cwd().parts, *Path(path).parts}:
                    return True
        return False

    def check(self, path: str) -> None:
        """Raise ``NotReadError`` for a *path* that is not allowed."""
        if not self.admits(path):
            what, hint = "it is outside of the folder that was named", "name the file, or a folder that contains both"
            raise NotReadError(what, file=path, hint=hint)


def project_of(file: str) -> str:
    """The folder that a named file belongs to: the root of its git repository, else the folder in which it is."""
    folder = (Path.cwd() / file).parent
    return str(next((place for place in (folder, *folder.parents) if (place / ".git").exists()), folder))


def _real(path: str) -> Path:
    return Path(os.path.realpath(path))  # Path.resolve() fails for links that lead to each other
