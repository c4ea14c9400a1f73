"""Load httpx as a library, without its own command line and the packages of that."""

from __future__ import annotations

import sys
from typing import Final

#: What httpx's command line imports first; where it is missing, httpx does without a command line.
_OF_ITS_COMMAND_LINE: Final = "pygments"


def import_httpx() -> None:
    """Import httpx without Rich and Pygments, which cost as much CPU as reading 25 applications."""
    if "httpx" in sys.modules or _OF_ITS_COMMAND_LINE in sys.modules:
        return
    sys.modules[_OF_ITS_COMMAND_LINE] = None  # type: ignore[assignment]  # Python's way to say that it is missing
    try:
        import httpx  # noqa: F401 - imported for others
    finally:
        del sys.modules[_OF_ITS_COMMAND_LINE]
