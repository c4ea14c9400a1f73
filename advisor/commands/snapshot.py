"""``grantlint snapshot``: read a tenant once, to a file that ``lint`` reads."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar

import typer

from advisor.commands.options import BetaOption, FastOption, IncludeOption, OnlyOption, SignInOptions

if TYPE_CHECKING:
    from advisor.sources.tenant.ledger import Ledger


@dataclass(frozen=True, kw_only=True)
class TenantOptions:
    """What of which tenant is read."""

    heading: ClassVar[str] = "Input"
    tenant: Annotated[
        str,
        typer.Option(
            "--tenant",
            "-t",
            metavar="ID",
            help="Read this tenant; ID is its tenant ID or one of its domains.",
            show_default=False,
        ),
    ]
    only: OnlyOption = field(default_factory=list)
    fast: FastOption = False
    beta: BetaOption = False
    include: IncludeOption = field(default_factory=list)
    usage: Annotated[
        str | None,
        typer.Option(
            "--usage",
            metavar="live[:DAYS]",
            help="With live, also read the last sign-ins of applications; with live:30d, also 30 days of sign-ins.",
            show_default=False,
        ),
    ] = None
    restart: Annotated[
        bool, typer.Option("--restart", help="Start again, and delete the file of an interrupted run.")
    ] = False


@dataclass(frozen=True, kw_only=True)
class SnapshotOptions:
    """Where the snapshot goes, and what is shown meanwhile."""

    heading: ClassVar[str] = "Output"
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Write the snapshot to this file; the extension .gz compresses it.",
            show_default=False,
        ),
    ]
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show each request, never a token.")] = False
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print only errors.")] = False


def snapshot(input: TenantOptions, sign_in: SignInOptions, output: SnapshotOptions) -> int:
    """Read a tenant once, and write a file that lint can read instead of the
    tenant.

    The file contains JSON lines. It lists what was not read and why, and never
    contains a secret or a secret's hint. After an interruption, run the same
    command again to continue. The exit status is 3 if something was not read.

    \b
    Examples:
      grantlint snapshot --tenant contoso.com -o contoso.jsonl.gz
      grantlint snapshot --tenant contoso.com --fast -o apps.jsonl
      grantlint lint contoso.jsonl.gz
    """
    from advisor.errors import UsageError
    from advisor.run.tenant import check_access, read_records
    from advisor.run.usage import usage_sources
    from advisor.sources.tenant.ledger import Ledger
    from advisor.sources.tenant.records import APPLICATIONS, Record
    from advisor.sources.tenant.snapshot_file import SnapshotWriter

    tenant, file, quiet = input.tenant, output.output, output.quiet
    usage = [input.usage] if input.usage else []
    if usage_sources(usage).files:
        what = f"invalid --usage value {input.usage!r}: expected live, or live:1d to live:30d"
        raise UsageError(what, hint="pass files of sign-ins to lint, together with the snapshot")
    access = sign_in.access(
        [tenant],
        input.only,
        fast=input.fast,
        beta=input.beta,
        usage=usage,
        include=input.include,
        verbose=output.verbose,
        quiet=quiet,
    )
    check_access(access)
    ledger = Ledger()
    writer = SnapshotWriter(file, access.header(tenant), restart=input.restart, keep=ledger.take)
    ledger.take(writer.header)

    def emit(record: Record) -> None:
        writer.write(record)
        ledger.take(record)

    try:
        is_whole = read_records(tenant, access, emit, writer.resume)
    except BaseException:
        writer.close()
        raise
    if not ledger.was_read(APPLICATIONS) and is_whole:
        writer.abandon()  # what an earlier run wrote is worth more than nothing
        return _summarize(ledger, file, writer.partial, is_whole=True, quiet=True)
    if is_whole:
        writer.finish()
    else:
        writer.close()
    return _summarize(ledger, file, writer.partial, is_whole=is_whole, quiet=quiet)


def _summarize(ledger: Ledger, file: Path, partial: Path, *, is_whole: bool, quiet: bool) -> int:
    """Say on standard error what was read and what was not; the exit status."""
    from reports.escape import visible
    from rules.primitives.texts import counted

    words = {"partly": "read in part", "not-read": "not read"}
    gaps = [row for row in ledger.inputs() if row.status != "read"]
    for row in gaps:
        remedy = f"; {visible(row.remedy)}" if row.remedy else ""
        sys.stderr.write(f"{visible(row.name)}: {words[row.status]}: {visible(row.note)}{remedy}\n")
    if not is_whole:
        sys.stderr.write(f"kept {visible(str(partial))}; run the same command again to continue\n")
    elif not quiet:
        sys.stderr.write(f"wrote {visible(str(file))}: {counted(ledger.applications, 'application')}\n")
    return 3 if gaps or not is_whole else 0
