"""The errors that end a run or spoil an input. Each says what is wrong, where, and what to do, in one line; where
several things are missing, each has a line of its own below.

GrantlintError            exit status 2
├── InputError            a file, answer or standard input that cannot be used
│   └── NotReadError      a file that is not read: outside of what was named, or over a limit (exit status 3)
├── ConfigurationError    grantlint.toml or [tool.grantlint] is wrong
├── TreeError             a decision tree that fails its proof
└── UsageError            the command line is wrong
"""

from __future__ import annotations

from collections.abc import Iterable


def name_ends(known: Iterable[tuple[str, str]]) -> str:
    """What to do about a file name with an unknown suffix; *known* are suffixes, each with what it is."""
    return f"end the name in one of {', '.join(f'{suffix} ({title})' for suffix, title in known)}"


class GrantlintError(Exception):
    """What is wrong, where, and what to do; shown as one line without a traceback. ``details`` are further
    lines, one for each thing that is missing.
    """

    exit_status = 2

    def __init__(
        self,
        what: str,
        *,
        file: str | None = None,
        line: int | None = None,
        column: int | None = None,
        hint: str = "",
        details: tuple[str, ...] = (),
    ) -> None:
        super().__init__(what)
        self.what = what
        self.file = file
        self.line = line
        self.column = column
        self.hint = hint
        self.details = details


class InputError(GrantlintError):
    """A file, an answer or standard input that cannot be used."""


class NotReadError(InputError):
    """A file that is not read: it is outside of what was named, or reading it would exceed a limit.

    The run goes on and is incomplete.
    """


class ConfigurationError(GrantlintError):
    """The configuration is invalid."""


class TreeError(GrantlintError):
    """A decision tree that fails its proof."""


class UsageError(GrantlintError):
    """The command line is wrong."""
