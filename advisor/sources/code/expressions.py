"""Expressions of Terraform, Bicep and ARM, and what they come to as far as that can be known without running anything.

All three are parsed into the same few shapes. What depends on a parameter without a value, on something that only
exists after the deployment, or on a function that is not listed here is ``Unread``, with the words of the expression.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, Final, Protocol

import msgspec

from advisor.limits import spend
from advisor.sources.code.collection_functions import COUNTED
from advisor.sources.code.function_arguments import Unknowable, as_text, is_partial, length
from advisor.sources.code.functions import FUNCTIONS
from advisor.sources.reading.node import Node, Place, absent
from rules.model.registration import Unread

#: So much of an expression is shown in place of its value.
_SHOWN: Final = 80
#: Each step of a chain such as ``a.b[0].c`` knows the words up to it, so a chain of any length would cost its square.
LONGEST_CHAIN: Final = 100


class Expression(msgspec.Struct, frozen=True, kw_only=True):
    """Something that has a value: where it stands, and its words."""

    place: Place
    words: str


class Literal(Expression, frozen=True, kw_only=True):
    """A text, number or switch, or null."""

    value: str | int | float | bool | None


class Template(Expression, frozen=True, kw_only=True):
    """A text with expressions in it."""

    parts: tuple[Expression, ...]


class Name(Expression, frozen=True, kw_only=True):
    """Something declared elsewhere."""

    name: str


class Step(Expression, frozen=True, kw_only=True):
    """A member of an object or an element of a list; *key* is an expression."""

    of: Expression
    key: Expression


class Call(Expression, frozen=True, kw_only=True):
    """A function and its arguments."""

    name: str
    arguments: tuple[Expression, ...]


class Items(Expression, frozen=True, kw_only=True):
    """A list."""

    items: tuple[Expression, ...]


class Members(Expression, frozen=True, kw_only=True):
    """An object: keys, which are expressions too, and values."""

    members: tuple[tuple[Expression, Expression], ...]


class Choice(Expression, frozen=True, kw_only=True):
    """One of two values."""

    condition: Expression
    yes: Expression
    no: Expression


class Each(Expression, frozen=True, kw_only=True):
    """A value for each element of a list or object: the names of the element and of its index or key.

    With a *key* it is an object, and with a *condition* only some elements count.
    """

    element: str
    index: str
    over: Expression
    value: Expression
    key: Expression | None = None
    condition: Expression | None = None


class Computed(Expression, frozen=True, kw_only=True):
    """A shape of one language, which knows what it comes to."""

    def value_in(self, scope: Scope) -> Node:
        """What it comes to in a *scope*."""
        raise NotImplementedError


class Opaque(Expression, frozen=True, kw_only=True):
    """Something that is not looked into."""


class Scope(Protocol):
    """What names mean where an expression stands."""

    def find(self, name: str, steps: Sequence[str | int], /) -> tuple[Node, int] | None:
        """What *name* and the first of the *steps* after it lead to, and how many of them; nothing for a name unknown.

        What nobody wrote there has a place that is not ``there``: it stands where it is asked for.
        """

    def within(self, names: Mapping[str, Node], /) -> Scope:
        """The same with more names."""

    def not_known(self, words: str, /) -> Unread:
        """Why the value of these words is not known."""


class Memo:
    """The values of names that a scope has worked out: each is worked out once, however often it is used."""

    def __init__(self) -> None:
        self._found: dict[Hashable, tuple[Node, int] | None] = {}
        self._busy: set[Hashable] = set()
        self._unsettled = 0

    def find(
        self, key: Hashable, work_out: Callable[[], tuple[Node, int] | None], *, needs: Hashable = None
    ) -> tuple[Node, int] | None:
        """The value of *key*; nothing for a name that its own value, or the one that it *needs*, is made of."""
        if key in self._found:
            return self._found[key]
        busy = key if needs is None else needs
        if busy in self._busy:
            self.unsettle()
            return None
        before = self._unsettled
        self._busy.add(busy)
        try:
            found = work_out()
        finally:
            self._busy.discard(busy)
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
        case Template():
            return _text(expression, scope)
        case Choice():
            condition = evaluate(expression.condition, scope).value
            if isinstance(condition, bool):
                return evaluate(expression.yes if condition else expression.no, scope)
        case Call():
            return _called(expression, scope)
        case Each():
            return _repeated(expression, scope)
        case Name() | Step():
            return _walked(expression, scope)
        case Computed():
            return expression.value_in(scope)
    return not_known(expression, scope)


def not_known(expression: Expression, scope: Scope) -> Node:
    """An expression as a value that nobody knows yet."""
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


def _repeated(expression: Each, scope: Scope) -> Node:
    over = evaluate(expression.over, scope)
    pairs = pairs_of(over)
    if pairs is None or len(pairs) > COUNTED:
        return not_known(expression, scope)
    found = []
    for key, element in pairs:
        names = {expression.element: element, expression.index: Node(key, element.place)}
        inner = scope.within({name: node for name, node in names.items() if name})
        wanted = True if expression.condition is None else evaluate(expression.condition, inner).value
        if not isinstance(wanted, bool):
            return not_known(expression, scope)
        if wanted:
            found.append((expression.key and evaluate(expression.key, inner).value, evaluate(expression.value, inner)))
    if expression.key is None:
        return Node([element for _, element in found], expression.place)
    if not all(isinstance(name, str) for name, _ in found):
        return not_known(expression, scope)
    return Node(dict(found), expression.place)


def pairs_of(node: Node) -> list[tuple[str | int, Node]] | None:
    """Keys, or numbers, and elements of an object or list; ``None`` for what is neither or not known as a whole."""
    if is_partial(node):
        return None
    if isinstance(node.value, dict):
        return list(node.value.items())
    return list(enumerate(node.value)) if isinstance(node.value, list) else None


def _text(expression: Template, scope: Scope) -> Node:
    values = [evaluate(part, scope) for part in expression.parts]
    spend(characters=sum(map(length, values)))
    if len(values) == 1 and not isinstance(values[0].value, str):
        return _made(values[0].value, values[0], expression)
    texts = [as_text(value.value) for value in values]
    if None in texts:
        unknown = next((value.value for value in values if isinstance(value.value, Unread)), None)
        if unknown is None:
            return not_known(expression, scope)
        return Node(msgspec.structs.replace(unknown, note=shorten(expression.words)), expression.place)
    return Node("".join(text for text in texts if text is not None), expression.place)


def _walked(expression: Expression, scope: Scope) -> Node:
    """Follow a name and the steps after it."""
    keys: list[Expression] = []
    root = expression
    while isinstance(root, Step):
        keys.append(root.key)
        root = root.of
    steps = [evaluate(key, scope).value for key in reversed(keys)]
    known = [step for step in steps if isinstance(step, str | int) and not isinstance(step, bool)]
    if len(known) != len(steps):
        return not_known(expression, scope)
    found = scope.find(root.name, known) if isinstance(root, Name) else (evaluate(root, scope), 0)
    if found is None:
        return not_known(expression, scope)
    node, used = found
    if not node.known:
        return Node(node.value, expression.place)
    inner = _inside(node, known[used:])
    return not_known(expression, scope) if inner is None else shown(inner, expression)


def shown(node: Node, expression: Expression) -> Node:
    """What is in no file, such as the id that a well-known value has, is shown where it is asked for."""
    if node.place.there:
        return node
    return _made(node.value, node, expression)


def _made(value: Any, of: Node, expression: Expression) -> Node:
    """A value that an expression makes *of* another one: where that has members nobody knows, this has too."""
    return absent(value, expression.place) if is_partial(of) else Node(value, expression.place)


def _inside(node: Node, steps: Sequence[str | int]) -> Node | None:
    for step in steps:
        inner = None
        if isinstance(node.value, dict):
            inner = node.value.get(str(step))
        elif (
            isinstance(node.value, list)
            and isinstance(step, int)
            and -1 < step < len(node.value)
            and not is_partial(node)
        ):
            inner = node.value[step]
        if inner is None:
            return None
        node = inner
    return node


def _called(expression: Call, scope: Scope) -> Node:
    function = FUNCTIONS.get(expression.name.lower())
    if function is None:
        return not_known(expression, scope)
    arguments = [evaluate(argument, scope) for argument in expression.arguments]
    for argument in arguments:
        is_text = isinstance(argument.value, str)
        spend(0 if is_text else length(argument), characters=length(argument) if is_text else 0)
    try:
        value = function(arguments)
    except (Unknowable, IndexError, ValueError, TypeError):
        return not_known(expression, scope)
    if isinstance(value, Node):
        return shown(value, expression)
    return Node(value, expression.place)
