"""Rules from the tables ``[[rule]]`` of a configuration: they are rules like any other, of the family ``own``."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final, Protocol

import msgspec

from advisor.errors import ConfigurationError
from advisor.policy.custom_rules.condition import ApplyError, Condition
from advisor.policy.custom_rules.reads import EACH, LanguageError, Value, Way, start_at
from advisor.policy.tables import RuleTable, listed
from advisor.policy.toml_place import TomlPlace
from rules.docs.examples import first_place
from rules.engine.findings import value_at
from rules.engine.rule import Bad, Context, Gap, Good, Rule
from rules.knowledge.reference import Reference
from rules.model.clean import KINDS, NOW, clean
from rules.model.finding import Hit
from rules.model.object_kind import OBJECT_KINDS
from rules.model.registration import UNSET, Registration
from rules.primitives.paths import attributes
from rules.primitives.pointers import pointer_to

#: The family of all of them.
OWN: Final = "own"

#: What a message quotes of a value, in characters; the finding itself has more of it.
QUOTED: Final = 80

_BRACED: Final = re.compile(r"\{(\w*)\}")
#: What RFC 3986 allows in an address, except brackets and quotes, which would end it where it is shown.
_ADDRESS: Final = re.compile(r"https?://[\w.~:/?#@!$&*+,;=%-]+")


class _Wrong(Protocol):
    """Makes an error of what is wrong at a key of the table."""

    def __call__(self, what: str, key: str, *, hint: str) -> ConfigurationError: ...


def build_rule(row: RuleTable, number: int, place: TomlPlace) -> Rule:
    """The rule that the table *row*, the *number*-th from 0, declares.

    Raises ``ConfigurationError`` with the place of what is wrong.
    """

    def wrong(what: str, key: str, *, hint: str) -> ConfigurationError:
        return place.error(f"{row.id}: {what}", key, table="rule", number=number, hint=hint)

    _check_words(row, wrong)
    check = _check(row, wrong)
    rule = Rule(
        id=row.id,
        title=row.title.strip() or f"A registration {row.message.strip().rstrip('.').replace('{value}', '...')}.",
        why=row.why.strip(),
        fix=row.fix.strip(),
        family=OWN,
        severity=row.severity,
        kinds=OBJECT_KINDS,
        needs=check.lists,
        needs_all=() if check.lists else check.properties,
        when_set=check.lists,
        references=tuple(Reference(address, address) for address in row.references),
        bad=(),
        good=tuple(Good(fragment) for fragment in _list(row.good)),
        base=row.over,
        keeps_severity=True,
        check=check,
    )
    # The place of a bad example is where the rule reports it: empty when it does not, which `config --check` reports.
    bad = tuple(Bad(fragment, at=first_place(rule, fragment)) for fragment in _list(row.bad))
    return msgspec.structs.replace(rule, bad=bad)


def _check_words(row: RuleTable, wrong: _Wrong) -> None:
    for key, text in (("message", row.message), ("fix", row.fix)):
        if not text.strip():
            raise wrong(f"{key} is empty", key, hint="write one sentence")
    for braced in _BRACED.findall(row.message):
        if braced != "value":
            raise wrong(f"the message has an unknown placeholder {{{braced}}}", "message", hint="only {value} is known")
    for address in row.references:
        if not _ADDRESS.fullmatch(address):
            raise wrong(f"{address!r} is not a URL", "references", hint="write https://...")


def _check(row: RuleTable, wrong: _Wrong) -> _Check:
    key = "each"
    try:
        starts = {path: start_at(path) for path in listed(row.each)}
        key = "where"
        conditions = [Condition(row.where, start) for start in starts.values() or (Value(),)]
        check = _Check(tuple(starts), conditions[0], row.message.strip().rstrip("."))
        check.try_out()
    except LanguageError as error:
        raise wrong(str(error), key, hint=error.hint) from None
    return check


def _list(value: dict[str, Any] | list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [value] if isinstance(value, dict) else value


class _Check:
    """What the engine calls: the condition on each element of some *lists*, or without lists on the registration."""

    def __init__(self, lists: tuple[str, ...], condition: Condition, message: str) -> None:
        self.lists: Final = lists
        self._condition = condition
        self._message = message
        outer = (way[: way.index(EACH)] if EACH in way else way for way in condition.reads)
        #: The properties that the condition reads, with lists as a whole; of an element when there are lists.
        self.properties: Final = tuple(dict.fromkeys(".".join(way) for way in outer))

    def __call__(self, app: Registration, _: Context) -> Iterator[Hit | Gap]:
        for pointer, part in self._parts(app):
            missing = self._missing(part, pointer, app)
            if missing:
                yield from map(Gap, missing)
                continue
            # A finding on the registration is placed at the first property that the condition reads.
            at = pointer or pointer_to(self.properties[0])
            try:
                if self._condition.holds(self._document(part)):
                    yield Hit(pointer=at, message=self._says(app, at))
            except ApplyError as error:
                yield Gap(at, str(error))

    def try_out(self) -> None:
        """Evaluate the condition on clean registrations, so that a function of the wrong type fails before a run."""
        for kind in KINDS:
            for said in self(msgspec.convert(clean(kind), Registration), Context(NOW)):
                if isinstance(said, Gap) and said.message:
                    raise LanguageError(
                        f"where cannot be applied: {said.message}",
                        "check the types of the values that the condition reads",
                    )

    def _parts(self, app: Registration) -> Iterator[tuple[str, Any]]:
        """What the condition is evaluated on, each with its pointer."""
        if not self.lists:
            yield "", app
        for path in self.lists:
            elements = value_at(app, pointer_to(path))
            for index, element in enumerate(elements if isinstance(elements, tuple) else ()):
                yield f"{pointer_to(path)}/{index}", element

    def _missing(self, part: Any, pointer: str, app: Registration) -> list[str]:
        """The pointers of what the condition reads of *part* and that was not read."""
        read = [end for way in self._condition.reads for end in _ends(part, way, pointer)]
        marked = [place for place in app.unread if any(_overlap(place, end) for end, _ in read)]
        # A marked place is reported by the engine, with its reason.
        return marked or [end for end, value in read if value is UNSET]

    def _document(self, part: Any) -> Any:
        """*part* in JSON types; of a registration only the properties that the condition reads."""
        if isinstance(part, str):
            return part
        if isinstance(part, Registration):
            names = {path.partition(".")[0] for path in self.properties}
            part = {name: getattr(part, attributes(Registration)[name]) for name in names}
        return msgspec.json.decode(msgspec.json.encode(part))

    def _says(self, app: Registration, pointer: str) -> str:
        if "{value}" not in self._message:
            return self._message
        return self._message.replace("{value}", quote(msgspec.to_builtins(value_at(app, pointer))))


def _ends(value: Any, way: Way, pointer: str) -> Iterator[tuple[str, Any]]:
    """The values at the end of a *way*, with their pointers. The way ends early at a null and at what was not read."""
    for position, name in enumerate(way):
        if value is None or value is UNSET:
            break
        if name == EACH:
            for index, element in enumerate(value):
                yield from _ends(element, way[position + 1 :], f"{pointer}/{index}")
            return
        pointer = f"{pointer}/{name}"
        value = getattr(value, attributes(type(value))[name])
    yield pointer, value


def _overlap(one: str, other: str) -> bool:
    """Whether one of two pointers is inside the other."""
    return f"{one}/".startswith(f"{other}/") or f"{other}/".startswith(f"{one}/")


def quote(value: Any) -> str:
    """A value in a message: text as it is, an object by its name, anything else as JSON; at most ``QUOTED``
    characters.
    """
    if isinstance(value, dict):
        names = (value.get(name) for name in ("displayName", "value", "name", "appId", "keyId", "id"))
        value = next((name for name in names if isinstance(name, str) and name), value)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= QUOTED else text[: QUOTED - 1] + "…"


def check_examples(rule: Rule) -> str:
    """What is wrong with the examples of a custom rule, in a few words; empty when nothing is."""
    for number, bad in enumerate(rule.bad, 1):
        if not bad.at:
            return f"bad example {number} is not reported"
    for number, good in enumerate(rule.good, 1):
        if first_place(rule, good.fragment):
            return f"good example {number} is reported"
    return ""
