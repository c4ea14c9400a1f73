"""``grantlint demo``: advice, findings and an HTML report on the registrations of a company that does not exist."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from advisor.commands.options import ColorOption


def demo(
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="Where to write the HTML report.")
    ] = Path("grantlint-report.html"),
    color: ColorOption = "auto",
) -> int:
    """Show what grantlint does on bundled registrations: advise for one client,
    lint all, write an HTML report. Needs no tenant, no account, no network.

    \b
    Examples:
      grantlint demo
      grantlint demo -o /tmp/demo.html
    """
    from datetime import UTC, datetime
    from importlib.resources import files

    from advisor.commands.compose import compose
    from advisor.commands.output import show
    from advisor.commands.session import clock_utc, tool_version
    from advisor.decide.advice import advise
    from advisor.decide.draw import tree_shape
    from advisor.decide.tree import load_tree
    from advisor.sources.discover import read_data
    from rules.families import RULES

    # The bundled credentials have dates; judged at another time they would tell another story.
    now = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
    bundle = files("advisor") / "demo"
    tree = load_tree()
    advice = advise(tree, DEMO_ANSWERS, client_name=DEMO_CLIENT)
    report = compose(
        title="Contoso, a company that does not exist",
        version=tool_version(),
        now=now,
        made_at=clock_utc(),
        rules=RULES,
        reading=read_data("contoso.json", (bundle / "contoso.json").read_bytes()),
        advices=(advice,),
        tree=tree_shape(tree),
    )
    show(report, output=[output], colour=color, concise=True, posture=False)
    typer.echo(
        f"Open {output.resolve()} in a browser.\nNext: grantlint advise, or grantlint lint YOUR-FOLDER", err=True
    )
    return 0
