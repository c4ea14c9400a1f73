"""A text in which registrations stand."""

from __future__ import annotations

from functools import cached_property

from advisor.sources.reading.place import Places


class Document:
    """A text in which registrations stand. Positions are worked out when somebody asks for one.

    It may be an excerpt of its file, which *begins* at a line and column of it.
    """

    def __init__(self, file: str, text: str, shown: str | None = None, begins: tuple[int, int] = (1, 1)) -> None:
        self.file = file
        self._begins = begins
        self._text = text
        self._shown = shown

    @property
    def text(self) -> str:
        """What offsets count in."""
        return self._text

    @property
    def commented(self) -> str:
        """The text with its comments, for a document that may have some; strict JSON has none."""
        return self._shown or ""

    @cached_property
    def places(self) -> Places:
        """Where the values of the document stand."""
        return Places(self._text, self._shown, self._begins)
