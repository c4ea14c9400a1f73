"""The shapes of expressions that HCL, Bicep and ARM templates share, and the values of those of Bicep and ARM.

A value that depends on a parameter without a value, on something that only exists after the deployment, or on a
function that is not in the table is ``Unread``, with the words of the expression.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import Final, Generic, Protocol, TypeVar

import msgspec

from advisor.limits import spend
from advisor.sources.code.function_arguments import is_partial
from advisor.sources.reading.node import Node, Place, absent
from rules.model.registration import Unread

#: This much of an expression is shown in place of its value.
_SHOWN: Final = 80
#: Each step of a chain such as ``a.b[0].c`` contains the words up to it, so a long chain would cost its square.
LONGEST_CHAIN: Final = 100


class Expression(msgspec.Struct, frozen=True, kw_only=True):
    """Something that has a value: where it is written, and its words."""

    place: Place
    words: str


class Literal(Expression, frozen=True, kw_only=True):
    """A text, number or boolean, or null."""

    value: str | int | float | bool | None


class Name(Expression, frozen=True, kw_only=True):
    """Something declared elsewhere, or the variable of a loop."""

    name: str


class Items(Expression, frozen=True, kw_only=True):
    """A list in brackets."""

    items: tuple[Expression, ...]


class Members(Expression, frozen=True, kw_only=True):
    """An object in braces: keys, which are expressions too, and values."""

    members: tuple[tuple[Expression, Expression], ...]


class Choice(Expression, frozen=True, kw_only=True):
    """One of two values."""

    condition: Expression
    yes: Expression
    no: Expression


class Computed(Expression, frozen=True, kw_only=True):
    """A shape of one language, which knows what it comes to."""

    def value_in(self, scope: Scope) -> Node:
        """What it comes to in a *scope*."""
        raise NotImplementedError


class Opaque(Expression, frozen=True, kw_only=True):
    """A shape whose value is not computed."""


class Scope(Protocol):
    """What names mean in a place."""

    def find(self, name: str, /) -> Node | None:
        """The value of *name*; nothing for a name that is not known.

        A value that no file contains has a place that is not ``there``: it is shown where it is used.
        """

    def within(self, names: Mapping[str, Node], /) -> Scope:
        """The same with more names."""

    def not_known(self, words: str, /) -> Unread:
        """Why the value of these words is not known."""


Value = TypeVar("Value")


class Memo(Generic[Value]):
    """The values of names that a scope has worked out: each is worked out once, however often it is used."""

    def __init__(self) -> None:
        self._found: dict[Hashable, Value | None] = {}
        self._busy: set[Hashable] = set()
        self._unsettled = 0

    def find(self, key: Hashable, work_out: Callable[[], Value | None]) -> Value | None:
        """The value of *key*; nothing for a name that its own value is made of."""
        if key in self._found:
            return self._found[key]
        if key in self._busy:
            self.unsettle()
            return None
        before = self._unsettled
        self._busy.add(key)
        try:
            found = work_out()
        finally:
            self._busy.discard(key)
        if self._unsettled == before:
            self._found[key] = found
        return found

    def unsettle(self) -> None:
        """Say that the values which are being worked out depend on where they are used, so that none of them is
        kept.
        """
        self._unsettled += 1


def evaluate(expression: Expression, scope: Scope) -> Node:  # noqa: PLR0911 - one return for each shape
    """What an expression comes to in a *scope*."""
    spend()
    match expression:
        case Literal():
            return Node(expression.value, expression.place)
        case Items():
            return Node([evaluate(item, scope) for item in expression.items], expression.place)
        case Members():
            return _members(expression, scope)
        case Choice():
            condition = evaluate(expression.condition, scope).value
            if isinstance(condition, bool):
                return evaluate(expression.yes if condition else expression.no, scope)
        case Name():
            return _named(expression, scope)
        case Computed():
            return expression.value_in(scope)
    return not_known(expression, scope)


def not_known(expression: Expression, scope: Scope) -> Node:
    """An expression as a value that is not known."""
    return Node(scope.not_known(shorten(expression.words)), expression.place)


def shorten(words: str) -> str:
    """The words of an expression on one line, cut."""
    words = " ".join(words.split())
    return words if len(words) <= _SHOWN else words[: _SHOWN - 1] + "…"


def _members(expression: Members, scope: Scope) -> Node:
    found: dict[str, Node] = {}
    for key, member in expression.members:
        name = evaluate(key, scope).value
        if not isinstance(name, str | int) or isinstance(name, bool):
            return not_known(expression, scope)
        found[str(name)] = evaluate(member, scope)
    return Node(found, expression.place)


def _named(expression: Name, scope: Scope) -> Node:
    """The value of a name, shown where it is used if it is not known."""
    found = scope.find(expression.name)
    if found is None:
        return not_known(expression, scope)
    return shown(found, expression) if found.known else Node(found.value, expression.place)


def shown(node: Node, expression: Expression) -> Node:
    """What an *expression* takes from elsewhere. What is in no file, such as the ID of a permission of Microsoft's, is
    shown where it is used.
    """
    if node.place.there:
        return Node(node.value, node.place.used(expression.words, expression.place), node.name)
    return absent(node.value, expression.place) if is_partial(node) else Node(node.value, expression.place)
