"""Files, folders and standard input; what cannot be used is one problem, the rest is read."""

import json
from pathlib import Path
from typing import Any

import pytest

from advisor.sources.discover import read_paths
from advisor.sources.reading.builder import Reading
from rules.model.clean import clean
from tests.advisor.sources.writers import FORMATS


def write(folder: Path, name: str, value: Any) -> str:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(value if isinstance(value, str) else json.dumps(value, indent=2), "utf-8")
    return name


def read(*names: str, stdin: bytes = b"") -> Reading:
    return read_paths(names, stdin=lambda: stdin)


def test_a_folder_is_searched_in_the_order_of_names_and_what_is_else_is_left_alone(folder: Path) -> None:
    write(folder, "apps/b.json", clean("web"))
    write(folder, "apps/a/deep.json", clean("spa"))
    write(folder, "apps/package.json", {"name": "left-pad"})
    write(folder, "apps/tsconfig.json", '{ // comment\n "compilerOptions": {"appId": 1,} }')
    write(folder, "apps/readme.md", "appId")
    write(folder, "apps/node_modules/x/app.json", clean("api"))
    write(folder, "apps/.cache/app.json", clean("api"))
    write(folder, "apps/template.json.tpl", '{"appId": "${{ID}}", "signInAudience": "AzureADMyOrg"}')
    reading = read("apps")
    assert [row.name for row in reading.inputs] == ["apps/b.json", "apps/template.json.tpl", "apps/a/deep.json"]
    assert reading.problems == ()


def test_the_working_folder_gives_names_without_a_dot(folder: Path) -> None:
    write(folder, "app.json", clean("web"))
    assert [row.name for row in read(".").inputs] == ["app.json"]


def test_broken_json_in_a_folder_is_told_when_it_looks_like_a_registration(folder: Path) -> None:
    write(folder, "apps/broken.json", '{"appId": "a", "web": {')
    write(folder, "apps/other.json", '{"name": "x", ')
    write(folder, "apps/good.json", clean("web"))
    reading = read("apps")
    assert [problem.file for problem in reading.problems] == ["apps/broken.json"]
    assert len(reading.subjects) == 1


def test_a_plan_that_cannot_be_read_is_never_passed_over_in_silence(folder: Path) -> None:
    write(
        folder, "infra/plan.json", '{"terraform_version": "1.9",\n "resource_changes": [{"type": "azuread_application"'
    )
    (problem,) = read("infra").problems
    assert (problem.file, problem.line) == ("infra/plan.json", 2)
    assert "truncated" in problem.what


def test_a_file_is_read_once_however_often_it_is_named(folder: Path) -> None:
    write(folder, "apps/a.json", clean("web"))
    (folder / "link.json").symlink_to(folder / "apps" / "a.json")
    assert len(read("apps/a.json", "apps", "./apps/a.json", "link.json").subjects) == 1


def test_a_named_file_is_read_whatever_it_is_called(folder: Path) -> None:
    write(folder, "export", clean("web"))
    assert len(read("export").subjects) == 1


def test_standard_input_is_called_by_a_dash() -> None:
    reading = read("-", stdin=json.dumps(clean("web")).encode())
    assert reading.locate(reading.subjects[0].key, "/displayName").file == "-"


def test_what_cannot_be_read_is_a_problem_with_a_hint_and_the_rest_goes_on(folder: Path) -> None:
    write(folder, "good.json", clean("web"))
    (folder / "empty").mkdir()
    write(folder, "only/readme.md", "nothing")
    write(folder, "else/package.json", {"name": "x"})
    reading = read("none.json", "empty", "only", "else", "good.json", "-", stdin=b"")
    assert [(problem.file, problem.what) for problem in reading.problems] == [
        ("none.json", "there is no such file"),
        ("empty", "no app registration found; there is no Bicep, JSON, snapshot, Terraform, or YAML file in it"),
        ("only", "no app registration found; there is no Bicep, JSON, snapshot, Terraform, or YAML file in it"),
        ("else", "no app registration found; looked at 1 file"),
        ("-", "is empty"),
    ]
    assert all(problem.hint for problem in reading.problems)
    assert len(reading.subjects) == 1


def test_a_file_that_may_not_be_read_is_a_problem(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(folder, "locked.json", clean("web"))

    def refuse(*_: object) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("advisor.sources.reading.source.open", refuse, raising=False)
    assert read("locked.json").problems[0].what == "cannot be read: Permission denied"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be"])
@pytest.mark.parametrize("name", ["app.json", "main.bicep", "template.json", "plan.json"])
def test_what_powershell_wrote_is_found_in_a_folder(folder: Path, name: str, encoding: str) -> None:
    kind = {"app.json": "new manifest", "main.bicep": "bicep", "template.json": "arm", "plan.json": "plan"}[name]
    text = FORMATS[kind].write(clean("web")).replace("\n", "\r\n")
    place = folder / "infra" / name
    place.parent.mkdir()
    mark = b"\xfe\xff" if encoding == "utf-16-be" else b""
    place.write_bytes(mark + text.encode(encoding))
    reading = read("infra")
    assert reading.problems == ()
    assert len(reading.subjects) == 1


def test_a_long_text_of_standard_input_is_recognized_without_opening_a_file(folder: Path) -> None:
    data = json.dumps({**clean("web"), "notes": "x" * 3_000_000}).encode()
    assert len(read_paths(["-"], stdin=lambda: data).subjects) == 1


def test_a_folder_in_which_nothing_declares_a_registration_is_a_problem(tmp_path: Path) -> None:
    apps, infra = tmp_path / "apps", tmp_path / "infra"
    for folder in (apps, infra):
        folder.mkdir()
    (apps / "app.json").write_text('{"appId": "a", "signInAudience": "AzureADMyOrg"}')
    (infra / "main.tf").write_text('resource "aws_s3_bucket" "b" {\n  bucket = "azure"\n}\n')
    reading = read_paths([str(apps), str(infra)], stdin=bytes)
    assert len(reading.subjects) == 1
    assert [(problem.file, problem.what) for problem in reading.problems] == [
        (str(infra), "no app registration found; looked at 1 file")
    ]


def test_of_candidates_without_a_registration_a_note_says_so(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text('resource "aws_s3_bucket" "b" {\n  bucket = "azure"\n}\n')
    reading = read_paths([str(tmp_path / "main.tf")], stdin=bytes, candidates=True)
    assert reading.problems == ()
    assert reading.notes == ("No registration was found in 1 candidate file.",)
