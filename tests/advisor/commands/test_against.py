"""``lint --against``: what a change introduces, fixes and leaves."""

import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from advisor.sources.revision import extract
from rules.model.clean import merged_into


def commit(folder: Path, message: str) -> None:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "add", "-A"], cwd=folder, check=True)
    subprocess.run(["git", *identity, "commit", "-q", "-m", message], cwd=folder, check=True)


def write(path: Path, *uris: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(merged_into("web", {"web": {"redirectUris": list(uris)}}), indent=2))


@pytest.fixture
def repository(folder: Path) -> Path:
    subprocess.run(["git", "init", "-q", "-b", "main"], cwd=folder, check=True)
    write(folder / "apps" / "portal.json", "http://a.contoso.com/", "http://b.contoso.com/")
    commit(folder, "first")
    return folder


def findings(run: Any) -> list[tuple[str, str]]:
    return [(finding["value"], finding["state"]) for finding in json.loads(run.out)["findings"]]


def test_what_a_change_introduces_fails_and_what_it_leaves_does_not(repository: Path, grantlint: Callable) -> None:
    write(repository / "apps" / "renamed.json", "http://c.contoso.com/", "http://a.contoso.com/")
    (repository / "apps" / "portal.json").unlink()
    run = grantlint("lint", "apps", "--against", "main", "--format", "json", "--today", "2026-01-15")
    assert findings(run) == [("http://c.contoso.com/", "new"), ("http://a.contoso.com/", "known")]
    assert [finding["value"] for finding in json.loads(run.out)["fixed"]] == ["http://b.contoso.com/"]
    assert "Against main: 1 introduced, 1 fixed, 1 left." in run.err
    assert run.status == 1


def test_what_a_change_makes_worse_is_introduced(repository: Path, grantlint: Callable) -> None:
    """The registration leaves the folder in which its finding was rated low."""
    override = '[[override]]\npath = "apps/**"\n[override.severity]\nplaintext-redirect-uri = "low"\n'
    (repository / "grantlint.toml").write_text(override)
    commit(repository, "rated")
    (repository / "apps").rename(repository / "production")
    run = grantlint("lint", ".", "--against", "HEAD", "--format", "json", "--today", "2026-01-15")
    rows = {(one["rule"], one["state"], one["severity"]) for one in json.loads(run.out)["findings"]}
    assert rows == {("plaintext-redirect-uri", "new", "high"), ("unmatched-configuration", "new", "low")}
    assert "severity low before" in run.out
    assert json.loads(run.out)["fixed"] == []


@pytest.mark.parametrize("format", ["markdown", "github-summary"])
def test_the_summary_for_a_pull_request_says_what_the_change_does(
    repository: Path, grantlint: Callable, format: str
) -> None:
    write(repository / "apps" / "portal.json", "http://c.contoso.com/", "http://a.contoso.com/")
    run = grantlint("lint", "apps", "--against", "main", "--format", format, "--today", "2026-01-15")
    assert "Against `main`: 1 introduced, 1 fixed, 1 left." in run.out
    fixed = run.out.partition("**Fixed by this change**")[2].strip().splitlines()[0]
    assert "b.contoso.com" in fixed
    assert "c.contoso.com" in run.out


def test_a_change_that_introduces_nothing_passes(repository: Path, grantlint: Callable) -> None:
    run = grantlint("lint", "apps", "--against", "HEAD", "--today", "2026-01-15")
    assert run.status == 0
    assert "0 introduced, 0 fixed, 2 left" in run.err


def test_from_a_folder_inside_the_repository_it_is_the_same(
    repository: Path, grantlint: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(repository / "apps")
    run = grantlint("lint", ".", "--against", "main", "--today", "2026-01-15")
    assert run.status == 0
    assert "2 left" in run.err


def test_a_file_that_was_not_there_is_all_new(repository: Path, grantlint: Callable) -> None:
    write(repository / "more" / "x.json", "http://x.contoso.com/")
    run = grantlint("lint", "more", "--against", "main", "--format", "json", "--today", "2026-01-15")
    assert findings(run) == [("http://x.contoso.com/", "new")]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("apps", "--against", "nowhere"), "'nowhere' is not a revision here"),
        (("apps", "--against", "--output=x"), "is not a revision"),
        (("-", "--against", "main"), "standard input has no earlier revision"),
    ],
)
def test_what_cannot_be_compared_is_one_line(
    repository: Path, grantlint: Callable, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], said: str
) -> None:
    if arguments[0] == "-":
        manifest = (repository / "apps" / "portal.json").read_bytes()
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(manifest)))
    run = grantlint("lint", *arguments)
    assert run.status == 2
    assert said in run.err
    assert run.err.count("\n") == 1


def test_outside_a_repository_it_says_so(folder: Path, grantlint: Callable) -> None:
    write(folder / "apps" / "portal.json", "http://a.contoso.com/")
    run = grantlint("lint", "apps", "--against", "main")
    assert run.status == 2
    assert "not a git repository" in run.err


@pytest.mark.skipif(sys.platform == "win32", reason="needs links")
def test_blobs_are_read_without_filters_attributes_and_links_that_leave(repository: Path, grantlint: Callable) -> None:
    ran = repository / "ran"
    (repository / ".gitattributes").write_text("*.json filter=x export-ignore text eol=crlf ident\n")
    (repository / "apps" / "absolute.json").symlink_to("/etc/hostname")
    (repository / "apps" / "leaves.json").symlink_to("../../x.json")
    (repository / "apps" / "inside.json").symlink_to("portal.json")
    commit(repository, "second")
    for name in ("smudge", "clean", "process"):
        subprocess.run(["git", "config", f"filter.x.{name}", f"touch {ran}"], cwd=repository, check=True)
    run = grantlint("lint", "apps", "--against", "main", "--today", "2026-01-15")
    assert "0 introduced, 0 fixed, 2 left" in run.err
    assert not ran.exists()


def test_a_tree_that_leaves_the_folder_is_not_written(repository: Path, tmp_path: Path) -> None:
    def git(*arguments: str, text: str) -> str:
        run = subprocess.run(
            ["git", *arguments], cwd=repository, input=text, capture_output=True, text=True, check=True
        )
        return run.stdout.strip()

    blob = git("hash-object", "-w", "--stdin", text="{}")
    inner = git("mktree", text=f"100644 blob {blob}\tx.json\n")
    entry = b"40000 ..\0" + bytes.fromhex(inner)
    made = subprocess.run(
        ["git", "hash-object", "-w", "-t", "tree", "--literally", "--stdin"],
        cwd=repository, input=entry, capture_output=True, check=True,
    ).stdout.decode().strip()  # fmt: skip
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.com")
    revision = git(*identity, "commit-tree", "-m", "m", made, text="")
    target = tmp_path / "a" / "target"
    target.mkdir(parents=True)
    extract(revision, ["."], target)
    assert [path for path in (tmp_path / "a").rglob("*") if path.is_file()] == []


@pytest.fixture
def with_submodule(folder: Path) -> Path:
    """A repository whose ``libs/sub`` is a submodule with a registration."""
    inner, outer = folder / "inner", folder / "outer"
    for place in (inner, outer):
        place.mkdir()
        subprocess.run(["git", "init", "-q", "-b", "main"], cwd=place, check=True)
    write(inner / "apps" / "sub.json", "http://sub.contoso.com/")
    commit(inner, "first")
    write(outer / "portal.json", "http://a.contoso.com/")
    allow = ["-c", "protocol.file.allow=always"]
    subprocess.run(["git", *allow, "submodule", "--quiet", "add", str(inner), "libs/sub"], cwd=outer, check=True)
    commit(outer, "first")
    return outer


@pytest.mark.parametrize("path", [".", "libs", "libs/sub", "libs/sub/apps", "libs/sub/apps/sub.json"])
def test_what_stands_in_a_submodule_is_no_change(
    with_submodule: Path, grantlint: Callable, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.chdir(with_submodule)
    run = grantlint("lint", path, "--against", "HEAD", "--format", "json", "--today", "2026-01-15")
    assert run.status == 0
    assert ("http://sub.contoso.com/", "known") in findings(run)


def test_a_submodule_without_the_commit_of_the_revision_is_one_line(
    with_submodule: Path, grantlint: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    subprocess.run(["git", "submodule", "deinit", "-q", "-f", "libs/sub"], cwd=with_submodule, check=True)
    monkeypatch.chdir(with_submodule)
    run = grantlint("lint", ".", "--against", "HEAD")
    assert run.status == 2
    assert "submodule libs/sub" in run.err
    assert "git submodule update --init" in run.err
    assert grantlint("lint", "portal.json", "--against", "HEAD", "--today", "2026-01-15").status == 0


def test_a_tracked_file_that_a_pattern_ignores_is_no_change(repository: Path, grantlint: Callable) -> None:
    (repository / ".gitignore").write_text("*.json\n")
    subprocess.run(["git", "add", "-f", "apps/portal.json"], cwd=repository, check=True)
    commit(repository, "ignored and tracked")
    run = grantlint("lint", "apps", "--against", "HEAD", "--format", "json", "--today", "2026-01-15")
    assert [state for _, state in findings(run)] == ["known", "known"]


@pytest.mark.parametrize(("text", "said"), [("", "is empty"), ("\n", "is empty"), ('{"value": [', "is not JSON")])
def test_an_export_that_is_damaged_now_is_a_problem_and_fixes_nothing(
    repository: Path, grantlint: Callable, text: str, said: str
) -> None:
    (repository / "apps" / "portal.json").write_text(text)
    write(repository / "apps" / "other.json", "https://other.contoso.com/")
    run = grantlint("lint", "apps", "--against", "HEAD", "--format", "json", "--today", "2026-01-15")
    report = json.loads(run.out)
    assert (run.status, report["fixed"]) == (2, [])
    assert said in report["problems"][0]["what"]
    assert "0 introduced, 0 fixed, 0 left, 2 not checked again." in run.err


def test_a_value_that_is_not_known_now_is_not_fixed(repository: Path, grantlint: Callable) -> None:
    text = 'variable "uri" {{}}\nresource "azuread_application" "x" {{\n  display_name = "{}"\n'
    text += "  web {{ redirect_uris = [{}] }}\n}}\n"
    file = repository / "apps" / "main.tf"
    file.write_text(text.format("X", '"http://x.contoso.com/"'))
    commit(repository, "second")
    file.write_text(text.format("X 2", "var.uri"))
    run = grantlint("lint", "apps", "--against", "HEAD", "--select", "plaintext-redirect-uri", "--today", "2026-01-15")
    assert "0 introduced, 0 fixed, 2 left, 1 not checked again." in run.err


def test_a_registration_that_is_no_longer_read_is_named(repository: Path, grantlint: Callable) -> None:
    write(repository / "apps" / "other.json", "https://other.contoso.com/")
    (repository / "apps" / "portal.json").rename(repository / "apps" / ".portal")
    text = (repository / "apps" / "other.json").read_text().replace("Contoso Portal", "Other")
    (repository / "apps" / "other.json").write_text(text.replace("11111111-", "99999999-"))
    run = grantlint("lint", "apps", "--against", "HEAD", "--today", "2026-01-15")
    assert "No longer read: Contoso Portal (apps/portal.json)." in " ".join(run.err.split())
