"""What the command line names: files, folders that are searched, standard input."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import Final

from advisor.errors import InputError
from advisor.sources.gitignore import Ignored
from advisor.sources.manifest.json_file import read_json
from advisor.sources.reading.builder import Builder, Reading
from advisor.sources.search_summary import Looked, looked_note
from advisor.sources.tenant.snapshot_file import begins_snapshot, is_snapshot, read_snapshot
from reports.rows import Problem
from rules.primitives.texts import counted

#: In a folder these are looked at; a file that is named is read whatever it is called.
_JSON: Final = frozenset((".json", ".jsonc", ".json5", ".jsonl", ".ndjson", ".gz", ".manifest", ".tpl", ".template", ".txt", ".js", ".tfstate"))  # fmt: skip
_TERRAFORM: Final = (".tf", ".tofu", ".tf.json", ".tofu.json", ".tfvars", ".tfvars.json")
_YAML: Final = frozenset((".yaml", ".yml"))
#: Those that may be a snapshot of a tenant.
_LINES: Final = frozenset((".jsonl", ".ndjson", ".gz"))
#: Folders with other people's files, by their names.
_SKIPPED: Final = frozenset(("node_modules", "__pycache__", "venv", "site-packages", "bower_components", "vendor"))
#: A JSON file in a folder that has none of these words, in whatever case, holds no registration, whatever else it is.
_WORDS: Final = (
    b"appid", b"redirecturis", b"replyurls", b"requiredresourceaccess", b"signinaudience", b"oauth2allow", b"identifieruris",
    b"oauth2permission", b"azuread_application", b"msgraph_resource", b"azuread:index/application",
    b"microsoft.graph/applications", b"webapplicationinfo",
)  # fmt: skip
_BICEP: Final = (b"microsoft.graph/applications", b"microsoft.azureactivedirectory/applications")
#: What a file is that has no suffix, or another one than its content has.
_HCL_BEGINS: Final = re.compile(
    rb"^[ \t]*(?:resource|variable|module|locals|provider|terraform|data|output)\b[^\n=]*\{", re.MULTILINE
)
_BICEP_BEGINS: Final = re.compile(rb"^[ \t]*resource[ \t]+\w+[ \t]+'[^'\n]+'[ \t]*(?:existing[ \t]*)?=", re.MULTILINE)
_YAML_BEGINS: Final = re.compile(rb"^(?:apiVersion|kind):[ \t]", re.MULTILINE)


def read_paths(
    paths: Iterable[str],
    *,
    stdin: Callable[[], bytes],
    builder: Builder | None = None,
    candidates: bool = False,
    environment: str | None = None,
) -> Reading:
    """Read files, folders and ``-``. What cannot be used is a problem of the reading; the others are read all the same.

    With a *builder* they are added to what it holds. As *candidates*, which a tool has named, files are passed over when
    they hold something else, as those of a folder are. *environment* names the values that fill placeholders.
    """
    run = _Run(builder or Builder(), environment)
    for name in paths:
        try:
            if name == "-":
                run.read_stdin(stdin())
            elif Path(name).is_dir():
                run.read_folder(name)
            elif candidates:
                run.read_candidate(name)
            else:
                run.read_file(name)
        except InputError as error:
            run.builder.problems.append(_problem(error))
    run.read_configuration()
    return run.builder.build()


def read_data(name: str, data: bytes) -> Reading:
    """Read one JSON text that is at hand under the *name* that origins give. Raises ``InputError`` as ``read_json`` does."""
    return read_texts({name: data})


def read_texts(texts: Mapping[str, bytes]) -> Reading:
    """Read JSON texts and snapshots that are at hand, by the names that origins give. Raises as the readers of both do."""
    builder = Builder()
    for name, data in texts.items():
        if begins_snapshot(data):
            read_snapshot(builder, name, BytesIO(data))
        else:
            read_json(builder, name, data)
    return builder.build()


def _problem(error: InputError) -> Problem:
    return Problem(what=error.what, file=error.file, line=error.line, column=error.column, hint=error.hint)


class _Run:
    """One run over all that was named. Terraform's files are gathered, since a module is a folder."""

    def __init__(self, builder: Builder, environment: str | None) -> None:
        self.builder = builder
        self._environment = environment
        self._seen: set[str | tuple[int, int]] = set()
        self._found: list[tuple[str, bytes]] = []
        self._named: list[tuple[str, bytes]] = []
        self._candidates: list[tuple[str, bytes]] = []
        self._planned: set[str] = set()

    def read_stdin(self, data: bytes) -> None:
        """Read what comes in, whatever it is."""
        self._read_whole("-", data)

    def read_file(self, name: str) -> None:
        """Read a file that somebody named. Raises ``InputError`` when it cannot be used."""
        if is_snapshot(name):  # of any size, so it is read line by line
            if self._is_new(name):
                read_snapshot(self.builder, name)
            return
        data = _bytes(name)
        if self._is_new(name):
            self._read_whole(name, data)

    def _read_whole(self, name: str, data: bytes) -> None:
        """Read a text, or a snapshot that came through a pipe."""
        if begins_snapshot(data):
            read_snapshot(self.builder, name, BytesIO(data))
        else:
            self._read(name, data)

    def read_candidate(self, name: str) -> None:
        """Read a file that a tool named, which may be something else."""
        if name.endswith(_TERRAFORM):
            data = _bytes(name)
            if self._is_new(name):
                self._candidates.append((name, data))
        elif _may_hold(name):
            self._look_at(name, lambda: False, Looked())

    def _read(self, name: str, data: bytes) -> None:
        """Read a text by what it is."""
        if _is_terraform(name, data):
            self._named.append((name, data))
        elif name.endswith(".bicep") or _is(_BICEP_BEGINS, name, data):
            from advisor.sources.code.bicep.read import read_bicep

            read_bicep(self.builder, name, data)
        elif Path(name).suffix.lower() in _YAML or _is(_YAML_BEGINS, name, data):
            from advisor.sources.code.kubernetes import names_registration, read_kubernetes

            if not names_registration(data):
                raise InputError("names no registration", file=name, hint="no annotation of workload identity is in it")
            read_kubernetes(self.builder, name, data)
        else:
            self._planned |= read_json(self.builder, name, data, self._environment)

    def read_folder(self, name: str) -> None:
        """Read every file of a folder that holds registrations; what is something else is left alone."""
        before = len(self.builder.inputs) + len(self.builder.problems) + len(self._found)
        looked = Looked()
        for file, is_ignored in self._files(name, looked):
            try:
                self._look_at(file, is_ignored, looked)
            except InputError as error:
                self.builder.problems.append(_problem(error))
        if len(self.builder.inputs) + len(self.builder.problems) + len(self._found) == before:
            looked_at = f"looked at {counted(looked.files, 'file')}" if looked.files else "there is no JSON, Terraform, Bicep or YAML file in it"  # fmt: skip
            raise InputError(
                f"no app registration found; {looked_at}", file=name, hint="export manifests there, or name a file"
            )
        self.builder.notes.append(looked_note(name, looked))

    def _look_at(self, file: str, is_ignored: Callable[[], bool], looked: Looked) -> None:
        """Read a file that nobody named: something else than a registration is no mistake, broken JSON is one."""
        suffix = os.path.splitext(file)[1].lower()  # noqa: PTH122 - Path is slow for thousands
        looked.files += 1
        if suffix in _LINES and is_snapshot(file):
            if not is_ignored():
                self.read_file(file)
            return
        data = _bytes(file)
        if not _is_promising(file, data) or (is_ignored() and looked.ignore()) or not self._is_new(file):
            return
        if file.endswith(_TERRAFORM):
            self._found.append((file, data))
            return
        if suffix == ".bicep" and self._is_compiled(file):
            looked.left_to_compiled += 1
            return
        try:
            self._read(file, data)
        except InputError as error:
            if error.line is not None:
                raise

    @staticmethod
    def _is_compiled(file: str) -> bool:
        """Whether what a Bicep file compiles to lies beside it: that is judged, and says more."""
        try:
            return _has(Path(file).with_suffix(".json").read_bytes(), _BICEP)
        except OSError:
            return False

    def read_configuration(self) -> None:
        """Read the Terraform files that were gathered, less what a plan beside them says better."""
        if self._found:
            self._configure(self._found, is_named=False)
        if self._candidates:
            self._configure(self._candidates, is_named=True)
        if self._named:
            for file in self._configure(self._named, is_named=True):
                what, hint = "declares no registration", "name the file that does, or its folder"
                self.builder.problems.append(Problem(what=what, file=file, hint=hint))

    def _configure(self, files: Iterable[tuple[str, bytes]], *, is_named: bool) -> list[str]:
        """Read Terraform files; of named ones only those, with what else lies in their folders. Returns what says nothing."""
        from advisor.sources.terraform.configuration import Configuration, read_configuration

        configuration = Configuration()
        names = []
        for file, data in files:
            configuration.add(file, data, is_named=is_named)
            if ".tfvars" not in file:
                names.append(os.path.normpath(file))
        for folder in {os.path.dirname(name) for name in names} if is_named else ():  # noqa: PTH120 - names, no paths
            configuration.fill(folder)
        told = read_configuration(
            self.builder,
            configuration,
            only=frozenset(names) if is_named else None,
            planned=frozenset(self._planned),
        )
        return [name for name in names if name not in told]

    def _is_new(self, name: str) -> bool:
        """Whether this file was not read before, under whatever name."""
        status = os.stat(name)  # noqa: PTH116 - as below
        real = (status.st_dev, status.st_ino) if status.st_ino else os.path.realpath(name)
        if real in self._seen:
            return False
        self._seen.add(real)
        return True

    def _files(self, folder: str, looked: Looked) -> Iterator[tuple[str, Callable[[], bool]]]:
        """The files of a folder and below it in the order of their names, each with the question whether git ignores it.

        Hidden folders, other people's, and those that git ignores are left out.
        """

        def unreadable(error: OSError) -> None:
            what = f"cannot be searched: {error.strerror or error}"
            self.builder.problems.append(Problem(what=what, file=error.filename, hint="check its permissions"))

        ignored = Ignored(folder)
        for place, folders, files in os.walk(folder, onerror=unreadable):
            kept = sorted(name for name in folders if not name.startswith(".") and name not in _SKIPPED)
            folders[:] = [
                name for name in kept if not (ignored.covers(place, name, is_folder=True) and looked.ignore())
            ]
            for name in sorted(files):
                if _may_hold(name):
                    file = os.path.normpath(os.path.join(place, name))  # noqa: PTH118 - Path is slow for thousands
                    yield file, lambda place=place, name=name: ignored.covers(place, name, is_folder=False)  # type: ignore[misc]


def _may_hold(name: str) -> bool:
    suffix = os.path.splitext(name)[1].lower()  # noqa: PTH122 - as above
    return suffix in _JSON or suffix in _YAML or suffix == ".bicep" or name.endswith(_TERRAFORM)


def _is_terraform(name: str, data: bytes) -> bool:
    return name.endswith(_TERRAFORM) or (_is(_HCL_BEGINS, name, data) and b"azure" in data)


def _is(begins: re.Pattern[bytes], name: str, data: bytes) -> bool:
    """Whether a text that is no JSON looks like another kind by its first lines."""
    if name.endswith(tuple(_JSON)) and data.lstrip()[:1] in (b"{", b"["):
        return False
    return data.lstrip()[:1] not in (b"{", b"[") and begins.search(data[:20_000]) is not None


def _bytes(name: str) -> bytes:
    try:
        with open(name, "rb") as file:  # noqa: PTH123 - as above
            return file.read()
    except FileNotFoundError:
        raise InputError("there is no such file", file=name, hint="check the path") from None
    except OSError as error:
        raise InputError(
            f"cannot be read: {error.strerror or error}", file=name, hint="check its permissions"
        ) from None


def _is_promising(file: str, data: bytes) -> bool:
    """Whether a quick look says that a file may hold, or belong to, a registration."""
    if file.endswith(_TERRAFORM):
        return True
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):  # as PowerShell writes what it is told to redirect
        data = data[2:].replace(b"\0", b"")
    if file.endswith(".bicep"):
        return _has(data, _BICEP)
    if file.endswith((".yaml", ".yml")):
        from advisor.sources.code.kubernetes import names_registration

        return names_registration(data)
    head = data[:200].lstrip(b"\xef\xbb\xbf \t\r\n")
    return head[:1] in (b"{", b"[", b"/") and _has(data, _WORDS)


def _has(data: bytes, words: tuple[bytes, ...]) -> bool:
    """Whether one of the *words* stands in *data*, in whatever case: ten times as quick as one pattern of them all."""
    folded = data.lower()
    return any(word in folded for word in words)
