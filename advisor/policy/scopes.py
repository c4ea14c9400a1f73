"""Which rules check which registrations, with which settings: overrides split a run into scopes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Generic, Protocol, TypeVar

import msgspec

from advisor.policy.config import Configuration, Override, settings_over
from advisor.policy.govern import applies
from reports.rows import RegistrationRow
from rules.engine.rule import Rule
from rules.model.settings import Settings


class Keyed(Protocol):
    """What is checked under a key of the report."""

    @property
    def key(self) -> str:
        """The key by which the report names it."""


Checked = TypeVar("Checked", bound=Keyed)


class LintScope(msgspec.Struct, Generic[Checked], frozen=True):
    """Registrations, or applications of a tenant, that are checked alike."""

    subjects: tuple[Checked, ...]
    rules: tuple[Rule, ...]
    settings: Settings


def scopes(
    subjects: Sequence[Checked],
    rows: Mapping[str, RegistrationRow],
    rules: Sequence[Rule],
    configuration: Configuration,
) -> tuple[LintScope[Checked], ...]:
    """Split *subjects* by the overrides that apply to them; without overrides there is one scope with all."""
    if not configuration.overrides:
        return (LintScope(tuple(subjects), tuple(rules), configuration.settings),)
    groups: dict[tuple[int, ...], list[Checked]] = {}
    for subject in subjects:
        row = rows[subject.key]
        matching = tuple(n for n, override in enumerate(configuration.overrides) if applies(override, row))
        groups.setdefault(matching, []).append(subject)
    return tuple(
        _scope(found, rules, configuration, [configuration.overrides[n] for n in matching])
        for matching, found in groups.items()
    )


def _scope(
    subjects: Iterable[Checked], rules: Sequence[Rule], configuration: Configuration, overrides: Sequence[Override]
) -> LintScope[Checked]:
    settings = configuration.settings
    off: set[str] = set()
    for override in overrides:
        settings = settings_over(settings, override.settings)
        off |= {*override.ignore, *(name for name, level in override.severity.items() if level == "off")}
        off -= {name for name, level in override.severity.items() if level != "off"}
    kept = tuple(rule for rule in rules if rule.id not in off and rule.family not in off)
    return LintScope(tuple(subjects), kept, settings)
