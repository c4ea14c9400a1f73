"""``grantlint rules``: list the rules, or explain one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from advisor.commands.options import complete_rule

if TYPE_CHECKING:
    from reports.report import RuleText
    from rules.engine import Rule


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
    from advisor.policy.texts import POLICY_TEXTS
    from rules.families import RULES

    known: tuple[Rule | RuleText, ...] = (*RULES, *POLICY_TEXTS)
    if id is not None:
        check_names([id], "grantlint rules", (*(r.id for r in known), *(r.family for r in known)))
        exact = next((r for r in known if r.id == id), None)
        if exact is not None:
            typer.echo(_explained(exact))
            return
    for r in known:
        if id is None or r.family == id:
            typer.echo(f"{r.severity:<9} {r.id}\n{'':<10}{r.title}")


def _explained(found: Rule | RuleText) -> str:
    """A rule over registrations with its examples; one about the configuration in as many words as it has."""
    from reports.report import RuleText
    from rules.catalogue import render_rule

    if not isinstance(found, RuleText):
        return render_rule(found)
    head = f"{found.id}\n{found.severity}, family {found.family}\n\n{found.title}\n\nWhy: {found.why}\n\nFix: {found.fix}\n"
    sources = "".join(f"  {reference.title}\n    {reference.url}\n" for reference in found.references)
    return head + (f"\nSources:\n{sources}" if sources else "")
