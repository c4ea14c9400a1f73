"""The same files as they were at a git revision, so that a run can say what a change introduces.

git itself is asked; nothing is checked out, and the working tree is not touched.
"""

from __future__ import annotations

import io
import subprocess
import tarfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from advisor.errors import InputError, UsageError

_SECONDS: Final = 120


def extract(revision: str, paths: Sequence[str], target: Path) -> list[str]:
    """Write *paths* as they were at *revision* below *target*; returns their names in it, less those not there then.

    Raises ``UsageError`` when git is missing, when this is no repository, or when the revision is unknown, ``InputError``
    for a path outside the repository.
    """
    if revision.startswith("-"):
        raise UsageError(f"{revision!r} is no revision", hint="name a branch, tag or commit: --against main")
    root = Path(_git("rev-parse", "--show-toplevel").decode().strip())
    commit = (
        _git("rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}", said=f"{revision!r} is no revision here")
        .decode()
        .strip()
    )
    inside = [_inside(path, root) for path in paths]
    there = [
        name for name in inside if name == "." or _git("ls-tree", "--name-only", commit, "--", name, at=root).strip()
    ]
    if there:
        archive = _git("archive", "--format=tar", commit, "--", *there, at=root)
        with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
            tar.extractall(target, filter="data")
    return there


def _inside(path: str, root: Path) -> str:
    try:
        return Path(path).resolve().relative_to(root.resolve()).as_posix()
    except ValueError:
        raise InputError(
            "lies outside the repository", file=path, hint="--against compares files of one repository"
        ) from None


def _git(*arguments: str, at: Path | None = None, said: str = "git failed") -> bytes:
    try:
        result = subprocess.run(  # noqa: S603 - no shell; the arguments behind -- are paths
            ["git", *arguments],  # noqa: S607 - whichever git the person uses
            cwd=at,
            capture_output=True,
            check=False,
            timeout=_SECONDS,
        )
    except FileNotFoundError:
        raise UsageError("git is not installed", hint="--against needs it to read the other revision") from None
    except subprocess.TimeoutExpired:
        raise UsageError(f"git did not answer within {_SECONDS} seconds", hint="try again") from None
    if result.returncode:
        words = result.stderr.decode("utf-8", "replace").strip().partition("\n")[0]
        raise UsageError(f"{said}: {words}" if words else said, hint="name a branch, tag or commit of this repository")
    return result.stdout
