"""The condition ``where`` of a custom rule: a JMESPath expression, checked once and evaluated by the library.

Source: JMESPath specification, https://jmespath.org/specification.html.
"""

from __future__ import annotations

import warnings
from typing import Any, Final

from jmespath.exceptions import (
    EmptyExpressionError,
    IncompleteExpressionError,
    JMESPathError,
    JMESPathTypeError,
    LexerError,
    ParseError,
)
from jmespath.functions import Functions
from jmespath.parser import Parser
from jmespath.visitor import Options, TreeInterpreter

from advisor.policy.checks import nearest
from advisor.policy.custom_rules.reads import LanguageError, Node, Value, reads
from rules.primitives.texts import counted

#: Functions whose result is true for almost every value, so that it has to be compared.
_COUNTS: Final = frozenset(
    {"length", "abs", "avg", "ceil", "floor", "sum", "to_number", "join", "to_string", "type", "keys"}
)
#: What the library raises for a value that a function or a comparison does not take; only some of it is its own.
_FAILURES: Final = (JMESPathError, TypeError, ValueError, AttributeError)
_SITE: Final = "see https://jmespath.org"


class ApplyError(Exception):
    """A condition that cannot be applied to a value: which function takes which type, in a few words."""


class Condition:
    """A condition on a registration or on an element of a list, whichever *start* is.

    ``reads`` are the ways from there to the values that it reads. Raises ``LanguageError`` for a text that is not a
    condition.
    """

    def __init__(self, text: str, start: Value) -> None:
        try:
            self._tree = _parse(text)
            _check_calls(self._tree)
            self.reads: Final = reads(self._tree, start)
        except RecursionError:
            raise LanguageError("where is nested too deeply", "write the condition with fewer parentheses") from None
        kind, name = self._tree["type"], self._tree.get("value")
        if kind == "literal" or (kind == "function_expression" and name in _COUNTS) or not self.reads:
            raise LanguageError("where does not depend on a value", "compare the value, as in length(owners) > `5`")
        self._library = TreeInterpreter(Options(custom_functions=_NullsPass()))

    def holds(self, value: Any) -> bool:
        """Whether it is true for *value*, in JSON types: JMESPath takes null, false and empty values for false.

        Raises ``ApplyError`` where a function or a comparison gets a value that it does not take.
        """
        try:
            found = self._library.visit(self._tree, value)
        except _FAILURES as error:
            raise ApplyError(_words(error)) from None
        return found is not False and found not in ("", [], {}, None)


class _NullsPass:
    """JMESPath's functions, except that one which takes no null gives null for it instead of an error.

    Graph writes null for most properties, and ``contains(notes, 'x')`` should be false then.
    """

    def __init__(self) -> None:
        self._functions = Functions()

    def call_function(self, name: str, arguments: list[Any]) -> Any:
        """The result of the function *name*; called by the library."""
        try:
            return self._functions.call_function(name, arguments)
        except _FAILURES:
            if any(argument is None for argument in arguments):
                return None
            raise


def _parse(text: str) -> Node:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about the old notation `x` for the text x, which works
            tree: Node = Parser().parse(text).parsed
    except EmptyExpressionError:
        raise LanguageError("where is empty", "write a condition that is true if something is wrong") from None
    except IncompleteExpressionError:
        raise LanguageError(
            "where is not valid JMESPath: the expression is incomplete",
            "add the missing closing bracket",
        ) from None
    except LexerError as error:
        raise _not_jmespath(error.lexer_position) from None
    except ParseError as error:
        raise _not_jmespath(error.lex_position) from None
    except ValueError:
        raise _not_jmespath(0) from None
    return tree


def _not_jmespath(position: int) -> LanguageError:
    return LanguageError(f"where is not JMESPath: unexpected text at character {position + 1}", _SITE)


def _check_calls(node: Node) -> None:
    """Refuse unknown functions and wrong numbers of arguments, which the library finds only when it calls them."""
    children = [child for child in node["children"] if isinstance(child, dict)]
    if node["type"] == "function_expression":
        name = node["value"]
        if name not in Functions.FUNCTION_TABLE:
            raise LanguageError(
                f"where calls a function {name}() that JMESPath does not have",
                nearest(name, Functions.FUNCTION_TABLE, "https://jmespath.org"),
            )
        signature = Functions.FUNCTION_TABLE[name]["signature"]
        variadic = bool(signature) and signature[-1].get("variadic")
        if len(children) < len(signature) or (len(children) > len(signature) and not variadic):
            takes = f"{'at least ' if variadic else ''}{counted(len(signature), 'argument')}"
            raise LanguageError(f"where calls {name}() with {len(children)}: it takes {takes}", _SITE)
    for child in children:
        _check_calls(child)


def _words(error: Exception) -> str:
    if isinstance(error, JMESPathTypeError):
        takes = " or ".join(kind.replace("-", " of ") for kind in error.expected_types)
        return f"{error.function_name}() takes {takes}, and gets a value of the type {error.actual_type}"
    return "a function or a comparison gets a value of a type that it does not take"
