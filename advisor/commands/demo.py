"""``grantlint demo``: advice, findings and an HTML report on the registrations of a company that does not exist."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from advisor.commands.options import ColorOption


def demo(
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="Write the HTML report to this file.")
    ] = Path("grantlint-report.html"),
    color: ColorOption = "auto",
) -> int:
    """Show what grantlint does with bundled registrations: recommend a grant
    for one client, check all registrations, and write an HTML report. The demo
    needs no tenant, no account and no network.

    \b
    Examples:
      grantlint demo
      grantlint demo -o /tmp/demo.html
    """
    from importlib.resources import files

    import msgspec

    from advisor.decide.advice import advise
    from advisor.decide.draw import tree_shape
    from advisor.decide.load import load_tree
    from advisor.demo import ANSWERS, BUNDLE, CHECKED_AT, CLIENT
    from advisor.policy.config import Configuration
    from advisor.run.compose import compose
    from advisor.run.output import Output, show
    from advisor.run.session import VERSION, choose, clock_utc
    from advisor.sources.discover import read_texts

    bundle = files("advisor") / "demo"
    tree = load_tree()
    advice = advise(tree, ANSWERS, client_name=CLIENT)
    report = compose(
        title="Contoso, a company that does not exist",
        version=VERSION,
        now=CHECKED_AT,
        made_at=clock_utc(),
        rules=choose(Configuration(), [], []),
        reading=read_texts({name: (bundle / name).read_bytes() for name in BUNDLE}),
        advices=(advice,),
        fail_on="never",
    )
    report = msgspec.structs.replace(report, tree=tree_shape(tree))
    show(report, Output(files=(output,), color=color, concise=True, posture=False))
    typer.echo(
        f"Open {output.resolve()} in a browser.\nNext: grantlint advise, or grantlint lint YOUR-FOLDER\n"
        "Fix: grantlint lint YOUR-FOLDER --fix-plan plan.sh",
        err=True,
    )
    return 0
