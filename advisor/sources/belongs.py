"""What a file that a tool names belongs to, if it holds no registration itself.

A hook names the files of a commit. Parameters of a template, and files that an expression reads, are among them. They
decide what a registration contains that another file declares. What is in a folder of Terraform belongs to that module:
its reader knows.
"""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Iterator
from typing import Final

#: Files whose expressions read other files, or call them as modules.
_READERS: Final = (".tf", ".tofu", ".tf.json", ".tofu.json", ".bicep", ".bicepparam")
_MOST_BYTES: Final = 1 << 20


class Belonging:
    """Finds what files belong to, with each folder and file read once."""

    def __init__(self) -> None:
        self._names: dict[str, list[str]] = {}
        self._texts: dict[str, bytes] = {}

    def of(self, name: str, project: str) -> list[str]:
        """The files that *name* leads to: templates that it is named after, else those that mention its name.

        They are searched in its folder and above, up to the folder *project*.
        """
        from advisor.sources.code.parameters import is_named_after

        name = posixpath.normpath(name.replace("\\", "/"))
        folder, own = posixpath.split(name)
        siblings = [posixpath.join(folder, one) for one in self._in(folder) if one != own]
        if templates := [one for one in siblings if is_named_after(name, one)]:
            return templates
        mention = re.compile(rb"[\"'/]" + re.escape(own.encode()) + rb"[\"']")
        return [one for one in self._readers(folder, project) if one != name and mention.search(self._text(one))]

    def _readers(self, folder: str, project: str) -> Iterator[str]:
        """The files in *folder* and above that may read others."""
        top = os.path.realpath(project)
        while (real := os.path.realpath(folder or ".")) == top or real.startswith(top.rstrip(os.sep) + os.sep):
            yield from (posixpath.join(folder, one) for one in self._in(folder) if one.lower().endswith(_READERS))
            if real == top:
                return
            folder = posixpath.normpath(posixpath.join(folder, ".."))

    def _in(self, folder: str) -> list[str]:
        """The files of a folder, in the order of their names; none if it cannot be read."""
        if folder not in self._names:
            try:
                with os.scandir(folder or ".") as entries:
                    found = sorted(entry.name for entry in entries if entry.is_file(follow_symlinks=False))
            except OSError:
                found = []
            self._names[folder] = found
        return self._names[folder]

    def _text(self, name: str) -> bytes:
        if name not in self._texts:
            try:
                with open(name, "rb") as file:  # noqa: PTH123 - Path is slow for thousands
                    self._texts[name] = file.read(_MOST_BYTES)
            except OSError:
                self._texts[name] = b""
        return self._texts[name]
