"""Everything that must pass: ``python tests/project/ci.py`` on any platform, or ``.ci/run`` where there is a shell.

It runs the README's commands as a reader pastes them, in a fresh ``.venv``, then the checks of style, spelling, types
and imports, then small benchmarks. It needs Python with pip; Chromium, curl, openssl and git are installed where
``apt-get`` is.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WINDOWS = os.name == "nt"
BIN = ROOT / ".venv" / ("Scripts" if WINDOWS else "bin")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
TOOLS = ("curl", "openssl", "git")
#: What the JavaScript snippets of the recipes are checked against, by exact version.
MSAL = (
    "@azure/msal-browser@5.30.0",
    "@azure/msal-node@7.2.3",
    "@types/node@26.6.7",
    "open@11.0.4",
    "typescript@7.0.2",
)


def readme_commands(text: str, *, windows: bool) -> tuple[str, str]:
    """The README's demo and test commands: the blocks marked so, or the two lines for Windows."""
    if windows:
        demo, tests = re.search(r"```bat\n(.*?)```", text, re.DOTALL)[1].strip().splitlines()
        return demo, tests
    return tuple(
        re.search(rf"<!-- {name} -->\n```sh\n(.*?)```", text, re.DOTALL)[1].strip() for name in ("demo", "tests")
    )


def with_this_python(command: str) -> str:
    """*command* with its first word, ``python3`` or ``py``, replaced by the interpreter that runs this file."""
    return f'"{sys.executable}" {command.partition(" ")[2]}'


def step(title: str, command: str | list[str | Path], **more: object) -> None:
    """Print *title* and run *command*; a failure ends the run with its exit status."""
    print(f"== {title}", flush=True)
    result = subprocess.run(command, cwd=ROOT, shell=isinstance(command, str), check=False, **more)
    if result.returncode:
        sys.exit(result.returncode)


def install_missing_tools() -> None:
    """Install what the tests use, where Debian's package manager is; elsewhere tests say what they miss."""
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if "CHROMIUM" not in os.environ and not any(map(shutil.which, BROWSERS)):
        missing += ["chromium", "fonts-dejavu-core"]
    if missing and shutil.which("apt-get"):
        apt = ["apt-get", "-qq"] if os.geteuid() == 0 else ["sudo", "apt-get", "-qq"]
        step("tools: index", [*apt, "update"])
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        install = [*apt, "install", "-y", "--no-install-recommends", *missing]
        step("tools: install", install, env=environment, stdout=subprocess.DEVNULL)


def install_msal() -> dict[str, str]:
    """Install MSAL for JavaScript where npm is; returns the variable that tells the tests where it is."""
    npm = shutil.which("npm")
    if npm is None:
        return {}
    folder = ROOT / ".venv" / "msal"
    folder.mkdir(parents=True, exist_ok=True)
    quiet = ["--no-audit", "--no-fund", "--ignore-scripts", "--silent"]
    step("MSAL for JavaScript", [npm, "install", "--prefix", folder, *quiet, *MSAL], stdout=subprocess.DEVNULL)
    return {"MSAL_MODULES": str(folder / "node_modules")}


def main() -> None:
    """Run all steps, the first failure ends the run."""
    install_missing_tools()
    demo, tests = readme_commands((ROOT / "README.md").read_text("utf-8"), windows=WINDOWS)
    shutil.rmtree(ROOT / ".venv", ignore_errors=True)
    step("README: demo", with_this_python(demo))
    if not (ROOT / "grantlint-report.html").stat().st_size:
        sys.exit("the demo wrote an empty report")
    environment = {**os.environ, "FUZZ_SECONDS": "30", **install_msal()}
    step("README: tests", tests, env=environment)
    exhaustive = ["-n", "auto", "--dist", "worksteal", "-m", "exhaustive"]
    step("exhaustive tests", [BIN / "python", "-m", "pytest", "-q", *exhaustive], env=environment)
    step("format", [BIN / "ruff", "format", "--check", "--quiet", "."])
    step("lint", [BIN / "ruff", "check", "--quiet", "."])
    step("spelling", [BIN / "codespell", "--quiet-level", "3"])
    step("types", [BIN / "mypy"])
    step("imports", [BIN / "lint-imports", "--no-cache"])
    if WINDOWS:
        print("== benchmarks: skipped, since Windows does not report the peak memory of a process")
    else:
        step("benchmarks (small)", [BIN / "python", "tests/bench/run.py", "--small"])


if __name__ == "__main__":
    main()
