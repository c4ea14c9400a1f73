"""Operators and functions of Terraform whose results are known without running anything.

Each takes nodes and returns a value or a node. It raises ``Unknowable`` where the result depends on what is not known,
and ``Fails`` where Terraform refuses the call. Functions that are not listed are not known.

Sources: HashiCorp, "Arithmetic and logical operators" and "Functions" of the Terraform language.
"""

from __future__ import annotations

import base64
import binascii
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
from advisor.sources.reading.remedies import AFTER_DEPLOYMENT
from advisor.sources.terraform.collections import COLLECTIONS
from advisor.sources.terraform.values import (
    Fails,
    Later,
    Rest,
    Unknowable,
    ascii_text,
    boolean,
    elements,
    exact,
    fraction,
    known,
    listed,
    members,
    number,
    same,
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
_TENANT: Final = AFTER_DEPLOYMENT
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
    value, start, count = ascii_text(arguments[0]), whole(arguments[1]), whole(arguments[2])
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
    """The moment that is this many seconds after the deployment."""
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
    **COLLECTIONS,
    "abs": lambda arguments: exact(abs(fraction(arguments[0]))),
    "alltrue": _all_true,
    "anytrue": _any_true,
    "base64decode": _decoded,
    "base64encode": lambda arguments: base64.b64encode(text(arguments[0]).encode()).decode(),
    "basename": lambda arguments: posixpath.basename(text(arguments[0])),
    "ceil": lambda arguments: math.ceil(fraction(arguments[0])),
    "chomp": lambda arguments: text(arguments[0]).rstrip("\r\n"),
    "dirname": lambda arguments: posixpath.dirname(text(arguments[0])) or ".",
    "endswith": lambda arguments: text(arguments[0]).endswith(text(arguments[1])),
    "floor": _floor,
    "format": _format,
    "formatlist": _format_list,
    "join": _join,
    "jsondecode": _json_value,
    "jsonencode": _json_text,
    "lower": lambda arguments: ascii_text(arguments[0]).lower(),
    "max": lambda arguments: exact(max(fraction(argument) for argument in arguments)),
    "min": lambda arguments: exact(min(fraction(argument) for argument in arguments)),
    "nonsensitive": lambda arguments: arguments[0],
    "replace": _replace,
    "signum": lambda arguments: (fraction(arguments[0]) > 0) - (fraction(arguments[0]) < 0),
    "split": _split,
    "startswith": lambda arguments: text(arguments[0]).startswith(text(arguments[1])),
    "strcontains": lambda arguments: text(arguments[1]) in text(arguments[0]),
    "strrev": lambda arguments: ascii_text(arguments[0])[::-1],
    "substr": _substring,
    "sum": _sum,
    "plantimestamp": lambda _: later(0),
    "timestamp": lambda _: later(0),
    "timeadd": _time_added,
    "tobool": lambda arguments: converted(arguments, boolean),
    "tonumber": lambda arguments: converted(arguments, number),
    "tostring": lambda arguments: converted(arguments, text),
    "trim": lambda arguments: text(arguments[0]).strip(text(arguments[1])),
    "trimprefix": lambda arguments: text(arguments[0]).removeprefix(text(arguments[1])),
    "trimspace": lambda arguments: text(arguments[0]).strip(),
    "trimsuffix": lambda arguments: text(arguments[0]).removesuffix(text(arguments[1])),
    "upper": lambda arguments: ascii_text(arguments[0]).upper(),
    "yamldecode": _yaml_value,
}
