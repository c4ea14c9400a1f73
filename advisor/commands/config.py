"""``grantlint config``: validate the configuration, show its values and their sources, print the schema for editors."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from advisor.commands.options import ConfigurationOptions

if TYPE_CHECKING:
    from advisor.policy.config import Configuration


def config(
    configured: ConfigurationOptions,
    check: Annotated[bool, typer.Option("--check", help="Validate the configuration and exit.")] = False,
    schema: Annotated[bool, typer.Option("--schema", help="Print the JSON Schema, for editors.")] = False,
) -> int:
    """Show the configuration that applies here, and the source of each value.

    The nearest grantlint.toml, or pyproject.toml with [tool.grantlint], is
    found from the working folder upward. Unknown keys, rules and questions
    are errors, each with its line; exit status 2.

    \b
    Examples:
      grantlint config
      grantlint config --check --config ci/grantlint.toml
      grantlint config --schema > grantlint.schema.json
    """
    if schema:
        from advisor.policy.tables import render_configuration_schema

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
    """One line for each value: the value as TOML would say it, then where it comes from."""
    import msgspec

    from rules.model.settings import Settings

    yield f"# {found.file or 'no configuration file; defaults hold'}"
    rows: list[tuple[str, Any, str]] = [
        ("profile", found.profile, "profile"),
        ("select", list(found.select), "select"),
        ("ignore", list(found.ignore), "ignore"),
        ("preview", found.preview, "preview"),
        ("packs", list(dict.fromkeys(one.pack for one in found.added if one.pack)), "packs"),
        ("fail-on", found.fail_on, "fail-on"),
        ("baseline", found.baseline, "baseline"),
    ]
    for name, value, key in rows:
        if value or name == "fail-on":
            yield _line(name, value, found, key)
    if found.severity:
        yield from ("", "[severity]")
        yield from (_line(rule, level, found, "severity") for rule, level in found.severity.items())
    yield from ("", "[settings]")
    for field in msgspec.structs.fields(Settings):
        value = getattr(found.settings, field.name)
        came = "default" if value == field.default else _source(found, "settings")
        yield f"{field.encode_name} = {_toml(list(value) if isinstance(value, tuple) else value)}  # {came}"
    if found.added:
        yield ""
        yield from (f"# rule {one.rule.id}, {one.rule.severity}: {one.source}" for one in found.added)
    required = {
        "max-suppression-days": found.requirements.max_days,
        "require-owner": found.requirements.owner,
        "require-until": found.requirements.until,
        "require-value": found.requirements.value,
    }
    if any(required.values()):
        yield from ("", "[suppressions]")
        yield from (_line(name, value, found, "suppressions") for name, value in required.items() if value)
    if found.requirements.fixed:
        yield from ("", "[ignorable]")
        yield from (_line(name, False, found, "ignorable") for name in sorted(found.requirements.fixed))
    for suppression in found.suppressions:
        until = f" until {suppression.until}" if suppression.until else ""
        about = ", ".join((*suppression.registrations, *suppression.paths)) or "all registrations"
        yield from ("", f"# line {suppression.line}: {', '.join(suppression.rules)} accepted for {about}{until}")
    for override in found.overrides:
        about = ", ".join((*override.registrations, *override.paths))
        other = [f"not {name}" for name in override.ignore]
        other += [f"{name} = {_toml(value)}" for name, value in {**override.severity, **override.settings}.items()]
        yield from ("", f"# for {about}: {', '.join(other) or 'nothing else'}")
    for name, declared in found.registrations.items():
        said = [
            f"{key} = {_toml(value)}" for key, value in (("grant", declared.grant), ("owner", declared.owner)) if value
        ]
        yield from ("", f"# {name}: {', '.join(said) or 'nothing declared'}")
    if found.answers:
        yield from ("", "[advise.answers]")
        yield from (_line(question, choice, found, "advise") for question, choice in found.answers.items())


def _line(name: str, value: Any, found: Configuration, key: str) -> str:
    return f"{name} = {_toml(value)}  # {_source(found, key)}"


def _source(found: Configuration, key: str) -> str:
    if key in found.places:
        return f"line {found.places[key]}"
    return f"profile {found.profile}" if found.profile else "default"


def _toml(value: Any) -> str:
    import json

    return json.dumps(value, ensure_ascii=False)
