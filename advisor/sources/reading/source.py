"""What a source is: one kind of input, how it is found and recognized, and what reads it.

The help lists all sources, so this file and those of ``advisor.sources.table`` load neither msgspec nor a parser.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from advisor.errors import InputError

if TYPE_CHECKING:
    from advisor.sources.reading.builder import Builder
    from advisor.sources.reading.json_text import JsonText

#: Who chose a file: the user, a tool that names many (``--candidates``), or the search of a folder.
Role = Literal["named", "candidate", "found"]

_HEAD = 20_000


class File:
    """A file, or standard input as ``-``. Its bytes are read when they are first needed, and then kept."""

    def __init__(
        self, name: str, data: bytes | None = None, *, role: Role = "named", environment: str | None = None
    ) -> None:
        self.name = name
        self.role = role
        #: The name of the environment whose values fill placeholders (``--env``).
        self.environment = environment
        self.is_on_disk = data is None
        self._data = data

    @property
    def data(self) -> bytes:
        """The bytes. Raises ``InputError`` when they cannot be read."""
        return self.load() if self._data is None else self._data

    def load(self) -> bytes:
        """Read the bytes now; returns them. Raises ``InputError`` when they cannot be read."""
        if self._data is None:
            try:
                with open(self.name, "rb") as file:  # noqa: PTH123 - Path is slow for thousands
                    self._data = file.read()
            except OSError as error:
                raise unreadable(self.name, error) from None
        return self._data

    def first(self, count: int) -> bytes:
        """The first bytes, without keeping more of a large file. Nothing of a pipe, which can be read only once."""
        if self._data is not None:
            return self._data[:count]
        try:
            with open(self.name, "rb") as file:  # noqa: PTH123 - as above
                return file.read(count) if file.seekable() else b""
        except OSError:
            return b""

    def has_any(self, words: Sequence[bytes]) -> bool:
        """Whether the text holds one of the *words*, which are in lower case, in any case.

        This is ten times as fast as one pattern of all words.
        """
        data = self.data
        if data[:2] in (b"\xff\xfe", b"\xfe\xff"):  # UTF-16, which PowerShell writes when it redirects
            data = data[2:].replace(b"\0", b"")
        folded = data.lower()
        return any(word in folded for word in words)


def unreadable(name: str, error: OSError) -> InputError:
    """The error for a file that cannot be read."""
    if isinstance(error, FileNotFoundError):
        return InputError("there is no such file", file=name, hint="check the path")
    return InputError(f"cannot be read: {error.strerror or error}", file=name, hint="check its permissions")


class Source(NamedTuple):
    """One kind of file. A file of ``advisor.sources.table`` exports it as ``SOURCE``."""

    #: Its name in lists of inputs, in the plural: "Bicep files".
    title: str
    #: The word before "file" in messages: "Bicep".
    kind: str
    #: The extensions for which folders are searched, in lower case.
    suffixes: tuple[str, ...]
    #: Small texts, by file name, in which a registration is found. Tests read each in every way.
    samples: Mapping[str, str]
    #: Whether the content is of this kind, for a file whose extension does not decide it.
    is_like: Callable[[File], bool]
    #: Whether the extension alone says that a file is of this kind.
    is_known_by_suffix: bool = True
    #: In lower case: a file that the user did not name is read only if it has one of these. Without words, every file is.
    words: tuple[bytes, ...] = ()
    #: Add what a file holds. Raises ``InputError``, with a line if the file is broken, without one if it holds nothing.
    read: Callable[[Builder, File], None] | None = None
    #: In place of ``read``, for files that only mean something together: add what all of them hold.
    read_together: Callable[[Builder, Sequence[File]], None] | None = None
    #: Whether a file beside this one says the same and more, so that this one is read only if it is named.
    is_superseded: Callable[[str], bool] | None = None


class JsonSource(NamedTuple):
    """One kind of JSON document that is no manifest. A file of ``advisor.sources.table`` exports it as ``SOURCE``."""

    title: str
    samples: Mapping[str, str]
    #: As those of ``Source``: a document that holds a registration has one of these.
    words: tuple[bytes, ...]
    #: Add what a document holds. Raises ``InputError`` as the ``read`` of ``Source`` does.
    read: Callable[[Builder, JsonText], None]
    #: Whether a JSON value is of this kind.
    matches: Callable[[Any], bool] | None = None
    #: In place of ``matches``, for documents that are too large to parse twice: a pattern that only their text has.
    keys: bytes = b""


def has_lines_like(pattern: bytes) -> Callable[[File], bool]:
    """A test of whether a line at the beginning of a file matches a regular expression. JSON has no such lines."""

    def is_like(file: File) -> bool:
        if file.data.lstrip()[:1] in (b"{", b"["):
            return False
        return re.search(pattern, file.data[:_HEAD], re.MULTILINE) is not None

    return is_like
