"""What pipelines run: the lean environment, the hook, the action and the templates."""

import os
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "advisor" / "pipelines" / "grantlint.sh"
PINS = ROOT / "advisor" / "pipelines" / "requirements.txt"
TEMPLATES = (
    ".pre-commit-hooks.yaml",
    "action.yml",
    "advisor/pipelines/gitlab.yml",
    "advisor/pipelines/azure-pipelines.yml",
    "advisor/pipelines/Containerfile",
)


@pytest.fixture
def environment(tmp_path: Path) -> Path:
    """An environment that is complete, whose command prints what it is given and ends with 3."""
    command = tmp_path / "bin" / "grantlint"
    command.parent.mkdir()
    command.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\nexit 3\n')
    command.chmod(0o755)
    (tmp_path / "complete").touch()
    return tmp_path


def test_the_script_hands_arguments_and_exit_status_through(environment: Path) -> None:
    run = subprocess.run(
        [SCRIPT, "lint", "a folder", "--fail-on", "high", "*"],
        env={**os.environ, "GRANTLINT_ENVIRONMENT": str(environment)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 3
    assert run.stdout.splitlines() == ["lint", "a folder", "--fail-on", "high", "*"]


def test_an_environment_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    run = subprocess.run(
        [SCRIPT, "--version"],
        env={**os.environ, "GRANTLINT_ENVIRONMENT": str(tmp_path / "none"), "GRANTLINT_PYTHON": "false"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode != 0
    assert run.stdout == ""


def test_the_lean_pins_are_all_that_the_project_needs_but_the_client_libraries() -> None:
    names = set(re.findall(r"^([a-z0-9.-]+)==", PINS.read_text(), re.MULTILINE))
    wanted = {
        re.split(r"[^A-Za-z0-9.-]", dependency)[0]
        for dependency in tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    }
    assert wanted - names == {"azure-identity", "msgraph-sdk"}
    assert not {name for name in names if name.startswith(("azure", "msal", "msgraph", "microsoft-kiota"))}


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_is_short_and_uses_options_that_exist(name: str, grantlint) -> None:
    text = (ROOT / name).read_text()
    assert len(text.splitlines()) <= 60
    page = grantlint("lint", "--help").out
    commands = " ".join(re.findall(r"(?:grantlint(?:\.sh)?\"?| lint) ([^#\n]*)", text))
    for option in set(re.findall(r"(?<![\w-])--(?!uid|no-create|quiet|yes|from|rm)[a-z][a-z-]+", commands)):
        if option != "--version":
            assert option in page, option


@pytest.mark.parametrize("name", ["action.yml", "advisor/pipelines/azure-pipelines.yml"])
def test_inputs_reach_a_shell_as_variables_only(name: str) -> None:
    text = (ROOT / name).read_text()
    scripts = re.findall(r"run: \|\n((?: {8}.*\n?)+)|- bash: (.*)", text)
    assert scripts
    assert not any("${{" in part for script in scripts for part in script)
