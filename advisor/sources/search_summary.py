"""What a search of a folder looked at, in one sentence."""

from __future__ import annotations

import msgspec

from rules.primitives.texts import counted


class Looked(msgspec.Struct):
    """How many files were looked at, how many folders and promising files git ignores, what was left to its compilation."""

    files: int = 0
    ignored: int = 0
    left_to_compiled: int = 0

    def ignore(self) -> bool:
        """Count something that git ignores."""
        self.ignored += 1
        return True


def looked_note(folder: str, looked: Looked) -> str:
    """The sentence."""
    words = f"Looked at {counted(looked.files, 'file')} in {'this folder' if folder == '.' else folder}"
    if looked.ignored:
        words += f"; left out {looked.ignored:,} that git ignores"
    if looked.left_to_compiled:
        words += f"; {counted(looked.left_to_compiled, 'Bicep file')} judged as what it compiles to"
    return f"{words}."
