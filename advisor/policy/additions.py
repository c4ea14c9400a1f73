"""Rules that a configuration adds to the built-in ones: its own (``[[rule]]``) and those of its packs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from advisor.policy.checks import Known, convert_file
from advisor.policy.tables import RuleTable, listed
from advisor.policy.toml_place import TomlPlace
from rules.docs.examples import NO_ID, is_id
from rules.engine.rule import Rule


class Added(msgspec.Struct, frozen=True):
    """A rule that is not built in, and where it comes from: a pack, or a table in a file with its ``each`` and
    ``where``.
    """

    rule: Rule
    file: str = ""
    line: int | None = None
    pack: str = ""
    distribution: str = ""
    each: tuple[str, ...] = ()
    where: str = ""

    @property
    def source(self) -> str:
        """Where it comes from, in words."""
        return f"the pack {self.pack} ({self.distribution})" if self.pack else f"{self.file}, line {self.line}"


def read_additions(
    table: Mapping[str, Any], known: Known, before: tuple[Added, ...], place: TomlPlace
) -> tuple[Added, ...]:
    """What *table* adds to the built-in rules and to those that its profile added *before*.

    Raises ``ConfigurationError`` for an invalid rule, or a name that is taken.
    """
    taken = _Taken(known, before)
    added: list[Added] = []
    if table.get("packs"):
        names = convert_file({"packs": table["packs"]}, place).packs
        loaded = {one.pack for one in before}
        added += _of_packs([name for name in dict.fromkeys(names) if name not in loaded], taken, place)
    if table.get("rule"):
        _refuse_former_keys(table["rule"], place)
        added += _own(convert_file({"rule": table["rule"]}, place).rule, taken, place)
    return tuple(added)


def _own(rows: list[RuleTable], taken: _Taken, place: TomlPlace) -> Iterator[Added]:
    from advisor.policy.custom_rules.build import OWN, build_rule

    for number, row in enumerate(rows):
        if what := taken.take(row.id, OWN):
            raise place.error(f"{row.id!r} {what}", "id", row.id, table="rule", number=number, hint="choose another id")
        line = place.find(table="rule", number=number)[0]
        yield Added(build_rule(row, number, place), file=place.file, line=line, each=listed(row.each), where=row.where)


def _refuse_former_keys(rows: Any, place: TomlPlace) -> None:
    """Say what to write in place of ``select`` and ``needs``, which custom rules had before ``each`` and ``where``."""
    for number, row in enumerate(rows if isinstance(rows, list) else ()):
        for key in ("select", "needs"):
            if isinstance(row, dict) and key in row:
                what = (
                    f"{key} is no longer accepted: each names a list, and where is the condition that is true if "
                    "something is wrong"
                )
                raise place.error(what, key, table="rule", number=number, hint=_instead_of(key, row[key]))


def _instead_of(key: str, value: Any) -> str:
    """What to write in place of a former key with this *value*."""
    if key == "needs":
        return "remove it: what must have been read is derived from where"
    filtered = re.fullmatch(r"([\w.]+)\[\?(.+)\]", str(value))
    if filtered:
        return f"write each = {json.dumps(filtered[1])} and where = {json.dumps(filtered[2], ensure_ascii=False)}"
    return 'write each = "passwordCredentials" and a condition on one of them, or only a condition on the registration'


def _of_packs(names: list[str], taken: _Taken, place: TomlPlace) -> Iterator[Added]:
    from advisor.policy.packs import PackError, load_pack

    for name in names:
        try:
            pack = load_pack(name)
        except PackError as error:
            raise place.error(str(error), "packs", name, hint=error.hint) from None
        for rule in pack.rules:
            if what := taken.take(rule.id, rule.family):
                hint = f"ask the authors of {pack.distribution} to rename it"
                raise place.error(f"pack {name!r}: {rule.id!r} {what}", "packs", name, hint=hint)
            yield Added(rule, pack=name, distribution=pack.distribution)


class _Taken:
    """The names that rules have. One more may not be called as another, nor as a family, nor belong to a built-in
    one.
    """

    def __init__(self, known: Known, before: tuple[Added, ...]) -> None:
        self._rules = {*known.rules, *(one.rule.id for one in before)}
        self._families = set(known.families)

    def take(self, id: str, family: str) -> str:
        """Take *id*; what speaks against it, or an empty text."""
        if not is_id(id):
            return NO_ID
        if id in self._rules:
            return "is the id of another rule"
        if id in self._families or id == family:
            return "is the name of a family"
        if family in self._families:
            return f"would belong to {family}, which is a family of built-in rules"
        self._rules.add(id)
        return ""
