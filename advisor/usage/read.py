"""Read files of any shape into evidence of use: recognized by content, one file after the other."""

from __future__ import annotations

import gzip
import io
import os
import sys
import tempfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from itertools import chain
from pathlib import Path
from typing import IO, Any, Final, NamedTuple

from advisor.errors import InputError, NotReadError
from advisor.limits import too_many_bytes
from advisor.usage import activity, aggregate
from advisor.usage.dates import Days, order_of
from advisor.usage.reduce import Source, Tally
from advisor.usage.shapes import (
    ARRAY,
    EVENT_HUB,
    GRAPH,
    GRAPH_BETA,
    GRAPH_V1,
    LOG_ANALYTICS,
    POWERSHELL_ARRAY,
    STORAGE,
    WORKSPACE,
    JsonShape,
    csv_shape,
    shape_of,
)
from advisor.usage.signins import opened, take_csv, take_json
from advisor.usage.stream import CsvFile, JsonFile, encoding_of
from rules.model.registration import Unread
from rules.model.usage import Reach, Statement, Usage, Use, merged

#: Files are read in pieces, so they may be larger than files that are held as a whole.
MOST_BYTES: Final = 20_000_000_000
_GZIP: Final = b"\x1f\x8b"
_HINT: Final = "grantlint usage --help lists the files that it reads; a download in English or as JSON is recognized"
_ALL_PAGES: Final = "read all pages into one array, as Get-MgBetaAuditLogSignIn -All does"
_EMPTY: Final = "an empty list does not prove that nothing was used"
#: More statements than this are not those of one tenant.
_MOST_STATEMENTS: Final = 500_000


class UsageReading(NamedTuple):
    """The evidence in some files, and what is wrong with those that could not be read whole."""

    usage: Usage
    problems: tuple[InputError, ...]


def read_usage(paths: Sequence[str], today: date, most_bytes: int = MOST_BYTES) -> UsageReading:
    """Read the files at *paths*; ``-`` is standard input. No record is later than the day after *today*.

    A file that was cut off still shows what was used, but does not show what was not used. A file of more than
    *most_bytes*, decompressed, is such a file too. A file that is named twice is read once.
    """
    gathering = _Gathering(today + timedelta(days=1))
    problems = []
    for path in {os.path.realpath(path) if path != "-" else path: path for path in paths}.values():
        try:
            with _open(path, most_bytes) as stream:
                gathering.read(stream, path)
        except InputError as error:
            error.file = error.file or path
            error.__context__ = None  # with its traceback, it would hold on to the file
            gathering.spoil()
            problems.append(error.with_traceback(None))
    return UsageReading(gathering.usage(), tuple(problems))


class _Gathering:
    """What was read so far. Files of a storage account are of one hour each, so they share one tally."""

    def __init__(self, latest: date) -> None:
        self._latest = latest
        self._tallies: list[Tally] = []
        #: The tally of the file that is being read.
        self._current = Tally(ARRAY)
        self._hourly = Tally(STORAGE)
        self._uses: list[Use] = []
        self._reach: list[Reach] = []
        self._statements: list[Statement] = []
        self._names: dict[str, str] = {}

    def read(self, stream: IO[bytes], name: str) -> None:
        """Read one file. Raises ``InputError``."""
        self._current = Tally(ARRAY)
        start = stream.read(4096)
        stream.seek(0)
        encoding = encoding_of(start)
        text = start.decode(encoding, "ignore").lstrip("\ufeff \t\r\n")
        if text.startswith(("{", "[")):
            self._read_json(stream, name)
        else:
            self._read_csv(stream, name, encoding)

    def spoil(self) -> None:
        """Note that the file that was read last was not read whole."""
        self._current.why, self._current.remedy = "the file was not read completely", "download it again"

    def usage(self) -> Usage:
        """Everything that was read, as one."""
        tallies = [*self._tallies, self._hourly]
        names = dict(self._names)
        for tally in tallies:
            names = {**tally.names, **names}
        return Usage(
            uses=merged([*self._uses, *(use for tally in tallies for use in tally.uses())]),
            reach=(*self._reach, *(one for tally in tallies for one in tally.reach())),
            statements=tuple(dict.fromkeys(self._statements)),
            names=dict(sorted(names.items())),
        )

    def _read_json(self, stream: IO[bytes], name: str) -> None:
        file = JsonFile(stream, name)
        records = iter(file)
        days = Days(self._latest)
        first = next(records, None)
        if first is None:
            raise InputError("has no records", file=name, hint=_EMPTY)
        if not isinstance(first, dict):
            raise _not_recognized(name)
        every = _after(first, records)
        if "grantlint_usage" in first:
            self._keep(aggregate.decoded(first, name))
        elif activity.is_credential_activity(first):
            self._uses += activity.activities_of_credentials(every, days)
        elif activity.is_application_activity(first):
            self._take_activities(file, every, days)
        elif activity.is_recommendation(first):
            self._state(activity.recommendations(every, days))
        elif aggregate.is_row(first):
            self._take_rows((one for one in every if isinstance(one, dict)), days)
        else:
            self._take_signins(file, first, every, days)

    def _take_signins(self, file: JsonFile, first: dict[str, Any], records: Iterator[Any], days: Days) -> None:
        if "category" in first and isinstance(first.get("properties"), dict):
            is_hub = file.has_list
            tally = self._current = self._tally(EVENT_HUB) if is_hub else self._hourly
            take_json(tally, GRAPH, opened(records, tally), days)
            return
        shape = shape_of(first)
        if shape is None:
            raise _not_recognized(file.name)
        context = str(file.envelope.get("@odata.context", ""))
        tally = self._tally(_source(shape, context))
        take_json(tally, shape, records, days)
        if file.next_pages:
            tally.why, tally.remedy = "the file is one page of several", _ALL_PAGES

    def _take_activities(self, file: JsonFile, records: Iterator[Any], days: Days) -> None:
        uses, start, end = activity.activities_of_applications(records, days)
        self._uses += uses
        count = len({use.app_id for use in uses})
        gap = (
            Unread("failed", note="the file is one page of several", remedy="read the complete list")
            if file.next_pages
            else None
        )
        self._reach += activity.reach_of_applications(start, end, count, gap)

    def _read_csv(self, stream: IO[bytes], name: str, encoding: str) -> None:
        file = CsvFile(stream, name, encoding)
        header = file.header
        shape = csv_shape(header)
        is_rows = aggregate.is_row(dict.fromkeys(header))
        is_defender = {"oauthappid", "permissions"} <= set(header)
        dates: tuple[str, ...]
        if is_rows:
            dates = ("first", "last")
        elif is_defender:
            dates = ("lastusedtime",)
        elif shape is not None:
            dates = (shape.date,)
        else:
            raise _not_recognized(name)
        places = [header.index(column) for column in dates if column in header]
        rows = iter(file)
        first = next(filter(any, rows), None)
        if first is None:
            raise InputError("has no records", file=name, hint=_EMPTY)
        order = order_of(row[place] for row in chain((first,), rows) for place in places if place < len(row))
        file.close()
        stream.seek(0)
        file = CsvFile(stream, name, encoding)
        days = Days(self._latest, order)
        if is_rows:
            self._take_rows((dict(zip(header, row, strict=False)) for row in file), days)
        elif is_defender:
            self._state(activity.permissions(file, days))
        elif shape is not None:
            take_csv(self._tally(shape.source), shape, file, days)
        file.close()

    def _take_rows(self, rows: Iterator[dict[str, Any]], days: Days) -> None:
        tally, reach = aggregate.from_rows(rows, days)
        self._uses += tally.uses()
        self._reach += reach
        self._names |= tally.names

    def _tally(self, source: Source) -> Tally:
        self._current = Tally(source)
        self._tallies.append(self._current)
        return self._current

    def _keep(self, usage: Usage) -> None:
        self._uses += usage.uses
        self._reach += usage.reach
        self._names |= usage.names
        self._state(iter(usage.statements))

    def _state(self, statements: Iterator[Statement]) -> None:
        for statement in statements:
            if len(self._statements) >= _MOST_STATEMENTS:
                raise NotReadError("too large: more permissions than a tenant has", hint="split the export")
            self._statements.append(statement)


def _source(shape: JsonShape, context: str) -> Source:
    """Where records of a *shape* come from, by the context that Graph gives of a page."""
    if shape is LOG_ANALYTICS:
        return WORKSPACE
    if shape is not GRAPH:
        return POWERSHELL_ARRAY
    if "/v1.0/" in context:
        return GRAPH_V1
    return GRAPH_BETA if "/beta/" in context else ARRAY


def _after(first: Any, rest: Iterator[Any]) -> Iterator[Any]:
    yield first
    yield from rest


def _not_recognized(name: str) -> InputError:
    return InputError("is not recognized as a file of sign-ins or activity", file=name, hint=_HINT)


@contextmanager
def _open(path: str, most_bytes: int) -> Iterator[IO[bytes]]:
    """The bytes at *path*, decompressed; standard input is copied, since a file may be read twice."""
    try:
        with _raw(path) as raw:
            is_compressed = raw.read(2) == _GZIP
            raw.seek(0)
            whole = gzip.GzipFile(fileobj=raw) if is_compressed else raw
            yield io.BufferedReader(_Limited(whole, path, most_bytes), 1 << 20)
    except (OSError, EOFError, zlib.error) as error:
        what = getattr(error, "strerror", None) or str(error)
        raise InputError(f"cannot be read: {what}", file=path, hint="check the path and the file") from None


@contextmanager
def _raw(path: str) -> Iterator[IO[bytes]]:
    if path != "-":
        with Path(path).open("rb") as stream:
            yield stream
        return
    with tempfile.TemporaryFile() as copy:
        while piece := sys.stdin.buffer.read(1 << 20):
            copy.write(piece)
        copy.seek(0)
        yield copy


class _Limited(io.RawIOBase):
    """A stream that ends with ``NotReadError`` after a number of bytes."""

    def __init__(self, stream: IO[bytes] | gzip.GzipFile, name: str, most: int) -> None:
        self._stream, self._name, self._most = stream, name, most

    def readable(self) -> bool:
        """It can be read."""
        return True

    def seekable(self) -> bool:
        """It can be read again from the beginning."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Go to another place."""
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        """The place."""
        return self._stream.tell()

    def readinto(self, buffer: Any, /) -> int:
        """Read the next bytes. Raises ``NotReadError`` after the last that may be read."""
        data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        if self._stream.tell() > self._most:
            raise too_many_bytes(self._name, self._most)
        return len(data)
