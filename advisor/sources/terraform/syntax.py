"""The shapes of HCL's expressions, as the parser leaves them and the evaluator reads them.

Source: HashiCorp, "HCL Native Syntax Specification", expressions.
"""

from __future__ import annotations

import msgspec

from advisor.sources.reading.node import Place


class Expression(msgspec.Struct, frozen=True, kw_only=True):
    """Something that has a value: where it is written, and its words."""

    place: Place
    words: str


class Literal(Expression, frozen=True, kw_only=True):
    """A text, number or boolean, or null."""

    value: str | int | float | bool | None


class Template(Expression, frozen=True, kw_only=True):
    """A text with expressions in it."""

    parts: tuple[Expression, ...]


class Name(Expression, frozen=True, kw_only=True):
    """The first word of a reference, or the variable of a loop."""

    name: str


class Step(Expression, frozen=True, kw_only=True):
    """An attribute of an object or an element of a list; *key* is an expression."""

    of: Expression
    key: Expression


class Splat(Expression, frozen=True, kw_only=True):
    """``of[*].id`` or ``of.*.id``: *keys* are followed in each element."""

    of: Expression
    keys: tuple[Expression, ...]


class Call(Expression, frozen=True, kw_only=True):
    """A function and its arguments; with ``...`` the last of them is a list that *expands* to several."""

    name: str
    arguments: tuple[Expression, ...]
    expands: bool = False


class Operation(Expression, frozen=True, kw_only=True):
    """An operator and its one or two operands."""

    operator: str
    operands: tuple[Expression, ...]


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


class Each(Expression, frozen=True, kw_only=True):
    """A ``for`` expression: a value for each element, with the names of the element and of its index or key.

    With a *key* it makes an object, in which *groups* collects the values of the same key. With a *condition* only
    some elements count.
    """

    element: str
    index: str
    over: Expression
    value: Expression
    key: Expression | None = None
    condition: Expression | None = None
    groups: bool = False


class Opaque(Expression, frozen=True, kw_only=True):
    """A shape whose value is not computed."""
