"""What CI runs: the README's own commands, on every platform."""

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
_spec = importlib.util.spec_from_file_location("ci", Path(__file__).with_name("ci.py"))
assert _spec
assert _spec.loader
ci = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(ci)

README = (ROOT / "README.md").read_text("utf-8")


@pytest.mark.parametrize("windows", [False, True])
def test_the_readme_has_both_commands_for_both_kinds_of_platform(windows: bool) -> None:
    demo, tests = ci.readme_commands(README, windows=windows)
    assert demo.endswith("grantlint demo")
    assert " -m pytest" in tests
    assert "\n" not in demo + tests
    assert ("\\" in demo) == windows


def test_the_platforms_commands_differ_in_paths_alone() -> None:
    posix, windows = (" && ".join(ci.readme_commands(README, windows=windows)) for windows in (False, True))
    assert windows.replace("\\", "/").replace("/Scripts/", "/bin/").replace("py -m venv", "python3 -m venv") == posix


def test_the_demo_is_made_with_the_interpreter_that_runs_ci() -> None:
    command = ci.with_this_python("python3 -m venv .venv && .venv/bin/pip --version")
    assert command == f'"{sys.executable}" -m venv .venv && .venv/bin/pip --version'


def test_a_step_that_fails_ends_the_run_with_its_status() -> None:
    with pytest.raises(SystemExit) as ended:
        ci.step("fails", [sys.executable, "-c", "raise SystemExit(7)"])
    assert ended.value.code == 7


@pytest.mark.skipif(os.name == "nt", reason="Windows runs tests/project/ci.py itself")
def test_the_shell_script_runs_the_steps(tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    python.chmod(0o755)
    run = subprocess.run(
        [ROOT / ".ci" / "run", "--x"],
        env={**os.environ, "PYTHON": str(python)},
        capture_output=True,
        text=True,
        check=True,
    )
    file, option = run.stdout.splitlines()
    assert Path(file).resolve() == ROOT / "tests" / "project" / "ci.py"
    assert option == "--x"


@pytest.mark.parametrize("workflow", sorted((ROOT / ".github" / "workflows").glob("*.yml")), ids=lambda path: path.name)
def test_a_workflow_pins_its_actions_and_asks_for_no_more_than_reading(workflow: Path) -> None:
    text = workflow.read_text("utf-8")
    uses = re.findall(r"uses: (\S+)", text)
    assert all(re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", use) for use in uses), uses
    assert re.findall(r"uses: \S+ # v\d+\.\d+\.\d+$", text, re.MULTILINE)
    assert "permissions:\n  contents: read\n" in text
    assert text.count("actions/checkout@") == text.count("persist-credentials: false")
    assert not re.search(r"run:.*\$\{\{", text), "values reach a shell as variables only"


def test_the_matrix_covers_the_platforms_and_versions_that_are_supported() -> None:
    text = (ROOT / ".github" / "workflows" / "ci.yml").read_text("utf-8")
    oldest = re.search(r'requires-python = ">=(3\.\d+)"', (ROOT / "pyproject.toml").read_text("utf-8"))
    assert oldest
    assert re.search(r"platform: \[ubuntu-latest, macos-latest, windows-latest\]", text)
    assert re.search(rf'python: \["{re.escape(oldest[1])}", "3\.12", "3\.13", "3\.14"\]', text)
