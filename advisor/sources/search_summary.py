"""What the search of a folder looked at and left out, in one sentence."""

from __future__ import annotations

from typing import Final

import msgspec

from rules.primitives.texts import counted

#: At most this many names are listed.
_NAMED: Final = 3


class SearchSummary(msgspec.Struct):
    """How many files were looked at, and how many git ignores.

    ``links`` are links to folders, which are not followed; ``special`` are links to nothing, pipes, sockets and
    devices.
    """

    files: int = 0
    links: list[str] = msgspec.field(default_factory=list)
    special: list[str] = msgspec.field(default_factory=list)
    ignored: int = 0

    def sentence(self, folder: str) -> str:
        """The summary in words."""
        words = f"Looked at {counted(self.files, 'file')} in {'this folder' if folder == '.' else folder}"
        if self.ignored:
            words += f"; left out {self.ignored:,} that git ignores"
        if self.links:
            words += f"; did not follow {counted(len(self.links), 'linked folder')}: {_names(self.links)}"
        if self.special:
            words += f"; did not open what is not a regular file: {_names(self.special)}"
        return f"{words}."


def _names(paths: list[str]) -> str:
    more = len(paths) - _NAMED
    return ", ".join(paths[:_NAMED]) + (f" and {more:,} more" if more > 0 else "")
