"""Where output goes and input comes from: devices, pipes, links, full disks, streams that somebody closed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from advisor.errors import UsageError
from advisor.run.output import write_aside
from rules.model.clean import merged_into
from tests.conftest import Run

ROOT = Path(__file__).resolve().parents[3]
APP = merged_into("web", {"displayName": "Portal", "web": {"redirectUris": ["http://portal.contoso.com/cb"]}})


@pytest.fixture
def portal(folder: Path) -> Path:
    path = folder / "portal.json"
    path.write_text(json.dumps(APP))
    return path


def shell(script: str, *, pass_fds: tuple[int, ...] = ()) -> subprocess.CompletedProcess[str]:
    """Run a script of bash in which ``$GRANTLINT`` is the command."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "PY": sys.executable,
        "RUN": "import sys; from advisor.cli import run; sys.exit(run(sys.argv[1:]))",
    }
    whole = f'grantlint() {{ "$PY" -c "$RUN" "$@"; }}; {script}'
    return subprocess.run(
        ["bash", "-c", whole], env=environment, capture_output=True, text=True, check=False, pass_fds=pass_fds
    )


@pytest.mark.parametrize("command", ["rules", "--help", "lint portal.json --isolated"])
def test_a_full_disk_under_standard_output_is_one_line(portal: Path, command: str) -> None:
    run = shell(f"grantlint {command} > /dev/full")
    assert run.returncode == 2
    assert run.stderr == "grantlint: cannot write standard output: No space left on device; free some space\n"


def test_a_device_is_written_to_and_never_replaced(tmp_path: Path) -> None:
    """As root the rename that puts a report in its place would put it in the place of the device."""
    link = tmp_path / "full.html"
    link.symlink_to("/dev/full")
    with pytest.raises(UsageError, match=r"cannot write .*full.html: No space left on device"):
        write_aside(link, "text")
    assert link.is_symlink()
    assert Path("/dev/full").is_char_device()


def test_a_pipe_gets_the_text_and_stays_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "report.html"
    os.mkfifo(pipe)
    heard: list[str] = []
    reader = threading.Thread(target=lambda: heard.append(pipe.read_text()))
    reader.start()
    write_aside(pipe, "text")
    reader.join()
    assert heard == ["text"]
    assert pipe.is_fifo()


def test_a_link_stays_and_what_it_points_to_is_written(tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    link = tmp_path / "report.html"
    link.symlink_to(tmp_path / "store" / "today.html")
    write_aside(link, "first")
    write_aside(link, "second")
    assert link.is_symlink()
    assert [path.name for path in (tmp_path / "store").iterdir()] == ["today.html"]
    assert link.read_text() == "second"


def test_links_that_lead_to_each_other_are_one_line(tmp_path: Path) -> None:
    loop = tmp_path / "loop.html"
    loop.symlink_to(loop)
    with pytest.raises(UsageError, match=r"cannot write .*loop"):
        write_aside(loop, "text")


def test_a_reader_that_leaves_early_ends_the_command_as_a_broken_pipe_does(portal: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    run = shell(f"grantlint rules >&{writer}", pass_fds=(writer,))
    os.close(writer)
    assert (run.returncode, run.stderr) == (141, "")


def test_closed_streams_take_and_give_nothing(portal: Path) -> None:
    assert shell("grantlint lint portal.json --isolated >&-").returncode == 1
    assert shell("grantlint lint portal.json --isolated >&- 2>&-").returncode == 1
    closed = shell("grantlint lint - --isolated <&-")
    assert closed.returncode == 2
    assert closed.stderr.splitlines()[0] == "-: is empty; export the registration again"


def test_a_pipe_of_the_shell_is_read_and_a_pipe_with_a_name_is_refused(portal: Path, grantlint: Callable) -> None:
    reading, writing = os.pipe()
    os.write(writing, portal.read_bytes())
    os.close(writing)
    run = grantlint("lint", f"/dev/fd/{reading}", "--isolated", "--format", "json")
    os.close(reading)
    assert len(json.loads(run.out)["registrations"]) == 1
    pipe = portal.with_name("pipe")
    os.mkfifo(pipe)
    run = grantlint("lint", pipe, "--isolated")
    assert run.status in (2, 3)
    assert "pipe" in run.err


def test_a_run_that_is_terminated_leaves_no_temporary_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def terminate(*_: object) -> None:
        raise SystemExit(143)  # what the handler of SIGTERM does

    monkeypatch.setattr(Path, "replace", terminate)
    with pytest.raises(SystemExit):
        write_aside(folder / "report.json", "x")
    assert not list(folder.iterdir())


@pytest.mark.skipif(os.name == "nt", reason="Windows ends a process without a signal")
def test_sigterm_ends_the_run_in_order() -> None:
    code = "import os, signal; from advisor import cli; cli._end_in_order(); os.kill(os.getpid(), signal.SIGTERM)"
    root = Path(__file__).resolve().parents[3]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == 143


def test_two_outputs_of_parts_do_not_share_an_index(folder: Path, grantlint: Callable[..., Run]) -> None:
    (folder / "a.json").write_text('{"displayName": "x", "signInAudience": "AzureADMyOrg"}', "utf-8")
    arguments = ("lint", "a.json", "--isolated", "--split-by", "registration")
    run = grantlint(*arguments, "-o", "r.json", "-o", "r.csv")
    assert run.status == 2
    assert "the parts of r.json and r.csv have the same index: r-index.csv" in run.err
    assert grantlint(*arguments, "-o", "r.json", "-o", "q.csv").status != 2
