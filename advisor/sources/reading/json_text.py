"""A JSON text: strict, or with comments, trailing commas and template lines; one value, or several one after the
other.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cached_property
from typing import Any, Final

from advisor.decode_errors import in_words
from advisor.errors import InputError
from advisor.limits import too_deep
from advisor.sources.reading.document import Document
from advisor.sources.reading.text import Relaxed, decode, relax

_SPACE: Final = re.compile(r"\s*")
_DECODER: Final = json.JSONDecoder(strict=False)


class JsonText:
    """A JSON text in UTF-8, parsed when its values are first needed. Its properties raise ``InputError`` for broken
    JSON.

    *environment* names the values that fill placeholders.
    """

    def __init__(self, file: str, data: bytes, environment: str | None = None) -> None:
        self.file = file
        self.data = data
        self.environment = environment

    @cached_property
    def shown(self) -> str:
        """The text as it is written."""
        return decode(self.data, self.file)

    @cached_property
    def _parsed(self) -> tuple[Relaxed, list[tuple[int, Any]]]:
        return _parse(self.shown, self.file)

    @cached_property
    def document(self) -> Document:
        """The text for positions."""
        return Document(self.file, self._parsed[0].text, self.shown)

    @property
    def values(self) -> list[tuple[int, Any]]:
        """The values with their offsets."""
        return self._parsed[1]

    @property
    def value(self) -> Any:
        """The first value."""
        return self.values[0][1]

    @property
    def start(self) -> int:
        """The offset of the first value."""
        return self.values[0][0]

    @property
    def left_out(self) -> tuple[str, ...]:
        """The sections of a template that were not read, because their opposites were."""
        return self._parsed[0].left_out


def _parse(shown: str, file: str) -> tuple[Relaxed, list[tuple[int, Any]]]:
    """The values of a text with their offsets: one, or several one after the other. Strict JSON is not relaxed."""
    strict = Relaxed(shown)
    try:
        return strict, list(_values(shown))
    except (ValueError, RecursionError):
        pass
    relaxed = relax(shown)
    try:
        return relaxed, list(_values(relaxed.text))
    except json.JSONDecodeError as error:
        what = f"is not JSON: {in_words(error)}"
        raise InputError(what, file=file, line=error.lineno, column=error.colno, hint=_syntax_hint(shown)) from None
    except RecursionError:
        raise too_deep(file) from None
    except ValueError as error:
        raise InputError(f"is not JSON: {error}", file=file, hint="fix the value") from None


def _values(text: str) -> Iterator[tuple[int, Any]]:
    at = _after_space(text, 0)
    while at < len(text):
        value, end = _DECODER.raw_decode(text, at)
        yield at, value
        at = _after_space(text, end)


def _after_space(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _syntax_hint(text: str) -> str:
    if text.lstrip()[:1] in ("{", "["):
        return "fix the syntax here"
    return "registrations are read from JSON: a portal manifest, a Graph response, or what `az ad app show` prints"
