"""``grantlint server`` without the extra says how to install it."""

import sys
from collections.abc import Callable

import pytest


def test_without_the_extra_one_line_says_how_to_install_it(
    grantlint: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "pygls", raising=False)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    run = grantlint("server")
    assert (run.status, run.out) == (2, "")
    assert run.err == ('grantlint: the language server is not installed; run pip install "grantlint[server]"\n')
