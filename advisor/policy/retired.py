"""Names of renamed, deprecated and removed rules: their use gets a warning with what to use instead."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import msgspec

from advisor.policy.config import Configuration
from advisor.policy.profiles import is_built_in
from advisor.policy.renamed import new_names
from advisor.policy.suppressions import Suppression
from rules.engine.rule import Rule

_WORDS: Final = {"deprecated": "is deprecated and will be removed", "removed": "has been removed and checks nothing"}


class Outdated(msgspec.Struct, frozen=True):
    """A name that should not be used any more: what is wrong, where it is, what to do."""

    what: str
    hint: str
    file: str | None = None
    line: int | None = None


def outdated(
    rules: Sequence[Rule],
    configuration: Configuration,
    comments: Iterable[Suppression] = (),
    *,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
) -> Iterator[Outdated]:
    """Every use of a renamed, deprecated or removed rule, in the options *select* and *ignore*, in the configuration
    and in comments.
    """
    retired = {rule.id: rule for rule in rules if rule.status in _WORDS}
    for name, key, place in configuration.old_names:
        yield _renamed(name, key, place.file, place.line)
    for names, where, file, line in _uses(configuration, comments, select, ignore):
        for name in names:
            if name in new_names():
                yield _renamed(name, where, file, line)
            elif name in retired:
                rule = retired[name]
                hint = f"use {rule.instead} instead" if rule.instead else "remove the name"
                yield Outdated(f"rule {name!r} in {where} {_WORDS[rule.status]}", hint, file, line)


def _renamed(name: str, where: str, file: str | None, line: int | None) -> Outdated:
    return Outdated(f"rule {name!r} in {where} was renamed", f"write {new_names()[name]!r}", file, line)


_Use = tuple[Iterable[str], str, str | None, int | None]


def _uses(
    configuration: Configuration, comments: Iterable[Suppression], select: Sequence[str], ignore: Sequence[str]
) -> Iterator[_Use]:
    for option, values in (("--select", select), ("--ignore", ignore)):
        yield [name.strip() for value in values for name in value.split(",")], option, None, None
    for key in ("select", "ignore", "severity"):
        place = configuration.places.get(key)
        if place is not None and not is_built_in(place.file):  # what a profile of ours names is ours to fix
            yield tuple(getattr(configuration, key)), key, place.file, place.line
    for override in configuration.overrides:
        yield (*override.ignore, *override.severity), "override", override.file, override.line
    for suppression in (*configuration.suppressions, *comments):
        yield (*suppression.rules, *suppression.old_names), "a suppression", suppression.file, suppression.line
