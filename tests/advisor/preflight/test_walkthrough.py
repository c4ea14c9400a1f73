"""The page about Dynamics 365 and Postman: its commands run as they are written, and print what it shows.

``python -m tests.advisor.preflight.test_walkthrough`` renews the output.
"""

import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import advisor.preflight

PAGE = Path(advisor.preflight.__file__).parent / "README.md"
_FILE = re.compile(r"^```\w+ (?P<name>[\w.]+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_CONSOLE = re.compile(r"^```console\n\$ grantlint (?P<command>.*?)\n(?P<output>.*?)^```$", re.MULTILINE | re.DOTALL)


def renewed(page: str, folder: Path, run: Callable[[list[str]], str]) -> str:
    """*page* with the output of each command, which runs in *folder* beside the files of the page."""
    for match in _FILE.finditer(page):
        (folder / match["name"]).write_text(match["text"], "utf-8")
    return _CONSOLE.sub(
        lambda match: f"```console\n$ grantlint {match['command']}\n{run(shlex.split(match['command']))}```", page
    )


def test_the_page_shows_what_the_commands_print(grantlint: Callable, folder: Path) -> None:
    def run(arguments: list[str]) -> str:
        done = grantlint(*arguments)
        return str(done.out + done.err)

    page = PAGE.read_text("utf-8")
    assert len(_CONSOLE.findall(page)) == 5
    assert renewed(page, folder, run) == page


def _renew() -> None:
    with tempfile.TemporaryDirectory() as name:

        def run(arguments: list[str]) -> str:
            start = "import sys; from advisor.cli import run; sys.exit(run(sys.argv[1:]))"
            done = subprocess.run(
                [sys.executable, "-c", start, *arguments],
                cwd=name,
                env={"PYTHONPATH": str(PAGE.parents[2])},
                capture_output=True,
                text=True,
                check=False,
            )
            return done.stdout + done.stderr

        PAGE.write_text(renewed(PAGE.read_text("utf-8"), Path(name), run), "utf-8")


if __name__ == "__main__":
    _renew()
