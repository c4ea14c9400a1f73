"""Check that the tag of a release is the version of the project: ``python tests/project/release.py`` in CI."""

import os
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def mistake(tag: str) -> str:
    """What is wrong with a *tag*; empty for the tag of the version in ``pyproject.toml``."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    return "" if tag == f"v{version}" else f"the tag {tag!r} is not that of version {version}: v{version}"


if __name__ == "__main__":
    sys.exit(mistake(os.environ.get("GITHUB_REF_NAME", "")))
