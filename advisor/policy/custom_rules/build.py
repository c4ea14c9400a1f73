"""Rules from the tables ``[[rule]]`` of a configuration: they are rules like any other, of the family ``own``."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final, Protocol

import msgspec

from advisor.errors import ConfigurationError
from advisor.policy.checks import nearest
from advisor.policy.custom_rules.reads import ReadError
from advisor.policy.custom_rules.selection import Missing, SelectError, Selection
from advisor.policy.tables import RuleTable
from advisor.policy.toml_place import TomlPlace
from rules.docs.examples import first_place
from rules.engine.rule import Bad, Context, Gap, Good, Rule
from rules.knowledge.reference import Reference
from rules.model.finding import Hit
from rules.model.registration import Registration
from rules.primitives.paths import PathReader

#: The family of all of them.
OWN: Final = "own"

#: What a message quotes of a value, in characters; the finding itself has more of it.
QUOTED: Final = 80

_BRACED: Final = re.compile(r"\{(\w*)\}")
#: What RFC 3986 allows in an address, but for brackets and quotes, which would end it where it is shown.
_ADDRESS: Final = re.compile(r"https?://[\w.~:/?#@!$&*+,;=%-]+")


class _Wrong(Protocol):
    """Makes an error of what is wrong at a key of the table."""

    def __call__(self, what: str, *tokens: str, hint: str) -> ConfigurationError: ...


def build_rule(row: RuleTable, number: int, place: TomlPlace) -> Rule:
    """The rule that the table *row*, the *number*-th from 0, declares.

    Raises ``ConfigurationError`` with the place of what does not hold together.
    """

    def wrong(what: str, *tokens: str, hint: str) -> ConfigurationError:
        return place.error(f"{row.id}: {what}", *tokens, table="rule", number=number, hint=hint)

    _check_words(row, wrong)
    selection = _selection(row, wrong)
    found = selection.reads
    needs = _needs(row, wrong) or found.paths
    if found.whole and not row.needs:
        what = "nobody can tell what the expression needs: it takes the registration as one value"
        raise wrong(what, "select", hint='name what must have been read, as in needs = ["tags", "web.redirectUris"]')
    by_element = bool(found.each) and not row.needs
    rule = Rule(
        id=row.id,
        title=row.title.strip() or _title(row.message),
        why=row.why.strip(),
        fix=row.fix.strip(),
        family=OWN,
        severity=row.severity,
        needs=needs if by_element else (),
        needs_all=() if by_element else needs,
        when_set=() if row.needs else found.silent,
        references=tuple(Reference(address, address) for address in row.references),
        bad=(),
        good=tuple(Good(fragment) for fragment in _list(row.good)),
        base=row.over,
        check=_Judge(selection, row.message.strip()),
    )
    # A bad example stands where the rule reports it: nowhere when it does not, which `config --check` tells.
    bad = tuple(Bad(fragment, at=first_place(rule, fragment)) for fragment in _list(row.bad))
    return msgspec.structs.replace(rule, bad=bad)


def _check_words(row: RuleTable, wrong: _Wrong) -> None:
    for key, text in (("message", row.message), ("fix", row.fix)):
        if not text.strip():
            raise wrong(f"{key} is empty", key, hint="say it in one sentence")
    for braced in _BRACED.findall(row.message):
        if braced != "value":
            raise wrong(f"nothing is filled in for {{{braced}}}", "message", hint="only {value} is")
    for address in row.references:
        if not _ADDRESS.fullmatch(address):
            raise wrong(f"{address!r} is no address", "references", hint="write https://...")


def _selection(row: RuleTable, wrong: _Wrong) -> Selection:
    try:
        return Selection(row.select)
    except SelectError as error:
        hint = nearest(error.word, error.known) if error.known else error.hint
        raise wrong(f"select {error}", "select", hint=hint) from None
    except ReadError as error:
        hint = nearest(error.word, error.names) if error.names else "see the names in Microsoft Graph's application"
        raise wrong(str(error), "select", hint=hint) from None


def _needs(row: RuleTable, wrong: _Wrong) -> tuple[str, ...]:
    for path in row.needs:
        try:
            PathReader(Registration, (path,))
        except KeyError:
            hint = "write it as Graph does, such as web.redirectUris"
            raise wrong(f"registrations have no property {path!r}", "needs", path, hint=hint) from None
    return tuple(row.needs)


def _title(message: str) -> str:
    """A title for a rule that has only a message."""
    return f"A registration {message.strip().rstrip('.').replace('{value}', '...')}."


def _list(value: dict[str, Any] | list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [value] if isinstance(value, dict) else value


class _Judge:
    """What the engine calls."""

    def __init__(self, selection: Selection, message: str) -> None:
        self._selection = selection
        self._message = message.rstrip(".")
        self._quotes = "{value}" in message

    def __call__(self, app: Registration, _: Context) -> Iterator[Hit | Gap]:
        for said in self._selection.ask(app):
            if isinstance(said, Missing):
                yield Gap(said.pointer, said.note)
            else:
                says = self._message.replace("{value}", quote(said.value)) if self._quotes else self._message
                yield Hit(pointer=said.pointer, message=says)


def quote(value: Any) -> str:
    """A value in a message: text as it is, an object by its name, anything else as JSON; at most ``QUOTED`` characters."""
    if isinstance(value, dict):
        names = (value.get(name) for name in ("displayName", "value", "name", "appId", "keyId", "id"))
        value = next((name for name in names if isinstance(name, str) and name), value)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= QUOTED else text[: QUOTED - 1] + "…"


def check_examples(rule: Rule) -> str:
    """What is wrong with the examples of an own rule, in a few words; empty when nothing is."""
    for number, bad in enumerate(rule.bad, 1):
        if not bad.at:
            return f"bad example {number} is not reported"
    for number, good in enumerate(rule.good, 1):
        if first_place(rule, good.fragment):
            return f"good example {number} is reported"
    return ""
