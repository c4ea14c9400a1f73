"""The same files as they were at a git revision, so that a run can say what a change introduces.

Nothing is checked out, and the working tree is not touched. git is asked for the blobs themselves: what the repository
says of its files, such as filters, text conversion and ``export-ignore``, has no effect, and no hook runs.
"""

from __future__ import annotations

import os
import posixpath
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import IO, Final, NamedTuple, cast

from advisor.errors import InputError, UsageError
from advisor.sources.table import suffixes

_SECONDS: Final = 120
_PIECE: Final = 1 << 20
_GIT: Final = (
    "git", "--no-pager", "--no-replace-objects", "--no-optional-locks", "--literal-pathspecs",
    "-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}", "-c", "protocol.allow=never",
)  # fmt: skip
#: Objects that a partial clone lacks are not fetched: the repository says from where.
_ENVIRONMENT: Final = {"GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0"}
_LINK, _FILES = "120000", ("100644", "100755")


class _Blob(NamedTuple):
    """A file or link of a revision: its mode, the name of its content, and its path."""

    mode: str
    id: str
    path: str


def extract(revision: str, paths: Sequence[str], target: Path) -> list[str]:
    """Write *paths* as they were at *revision* below *target*; returns their names in it, less those not there then.

    Of folders only files that a source may read are written, and only links that stay inside. Raises ``UsageError``
    when git is missing, when this is no repository, or when the revision is unknown, ``InputError`` for a path outside
    the repository.
    """
    if revision.startswith("-"):
        raise UsageError(f"{revision!r} is not a revision", hint="name a branch, tag or commit: --against main")
    root = Path(_git("rev-parse", "--show-toplevel").decode().removesuffix("\n"))
    words = f"{revision!r} is not a revision here"
    commit = _git("rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}", failure=words).decode().strip()
    inside = [_inside(path, root) for path in paths]
    there = [name for name in inside if name == "." or _tree(commit, name, at=root)]
    if there:
        blobs = [blob for name in there for blob in _tree(commit, name, "-r", at=root)]
        _write([blob for blob in dict.fromkeys(blobs) if _is_wanted(blob, there)], root, target)
    return [name for name in there if (target / name).exists()]


def _tree(commit: str, name: str, *options: str, at: Path) -> list[_Blob]:
    """The entries at a path of a commit."""
    paths = () if name == "." else ("--", name)
    found = []
    for entry in os.fsdecode(_git("ls-tree", "-z", "--full-tree", *options, commit, *paths, at=at)).split("\0")[:-1]:
        head, _, path = entry.partition("\t")
        mode, _, name_of_blob = head.split(" ")
        found.append(_Blob(mode, name_of_blob, path))
    return found


def _is_wanted(blob: _Blob, named: Sequence[str]) -> bool:
    """Whether a source may read a file. A tree that was made by hand may have paths that leave it."""
    path = PurePosixPath(blob.path)
    if (
        path.is_absolute()
        or not {"", ".", ".."}.isdisjoint(blob.path.split("/"))
        or (os.sep != "/" and "\\" in blob.path)
    ):
        return False
    name = path.name.lower()
    return blob.path in named or name.endswith(tuple(suffixes())) or name.startswith((".env", ".gitignore"))


def _write(blobs: Sequence[_Blob], root: Path, target: Path) -> None:
    """Write files, and after them links, so that no file is written through a link."""
    with subprocess.Popen(  # noqa: S603 - no shell; all arguments are constants
        [*_GIT, "cat-file", "--batch"],
        cwd=root,
        env={**os.environ, **_ENVIRONMENT},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as git:
        for blob in sorted(blobs, key=lambda blob: blob.mode == _LINK):
            if blob.mode not in (_LINK, *_FILES):  # a submodule: its files are in another repository
                continue
            content = _content(git, blob)
            place = target / blob.path
            place.parent.mkdir(parents=True, exist_ok=True)
            if blob.mode == _LINK:
                _link(place, blob.path, b"".join(content))
                continue
            with place.open("wb") as file:
                file.writelines(content)


def _content(git: subprocess.Popen[bytes], blob: _Blob) -> Iterator[bytes]:
    """The content of a blob, in pieces, as ``git cat-file --batch`` answers. Raises ``UsageError`` if git does not have
    it.
    """
    questions, answers = cast("IO[bytes]", git.stdin), cast("IO[bytes]", git.stdout)
    questions.write(f"{blob.id}\n".encode())
    questions.flush()
    head = answers.readline().split()  # name, type and size
    if len(head) != 3:
        raise UsageError(f"git does not have {blob.path} of that revision", hint="fetch the revision completely")
    left = int(head[2])
    while left and (piece := answers.read(min(left, _PIECE))):
        left -= len(piece)
        yield piece
    answers.read(1)  # a line end


def _link(place: Path, path: str, content: bytes) -> None:
    """Make a link that stays in the tree; one that is absolute or leaves it is left out, as is one that cannot be
    made.
    """
    leads_to = os.fsdecode(content)
    whole = posixpath.normpath(posixpath.join(posixpath.dirname(path), leads_to))
    if not posixpath.isabs(whole) and whole.split("/")[0] != "..":
        with suppress(OSError, ValueError):
            place.symlink_to(leads_to)


def _inside(path: str, root: Path) -> str:
    try:
        return Path(path).resolve().relative_to(root.resolve()).as_posix()
    except ValueError:
        raise InputError(
            "is outside of the repository", file=path, hint="--against compares files of one repository"
        ) from None


def _git(*arguments: str, at: Path | None = None, failure: str = "git failed") -> bytes:
    """What git prints. Raises ``UsageError`` with *failure* when it does not succeed."""
    try:
        result = subprocess.run(  # noqa: S603 - no shell; the arguments behind -- are paths
            [*_GIT, *arguments],
            cwd=at,
            env={**os.environ, **_ENVIRONMENT},
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
        hint = "name a branch, tag or commit of this repository"
        raise UsageError(f"{failure}: {words}" if words else failure, hint=hint)
    return result.stdout
