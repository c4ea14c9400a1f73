"""Report v2 as it is stored: what many registrations share is written once, and a row has a line of its own.

In: a report. Out: JSON, and the same report again. Version 1, which has a row for each value that was not assessed and
for each posture, is still read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, Final, Literal

import msgspec

from reports.report import SCHEMA, Report
from reports.rows import PermissionRow, PostureEntry, PostureRow, RegistrationRow, Row
from rules.model.gap_list import GapGroup, GapList

#: The rows of a piece.
_ROWS: Final = 1000
_LONE_SURROGATE: Final = re.compile("[\ud800-\udfff]")


class PostureGroup(Row, frozen=True, kw_only=True):
    """Registrations, by their keys, with one posture."""

    registrations: tuple[str, ...]
    entries: tuple[PostureEntry, ...]


#: The number of a permission.
Number = Annotated[int, msgspec.Meta(ge=0)]


class StoredRegistration(RegistrationRow, frozen=True, kw_only=True, gc=False):
    """A registration with the numbers of its permissions in ``StoredReport.permissions``, from 0."""

    requested: tuple[Number, ...] | None = None  # type: ignore[assignment]  # the stored form of the same
    granted: tuple[Number, ...] | None = None  # type: ignore[assignment]


class StoredReport(Report, frozen=True, kw_only=True, gc=False):
    """A report whose ``not_assessed``, ``postures`` and permissions are said once for all that share them.

    A member of a row with its default value is left out.
    """

    version: Literal[2]
    schema: str
    permissions: tuple[PermissionRow, ...] = ()
    registrations: tuple[StoredRegistration, ...] = ()
    not_assessed: tuple[GapGroup, ...] = ()  # type: ignore[assignment]
    postures: tuple[PostureGroup, ...] = ()  # type: ignore[assignment]


class _Numbers(dict[PermissionRow, int]):
    """A number for each permission, in the order in which they come up."""

    def __missing__(self, permission: PermissionRow) -> int:
        self[permission] = number = len(self)
        return number


class _Version(msgspec.Struct, frozen=True):
    version: int = 1


def encode(report: Report) -> bytes:
    """The stored form of *report*: JSON in UTF-8 that ends in a line feed."""
    return b"".join(encode_in_pieces(report))


def encode_in_pieces(report: Report) -> Iterator[bytes]:
    """The same in pieces of whole rows: the JSON of a large report need not be in memory."""
    stored = _stored(report)
    before = b"{"
    for name in StoredReport.__struct_fields__:
        value = getattr(stored, name)
        yield b'%s\n  "%s": ' % (before, name.encode())
        before = b","
        if isinstance(value, tuple) and value:
            for start in range(0, len(value), _ROWS):
                lines = _lines(value[start : start + _ROWS]).removesuffix(b"\n").replace(b"\n", b",\n    ")
                yield (b",\n    " if start else b"[\n    ") + lines
            yield b"\n  ]"
        else:
            yield _lines([value]).removesuffix(b"\n")
    yield b"\n}\n"


def _lines(rows: Iterable[Any]) -> bytes:
    try:
        return msgspec.json.Encoder().encode_lines(rows)
    except UnicodeEncodeError:  # half of a surrogate pair in a name: JSON may hold it, UTF-8 may not
        texts = (json.dumps(msgspec.to_builtins(row), ensure_ascii=False) for row in rows)
        return "".join(f"{_LONE_SURROGATE.sub(chr(0xFFFD), text)}\n" for text in texts).encode()


def _stored(report: Report) -> StoredReport:
    numbers = _Numbers()
    rows = tuple(
        StoredRegistration(**{**_members(row), "requested": _numbered(row.requested, numbers),
                              "granted": _numbered(row.granted, numbers)})
        for row in report.registrations
    )  # fmt: skip
    return StoredReport(
        **{
            **_members(report),
            "version": 2,
            "schema": SCHEMA,
            "registrations": rows,
            "permissions": tuple(numbers),
            "not_assessed": GapList.of(report.not_assessed).groups(),
            "postures": _posture_groups(report.postures),
        }
    )


def _members(row: msgspec.Struct) -> dict[str, Any]:
    return {name: getattr(row, name) for name in row.__struct_fields__}


def _numbered(permissions: tuple[PermissionRow, ...] | None, numbers: _Numbers) -> tuple[int, ...] | None:
    return None if permissions is None else tuple([numbers[one] for one in permissions])


def _posture_groups(postures: Iterable[PostureRow]) -> tuple[PostureGroup, ...]:
    found: dict[tuple[PostureEntry, ...], list[str]] = {}
    known: dict[int, list[str]] = {}  # most registrations have a posture that was put together once
    for row in postures:
        keys = known.get(id(row.entries))
        if keys is None:
            keys = known[id(row.entries)] = found.setdefault(row.entries, [])
        keys.append(row.registration)
    return tuple(PostureGroup(registrations=tuple(keys), entries=entries) for entries, keys in found.items())


def decode(data: bytes) -> Report:
    """A stored report. Raises ``msgspec.ValidationError`` or ``msgspec.DecodeError`` when *data* is not one."""
    if msgspec.json.decode(data, type=_Version).version == 1:
        old = msgspec.json.decode(data, type=Report)
        return msgspec.structs.replace(old, version=2, schema=SCHEMA, not_assessed=GapList.of(old.not_assessed))
    stored = msgspec.json.decode(data, type=StoredReport)
    rows = tuple(_row(row, stored.permissions) for row in stored.registrations)
    order = [row.key for row in rows]
    entries = {key: group.entries for group in stored.postures for key in group.registrations}
    members: Mapping[str, Any] = {name: getattr(stored, name) for name in Report.__struct_fields__}
    return Report(
        **{
            **members,
            "registrations": rows,
            "not_assessed": GapList.from_groups(stored.not_assessed, order),
            "postures": tuple(
                PostureRow(registration=key, entries=entries[key])
                for key in dict.fromkeys((*(key for key in order if key in entries), *entries))
            ),
        }
    )


def _row(row: StoredRegistration, permissions: tuple[PermissionRow, ...]) -> RegistrationRow:
    """Raises ``msgspec.ValidationError`` for the number of a permission that is not in the report."""
    try:
        requested, granted = (
            None if numbers is None else tuple([permissions[number] for number in numbers])
            for numbers in (row.requested, row.granted)
        )
    except IndexError:
        raise msgspec.ValidationError(f"a permission of {row.key} is not in the report") from None
    return RegistrationRow(
        **{name: getattr(row, name) for name in _MEMBERS} | {"requested": requested, "granted": granted}
    )


_MEMBERS: Final = RegistrationRow.__struct_fields__
