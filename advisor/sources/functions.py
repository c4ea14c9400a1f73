"""Functions of Terraform, Bicep and ARM of which can be said what they come to without running anything.

Sources: HashiCorp, "Terraform functions"; Microsoft, "Bicep functions" and "ARM template functions". Where two languages give
a name another meaning, the arguments say which one is meant; else the value is not known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from advisor.sources.node import Node
from rules.registration import Unread

Function = Callable[[Sequence[Node]], Any]

#: How Bicep writes an object with others in it; no function is called that.
SPREAD: Final = "..."
#: So far is counted.
COUNTED: Final = 1000


class Unknowable(Exception):  # noqa: N818 - it is no error
    """A function cannot say what its arguments come to."""


def as_text(value: Any) -> str | None:
    """A scalar as a template writes it; nothing for what is no scalar."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, str | int | float) else None


def _known(node: Node) -> Any:
    """The value of an argument that must be known as a whole."""
    if isinstance(node.value, Unread):
        raise Unknowable
    return node.value


def _elements(node: Node) -> list[Node]:
    """The elements of a list. One that is not known is an element that is not known, as ``_some`` knows."""
    if isinstance(node.value, Unread):
        return [node]
    if not isinstance(node.value, list):
        raise Unknowable
    return node.value


def _some(nodes: list[Node], *, sure: bool) -> Any:
    """A list that is *sure* to have elements. Otherwise what is not known may be none, and nobody knows whether it is empty."""
    return nodes if sure or not nodes else nodes[0]


def _concat(arguments: Sequence[Node]) -> Any:
    if any(isinstance(argument.value, list) for argument in arguments):
        nodes = [element for argument in arguments for element in _elements(argument)]
        return _some(nodes, sure=any(isinstance(argument.value, list) and argument.value for argument in arguments))
    texts = [as_text(_known(argument)) for argument in arguments]
    if None in texts:
        raise Unknowable
    return "".join(text for text in texts if text is not None)


def _flatten(arguments: Sequence[Node]) -> Any:
    def inside(node: Node) -> list[Node]:
        if isinstance(node.value, list):
            return [inner for element in node.value for inner in inside(element)]
        return [node]

    nodes = [inner for element in _elements(arguments[0]) for inner in inside(element)]
    return _some(nodes, sure=any(node.known for node in nodes))


def _distinct(arguments: Sequence[Node]) -> Any:
    seen: list[Any] = []
    kept = []
    for node in _elements(arguments[0]):
        if isinstance(node.value, list | dict) or node.value not in seen:
            seen.append(node.value)
            kept.append(node)
    return _some(kept, sure=isinstance(arguments[0].value, list))


def _compact(arguments: Sequence[Node]) -> Any:
    kept = [node for node in _elements(arguments[0]) if node.value not in (None, "")]
    return _some(kept, sure=any(node.known for node in kept))


def _format(arguments: Sequence[Node]) -> str:
    """ARM's and Bicep's ``{0}``, Terraform's ``%s``."""
    texts = [as_text(_known(argument)) for argument in arguments]
    if None in texts or texts[0] is None:
        raise Unknowable
    pattern, *values = (text or "" for text in texts)
    if "%" in pattern and "{0}" not in pattern:
        if pattern.replace("%s", "").replace("%d", "").count("%"):
            raise Unknowable
        return pattern.replace("%d", "%s") % tuple(values)
    for number, value in enumerate(values):
        pattern = pattern.replace(f"{{{number}}}", value)
    if "{" in pattern:
        raise Unknowable
    return pattern


def _switch(node: Node) -> bool:
    value = _known(node)
    if not isinstance(value, bool):
        raise Unknowable
    return value


def _all(arguments: Sequence[Node]) -> bool:
    """Whether all hold; one that does not decides, whatever the others are."""
    return False if any(one.value is False for one in arguments) else all(_switch(one) for one in arguments)


def _any(arguments: Sequence[Node]) -> bool:
    return True if any(one.value is True for one in arguments) else any(_switch(one) for one in arguments)


def _first_known(arguments: Sequence[Node]) -> Node:
    for argument in arguments:
        if _known(argument) is not None:
            return argument
    raise Unknowable


def _scalar(node: Node) -> Any:
    value = _known(node)
    if isinstance(value, list | dict):
        raise Unknowable
    return value


def _object(arguments: Sequence[Node]) -> dict[str, Node]:
    keys = [_known(argument) for argument in arguments[::2]]
    if not all(isinstance(key, str) for key in keys):
        raise Unknowable
    return dict(zip(keys, arguments[1::2], strict=True))


def _range(arguments: Sequence[Node]) -> list[Node]:
    first, count = _known(arguments[0]), _known(arguments[1])
    if not (isinstance(first, int) and isinstance(count, int)) or count > COUNTED:
        raise Unknowable
    return [Node(number, arguments[0].place) for number in range(first, first + count)]


def _union(arguments: Sequence[Node]) -> Any:
    """One list or object of several; what comes later counts."""
    if all(isinstance(argument.value, dict) for argument in arguments):
        found: dict[str, Node] = {}
        for key, member in (pair for argument in arguments for pair in argument.value.items()):
            if key in found and isinstance(member.value, dict):  # ARM goes into both, Terraform takes the later
                raise Unknowable
            found[key] = member
        return found
    return _distinct([Node(_concat(arguments), arguments[0].place)])


def _spread(arguments: Sequence[Node]) -> Any:
    """An object with others spread into it: what comes later counts. What is not known may replace all that is before it."""
    found: dict[str, Node] = {}
    for argument in arguments:
        if isinstance(argument.value, Unread):
            found = {key: Node(argument.value, member.place) for key, member in found.items()}
        elif isinstance(argument.value, dict):
            found.update(argument.value)
        elif argument.value is not None:
            raise Unknowable
    return found


def _length(arguments: Sequence[Node]) -> int:
    value = _known(arguments[0])
    if not isinstance(value, list | dict | str) or (isinstance(value, list) and not all(one.known for one in value)):
        raise Unknowable
    return len(value)


def _join(arguments: Sequence[Node]) -> str:
    """Terraform names the separator first, Bicep and ARM last."""
    one, other = arguments
    elements, separator = (one, other) if isinstance(one.value, list) else (other, one)
    texts = [as_text(_known(element)) for element in _elements(elements)]
    between = _known(separator)
    if None in texts or not isinstance(between, str):
        raise Unknowable
    return between.join(text for text in texts if text is not None)


def _replaced(arguments: Sequence[Node]) -> str:
    """A text with another for each of its occurrences; what Terraform takes for a regular expression is left alone."""
    text, old, new = (_known(argument) for argument in arguments)
    if not all(isinstance(one, str) for one in (text, old, new)) or not old or old[:1] == old[-1:] == "/" != old:
        raise Unknowable
    return str(text).replace(old, new)


def _looked_up(arguments: Sequence[Node]) -> Node:
    members, key = _known(arguments[0]), _known(arguments[1])
    if not isinstance(members, dict):
        raise Unknowable
    found: Node = members[key] if key in members else arguments[2]
    return found


def _first(arguments: Sequence[Node]) -> Node:
    elements = _known(arguments[0])
    if not isinstance(elements, list):
        raise Unknowable
    found: Node = elements[0]
    return found


def _tried(arguments: Sequence[Node]) -> Node:
    """The first that works: what is not known may or may not."""
    if not arguments[0].known:
        raise Unknowable
    return arguments[0]


def _chosen(arguments: Sequence[Node]) -> Node:
    return arguments[1] if _switch(arguments[0]) else arguments[2]


#: By names in lower case: Terraform's, Bicep's and ARM's.
FUNCTIONS: Final[Mapping[str, Function]] = {
    SPREAD: _spread,
    "and": _all,
    "array": lambda arguments: arguments[0] if isinstance(_known(arguments[0]), list) else [arguments[0]],
    "coalesce": _first_known,
    "compact": _compact,
    "concat": _concat,
    "createarray": list,
    "createobject": _object,
    "distinct": _distinct,
    "empty": lambda arguments: not _known(arguments[0]),
    "equals": lambda arguments: _scalar(arguments[0]) == _scalar(arguments[1]),
    "false": lambda _: False,
    "first": _first,
    "flatten": _flatten,
    "format": _format,
    "if": _chosen,
    "join": _join,
    "length": _length,
    "lookup": _looked_up,
    "lower": lambda arguments: str(_scalar(arguments[0])).lower(),
    "merge": _union,
    "not": lambda arguments: not _switch(arguments[0]),
    "null": lambda _: None,
    "or": _any,
    "range": _range,
    "setunion": _union,
    "replace": _replaced,
    "string": lambda arguments: as_text(_scalar(arguments[0])),
    "tobool": lambda arguments: _switch(arguments[0]),
    "tolist": lambda arguments: arguments[0],
    "tolower": lambda arguments: str(_scalar(arguments[0])).lower(),
    "toset": _distinct,
    "tostring": lambda arguments: as_text(_scalar(arguments[0])),
    "toupper": lambda arguments: str(_scalar(arguments[0])).upper(),
    "true": lambda _: True,
    "try": _tried,
    "union": _union,
    "upper": lambda arguments: str(_scalar(arguments[0])).upper(),
}
