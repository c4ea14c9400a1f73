"""Terraform's configuration in files: ``.tf``, ``.tf.json`` and ``.tfvars``, folder by folder.

A module is a folder, so its files are gathered before any of them is read.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec

from advisor.errors import InputError
from advisor.limits import budget, spend
from advisor.secrets import Secrets
from advisor.sources.reading.builder import Builder
from advisor.sources.reading.document import Document
from advisor.sources.reading.guard import file_led_to, guarded
from advisor.sources.reading.node import Node, Place
from advisor.sources.reading.source import File
from advisor.sources.reading.text import decode
from advisor.sources.terraform import SUFFIXES
from advisor.sources.terraform.application import add_applications
from advisor.sources.terraform.body import Block, Body
from advisor.sources.terraform.graph_body import of_graph
from advisor.sources.terraform.hcl import read_hcl
from advisor.sources.terraform.json_body import json_expression, read_json_body
from advisor.sources.terraform.module import Module, Reference, Use
from advisor.sources.terraform.schema import APPLICATIONS, GRAPH, LINKS, TYPES
from advisor.sources.terraform.shape import Resource, link_of
from reports.rows import Input, Problem

#: Values that Terraform loads by itself, in this order; others are for those who name them.
_AUTO: Final = ("terraform.tfvars", "terraform.tfvars.json")
_APPLICATION: Final = re.compile(
    rb"\b(?:azure(?:ad|rm_azuread)_(?:pre_authorized_)?application|msgraph_(?:update_)?resource)"
)
_LOCAL_SOURCE: Final = re.compile(rb'source"?\s*[=:]\s*"(\.[^"]*)"')
_MENTIONED: Final = re.compile(
    r"\b((?:azuread|azurerm_azuread)_application(?:_registration)?|msgraph_resource)\.([\w-]+)"
)
_IGNORED: Final = re.compile(r"[a-z_]+")
_KIND: Final = "Terraform configuration"


class Configuration:
    """Files of Terraform that were found, by their folders. What cannot be read becomes a row of the *builder*."""

    def __init__(self, builder: Builder) -> None:
        self._builder = builder
        self._files: dict[str, dict[str, bytes]] = {}
        #: Values for variables that the user named.
        self._named: list[str] = []

    def add(self, file: str, data: bytes, *, is_named: bool = False) -> None:
        """Take in a file. Values that were named are for every module that no other calls."""
        folder, name = posixpath.split(file.replace("\\", "/"))
        self._files.setdefault(posixpath.normpath(folder or "."), {})[name] = data
        if is_named and ".tfvars" in name:
            self._named.append(file)

    def fill(self, folder: str) -> None:
        """Take in the other files of a *folder* that something led to: a file that was named, or a module's source."""
        place = Path(folder or ".")
        known = self._files.setdefault(posixpath.normpath(folder or "."), {})
        if not place.is_dir():
            return
        with guarded(self._builder, str(place)):
            self._builder.boundary.check(str(place))
            for path in sorted(place.iterdir()):
                if path.name.endswith(SUFFIXES) and path.name not in known and path.is_file():
                    with guarded(self._builder, str(path)):
                        known[path.name] = file_led_to(self._builder, str(path)).load()

    def folders(self) -> list[str]:
        """The folders whose files declare applications, and those that call such folders."""
        wanted = {
            folder for folder, files in self._files.items() if any(_APPLICATION.search(data) for data in files.values())
        }
        calls = {folder: set(_called(folder, files)) for folder, files in self._files.items()}
        while more := {folder for folder, called in calls.items() if called & wanted} - wanted:
            wanted |= more
        return [folder for folder in self._files if folder in wanted]

    def size(self, folders: Iterable[str]) -> int:
        """How many bytes the files of *folders* have."""
        return sum(len(data) for folder in folders for data in self._files.get(folder, {}).values())

    def files(self, folders: Iterable[str]) -> list[str]:
        """The files of *folders*."""
        return [_path(folder, name) for folder in folders for name in self._files.get(folder, {})]

    def bodies(self, folder: str) -> Iterator[tuple[str, Body, Problem | None]]:
        """The files of a folder, read: name, what is in it, and what is wrong with it."""
        for name, data in sorted(self._files.get(folder, {}).items()):
            file = _path(folder, name)
            if ".tfvars" not in name:
                yield file, *self._read(file, data)

    def _read(self, file: str, data: bytes) -> tuple[Body, Problem | None]:
        with guarded(self._builder, file):
            return _read(file, data)
        return Body(), None

    def learn_secrets(self, folder: str, secrets: Secrets) -> None:
        """Keep the secrets that the files of a folder declare."""
        for data in self._files.get(folder, {}).values():
            secrets.learn(data.decode("utf-8", "replace"))

    def values(self, folder: str) -> Iterator[Body]:
        """The values for variables of a folder; later ones replace earlier ones."""
        files = self._files.get(folder, {})
        auto: list[str] = [name for name in _AUTO if name in files]
        auto += sorted(name for name in files if ".auto.tfvars" in name)
        for name in auto:
            yield self._read(_path(folder, name), files[name])[0]
        for file in self._named:
            where, name = posixpath.split(file)
            yield self._read(file, self._files[posixpath.normpath(where or ".")][name])[0]


def _path(folder: str, name: str) -> str:
    """The path of a file as the user would write it."""
    return posixpath.join(folder, name) if folder != "." else name


def _called(folder: str, files: Mapping[str, bytes]) -> Iterator[str]:
    for data in files.values():
        for match in _LOCAL_SOURCE.finditer(data):
            yield posixpath.normpath(posixpath.join(folder, match[1].decode("utf-8", "replace")))


def _read(file: str, data: bytes) -> tuple[Body, Problem | None]:
    """What a file says, and in one line what is wrong with it."""
    try:
        text = decode(data, file)
        document = Document(file, text, text)
        if file.endswith(".json"):
            try:
                value = json.loads(text)
            except json.JSONDecodeError as error:
                raise InputError(
                    f"is not JSON: {error.msg}", file=file, line=error.lineno, column=error.colno
                ) from None
            return _json_body(document, value), None
        body, mistake = read_hcl(document)
    except InputError as error:
        return Body(), Problem(what=error.what, file=file, line=error.line, column=error.column, hint="fix the syntax")
    if mistake is None:
        return body, None
    line, column = document.places.position(mistake)
    what = "is not Terraform's language from here on"
    return body, Problem(what=what, file=file, line=line, column=column, hint="fix the syntax: terraform fmt shows it")


def _json_body(document: Document, value: object) -> Body:
    if ".tfvars" not in document.file:
        return read_json_body(document, value)
    members = value if isinstance(value, dict) else {}
    return Body({str(key): json_expression(member, document, f"/{key}") for key, member in members.items()})


def read_files(builder: Builder, files: Sequence[File]) -> None:
    """Add the applications that files of Terraform declare; of those that were named, with what else is in their
    folders.

    A file that the user named and that declares nothing is a problem.
    """
    for role in ("found", "candidate", "named"):
        some = [file for file in files if file.role == role]
        silent = _read_role(builder, some, is_named=role != "found") if some else []
        if role == "named":
            what, hint = "declares no registration", "name the file that does, or its folder"
            builder.problems += (Problem(what=what, file=file, hint=hint) for file in silent)


def _read_role(builder: Builder, files: Sequence[File], *, is_named: bool) -> list[str]:
    """Read files that were chosen in the same way; returns the names of those that say nothing."""
    configuration = Configuration(builder)
    for file in files:
        configuration.add(file.name, file.data, is_named=is_named)
    names = [posixpath.normpath(file.name.replace("\\", "/")) for file in files if ".tfvars" not in file.name]
    for folder in {posixpath.dirname(name) for name in names} if is_named else ():
        configuration.fill(folder)
    told = read_configuration(builder, configuration, only=frozenset(names) if is_named else None)
    unread = {row.name for row in builder.inputs if row.status != "read"}
    return [name for name in names if name not in told | unread]


def read_configuration(
    builder: Builder, configuration: Configuration, *, only: frozenset[str] | None = None
) -> frozenset[str]:
    """Add the applications that a configuration declares: those in the files *only*, where some were named.

    What a plan describes is left to the plan. Returns the files that declare something, or that have a problem.
    """
    world: dict[str, Module] = {}
    told: set[str] = set()
    for folder in configuration.folders():
        configuration.learn_secrets(folder, builder.secrets)
        module = world[folder] = Module(folder)
        for file, body, problem in configuration.bodies(folder):
            module.add(body)
            if problem is not None and (only is None or file in only):
                builder.problems.append(problem)
                told.add(file)
        for values in configuration.values(folder):
            module.given.update(values.arguments)
        builder.secrets.add_all(module.sensitive_texts())
    called = {folder for module in world.values() for _, folder in module.sources()}
    counts: Counter[str] = Counter()
    for folder, module in world.items():
        if folder in called:
            continue
        reachable = _reachable(folder, world)
        files = configuration.files(reachable)
        named = only.intersection(files) if only is not None else ()
        before = len(builder.inputs) + len(builder.problems)
        with (
            guarded(builder, min(named, default=folder)),
            budget(builder.limits, configuration.size(reachable)),
        ):
            found = list(_resources(Use(module, world)))
            if only is not None:
                found = _about(found, only)
            told.update(one.place.document.file for one in found)
            left = [one for one in found if f"{folder}/{one.address}" not in builder.planned]
            add_applications(builder, left, folder=folder, format=_KIND)
            counts.update(one.place.document.file for one in left if one.type in APPLICATIONS)
        if len(builder.inputs) + len(builder.problems) > before:
            told.update(files)
    for file in sorted(counts):
        builder.inputs.append(Input(name=file, format=_KIND, status="read", registrations=counts[file]))
    return frozenset(told)


def _reachable(folder: str, world: Mapping[str, Module]) -> set[str]:
    """A folder and those of the modules that it calls, directly or not."""
    found, waiting = {folder}, [folder]
    while waiting:
        called = {source for _, source in world[waiting.pop()].sources() if source in world} - found
        found |= called
        waiting += called
    return found


def _about(resources: list[Resource], files: frozenset[str]) -> list[Resource]:
    """The applications that some files declare or say something of, each with all its pieces wherever they are
    written.
    """
    applications = {one.address for one in resources if one.type in APPLICATIONS}
    wanted = {
        address
        for one in resources
        if one.place.document.file in files
        for address in (one.belongs_to or (one.address,))
    }
    return [
        one
        for one in resources
        if wanted.intersection((one.address,) if one.address in applications else one.belongs_to or (one.address,))
    ]


def _resources(use: Use) -> Iterator[Resource]:
    """The resources of a module and of those that it calls."""
    spend()
    for block in (*use.module.resources.values(), *use.module.again):
        kind, name = block.labels
        for turn in use.turns(block.body) if kind in TYPES or kind in GRAPH else ():
            resource = _resource(use.within(turn.names), block, f"{use.path}{kind}.{name}{turn.index}")
            if turn.conditional:
                resource = msgspec.structs.replace(resource, note="conditional")
            found = resource if kind in TYPES else of_graph(resource, block.body.text("url"))
            if found is not None:
                yield found
    for inner in use.uses():
        yield from _resources(inner)


def _resource(scope: Use, block: Block, address: str) -> Resource:
    body = scope.evaluate_body(block.body)
    return Resource(
        address=address,
        type=block.labels[0],
        body=body,
        place=heading(block),
        belongs_to=_belongs_to(scope, block, body),
        ignored=_ignored(block),
        is_broken=block.broken,
    )


def heading(block: Block) -> Place:
    """The first line of a block: a whole resource is too much to underline."""
    span = block.place.span
    if span is None:
        return block.place
    end = block.place.document.text.find("\n", span[0], span[1])
    return Place(block.place.document, span=(span[0], span[1] if end < 0 else end))


def _belongs_to(scope: Use, block: Block, body: Mapping[str, Node]) -> tuple[str, ...]:
    """The application of a piece: by its reference, or by the one application that the expression mentions."""
    link = link_of(body)
    if link is None:
        return ()
    if isinstance(link.value, Reference):
        return (link.value.address,)
    for argument in LINKS:
        mentioned = _MENTIONED.search(block.body.text(argument))
        if mentioned and (mentioned[1], mentioned[2]) in scope.module.resources:
            return (f"{scope.path}{mentioned[1]}.{mentioned[2]}",)
    name = getattr(link.value, "note", link.value)
    return (f"application {name if isinstance(name, str) else ''}",)


def _ignored(block: Block) -> frozenset[str]:
    words = " ".join(inner.body.text("ignore_changes") for inner in block.body.named("lifecycle"))
    return frozenset(_IGNORED.findall(words))
