"""Where the policy of a run comes from: the working tree, or a revision that a change cannot edit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from advisor.errors import ConfigurationError, GrantlintError
from advisor.policy.baseline import Baseline, read_baseline
from advisor.policy.config import Configuration, Places, as_it_is
from advisor.policy.coverage import seen_from_here
from advisor.policy.folders import NAME, InFolders, find_in_folders, with_folders
from advisor.policy.govern import Policy
from advisor.policy.policy_changes import PolicyState, new_comments, policy_changes
from advisor.policy.suppressions import read_comments
from advisor.run.session import all_rules, known_names, load, names_of_rules
from advisor.sources.reading.builder import Reading
from reports.rows import PolicyChange
from rules.engine.rule import Rule
from rules.model.finding import SEVERITIES, Severity

if TYPE_CHECKING:
    from advisor.run.inputs import Earlier

#: What ``--policy-from`` names in place of a revision: the files as they are now.
WORKTREE: Final = "worktree"


class PolicySource(NamedTuple):
    """Where the files of the policy are read.

    ``commit`` is that of the policy, empty for the working tree. ``base`` is the commit that ``--against`` compares
    with.
    """

    place: Places = as_it_is
    commit: str = ""
    base: str = ""


@contextmanager
def policy_source(against: str | None, policy_from: str | None) -> Iterator[PolicySource]:
    """The source of the policy: the revision *policy_from*, else the merge base of *against*, else the working tree.

    Raises ``UsageError`` for a revision that is not known, or has nothing in common with the working tree.
    """
    from tempfile import TemporaryDirectory

    from advisor.sources.revision import RevisionFiles, commit_of, merge_base

    base = merge_base(commit_of(against), against) if against is not None else ""
    commit = base
    if policy_from is not None:
        commit = "" if policy_from == WORKTREE else commit_of(policy_from, "--policy-from")
    if not commit:
        yield PolicySource(base=base)
        return
    with TemporaryDirectory(prefix="grantlint-") as folder:
        yield PolicySource(RevisionFiles(commit, Path(folder)).place, commit, base)


class Wanted(NamedTuple):
    """The options of the command line about the configuration: its file, or none at all."""

    config: Path | None = None
    isolated: bool = False


def configuration_of(source: PolicySource, wanted: Wanted) -> Configuration:
    """The configuration that decides. Raises ``ConfigurationError``, which names the commit that it is from."""
    try:
        return load(wanted.config, isolated=wanted.isolated, place=source.place)
    except ConfigurationError as error:
        if source.commit:
            error.what += f" (at {source.commit[:12]}, whose configuration is used)"
            error.hint = f"{error.hint}; or use the files as they are: --policy-from {WORKTREE}"
        raise


def in_folders(
    source: PolicySource, wanted: Wanted, configuration: Configuration, reading: Reading, at: Path
) -> InFolders:
    """*configuration* with the files in folders that hold registrations of *reading*, whose names are seen from *at*.

    Without a configuration of the run, they count below *at*. A file that ``--config`` names is for all folders.
    """
    if wanted.isolated:
        return InFolders(configuration)
    names = {reading.row(subject.key).origin.file or "" for subject in reading.subjects}
    top = Path(configuration.file).absolute().parent if configuration.file else at
    if wanted.config is not None:
        top = at
    folders = find_in_folders(sorted(names - {"", "-"}), at, top, source.place)
    if wanted.config is not None:
        unused = [path for folder in folders if (path := at / folder / NAME) != wanted.config.absolute()]
        files = ", ".join(path.relative_to(at).as_posix() for path in unused)
        return InFolders(
            configuration, notes=(f"Not used: {files}, because --config names the file.",) if files else ()
        )
    return with_folders(configuration, folders, at, known_names(), source.place)


def baseline_at(path: Path | None, source: PolicySource) -> Baseline | None:
    """The baseline at *path*; ``None`` for one that the change adds. Raises ``InputError`` for a bad one."""
    if path is None or (source.commit and path.is_file() and not source.place(path).is_file()):
        return None
    try:
        return read_baseline(source.place(path))
    except GrantlintError as error:
        error.file = str(path)
        raise


def configured_before(source: PolicySource, wanted: Wanted, configuration: Configuration, earlier: Earlier) -> Earlier:
    """*earlier* with *configuration* for its registrations, whose names are seen from the top of the repository."""
    from advisor.sources.revision import root_of_repository

    found = in_folders(source, wanted, configuration, earlier.reading, root_of_repository()).configuration
    return earlier._replace(configuration=found, binds=bool(source.commit))


def gated(
    policy: Policy,
    source: PolicySource,
    reading: Reading,
    earlier: Earlier | None,
    wanted: Wanted,
    baseline: Path | None,
) -> Policy:
    """*policy* without what only the working tree accepts, and with what the working tree changes in it.

    *baseline* is the file that the command line names.
    """
    if not source.commit:
        return policy
    same = earlier is not None and source.commit == source.base
    texts = earlier.reading.commented() if earlier is not None and same else dict(_texts_at(source, reading))
    if not policy.honor:
        texts = {}
    comments = tuple(read_comments(texts, names_of_rules(policy.configuration)))
    fresh = new_comments(comments, policy.comments)
    kept = msgspec.structs.replace(policy, comments=tuple(one for one in policy.comments if one not in fresh))
    old = PolicyState(policy.configuration, comments, policy.baseline)
    try:
        mine = load(wanted.config, isolated=wanted.isolated)
        found = in_folders(PolicySource(), wanted, mine, reading, Path.cwd()).configuration
        file = baseline or (found.path_of("baseline", found.baseline) if found.baseline else None)
        missing = file is None or not file.is_file()
        known = read_baseline(file) if file is not None and not missing else None
        new = PolicyState(found, policy.comments, known, str(file or ""))
    except GrantlintError as error:
        what = f"is not valid and would end every run: {error.what}"
        changes: tuple[PolicyChange, ...] = (
            PolicyChange(severity="high", message=what, file=error.file or "", line=error.line),
        )
    else:
        changes = policy_changes(old, new, _severities(all_rules(policy.configuration)))
    shown = tuple(msgspec.structs.replace(one, file=seen_from_here(one.file)) for one in changes)
    return msgspec.structs.replace(kept, changes=shown)


def _texts_at(source: PolicySource, reading: Reading) -> Iterator[tuple[str, str]]:
    """The files of *reading* that may hold comments, as they were at the commit of the policy."""
    for name in reading.commented():
        place = source.place(Path(name))
        if place.is_file():
            yield name, place.read_text("utf-8", "replace")


def _severities(rules: Iterable[Rule]) -> dict[str, Severity]:
    """Each rule by the worst severity that its findings may have, and each family by the worst of its rules."""
    from advisor.policy.texts import POLICY_TEXTS

    rows = [(one.id, one.family, (one.severity, *one.may_be)) for one in rules]
    rows += [(text.id, text.family, (text.severity,)) for text in POLICY_TEXTS]
    found: dict[str, Severity] = {}
    for rule, family, severities in rows:
        found[rule] = min(severities, key=SEVERITIES.index)
        found[family] = min(found.get(family, "info"), found[rule], key=SEVERITIES.index)
    return found
