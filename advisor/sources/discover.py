"""What the command line names: files, folders that are searched, standard input."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Final

from advisor.errors import InputError
from advisor.sources.json_file import read_json
from advisor.sources.reading import Builder, Reading
from advisor.sources.snapshot_file import begins_snapshot, is_snapshot, read_snapshot
from reports.report import Input, Problem

#: In a folder these are looked at; a file that is named is read whatever it is called.
_SUFFIXES: Final = frozenset((".json", ".jsonc", ".json5", ".jsonl", ".ndjson", ".gz", ".manifest", ".tpl", ".template", ".txt", ".js"))  # fmt: skip
#: Those that may be a snapshot of a tenant.
_LINES: Final = frozenset((".jsonl", ".ndjson", ".gz"))
#: Folders with other people's files, by their names.
_SKIPPED: Final = frozenset(("node_modules", "__pycache__", "venv", "site-packages", "bower_components", "vendor"))
#: A file in a folder that has none of these words holds no registration, whatever else it is.
_WORDS: Final = re.compile(
    rb"appid|redirecturis|replyurls|requiredresourceaccess|signinaudience|oauth2allow|identifieruris|oauth2permission",
    re.IGNORECASE,
)
#: Registrations in formats that are not read yet: never passed over in silence.
_NOT_YET: Final = (
    (re.compile(rb"\bazuread_application"), "Terraform"),
    (re.compile(rb"Microsoft\.Graph/applications"), "ARM template"),
)


def read_paths(
    paths: Iterable[str], *, stdin: Callable[[], bytes], builder: Builder | None = None, candidates: bool = False
) -> Reading:
    """Read files, folders and ``-``. What cannot be used is a problem of the reading; the others are read all the same.

    With a *builder* they are added to what it holds. As *candidates*, which a tool has named, files are passed over when
    they hold something else, as those of a folder are.
    """
    builder = builder or Builder()
    seen: set[str] = set()
    for name in paths:
        try:
            if name == "-":
                _read_stdin(builder, stdin())
            elif Path(name).is_dir():
                _read_folder(builder, name, seen)
            elif candidates:
                _read_candidate(builder, name, seen)
            else:
                _read_file(builder, name, seen)
        except InputError as error:
            builder.problems.append(_problem(error))
    return builder.build()


def read_data(name: str, data: bytes) -> Reading:
    """Read one JSON text that is at hand under the *name* that origins give. Raises ``InputError`` as ``read_json`` does."""
    builder = Builder()
    read_json(builder, name, data)
    return builder.build()


def _problem(error: InputError) -> Problem:
    return Problem(what=error.what, file=error.file, line=error.line, column=error.column, hint=error.hint)


def _read_stdin(builder: Builder, data: bytes) -> None:
    if begins_snapshot(data):
        read_snapshot(builder, "-", BytesIO(data))
    else:
        read_json(builder, "-", data)


def _read_file(builder: Builder, name: str, seen: set[str]) -> None:
    if is_snapshot(name):  # of any size, so it is read line by line
        if _is_new(name, seen):
            read_snapshot(builder, name)
        return
    data = _bytes(name)
    if _is_new(name, seen):
        read_json(builder, name, data)


def _bytes(name: str) -> bytes:
    try:
        return Path(name).read_bytes()
    except FileNotFoundError:
        raise InputError("there is no such file", file=name, hint="check the path") from None
    except OSError as error:
        raise InputError(
            f"cannot be read: {error.strerror or error}", file=name, hint="check its permissions"
        ) from None


def _is_new(name: str, seen: set[str]) -> bool:
    """Whether this file was not read before, under whatever name."""
    real = os.path.realpath(name)
    if real in seen:
        return False
    seen.add(real)
    return True


def _read_folder(builder: Builder, name: str, seen: set[str]) -> None:
    """Read every file of a folder that holds registrations; what is something else is left alone."""
    before = len(builder.inputs) + len(builder.problems)
    looked = 0
    for file in _files(name, builder):
        looked += 1
        try:
            _read_candidate(builder, file, seen)
        except InputError as error:
            builder.problems.append(_problem(error))
    if len(builder.inputs) + len(builder.problems) == before:
        looked_at = f"looked at {looked} file{'' if looked == 1 else 's'}" if looked else "there is no JSON file in it"
        raise InputError(
            f"no app registration found; {looked_at}", file=name, hint="export manifests there, or name a file"
        )


def _read_candidate(builder: Builder, file: str, seen: set[str]) -> None:
    if Path(file).suffix in _LINES and is_snapshot(file):
        _read_file(builder, file, seen)
        return
    data = _bytes(file)
    if _is_promising(data) and _is_new(file, seen):
        _read_found(builder, file, data)


def _read_found(builder: Builder, file: str, data: bytes) -> None:
    """Read a file that nobody named: something else than a registration is no mistake, broken JSON is one."""
    for word, kind in _NOT_YET:
        if word.search(data):
            note, remedy = (
                f"registrations in {kind} files are not read by this version",
                "lint the deployed registration",
            )
            builder.inputs.append(Input(name=file, format=kind, status="not-read", note=note, remedy=remedy))
            return
    try:
        read_json(builder, file, data)
    except InputError as error:
        if error.line is not None:
            raise


def _is_promising(data: bytes) -> bool:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        data = data.replace(b"\0", b"")
    head = data[:200].lstrip(b"\xef\xbb\xbf \t\r\n")
    return head[:1] in (b"{", b"[", b"/") and _WORDS.search(data) is not None


def _files(folder: str, builder: Builder) -> Iterator[str]:
    """The files of a folder and below it in the order of their names, less hidden folders and other people's."""

    def unreadable(error: OSError) -> None:
        what = f"cannot be searched: {error.strerror or error}"
        builder.problems.append(Problem(what=what, file=error.filename, hint="check its permissions"))

    for place, folders, files in os.walk(folder, onerror=unreadable):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in _SKIPPED)
        for name in sorted(files):
            if Path(name).suffix.lower() in _SUFFIXES:
                yield os.path.normpath(str(Path(place) / name))
