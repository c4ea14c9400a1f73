"""Tables of facts that are shipped with the modules which use them: TSV for flat rows, TOML for nested ones.

``rules`` does no I/O, because a result must depend on the registration, the settings and ``now`` alone. This module is
the one exception. It reads nothing but files of the product itself, which are as constant as the code, so a result
still depends on nothing else. Facts as files can be sorted, compared, and renewed by a script from the published
documents.

Each table is read when it is first needed: its module keeps the rows with ``functools.cache``.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from importlib.resources import files
from typing import Any, TypeVar, get_args, get_origin

import msgspec

T = TypeVar("T", bound=msgspec.Struct)

#: How msgspec names the place of a value that does not fit: the number of the row, and the first key in it.
_PLACE = re.compile(r"^(?P<what>.*?)(?: - at `\$\[(?P<row>\d+)\](?:\.(?P<key>\w+))?(?P<inside>.*)`)?$")


class DataError(ValueError):
    """A row of a table is wrong. The message names file, line and what is wrong."""


def read_table(package: str, name: str, row: type[T]) -> tuple[T, ...]:
    """The rows of the TSV file *name* in *package*, each as a *row*. Raises ``DataError`` for a bad one."""
    return parse_table(_read(package, name), row, _path(package, name))


def read_records(package: str, name: str, key: str, row: type[T]) -> tuple[T, ...]:
    """The ``[[key]]`` tables of the TOML file *name* in *package*, each as a *row*. Raises ``DataError`` for a bad
    one.
    """
    return parse_records(_read(package, name), key, row, _path(package, name))


def parse_table(text: str, row: type[T], path: str) -> tuple[T, ...]:
    """The rows of a TSV *text*; *path* is for messages.

    Lines that begin with ``#`` before the header are comments. The header names fields of *row*. A cell of a list holds
    its elements with ``, `` between them. An empty cell is an empty text, an empty list, or false.
    """
    lines = text.removesuffix("\n").split("\n")
    head = next((n for n, line in enumerate(lines) if not line.startswith("#")), len(lines) - 1)
    columns, body = lines[head].split("\t"), lines[head + 1 :]
    fields = {field.name: field.type for field in msgspec.structs.fields(row)}
    if unknown := [column for column in columns if column not in fields]:
        raise DataError(f"{path}:{head + 1}: unknown column {unknown[0]!r}; one of {', '.join(fields)}")
    numbers = range(head + 2, len(lines) + 1)
    try:
        records: list[dict[str, Any]] = [dict(zip(columns, line.split("\t"), strict=True)) for line in body]
    except ValueError as error:
        number, cells = next(
            found for found in zip(numbers, map(_cells, body), strict=True) if found[1] != len(columns)
        )
        raise DataError(f"{path}:{number}: {cells} cells where the header has {len(columns)}") from error
    for column in columns:
        if get_origin(fields[column]) is tuple:
            for record in records:
                record[column] = record[column].split(", ") if record[column] else []
        elif fields[column] is bool:
            for record in records:
                record[column] = record[column] or False
    return _convert(records, row, path, numbers)


def _cells(line: str) -> int:
    return line.count("\t") + 1


def parse_records(text: str, key: str, row: type[T], path: str) -> tuple[T, ...]:
    """The ``[[key]]`` tables of a TOML *text*; *path* is for messages."""
    try:
        records = tomllib.loads(text).get(key, [])
    except tomllib.TOMLDecodeError as error:
        raise DataError(f"{path}: {error}") from error
    lines = [number for number, line in enumerate(text.split("\n"), 1) if line.strip() == f"[[{key}]]"]
    return _convert(records, row, path, lines)


def _convert(records: list[dict[str, Any]], row: type[T], path: str, lines: Sequence[int]) -> tuple[T, ...]:
    """*records* as rows; ``lines`` are the lines where they begin."""
    try:
        return tuple(msgspec.convert(records, list[row], strict=False))  # type: ignore[valid-type]
    except msgspec.ValidationError as error:
        found = _PLACE.match(str(error))
        if found is None or found["row"] is None:
            raise DataError(f"{path}: {error}") from error
        number = int(found["row"])
        words = _fault(records[number], row, found["key"], found["inside"], found["what"])
        raise DataError(f"{path}:{lines[number]}: {words}") from error


def _fault(record: dict[str, Any], row: type[msgspec.Struct], key: str | None, inside: str, what: str) -> str:
    """What is wrong with a *record*: the value and the values that are possible, or what msgspec said of it."""
    if key is None:
        return what
    kind = next(field.type for field in msgspec.structs.fields(row) if field.encode_name == key)
    choices = get_args(kind)
    if not inside and choices and all(isinstance(one, str) for one in choices):
        return f"unknown {key} {record[key]!r}; one of {', '.join(map(repr, choices))}"
    return f"{key}{inside} {record.get(key)!r}: {what}" if not inside else f"{key}{inside}: {what}"


def _read(package: str, name: str) -> str:
    return files(package).joinpath(name).read_text("utf-8")


def _path(package: str, name: str) -> str:
    return f"{package.replace('.', '/')}/{name}"
