"""What a run reads: files, folders, standard input and tenants, as they are now or as they were at a git revision."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence, Set
from contextlib import chdir, contextmanager
from pathlib import Path
from typing import NamedTuple

from advisor.errors import UsageError
from advisor.limits import Limits
from advisor.policy.baseline import Baseline
from advisor.policy.config import Configuration
from advisor.policy.coverage import is_file, normal, source_from, source_of
from advisor.run.progress import progress_of_files
from advisor.run.tenant import TenantAccess, check_access, read_records
from advisor.sources.discover import read_paths
from advisor.sources.reading.builder import Builder, Reading


class Earlier(NamedTuple):
    """The inputs of a run as they were at a git revision; names of files are seen from *root*, as the run sees it.

    *binds* says that a comment accepts only what was there then.
    """

    revision: str
    reading: Reading
    root: str = "."
    binds: bool = False
    #: The configuration for its registrations, if it is not that of the run.
    configuration: Configuration | None = None


def read_inputs(
    paths: Sequence[str],
    access: TenantAccess,
    *,
    candidates: bool = False,
    environment: str | None = None,
    limits: Limits = Limits(),  # noqa: B008 - it cannot be changed
    preview: bool = False,
    expected: Set[str] = frozenset(),
) -> Reading:
    """Read files, folders, standard input and tenants into one reading, in this order; the options as in
    ``read_paths``. In *preview* the literal values of scripts are read too.
    """
    check_access(access)
    builder = Builder()
    builder.is_preview = preview
    if paths:
        with progress_of_files(quiet=access.quiet) as begin_file:
            read_paths(
                paths,
                stdin=lambda: sys.stdin.buffer.read(limits.bytes + 1),
                builder=builder,
                candidates=candidates,
                environment=environment,
                limits=limits,
                expected=expected,
                begin_file=begin_file,
            )
    if access.tenants:
        from advisor.sources.tenant.gather import Gathering

        was_stopped = False
        for tenant in access.tenants:
            gathering = Gathering()
            gathering.take(access.header(tenant))
            if not was_stopped:  # the tenants after the one that was stopped count as not read
                was_stopped = not read_records(tenant, access, gathering.take)
            gathering.build(builder)
    return builder.build()


@contextmanager
def inputs_at(
    revision: str | None,
    commit: str,
    paths: Sequence[str],
    *,
    candidates: bool = False,
    environment: str | None = None,
    limits: Limits = Limits(),  # noqa: B008 - it cannot be changed
    preview: bool = False,
) -> Iterator[Earlier | None]:
    """The same *paths* as they were at a *commit*, read alike; ``None`` without a *revision*, which is its name.

    Raises ``UsageError`` and ``InputError``.
    """
    if revision is None:
        yield None
        return
    from tempfile import TemporaryDirectory

    from advisor.sources.revision import extract, root_of_repository

    if "-" in paths:
        raise UsageError("standard input has no earlier revision", hint="name files or folders with --against")
    with TemporaryDirectory(prefix="grantlint-") as folder:
        names = extract(commit, paths, Path(folder))
        builder = Builder()
        builder.is_preview = preview
        with chdir(folder):  # so that messages name files as the repository does
            reading = read_paths(
                names,
                stdin=bytes,
                builder=builder,
                candidates=candidates,
                environment=environment,
                limits=limits,
                project=folder,
            )
        yield Earlier(revision, reading, normal(str(root_of_repository())))


def expected_files(baseline: Baseline | None, earlier: Earlier | None) -> frozenset[str]:
    """The files that contained registrations, by the *baseline* or at the *earlier* revision, as the run names them."""
    found = {entry.source for entry in baseline.findings} if baseline else set()
    if earlier:
        rows = (earlier.reading.row(subject.key) for subject in earlier.reading.subjects)
        found |= {source_from(source_of(row), earlier.root) for row in rows}
    return frozenset(filter(is_file, found))
