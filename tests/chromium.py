"""The real browser for tests of pages: Chromium, Chrome or Edge, or the one that CHROMIUM names."""

import os
import shutil
from typing import Final

import pytest

#: Where Linux, macOS and Windows have it.
_INSTALLED: Final = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
)
CHROMIUM: Final = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, _INSTALLED)), "chromium")
#: Nothing is fetched that the page does not ask for itself.
FLAGS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


def need_chromium() -> None:
    """Skip the test where there is no browser; in CI that is a failure."""
    if shutil.which(CHROMIUM) is None:
        message = f"no Chromium at {CHROMIUM}: install Chromium or Chrome, or set CHROMIUM to its path"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
