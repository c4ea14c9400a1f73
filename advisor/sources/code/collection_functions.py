"""Functions that make lists and objects, or count them, as far as can be said what these have in them.

What is not known may be a list without elements. So a list with nothing else in it is not known as a whole, and is
never called filled.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from advisor.limits import spend
from advisor.sources.code.function_arguments import Function, Unknowable, as_text, elements, is_partial, known, whole
from advisor.sources.reading.node import Node
from rules.model.registration import Unread

#: How Bicep writes an object with others in it; no function is called that.
SPREAD: Final = "..."
#: So far is counted.
COUNTED: Final = 1000


def _some(nodes: list[Node], *, sure: bool) -> Any:
    """A list that is *sure* to have elements. Otherwise what is not known may be none, and nobody knows whether it is
    empty.
    """
    return nodes if sure or not nodes else nodes[0]


def _concat(arguments: Sequence[Node]) -> Any:
    if any(isinstance(argument.value, list) for argument in arguments):
        nodes = [element for argument in arguments for element in elements(argument)]
        return _some(nodes, sure=any(isinstance(argument.value, list) and argument.value for argument in arguments))
    texts = [as_text(known(argument)) for argument in arguments]
    if None in texts:
        raise Unknowable
    return "".join(text for text in texts if text is not None)


def _flatten(arguments: Sequence[Node]) -> Any:
    def inside(node: Node) -> list[Node]:
        spend()
        if isinstance(node.value, list):
            return [inner for element in elements(node) for inner in inside(element)]
        return [node]

    nodes = [inner for element in elements(arguments[0]) for inner in inside(element)]
    return _some(nodes, sure=any(node.known for node in nodes))


def _distinct(arguments: Sequence[Node]) -> Any:
    seen: set[Any] = set()
    kept = []
    for node in elements(arguments[0]):
        if isinstance(node.value, list | dict):
            kept.append(node)
        elif node.value not in seen:
            seen.add(node.value)
            kept.append(node)
    return _some(kept, sure=isinstance(arguments[0].value, list))


def _compact(arguments: Sequence[Node]) -> Any:
    kept = [node for node in elements(arguments[0]) if node.value not in (None, "")]
    return _some(kept, sure=any(node.known for node in kept))


def _object(arguments: Sequence[Node]) -> dict[str, Node]:
    keys = [known(argument) for argument in arguments[::2]]
    if not all(isinstance(key, str) for key in keys):
        raise Unknowable
    return dict(zip(keys, arguments[1::2], strict=True))


def _range(arguments: Sequence[Node]) -> list[Node]:
    first, count = known(arguments[0]), known(arguments[1])
    if not (isinstance(first, int) and isinstance(count, int)) or count > COUNTED:
        raise Unknowable
    return [Node(number, arguments[0].place) for number in range(first, first + count)]


def _union(arguments: Sequence[Node]) -> Any:
    """One list or object of several; what comes later counts."""
    if all(isinstance(argument.value, dict) for argument in arguments):
        found: dict[str, Node] = {}
        for key, member in (pair for argument in arguments for pair in whole(argument).items()):
            if key in found and isinstance(member.value, dict):  # ARM goes into both, Terraform takes the later
                raise Unknowable
            found[key] = member
        return found
    return _distinct([Node(_concat(arguments), arguments[0].place)])


def _spread(arguments: Sequence[Node]) -> Any:
    """An object with others spread into it: what comes later counts. What is not known may replace all that is before
    it.
    """
    found: dict[str, tuple[int, Node]] = {}
    unknown: tuple[int, Unread] = (-1, Unread("placeholder"))
    for at, argument in enumerate(arguments):
        if isinstance(argument.value, Unread):
            unknown = (at, argument.value)
        elif isinstance(argument.value, dict):
            found.update((key, (at, member)) for key, member in whole(argument).items())
        elif argument.value is not None:
            raise Unknowable
    return {key: member if at > unknown[0] else Node(unknown[1], member.place) for key, (at, member) in found.items()}


def _length(arguments: Sequence[Node]) -> int:
    value = whole(arguments[0])
    if not isinstance(value, list | dict | str) or (isinstance(value, list) and not all(one.known for one in value)):
        raise Unknowable
    return len(value)


def _first(arguments: Sequence[Node]) -> Node:
    members = whole(arguments[0])
    if not isinstance(members, list):
        raise Unknowable
    found: Node = members[0]
    return found


def _looked_up(arguments: Sequence[Node]) -> Node:
    """Terraform's ``lookup(map, key, default)``; what a map lacks of which only some members are known nobody can
    say.
    """
    members, key = known(arguments[0]), known(arguments[1])
    if not isinstance(members, dict) or (key not in members and is_partial(arguments[0])):
        raise Unknowable
    found: Node = members[key] if key in members else arguments[2]
    return found


#: By names in lower case.
COLLECTIONS: Final[Mapping[str, Function]] = {
    SPREAD: _spread,
    "array": lambda arguments: arguments[0] if isinstance(known(arguments[0]), list) else [arguments[0]],
    "compact": _compact,
    "concat": _concat,
    "createarray": list,
    "createobject": _object,
    "distinct": _distinct,
    "empty": lambda arguments: not known(arguments[0]),
    "first": _first,
    "flatten": _flatten,
    "length": _length,
    "lookup": _looked_up,
    "merge": _union,
    "range": _range,
    "setunion": _union,
    "tolist": lambda arguments: arguments[0],
    "toset": _distinct,
    "union": _union,
}
