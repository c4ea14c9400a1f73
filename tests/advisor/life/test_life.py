"""Three months of a repository: each defect is reported in the pull request that introduces it, and nothing else fails.

``steps.toml`` is the table of steps with what is expected of each. They begin with the files in ``start``.
"""

import json
import shutil
import tomllib
from collections.abc import Callable, Iterator
from contextlib import chdir
from pathlib import Path
from typing import Any

import pytest

from tests.advisor.life.edits import Edit, apply, git

HERE = Path(__file__).parent
STEPS = tomllib.loads((HERE / "steps.toml").read_text("utf-8"))["step"]
#: What a step may say besides its edits, with its default.
DEFAULTS = {"lint": ". --against main", "status": 0, "new": [], "fixed": [], "changes": []}
DEFAULTS |= {"says": [], "not-said": [], "at": ".", "then": "merge"}


@pytest.mark.exhaustive
def test_every_defect_is_reported_in_its_pull_request_and_nothing_else_fails(
    folder: Path, grantlint: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = folder / "repository"
    shutil.copytree(HERE / "start", repository)
    monkeypatch.chdir(repository)
    git("init", "-q", "-b", "main")
    commit("start")
    wrong = [words for number, step in enumerate(STEPS, 1) for words in lived(step, number, grantlint)]
    assert not wrong, "\n".join(wrong)


def test_the_table_covers_three_months_and_at_least_forty_steps() -> None:
    days = [step["day"] for step in STEPS]
    assert days == sorted(days)
    assert (days[-1] - days[0]).days >= 90
    assert len(STEPS) >= 40
    known = {"day", "what", "edit", "on", *DEFAULTS}
    assert {key for step in STEPS for key in step} <= known


def commit(message: str) -> None:
    git("add", "-A")
    git("commit", "-q", "--allow-empty", "-m", message)


def lived(step: dict[str, Any], number: int, grantlint: Callable) -> Iterator[str]:
    """Live through a step, on a branch of its own or the one that it names; what was not as expected, in lines."""
    branch = step.get("on", f"step-{number}")
    if branch != "main":
        is_known = Path(".git/refs/heads", branch).exists()
        git("switch", "-q", *(() if is_known else ("-c",)), branch)
    day = step["day"].isoformat()
    git("tag", "-f", "start")
    edits: list[Edit] = step.get("edit", [])
    for edit in edits:
        apply(edit, grantlint, day)
    whole = {**DEFAULTS, **step}
    is_staged = "--candidates" in whole["lint"]
    git("add", "-A") if is_staged else commit(step["what"])
    with chdir(whole["at"]):
        yield from checked(whole, f"step {number}, {day}, {step['what']}", grantlint)
    if is_staged or "baseline" in whole["lint"]:
        commit(f"{step['what']}: as it was left")
    if whole["then"] == "close":
        git("reset", "-q", "--hard", "start")
    git("switch", "-q", "main")
    if branch != "main" and whole["then"] == "merge":
        git("merge", "-q", "--no-edit", branch)


def checked(step: dict[str, Any], name: str, grantlint: Callable) -> Iterator[str]:
    """Run the command of a step and compare."""
    if not step["lint"]:
        return
    arguments = step["lint"].split(" ")
    run = grantlint("lint", *arguments, "--format", "json", "--today", step["day"].isoformat())
    said = " ".join(run.err.split())
    report = json.loads(run.out) if run.out else {"findings": [], "registrations": []}
    names = {row["key"]: row["name"] for row in report["registrations"]}

    def row(finding: dict[str, Any]) -> str:
        return f"{finding['rule']} {names.get(finding['registration'], finding['registration'])}"

    new = [one for one in report["findings"] if one["state"] == "new" and one["severity"] != "info"]
    found = {
        "status": run.status,
        "new": sorted(map(row, new)),
    }
    if "fixed" in step and "--against" in step["lint"]:
        found["fixed"] = sorted(row(one) for one in report.get("fixed", []))
    for key, value in found.items():
        expected = sorted(step[key]) if isinstance(step[key], list) else step[key]
        if value != expected:
            yield f"{name}: {key} is {value}, expected {expected}" + (f"\n    {said}" if key == "status" else "")
    changes = sorted(f"{one['severity']} {one['message']}" for one in report.get("policy_changes", []))
    begins = sorted(step["changes"])
    if len(changes) != len(begins) or not all(map(str.startswith, changes, begins)):
        yield f"{name}: changes are {changes}, expected {begins}"
    for words in step["says"]:
        if words not in said:
            yield f"{name}: does not say {words!r}: {said}"
    for words in step["not-said"]:
        if words in said:
            yield f"{name}: says {words!r}: {said}"
