"""The real browser for tests of pages: Debian's Chromium, or the one that CHROMIUM names."""

import os
import shutil
from typing import Final

import pytest

CHROMIUM: Final = os.environ.get("CHROMIUM", "/usr/bin/chromium")
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
        message = f"no Chromium at {CHROMIUM}: install Debian's package chromium, or set CHROMIUM to where it is"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
