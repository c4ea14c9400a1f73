"""The guard behind which each file is read: whatever a file does to its reader, it is a row of the report and no
more.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePath

from advisor.errors import InputError, NotReadError
from advisor.limits import too_deep
from advisor.sources.reading.builder import Builder
from advisor.sources.reading.source import File
from reports.rows import Input, Problem


@contextmanager
def guarded(builder: Builder, file: str) -> Iterator[None]:
    """Read *file* inside. What goes wrong becomes a row of *builder*, and the other files are read all the same."""
    before = builder.count
    try:
        yield
    except NotReadError as error:
        _add_unread(builder, file, error, builder.count - before)
    except InputError as error:
        builder.problems.append(problem_of(error))
    except RecursionError:
        _add_unread(builder, file, too_deep(file), builder.count - before)
    except Exception as error:  # an unforeseen file must not hide what the others contain
        what = f"cannot be read: {type(error).__name__} at {_place(error)}"
        builder.problems.append(Problem(what=what, file=file, hint="this is a bug of grantlint: please report it"))


def file_led_to(builder: Builder, name: str) -> File:
    """A file that the user did not name: another file leads to it."""
    return File(name, role="found", boundary=builder.boundary, limits=builder.limits)


def problem_of(error: InputError) -> Problem:
    """The row of a report for an error."""
    return Problem(what=error.what, file=error.file, line=error.line, column=error.column, hint=error.hint)


def _add_unread(builder: Builder, file: str, error: NotReadError, count: int) -> None:
    """The row for a file that was not read, or only until *count* registrations were found in it."""
    builder.inputs.append(
        Input(
            name=error.file or file,
            format="file",
            status="partly" if count else "not-read",
            registrations=count,
            note=error.what,
            remedy=error.hint,
        )
    )


def _place(error: Exception) -> str:
    """Module and line where *error* was raised. Its own words are left out, for they may repeat a secret of the
    file.
    """
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{PurePath(last.filename).name}:{last.lineno}"
