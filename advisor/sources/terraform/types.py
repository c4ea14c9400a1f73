"""Type constraints of variables: what a value becomes when it is given for a variable of a type.

Source: HashiCorp, "Type constraints" of the Terraform language.
"""

from __future__ import annotations

from advisor.sources.reading.node import Node, absent
from advisor.sources.terraform.evaluate import Scope, evaluate
from advisor.sources.terraform.functions import converted
from advisor.sources.terraform.syntax import Call, Expression, Items, Literal, Members, Name
from advisor.sources.terraform.values import (
    Fails,
    Open,
    Unknowable,
    a_set,
    boolean,
    is_open,
    known,
    number,
    some,
    text,
)

_SCALARS = {"string": text, "number": number, "bool": boolean}


def of_type(node: Node, type: Expression, scope: Scope) -> Node:  # noqa: PLR0911 - one return for each type
    """A value, converted to a *type*; what is not known stays so.

    Raises ``Fails`` where Terraform refuses it, and ``Unknowable`` for a type that is not understood.
    """
    if not node.known or node.value is None:
        return node
    match type:
        case Name(name="any"):
            return node
        case Name(name=("string" | "number" | "bool") as name):
            value = converted([node], _SCALARS[name])
            return node if value == node.value and value.__class__ is node.value.__class__ else Node(value, node.place)
        case Name(name=("list" | "set" | "map")):
            return node
        case Call(name="list", arguments=(inner,)):
            return Node([of_type(one, inner, scope) for one in some(node)], node.place)
        case Call(name="set", arguments=(inner,)):
            return Node(a_set([of_type(one, inner, scope) for one in some(node)]), node.place)
        case Call(name="map", arguments=(inner,)):
            return Node({key: of_type(one, inner, scope) for key, one in _members(node).items()}, node.place)
        case Call(name="tuple", arguments=(Items(items=types),)):
            nodes = some(node)
            if len(nodes) != len(types):
                raise Fails
            pairs = zip(nodes, types, strict=True)
            return Node([of_type(one, inner, scope) for one, inner in pairs], node.place)
        case Call(name="object", arguments=(Members(members=members),)):
            return _object(node, members, scope)
    raise Unknowable


def _members(node: Node) -> dict[str, Node]:
    value = known(node)
    if not isinstance(value, dict):
        raise Fails
    if is_open(node):
        raise Unknowable
    return value


def _object(node: Node, members: tuple[tuple[Expression, Expression], ...], scope: Scope) -> Node:
    """An object with the attributes of its type: others are removed, optional ones get their defaults."""
    value = known(node)
    if not isinstance(value, dict):
        raise Fails
    if isinstance(value, Open):
        raise Unknowable
    found = {}
    for key, inner in members:
        if not isinstance(key, Literal):
            raise Unknowable
        name = str(key.value)
        optional = inner.arguments if isinstance(inner, Call) and inner.name == "optional" else ()
        given = value.get(name)
        if given is None and is_open(node):
            raise Unknowable
        if given is None and not optional:
            raise Fails
        if given is None or (given.value is None and len(optional) > 1):
            default = evaluate(optional[1], scope) if len(optional) > 1 else absent(None, node.place)
            given = default
        found[name] = of_type(given, optional[0] if optional else inner, scope)
    return Node(found, node.place)
