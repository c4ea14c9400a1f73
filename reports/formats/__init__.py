"""Output formats, one file each: adding a file adds a format.

A file is named after its format (``github_summary.py`` holds ``github-summary``) and exports it as ``FORMAT``. Files
that begin with ``plan_`` write a fix plan instead of findings. Names come from the folder, so ``--help`` imports no
format.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:  # msgspec, which a page of help does not need
    from reports.report import Report

_PLAN: Final = "plan-"
_NAMES: Final = sorted(module.name.replace("_", "-") for module in iter_modules(__path__))

#: The names of the formats of a report, and those of a fix plan.
FORMATS: Final = tuple(name for name in _NAMES if not name.startswith(_PLAN))
PLANS: Final = tuple(name for name in _NAMES if name.startswith(_PLAN))


class Format(NamedTuple):
    """A format: the file names that mean it (by suffix), what it is for, and the function that writes it.

    A format ``of_repository`` names files from the root of the repository, where pipelines look for them. One contains
    the edits that fix findings in files where there are at most ``edits_up_to`` findings. One without ``with_details``
    shows neither what a registration contains nor the requests that work for it, which cost time in a large run. What
    is heavy is imported by ``render``, not by the file: a file name is matched against all formats.
    """

    name: str
    suffixes: tuple[str, ...]
    help: str
    render: Callable[[Report], str]
    of_repository: bool = False
    edits_up_to: float = 0
    with_details: bool = True
    #: The text of ``render`` in pieces, for a format whose text is large.
    pieces: Callable[[Report], Iterator[str]] | None = None


def load_formats(names: Iterable[str] = FORMATS) -> tuple[Format, ...]:
    """The formats with these *names*, which must exist."""
    return tuple(import_module(f"{__name__}.{name.replace('-', '_')}").FORMAT for name in names)


def format_named(name: str) -> Format | None:
    """The format of a report with that name."""
    return load_formats([name])[0] if name in FORMATS else None


def format_for(file_name: str, names: Iterable[str] = FORMATS) -> Format | None:
    """The format among *names* whose suffix *file_name* has; the longest suffix wins."""
    lower = file_name.lower()
    matches = [(len(suffix), row) for row in load_formats(names) for suffix in row.suffixes if lower.endswith(suffix)]
    return max(matches, key=lambda match: match[0])[1] if matches else None
