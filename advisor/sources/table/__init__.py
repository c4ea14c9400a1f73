"""The table of sources, one file each: adding a file adds a source.

A file exports its row as ``SOURCE``. What is heavy is imported when the row reads, because the help lists all rows.
"""

from __future__ import annotations

from functools import partial
from importlib import import_module
from pkgutil import iter_modules
from typing import Final

from advisor.sources.reading.source import JsonSource, Source
from advisor.sources.table import manifest

_ROWS: Final[tuple[Source | JsonSource, ...]] = tuple(
    import_module(f"{__name__}.{module.name}").SOURCE for module in iter_modules(__path__)
)

#: The JSON documents that are not manifests.
JSON_SOURCES: Final[tuple[JsonSource, ...]] = tuple(row for row in _ROWS if isinstance(row, JsonSource))
#: What a text is read as that no other source recognizes: app registrations, or one of the JSON documents.
JSON: Final = manifest.SOURCE._replace(
    words=sum((row.words for row in JSON_SOURCES), manifest.SOURCE.words),
    read=partial(manifest.read, kinds=JSON_SOURCES),
)
#: The kinds of files.
SOURCES: Final[tuple[Source, ...]] = (
    *(row for row in _ROWS if isinstance(row, Source) and row is not manifest.SOURCE),
    JSON,
)


def titles() -> list[str]:
    """The names of all sources, in the order of the alphabet."""
    return sorted((row.title for row in _ROWS), key=str.casefold)


def suffixes() -> list[str]:
    """The extensions for which folders are searched, in the order of the alphabet."""
    return sorted({suffix for source in SOURCES for suffix in source.suffixes})


def listed(words: list[str], last: str = "and") -> str:
    """Three *words* or more as an enumeration: "a, b, and c"."""
    return f"{', '.join(words[:-1])}, {last} {words[-1]}"
