"""``grantlint snapshot``: read a tenant once, to a file that ``lint`` reads."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from advisor.commands.tenant import (
    AuthOption,
    AuthorityOption,
    CertificateOption,
    ClientIdOption,
    CloudOption,
    EndpointOption,
    FastOption,
    OnlyOption,
    Reach,
    check_reach,
    read_records,
)

if TYPE_CHECKING:
    from advisor.sources.tenant.ledger import Ledger


def snapshot(
    tenant: Annotated[
        str,
        typer.Option(
            "--tenant", "-t", metavar="ID", help="The tenant: its id or one of its domains.", show_default=False
        ),
    ],
    output: Annotated[
        Path,
        typer.Option(
            "--output", "-o", metavar="FILE", help="The file; a name in .gz is compressed.", show_default=False
        ),
    ],
    only: OnlyOption = None,
    fast: FastOption = False,
    restart: Annotated[
        bool, typer.Option("--restart", help="Begin anew, whatever an earlier run left behind.")
    ] = False,
    auth: AuthOption = None,
    client_id: ClientIdOption = None,
    certificate: CertificateOption = None,
    cloud: CloudOption = "global",
    graph_endpoint: EndpointOption = None,
    authority: AuthorityOption = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show each request; never a token.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say only what went wrong.")] = False,
) -> int:
    """Read a tenant once, to a file that lint reads as if it were the tenant.

    The file holds JSON lines, with what was not read and why, and never a
    secret or a hint of one. A reading that breaks off goes on where it was
    when the same command is run again. Exits with 3 when something was not
    read.

    \b
    Examples:
      grantlint snapshot --tenant contoso.com -o contoso.jsonl.gz
      grantlint snapshot --tenant contoso.com --fast -o apps.jsonl
      grantlint lint contoso.jsonl.gz
    """
    from advisor.sources.tenant.ledger import Ledger
    from advisor.sources.tenant.records import APPLICATIONS, Record
    from advisor.sources.tenant.snapshot_file import SnapshotWriter

    reach = Reach(
        tenants=(tenant,),
        only=tuple(only or ()),
        fast=fast,
        auth=auth,
        client_id=client_id,
        certificate=certificate,
        cloud=cloud,
        endpoint=graph_endpoint,
        authority=authority,
        verbose=verbose,
        quiet=quiet,
    )
    check_reach(reach)
    ledger = Ledger()
    writer = SnapshotWriter(output, reach.header(tenant), restart=restart, keep=ledger.take)
    ledger.take(writer.header)

    def emit(record: Record) -> None:
        writer.write(record)
        ledger.take(record)

    try:
        is_whole = read_records(tenant, reach, emit, writer.resume)
    except BaseException:
        writer.close()
        raise
    if not ledger.was_read(APPLICATIONS) and is_whole:
        writer.abandon()  # what an earlier run wrote is worth more than nothing
        return _tell(ledger, output, writer.partial, is_whole=True, quiet=True)
    if is_whole:
        writer.finish()
    else:
        writer.close()
    return _tell(ledger, output, writer.partial, is_whole=is_whole, quiet=quiet)


def _tell(ledger: Ledger, output: Path, partial: Path, *, is_whole: bool, quiet: bool) -> int:
    """Say on standard error what was read and what was not; the exit status."""
    from reports.escape import visible
    from rules.primitives.texts import counted

    words = {"partly": "read in part", "not-read": "not read"}
    gaps = [row for row in ledger.inputs() if row.status != "read"]
    for row in gaps:
        remedy = f"; {visible(row.remedy)}" if row.remedy else ""
        sys.stderr.write(f"{visible(row.name)}: {words[row.status]}: {visible(row.note)}{remedy}\n")
    if not is_whole:
        sys.stderr.write(f"kept {visible(str(partial))}; run the same command again to go on from there\n")
    elif not quiet:
        sys.stderr.write(f"wrote {visible(str(output))}: {counted(ledger.applications, 'application')}\n")
    return 3 if gaps or not is_whole else 0
