"""What a run over files shows while it goes on: a line on a terminal, and nothing of it afterwards."""

import io
import sys

import pytest

from advisor.run import progress
from advisor.run.progress import progress_of_checks, progress_of_files

END = "\r\x1b[K"


class Screen(io.StringIO):
    """Standard error, which is a terminal or not."""

    def __init__(self, *, terminal: bool) -> None:
        super().__init__()
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal


def shown(monkeypatch: pytest.MonkeyPatch, *, terminal: bool = True, quiet: bool = False, checked: int = 10_000) -> str:
    """What a run that reads two files and checks registrations writes, where no time passes before it does."""
    screen = Screen(terminal=terminal)
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setattr(progress, "_PATIENCE", 0)
    monkeypatch.setattr(progress, "_PICTURE", 0)
    with progress_of_files(quiet=quiet) as begin_file:
        begin_file()
        begin_file()
    with progress_of_checks(checked, quiet=quiet):
        pass
    return screen.getvalue()


def test_a_terminal_shows_a_line_that_goes_away(monkeypatch: pytest.MonkeyPatch) -> None:
    files = f"{END}reading: 1 file{END}reading: 2 files{END}"
    assert shown(monkeypatch) == f"{files}{END}checking: 10,000 registrations{END}"
    assert shown(monkeypatch, checked=20) == files


def test_a_quiet_run_and_one_without_a_terminal_show_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown(monkeypatch, quiet=True) == ""
    assert shown(monkeypatch, terminal=False) == ""


def test_a_short_run_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen(terminal=True)
    monkeypatch.setattr(sys, "stderr", screen)
    with progress_of_files(quiet=False) as begin_file:
        begin_file()
    assert screen.getvalue() == ""
