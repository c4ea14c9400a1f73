"""What the search of a folder looked at, in one sentence."""

from __future__ import annotations

from collections import Counter

import msgspec

from rules.primitives.texts import counted


class SearchSummary(msgspec.Struct):
    """How many files were looked at, how many git ignores, and how many of each kind were left to a better file."""

    files: int = 0
    ignored: int = 0
    superseded: Counter[str] = msgspec.field(default_factory=Counter)

    def sentence(self, folder: str) -> str:
        """The summary for people."""
        words = f"Looked at {counted(self.files, 'file')} in {'this folder' if folder == '.' else folder}"
        if self.ignored:
            words += f"; left out {self.ignored:,} that git ignores"
        for kind, count in self.superseded.items():
            words += f"; {counted(count, f'{kind} file')} judged as what it compiles to"
        return f"{words}."
