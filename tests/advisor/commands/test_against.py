"""``lint --against``: what a change introduces, fixes and leaves."""

import io
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rules.model.clean import laid_over


def commit(folder: Path, message: str) -> None:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "add", "-A"], cwd=folder, check=True)
    subprocess.run(["git", *identity, "commit", "-q", "-m", message], cwd=folder, check=True)


def write(path: Path, *uris: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(laid_over("web", {"web": {"redirectUris": list(uris)}}), indent=2))


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
        (("-", "--against", "main"), "standard input has no other revision"),
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
