"""Dependencies: pinned with hashes, the same in both files, explained, and no package index named anywhere."""

import re
import subprocess
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def pins(name: str) -> dict[str, str]:
    text = (ROOT / name).read_text()
    return dict(re.findall(r"^([a-z0-9.-]+)==(\S+)", text, re.MULTILINE))


def test_every_pin_has_hashes() -> None:
    for name in ("constraints.txt", "tests/requirements.txt"):
        for block in re.split(r"\n(?=\S)", (ROOT / name).read_text()):
            assert block.startswith("#") or "--hash=sha256:" in block, block.splitlines()[0]


def test_both_files_agree() -> None:
    run, test = pins("constraints.txt"), pins("tests/requirements.txt")
    assert {name: test[name] for name in run} == run


def test_no_file_names_a_package_index() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    for name in listed:
        text = (ROOT / name).read_text("utf-8", errors="replace")
        assert not re.search(r"--(extra-)?index-url[ =]|files\.python" + "hosted|pypi" + r"\.org/simple", text), name


def test_every_dependency_has_its_reason_in_the_contributing_page() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    rows = [
        line.split("|")[2]
        for line in (ROOT / ".github" / "CONTRIBUTING.md").read_text("utf-8").splitlines()
        if line.startswith("| ")
    ]
    chosen = {name.casefold() for row in rows for name in re.findall(r"[\w-]+", row)}
    assert {re.split(r"[<>=]", one)[0].strip() for one in project["dependencies"]} <= chosen
