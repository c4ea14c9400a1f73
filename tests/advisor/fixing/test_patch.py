"""The diff on a pipe or in a file: ``git apply`` and ``patch`` turn the file into exactly what ``--fix`` writes."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from advisor.fixing.apply import FileChange
from advisor.fixing.write import patch
from advisor.secrets import Secrets
from tests.conftest import Run

ROOT = Path(__file__).parents[3]
TOOLS = {"git": ("git", "apply", "--whitespace=nowarn"), "patch": ("patch", "-p1", "--binary", "--silent")}
LINES = st.lists(
    st.text(st.sampled_from("ab\t @+-\\\r\x0b\x0c\x1b\x85\u2028\U0001f511é"), max_size=6), max_size=12
).flatmap(lambda lines: st.sampled_from(["\n", "\r\n"]).map(lambda end: end.join(lines)))
NAMES = ["main.tf", "a folder/my main.tf", "ü.tf"] + ([] if os.name == "nt" else ['q"\t\\.tf'])


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=LINES, after=LINES, encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_tools_accept_the_diff(folder: Path, tool: str, name: str, before: str, after: str, encoding: str) -> None:
    if shutil.which(tool) is None:
        pytest.skip(f"{tool} is not installed")
    change = FileChange(name, str(folder / name), before.encode(encoding), after.encode(encoding))
    if not before or not after or before == after:
        return
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(change.before)
    data, hidden = patch([change], Secrets())
    assert not hidden
    subprocess.run(TOOLS[tool], input=data, cwd=folder, check=True, capture_output=True)
    assert path.read_bytes() == change.after


def test_in_a_folder_of_a_repository(folder: Path, grantlint: Callable[..., Run]) -> None:
    apps = folder / "apps"
    apps.mkdir()
    text = '{"displayName": "Portal",\r\n\t"web": {"homePageUrl": "http://www.contoso.com"}}'
    (apps / "manifest.json").write_bytes(text.encode())
    run = grantlint("lint", str(apps / "manifest.json"), "--diff", "--isolated")
    assert run.out.startswith("--- a/apps/manifest.json\n+++ b/apps/manifest.json\n")
    subprocess.run(("git", "apply"), input=run.out.encode(), cwd=folder, check=True, capture_output=True)
    assert (apps / "manifest.json").read_bytes() == text.replace("http:", "https:").encode()


def test_a_hidden_secret_is_reported(folder: Path, grantlint: Callable[..., Run]) -> None:
    secret = "Abc8Q~" + "d" * 34
    text = f'{{"displayName": "Portal", "passwordCredentials": [{{"secretText": "{secret}"}}],\n'
    Path("manifest.json").write_text(text + '"web": {"homePageUrl": "http://www.contoso.com"}}\n', "utf-8")
    run = grantlint("lint", "manifest.json", "--diff", "--isolated")
    assert secret not in run.out
    assert "manifest.json: the diff hides a secret, so it cannot be applied; use --fix\n" in run.err


@pytest.mark.parametrize("pipeline", ["", "TF_BUILD"])
def test_a_pipeline_runs_no_line_of_the_diff(folder: Path, pipeline: str) -> None:
    text = '{"displayName": "Portal",\n"notes": "##vso[task.complete]",\n"web": {"homePageUrl": "http://a.b"}}\n'
    Path("manifest.json").write_text(text, "utf-8")
    command = (
        "import sys; from advisor.cli import run; sys.exit(run(['lint', 'manifest.json', '--diff', '--isolated']))"
    )
    environment = {name: value for name, value in os.environ.items() if name not in ("GITHUB_ACTIONS", "TF_BUILD")}
    environment |= {"PYTHONPATH": str(ROOT)} | ({pipeline: "True"} if pipeline else {})
    run = subprocess.run([sys.executable, "-c", command], env=environment, capture_output=True, check=False)
    assert (b"##vso[" in run.stdout) is not bool(pipeline)
    assert (b"the diff contains a command of the pipeline" in run.stderr) is bool(pipeline)
