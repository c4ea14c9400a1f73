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
from advisor.sources.git import ENVIRONMENT, GIT, ask
from advisor.sources.table import suffixes

_PIECE: Final = 1 << 20
_LINK, _SUBMODULE, _FILES = "120000", "160000", ("100644", "100755")


class _Blob(NamedTuple):
    """A file or link of a revision: its mode, the name of its content, and its path."""

    mode: str
    id: str
    path: str


def extract(revision: str, paths: Sequence[str], target: Path) -> list[str]:
    """Write *paths* as they were at *revision* below *target*; returns their names in it, less those not there then.

    Of folders and submodules only files that a source may read are written, and only links that stay inside. What git
    has is not ignored, so patterns of files to ignore are left out. Raises ``UsageError``
    when git is missing, when this is no repository, or when the revision is unknown, ``InputError`` for a path outside
    the repository.
    """
    if revision.startswith("-"):
        raise UsageError(f"{revision!r} is not a revision", hint="name a branch, tag or commit: --against main")
    root = Path(ask("rev-parse", "--show-toplevel").decode().removesuffix("\n"))
    words = f"{revision!r} is not a revision here"
    commit = ask("rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}", failure=words).decode().strip()
    inside = [_inside(path, root) for path in paths]
    _extract_tree(commit, root, target, inside)
    return [name for name in inside if name == "." or (target / name).exists()]


def _extract_tree(commit: str, root: Path, target: Path, names: Sequence[str]) -> None:
    """Write what is wanted of *names*, which are paths in the repository at *root*, and of its submodules."""
    has_submodules = bool(_tree(commit, ".gitmodules", at=root))
    places = ["."] if has_submodules else names
    blobs = dict.fromkeys(blob for name in places for blob in _tree(commit, name, "-r", at=root))
    here = [blob for blob in blobs if any(_is_below(blob.path, name) for name in names)]
    _write([blob for blob in here if _is_wanted(blob, names)], root, target)
    for module in (blob for blob in blobs if blob.mode == _SUBMODULE):
        below = [_rest(name, module.path) for name in names if _is_below(name, module.path)]
        below += ["."] if module in here else []
        if below and _is_inside(module.path):
            place = root / module.path
            if not (place / ".git").exists() or not _has(module.id, place):
                what = f"git does not have the commit of the submodule {module.path} of that revision"
                raise UsageError(what, hint=f"run git submodule update --init, and git -C {module.path} fetch")
            _extract_tree(module.id, place, target / module.path, below)


def _is_below(path: str, name: str) -> bool:
    return name in (".", path) or path.startswith(f"{name}/")


def _rest(name: str, module: str) -> str:
    return name[len(module) + 1 :] or "."


def _has(commit: str, place: Path) -> bool:
    try:
        ask("cat-file", "-e", f"{commit}^{{commit}}", at=place)
    except UsageError:
        return False
    return True


def _tree(commit: str, name: str, *options: str, at: Path) -> list[_Blob]:
    """The entries at a path of a commit."""
    paths = () if name == "." else ("--", name)
    found = []
    for entry in os.fsdecode(ask("ls-tree", "-z", "--full-tree", *options, commit, *paths, at=at)).split("\0")[:-1]:
        head, _, path = entry.partition("\t")
        mode, _, name_of_blob = head.split(" ")
        found.append(_Blob(mode, name_of_blob, path))
    return found


def _is_wanted(blob: _Blob, named: Sequence[str]) -> bool:
    """Whether a source may read a file. A tree that was made by hand may have paths that leave it."""
    name = PurePosixPath(blob.path).name.lower()
    is_read = blob.path in named or name.endswith(tuple(suffixes())) or name.startswith(".env")
    return is_read and blob.mode in (_LINK, *_FILES) and _is_inside(blob.path)


def _is_inside(path: str) -> bool:
    parts = path.split("/")
    return (
        {"", ".", ".."}.isdisjoint(parts)
        and not PurePosixPath(path).is_absolute()
        and (os.sep == "/" or "\\" not in path)
    )


def _write(blobs: Sequence[_Blob], root: Path, target: Path) -> None:
    """Write files, and after them links, so that no file is written through a link."""
    with subprocess.Popen(  # noqa: S603 - no shell; all arguments are constants
        [*GIT, "cat-file", "--batch"],
        cwd=root,
        env={**os.environ, **ENVIRONMENT},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as git:
        for blob in sorted(blobs, key=lambda blob: blob.mode == _LINK):
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
