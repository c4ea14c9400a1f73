"""Reading what a test writes."""

from collections.abc import Callable
from pathlib import Path

import pytest

from advisor.sources.discover import read_paths
from advisor.sources.reading.builder import Reading

Write = Callable[..., Reading]


@pytest.fixture
def reads(folder: Path) -> Write:
    """Write files and read some of them, all of them when none is named: ``reads({"main.tf": "..."}, "main.tf")``."""

    def write(files: dict[str, str], *names: str, environment: str | None = None) -> Reading:
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        return read_paths(names or files, stdin=bytes, environment=environment)

    return write
