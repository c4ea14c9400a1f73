"""Put the advice for one or many clients into a report, and show it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import typer

from advisor.commands.output import show, write_aside
from advisor.commands.session import VERSION, clock_utc
from advisor.decide.draw import tree_shape
from advisor.decide.system import system_rows
from advisor.errors import UsageError
from advisor.run.compose import compose
from reports.advice import Advice, SystemRow, Undecided
from reports.escape import visible_name
from reports.migration import table_csv, table_markdown, table_text
from reports.report import Report, Summary
from rules.primitives.texts import counted

if TYPE_CHECKING:
    from advisor.decide.answers import Clients
    from advisor.decide.tree import DecisionTree

#: What ``--table`` writes, by suffix.
_TABLES = {".csv": table_csv, ".md": table_markdown, ".txt": table_text}


def advice_report(
    tree: DecisionTree, advices: Sequence[Advice], undecided: Sequence[Undecided] = (), system: Sequence[SystemRow] = ()
) -> Report:
    """The report for advice alone, with its exit status: 3 for clients without an answer, 1 for what must not be shared."""
    now = clock_utc()
    name = advices[0].client_name if advices else ""
    report = compose(
        title="Advice" if len(advices) != 1 else f"Advice for {name or 'one client'}",
        version=VERSION,
        now=now,
        made_at=now,
        advices=advices,
        tree=tree_shape(tree),
    )
    return msgspec.structs.replace(
        report,
        undecided=tuple(undecided),
        system=tuple(system),
        summary=_summary(report.summary, undecided, system),
    )


def _summary(summary: Summary, undecided: Sequence[Undecided], system: Sequence[SystemRow]) -> Summary:
    wrong = [row for row in system if row.kind != "share"]
    if undecided:
        first = undecided[0]
        rest = f" and {len(undecided) - 1} more" if len(undecided) > 1 else ""
        reason = f"{first.client_name}{rest}: no answer to {first.question}"
        return msgspec.structs.replace(summary, verdict="incomplete", exit_status=3, exit_reason=reason)
    if wrong:
        reason = f"{counted(len(wrong), 'thing')} between the clients must change"
        return msgspec.structs.replace(summary, verdict="findings", exit_status=1, exit_reason=reason)
    return summary


def show_advice(
    tree: DecisionTree,
    clients: Clients,
    advices: Sequence[Advice],
    undecided: Sequence[Undecided],
    *,
    table: Path | None,
    show_with: dict[str, Any],
) -> int:
    """Show the advice, write the migration table where one is wished, and return the exit status."""
    render = _TABLES.get(table.suffix.lower()) if table else None
    if table and render is None:
        raise UsageError(f"no table has the suffix of {table.name!r}", hint="end the name in .csv, .md or .txt")
    left = {row.client_name for row in undecided}
    decided = [client for client in clients.clients if client.name not in left]
    system = system_rows(list(zip(decided, advices, strict=False))) if len(advices) > 1 else ()
    report = advice_report(tree, advices, undecided, system)
    if clients.unused:
        typer.echo(f"columns not used: {', '.join(map(visible_name, clients.unused))}", err=True)
    status = show(report, **show_with)
    if table and render is not None:
        write_aside(table, render(report))
        typer.echo(f"wrote {table}", err=True)
    return status
