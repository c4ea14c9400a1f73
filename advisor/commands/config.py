"""``grantlint config``: validate the configuration, show its values and their sources, print the schema for editors."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from advisor.commands.options import ConfigurationOptions

if TYPE_CHECKING:
    from advisor.policy.config import Configuration


def config(
    configured: ConfigurationOptions,
    check: Annotated[bool, typer.Option("--check", help="Validate the configuration and exit.")] = False,
    schema: Annotated[bool, typer.Option("--schema", help="Print the JSON Schema, for editors.")] = False,
) -> int:
    """Show the configuration of the working folder, and the source of each
    value.

    grantlint uses the nearest grantlint.toml, or pyproject.toml with
    [tool.grantlint], from the working folder upward. Unknown keys, rules and
    questions are errors with a line; the exit status is then 2.

    \b
    Examples:
      grantlint config
      grantlint config --check --config ci/grantlint.toml
      grantlint config --schema > grantlint.schema.json
    """
    if schema:
        from advisor.policy.schema import render_configuration_schema

        typer.echo(render_configuration_schema(), nl=False)
        return 0

    found = configured.load()
    if check:
        from advisor.run.policy import warn_of_outdated

        _check_examples(found)
        warn_of_outdated(found)
        typer.echo(f"{found.file or 'no configuration file'}: valid")
        return 0
    from reports.escape import visible

    for line in _lines(found):
        typer.echo(visible(line) if line else "")
    return 0


def _check_examples(found: Configuration) -> None:
    """Check the organization's own rules with their examples. Raises ``ConfigurationError`` for the first that is
    wrong.
    """
    from advisor.errors import ConfigurationError

    for one in found.added:
        if one.pack:
            continue
        from advisor.policy.custom_rules.build import check_examples

        if what := check_examples(one.rule):
            hint = "fix the example or the condition"
            raise ConfigurationError(f"{one.rule.id}: {what}", file=one.file, line=one.line, hint=hint)


def _lines(found: Configuration) -> Iterator[str]:
    """One line for each value as TOML has it, with the file and line, or the profile, that it comes from."""
    from advisor.policy.coverage import seen_from_here
    from advisor.policy.values import (
        said_of_declared,
        said_of_override,
        said_of_suppression,
        toml,
        values,
    )

    yield f"# {found.file or 'no configuration file: defaults'}"
    table = ""
    for key, value in values(found).items():
        head, _, name = key.rpartition(".")
        if value in ("", (), False) and head not in ("settings", "ignorable"):
            continue
        if head != table:
            yield from ("", f"[{head}]")
            table = head
        yield f"{name or key} = {toml(value)}  # {_source(found, key, value)}"
    if found.added:
        yield ""
        yield from (f"# rule {one.rule.id}, {one.rule.severity}: {one.source}" for one in found.added)
    said = [(one.file, one.line, f"accepted: {said_of_suppression(one)}") for one in found.suppressions]
    said += [(one.file, one.line, f"for {said_of_override(one)}") for one in found.overrides]
    said += [(one.file, one.line, said_of_declared(one)) for one in found.registrations]
    for file, line, words in said:
        yield from ("", f"# {seen_from_here(file)}, line {line}: {words}")


def _source(found: Configuration, key: str, value: object) -> str:
    """Where a value is set. The names of ``ignore`` and ``lock`` may be in several files."""
    from advisor.policy.coverage import seen_from_here

    names = [f"{key}.{name}" for name in value] if isinstance(value, tuple) else []
    places = [found.places[name] for name in names if name in found.places]
    if not places and key in found.places:
        places = [found.places[key]]
    return "; ".join(dict.fromkeys(f"{seen_from_here(place.file)}, line {place.line}" for place in places)) or "default"
