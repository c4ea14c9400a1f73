"""Functions of Bicep and of ARM templates, as far as their values follow from their arguments alone.

Bicep compiles to the functions of ARM templates, its operators included, so both languages share one table. A function
takes values and returns a value; it raises ``Unknowable`` where an argument that decides is not known, where its
reference leaves the result open, or where the deployment would fail.

Source: Microsoft, "Bicep functions", "Bicep operators" and "ARM template functions".
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, NoReturn
from urllib.parse import quote, unquote

from advisor.limits import spend
from advisor.sources.code.function_arguments import Function, Unknowable, is_partial, known, switch, whole
from advisor.sources.reading.node import Node, Place, absent, plain
from rules.model.registration import Unread

#: A list or object into which others are spread; no function has these names.
SPREAD_LIST: Final = "[...]"
SPREAD_OBJECT: Final = "{...}"
#: Longer lists are not made.
LONGEST_LIST: Final = 1000
_LARGEST: Final = 2**63
_FIELD: Final = re.compile(r"\{\{|\}\}|\{(\d{1,3})\}|[{}]")
#: How .NET orders texts is the same in every culture for these alone.
_ORDERED: Final = tuple(map(re.compile, ("[a-z]*", "[A-Z]*", "[0-9]*")))
_BASE: Final = re.compile(r"(https?://[a-z0-9.-]+)(/[\w~/-]*)", re.ASCII)
_RELATIVE: Final = re.compile(r"/?(?!/)[\w~/-]*(?:\.\w+)?", re.ASCII)


def same(one: Node, other: Node) -> bool:
    """Whether two values are equal. Case matters, and so does the order of a list."""
    if not (one.known and other.known):
        raise Unknowable
    a, b = one.value, other.value
    if isinstance(a, dict) and isinstance(b, dict):
        return _same_objects(one, other)
    if isinstance(a, list) and isinstance(b, list):
        if not (is_partial(one) or is_partial(other)) and len(a) != len(b):
            return False
        return _all_same(zip(whole(one), whole(other), strict=True))
    if a is None or b is None or isinstance(a, list | dict) or isinstance(b, list | dict):
        return type(a) is type(b)
    if type(a) is not type(b):
        raise Unknowable
    return bool(a == b)


def _is(element: Node, item: Node) -> bool:
    """Whether an element of a list is what is looked for: one of another type is not."""
    kinds = {type(known(element)), type(known(item))}
    return (len(kinds) == 1 or kinds <= {list, dict}) and same(element, item)


def _same_objects(one: Node, other: Node) -> bool:
    a, b = one.value, other.value
    if a.keys() != b.keys():
        if is_partial(one) or is_partial(other) or _folded(a) == _folded(b):
            raise Unknowable
        return False
    equal = _all_same((a[key], b[key]) for key in a)
    if equal and (is_partial(one) or is_partial(other)):
        raise Unknowable
    return equal


def _all_same(pairs: Any) -> bool:
    """Whether all pairs are equal: one pair that differs decides."""
    unknown = False
    for one, other in pairs:
        spend()
        try:
            if not same(one, other):
                return False
        except Unknowable:
            unknown = True
    if unknown:
        raise Unknowable
    return True


def _folded(keys: Any) -> set[str]:
    return {key.casefold() for key in keys}


def _text(node: Node) -> str:
    value = known(node)
    if not isinstance(value, str):
        raise Unknowable
    return value


def _units(node: Node) -> str:
    """A text whose characters .NET counts as Python does."""
    text = _text(node)
    if text and max(text) > "\uffff":
        raise Unknowable
    return text


def _without_case(node: Node) -> str:
    """A text in lower case. Outside of ASCII, cultures differ."""
    text = _text(node)
    if not text.isascii():
        raise Unknowable
    return text.lower()


def _number(node: Node) -> int:
    value = known(node)
    if not isinstance(value, int) or isinstance(value, bool):
        raise Unknowable
    return value


def _list(node: Node) -> list[Node]:
    """The elements of a list whose length is known."""
    value = whole(node)
    if not isinstance(value, list):
        raise Unknowable
    return value


def _object(node: Node) -> dict[str, Node]:
    """The members of an object of which all are known to be there."""
    value = whole(node)
    if not isinstance(value, dict):
        raise Unknowable
    return value


def in_text(node: Node) -> str:
    """A text or a number as a text."""
    value = known(node)
    return value if isinstance(value, str) else str(_number(node))


def _filled_in(node: Node) -> str:
    """A value that ``format`` puts into a text: a switch is written as .NET writes it."""
    value = known(node)
    return str(value) if isinstance(value, bool) else in_text(node)


# Logic and comparison


def _all(arguments: Sequence[Node]) -> bool:
    return False if any(one.value is False for one in arguments) else all(switch(one) for one in arguments)


def _any(arguments: Sequence[Node]) -> bool:
    return True if any(one.value is True for one in arguments) else any(switch(one) for one in arguments)


def _coalesced(arguments: Sequence[Node]) -> Node | None:
    for argument in arguments:
        if known(argument) is not None:
            return argument
    return None


def _order(arguments: Sequence[Node]) -> int:
    """Below zero where the first of two numbers or texts is less than the second."""
    one, other = (known(argument) for argument in arguments)
    if isinstance(one, str) and isinstance(other, str):
        if one != other and not any(kind.fullmatch(one) and kind.fullmatch(other) for kind in _ORDERED):
            raise Unknowable
        return (one > other) - (one < other)
    a, b = map(_number, arguments)
    return (a > b) - (a < b)


# Numbers


def _calculated(calculate: Callable[[int, int], int]) -> Function:
    def function(arguments: Sequence[Node]) -> int:
        one, other = map(_number, arguments)
        value = calculate(one, other)
        if not -_LARGEST <= value < _LARGEST:
            raise Unknowable
        return value

    return function


def _divided(one: int, other: int) -> int:
    """Division of integers toward zero."""
    if not other:
        raise Unknowable
    return abs(one) // abs(other) * (1 if (one < 0) == (other < 0) else -1)


def _remainder(one: int, other: int) -> int:
    return one - _divided(one, other) * other


def _extreme(choose: Callable[[list[int]], int]) -> Function:
    def function(arguments: Sequence[Node]) -> int:
        first = arguments[0]
        nodes = _list(first) if len(arguments) == 1 and isinstance(first.value, list) else arguments
        return choose([_number(node) for node in nodes])

    return function


def _as_int(arguments: Sequence[Node]) -> int:
    value = known(arguments[0])
    if isinstance(value, str) and re.fullmatch(r"-?\d{1,18}", value, re.ASCII):
        return int(value)
    return _number(arguments[0])


def _as_bool(arguments: Sequence[Node]) -> bool:
    value = known(arguments[0])
    if isinstance(value, str) and value.casefold() in ("true", "false"):
        return value.casefold() == "true"
    if not isinstance(value, bool) and value not in (0, 1):
        raise Unknowable
    return bool(value)


# Texts


def _formatted(arguments: Sequence[Node]) -> str:
    """``{0}`` with values; alignment and formats of numbers are not computed."""
    pattern, values = _text(arguments[0]), arguments[1:]

    def filled(match: re.Match[str]) -> str:
        if match[1] is not None:
            return _filled_in(values[int(match[1])])
        if len(match[0]) == 1:
            raise Unknowable
        return match[0][0]

    spend(characters=len(pattern) + sum(len(_filled_in(value)) for value in values) * pattern.count("{"))
    return _FIELD.sub(filled, pattern)


def _joined(arguments: Sequence[Node]) -> str:
    texts, between = [in_text(node) for node in _list(arguments[0])], _text(arguments[1])
    spend(characters=len(between) * len(texts) + sum(map(len, texts)))
    return between.join(texts)


def _replaced(arguments: Sequence[Node]) -> str:
    text, old, new = map(_text, arguments)
    if not old:
        raise Unknowable
    spend(characters=len(text) + text.count(old) * len(new))
    return text.replace(old, new)


def _split(arguments: Sequence[Node]) -> list[Node]:
    text, by = _text(arguments[0]), arguments[1]
    marks = [_text(one) for one in _list(by)] if isinstance(by.value, list) else [_text(by)]
    if not all(marks) or not marks:
        raise Unknowable
    return [Node(one, arguments[0].place) for one in re.split("|".join(map(re.escape, marks)), text)]


def _substring(arguments: Sequence[Node]) -> str:
    text, start = _units(arguments[0]), _number(arguments[1])
    length = _number(arguments[2]) if len(arguments) > 2 else len(text) - start
    if start < 0 or length < 0 or start + length > len(text):
        raise Unknowable
    return text[start : start + length]


def _padded(arguments: Sequence[Node]) -> str:
    sign = _text(arguments[2]) if len(arguments) > 2 else " "
    width = _number(arguments[1])
    spend(characters=max(width, 0))
    if len(sign) != 1:
        raise Unknowable
    return in_text(arguments[0]).rjust(width, sign) if in_text(arguments[0]).isascii() else _fails(arguments)


def _at_end(test: Callable[[str, str], bool]) -> Function:
    """``startsWith`` and ``endsWith``, which ignore case."""

    def function(arguments: Sequence[Node]) -> bool:
        return test(*map(_without_case, arguments))

    return function


def _position(find: Callable[[str, str], int], number: Callable[[list[int]], int]) -> Function:
    """``indexOf`` and ``lastIndexOf``: case is ignored in texts, and matters in lists."""

    def function(arguments: Sequence[Node]) -> int:
        if isinstance(arguments[0].value, list):
            known(arguments[1])
            found = [n for n, one in enumerate(_list(arguments[0])) if _is(one, arguments[1])]
            return number(found) if found else -1
        return find(*map(_without_case, arguments))

    return function


def _as_string(arguments: Sequence[Node]) -> str:
    (node,) = arguments
    if not isinstance(node.value, list | dict):
        return in_text(node)
    _refuse_unknown(node)
    return json.dumps(plain(node), separators=(",", ":"), ensure_ascii=False)


def _refuse_unknown(node: Node) -> None:
    """Raise ``Unknowable`` where something in a value is not known."""
    value = whole(node)
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _refuse_unknown(inner)


def from_python(value: Any, place: Place) -> Node:
    """A JSON value at one place. Raises ``Unknowable`` for fractions, of which the languages have none."""
    if isinstance(value, dict):
        return Node({str(key): from_python(member, place) for key, member in value.items()}, place)
    if isinstance(value, list):
        return Node([from_python(element, place) for element in value], place)
    if not isinstance(value, str | int | None):
        raise Unknowable
    return Node(value, place)


def _from_json(arguments: Sequence[Node]) -> Node:
    return from_python(json.loads(_text(arguments[0])), arguments[0].place)


def _from_base64(node: Node) -> str:
    return base64.b64decode(_text(node), validate=True).decode()


def _uri(arguments: Sequence[Node]) -> str:
    """A base with a slash at its end, or with a path whose last part is replaced; other bases are left open."""
    base, relative = map(_text, arguments)
    match = _BASE.fullmatch(base)
    if match is None or not _RELATIVE.fullmatch(relative):
        raise Unknowable
    return f"{match[1]}{match[2].rpartition('/')[0]}/{relative.removeprefix('/')}"


# Lists and objects


def _concat(arguments: Sequence[Node]) -> Any:
    """Texts or lists in a row. A list that is not known leaves open how many elements there are, and which."""
    if any(isinstance(argument.value, str | int) for argument in arguments):
        texts = list(map(in_text, arguments))
        spend(characters=sum(map(len, texts)))
        return "".join(texts)
    unknown = [argument for argument in arguments if not argument.known]
    found: list[Node] = []
    for argument in arguments:
        if argument.known and not isinstance(argument.value, list):
            raise Unknowable
        found += argument.value if argument.known else [argument]
    if not unknown:
        return _list_like(found, arguments)
    if len(unknown) == len(found):  # nothing says that there is an element
        raise Unknowable
    return absent(found, unknown[0].place)


def _list_like(found: list[Node], arguments: Sequence[Node]) -> Any:
    partial = next((argument for argument in arguments if is_partial(argument)), None)
    return found if partial is None else absent(found, partial.place)


def _spread_list(arguments: Sequence[Node]) -> Any:
    """Lists in a row, where ``null`` adds nothing."""
    return _concat([argument for argument in arguments if argument.value is not None])


def _flattened(arguments: Sequence[Node]) -> Any:
    lists = _list(arguments[0])
    if not all(isinstance(one.value, list | Unread) for one in lists):
        raise Unknowable
    return _concat(lists)


def _union(arguments: Sequence[Node]) -> Any:
    if any(isinstance(argument.value, dict) for argument in arguments):
        return _merged(arguments, deep=True)
    joined = _concat(arguments)
    if isinstance(joined, str):
        raise Unknowable
    nodes, place = (joined.value, joined.place) if isinstance(joined, Node) else (joined, None)
    kept: list[Node] = []
    is_open = place is not None
    for node in nodes:
        try:
            if any(same(node, one) for one in kept):
                continue
        except Unknowable:
            is_open = True
        kept.append(node)
    return absent(kept, place or arguments[0].place) if is_open else kept


def _merged(arguments: Sequence[Node], *, deep: bool) -> Any:
    """One object of several: what comes later counts. One that is not known may replace what is before it, and add
    more. With *deep*, objects in the same place become one too.
    """
    found: dict[str, Node] = {}
    is_open: Node | None = None
    for argument in arguments:
        if isinstance(argument.value, Unread):
            is_open = argument
            found = {key: Node(argument.value, node.place) for key, node in found.items()}
        elif isinstance(argument.value, dict):
            is_open = argument if is_partial(argument) else is_open
            if is_partial(argument):
                found = {key: Node(_left_open(argument), node.place) for key, node in found.items()}
            for key, member in argument.value.items():
                found[key] = _member(found.get(key), member, open=is_open is not None, deep=deep)
        elif argument.value is not None or deep:
            raise Unknowable
    if len(_folded(found)) != len(found):  # the platform ignores the case of names
        raise Unknowable
    return found if is_open is None else absent(found, is_open.place)


def _left_open(node: Node) -> Unread:
    return next((one.value for one in node.value.values() if not one.known), Unread("placeholder"))


def _member(before: Node | None, member: Node, *, open: bool, deep: bool) -> Node:
    if not deep or not isinstance(member.value, dict):
        if deep and member.value is None and before is not None:
            raise Unknowable
        return member
    if before is None:
        return opened(member) if open else member
    if not isinstance(before.value, dict | Unread):
        return member
    value = _merged((before, member), deep=True)
    return value if isinstance(value, Node) else Node(value, member.place)


def opened(node: Node) -> Node:
    """A value whose objects may have more members than are known."""
    if not isinstance(node.value, dict):
        return node
    return absent({key: opened(member) for key, member in node.value.items()}, node.place)


def _shallow(arguments: Sequence[Node]) -> Any:
    return _merged(_list(arguments[0]), deep=False)


def _intersection(arguments: Sequence[Node]) -> Any:
    first, *others = arguments
    if isinstance(first.value, dict):
        members = _object(first).items()
        return {
            key: node for key, node in members if all(key in _object(one) and _equal(node, one, key) for one in others)
        }
    nodes = _list(first)
    if len({known(node) for node in nodes if not isinstance(node.value, list | dict)}) != len(nodes):
        raise Unknowable
    return [node for node in nodes if all(any(_scalars(node, two) for two in _list(one)) for one in others)]


def _equal(node: Node, other: Node, key: str) -> bool:
    return _scalars(node, _object(other)[key])


def _scalars(one: Node, other: Node) -> bool:
    if isinstance(one.value, list | dict) or isinstance(other.value, list | dict):
        raise Unknowable
    return same(one, other)


def _contains(arguments: Sequence[Node]) -> bool:
    container, item = arguments
    value = known(container)
    if isinstance(value, str):
        return _text(item) in value
    if isinstance(value, dict):
        return _text(item).casefold() in _folded(value) or _text(item) in whole(container)
    if not isinstance(value, list):
        raise Unknowable
    return not _is_missing(container, item)


def _is_missing(container: Node, item: Node) -> bool:
    unknown = is_partial(container)
    for one in container.value:
        spend()
        try:
            if _is(one, item):
                return False
        except Unknowable:
            unknown = True
    if unknown:
        raise Unknowable
    return True


def _empty(arguments: Sequence[Node]) -> bool:
    value = known(arguments[0])
    if value is None:
        return True
    if not isinstance(value, list | dict | str):
        raise Unknowable
    return not value and not whole(arguments[0])


def _length(arguments: Sequence[Node]) -> int:
    value = whole(arguments[0])
    if not isinstance(value, list | dict):
        return len(_units(arguments[0]))
    return len(value)


def _element(at: int) -> Function:
    def function(arguments: Sequence[Node]) -> Any:
        if isinstance(arguments[0].value, str):
            return _units(arguments[0])[at]
        return _list(arguments[0])[at]

    return function


def _cut(arguments: Sequence[Node], *, take: bool) -> Any:
    value = arguments[0].value
    pieces = _units(arguments[0]) if isinstance(value, str) else _list(arguments[0])
    count = max(_number(arguments[1]), 0)
    return pieces[:count] if take else pieces[count:]


def _range(arguments: Sequence[Node]) -> list[Node]:
    first, count = map(_number, arguments)
    if not 0 <= count <= LONGEST_LIST:
        raise Unknowable
    return [Node(number, arguments[0].place) for number in range(first, first + count)]


def _sorted_items(node: Node) -> Iterator[tuple[str, Node]]:
    """The members of an object in the order of their names, where no culture has another order."""
    members = _object(node)
    names = sorted(members)
    are_plain = names == sorted(names, key=str.casefold) and all(name.isalnum() and name.isascii() for name in names)
    if len(names) > 1 and not are_plain:
        raise Unknowable
    return ((name, members[name]) for name in names)


def _items(arguments: Sequence[Node]) -> list[Node]:
    return [
        Node({"key": Node(key, member.place), "value": member}, member.place)
        for key, member in _sorted_items(arguments[0])
    ]


def _keys(arguments: Sequence[Node]) -> list[Node]:
    return [Node(key, member.place) for key, member in _sorted_items(arguments[0])]


def _new_object(arguments: Sequence[Node]) -> dict[str, Node]:
    keys = list(map(_text, arguments[::2]))
    if len(_folded(keys)) != len(keys):
        raise Unknowable
    return dict(zip(keys, arguments[1::2], strict=True))


def _as_list(arguments: Sequence[Node]) -> Any:
    return arguments[0] if isinstance(known(arguments[0]), list) else [arguments[0]]


def step_into(node: Node, key: Node, *, safe: bool = False, from_end: bool = False) -> Node | None:
    """The member of an object or the element of a list; ``None``, which is null, for a *safe* step to nothing.

    The platform ignores the case of names, and the file that is read may not: another spelling is not known.
    """
    value, at = known(node), known(key)
    if isinstance(value, dict) and isinstance(at, str) and not from_end:
        if at in value:
            member: Node = value[at]
            return member
        is_missing = at.casefold() not in _folded(whole(node))
    elif isinstance(value, list) and isinstance(at, int) and not isinstance(at, bool):
        at = len(_list(node)) - at if from_end else at
        if 0 <= at < len(whole(node)):
            element: Node = value[at]
            return element
        is_missing = True
    else:
        is_missing = value is None
    if not (safe and is_missing):
        raise Unknowable
    return None


def _tried(arguments: Sequence[Node]) -> Node | None:
    """A safe step, and the steps after it if it leads to something."""
    node = step_into(*arguments[:2], safe=True)
    for key in arguments[2:] if node is not None else ():
        node = step_into(node, key) if node is not None else None
    return node


def _fails(_: Sequence[Node]) -> NoReturn:
    raise Unknowable


#: By names in lower case.
TEMPLATE_FUNCTIONS: Final[Mapping[str, Function]] = {
    SPREAD_LIST: _spread_list,
    SPREAD_OBJECT: lambda arguments: _merged(arguments, deep=False),
    "add": _calculated(lambda one, other: one + other),
    "and": _all,
    "any": lambda arguments: arguments[0],
    "array": _as_list,
    "base64": lambda arguments: base64.b64encode(_text(arguments[0]).encode()).decode(),
    "base64tojson": lambda arguments: from_python(json.loads(_from_base64(arguments[0])), arguments[0].place),
    "base64tostring": lambda arguments: _from_base64(arguments[0]),
    "bool": _as_bool,
    "coalesce": _coalesced,
    "concat": _concat,
    "contains": _contains,
    "createarray": list,
    "createobject": _new_object,
    "div": _calculated(_divided),
    "empty": _empty,
    "endswith": _at_end(str.endswith),
    "equals": lambda arguments: same(*arguments),
    "fail": _fails,
    "false": lambda _: False,
    "first": _element(0),
    "flatten": _flattened,
    "format": _formatted,
    "greater": lambda arguments: _order(arguments) > 0,
    "greaterorequals": lambda arguments: _order(arguments) >= 0,
    "indexfromend": lambda arguments: step_into(*arguments, from_end=True),
    "if": lambda arguments: arguments[1 if switch(arguments[0]) else 2],
    "indexof": _position(str.find, min),
    "int": _as_int,
    "intersection": _intersection,
    "items": _items,
    "join": _joined,
    "json": _from_json,
    "last": _element(-1),
    "lastindexof": _position(str.rfind, max),
    "length": _length,
    "less": lambda arguments: _order(arguments) < 0,
    "lessorequals": lambda arguments: _order(arguments) <= 0,
    "max": _extreme(max),
    "min": _extreme(min),
    "mod": _calculated(_remainder),
    "mul": _calculated(lambda one, other: one * other),
    "not": lambda arguments: not switch(arguments[0]),
    "null": lambda _: None,
    "objectkeys": _keys,
    "or": _any,
    "padleft": _padded,
    "range": _range,
    "replace": _replaced,
    "shallowmerge": _shallow,
    "skip": lambda arguments: _cut(arguments, take=False),
    "split": _split,
    "startswith": _at_end(str.startswith),
    "string": _as_string,
    "sub": _calculated(lambda one, other: one - other),
    "substring": _substring,
    "take": lambda arguments: _cut(arguments, take=True),
    "tolower": lambda arguments: _without_case(arguments[0]),
    "toupper": lambda arguments: _without_case(arguments[0]).upper(),
    "trim": lambda arguments: _text(arguments[0]).strip(),
    "true": lambda _: True,
    "tryget": _tried,
    "tryindexfromend": lambda arguments: step_into(*arguments, safe=True, from_end=True),
    "union": _union,
    "uri": _uri,
    "uricomponent": lambda arguments: quote(_text(arguments[0]), safe=""),
    "uricomponenttostring": lambda arguments: unquote(_text(arguments[0])),
}
