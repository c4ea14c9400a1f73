"""What a source is: one kind of input, how it is found and recognized, and what reads it.

The help lists all sources, so this file and those of ``advisor.sources.table`` load neither msgspec nor a parser.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cached_property
from typing import IO, TYPE_CHECKING, Any, Final, Literal, NamedTuple

from advisor.errors import InputError
from advisor.limits import Limits, too_many_bytes

if TYPE_CHECKING:
    from advisor.sources.reading.boundary import Boundary
    from advisor.sources.reading.builder import Builder
    from advisor.sources.reading.json_text import JsonText

#: Who chose a file: the user, a tool that names many (``--candidates``), or the search of a folder.
Role = Literal["named", "candidate", "found"]

_HEAD: Final = 20_000
_CHUNK: Final = 1 << 20
#: A letter that JSON or YAML escapes.
_ESCAPED: Final = re.compile(rb"\\(?:u00|x)([0-7][0-9a-f])")
#: How a shell hands over a pipe that is open already: ``<(...)``.
_DESCRIPTORS: Final = ("/dev/fd/", "/proc/self/fd/", "/dev/stdin")
#: Bytes that are read in place of those on disk, by resolved path.
_REPLACED: Final[ContextVar[Mapping[str, bytes]]] = ContextVar("_REPLACED", default={})  # noqa: B039 - never changed


@contextmanager
def read_instead(contents: Mapping[str, bytes]) -> Iterator[None]:
    """Inside, files have these *contents*, by resolved path, in place of those on disk: a fix is checked unwritten."""
    token = _REPLACED.set(contents)
    try:
        yield
    finally:
        _REPLACED.reset(token)


class File:
    """A file, or standard input as ``-``. Its bytes are read when they are first needed, and then kept.

    A file that the user did not name is opened only inside the *boundary*. Of no file more than *limits* allow is read.
    """

    def __init__(
        self,
        name: str,
        data: bytes | None = None,
        *,
        role: Role = "named",
        environment: str | None = None,
        boundary: Boundary | None = None,
        limits: Limits = Limits(),  # noqa: B008 - it cannot be changed
    ) -> None:
        self.name = name
        self.role = role
        #: The name of the environment whose values fill placeholders (``--env``).
        self.environment = environment
        self._boundary = boundary
        self._limits = limits
        self._given = data is not None
        replaced = _REPLACED.get()
        self._data = replaced.get(os.path.realpath(name)) if replaced and data is None else data

    @property
    def is_on_disk(self) -> bool:
        """Whether the bytes can be read again: not those of standard input, and not those of a pipe."""
        return not self._given and os.path.isfile(self.name)  # noqa: PTH113 - Path is slow for thousands

    @property
    def size(self) -> int:
        """How many bytes there are. Raises ``InputError`` when it cannot be read."""
        if self._data is not None:
            return len(self._data)
        return self.status.st_size if stat.S_ISREG(self.status.st_mode) else len(self.data)

    @cached_property
    def status(self) -> os.stat_result:
        """What the system says of it. Raises ``InputError`` when it cannot be read."""
        try:
            return os.stat(self.name)  # noqa: PTH116 - as above
        except (OSError, ValueError) as error:
            raise unreadable(self.name, error) from None

    @property
    def data(self) -> bytes:
        """The bytes. Raises ``InputError`` when they cannot be read."""
        return self.load() if self._data is None else self._data

    def load(self) -> bytes:
        """Read the bytes now; returns them. Raises ``InputError`` when they cannot be read."""
        if self._data is None:
            most = self._limits.bytes
            with self.open() as file:
                data = file.read(most + 1)
            if len(data) > most:
                raise too_many_bytes(self.name, most)
            self._data = data
        return self._data

    def open(self) -> IO[bytes]:
        """Open the file. Raises ``InputError`` for one that must not or cannot be read."""
        if self._boundary is not None and self.role != "named":
            self._boundary.check(self.name)
        mode = self.status.st_mode
        is_handed_over = stat.S_ISFIFO(mode) and self.name.startswith(_DESCRIPTORS)
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode) or is_handed_over):
            what = "is not a regular file: a pipe, socket or device is not read"
            raise InputError(what, file=self.name, hint="use - for standard input")
        try:
            return open(self.name, "rb")  # noqa: PTH123 - as above
        except (OSError, ValueError) as error:
            raise unreadable(self.name, error) from None

    def first(self, count: int) -> bytes:
        """The first bytes, without keeping more of a large file. A pipe is read whole: it can be opened only once."""
        if self._data is not None or self.size <= min(_CHUNK, self._limits.bytes):
            return self.data[:count]
        with self.open() as file:
            return file.read(count)

    def has_any(self, words: Sequence[bytes]) -> bool:
        """Whether the text holds one of the *words*, which are in lower case, in any case.

        This is ten times as fast as one pattern of all words. A file over the limit is searched without keeping it.
        """
        longest = max(map(len, words))
        end = b""
        for chunk in self._chunks():
            # UTF-16, which PowerShell writes when it redirects: half of its bytes are zero.
            folded = (end + chunk.replace(b"\0", b"")).lower()
            if b"\\u00" in folded or b"\\x" in folded:  # JSON and YAML may escape any letter of a word
                folded = _ESCAPED.sub(_unescaped, folded)
            if any(map(folded.__contains__, words)):
                return True
            end = folded[1 - longest :]
        return False

    def _chunks(self) -> Iterator[bytes]:
        if self._data is None and self.size > self._limits.bytes:
            with self.open() as file:
                while chunk := file.read(_CHUNK):
                    yield chunk
        else:
            yield self.data


def _unescaped(match: re.Match[bytes]) -> bytes:
    return bytes.fromhex(match[1].decode()).lower()


def unreadable(name: str, error: OSError | ValueError) -> InputError:
    """The error for a file that cannot be read."""
    if isinstance(error, FileNotFoundError):
        return InputError("there is no such file", file=name, hint="check the path")
    reason = getattr(error, "strerror", None) or error
    return InputError(f"cannot be read: {reason}", file=name, hint="check its permissions")


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
    #: In lower case: a file that the user did not name is read only if it has one of these. Without words, every file
    #: is.
    words: tuple[bytes, ...] = ()
    #: Add what a file holds. Raises ``InputError``, with a line if the file is broken, without one if it holds nothing.
    read: Callable[[Builder, File], None] | None = None
    #: In place of ``read``, for files that only mean something together: add what all of them hold.
    read_together: Callable[[Builder, Sequence[File]], None] | None = None
    #: Whether such a file declares registrations; others are only named, and have no samples.
    declares: bool = True


class JsonSource(NamedTuple):
    """A kind of JSON document that is not a manifest. A file of ``advisor.sources.table`` exports it as ``SOURCE``."""

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
        head = file.first(_HEAD)
        return head.lstrip()[:1] not in (b"{", b"[") and re.search(pattern, head, re.MULTILINE) is not None

    return is_like
