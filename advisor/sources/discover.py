"""What the command line names: files, folders that are searched, standard input."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from functools import lru_cache, partial
from pathlib import Path
from typing import Final

import msgspec

from advisor.errors import InputError, NotReadError
from advisor.limits import Limits, budget, too_many_bytes
from advisor.sources.belongs import Belonging
from advisor.sources.gitignore import GitIgnore
from advisor.sources.reading.boundary import Boundary, project_of
from advisor.sources.reading.builder import Builder, Reading
from advisor.sources.reading.guard import guarded
from advisor.sources.reading.source import File, Role, Source
from advisor.sources.search_summary import SearchSummary
from advisor.sources.table import JSON, SOURCES, listed
from reports.rows import Input, Problem
from rules.primitives.texts import counted

#: Hidden folders that are searched all the same: they contain pipelines, which may create registrations.
_PIPELINES: Final = frozenset((".github", ".azuredevops", ".azdo", ".pipelines"))
#: Folders with third-party files, by their names.
_SKIPPED: Final = frozenset(("node_modules", "__pycache__", "venv", "site-packages", "bower_components", "vendor"))
#: For each reason why files of a folder were not read, this many are named.
_NAMED: Final = 5
_SUFFIXES: Final = tuple(suffix for source in SOURCES for suffix in source.suffixes)


def read_paths(
    paths: Iterable[str],
    *,
    stdin: Callable[[], bytes],
    builder: Builder | None = None,
    candidates: bool = False,
    environment: str | None = None,
    limits: Limits = Limits(),  # noqa: B008 - it cannot be changed
    project: str | None = None,
    expected: Set[str] = frozenset(),
    begin_file: Callable[[], None] = lambda: None,
) -> Reading:
    """Read files, folders and ``-``. What cannot be used is a row of the reading; the others are read all the same.

    With a *builder* they are added to what it holds. As *candidates*, which a tool has named, files are skipped when
    they hold something else, as those of a folder are. *environment* names the values that fill placeholders. What
    files lead to is read in the folders among *paths* and, for named files, in *project*, or else in the project that
    each is in. *expected* files of folders contained registrations before: one that is empty or damaged is a problem.
    *begin_file* is called before each file.
    """
    names = list(paths)
    folders = [name if Path(name).is_dir() else project or project_of(name) for name in names]
    run = _Run(builder or Builder(), environment, limits, Boundary(folders), expected, begin_file)
    run.builder.named = () if candidates else tuple(name for name in names if Path(name).is_file())
    for name in names:
        with guarded(run.builder, name):
            if name == "-":
                run.read(run.file(name, data=stdin()))
            elif Path(name).is_dir():
                run.read_folder(name)
            elif candidates:
                run.read_candidate(name)
            else:
                run.read_named(name)
    return run.finish(names, candidates=candidates)


def read_texts(texts: Mapping[str, bytes]) -> Reading:
    """Read texts that are at hand, by the names that origins give. Raises ``InputError`` as their readers do."""
    run = _Run(Builder(), None, Limits(), Boundary(()))
    for name, data in texts.items():
        run.read(File(name, data))
    return run.finish([])


def recognize(file: File) -> Source:
    """The source that reads a file: by its extension if that is enough, else by its content.

    Where several sources have the extension, the content comes first.
    """
    own = [source for source in _sources_of(file.name) if source is not JSON]
    for source in own:
        if not source.is_known_by_suffix and source.is_like(file):
            return source
    for source in own:
        if source.is_known_by_suffix:
            return source
    return next((source for source in SOURCES if source is not JSON and source.is_like(file)), JSON)


def _sources_of(name: str) -> list[Source]:
    """The sources that have the extension of a file; of several extensions the longest counts."""
    _, dot, ending = os.path.basename(name).lower().partition(".")  # noqa: PTH119 - Path is slow for thousands
    return _sources_by_ending(f"{dot}{ending}")


@lru_cache(maxsize=1000)
def _sources_by_ending(ending: str) -> list[Source]:
    if not ending.endswith(_SUFFIXES):
        return []
    longest = max((suffix for suffix in _SUFFIXES if ending.endswith(suffix)), key=len)
    return [source for source in SOURCES if longest in source.suffixes]


def _may_hold(source: Source, file: File) -> bool:
    """Whether a quick look says that a file of this extension may hold, or belong to, a registration."""
    return (source.is_known_by_suffix or source.is_like(file)) and (not source.words or file.has_any(source.words))


def _summed_up(rows: list[Input], folder: str) -> list[Input]:
    """*rows* of a folder, where the same reason names the first files that were not read, and counts the others."""
    reasons = Counter((row.note, row.remedy) for row in rows if row.status == "not-read")
    kept, named = [], Counter[tuple[str, str]]()
    for row in rows:
        reason = (row.note, row.remedy)
        named[reason] += row.status == "not-read"
        if row.status != "not-read" or named[reason] <= _NAMED:
            kept.append(row)
        elif named[reason] == reasons[reason]:
            note = f"{counted(reasons[reason] - _NAMED, 'further file')}: {row.note}"
            kept.append(msgspec.structs.replace(row, name=folder, note=note))
    return kept


def _nothing_in(folder: str, summary: SearchSummary) -> InputError:
    """The error for a folder in which nothing was found."""
    kinds = listed(sorted({source.kind for source in SOURCES if source.declares}, key=str.casefold), "or")
    looked_at = f"looked at {counted(summary.files, 'file')}" if summary.files else f"there is no {kinds} file in it"
    hint = "export manifests there, or name a file: in a folder, one counts only with properties such as appId"
    return InputError(f"no app registration found; {looked_at}", file=folder, hint=hint)


class _Run:
    """One run over all that was named."""

    def __init__(
        self,
        builder: Builder,
        environment: str | None,
        limits: Limits,
        boundary: Boundary,
        expected: Set[str] = frozenset(),
        begin_file: Callable[[], None] = lambda: None,
    ) -> None:
        self.builder = builder
        self._begin_file = begin_file
        builder.limits, builder.boundary = limits, boundary
        self._environment = environment
        self._expected = expected
        self._seen: set[str | tuple[int, int]] = set()
        #: The files that are read together in the end, by the kind of their source.
        self._gathered: defaultdict[str, list[File]] = defaultdict(list)
        #: Folders of which it is known only when these were read whether anything is in them.
        self._undecided: dict[str, SearchSummary] = {}
        self._belonging = Belonging()

    def file(self, name: str, role: Role = "named", data: bytes | None = None, *, is_inside: bool = False) -> File:
        """A file of this run; one that *is_inside* the folder that is searched needs no check of where it leads.

        Raises ``NotReadError`` for *data* that are more than the limits allow.
        """
        limits = self.builder.limits
        if data is not None and len(data) > limits.bytes:
            raise too_many_bytes(name, limits.bytes)
        boundary = None if is_inside else self.builder.boundary
        return File(name, data, role=role, environment=self._environment, boundary=boundary, limits=limits)

    def read(self, file: File) -> None:
        """Read a file by what it is. Raises ``InputError`` when it cannot be used."""
        self._read_as(recognize(file), file)

    def _read_as(self, source: Source, file: File) -> None:
        if source.read is not None:
            with budget(self.builder.limits, file.size):
                source.read(self.builder, file)
        else:
            file.load()
            self._gathered[source.kind].append(file)

    def read_named(self, name: str) -> None:
        """Read a file that the user named. Raises ``InputError`` when it cannot be used."""
        self._begin_file()
        file = self.file(name)
        source = recognize(file)
        if self._is_new(file):
            self._read_as(source, file)

    def read_candidate(self, name: str) -> None:
        """Read a file that a tool named, which may hold something else; if so, read what it belongs to."""
        if not _sources_of(name):
            return
        self._begin_file()
        file = self.file(name, "candidate")
        before = self._count(), sum(map(len, self._gathered.values()))
        self._look_at(file, lambda: False, SearchSummary())
        if before == (self._count(), sum(map(len, self._gathered.values()))) or self._is_helper(file):
            for other in self._belonging.of(name, project_of(name)):
                with guarded(self.builder, other):
                    self._look_at(self.file(other, "candidate"), lambda: False, SearchSummary())

    @staticmethod
    def _is_helper(file: File) -> bool:
        """Whether a file of Bicep declares nothing of Microsoft Graph: modules may be read with what it exports."""
        return file.name.lower().endswith(".bicep") and not file.has_any((b"microsoft.graph",))

    def read_folder(self, name: str) -> None:
        """Read every file of a folder that holds registrations, and leave the others."""
        before, first = self._count(), len(self.builder.inputs)
        gathered = sum(map(len, self._gathered.values()))
        summary = SearchSummary()
        for entry, is_ignored in self._files(name, summary):
            path = os.path.normpath(entry.path)
            self._begin_file()
            with guarded(self.builder, path):
                self.builder.searched.add(path)
                # The search follows no link, so that only a link can lead out of the folder.
                file = self.file(path, "found", is_inside=not entry.is_symlink())
                self._look_at(file, is_ignored, summary)
        self.builder.inputs[first:] = _summed_up(self.builder.inputs[first:], name)
        if self._count() > before:
            self.builder.notes.append(summary.sentence(name))
        elif sum(map(len, self._gathered.values())) > gathered:
            self._undecided[name] = summary
        else:
            raise _nothing_in(name, summary)

    def _count(self) -> int:
        """How many things were found so far."""
        return len(self.builder.inputs) + len(self.builder.problems)

    def _look_at(self, file: File, is_ignored: Callable[[], bool], summary: SearchSummary) -> None:
        """Read a file that the user did not name. One without a registration is fine, a broken one is a problem."""
        summary.files += 1
        try:
            may_hold = any(_may_hold(source, file) for source in _sources_of(file.name))
            if not may_hold and file.name not in self._expected:
                return
        except NotReadError:
            if not is_ignored():
                raise
        if is_ignored():
            summary.ignored += 1
            self.builder.searched.discard(file.name)
            return
        source = recognize(file)
        if not self._is_new(file):
            return
        try:
            self._read_as(source, file)
        except InputError as error:
            is_broken = error.line is not None or not file.first(4_000).strip()
            if is_broken or isinstance(error, NotReadError):
                raise

    def finish(self, names: Sequence[str], *, candidates: bool = False) -> Reading:
        """Read what is read together; returns all that was read. A folder among *names* in which nothing was found is
        a problem; of *candidates* that hold no registration a note says so.
        """
        for source in SOURCES:
            if source.read_together is not None and source.kind in self._gathered:
                source.read_together(self.builder, self._gathered[source.kind])
        found = {os.path.normpath(row.name) for row in self.builder.inputs}
        found |= {os.path.normpath(problem.file) for problem in self.builder.problems if problem.file}
        for name, summary in self._undecided.items():
            root = os.path.normpath(name)
            if (root == "." and found) or any(file == root or file.startswith(root + os.sep) for file in found):
                self.builder.notes.append(summary.sentence(name))
            else:
                with guarded(self.builder, name):
                    raise _nothing_in(name, summary)
        if candidates and not self._count():
            self.builder.notes.append(f"No registration was found in {counted(len(names), 'candidate file')}.")
        return self.builder.build()

    def _is_new(self, file: File) -> bool:
        """Whether this file was not read before, under any name. Raises ``InputError`` when it cannot be read."""
        status = file.status
        real = (status.st_dev, status.st_ino) if status.st_ino else os.path.realpath(file.name)
        if real in self._seen:
            return False
        self._seen.add(real)
        return True

    def _files(self, folder: str, summary: SearchSummary) -> Iterator[tuple[os.DirEntry[str], Callable[[], bool]]]:
        """The files of a folder and below it in the order of their names, each with the question whether git ignores
        it.

        Hidden folders without pipelines, third-party ones, and those that git ignores are left out.
        """
        git = GitIgnore(folder)
        waiting = [folder]
        while waiting:
            place = waiting.pop()
            try:
                with os.scandir(place) as entries:
                    found = sorted(entries, key=lambda entry: entry.name)
            except OSError as error:
                what = f"cannot be searched: {error.strerror or error}"
                self.builder.problems.append(Problem(what=what, file=place, hint="check its permissions"))
                continue
            below = [
                entry for entry in found if _leads_to(entry.is_dir) and self._is_searched(git, place, entry, summary)
            ]
            waiting += [entry.path for entry in reversed(below)]
            for entry in found:
                if entry.name.lower().endswith(_SUFFIXES) and not _leads_to(entry.is_dir):
                    if _leads_to(entry.is_file):
                        yield entry, partial(git.ignores, place, entry.name, is_folder=False)
                    else:
                        summary.special.append(os.path.normpath(entry.path))

    @staticmethod
    def _is_searched(git: GitIgnore, place: str, entry: os.DirEntry[str], summary: SearchSummary) -> bool:
        """Whether the search goes into a folder. It does not follow links, which may lead anywhere."""
        if (entry.name.startswith(".") and entry.name not in _PIPELINES) or entry.name in _SKIPPED:
            return False
        if git.ignores(place, entry.name, is_folder=True):
            summary.ignored += 1
            return False
        if entry.is_symlink():
            summary.links.append(os.path.normpath(entry.path))
            return False
        return True


def _leads_to(kind: Callable[[], bool]) -> bool:
    """The answer of ``is_dir`` or ``is_file`` of an entry; no for links that lead to each other in a circle."""
    try:
        return kind()
    except OSError:
        return False
