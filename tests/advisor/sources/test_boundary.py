"""Nothing outside of what was named is read, and nothing that is not a regular file is opened."""

import json
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from advisor.sources.discover import read_paths
from advisor.sources.reading.boundary import Boundary, project_of
from advisor.sources.reading.builder import Reading
from rules.model.clean import clean

SECRET = "hunter2-from-outside"
MANIFEST = json.dumps({**clean("web"), "displayName": "app-${{NAME}}"})

posix = pytest.mark.skipif(sys.platform == "win32", reason="needs links, pipes and devices")


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def read(*names: str) -> Reading:
    return read_paths(names, stdin=bytes)


def shown(reading: Reading) -> str:
    """All that a report would show of a reading."""
    rows = [reading.row(subject.key) for subject in reading.subjects]
    return repr((reading.subjects, rows, reading.problems, reading.inputs, reading.notes))


@pytest.fixture
def repository(folder: Path) -> Path:
    """A folder ``repo`` in the working folder, and files next to it that must not be read."""
    write(folder / ".env", f"NAME={SECRET}\n")
    write(folder / "outside.json", json.dumps({**clean("web"), "displayName": SECRET}))
    write(folder / "outside.env", f"NAME={SECRET}\n")
    write(folder / "outside" / "main.tf", f'resource "azuread_application" "x" {{\n  display_name = "{SECRET}"\n}}\n')
    write(folder / "repo" / "app.json", MANIFEST)
    write(folder / "repo" / ".git" / "config", f"NAME={SECRET}\n")
    return folder / "repo"


def test_a_file_of_an_environment_above_the_folder_is_refused_in_one_line(repository: Path) -> None:
    for name in ("repo", "repo/app.json"):
        reading = read(name)
        assert SECRET not in shown(reading)
        assert [note for note in reading.notes if "outside of the folder that was named" in note] == [
            "Placeholders in repo/app.json were not filled from repo/../.env, outside of the folder that was named."
        ]


@posix
@pytest.mark.parametrize("leads_to", ["../../outside.env", "../.git/config", "{absolute}/outside.env"])
def test_a_link_to_a_file_of_an_environment_is_resolved_first(repository: Path, leads_to: str) -> None:
    (repository / "env").mkdir()
    (repository / "env" / ".env.dev").symlink_to(leads_to.format(absolute=repository.parent))
    for name in ("repo", "repo/app.json"):
        reading = read(name)
        assert SECRET not in shown(reading)
        assert any("repo/env/.env.dev, outside of the folder" in note for note in reading.notes)


@posix
@pytest.mark.parametrize("leads_to", ["../outside.json", "{absolute}/outside.json"])
def test_a_link_that_leaves_the_folder_is_not_read_and_the_run_is_incomplete(repository: Path, leads_to: str) -> None:
    (repository / "linked.json").symlink_to(leads_to.format(absolute=repository.parent))
    reading = read("repo")
    (row,) = (row for row in reading.inputs if row.name == "repo/linked.json")
    assert (row.status, row.note) == ("not-read", "it is outside of the folder that was named")
    assert row.remedy
    assert SECRET not in shown(reading)
    assert len(reading.subjects) == 1


@posix
def test_a_link_that_was_named_and_one_that_stays_inside_are_read(repository: Path) -> None:
    (repository / "linked.json").symlink_to("../outside.json")
    assert SECRET in shown(read("repo/linked.json"))
    (repository / "linked.json").unlink()
    write(repository / "deep" / "real.json", json.dumps({**clean("web"), "displayName": "Real"}))
    (repository / "linked.json").symlink_to("deep/real.json")
    (repository / "app.json").unlink()
    assert [row.name for row in read("repo").inputs] == ["repo/linked.json"]


@posix
def test_a_candidate_that_a_tool_named_may_not_leave_its_project(repository: Path) -> None:
    (repository / "linked.json").symlink_to("../outside.json")
    reading = read_paths(["repo/linked.json"], stdin=bytes, candidates=True)
    assert [row.status for row in reading.inputs] == ["not-read"]
    assert SECRET not in shown(reading)


@posix
def test_links_to_folders_are_named_and_not_followed(repository: Path) -> None:
    (repository / "linked").symlink_to("../outside")
    (repository / "circle").symlink_to(".")
    reading = read("repo")
    assert reading.notes[-1].endswith("did not follow 2 linked folders: repo/circle, repo/linked.")
    assert SECRET not in shown(reading)


@posix
@pytest.mark.parametrize("name", ["terraform.tfvars", "terraform.tfvars.json", "more.tf"])
@pytest.mark.parametrize("named", ["repo", "repo/main.tf"])
def test_variables_and_configuration_that_are_linked_from_outside_are_not_read(
    repository: Path, name: str, named: str
) -> None:
    values = json.dumps({"title": SECRET}) if name.endswith(".json") else f'title = "{SECRET}"\n'
    write(repository.parent / "values", values if "tfvars" in name else f'locals {{\n  title = "{SECRET}"\n}}\n')
    write(
        repository / "main.tf",
        'variable "title" {}\nresource "azuread_application" "x" {\n  display_name = var.title\n}\n',
    )
    (repository / name).symlink_to("../values")
    reading = read(named)
    assert SECRET not in shown(reading)
    assert any(row.status == "not-read" and row.name == f"repo/{name}" for row in reading.inputs)


def test_the_configuration_of_a_plan_is_looked_for_inside_only(repository: Path) -> None:
    change = {"actions": ["create"], "after": {"display_name": "Portal"}}
    resource = {"address": "module.m.azuread_application.x", "module_address": "module.m", "mode": "managed"}
    resource |= {"type": "azuread_application", "name": "x", "change": change}
    call = {"source": "../outside", "module": {"resources": []}}
    plan = {"resource_changes": [resource], "configuration": {"root_module": {"module_calls": {"m": call}}}}
    write(repository / "plan.json", json.dumps(plan))
    reading = read("repo/plan.json")
    assert [reading.locate(subject.key, "/displayName").file for subject in reading.subjects] == ["repo/plan.json"]
    assert reading.notes == ("Did not look for the plan's lines in outside, outside of the folder that was named.",)


@posix
def test_a_template_that_is_linked_from_outside_does_not_replace_its_bicep_file(repository: Path) -> None:
    bicep = "resource p 'Microsoft.Graph/applications@v1.0' = {\n  uniqueName: 'p'\n  displayName: 'P'\n}\n"
    write(repository / "main.bicep", bicep)
    write(repository.parent / "main.json", '{"resources": {"p": {"type": "Microsoft.Graph/applications@v1.0"}}}')
    (repository / "main.json").symlink_to("../main.json")
    assert ("repo/main.bicep", "read") in [(row.name, row.status) for row in read("repo").inputs]


@posix
def test_what_is_not_a_regular_file_is_never_opened(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(folder / "apps" / "app.json", json.dumps(clean("web")))
    os.mkfifo(folder / "apps" / "pipe.json")
    (folder / "apps" / "circle.json").symlink_to("circle2.json")
    (folder / "apps" / "circle2.json").symlink_to("circle.json")
    (folder / "apps" / "nothing.json").symlink_to("gone.json")
    (folder / "apps" / "zero.json").symlink_to("/dev/zero")
    (folder / "apps" / ".gitignore").symlink_to("/dev/zero")
    monkeypatch.chdir(folder / "apps")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket.json")
        reading = read(".")
        assert len(reading.subjects) == 1
        assert reading.notes == (
            "Looked at 1 file in this folder; did not open what is not a regular file: "
            "circle.json, circle2.json, nothing.json and 3 more.",
        )
        for name in ("pipe.json", "zero.json", "/dev/zero", "socket.json"):
            (problem,) = read(name).problems
            assert problem.what == "is not a regular file: a pipe, socket or device is not read"


@posix
def test_a_pipe_that_a_shell_hands_over_is_read(folder: Path) -> None:
    reader, writer = os.pipe()
    os.write(writer, json.dumps(clean("web")).encode())
    os.close(writer)
    assert len(read(f"/dev/fd/{reader}").subjects) == 1
    os.close(reader)


def test_a_named_file_belongs_to_its_repository_or_else_to_its_folder(folder: Path) -> None:
    write(folder / "a" / ".git" / "HEAD", "")
    assert project_of("a/b/c.json") == str(folder / "a")
    assert project_of("x/c.json") == str(folder / "x")


def test_a_name_that_only_begins_alike_is_outside(folder: Path) -> None:
    write(folder / "app-secret" / "x.json", "{}")
    boundary = Boundary(["app"])
    assert boundary.admits("app/x.json")
    assert not boundary.admits("app-secret/x.json")
    assert not boundary.admits("app/../app-secret/x.json")


@posix
def test_the_exit_status_says_that_something_was_not_read(repository: Path, grantlint: Callable) -> None:
    (repository / "linked.json").symlink_to("../outside.json")
    run = grantlint("lint", "repo", "--isolated", "--fail-on", "never", "--format", "sarif")
    assert run.status == 3
    assert SECRET not in run.out + run.err
    assert "repo/linked.json" in run.out


def test_many_links_that_leave_the_folder_are_five_rows_and_a_number(folder: Path) -> None:
    (folder / "outside").mkdir()
    (folder / "repo").mkdir()
    for number in range(9):
        (folder / "outside" / f"{number}.json").write_text("{}")
        (folder / "repo" / f"{number}.json").symlink_to(folder / "outside" / f"{number}.json")
    rows = read_paths(["repo"], stdin=bytes).inputs
    assert [row.name for row in rows] == [*(f"repo/{number}.json" for number in range(5)), "repo"]
    assert rows[-1].note == "4 further files: it is outside of the folder that was named"
