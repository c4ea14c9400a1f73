"""What a citation says: the document, its section, the date on which it was read, and what it supports."""

from __future__ import annotations

from typing import Final

import msgspec

#: The date of a document that was not read again since its row was written.
NOT_READ_AGAIN: Final = "not re-read"


class Reference(msgspec.Struct, frozen=True):
    """A citation of a public document.

    ``checked`` is the date or month in which the section was read, ``NOT_READ_AGAIN``, or empty for a document that is
    not in ``sources.tsv``. ``supports`` paraphrases the statement that rests on it.
    """

    title: str
    url: str
    section: str = ""
    checked: str = ""
    supports: str = ""

    @property
    def label(self) -> str:
        """Title and section."""
        return f"{self.title}, {self.section}" if self.section else self.title

    @property
    def when(self) -> str:
        """When it was read, as reports say it; empty where that is not known."""
        return self.checked if self.checked in ("", NOT_READ_AGAIN) else f"read {self.checked}"

    @property
    def dated_label(self) -> str:
        """Title, section, and when it was read."""
        return f"{self.label} ({self.when})" if self.when else self.label
