"""The shapes of HCL's expressions: those that Bicep has too, and its own.

Source: HashiCorp, "HCL Native Syntax Specification", expressions.
"""

from __future__ import annotations

from advisor.sources.code.expressions import Choice, Expression, Items, Literal, Members, Name, Opaque

__all__ = ["Choice", "Expression", "Items", "Literal", "Members", "Name", "Opaque"]


class Template(Expression, frozen=True, kw_only=True):
    """A text with expressions in it."""

    parts: tuple[Expression, ...]


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
