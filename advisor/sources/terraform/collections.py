"""Functions of Terraform over lists, sets, maps and objects; see ``functions``.

Elements that are not known may be of any number, so a list may be known in part (``values.Rest``).
Source: HashiCorp, "Collection functions" of the Terraform language.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from advisor.limits import spend
from advisor.sources.reading.node import Node
from advisor.sources.terraform.values import (
    Elements,
    Fails,
    Open,
    Unknowable,
    Unordered,
    a_set,
    alike,
    as_text,
    ascii_text,
    elements,
    is_open,
    kind_of,
    kinds_of,
    known,
    listed,
    members,
    rest,
    same,
    scalar,
    some,
    text,
    whole,
)

Arguments = Sequence[Node]
Function = Callable[[Arguments], Any]

#: A list that a function makes has at most this many elements.
_COUNTED: Final = 1000


def _concat(arguments: Arguments) -> Any:
    if any(isinstance(argument.value, Elements) for argument in arguments):
        raise Fails  # a set has no order in which it could be added
    return listed([one for argument in arguments for one in some(argument)])


def _flatten(arguments: Arguments) -> Any:
    def inside(nodes: Sequence[Node]) -> list[Node]:
        spend(len(nodes))
        found = []
        for node in nodes:
            if isinstance(node.value, list):
                found += inside(some(node))
            else:
                found.append(node if node.known else rest(node))
        return found

    return listed(inside(some(Node(known(arguments[0]), arguments[0].place))))


def _distinct(arguments: Arguments) -> Any:
    seen: list[Any] = []
    kept = []
    for node in some(arguments[0]):
        if not node.known:
            kept.append(rest(node))
        elif isinstance(node.value, list | dict):
            raise Unknowable
        elif (type(node.value), node.value) not in seen:
            seen.append((type(node.value), node.value))
            kept.append(node)
    return listed(kept)


def _compact(arguments: Arguments) -> Any:
    return listed([node if node.known else rest(node) for node in some(arguments[0]) if node.value not in (None, "")])


def _contains(arguments: Arguments) -> bool:
    wanted, is_sure = scalar(arguments[1]), True
    value = known(arguments[0])
    if not isinstance(value, list):
        raise Fails
    for node in value:
        if not node.known or isinstance(node.value, list | dict):
            is_sure = False
        elif same(node, arguments[1]):
            return True
        elif as_text(node.value) == as_text(wanted):  # the same after a conversion
            is_sure = False
    if not is_sure or is_open(arguments[0]):
        raise Unknowable
    return False


def _length(arguments: Arguments) -> int:
    value = known(arguments[0])
    if isinstance(value, str):
        return len(ascii_text(arguments[0]))
    if not isinstance(value, list | dict):
        raise Fails
    if is_open(arguments[0]):
        raise Unknowable
    return len(value)


def _element(arguments: Arguments) -> Node:
    nodes, index = elements(arguments[0]), whole(arguments[1])
    if isinstance(arguments[0].value, Elements) or index < 0:
        raise Unknowable
    if not nodes:
        raise Fails
    return nodes[index % len(nodes)]


def _index(arguments: Arguments) -> int:
    for at, node in enumerate(elements(arguments[0])):
        if same(node, arguments[1]):
            return at
    raise Fails


def _one(arguments: Arguments) -> Node:
    nodes = elements(arguments[0])
    if len(nodes) > 1:
        raise Fails
    return nodes[0] if nodes else Node(None, arguments[0].place)


def _slice(arguments: Arguments) -> list[Node]:
    nodes, start, end = elements(arguments[0]), whole(arguments[1]), whole(arguments[2])
    if not 0 <= start <= end <= len(nodes):
        raise Fails
    return nodes[start:end]


def _sort(arguments: Arguments) -> list[Node]:
    return sorted((Node(text(node), node.place) for node in elements(arguments[0])), key=lambda node: str(node.value))


def _range(arguments: Arguments) -> list[Node]:
    numbers = [whole(argument) for argument in arguments]
    first, last = (0, numbers[0]) if len(numbers) == 1 else numbers[:2]
    step = numbers[2] if len(numbers) > 2 else 1 if last >= first else -1
    made = range(first, last, step)
    if len(made) > _COUNTED:
        raise Unknowable
    return [Node(value, arguments[0].place) for value in made]


def _product(arguments: Arguments) -> Any:
    lists = [alike(elements(argument)) for argument in arguments]
    if len(lists) < 2:
        raise Fails
    spend(math.prod(map(len, lists)) * len(lists))
    made = [Node(list(row), arguments[0].place) for row in itertools.product(*lists)]
    return Unordered(made) if all(isinstance(argument.value, Elements) for argument in arguments) else made


def _chunks(arguments: Arguments) -> list[Node]:
    nodes, size = elements(arguments[0]), whole(arguments[1])
    if size < 1:
        raise Unknowable
    return [Node(nodes[at : at + size], arguments[0].place) for at in range(0, len(nodes), size)]


def _first_list(arguments: Arguments) -> Node:
    for argument in arguments:
        if known(argument) is None or elements(argument):
            return argument
    raise Fails


def _set_of(arguments: Arguments) -> Any:
    value = known(arguments[0])
    return a_set(value if isinstance(value, Unordered) else some(arguments[0]))


def _to_list(arguments: Arguments) -> Any:
    return None if known(arguments[0]) is None else list(alike(some(arguments[0])))


def _union(arguments: Arguments) -> Any:
    return a_set([one for argument in arguments for one in some(argument)])


def _combined(keep: Callable[[set[Any], set[Any]], set[Any]]) -> Function:
    """A set that is made of several, whose elements are all known."""

    def combined(arguments: Arguments) -> Any:
        nodes = [node for argument in arguments for node in elements(argument)]
        if {type(scalar(node)) for node in nodes} - {str}:
            raise Unknowable
        sets = [{node.value for node in elements(argument)} for argument in arguments]
        found = sets[0]
        for one in sets[1:]:
            found = keep(found, one)
        return a_set([node for node in nodes if node.value in found])

    return combined


def _merge(arguments: Arguments) -> Any:
    """What comes later counts. What is not known may replace everything before it."""
    found: dict[str, Node] = {}
    for argument in arguments:
        if argument.value is None:
            continue
        if not argument.known or is_open(argument):
            found = Open()
        if argument.known and not isinstance(argument.value, dict):
            raise Fails
        if argument.known:
            found.update(argument.value)
    if isinstance(found, Open) and not found:
        raise Unknowable
    return found


def _lookup(arguments: Arguments) -> Node:
    value, name = known(arguments[0]), text(arguments[1])
    if not isinstance(value, dict):
        raise Fails
    found = value.member(name) if isinstance(value, Open) else value.get(name)
    if found is not None:
        return found
    if is_open(arguments[0]):
        raise Unknowable
    if len(arguments) < 3:
        raise Fails
    default: Node = arguments[2]
    kinds = {kind_of(known(one)) for one in value.values()}
    # In a map, and not in an object, the default gets the type of the elements, which may be texts.
    if len(kinds) < 2 and kinds != {kind_of(known(default))} and kinds_of(default) - {"string"}:
        raise Unknowable
    return default


def _zipmap(arguments: Arguments) -> dict[str, Node]:
    keys, values = (elements(argument) for argument in arguments)
    if len(keys) != len(values):
        raise Fails
    return {text(key): value for key, value in zip(keys, values, strict=True)}


def _to_map(arguments: Arguments) -> dict[str, Node] | None:
    if arguments[0].value is None:
        return None
    found = members(arguments[0])
    return dict(zip(found, alike(list(found.values())), strict=True))


def _coalesce(arguments: Arguments) -> Any:
    for argument in arguments:
        if known(argument) is None or argument.value == "":
            continue
        if isinstance(argument.value, str):
            return argument
        kinds = {type(known(one)) for one in arguments if one.value is not None}
        if isinstance(argument.value, list | dict) or not kinds <= {str, bool, int, float}:
            raise Unknowable
        return as_text(argument.value) if str in kinds else argument
    raise Fails


#: The functions by their names.
COLLECTIONS: Final[Mapping[str, Function]] = {
    "chunklist": _chunks,
    "coalesce": _coalesce,
    "coalescelist": _first_list,
    "compact": _compact,
    "concat": _concat,
    "contains": _contains,
    "distinct": _distinct,
    "element": _element,
    "flatten": _flatten,
    "index": _index,
    "keys": lambda arguments: [Node(key, node.place) for key, node in members(arguments[0]).items()],
    "length": _length,
    "lookup": _lookup,
    "merge": _merge,
    "one": _one,
    "range": _range,
    "reverse": lambda arguments: elements(arguments[0])[::-1],
    "setintersection": _combined(set.__and__),
    "setproduct": _product,
    "setsubtract": _combined(set.__sub__),
    "setunion": _union,
    "slice": _slice,
    "sort": _sort,
    "tolist": _to_list,
    "tomap": _to_map,
    "toset": _set_of,
    "values": lambda arguments: list(members(arguments[0]).values()),
    "zipmap": _zipmap,
}
