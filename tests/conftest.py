"""What several tests share: running the command in this process, and a folder of its own."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import settings

from tests.chromium import CHROMIUM, FLAGS, need_chromium

# How long an example takes says something about the machine and nothing about the code. By default the examples are the
# same in every run; HYPOTHESIS_PROFILE=random, or --hypothesis-profile=random, looks for new ones.
settings.register_profile("repeatable", deadline=None, derandomize=True)
settings.register_profile("random", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium, driven by Playwright; one for a module, since two drivers do not run side by side."""
    need_chromium()
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """An empty page, light and 1280 pixels wide, for one test after the other; a new one costs ten times as much."""
    page = browser.contexts[0].pages[0] if browser.contexts else browser.new_page()
    page.set_viewport_size({"width": 1280, "height": 900})
    page.emulate_media(media="screen", color_scheme="light")
    yield page
    page.goto("about:blank")  # an address that differs in its fragment alone would load nothing


class Run(NamedTuple):
    """How a command ended: exit status, standard output, standard error."""

    status: int
    out: str
    err: str


@pytest.fixture
def grantlint(capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Run]:
    """Run the command line in this process: ``grantlint("lint", "file.json")``."""
    for name in ("NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "GRANTLINT_CONFIG"):
        monkeypatch.delenv(name, raising=False)

    def call(*arguments: str | Path) -> Run:
        from advisor.cli import run

        capfdbinary.readouterr()
        status = run([str(argument) for argument in arguments])
        out, err = capfdbinary.readouterr()
        return Run(status, out.decode(), err.decode())

    return call


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path
