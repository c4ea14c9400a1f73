"""The functions by which an expression reads files: ``file``, ``fileset``, ``fileexists``, ``yamldecode``."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from advisor.errors import InputError
from advisor.limits import spend
from advisor.sources.reading.builder import Builder
from advisor.sources.reading.guard import file_led_to
from advisor.sources.reading.node import Node, Place
from advisor.sources.reading.text import decode
from advisor.sources.terraform.evaluate import Scope, evaluate
from advisor.sources.terraform.syntax import Call
from advisor.sources.terraform.values import Elements

if TYPE_CHECKING:
    from collections.abc import Mapping

_WILD: Final = re.compile(r"\*\*/?|\*|\?|[^*?]+")


class _Folder(Scope, Protocol):
    """A scope that knows in which folder its module is."""

    def with_paths(self, place: Place, /) -> Scope:
        """The same, with the values of ``path``."""


class Files:
    """Reads files inside the boundary of a run."""

    def __init__(self, builder: Builder) -> None:
        self._builder = builder

    def read(self, call: Call, scope: _Folder) -> Node | None:
        """What a call of one of these functions returns; nothing for another function and for what is not known."""
        function = _FUNCTIONS.get(call.name)
        if function is None:
            return None
        paths = [evaluate(argument, scope.with_paths(call.place)).value for argument in call.arguments]
        if not paths or not all(isinstance(path, str) for path in paths):
            return None
        return function(self, call, paths)

    def text(self, call: Call, paths: list[str]) -> Node | None:
        """The text of a file."""
        try:
            file = file_led_to(self._builder, posixpath.normpath(paths[0]))
            text = decode(file.load(), file.name)
        except InputError:
            return None
        self._builder.secrets.learn(text)
        return Node(text, call.place)

    def found(self, call: Call, paths: list[str]) -> Node | None:
        """The files below a folder whose paths match a pattern."""
        folder = Path(posixpath.normpath(paths[0]))
        if len(paths) != 2 or set("[]{}\\") & set(paths[1]) or not self._builder.boundary.admits(str(folder)):
            return None
        pattern = re.compile(_pattern(paths[1]))
        names = sorted(
            name for name in _below(folder, deep="/" in paths[1] or "**" in paths[1]) if pattern.fullmatch(name)
        )
        return Node(Elements(Node(name, call.place) for name in names), call.place)

    def exists(self, call: Call, paths: list[str]) -> Node | None:
        """Whether a file exists."""
        path = posixpath.normpath(paths[0])
        return Node(Path(path).is_file(), call.place) if self._builder.boundary.admits(path) else None


def _below(folder: Path, *, deep: bool) -> Iterator[str]:
    """The paths of files below a folder, without following links to folders."""
    waiting = [folder]
    while waiting:
        here = waiting.pop()
        for entry in here.iterdir() if here.is_dir() else ():
            spend()
            if entry.is_file():
                yield entry.relative_to(folder).as_posix()
            elif deep and entry.is_dir() and not entry.is_symlink():
                waiting.append(entry)


def _pattern(glob: str) -> str:
    """A pattern of ``fileset`` as a regular expression."""
    wild = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return "".join(wild.get(part, re.escape(part)) for part in _WILD.findall(glob))


_FUNCTIONS: Final[Mapping[str, Callable[[Files, Call, list[str]], Node | None]]] = {
    "file": Files.text,
    "fileexists": Files.exists,
    "fileset": Files.found,
}
