"""Check a file as the editor has it, with its siblings as the editor or the disk has them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import chdir, contextmanager
from datetime import datetime
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from advisor.errors import InputError
from advisor.fixing.apply import Checked
from advisor.policy.config import Configuration, Places, as_it_is
from advisor.run.audit import audit
from advisor.run.policy import baseline_path, policy_for
from advisor.run.policy_source import PolicySource, Wanted, baseline_at, in_folders
from advisor.run.session import VERSION, choose, clock_utc, limits_of, load
from advisor.sources.discover import read_paths, read_texts
from advisor.sources.reading.builder import Reading
from advisor.sources.reading.source import read_instead
from reports.report import Report, Summary, Tool
from reports.rows import FindingRow, Origin, Problem, RuleText
from rules.analysis.grants import GRANTS
from rules.analysis.posture import posture
from rules.engine.findings import value_at
from rules.engine.rule import Rule, can_run
from rules.knowledge.reference import Reference
from rules.primitives.dates import instant

#: A report for :func:`advisor.fixing.verify.objection`, which reads no figures.
_NO_SUMMARY = Summary(
    registrations=0, rules=0, findings=0, by_severity={}, known=0, suppressed=0, not_assessed=0, problems=0,
    verdict="no-findings", exit_status=0, exit_reason="",
)  # fmt: skip


class Texts(msgspec.Struct, frozen=True):
    """What is explained of a rule, once for all of its findings."""

    title: str
    why: str
    fix: str
    references: tuple[Reference, ...]


class Checking(msgspec.Struct, frozen=True):
    """What a check starts from: the file's *path* from the *root* of its workspace, and the open texts.

    *contents* are by resolved path. A document that is in no file has its URI for a path.
    """

    path: str
    root: str
    contents: Mapping[str, bytes]

    def with_contents(self, contents: Mapping[str, bytes]) -> Checking:
        """The same check with other *contents* for some files."""
        return msgspec.structs.replace(self, contents={**self.contents, **contents})


class Result:
    """What a check found in one file: its findings, and what could not be read."""

    def __init__(
        self,
        checking: Checking,
        reading: Reading,
        report: Report,
        texts: Mapping[str, Texts],
        configuration: Configuration,
    ) -> None:
        self.checking = checking
        self.checked = Checked(reading, report)
        self.texts = texts
        self.configuration = configuration
        self._paths: dict[str, str] = {}

    @property
    def findings(self) -> list[FindingRow]:
        """The findings in the file that are neither accepted nor known."""
        return [one for one in self.checked.report.findings if one.state == "new" and self.is_here(one.origin)]

    @property
    def problems(self) -> list[Problem]:
        """What is wrong with the file itself."""
        return [one for one in self.checked.report.problems if one.file and self._path(one.file) == self._own]

    @property
    def has_registrations(self) -> bool:
        """Whether a registration was read."""
        return bool(self.checked.reading.subjects)

    def is_here(self, origin: Origin) -> bool:
        """Whether a value is in the file."""
        return bool(origin.file) and self._path(origin.file or "") == self._own

    def path(self, origin: Origin) -> str:
        """The resolved path of the file of a value; empty for a value that is in none."""
        return self._path(origin.file) if origin.file else ""

    @property
    def _own(self) -> str:
        return self._path(self.checking.path)

    def _path(self, name: str) -> str:
        if name not in self._paths:
            self._paths[name] = os.path.realpath(os.path.join(self.checking.root, name))  # noqa: PTH118 - a text
        return self._paths[name]

    @cached_property
    def grants(self) -> list[tuple[Origin, str]]:
        """The values of the file that decide whether a grant works, each with the title of a grant that works."""
        return list(self._grants())

    def _grants(self) -> Iterator[tuple[Origin, str]]:
        titles = {grant.id: grant.title for grant in GRANTS}
        reading, now = self.checked.reading, datetime.fromisoformat(self.checked.report.judged_at)
        for subject in reading.subjects:
            for fact in posture(subject.app, now):
                there = (pointer for pointer in fact.by if fact.state == "allowed" and value_at(subject.app, pointer))
                for origin in (reading.locate(subject.key, pointer) for pointer in there):
                    if origin.line is not None and self.is_here(origin):
                        yield origin, titles.get(fact.grant, fact.grant)


def check(checking: Checking) -> Result:
    """Check one file under the configuration of its workspace. Raises ``ConfigurationError`` for one that is not valid.

    A file without a registration has no findings. One that is damaged has a problem. Nothing but the workspace is
    read, and nothing is executed.
    """
    with chdir(checking.root), read_instead(checking.contents), _placed(checking.contents) as place:
        source = PolicySource(place)
        configuration = load(None, isolated=False, place=place)
        rules = [rule for rule in choose(configuration, [], []) if can_run(rule, dns=False, usage=False)]
        reading = _read(checking, configuration)
        folders = in_folders(source, Wanted(), configuration, reading, Path.cwd())
        baseline = baseline_at(baseline_path(configuration, None), source)
        policy = policy_for(folders, [checking.path], reading, baseline, honor=True)
        now = clock_utc()
        result = audit(reading, rules, now, policy)
    report = Report(
        tool=Tool(name="grantlint", version=VERSION),
        made_at=instant(now),
        judged_at=instant(now),
        title="",
        inputs=reading.inputs,
        problems=reading.problems,
        registrations=result.rows,
        findings=result.findings,
        not_assessed=result.not_assessed,
        summary=_NO_SUMMARY,
    )
    sources: tuple[Rule | RuleText, ...] = (*rules, *result.texts)
    texts = {one.id: Texts(one.title, one.why, one.fix, one.references) for one in sources}
    return Result(checking, reading, report, texts, configuration)


@contextmanager
def _placed(contents: Mapping[str, bytes]) -> Iterator[Places]:
    """Where the texts of configuration files are: those of *contents* in copies, the others as they are."""
    texts = {path: data for path, data in contents.items() if path.endswith(".toml")}
    if not texts:
        yield as_it_is
        return
    with TemporaryDirectory(prefix="grantlint-") as folder:
        copies = {path: Path(folder, f"{number}.toml") for number, path in enumerate(texts)}
        for path, copy in copies.items():
            copy.write_bytes(texts[path])
        yield lambda path: copies.get(os.path.realpath(path), path)


def _read(checking: Checking, configuration: Configuration) -> Reading:
    """What is read of the file, and of the files that it leads to inside of the workspace."""
    limits = limits_of(configuration)
    if os.path.isfile(checking.path):  # noqa: PTH113 - the path is a text
        return read_paths([checking.path], stdin=bytes, candidates=True, limits=limits, project=checking.root)
    path = checking.path if checking.path in checking.contents else os.path.realpath(checking.path)
    data = checking.contents.get(path, b"")
    try:
        return read_texts({checking.path: data})
    except InputError as error:
        if error.line is None:
            return Reading()
        return Reading(problems=[Problem(what=error.what, file=error.file, line=error.line, hint=error.hint)])
