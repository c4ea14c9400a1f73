"""The version is in two places, for the sake of a quick start, and is the same in both."""

import tomllib
from collections.abc import Callable
from pathlib import Path

PROJECT = tomllib.loads((Path(__file__).resolve().parents[2] / "pyproject.toml").read_text("utf-8"))["project"]


def test_the_command_prints_the_version_of_the_distribution(grantlint: Callable) -> None:
    assert grantlint("--version").out == f"grantlint {PROJECT['version']}\n"
