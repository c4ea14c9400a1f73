"""The diff of an edit that the HTML report shows: ``git apply --unidiff-zero`` accepts it."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from reports.file_edits import file_diff
from reports.rows import FileEdit
from tests.conftest import Run


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_git_accepts_the_diff_of_a_finding(folder: Path, grantlint: Callable[..., Run]) -> None:
    text = '{\n  "displayName": "Portal",\n  "web": {\n    "homePageUrl": "http://www.contoso.com"\n  }\n}\n'
    Path("m.json").write_text(text, "utf-8")
    grantlint("lint", "m.json", "--isolated", "--select", "plaintext-information-url", "-o", "r.json", "-o", "r.html")
    (finding,) = json.loads(Path("r.json").read_text("utf-8"))["findings"]
    diff = file_diff(msgspec.convert(finding["edit"], FileEdit))
    assert "<summary>Diff of the file</summary>" in Path("r.html").read_text("utf-8")
    subprocess.run(("git", "apply", "--unidiff-zero"), input=f"{diff}\n".encode(), check=True, capture_output=True)
    assert Path("m.json").read_text("utf-8") == text.replace("http:", "https:")


def test_an_edit_without_its_lines_has_no_diff() -> None:
    assert file_diff(None) == file_diff(FileEdit(applicability="display only", why="x")) == ""
