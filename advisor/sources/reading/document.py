"""A text in which registrations stand."""

from __future__ import annotations

from functools import cached_property

from advisor.secrets import Secrets, unmasked
from advisor.sources.reading.place import Places


class Document:
    """A text that contains registrations. Positions are computed when one is needed.

    It may be an excerpt of its file, which *begins* at a line and column of it.
    """

    def __init__(self, file: str, text: str, shown: str | None = None, begins: tuple[int, int] = (1, 1)) -> None:
        self.file = file
        self._begins = begins
        self._text = text
        self._shown = shown
        #: What is hidden in the lines that are shown. A builder gives those of its run.
        self.secrets = Secrets()
        #: The documents in which the names that this one declares or uses mean the same: those of a module.
        self.scope: list[Document] = [self]

    @property
    def text(self) -> str:
        """What offsets count in."""
        return self._text

    @property
    def shown(self) -> str:
        """The text as it is in the file, with comments; of the same length."""
        return self._text if self._shown is None else self._shown

    @property
    def is_excerpt(self) -> bool:
        """Whether the text is a part of its file."""
        return self._begins != (1, 1)

    @property
    def commented(self) -> str:
        """The text with its comments and without its secrets, for a document that may have comments; strict JSON has
        none.
        """
        return unmasked(self.secrets.mask(self._shown)) if self._shown else ""

    @cached_property
    def may_contain_secrets(self) -> bool:
        """Whether a value of this document, which is JSON, may be or contain a secret."""
        return self.secrets.may_be_in(self._text)

    @cached_property
    def places(self) -> Places:
        """Where the values of the document stand."""
        return Places(self._text, self._shown, self._begins, mask=self._mask)

    def _mask(self, text: str) -> str:
        """*text* without what the document's builder knows as secrets when the first line is shown."""
        return self.secrets.mask(text)
