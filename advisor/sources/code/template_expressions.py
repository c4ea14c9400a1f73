"""The expressions of Bicep and of ARM templates: what their values are as far as they are known.

Both languages have the same shapes, since one compiles to the other: calls of functions, steps into values, functions
that are applied to each element of a list, and loops.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cmp_to_key
from typing import Any, Final, Protocol

import msgspec

from advisor.limits import spend
from advisor.sources.code.expressions import (
    Computed,
    Expression,
    Literal,
    Name,
    Scope,
    evaluate,
    not_known,
    shorten,
    shown,
)
from advisor.sources.code.function_arguments import Unknowable, is_partial, length, switch, whole
from advisor.sources.code.template_functions import LONGEST_LIST, TEMPLATE_FUNCTIONS, step_into
from advisor.sources.reading.node import Node, absent


class TemplateScope(Scope, Protocol):
    """What names and functions mean in a Bicep file or an ARM template."""

    def call(self, name: str, arguments: Sequence[Node], /) -> Node | None:
        """The value of a function that a file declares or that reads one, its name in lower case; nothing for any
        other function.
        """


class Apply(Computed, frozen=True, kw_only=True):
    """A function, or an operator by the name of its function, and its arguments."""

    name: str
    arguments: tuple[Expression, ...]

    def value_in(self, scope: TemplateScope) -> Node:  # type: ignore[override]
        """The value of the call in a *scope*."""
        name = self.name.lower()
        over = _OVER_LISTS.get(name)
        if over is not None:
            return self._result(lambda: over(self.arguments, scope), (), scope)
        arguments = [evaluate(argument, scope) for argument in self.arguments]
        own = scope.call(name, arguments)
        if own is not None:
            return Node(own.value, self.place) if not own.known else shown(own, self)
        for argument in arguments:
            is_text = isinstance(argument.value, str)
            spend(0 if is_text else length(argument), characters=length(argument) if is_text else 0)
        function = TEMPLATE_FUNCTIONS.get(name, _unknown)
        return self._result(lambda: function(arguments), arguments, scope)

    def _result(self, work_out: Callable[[], Any], arguments: Sequence[Node], scope: Scope) -> Node:
        try:
            value = work_out()
        except (Unknowable, IndexError, ValueError, TypeError):
            return _because(arguments, self, scope)
        if isinstance(value, Node):
            return shown(value, self) if value.known else Node(value.value, self.place)
        return Node(value, self.place)


class Access(msgspec.Struct, frozen=True):
    """A step into a value. A *safe* one leads to null where nothing is."""

    key: Expression
    safe: bool = False
    from_end: bool = False


class Chain(Computed, frozen=True, kw_only=True):
    """A value and the steps into it. After a safe step to nothing, the rest of the steps is left out."""

    of: Expression
    steps: tuple[Access, ...]

    def value_in(self, scope: TemplateScope) -> Node:  # type: ignore[override]
        """What the steps lead to in a *scope*."""
        node = evaluate(self.of, scope)
        for step in self.steps:
            key = evaluate(step.key, scope)
            try:
                inner = step_into(node, key, safe=step.safe, from_end=step.from_end)
            except Unknowable:
                return _because((node, key), self, scope)
            if inner is None:
                return Node(None, self.place)
            node = inner
        return shown(node, self) if node.known else Node(node.value, self.place)


class Lambda(Expression, frozen=True, kw_only=True):
    """A function without a name: its parameters, and its value."""

    parameters: tuple[str, ...]
    value: Expression


class Loop(Computed, frozen=True, kw_only=True):
    """A list with a value for each element of another list: the names of the element and of its index."""

    element: str
    index: str
    over: Expression
    value: Expression

    def value_in(self, scope: TemplateScope) -> Node:  # type: ignore[override]
        """The list in a *scope*."""
        over = evaluate(self.over, scope)
        if not isinstance(over.value, list) or len(over.value) > LONGEST_LIST or (self.index and is_partial(over)):
            return _because((over,), self, scope)
        found = []
        for number, element in enumerate(over.value):
            names = {self.element: element, self.index: Node(number, element.place)}
            found.append(evaluate(self.value, scope.within({name: node for name, node in names.items() if name})))
        return absent(found, self.place) if is_partial(over) else Node(found, self.place)


def _unknown(_: Sequence[Node]) -> None:
    raise Unknowable


def _because(arguments: Sequence[Node], expression: Expression, scope: Scope) -> Node:
    """An expression whose value is not known: for the reason of the first argument that is not, else its own."""
    unread = next((argument.value for argument in arguments if not argument.known), None)
    if unread is None:
        return not_known(expression, scope)
    return Node(msgspec.structs.replace(unread, note=shorten(expression.words)), expression.place)


_Applied = Callable[..., Node]


def _applied(expression: Expression, scope: TemplateScope) -> _Applied:
    """A lambda as a function of values. More values than it has parameters are left out, such as the index."""
    if not isinstance(expression, Lambda):
        raise Unknowable

    def function(*values: Node) -> Node:
        spend()
        names = dict(zip(expression.parameters, values, strict=False))
        return evaluate(expression.value, scope.within(names))

    return function


def _elements(expression: Expression, scope: TemplateScope) -> Node:
    over = evaluate(expression, scope)
    if not isinstance(over.value, list):
        raise Unknowable
    return over


def _key(node: Node) -> str:
    if not isinstance(node.value, str):
        raise Unknowable
    return node.value


def _numbered(over: Node, function: Expression) -> list[tuple[Node, ...]]:
    """The elements of a list with their indexes. Of a list that is known in part, no index is known."""
    if is_partial(over):
        if isinstance(function, Lambda) and len(function.parameters) > 1:
            raise Unknowable
        return [(one,) for one in over.value]
    return [(one, Node(number, one.place)) for number, one in enumerate(over.value)]


def _map(arguments: Sequence[Expression], scope: TemplateScope) -> Node:
    over, does = _elements(arguments[0], scope), _applied(arguments[1], scope)
    values = [does(*one) for one in _numbered(over, arguments[1])]
    return absent(values, over.place) if is_partial(over) else Node(values, over.place)


def _filter(arguments: Sequence[Expression], scope: TemplateScope) -> list[Node]:
    """What of a list fulfills a condition.

    Of the permissions of a resource, only some are known. There, only a condition on their value, which is unique, says
    which ones are meant, and nothing found means nothing.
    """
    over, does = _elements(arguments[0], scope), _applied(arguments[1], scope)
    if any(not one.known for one in over.value) and is_partial(over):
        raise Unknowable
    kept = [one[0] for one in _numbered(over, arguments[1]) if switch(does(*one))]
    if is_partial(over) and not (kept and _names_one(arguments[1])):
        raise Unknowable
    return kept


def _names_one(function: Expression) -> bool:
    """Whether a condition of one parameter compares its ``value``: ``role => role.value == 'User.Read.All'``."""
    compared = function.value if isinstance(function, Lambda) else function
    if not isinstance(compared, Apply):
        return False
    if compared.name.lower() == "and":
        return any(_names_one(one) for one in compared.arguments)
    return compared.name.lower() == "equals" and any(map(_is_its_value, compared.arguments))


def _is_its_value(expression: Expression) -> bool:
    if isinstance(expression, Apply) and expression.name.lower() == "tolower":
        return _is_its_value(expression.arguments[0])
    if not isinstance(expression, Chain) or not isinstance(expression.of, Name):
        return False
    return [step.key.value for step in expression.steps if isinstance(step.key, Literal)] == ["value"]


def _reduce(arguments: Sequence[Expression], scope: TemplateScope) -> Node:
    over, does = _elements(arguments[0], scope), _applied(arguments[2], scope)
    result = evaluate(arguments[1], scope)
    whole(over)
    for one in _numbered(over, arguments[2]):
        result = does(result, *one)
    return result


def _sort(arguments: Sequence[Expression], scope: TemplateScope) -> list[Node]:
    over, comes_before = _elements(arguments[0], scope), _applied(arguments[1], scope)

    def compare(one: Node, other: Node) -> int:
        if switch(comes_before(one, other)):
            return -1
        if not switch(comes_before(other, one)):
            raise Unknowable  # the order of equal elements is in no reference
        return 1

    return sorted(whole(over), key=cmp_to_key(compare))


def _to_object(arguments: Sequence[Expression], scope: TemplateScope) -> dict[str, Node]:
    over, key = _elements(arguments[0], scope), _applied(arguments[1], scope)
    value = _applied(arguments[2], scope) if len(arguments) > 2 else lambda node: node
    found = {_key(key(one)): value(one) for one in whole(over)}
    if len(found) != len(over.value):
        raise Unknowable
    return found


def _group_by(arguments: Sequence[Expression], scope: TemplateScope) -> dict[str, Node]:
    over, key = _elements(arguments[0], scope), _applied(arguments[1], scope)
    value = _applied(arguments[2], scope) if len(arguments) > 2 else lambda node: node
    found: dict[str, list[Node]] = {}
    for one in whole(over):
        found.setdefault(_key(key(one)), []).append(value(one))
    return {name: Node(nodes, over.place) for name, nodes in found.items()}


def _map_values(arguments: Sequence[Expression], scope: TemplateScope) -> dict[str, Node]:
    over, does = evaluate(arguments[0], scope), _applied(arguments[1], scope)
    members = whole(over)
    if not isinstance(members, dict):
        raise Unknowable
    return {key: does(member) for key, member in members.items()}


_Over = Callable[[Sequence[Expression], TemplateScope], Any]

#: The functions that take a lambda, by names in lower case.
_OVER_LISTS: Final[Mapping[str, _Over]] = {
    "filter": _filter,
    "groupby": _group_by,
    "map": _map,
    "mapvalues": _map_values,
    "reduce": _reduce,
    "sort": _sort,
    "toobject": _to_object,
}
