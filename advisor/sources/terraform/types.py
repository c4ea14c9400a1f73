"""Types: what a value becomes when it is given for a variable of a type, or for an argument of a resource.

Source: HashiCorp, "Type constraints" and "Types and values" (type conversion) of the Terraform language.
"""

from __future__ import annotations

from collections.abc import Mapping

from advisor.sources.reading.node import Node, Unread, absent
from advisor.sources.terraform.evaluate import Scope, evaluate
from advisor.sources.terraform.functions import converted
from advisor.sources.terraform.schema import BOOLEANS, NUMBERS
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


def arguments_of(body: Mapping[str, Node]) -> dict[str, Node]:
    """The arguments of a resource, converted to the types that the provider has for them.

    What Terraform refuses stays as it is. What its documents do not say, as of ``"1"`` for a boolean, is not known.
    """
    return _members_of(body, {})


#: What was converted, by the identity of the node and the name of its argument. A list that names another one often
#: contains the same node often, and each is converted once: https://en.wikipedia.org/wiki/Billion_laughs_attack.
_Done = dict[tuple[int, str], Node]


def _members_of(body: Mapping[str, Node], done: _Done) -> dict[str, Node]:
    return {name: _argument(name, node, done) for name, node in body.items()}


def _argument(name: str, node: Node, done: _Done) -> Node:
    found = done.get((id(node), name))
    if found is None:
        done[id(node), name] = found = _converted(name, node, done)
    return found


def _converted(name: str, node: Node, done: _Done) -> Node:
    value = node.value
    if value is None or not node.known or isinstance(value, Open):
        return node
    if isinstance(value, dict):
        members = _members_of(value, done)
        return node if all(members[key] is value[key] for key in value) else Node(members, node.place, node.name)
    if isinstance(value, list):
        found = [_argument(name, one, done) for one in value]
        unchanged = all(one is other for one, other in zip(found, value, strict=True))
        return node if unchanged else Node(value.__class__(found), node.place, node.name)
    to = boolean if name in BOOLEANS else number if name in NUMBERS else text
    try:
        converted_value = to(node)
    except Fails:
        return node
    except Unknowable:
        return Node(Unread("malformed", f"{value!r} for {name}", "write true or false"), node.place, node.name)
    is_same = converted_value.__class__ is value.__class__
    return node if is_same else Node(converted_value, node.place, node.name)


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
