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
from advisor.sources.git import ENVIRONMENT, GIT, NAME_REVISION, ask
from advisor.sources.table import suffixes

_PIECE: Final = 1 << 20
_LINK, _SUBMODULE, _FILES = "120000", "160000", ("100644", "100755")
_MOST_LINKS: Final = 10


class _Blob(NamedTuple):
    """A file or link of a revision: its mode, the name of its content, and its path."""

    mode: str
    id: str
    path: str


def root_of_repository() -> Path:
    """The top folder of the working tree. Raises ``UsageError`` outside of one."""
    return Path(os.fsdecode(ask("rev-parse", "--show-toplevel")).removesuffix("\n"))


def commit_of(revision: str, option: str = "--against") -> str:
    """The commit that a branch, tag or commit names. Raises ``UsageError`` for an unknown *revision*."""
    if revision.startswith("-"):
        raise UsageError(f"{revision!r} is not a revision", hint=f"name a branch, tag or commit: {option} main")
    root_of_repository()  # outside of a repository, that is what is wrong
    try:
        return _commit(revision)
    except UsageError:
        hint = NAME_REVISION
        with suppress(UsageError):
            _commit(f"origin/{revision}")
            hint = f"did you mean 'origin/{revision}'?"
        raise UsageError(f"{revision!r} is not a revision here", hint=_shallow_hint() or hint) from None


def merge_base(commit: str, revision: str) -> str:
    """The last commit that the working tree has in common with *commit*, which *revision* names.

    What was added to the other branch since then is not a change of this one. Raises ``UsageError`` when there is none.
    """
    what = f"the working tree has no commit in common with {revision!r}"
    hint = _shallow_hint() or "name the branch that this branch is based on"
    return ask("merge-base", commit, "HEAD", failure=what, hint=hint).decode().strip()


def _commit(revision: str) -> str:
    return ask("rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}").decode().strip()


def _shallow_hint() -> str:
    """How to get the history that a shallow clone lacks; empty for a complete clone."""
    if ask("rev-parse", "--is-shallow-repository").strip() != b"true":
        return ""
    return (
        "this clone is shallow: set fetch-depth: 0 (GitHub), GIT_DEPTH: 0 (GitLab) or fetchDepth: 0 (Azure Pipelines), "
        "or run git fetch --unshallow"
    )


def extract(commit: str, paths: Sequence[str], target: Path) -> list[str]:
    """Write *paths* as they were at *commit* below *target*; returns their names in it, less those not there then.

    A single file is written with the other files of the repository, which it may lead to or belong to. Of folders and
    submodules only files that a source may read are written, and only links that stay inside. What git
    has is not ignored, so patterns of files to ignore are left out. Raises ``UsageError`` when git is missing or when
    this is not a repository, ``InputError`` for a path outside the repository.
    """
    root = root_of_repository()
    inside = [_inside(path, root) for path in paths]
    is_alone = any(not Path(path).is_dir() for path in paths)
    _extract_tree(commit, root, target, inside, with_others=is_alone)
    return [name for name in inside if name == "." or (target / name).exists()]


class RevisionFiles:
    """Single files as they were at a commit, each written below *folder* when it is first needed.

    Paths are compared as they are written: a link in the working tree leads to no other file of the commit.
    """

    def __init__(self, commit: str, folder: Path) -> None:
        self.commit = commit
        self.root = root_of_repository()
        self._folder = folder
        self._names = {blob.path: blob.mode for blob in _tree(commit, ".", "-r", at=self.root)}
        self._submodules = tuple(f"{name}/" for name, mode in self._names.items() if mode == _SUBMODULE)
        self._written: set[str] = set()

    def place(self, path: Path) -> Path:
        """Where to read *path* as it was then. What is outside the repository is the same now as then."""
        name = self._name(path)
        for _ in range(_MOST_LINKS):
            if name is None:
                return path
            place = self._write(name)
            if not place.is_symlink():
                break
            name = self._name(self.root / posixpath.dirname(name) / os.fsdecode(place.readlink()))
        return place

    def _name(self, path: Path) -> str | None:
        """The path in the repository; ``None`` for one outside."""
        whole = Path(os.path.abspath(path))  # noqa: PTH100 - Path.resolve() follows links
        if not whole.is_relative_to(self.root):
            with suppress(OSError, ValueError, RuntimeError):  # links that lead to each other, a zero byte
                whole = whole.parent.resolve() / whole.name
        return whole.relative_to(self.root).as_posix() if whole.is_relative_to(self.root) else None

    def _write(self, name: str) -> Path:
        if name not in self._written and (name in self._names or name.startswith(self._submodules)):
            _extract_tree(self.commit, self.root, self._folder, [name])
        self._written.add(name)
        return self._folder / name


def _extract_tree(commit: str, root: Path, target: Path, names: Sequence[str], *, with_others: bool = False) -> None:
    """Write what is wanted of *names*, which are paths in the repository at *root*, and of its submodules.

    *with_others* adds what else is there, without the submodules whose commit git does not have.
    """
    chosen = [*names, "."] if with_others else names
    has_submodules = bool(_tree(commit, ".gitmodules", at=root))
    places = ["."] if has_submodules or with_others else names
    blobs = dict.fromkeys(blob for name in places for blob in _tree(commit, name, "-r", at=root))
    here = [blob for blob in blobs if any(_is_below(blob.path, name) for name in chosen)]
    _write([blob for blob in here if _is_wanted(blob, chosen)], root, target)
    for module in (blob for blob in blobs if blob.mode == _SUBMODULE and _is_inside(blob.path)):
        below = [_rest(name, module.path) for name in names if _is_below(name, module.path)]
        below += ["."] if any(_is_below(module.path, name) for name in names) else []
        if below or with_others:
            place = root / module.path
            if (place / ".git").exists() and _has(module.id, place):
                _extract_tree(module.id, place, target / module.path, below, with_others=with_others)
            elif below:
                what = f"git does not have the commit of the submodule {module.path} of that revision"
                raise UsageError(what, hint=f"run git submodule update --init, and git -C {module.path} fetch")


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
