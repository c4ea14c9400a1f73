"""What may happen to a report between the result and its readers: merged, compared, redacted, split."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

from advisor.decode_errors import in_words
from advisor.errors import InputError, UsageError
from advisor.secrets import Secrets
from reports.age import is_old, read_at
from reports.formats import Format
from reports.formats.json import parse_report
from reports.parts import Part, SplitBy, index_rows, split
from reports.redact import What, redact
from reports.report import Report
from reports.trend import with_trend
from rules.primitives.dates import instant

_MAKE_ONE: Final = "make one with grantlint lint PATH -o report.json"


def read_report(name: str, data: bytes) -> Report:
    """A stored report, without the secrets that an earlier version left in it; *name* is where it came from.

    Raises ``InputError`` when *data* is not one.
    """
    try:
        return parse_report(Secrets().hide(data.decode()).encode())
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise InputError(f"is not a grantlint report: {in_words(error)}", file=name, hint=_MAKE_ONE) from None


def load_report(path: Path) -> Report:
    """The report in a file. Raises ``InputError`` when it is missing, unreadable or none."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise InputError("the report does not exist", file=str(path), hint=_MAKE_ONE) from None
    except OSError as error:
        raise InputError(
            f"cannot be read: {error.strerror or error}", file=str(path), hint="check its permissions"
        ) from None
    return read_report(str(path), data)


def merged(reports: Iterable[Report]) -> Report:
    """One report of several. Raises ``UsageError`` for reports that cannot be shown as one."""
    from reports.merge import MergeError, merge

    try:
        return merge(tuple(reports))
    except MergeError as error:
        raise UsageError(str(error), hint="show each report separately") from None


def prepared(
    report: Report,
    *,
    since: Sequence[Path] = (),
    what: What | None = None,
    anchor: str = "",
    shown: datetime | None = None,
) -> Report:
    """The report set against earlier ones, attached to *anchor*, and without what must not be shared, in this order.

    *shown* is the moment at which a stored report is shown again.
    """
    if shown is not None and is_old(read_at(report), shown):
        report = msgspec.structs.replace(report, shown_at=instant(shown))
    if since:
        report = with_trend(report, [load_report(path) for path in since])
    if anchor:
        report = msgspec.structs.replace(report, anchor=anchor)
    return redact(report, what) if what else report


def in_parts(report: Report, by: SplitBy, path: Path, renderer: Format) -> Iterator[tuple[Path, str]]:
    """The files of a report that is split: each part next to *path*, then the index at *path* itself.

    File names are made of letters and digits of a name and of a hash, never of the name itself.
    """
    parts = split(report, by)
    if not parts:
        raise UsageError("no registration was checked, so the report cannot be split", hint="leave out --split-by")
    named = [(part, f"{_stem(path, renderer)}-{part.slug}{_suffix(path, renderer)}") for part in parts]
    for part, file in named:
        yield path.with_name(file), renderer.render(part.report)
    make_index = _INDEXES.get(renderer.name, _table)
    yield index_path(path, renderer), make_index(report, named)


def index_path(path: Path, renderer: Format) -> Path:
    """Where the index of the parts of *path* is: a page at *path* itself, or a table."""
    return path if renderer.name in _INDEXES else path.with_name(f"{_stem(path, renderer)}-index.csv")


def _suffix(path: Path, renderer: Format) -> str:
    """How the file's name ends: what says its format, else what follows the last dot."""
    lower = path.name.lower()
    fitting = [suffix for suffix in renderer.suffixes if lower.endswith(suffix) and suffix.startswith(".")]
    return path.name[-len(max(fitting, key=len)) :] if fitting else path.suffix


def _stem(path: Path, renderer: Format) -> str:
    suffix = _suffix(path, renderer)
    return path.name[: -len(suffix)] if suffix else path.name


def _page(report: Report, parts: Sequence[tuple[Part, str]]) -> str:
    from reports.html.index import render_index

    return render_index(report, index_rows(parts))


def _document(report: Report, parts: Sequence[tuple[Part, str]]) -> str:
    from reports.markdown import index_document

    return index_document(report, index_rows(parts))


def _table(_: Report, parts: Sequence[tuple[Part, str]]) -> str:
    from reports.formats.csv import render_table

    return render_table(index_rows(parts))


#: The formats whose index is a page of that format; that of the others is a table.
_INDEXES: Final = {"html": _page, "markdown": _document}
