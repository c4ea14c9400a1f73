"""What a run starts from: the clock, the version, the configuration and the chosen rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from advisor.limits import Limits

#: The version of this release; a test compares it with ``pyproject.toml``. Asking the installed metadata costs 30 ms.
VERSION: Final = "0.1.0"

if TYPE_CHECKING:
    from advisor.policy.checks import Known
    from advisor.policy.config import Configuration
    from rules.engine.rule import Rule


def clock_utc() -> datetime:
    """The clock: the one place of the product that asks it."""
    return datetime.now(UTC)  # noqa: TID251


def as_of(today: datetime | None, clock: datetime) -> datetime:
    """The moment of the checks: the beginning of the day that ``--today`` names, in UTC, else that of the *clock*."""
    return today.replace(tzinfo=UTC) if today else clock


def load(path: Path | None, *, isolated: bool, place: Callable[[Path], Path] | None = None) -> Configuration:
    """The configuration: the file at *path*, else the nearest one upward unless *isolated*, else the defaults.

    *place* says where the text of each file is; without it, each is read as it is. A file at *path* that was not there
    then is as none.
    """
    from advisor.policy.config import Configuration, as_it_is, find_configuration, load_configuration

    place = place or as_it_is
    found = path if path is not None else None if isolated else find_configuration(Path.cwd(), place)
    if found is None or (found.is_file() and not place(found).is_file()):
        return Configuration()
    return load_configuration(found, known_names(), place)


def known_names() -> Known:
    """The names that a configuration may use."""
    from advisor.policy.checks import Known
    from advisor.policy.texts import POLICY_TEXTS
    from rules.analysis.grants import GRANTS
    from rules.families import RULES

    return Known(
        rules=(*(r.id for r in RULES), *(text.id for text in POLICY_TEXTS)),
        families=tuple(dict.fromkeys((*(r.family for r in RULES), *(text.family for text in POLICY_TEXTS)))),
        grants=tuple(grant.id for grant in GRANTS),
        questions=_questions,
        family_of={r.id: r.family for r in RULES},
        version=VERSION,
    )


def _questions() -> Mapping[str, tuple[str, ...]]:
    """The questions of the tree with their choices; the tree is read only where a configuration answers some."""
    from advisor.decide.load import load_tree

    return {name: tuple(choice.id for choice in question.choices) for name, question in load_tree().facts.items()}


def limits_of(configuration: Configuration, most_bytes: int | None = None) -> Limits:
    """What one file may cost: the limits of the configuration, but *most_bytes* where ``--max-bytes`` gives a size."""
    found = Limits(**configuration.limits)
    return found if most_bytes is None else found._replace(bytes=most_bytes)


def all_rules(configuration: Configuration) -> tuple[Rule, ...]:
    """The built-in rules, those of packs, and the organization's own."""
    from rules.families import RULES

    return (*RULES, *(one.rule for one in configuration.added))


def names_of_rules(configuration: Configuration) -> frozenset[str]:
    """The names of all rules and of their families."""
    return frozenset(name for rule in all_rules(configuration) for name in (rule.id, rule.family))


def severity_named(word: str | None) -> str | None:
    """The severity that ``--fail-on`` names. Raises ``UsageError`` for an unknown *word*."""
    from advisor.errors import UsageError
    from advisor.policy.checks import FAIL_ON

    if word is not None and word not in FAIL_ON:
        raise UsageError(f"unknown severity {word!r} in --fail-on", hint=f"one of {', '.join(FAIL_ON)}")
    return word


def choose(
    configuration: Configuration, select: list[str], ignore: list[str], *, preview: bool = False
) -> tuple[Rule, ...]:
    """The rules that run: the command line's selection, else the configuration's, less what either ignores.

    Rules in preview run with *preview*, where the configuration says so, or when they are selected by their own name.
    """
    from advisor.policy.checks import check_names

    rules = all_rules(configuration)
    known = (*(r.id for r in rules), *(r.family for r in rules))
    wanted = check_names(select, "--select", known) or configuration.select
    off = (name for name, level in configuration.severity.items() if level == "off")
    unwanted = (*check_names(ignore, "--ignore", known), *configuration.ignore, *off)
    statuses = {"stable", "deprecated", *(("preview",) if preview or configuration.preview else ())}
    return tuple(
        r
        for r in rules
        if (not wanted or r.id in wanted or r.family in wanted)
        and (r.status in statuses or (r.status == "preview" and r.id in wanted))
        and r.id not in unwanted
        and r.family not in unwanted
    )


def choose_some(
    configuration: Configuration, select: list[str], ignore: list[str], *, preview: bool = False
) -> tuple[Rule, ...]:
    """The rules that run, as ``choose`` gives them. Raises ``UsageError`` for a selection that leaves none."""
    from advisor.errors import UsageError
    from advisor.policy.texts import POLICY_TEXTS

    chosen = choose(configuration, select, ignore, preview=preview)
    of_policy = {name for text in POLICY_TEXTS for name in (text.id, text.family)}
    if not chosen and (select or not of_policy.intersection(configuration.select)):
        where = configuration.file or "the command line"
        hint = f"see select, ignore and severity of {where}; grantlint rules lists all rules"
        raise UsageError("no rule is selected", hint=hint)
    return chosen


def check_rules_run(rules: Sequence[Rule], select: Sequence[str], *, tenant: bool, dns: bool, usage: bool) -> None:
    """Raise ``UsageError`` if none of *rules* checks what was read: files, or a *tenant*, with or without DNS.

    The same for a rule that needs evidence of *usage* and that *select* names, where there is none.
    """
    from advisor.errors import UsageError

    there = [rule for rule in rules if tenant or rule.on in ("registration", "registrations")]
    if rules and not there:
        what = "the selected rules check only tenants, not files"
        raise UsageError(what, hint="lint a tenant with --tenant, or select other rules")
    if there and not dns and all(rule.needs_dns for rule in there):
        raise UsageError("all selected rules query DNS", hint="add --resolve-hosts, or select other rules")
    lacking = [] if usage else [rule.id for rule in there if rule.needs_usage]
    named = [name for name in lacking if name in ",".join(select).split(",")]
    if named or (lacking and len(lacking) == len(there)):
        raise UsageError(f"the rule {(named or lacking)[0]} needs --usage", hint="the rule checks sign-in logs")
