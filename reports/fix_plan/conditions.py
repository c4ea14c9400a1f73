"""What a shell script compares and keeps, as JMESPath: Azure CLI evaluates it on an answer (``--query``)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from reports.fix_plan.step import Check
from reports.fix_plan.words import body_text

_PLAIN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def condition(check: Check, wanted: Any) -> str:
    """An expression that is true of an answer where *wanted* (``check.read`` or ``check.done``) is met."""
    place = _place(check)
    if wanted is None:
        return f"{place or '@'} == {literal(None)}"
    return " && ".join(_conditions(place, wanted)) or "`true`"


def selection(check: Check, members: Any) -> str:
    """An expression for the named *members* of an answer with their values; an object that is null stays null."""
    place = _place(check)
    return (f"{place}." if place else "") + _selected("", members)


def literal(value: Any) -> str:
    """*value* as a JMESPath literal. ``body_text`` has no backtick, which would end it."""
    return f"`{body_text(value)}`"


def _place(check: Check) -> str:
    if check.element is None:
        return ""
    one = check.element
    return f"({_name(one.name)}[?{_name(one.member)} == {literal(one.value)}] | [0])"


def _conditions(place: str, wanted: Any) -> Iterator[str]:
    if isinstance(wanted, dict):
        for name, value in wanted.items():
            yield from _conditions(_below(place, name), value)
    elif isinstance(wanted, list):
        yield from _list_conditions(place, wanted)
    else:
        yield f"{place} == {literal(wanted)}"


def _list_conditions(place: str, wanted: list[Any]) -> Iterator[str]:
    """Graph keeps no order in a list, and answers with null for an empty one."""
    if wanted and all(isinstance(one, str) for one in wanted):
        yield f"sort({place} || `[]`) == {literal(sorted(wanted))}"
        return
    yield f"length({place} || `[]`) == {literal(len(wanted))}"
    for one in wanted:
        listed = f"{place}[].{_selected('', dict.fromkeys(one))}" if isinstance(one, dict) else place
        yield f"contains({listed} || `[]`, {literal(one)})"


def _selected(place: str, members: Any) -> str:
    parts = []
    for name, value in members.items():
        there = _below(place, name)
        chosen = f"{there} && {_selected(there, value)}" if isinstance(value, dict) and value else there
        parts.append(f"{_name(name)}: {chosen}")
    return f"{{{', '.join(parts)}}}"


def _below(place: str, name: str) -> str:
    return f"{place}.{_name(name)}" if place else _name(name)


def _name(name: str) -> str:
    return name if _PLAIN.fullmatch(name) else body_text(name)
