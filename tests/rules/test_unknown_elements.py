"""An element of a list that was not read never reaches a rule as a text: nothing is found at it or because of it."""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from advisor.sources.reading.graph_json import decode_application
from rules.engine.rule import Bad, Context, Rule, Subject
from rules.engine.run import lint
from rules.families import RULES
from rules.model.clean import NOW, merged_into
from rules.model.registration import Unread, mark_unread
from rules.model.settings import Settings

#: Rules for which it counts that an element is there, not what it says; and one whose list no source reads in part.
OF_PRESENCE = ("mixed-client-types", "overwritten-resource")
CASES = [
    pytest.param(rule, bad, id=f"{rule.id}-{number}")
    for rule in RULES
    if rule.on == "registration" and rule.id not in OF_PRESENCE
    for number, bad in enumerate(rule.bad)
    if isinstance(bad.fragment, dict)
]
UNKNOWN = Unread("placeholder", note="var.something", remedy="name the file that decides")


def elements(value: Any, pointer: str = "") -> Iterator[str]:
    """The pointers of all texts in lists."""
    if isinstance(value, dict):
        for key, member in value.items():
            yield from elements(member, f"{pointer}/{key}")
    elif isinstance(value, list):
        for index, member in enumerate(value):
            if isinstance(member, str):
                yield f"{pointer}/{index}"
            else:
                yield from elements(member, f"{pointer}/{index}")


def replaced(value: Any, pointer: str) -> Any:
    """*value* with *not known* in the place of what *pointer* leads to."""
    first, _, rest = pointer[1:].partition("/")
    if isinstance(value, dict):
        return {**value, first: replaced(value[first], f"/{rest}") if rest else UNKNOWN}
    index = int(first)
    return [*value[:index], replaced(value[index], f"/{rest}") if rest else UNKNOWN, *value[index + 1 :]]


@pytest.mark.parametrize(("rule", "bad"), CASES)
def test_nothing_is_found_at_an_element_that_was_not_read(rule: Rule, bad: Bad) -> None:
    value = merged_into(rule.base, bad.fragment)
    settings = msgspec.convert(dict(bad.settings), Settings) if bad.settings else Settings()
    for pointer in elements(value):
        decoded = decode_application(replaced(value, pointer))
        assert pointer in decoded.unread
        subject = Subject("x", mark_unread(decoded.app, decoded.unread))
        for finding in lint([subject], [rule], Context(NOW, settings)).findings:
            places = [finding.pointer, *(because.pointer for because in finding.because)]
            assert pointer not in places, f"{finding.message} ({pointer})"
