"""``grantlint rules``: list the rules, or explain one."""

from __future__ import annotations

from typing import Annotated

import typer

from advisor.commands.options import complete_rule


def rules(
    id: Annotated[
        str | None,
        typer.Argument(metavar="[ID]", help="A rule or a family.", autocompletion=complete_rule, show_default=False),
    ] = None,
) -> None:
    """List the rules, or explain one: why, how to fix it, a bad and a good
    example, the documents it stands on.

    \b
    Examples:
      grantlint rules
      grantlint rules implicit
      grantlint rules wildcard-redirect-uri
    """
    from advisor.policy.checks import check_names
    from rules.families import RULES

    if id is not None:
        check_names([id], "grantlint rules", (*(r.id for r in RULES), *(r.family for r in RULES)))
        exact = next((r for r in RULES if r.id == id), None)
        if exact is not None:
            from rules.catalogue import render_rule

            typer.echo(render_rule(exact))
            return
    for r in RULES:
        if id is None or r.family == id:
            typer.echo(f"{r.severity:<9} {r.id}\n{'':<10}{r.title}")
