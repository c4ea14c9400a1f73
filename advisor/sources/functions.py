"""Functions of Terraform, Bicep and ARM, as far as they can be worked out without running anything."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from advisor.sources.node import Node
from rules.registration import Unread

#: So far is counted.
COUNTED: Final = 1000

Function = Callable[[Sequence[Node]], Any]


class Unknowable(Exception):  # noqa: N818 - it is no error
    """A function cannot say what its arguments come to."""


def as_text(value: Any) -> str | None:
    """A scalar as it stands in a text; nothing for a list, an object, or what is not known."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, str | int | float) else None


def _known(node: Node) -> Any:
    """The value of an argument that must be known as a whole."""
    if isinstance(node.value, Unread):
        raise Unknowable
    return node.value


def _elements(node: Node) -> list[Node]:
    """The elements of a list; one that is not known is an element that is not known."""
    if isinstance(node.value, Unread):
        return [node]
    if not isinstance(node.value, list):
        raise Unknowable
    return node.value


def _concat(arguments: Sequence[Node]) -> Any:
    if any(isinstance(argument.value, list) for argument in arguments):
        return [element for argument in arguments for element in _elements(argument)]
    texts = [as_text(_known(argument)) for argument in arguments]
    if None in texts:
        raise Unknowable
    return "".join(text for text in texts if text is not None)


def _flatten(arguments: Sequence[Node]) -> list[Node]:
    def inside(node: Node) -> list[Node]:
        if isinstance(node.value, list):
            return [inner for element in node.value for inner in inside(element)]
        return [node]

    return [inner for element in _elements(arguments[0]) for inner in inside(element)]


def _distinct(arguments: Sequence[Node]) -> list[Node]:
    seen: list[Any] = []
    kept = []
    for node in _elements(arguments[0]):
        if isinstance(node.value, list | dict) or node.value not in seen:
            seen.append(node.value)
            kept.append(node)
    return kept


def _compact(arguments: Sequence[Node]) -> list[Node]:
    return [node for node in _elements(arguments[0]) if node.value not in (None, "")]


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


def _looked_up(arguments: Sequence[Node]) -> Node:
    """Terraform's ``lookup(map, key, default)``; of a map that stands in no file not every key is known."""
    members, key = arguments[0].value, _known(arguments[1])
    if not isinstance(members, dict):
        raise Unknowable
    if key in members:
        return members[key]  # type: ignore[no-any-return]
    if len(arguments) < 3 or not arguments[0].place.there:
        raise Unknowable
    return arguments[2]


def _chosen(arguments: Sequence[Node]) -> Node:
    return arguments[1] if _switch(arguments[0]) else arguments[2]


#: What can be said without running anything, by names in lower case: Terraform's, Bicep's and ARM's.
FUNCTIONS: Final[Mapping[str, Function]] = {
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
    "first": lambda arguments: _elements(arguments[0])[0],
    "flatten": _flatten,
    "format": _format,
    "if": _chosen,
    "lookup": _looked_up,
    "lower": lambda arguments: str(_scalar(arguments[0])).lower(),
    "not": lambda arguments: not _switch(arguments[0]),
    "null": lambda _: None,
    "or": _any,
    "range": _range,
    "setunion": lambda arguments: _distinct([Node(_concat(arguments), arguments[0].place)]),
    "string": lambda arguments: as_text(_scalar(arguments[0])),
    "tobool": lambda arguments: _switch(arguments[0]),
    "tolist": lambda arguments: arguments[0],
    "tolower": lambda arguments: str(_scalar(arguments[0])).lower(),
    "toset": _distinct,
    "tostring": lambda arguments: as_text(_scalar(arguments[0])),
    "toupper": lambda arguments: str(_scalar(arguments[0])).upper(),
    "true": lambda _: True,
    "upper": lambda arguments: str(_scalar(arguments[0])).upper(),
}
