"""Terraform's configuration in files: ``.tf``, ``.tofu``, their JSON, and ``.tfvars``, folder by folder.

A module is a folder, so its files are gathered before any of them is read.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Final

import msgspec

from advisor.decode_errors import in_words
from advisor.errors import InputError
from advisor.limits import budget, spend
from advisor.secrets import Secrets
from advisor.sources.reading.builder import Builder
from advisor.sources.reading.document import Document
from advisor.sources.reading.guard import file_led_to, guarded
from advisor.sources.reading.node import Node, Place
from advisor.sources.reading.source import File
from advisor.sources.reading.text import decode
from advisor.sources.terraform import SUFFIXES, TERRAGRUNT
from advisor.sources.terraform.application import add_applications
from advisor.sources.terraform.body import Block, Body
from advisor.sources.terraform.files import Files
from advisor.sources.terraform.graph_body import of_graph
from advisor.sources.terraform.hcl import read_hcl
from advisor.sources.terraform.json_body import json_expression, read_json_body
from advisor.sources.terraform.module import Module, Use, World, folder_of
from advisor.sources.terraform.schema import APPLICATIONS, GRAPH, LINKS, TYPES
from advisor.sources.terraform.shape import Resource, link_of
from advisor.sources.terraform.terragrunt import Unit
from advisor.sources.terraform.types import arguments_of
from advisor.sources.terraform.values import Reference
from reports.rows import Input, Problem
from rules.primitives.texts import counted

#: Values that Terraform loads by itself, in this order; others are for those who name them.
_AUTO: Final = ("terraform.tfvars", "terraform.tfvars.json")
_APPLICATION: Final = re.compile(
    rb"\b(?:azure(?:ad|rm_azuread)_(?:pre_authorized_)?application|msgraph_(?:update_)?resource"
    rb"|azuread_(?:app_role_assignment|directory_role_(?:assignment|member))"
    rb"|azuread_service_principal_(?:password|delegated_permission_grant)|azurerm_federated_identity_credential)"
)
_LOCAL_SOURCE: Final = re.compile(rb'source"?\s*[=:]\s*"(\.[^"]*)"')
#: A call of a module, or the module of a unit of Terragrunt, by name and source and without parsing the file.
_CALL: Final = re.compile(
    rb'^[ \t]*(?:(module|unit|stack|component)[ \t]+"([\w-]+)"|terraform)[ \t]*\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*?'
    rb'\bsource[ \t]*=[ \t]*"([^"$]+)"',
    re.MULTILINE,
)
#: The same in JSON, where a module alone has a ``source`` as a text.
_JSON_CALL: Final = re.compile(rb'()"([\w-]+)"[ \t]*:[ \t\r\n]*\{[^{}]*?"source"[ \t]*:[ \t]*"([^"$]+)"')
#: The source of a provider, in ``required_providers``; that of a module in a registry has three parts.
_PROVIDER: Final = re.compile(r"[\w-]+/[\w-]+")
#: At most this many names are in a sentence.
_NAMED: Final = 5
_MENTIONED: Final = re.compile(
    r"\b((?:azuread|azurerm_azuread)_application(?:_registration)?|msgraph_resource)\.([\w-]+)"
)
_MODULE: Final = (".tf", ".tofu", ".tf.json", ".tofu.json")
_TF: Final = re.compile(r"\.tf(?=(\.json)?$)")
_OVERRIDE: Final = re.compile(r"(?:^|_)override\.(?:tf|tofu)(?:\.json)?$")
_INDEXED: Final = re.compile(r"(?<=[\w\]])\[[^\[\],]+\]|\.\d+")
_IGNORED: Final = re.compile(r"[a-z_][a-z0-9_.]*")
_KIND: Final = "Terraform configuration"


class Configuration:
    """Files of Terraform that were found, by their folders. What cannot be read becomes a row of the *builder*."""

    def __init__(self, builder: Builder) -> None:
        self._builder = builder
        self._files: dict[str, dict[str, bytes]] = {}
        #: The documents of each folder that may use the names of its module.
        self._documents: dict[str, list[Document]] = {}
        #: Values for variables that the user named.
        self._named: list[tuple[str, bytes]] = []

    def add(self, file: str, data: bytes) -> None:
        """Take in a file of a folder."""
        folder, name = posixpath.split(file.replace("\\", "/"))
        self._files.setdefault(posixpath.normpath(folder or "."), {})[name] = data

    def choose(self, file: str, data: bytes) -> None:
        """Take in values that the user named: they are for every module that no other calls."""
        self._named.append((file, data))

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
        """The folders whose files declare applications, and those that call such folders.

        Modules that are called and were not found are looked for where the run may read.
        """
        searched: set[str] = set()
        while (
            more := {
                folder
                for here, files in list(self._files.items())
                for folder in _called(here, files)
                if folder not in self._files and self._builder.boundary.admits(folder)
            }
            - searched
        ):
            searched |= more
            for folder in sorted(more):
                self.fill(folder)
        wanted = {
            folder for folder, files in self._files.items() if any(_APPLICATION.search(data) for data in files.values())
        }
        calls = {folder: set(_called(folder, files)) for folder, files in self._files.items()}
        while more := {folder for folder, called in calls.items() if called & wanted} - wanted:
            wanted |= more
        return [folder for folder in self._files if folder in wanted]

    def module_of(self, file: str) -> str:
        """The folder of the module that a file is for: its own, or for values in a folder without a module, the next
        one above that has one.
        """
        own = posixpath.normpath(posixpath.dirname(file) or ".")
        folder = own
        while ".tfvars" in file and self._builder.boundary.admits(posixpath.join(folder, "x.tf")):
            if any(path.name.endswith(_MODULE) for path in Path(folder).glob("*.t*")):
                return folder
            above = posixpath.normpath(posixpath.join(folder, ".."))
            folder = above
        return own

    def reached(self, folders: Iterable[str]) -> set[str]:
        """Modules by their folders, with those that they call in any number of steps."""
        self.folders()
        found = set(folders)
        waiting = list(found)
        while waiting:
            here = waiting.pop()
            more = set(_called(here, self._files.get(here, {}))) - found
            found |= more
            waiting += more
        return found

    def missing(self) -> Iterator[str]:
        """Sentences about the modules that are called and were not read."""
        remote, outside = [], []
        for folder, files in self._files.items():
            for name, data in files.items():
                for call, source, line in _calls(name, data):
                    words = f"{call} ({_path(folder, name)}:{line})"
                    where = folder_of(source, folder)
                    if where is None:
                        remote.append(words)
                    elif not self._files.get(where):
                        outside.append(words)
        if remote:
            yield f"Did not read {counted(len(remote), 'remote module')}: {named_first(remote)}."
        if outside:
            yield f"Did not read {counted(len(outside), 'module')} outside the folder: {named_first(outside)}."

    def size(self, folders: Iterable[str]) -> int:
        """How many bytes the files of *folders* have."""
        return sum(len(data) for folder in folders for data in self._files.get(folder, {}).values())

    def files(self, folders: Iterable[str]) -> list[str]:
        """The files of *folders*."""
        return [_path(folder, name) for folder in folders for name in self._files.get(folder, {})]

    def declare(self, module: Module) -> dict[str, Problem]:
        """Add to a module what the files of its folder declare; returns what is wrong, by file.

        Override files are merged last. OpenTofu reads ``main.tofu`` in place of ``main.tf``.
        """
        names = self._files.get(module.folder, {})
        shadowed = {name for name in names if _TF.sub(".tofu", name) != name and _TF.sub(".tofu", name) in names}
        if shadowed:
            left = named_first([_path(module.folder, name) for name in sorted(shadowed)])
            self._builder.notes.append(f"Left out {left}: OpenTofu reads the file of this name that ends in .tofu.")
        problems = {}
        for is_override in (False, True):
            for name in sorted(names.keys() - shadowed):
                if ".tfvars" in name or name.endswith(".hcl") or bool(_OVERRIDE.search(name)) != is_override:
                    continue
                file = _path(module.folder, name)
                body, problem = self._read(file, names[name])
                (module.override if is_override else module.add)(body)
                if problem is not None:
                    problems[file] = problem
        return problems

    def _read(self, file: str, data: bytes) -> tuple[Body, Problem | None]:
        with guarded(self._builder, file):
            return _read(file, data, self._documents.setdefault(posixpath.dirname(file), []))
        return Body(), None

    def learn_secrets(self, folder: str, secrets: Secrets) -> None:
        """Keep the secrets that the files of a folder declare."""
        for data in self._files.get(folder, {}).values():
            secrets.learn(data.decode("utf-8", "replace"))

    def give(self, module: Module) -> None:
        """Add to a module the values for its variables; later ones replace earlier ones.

        Source: HashiCorp, "Variable definition precedence".
        """
        folder = module.folder
        files = self._files.get(folder, {})
        auto: list[str] = [name for name in _AUTO if name in files]
        auto += sorted(name for name in files if ".auto.tfvars" in name)
        chosen = [(_path(folder, name), files[name]) for name in auto] + self._named
        for file, data in chosen:
            module.given.update(self._read(file, data)[0].arguments)
        module.is_decided = bool(chosen)
        if not self._named:
            module.contested = dict(self._contested(folder))

    def _contested(self, folder: str) -> Iterator[tuple[str, str]]:
        """The variables for which files in and below a folder have values that are not loaded, each with a file."""
        for below, file, names in self._unchosen:
            if folder == "." or f"{below}/".startswith(f"{folder}/"):
                yield from ((name, file) for name in names)

    @cached_property
    def _unchosen(self) -> list[tuple[str, str, tuple[str, ...]]]:
        """Files of values that Terraform does not load by itself: folder, name and variables."""
        return [
            (folder, file := _path(folder, name), tuple(self._read(file, data)[0].arguments))
            for folder, names in self._files.items()
            for name, data in names.items()
            if is_choice(name)
        ]

    def idle(self) -> list[str]:
        """The files of values."""
        return [_path(folder, name) for folder, names in self._files.items() for name in names if ".tfvars" in name]

    def units(self) -> Iterator[tuple[str, Body]]:
        """The files of Terragrunt: name and content."""
        for folder, names in self._files.items():
            for name, data in names.items():
                if name == TERRAGRUNT:
                    file = _path(folder, name)
                    yield file, self._read(file, data)[0]


def is_choice(file: str) -> bool:
    """Whether Terraform uses a file of values only where it is named, with ``-var-file``."""
    name = posixpath.basename(file.replace("\\", "/"))
    return ".tfvars" in name and ".auto.tfvars" not in name and name not in _AUTO


def named_first(words: Sequence[str]) -> str:
    """The first of some names, and how many more there are."""
    more = len(words) - _NAMED
    return ", ".join(words[:_NAMED]) + (f" and {more:,} more" if more > 0 else "")


def _path(folder: str, name: str) -> str:
    """The path of a file as the user would write it."""
    return posixpath.join(folder, name) if folder != "." else name


def _calls(name: str, data: bytes) -> Iterator[tuple[str, str, int]]:
    """The modules that a file calls, without parsing it: address, source and line."""
    pattern = _JSON_CALL if name.endswith(".json") else _CALL
    if name.endswith((".tf", ".tofu", ".tf.json", ".tofu.json", ".hcl")):
        for match in pattern.finditer(data):
            kind, call, source = (one.decode("utf-8", "replace") for one in match.groups(default=b""))
            if _PROVIDER.fullmatch(source):
                continue
            yield f"{kind or 'module'}.{call}" if call else source, source, data.count(b"\n", 0, match.start(3)) + 1


def _called(folder: str, files: Mapping[str, bytes]) -> Iterator[str]:
    for data in files.values():
        for match in _LOCAL_SOURCE.finditer(data):
            yield posixpath.normpath(posixpath.join(folder, match[1].decode("utf-8", "replace")))


def _read(file: str, data: bytes, module: list[Document]) -> tuple[Body, Problem | None]:
    """What a file says, and in one line what is wrong with it. Its document joins those of its *module*."""
    try:
        text = decode(data, file)
        document = Document(file, text, text)
        if file.endswith(_MODULE):
            module.append(document)
            document.scope = module
        if file.endswith(".json"):
            try:
                value = json.loads(text)
            except json.JSONDecodeError as error:
                raise InputError(
                    f"is not JSON: {in_words(error)}", file=file, line=error.lineno, column=error.colno
                ) from None
            return _json_body(document, value), None
        body, mistake = read_hcl(document)
    except InputError as error:
        return Body(), Problem(what=error.what, file=file, line=error.line, column=error.column, hint="fix the syntax")
    if mistake is None:
        return body, None
    line, column = document.places.position(mistake)
    what = "is not valid Terraform from this position"
    return body, Problem(what=what, file=file, line=line, column=column, hint="fix the syntax: terraform fmt shows it")


def _json_body(document: Document, value: object) -> Body:
    if ".tfvars" not in document.file:
        return read_json_body(document, value)
    members = value if isinstance(value, dict) else {}
    return Body({str(key): json_expression(member, document, f"/{key}") for key, member in members.items()})


def read_files(builder: Builder, files: Sequence[File]) -> None:
    """Add the applications that files of Terraform declare; of those that were named, with what else is in their
    folders.

    Values that were named are for all folders and files of the run; of several for one variable, the last count. A file
    that the user named and that declares nothing is a problem.
    """
    named = {posixpath.normpath(name.replace("\\", "/")): place for place, name in enumerate(builder.named)}
    chosen = [
        file
        for file in files
        if ".tfvars" in file.name
        and file.role != "candidate"
        and posixpath.normpath(file.name.replace("\\", "/")) in named
    ]
    chosen.sort(key=lambda file: named[posixpath.normpath(file.name.replace("\\", "/"))])
    candidates = [file for file in files if file.role == "candidate"]
    for file in (one for one in candidates if is_choice(one.name)):  # each is one way to deploy its module
        _read_role(builder, [file], [file], is_named=True)
    files = [file for file in files if not (file.role == "candidate" and is_choice(file.name))]
    is_alone = len(chosen) == len([file for file in files if file.role != "candidate"])
    for role in ("found", "candidate", "named"):
        some = [file for file in files if file.role == role and (file not in chosen or is_alone)]
        silent = _read_role(builder, some, chosen, is_named=role != "found") if some else []
        for name in silent if role == "named" else ():
            what, hint = "declares no registration", "name the file that declares the registration, or its folder"
            if ".tfvars" in name:
                what, hint = (
                    "contains values for variables and no registration",
                    "name the configuration that uses the values",
                )
            builder.problems.append(Problem(what=what, file=name, hint=hint))


def _read_role(builder: Builder, files: Sequence[File], chosen: Sequence[File], *, is_named: bool) -> list[str]:
    """Read files that were selected in the same way; returns the names of those that declare nothing.

    A file that declares no application, such as values and variables, is for all that its module and the modules that
    it calls declare; so is one that overrides others.
    """
    configuration = Configuration(builder)
    for file in files:
        configuration.add(file.name, file.data)
    for file in chosen:
        configuration.choose(file.name, file.data)
    names = [posixpath.normpath(file.name.replace("\\", "/")) for file in files]
    if not is_named:
        before = builder.count
        read_configuration(builder, configuration)
        if builder.count == before and (left := configuration.idle()):
            builder.notes.append(f"No registration uses the values of these files: {named_first(left)}.")
        return []
    idle = {name for file, name in zip(files, names, strict=True) if not _APPLICATION.search(file.data)}
    places = {name: configuration.module_of(name) for name in names}
    for folder in set(places.values()):
        configuration.fill(folder)
    values = idle | {name for name in names if ".tfvars" in name or _OVERRIDE.search(posixpath.basename(name))}
    only = {*names, *configuration.files(configuration.reached({places[name] for name in values}))}
    declaring = read_configuration(builder, configuration, only=frozenset(only))
    unread = {row.name for row in builder.inputs if row.status != "read"}
    folders = {posixpath.dirname(file) or "." for file in declaring}
    return [
        name
        for name in names
        if name not in declaring | unread
        and not (name in values and folders.intersection(configuration.reached([places[name]])))
    ]


def read_configuration(
    builder: Builder, configuration: Configuration, *, only: frozenset[str] | None = None
) -> frozenset[str]:
    """Add the applications that a configuration declares: those in the files *only*, where some were named.

    What a plan describes is left to the plan. Returns the files that declare something, or that have a problem.
    """
    modules, problems = _modules(builder, configuration)
    problems = {file: problem for file, problem in problems.items() if only is None or file in only}
    builder.problems += problems.values()
    declaring = set(problems)
    uses = list(_roots(configuration, World(modules, Files(builder)), builder))
    counts: Counter[str] = Counter()
    empty: list[str] = []
    for unit, use in uses:
        module = use.module
        folder = posixpath.dirname(unit) or "." if unit else module.folder
        reachable = _reachable(module.folder, modules)
        files = [*configuration.files(reachable), *([unit] if unit else [])]
        named = only.intersection(files) if only is not None else ()
        if only is not None and not named:
            continue
        before = len(builder.inputs) + len(builder.problems)
        with (
            guarded(builder, min(named, default=folder)),
            budget(builder.limits, configuration.size(reachable)),
        ):
            found = list(_resources(use, empty))
            if only is not None and unit not in only:
                found = _about(found, only)
            declaring.update(one.place.document.file for one in found)
            declaring.update([unit] if unit and found else ())
            left = [one for one in found if f"{folder}/{one.address}" not in builder.planned]
            add_applications(builder, left, folder=folder, format=_KIND)
            applications = {one.address for one in left if one.type in APPLICATIONS}
            for one in left:  # a piece whose application is elsewhere is read, and no registration
                if one.address in applications or applications.isdisjoint(one.belongs_to):
                    counts[one.place.document.file] += one.address in applications
        for name, count in use.world.cut.items():
            builder.notes.append(f"Read the first instances of {name} only; {count:,} were left out.")
        use.world.cut.clear()
        if len(builder.inputs) + len(builder.problems) > before:
            declaring.update(files)
    if empty:
        builder.notes.append(f"No instance with the values that were read: {named_first(empty)}.")
    for note in configuration.missing():
        builder.notes.append(note)
    for file in sorted(counts):
        builder.inputs.append(Input(name=file, format=_KIND, status="read", registrations=counts[file]))
    return frozenset(declaring)


def _modules(builder: Builder, configuration: Configuration) -> tuple[dict[str, Module], dict[str, Problem]]:
    """The modules of a configuration by their folders, and what is wrong with their files."""
    modules: dict[str, Module] = {}
    problems: dict[str, Problem] = {}
    for folder in configuration.folders():
        configuration.learn_secrets(folder, builder.secrets)
        module = modules[folder] = Module(folder)
        problems |= configuration.declare(module)
        configuration.give(module)
        builder.secrets.add_all(module.sensitive_texts())
    return modules, problems


def _roots(configuration: Configuration, world: World, builder: Builder) -> Iterator[tuple[str, Use]]:
    """The modules that no other calls, each as it is used: the unit of Terragrunt that gives it values, or none.

    Of modules that call each other, which is a mistake, the first is one.
    """
    called = {folder for module in world.modules.values() for _, folder in module.sources()}
    reached: set[str] = set()
    for file, body in configuration.units():
        unit = Unit(file, body, builder)
        module = world.modules.get(unit.folder or "")
        if module is not None:
            called.add(module.folder)
            reached |= _reachable(module.folder, world.modules)
            yield file, Use(module, world, given=unit)
    for folder, module in world.modules.items():
        if folder not in called:
            reached |= _reachable(folder, world.modules)
            yield "", Use(module, world)
    for folder, module in world.modules.items():
        if folder not in reached:
            reached |= _reachable(folder, world.modules)
            yield "", Use(module, world)


def _reachable(folder: str, modules: Mapping[str, Module]) -> set[str]:
    """A folder and those of the modules that it calls, directly or not."""
    found, waiting = {folder}, [folder]
    while waiting:
        called = {source for _, source in modules[waiting.pop()].sources() if source in modules} - found
        found |= called
        waiting += called
    return found


def _about(resources: list[Resource], files: frozenset[str]) -> list[Resource]:
    """The applications that some files declare or say something of, each with all its pieces wherever they are
    written.
    """
    own = {one.address for one in resources if one.type in APPLICATIONS and one.place.document.file in files}
    # Another file may declare a resource of the same name, which Terraform refuses.
    resources = [
        one
        for one in resources
        if one.type not in APPLICATIONS or one.address not in own or one.place.document.file in files
    ]
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


def _resources(use: Use, empty: list[str]) -> Iterator[Resource]:
    """The resources of a module and of those that it calls; *empty* gets the names of those without an instance."""
    spend()
    for block in (*use.module.resources.values(), *use.module.again):
        kind, name = block.labels
        if kind not in TYPES and kind not in GRAPH:
            continue
        turns = use.turns(block)
        if not turns and kind in APPLICATIONS | GRAPH:
            empty.append(f"{use.path}{kind}.{name}{_at(block)}")
        for turn in turns:
            resource = _resource(use.within(turn.names), block, f"{use.path}{kind}.{name}{turn.index}")
            if turn.conditional:
                resource = msgspec.structs.replace(resource, note="conditional")
            found = resource if kind in TYPES else of_graph(resource, block.body.text("url"))
            if found is not None:
                yield found
    for inner in use.uses():
        yield from _resources(inner, empty)


def _at(block: Block) -> str:
    """File and line of a block."""
    place = block.place
    line = place.document.places.position(place.span[0])[0] if place.span else 0
    return f" ({place.document.file}:{line})" if line else f" ({place.document.file})"


def _resource(scope: Use, block: Block, address: str) -> Resource:
    body: Mapping[str, Node] = scope.evaluate_body(block.body)
    if block.labels[0] in TYPES:
        body = arguments_of(body)
    return Resource(
        address=address,
        type=block.labels[0],
        body=body,
        place=heading(block),
        belongs_to=_belongs_to(scope, block, body),
        ignored=_ignored(block),
        is_broken=block.broken,
        provider=scope.module.versions.get("azuread", ""),
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
        return (link.value.address or f"application {link.value.client}",)
    for argument in LINKS:
        mentioned = set(_MENTIONED.findall(block.body.text(argument))) & scope.module.resources.keys()
        if len(mentioned) == 1:
            return (f"{scope.path}{'.'.join(mentioned.pop())}",)
    name = getattr(link.value, "note", link.value)
    return (f"application {name if isinstance(name, str) else ''}",)


def _ignored(block: Block) -> frozenset[str]:
    """The arguments in ``ignore_changes``, as paths without indices."""
    words = ",".join(inner.body.text("ignore_changes") for inner in block.body.named("lifecycle"))
    return frozenset(_IGNORED.findall(_INDEXED.sub("", words)))
