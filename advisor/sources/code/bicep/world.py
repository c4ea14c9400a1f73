"""The Bicep files of a run: each is parsed once, and calls of modules lead from one to the other."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Final

import msgspec

from advisor.errors import InputError
from advisor.sources.code.bicep.load_yaml import load_yaml
from advisor.sources.code.bicep.parse import Parser, Statement
from advisor.sources.code.function_arguments import Unknowable
from advisor.sources.reading.builder import Builder
from advisor.sources.reading.document import Document
from advisor.sources.reading.guard import file_led_to, guarded
from advisor.sources.reading.json_text import JsonText
from advisor.sources.reading.node import Node, Place, from_json
from advisor.sources.reading.source import File
from advisor.sources.reading.text import decode
from reports.rows import Problem

#: What a file has, in lower case, that declares or refers to an object of Microsoft Graph, or a federated credential.
WORDS: Final = (
    b"microsoft.graph/",
    b"microsoft.azureactivedirectory/applications",
    b"federatedidentitycredentials",
)
_MODULE: Final = re.compile(rb"^[ \t]*module[ \t]+(\w+)[ \t]+'([^'\n]+)'", re.MULTILINE)
_USING: Final = re.compile(rb"^[ \t]*using[ \t]+'([^'\n]+\.bicep)'", re.MULTILINE)
_HEAD: Final = 200
#: The names of at most this many modules that were not read are listed.
_NAMED: Final = 3


class BicepFile(msgspec.Struct, frozen=True):
    """A file as it was parsed. ``mistake`` is the offset of the first thing in a resource that is not Bicep.

    ``imports`` are those of ``Parser``.
    """

    name: str
    document: Document
    statements: Sequence[Statement]
    mistake: int | None = None
    imports: Mapping[str, tuple[str, str]] = {}

    def parameters(self) -> list[str]:
        """The names of its parameters."""
        return [one.name for one in self.statements if one.kind == "param"]

    def secure(self) -> list[str]:
        """The names of the parameters whose values are secrets."""
        return [one.name for one in self.statements if one.kind == "param" and one.secure]


class World:
    """The files that were chosen, and those that they lead to."""

    def __init__(self, builder: Builder, files: Sequence[File]) -> None:
        self.builder = builder
        self._files: dict[str, File | None] = {_normal(file.name): file for file in files}
        self._chosen = [_normal(file.name) for file in files]
        self._parsed: dict[str, BicepFile | None] = {}
        self._called: dict[str, list[str]] = {}
        self._reported: set[str] = set()
        #: Modules that were not read, with the places that call them.
        self._unread: dict[str, str] = {}
        self._loaded: dict[tuple[str, str], Node | None] = {}
        #: The loops of which only the first turns were read.
        self.cut: list[str] = []

    def templates(self) -> list[str]:
        """The chosen files that are not parameter files."""
        return [name for name in self._chosen if not name.endswith(".bicepparam")]

    def parameter_files(self, template: str) -> Sequence[str]:
        """The chosen parameter files that name a *template* with ``using``."""
        return self._parameter_files.get(template, ())

    def parameter_files_alone(self) -> Sequence[str]:
        """The chosen parameter files that name no Bicep file."""
        return self._parameter_files.get("", ())

    @cached_property
    def _parameter_files(self) -> Mapping[str, list[str]]:
        """The chosen parameter files by the template that each names, which is empty for none."""
        found: dict[str, list[str]] = {}
        for name in self._chosen:
            if name.endswith(".bicepparam"):
                found.setdefault(self._using(name), []).append(name)
        return found

    def _using(self, name: str) -> str:
        """The template that a parameter file names; empty for none."""
        match = _USING.search(self._searched(name))
        return _joined(name, match[1].decode("utf-8", "replace")) if match else ""

    def wanted(self) -> list[str]:
        """The chosen files that declare something of interest, and those that call such a file, in any number of
        steps. A parameter file is replaced by the file that it names.
        """
        chosen = set(self._chosen)
        self._chosen += [name for name in self._parameter_files if name and name not in chosen]
        callers: defaultdict[str, list[str]] = defaultdict(list)
        waiting = []
        for name in self._reachable(self.templates()):
            lower = self._searched(name).lower()
            waiting += [name] if any(word in lower for word in WORDS) else []
            for module in self._calls(name):
                callers[module].append(name)
        found = set(waiting)
        while waiting:
            more = set(callers[waiting.pop()]) - found
            found |= more
            waiting += more
        return [name for name in self.templates() if name in found]

    def _reachable(self, names: Iterable[str]) -> list[str]:
        """Some files, and those that they call in any number of steps."""
        found = dict.fromkeys(names)
        waiting = list(found)
        while waiting:
            more = dict.fromkeys(module for module in self._calls(waiting.pop()) if module not in found)
            found |= more
            waiting += more
        return list(found)

    def _calls(self, name: str) -> list[str]:
        """The local Bicep files that a file calls. Others are kept to be reported."""
        if name not in self._called:
            self._called[name] = self._find_calls(name)
        return self._called[name]

    def _find_calls(self, name: str) -> list[str]:
        found = []
        data = self._searched(name)
        for match in _MODULE.finditer(data) if b"module" in data else ():
            path = match[2].decode("utf-8", "replace")
            if path.endswith(".bicep") and ":" not in path:
                found.append(_joined(name, path))
            else:
                line = data.count(b"\n", 0, match.start(1)) + 1
                self._unread.setdefault(path, f"{name}:{line}")
        return found

    def called(self, names: Iterable[str]) -> set[str]:
        """The files that some files call."""
        return {module for name in names for module in self._calls(name) if module != name}

    def size(self, name: str) -> int:
        """How many bytes a file and those that it calls have."""
        return sum(len(self._data(one)) for one in self._reachable([name]))

    def _data(self, name: str) -> bytes:
        if name not in self._files:
            self._files[name] = None
            with guarded(self.builder, name):
                file = file_led_to(self.builder, name)
                if file.is_on_disk:
                    file.load()
                    self._files[name] = file
                else:
                    self._unread.setdefault(name, "no such file")
        found = self._files[name]
        return found.data if found is not None else b""

    def _searched(self, name: str) -> bytes:
        """The bytes of a file in which words are looked for: those of UTF-16 are zero every second time."""
        data = self._data(name)
        return data.replace(b"\0", b"") if b"\0" in data[:_HEAD] else data

    def get(self, name: str) -> BicepFile | None:
        """A file by its path; nothing where it cannot be read."""
        name = _normal(name)
        if name not in self._parsed:
            data = self._data(name)
            self._parsed[name] = self._parse(name, data) if self._files[name] is not None else None
        return self._parsed[name]

    def module(self, caller: str, path: str) -> BicepFile | None:
        """The file that *caller* names as a module; nothing for one that is not a local Bicep file."""
        return self.get(_joined(caller, path)) if path.endswith(".bicep") and ":" not in path else None

    def _parse(self, name: str, data: bytes) -> BicepFile:
        text = decode(data, name).replace("\ufeff", "")
        self.builder.secrets.learn(text)
        document = Document(name, text, text)
        parser = Parser(document)
        statements = parser.statements()
        return BicepFile(name, document, statements, parser.mistake, parser.imports)

    def load(self, caller: str, path: str, format: str) -> Node | None:
        """The content of a file that *caller* loads as ``text``, ``json`` or ``yaml``; nothing for one that must not or
        cannot be read.
        """
        key = (_joined(caller, path), format)
        if key not in self._loaded:
            try:
                data = file_led_to(self.builder, key[0]).load()
                self._loaded[key] = _content(self.builder, key[0], data, format)
            except (InputError, RecursionError, Unknowable):
                self._loaded[key] = None
        return self._loaded[key]

    def report_mistakes(self, builder: Builder, name: str) -> bool:
        """Add a problem for each file that is not Bicep everywhere, among a file and those that it calls.

        Returns whether there is such a file.
        """
        files = [file for file in map(self._parsed.get, self._reachable([_normal(name)])) if file is not None]
        broken = [file for file in files if file.mistake is not None]
        for file in broken:
            if file.name in self._reported:
                continue
            self._reported.add(file.name)
            line, column = file.document.places.position(file.mistake or 0)
            what, hint = "is not valid Bicep at this position", "fix the syntax: bicep build shows it"
            builder.problems.append(Problem(what=what, file=file.name, line=line, column=column, hint=hint))
        return bool(broken)

    def report_unread(self, builder: Builder) -> None:
        """Add a note that names the modules that were not read."""
        if not self._unread:
            return
        named = [f"{path} ({place})" for path, place in list(self._unread.items())[:_NAMED]]
        more = len(self._unread) - len(named)
        listed = ", ".join(named) + (f", and {more:,} more" if more > 0 else "")
        builder.notes.append(f"Modules that were not read: {listed}. Lint the output of bicep build.")


def _content(builder: Builder, name: str, data: bytes, format: str) -> Node | None:
    """What is in a file that a Bicep file loads."""
    text = decode(data, name)
    builder.secrets.learn(text)
    if format == "json":
        value = JsonText(name, data)
        return from_json(value.value, value.document, value.start)
    document = Document(name, text, text)
    if format == "yaml":
        return load_yaml(document)
    return Node(text, Place(document, span=(0, len(text))))


def _normal(name: str) -> str:
    return posixpath.normpath(name.replace("\\", "/")) if name != "-" else name


def _joined(file: str, path: str) -> str:
    """A path that a file names, as the user would write it."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(file), path.replace("\\", "/")))
