"""Pin every dependency with hashes: ``python tests/project/pin.py`` (needs ``uv`` from PyPI on the path).

Versions that are pinned already stay; ``--upgrade`` renews them all.

``constraints.txt`` holds what grantlint and its language server need to be built and run, ``tests/requirements.txt``
that and what their tests need, ``advisor/pipelines/requirements.txt`` what files alone need: everything but the client
libraries. All are good for every platform and Python from 3.11 on and name no package index.
"""

import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COMPILE = [
    *("uv", "pip", "compile", "--no-config", "--universal", "--python-version", "3.11"),
    *("--generate-hashes", "--no-header", "--no-annotate", "--no-emit-index-url", "--quiet"),
]
#: What only ``--tenant`` needs, and what nine tenths of an environment's size are.
LIVE = ("azure-identity", "msgraph-sdk")
HEAD = "# Made by tests/project/pin.py: {what}, pinned with hashes.\n"


def pin(output: str, what: str, *arguments: str, standard_input: str = "") -> None:
    """Resolve and write one file. ``uv`` keeps the versions of the file that it writes to, unless it upgrades."""
    upgrade = ["--upgrade"] if "--upgrade" in sys.argv[1:] else []
    subprocess.run(
        [*COMPILE, *upgrade, *arguments, "--output-file", output],
        cwd=ROOT,
        input=standard_input,
        stdout=subprocess.DEVNULL,
        text=True,
        check=True,
    )
    text = (ROOT / output).read_text("utf-8")
    (ROOT / output).write_text(HEAD.format(what=what) + text, "utf-8", newline="\n")
    print(f"{output}: {sum(line[:1].isalnum() for line in text.splitlines())} packages")


if __name__ == "__main__":
    # Hatchling builds the wheel: pinned here, so that `pip install --no-build-isolation` needs nothing else.
    pin(
        "constraints.txt",
        "what grantlint is built and run with",
        *("pyproject.toml", "--extra", "server"),
        "-",
        standard_input="hatchling>=1.27\n",
    )
    pin(
        "tests/requirements.txt",
        "what grantlint is built, run and tested with",
        *("pyproject.toml", "--group", "test", "--constraints", "constraints.txt"),
    )
    dependencies = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    pin(
        "advisor/pipelines/requirements.txt",
        "what grantlint is built and run with where only files are linted",
        *("-", "--constraints", "constraints.txt"),
        standard_input="\n".join(["hatchling>=1.27", *(d for d in dependencies if not d.startswith(LIVE))]),
    )
