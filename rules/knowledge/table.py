"""Tables of facts: tab-separated files beside this module, each row a typed struct.

The first line names the fields of the struct. Lines that begin with ``#`` are comments: where the table comes from, when it
was read. Package data is the one thing that ``rules`` reads, through ``pkgutil``, so that a table may be in a zipped package.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from typing import TypeVar

import msgspec

_Row = TypeVar("_Row", bound=msgspec.Struct)


class TableError(ValueError):
    """A row of a table is wrong: the file, the line, and what to change."""


def text_of_table(name: str) -> str:
    """The text of the table *name*, such as ``roles.tsv``. Raises ``FileNotFoundError`` when there is none."""
    data = pkgutil.get_data(__package__ or "", name)
    return (data or b"").decode()


def read_table(name: str, kind: type[_Row]) -> tuple[_Row, ...]:
    """The rows of the table *name* as structs of *kind*. Raises ``TableError`` with file and line for a wrong row."""
    return tuple(parse_table(name, text_of_table(name), kind))


def parse_table(name: str, text: str, kind: type[_Row]) -> Iterator[_Row]:
    """The same for a *text*; fields of type ``tuple`` are separated by a comma and a space, ``true`` and ``false`` are truth.

    An empty cell is the field's default.
    """
    fields: list[str] = []
    known = {field.name: field for field in msgspec.structs.fields(kind)}
    for number, line in enumerate(text.splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        cells = line.split("\t")
        if not fields:
            fields = cells
            if unknown := [field for field in fields if field not in known]:
                raise TableError(f"{name}:{number}: unknown column {unknown[0]!r}; one of {', '.join(known)}")
            continue
        if len(cells) > len(fields):
            raise TableError(f"{name}:{number}: {len(cells)} cells where the header names {len(fields)}")
        row = {
            field: cell.split(", ") if _is_tuple(known[field].type) else cell
            for field, cell in zip(fields, cells, strict=False)
            if cell
        }
        try:
            yield msgspec.convert(row, kind, strict=False)
        except msgspec.ValidationError as error:
            raise TableError(f"{name}:{number}: {error}") from None


def _is_tuple(kind: object) -> bool:
    return getattr(kind, "__origin__", None) is tuple
