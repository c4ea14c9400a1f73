"""What git ignores is not looked at in a folder; what is named is read all the same."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from advisor.sources.discover import read_paths
from advisor.sources.gitignore import GitIgnore
from advisor.sources.reading.builder import Reading

Reads = Callable[..., Reading]
APP = '{"displayName": "A", "signInAudience": "AzureADMyOrg"}'
TF = 'resource "azuread_application" "a" {\n display_name = "A"\n}\n'


def names(reading: Reading) -> list[str]:
    return [row.name for row in reading.inputs]


def test_a_folder_says_what_was_looked_at_and_what_git_ignores(reads: Reads, folder: Path) -> None:
    files = {
        ".gitignore": "build/\n*.local.json\n!keep.local.json\n/infra/old\n",
        "app.json": APP,
        "dev.local.json": APP,
        "keep.local.json": APP,
        "build/app.json": APP,
        "infra/.gitignore": "secret.tf\n",
        "infra/main.tf": TF,
        "infra/secret.tf": TF.replace('"a"', '"s"'),
        "infra/old/main.tf": TF,
    }
    (folder / ".git").mkdir()
    reading = reads(files, ".")
    assert names(reading) == ["app.json", "keep.local.json", "infra/main.tf"]
    assert reading.notes == ("Looked at 5 files in this folder; left out 4 that git ignores.",)


def test_a_file_that_is_named_is_read_though_git_ignores_it(reads: Reads) -> None:
    assert names(reads({".gitignore": "*.json\n", "app.json": APP}, "app.json")) == ["app.json"]


def test_patterns_above_the_folder_hold_up_to_the_repository_s_root(reads: Reads, folder: Path) -> None:
    files = {
        ".gitignore": "*.json\n",
        "repo/.gitignore": "part/b.json\n",
        "repo/part/a.json": APP,
        "repo/part/b.json": APP,
    }
    (folder / "repo/.git").mkdir(parents=True)
    assert names(reads(files, "repo/part")) == ["repo/part/a.json"]


PATTERNS = [
    "a.json",
    "*.json\n!a.json",
    "/a.json",
    "sub/",
    "sub/*\n!sub/b.json",
    "**/b.json",
    "sub/**/c.json",
    "# no\n\n",
]


@pytest.mark.parametrize("inner", ["", "!c.json\n", "*.json\n"])
@pytest.mark.parametrize("outer", PATTERNS)
def test_the_verdict_is_git_s(folder: Path, outer: str, inner: str) -> None:
    files = ["a.json", "sub/a.json", "sub/b.json", "sub/deep/c.json"]
    for name in files:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(APP)
    (folder / ".gitignore").write_text(outer)
    (folder / "sub/.gitignore").write_text(inner)
    subprocess.run(["git", "init", "-q", "."], check=True, cwd=folder)
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], check=True, cwd=folder, capture_output=True, text=True
    ).stdout.split()
    expected = {name for name in files if name in listed}
    if expected:
        assert set(names(read_paths(["."], stdin=bytes))) == expected
    else:
        assert read_paths(["."], stdin=bytes).problems


def test_a_folder_without_a_repository_knows_its_own_patterns(folder: Path) -> None:
    (folder / ".gitignore").write_text("x\n")
    assert GitIgnore(str(folder)).ignores(str(folder), "x", is_folder=False)
    assert not GitIgnore(str(folder)).ignores(str(folder), "y", is_folder=False)


def test_every_kind_is_found_in_one_repository_by_what_it_holds(reads: Reads) -> None:
    arm = {
        "$schema": "x/deploymentTemplate.json#",
        "contentVersion": "1",
        "resources": {"a": {"type": "Microsoft.Graph/applications@v1.0", "properties": {"displayName": "Arm"}}},
    }
    files = {
        "r/manifest.json": APP,
        "r/tf/main.tf": TF,
        "r/tf/variables.tf": 'variable "x" {}\n',
        "r/arm/azuredeploy.json": json.dumps(arm),
        "r/bicep/main.bicep": "resource a 'Microsoft.Graph/applications@v1.0' = {\n  displayName: 'B'\n}\n",
        "r/k8s/sa.yaml": "kind: ServiceAccount\nmetadata:\n  annotations:\n    azure.workload.identity/client-id: x\n",
        "r/readme.md": "appId",
        "r/package.json": "{}",
    }
    reading = reads(files, "r")
    assert reading.problems == ()
    assert sorted(row.format for row in reading.inputs) == [
        "ARM template",
        "Bicep",
        "Kubernetes manifest",
        "Terraform configuration",
        "manifest, Microsoft Graph format",
    ]


@pytest.mark.parametrize(
    ("text", "kind"),
    [(TF, "Terraform configuration"), ("param x string\nresource a 'Microsoft.Graph/applications@v1.0' = {\n}\n",
        "Bicep"), (APP, "manifest, Microsoft Graph format")],
)  # fmt: skip
def test_standard_input_and_files_of_any_name_are_known_by_their_content(reads: Reads, text: str, kind: str) -> None:
    assert [row.format for row in reads({"something": text}).inputs] == [kind]
    assert [row.format for row in read_paths(["-"], stdin=text.encode).inputs] == [kind]


def test_a_file_that_git_tracks_is_read_though_a_pattern_matches_it(reads: Reads, folder: Path) -> None:
    files = {
        ".gitignore": "build/\n*.local.json\n",
        "tracked.local.json": APP,
        "other.local.json": APP,
        "build/deep/tracked.json": APP,
        "build/other.json": APP,
    }
    subprocess.run(["git", "init", "-q", "."], check=True, cwd=folder)
    reads(files)
    tracked = ["tracked.local.json", "build/deep/tracked.json"]
    subprocess.run(["git", "add", "-f", *tracked], check=True, cwd=folder)
    assert names(read_paths(["."], stdin=bytes)) == ["tracked.local.json", "build/deep/tracked.json"]
