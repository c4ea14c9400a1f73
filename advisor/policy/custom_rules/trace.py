"""Evaluate a JMESPath expression and keep the place of every value: a finding stands on a line, not on a registration.

jmespath gives values without places. The steps of an expression that pass values on (properties, elements, projections,
filters) are followed here with the JSON pointer beside each value; what makes a new value (comparisons, functions,
literals) is evaluated by the library, and such a value stands where it was made from. A test holds the values against the
library's own for expressions of every kind.

Source: JMESPath specification, https://jmespath.org/specification.html.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Any, Final

import msgspec
from jmespath.exceptions import JMESPathError, JMESPathTypeError
from jmespath.functions import Functions
from jmespath.visitor import Options, TreeInterpreter

from advisor.policy.custom_rules.reads import Node

#: Values that JMESPath takes for false; the number 0 is none of them.
_FALSE: Final[tuple[Any, ...]] = ("", [], {}, None)


class Placed(msgspec.Struct, frozen=True, gc=False):
    """A value and the JSON pointer at which it stands, or from which it was made (``made``).

    ``parts`` are the elements of a list that the expression put together.
    """

    value: Any
    pointer: str
    made: bool = False
    parts: tuple[Placed, ...] | None = None

    def elements(self) -> tuple[Placed, ...]:
        """The elements of a list with their places."""
        if self.parts is not None:
            return self.parts
        where = self.pointer
        if self.made:
            return tuple(Placed(value, where, made=True) for value in self.value)
        return tuple(Placed(value, f"{where}/{index}") for index, value in enumerate(self.value))


def holds(value: Any) -> bool:
    """Whether JMESPath takes *value* for true."""
    return value is not False and value not in _FALSE


class ApplyError(Exception):
    """An expression cannot be applied to a value: what takes which type, in a few words."""


#: What the library raises for a value that a function or a comparison does not take; only some of it is its own.
FAILURES: Final = (JMESPathError, TypeError, ValueError, AttributeError)


class NullsPass:
    """The functions of JMESPath, but for one thing: one that takes no null gives null for it instead of failing.

    Graph writes null for most properties, and ``contains(notes, 'x')`` should select nothing then.
    """

    def __init__(self) -> None:
        self._functions = Functions()

    def call_function(self, name: str, arguments: list[Any]) -> Any:
        """What the library calls for a function *name*. Raises one of ``FAILURES`` for other wrong arguments."""
        try:
            return self._functions.call_function(name, arguments)
        except FAILURES:
            if any(argument is None for argument in arguments):
                return None
            raise


class Tracer:
    """Evaluates expressions. One is good for any number of them.

    Raises ``ApplyError`` where a function or a comparison gets a value that it does not take.
    """

    def __init__(self) -> None:
        self._functions = NullsPass()
        self._library = TreeInterpreter(Options(custom_functions=self._functions))
        self._steps: Final[dict[str, Callable[[Node, Placed], Placed]]] = {
            "field": self._field,
            "subexpression": self._one_by_one,
            "index_expression": self._one_by_one,
            "pipe": self._one_by_one,
            "index": self._index,
            "slice": self._slice,
            "projection": self._projection,
            "filter_projection": self._projection,
            "value_projection": self._projection,
            "flatten": self._flatten,
            "or_expression": self._either,
            "and_expression": self._both,
            "function_expression": self._function,
            "identity": lambda _, at: at,
            "current": lambda _, at: at,
        }
        self._skip: Collection[str] = ()

    def trace(self, node: Node, document: Any, skip: Collection[str] = ()) -> Placed:
        """The value of *node* on *document*, as the library gives it, with its place.

        Elements of lists at the pointers *skip* are passed over.
        """
        self._skip = skip
        try:
            return self._visit(node, Placed(document, ""))
        except FAILURES as error:
            raise ApplyError(_words(error)) from None

    def select(self, node: Node, document: Any, skip: Collection[str] = ()) -> Iterator[Placed]:
        """What *node* selects of *document*, with places: one value, or the elements of lists; nothing that is false."""
        yield from self._selected(self.trace(node, document, skip))

    def _selected(self, found: Placed) -> Iterator[Placed]:
        if isinstance(found.value, list):
            for part in found.elements():
                yield from self._selected(part)
        elif holds(found.value) and found.pointer not in self._skip:
            yield found

    def _visit(self, node: Node, at: Placed) -> Placed:
        step = self._steps.get(node["type"])
        if step is not None:
            return step(node, at)
        return Placed(self._library.visit(node, at.value), at.pointer, made=True)

    def _field(self, node: Node, at: Placed) -> Placed:
        if not isinstance(at.value, dict):
            return Placed(None, at.pointer, made=True)
        name = node["value"]
        if at.made:
            return Placed(at.value.get(name), at.pointer, made=True)
        return Placed(at.value.get(name), f"{at.pointer}/{name}")

    def _one_by_one(self, node: Node, at: Placed) -> Placed:
        for child in node["children"]:
            at = self._visit(child, at)
        return at

    def _index(self, node: Node, at: Placed) -> Placed:
        index = node["value"]
        if isinstance(at.value, list) and -len(at.value) <= index < len(at.value):
            return at.elements()[index]
        return Placed(None, at.pointer, made=True)

    def _slice(self, node: Node, at: Placed) -> Placed:
        if not isinstance(at.value, list):
            return Placed(None, at.pointer, made=True)
        return _together(at.elements()[slice(*node["children"])], at)

    def _projection(self, node: Node, at: Placed) -> Placed:
        base = self._visit(node["children"][0], at)
        if node["type"] == "value_projection":
            if not isinstance(base.value, dict):
                return Placed(None, base.pointer, made=True)
            elements = tuple(self._field({"value": name}, base) for name in base.value)
        elif isinstance(base.value, list):
            elements = base.elements()
        else:
            return Placed(None, base.pointer, made=True)
        if node["type"] == "filter_projection":
            condition = node["children"][2]
            elements = tuple(
                element
                for element in elements
                if element.pointer not in self._skip and holds(self._library.visit(condition, element.value))
            )
        inner = node["children"][1]
        found = (self._visit(inner, element) for element in elements if element.pointer not in self._skip)
        return _together(tuple(part for part in found if part.value is not None), base)

    def _flatten(self, node: Node, at: Placed) -> Placed:
        base = self._visit(node["children"][0], at)
        if not isinstance(base.value, list):
            return Placed(None, base.pointer, made=True)
        parts: list[Placed] = []
        for element in base.elements():
            if element.pointer not in self._skip:
                parts += element.elements() if isinstance(element.value, list) else (element,)
        return _together(tuple(parts), base)

    def _either(self, node: Node, at: Placed) -> Placed:
        left = self._visit(node["children"][0], at)
        return left if holds(left.value) else self._visit(node["children"][1], at)

    def _both(self, node: Node, at: Placed) -> Placed:
        left = self._visit(node["children"][0], at)
        return self._visit(node["children"][1], at) if holds(left.value) else left

    def _function(self, node: Node, at: Placed) -> Placed:
        """Call a function, and find the places of what it passes on: an argument, or elements of one, by identity."""
        arguments = [
            Placed(self._library.visit(child, at.value), at.pointer, made=True)
            if child["type"] == "expref"
            else self._visit(child, at)
            for child in node["children"]
        ]
        result = self._functions.call_function(node["value"], [argument.value for argument in arguments])
        if result is None or isinstance(result, bool | int | float):
            return Placed(result, at.pointer, made=True)
        known = {id(argument.value): argument for argument in arguments}
        for argument in arguments:
            if isinstance(argument.value, list):
                known.update((id(part.value), part) for part in argument.elements() if part.value is not None)
        if id(result) in known:
            return known[id(result)]
        if isinstance(result, list):
            return _together(
                tuple(known.get(id(value)) or Placed(value, at.pointer, made=True) for value in result), at
            )
        return Placed(result, at.pointer, made=True)


def _words(error: Exception) -> str:
    if isinstance(error, JMESPathTypeError):
        takes = " or ".join(kind.replace("-", " of ") for kind in error.expected_types)
        return f"{error.function_name}() takes {takes}, and gets a value of the type {error.actual_type}"
    return "a function or a comparison gets a value of a type that it does not take"


def _together(parts: tuple[Placed, ...], at: Placed) -> Placed:
    return Placed([part.value for part in parts], at.pointer, made=True, parts=parts)
