"""Operators and functions of Terraform whose results are known without running anything.

Each takes nodes and returns a value or a node. It raises ``Unknowable`` where the result depends on what is not known,
and ``Fails`` where Terraform refuses the call. Functions that are not listed are not known.

Sources: HashiCorp, "Arithmetic and logical operators" and "Functions" of the Terraform language.
"""

from __future__ import annotations

import base64
import binascii
import itertools
import json
import math
import posixpath
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from advisor.limits import spend
from advisor.sources.reading.node import Node, Place
from advisor.sources.terraform.values import (
    Elements,
    Fails,
    Later,
    Open,
    Rest,
    Unknowable,
    Unordered,
    a_set,
    alike,
    as_text,
    boolean,
    elements,
    exact,
    fraction,
    is_open,
    known,
    listed,
    members,
    number,
    rest,
    same,
    scalar,
    some,
    text,
    whole,
)
from rules.model.registration import Unread

if TYPE_CHECKING:
    from yaml.nodes import Node as YamlNode

Arguments = Sequence[Node]
Function = Callable[[Arguments], Any]

#: A list that a function makes has at most this many elements.
_COUNTED: Final = 1000
_TENANT: Final = "lint the tenant after the deployment"
_VERB: Final = re.compile(r"%(0?)(\d*)([a-zA-Z%])|%")
_DURATION: Final = re.compile(r"(\d+)(h|m|s)")
_SECONDS: Final = {"h": 3600, "m": 60, "s": 1}
#: What Go's encoder of JSON escapes in a text.
_JSON_ESCAPES: Final = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


# Operators


def _and(sides: Arguments) -> bool:
    if any(side.known and not boolean(side) for side in sides):
        return False
    return all(boolean(side) for side in sides)


def _or(sides: Arguments) -> bool:
    if any(side.known and boolean(side) for side in sides):
        return True
    return any(boolean(side) for side in sides)


def _arithmetic(compute: Callable[[Fraction, Fraction], Fraction]) -> Function:
    def computed(sides: Arguments) -> int | float:
        one, other = (fraction(side) for side in sides)
        try:
            return exact(compute(one, other))
        except ZeroDivisionError:
            raise Fails from None

    return computed


def _compared(holds: Callable[[Fraction, Fraction], bool]) -> Function:
    return lambda sides: holds(fraction(sides[0]), fraction(sides[1]))


def _equal(sides: Arguments) -> bool:
    return same(sides[0], sides[1])


OPERATORS: Final[Mapping[str, Function]] = {
    "&&": _and,
    "||": _or,
    "!": lambda sides: not boolean(sides[0]),
    "negative": lambda sides: exact(-fraction(sides[0])),
    "==": _equal,
    "!=": lambda sides: not _equal(sides),
    "<": _compared(lambda one, other: one < other),
    "<=": _compared(lambda one, other: one <= other),
    ">": _compared(lambda one, other: one > other),
    ">=": _compared(lambda one, other: one >= other),
    "+": _arithmetic(lambda one, other: one + other),
    "-": _arithmetic(lambda one, other: one - other),
    "*": _arithmetic(lambda one, other: one * other),
    "/": _arithmetic(lambda one, other: one / other),
    # The remainder has the sign of the dividend, as in Go.
    "%": _arithmetic(lambda one, other: one - other * math.trunc(one / other)),
}


# Texts


def _ascii(node: Node) -> str:
    """A text in which characters are bytes and capital letters are the same in every language."""
    value = text(node)
    if not value.isascii():
        raise Unknowable
    return value


def _formatted(pattern: str, values: Sequence[Node]) -> str:
    left = list(values)

    def replaced(match: re.Match[str]) -> str:
        zero, width, verb = match[1], match[2], match[3]
        if verb == "%" and not zero and not width:
            return "%"
        if verb not in ("s", "d", "v", "t") or (zero and verb != "d"):
            raise Unknowable
        if not left:
            raise Fails
        value = left.pop(0)
        if isinstance(value.value, list | dict) or value.value is None:
            raise Unknowable
        shown = str(whole(value)) if verb == "d" else str(boolean(value)).lower() if verb == "t" else text(value)
        return shown.zfill(int(width)) if zero else shown.rjust(int(width or 0))

    made = _VERB.sub(replaced, pattern)
    if left:
        raise Fails
    spend(characters=len(made))
    return made


def _format(arguments: Arguments) -> str:
    return _formatted(text(arguments[0]), arguments[1:])


def _format_list(arguments: Arguments) -> Any:
    pattern, values = text(arguments[0]), arguments[1:]
    if any(not value.known for value in values):
        raise Unknowable
    lists = [some(value) for value in values if isinstance(value.value, list)]
    if not lists:
        return [Node(_formatted(pattern, values), arguments[0].place)]
    is_long = any(isinstance(one.value, Rest) for nodes in lists for one in nodes)
    if is_long and len(lists) > 1:
        raise Unknowable
    if len({len(nodes) for nodes in lists}) > 1:
        raise Fails
    made = []
    for index in range(len(lists[0])):
        row = [some(value)[index] if isinstance(value.value, list) else value for value in values]
        unknown = next((one for one in row if not one.known), None)
        made.append(unknown or Node(_formatted(pattern, row), row[0].place))
    return listed(made)


def _join(arguments: Arguments) -> str:
    separator = text(arguments[0])
    texts = [text(one) for argument in arguments[1:] for one in elements(argument)]
    spend(characters=len(separator) * len(texts) + sum(map(len, texts)))
    return separator.join(texts)


def _split(arguments: Arguments) -> list[Node]:
    separator, value = text(arguments[0]), text(arguments[1])
    return [Node(one, arguments[1].place) for one in (value.split(separator) if separator else value)]


def _replace(arguments: Arguments) -> str:
    value, old, new = map(text, arguments)
    if len(old) > 1 and old[0] == old[-1] == "/":  # a regular expression, in Go's syntax
        raise Unknowable
    spend(characters=len(value) + value.count(old) * len(new))
    return value.replace(old, new)


def _substring(arguments: Arguments) -> str:
    value, start, count = _ascii(arguments[0]), whole(arguments[1]), whole(arguments[2])
    start = start + len(value) if start < 0 else start
    if start < 0 or count < -1:
        raise Unknowable
    return value[start:] if count == -1 else value[start : start + count]


def _json_text(arguments: Arguments) -> str:
    made = json.dumps(_whole_value(arguments[0]), separators=(",", ":"), ensure_ascii=False)
    return "".join(_JSON_ESCAPES.get(character, character) for character in made)


def _whole_value(node: Node) -> Any:
    """A value as Python has it, objects in the order of their keys. Raises ``Unknowable`` where a part is not known."""
    value = known(node)
    if isinstance(value, dict):
        return {key: _whole_value(one) for key, one in members(node).items()}
    if isinstance(value, list):
        return [_whole_value(one) for one in elements(node)]
    return value


def _json_value(arguments: Arguments) -> Any:
    try:
        return nodes_of(json.loads(text(arguments[0])), arguments[0].place).value
    except ValueError:
        raise Fails from None


def _yaml_value(arguments: Arguments) -> Any:
    import yaml

    try:
        root = yaml.compose(text(arguments[0]), Loader=yaml.SafeLoader)
    except yaml.YAMLError:
        raise Fails from None
    return None if root is None else _yaml_node(root, arguments[0].place).value


def _yaml_node(node: YamlNode, place: Place) -> Node:
    """A part of YAML. A scalar of which the versions of YAML differ, such as ``yes``, is not known."""
    from yaml.nodes import MappingNode, SequenceNode

    if isinstance(node, SequenceNode):
        return Node([_yaml_node(one, place) for one in node.value], place)
    if isinstance(node, MappingNode):
        pairs = [(key.value, _yaml_node(one, place)) for key, one in node.value]
        if any(not isinstance(key, str) or key == "<<" for key, _ in pairs):
            raise Unknowable
        return Node(dict(pairs), place)
    kind, value = node.tag.rpartition(":")[2], node.value
    if kind == "str":
        return Node(value, place)
    if kind == "null" or value in ("true", "false"):
        return Node(None if kind == "null" else value == "true", place)
    is_plain = kind in ("int", "float") and re.fullmatch(r"-?(0|[1-9]\d*)(\.\d+)?", value)
    return Node(number(Node(value, place)) if is_plain else Unread("placeholder", note=value), place)


def nodes_of(value: Any, place: Place) -> Node:
    """A value of JSON or YAML as nodes that are all at *place*."""
    if isinstance(value, dict):
        value = {str(key): nodes_of(one, place) for key, one in value.items()}
    elif isinstance(value, list):
        value = [nodes_of(one, place) for one in value]
    elif isinstance(value, float):
        try:
            value = number(Node(repr(value), place))
        except (Fails, Unknowable):
            value = Unread("placeholder", note=repr(value))
    return Node(value, place)


def _decoded(arguments: Arguments) -> str:
    try:
        return base64.b64decode(text(arguments[0]), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise Fails from None


def seconds(duration: str) -> int | None:
    """The length of a duration such as ``8760h`` or ``1h30m``; nothing for another text."""
    parts = _DURATION.findall(duration)
    if not parts or "".join(count + unit for count, unit in parts) != duration:
        return None
    return sum(int(count) * _SECONDS[unit] for count, unit in parts)


def later(length: int) -> Later:
    """The moment that is so many seconds after the deployment."""
    return Later("unknown-until-apply", f"{length // 3600:,} hours after the deployment", _TENANT, seconds=length)


def _time_added(arguments: Arguments) -> Any:
    length = seconds(text(arguments[1]).removeprefix("-"))
    if length is None:
        raise Unknowable
    start = arguments[0].value
    if isinstance(start, Later):
        return Node(later(start.seconds + length), arguments[0].place)
    try:
        moment = datetime.strptime(text(arguments[0]), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        moment += timedelta(seconds=-length if text(arguments[1]).startswith("-") else length)
    except (ValueError, OverflowError):
        raise Unknowable from None
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


# Lists and sets


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
        return len(_ascii(arguments[0]))
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


def _all_true(arguments: Arguments) -> bool:
    nodes = some(arguments[0])
    if any(node.known and not boolean(node) for node in nodes):
        return False
    return all(boolean(node) for node in nodes)


def _any_true(arguments: Arguments) -> bool:
    nodes = some(arguments[0])
    if any(node.known and node.value is not None and boolean(node) for node in nodes):
        return True
    return any(node.value is not None and boolean(node) for node in nodes)


# Maps and objects


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
    if not isinstance(known(default), str) and any(
        type(one.value) is not type(default.value) for one in value.values()
    ):
        raise Unknowable  # it gets the type of the map's elements
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


# Types


def converted(arguments: Arguments, to: Callable[[Node], Any]) -> Any:
    """A scalar of another type; null stays null."""
    return None if known(arguments[0]) is None else to(arguments[0])


def _sum(arguments: Arguments) -> int | float:
    nodes = elements(arguments[0])
    if not nodes:
        raise Fails
    return exact(sum((fraction(node) for node in nodes), Fraction()))


def _floor(arguments: Arguments) -> int | float:
    return math.floor(fraction(arguments[0]))


#: Functions by their names.
FUNCTIONS: Final[Mapping[str, Function]] = {
    "abs": lambda arguments: exact(abs(fraction(arguments[0]))),
    "alltrue": _all_true,
    "anytrue": _any_true,
    "base64decode": _decoded,
    "base64encode": lambda arguments: base64.b64encode(text(arguments[0]).encode()).decode(),
    "basename": lambda arguments: posixpath.basename(text(arguments[0])),
    "ceil": lambda arguments: math.ceil(fraction(arguments[0])),
    "chomp": lambda arguments: text(arguments[0]).rstrip("\r\n"),
    "chunklist": _chunks,
    "coalesce": _coalesce,
    "coalescelist": _first_list,
    "compact": _compact,
    "concat": _concat,
    "contains": _contains,
    "dirname": lambda arguments: posixpath.dirname(text(arguments[0])) or ".",
    "distinct": _distinct,
    "element": _element,
    "endswith": lambda arguments: text(arguments[0]).endswith(text(arguments[1])),
    "flatten": _flatten,
    "floor": _floor,
    "format": _format,
    "formatlist": _format_list,
    "index": _index,
    "join": _join,
    "jsondecode": _json_value,
    "jsonencode": _json_text,
    "keys": lambda arguments: [Node(key, node.place) for key, node in members(arguments[0]).items()],
    "length": _length,
    "lookup": _lookup,
    "lower": lambda arguments: _ascii(arguments[0]).lower(),
    "max": lambda arguments: exact(max(fraction(argument) for argument in arguments)),
    "merge": _merge,
    "min": lambda arguments: exact(min(fraction(argument) for argument in arguments)),
    "nonsensitive": lambda arguments: arguments[0],
    "one": _one,
    "range": _range,
    "replace": _replace,
    "reverse": lambda arguments: elements(arguments[0])[::-1],
    "setintersection": _combined(set.__and__),
    "setproduct": _product,
    "setsubtract": _combined(set.__sub__),
    "setunion": _union,
    "signum": lambda arguments: (fraction(arguments[0]) > 0) - (fraction(arguments[0]) < 0),
    "slice": _slice,
    "sort": _sort,
    "split": _split,
    "startswith": lambda arguments: text(arguments[0]).startswith(text(arguments[1])),
    "strcontains": lambda arguments: text(arguments[1]) in text(arguments[0]),
    "strrev": lambda arguments: _ascii(arguments[0])[::-1],
    "substr": _substring,
    "sum": _sum,
    "plantimestamp": lambda _: later(0),
    "timestamp": lambda _: later(0),
    "timeadd": _time_added,
    "tobool": lambda arguments: converted(arguments, boolean),
    "tolist": _to_list,
    "tomap": _to_map,
    "tonumber": lambda arguments: converted(arguments, number),
    "toset": _set_of,
    "tostring": lambda arguments: converted(arguments, text),
    "trim": lambda arguments: text(arguments[0]).strip(text(arguments[1])),
    "trimprefix": lambda arguments: text(arguments[0]).removeprefix(text(arguments[1])),
    "trimspace": lambda arguments: text(arguments[0]).strip(),
    "trimsuffix": lambda arguments: text(arguments[0]).removesuffix(text(arguments[1])),
    "upper": lambda arguments: _ascii(arguments[0]).upper(),
    "values": lambda arguments: list(members(arguments[0]).values()),
    "yamldecode": _yaml_value,
    "zipmap": _zipmap,
}
