"""``grantlint rules``: list the rules, or explain one."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from advisor.commands.options import ConfigurationOptions, TextOrJsonOption, complete_rule
from advisor.run.terminal_width import terminal_width

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from advisor.policy.additions import Added
    from reports.rows import RuleText
    from rules.engine.rule import Rule


def rules(
    configured: ConfigurationOptions,
    id: Annotated[
        str | None,
        typer.Argument(metavar="ID", help="A rule or a family.", autocompletion=complete_rule, show_default=False),
    ] = None,
    format: TextOrJsonOption = "text",
) -> None:
    """List the rules, or explain one rule: why it matters, how to fix a
    finding, a bad and a good example, and the sources.

    The family own contains an organization's custom rules. The rules of a pack
    are in a family with the name of the pack. A preview rule runs with
    --preview, or when you select it by its ID.

    \b
    Examples:
      grantlint rules
      grantlint rules implicit
      grantlint rules wildcard-redirect-uri
      grantlint rules --format json
      grantlint rules own --config grantlint.toml
    """
    from advisor.errors import UsageError
    from advisor.policy.checks import check_names
    from advisor.policy.renamed import new_names
    from advisor.policy.texts import POLICY_TEXTS
    from advisor.run.session import all_rules
    from reports.escape import visible
    from reports.wrap import wrap

    configuration = configured.load()
    known: tuple[Rule | RuleText, ...] = (*all_rules(configuration), *POLICY_TEXTS)
    added = {one.rule.id: one for one in configuration.added}
    name = id and new_names().get(id, id)
    shown = list(known)
    if name == "":
        raise UsageError("the name of a rule or family is empty", hint="see `grantlint rules`")
    if name is not None:
        check_names([name], "grantlint rules", (*(r.id for r in known), *(r.family for r in known)))
        exact = [r for r in known if r.id == name]
        shown = exact or [r for r in known if r.family == name]
        if exact and format == "text":
            for line in _explained(exact[0], added.get(name)).split("\n"):
                typer.echo(visible(line))
            return
    if format == "json":
        typer.echo(_json(shown, added), nl=False)
        return
    for r in shown:
        typer.echo(f"{r.severity:<9} {visible(r.id)}{_mark(r, r.id in added)}")
        for line in wrap(visible(r.title), terminal_width(sys.stdout), " " * 10):
            typer.echo(line)


def _json(shown: Sequence[Rule | RuleText], added: Mapping[str, Added]) -> str:
    """The rules as a JSON array, one object each: texts, severities, what each needs, its settings and sources."""
    import msgspec

    return (
        msgspec.json.format(msgspec.json.encode([_json_of(r, added.get(r.id)) for r in shown]), indent=2).decode()
        + "\n"
    )


def _json_of(found: Rule | RuleText, added: Added | None) -> dict[str, object]:
    """A rule for tools. A rule about the configuration needs no value and has no setting."""
    from reports.rows import RuleText
    from rules.model.settings import settings_table

    texts: dict[str, object] = {
        "id": found.id,
        "family": found.family,
        "severity": found.severity,
        "title": found.title,
        "why": found.why,
        "fix": found.fix,
        "references": found.references,
        "origin": added.source if added else "built-in",
    }
    if isinstance(found, RuleText):
        return texts
    defaults = {name: default for name, _, default, _ in settings_table()}
    return texts | {
        "status": found.status,
        "instead": found.instead,
        "severities": [found.severity, *found.may_be],
        "acceptable": found.acceptable,
        "on": found.on,
        "needs": sorted({*found.needs, *found.needs_all}),
        "settings": {name: defaults[name] for name in found.settings},
    }


def _mark(found: Rule | RuleText, added: bool) -> str:
    """What a list says of a rule after its name: its origin, and its status unless that is stable."""
    status = getattr(found, "status", "stable")
    words = ((found.family,) if added else ()) + ((status,) if status != "stable" else ())
    return f" ({', '.join(words)})" if words else ""


def _explained(found: Rule | RuleText, added: Added | None) -> str:
    """A rule over registrations with its examples; one about the configuration in as many words as it has."""
    from reports.rows import RuleText
    from rules.docs.rule_page import render_rule

    if not isinstance(found, RuleText):
        text = render_rule(found, added.source if added else "")
        if added is None or not added.where:
            return text
        each = "".join(f"  each   {path}\n" for path in added.each)
        return f"{text}\n\nCondition:\n{each}  where  {added.where}"
    head = (
        f"{found.id}\n{found.severity}, family {found.family}\n\n{found.title}\n\nWhy: {found.why}\n\nFix: "
        f"{found.fix}\n"
    )
    sources = "".join(f"  {reference.dated_label}\n    {reference.url}\n" for reference in found.references)
    return head + (f"\nSources:\n{sources}" if sources else "")
