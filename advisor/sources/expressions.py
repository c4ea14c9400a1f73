"""Expressions of Terraform, Bicep and ARM, and what they come to as far as that can be known without running anything.

All three are parsed into the same few shapes. What depends on a parameter without a value, on something that only exists
after the deployment, or on a function that is not listed here is ``Unread``, with the words of the expression.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Protocol

import msgspec

from advisor.sources.node import Node, Place
from rules.registration import Unread

#: So much of an expression is shown in place of its value.
_SHOWN: Final = 80
#: So far is counted.
_COUNTED: Final = 1000


class Expression(msgspec.Struct, frozen=True, kw_only=True):
    """Something that has a value: where it stands, and its words."""

    place: Place
    words: str


class Literal(Expression, frozen=True, kw_only=True):
    """A text, number or switch, or null."""

    value: str | int | float | bool | None


class Template(Expression, frozen=True, kw_only=True):
    """A text with expressions in it."""

    parts: tuple[Expression, ...]


class Name(Expression, frozen=True, kw_only=True):
    """Something declared elsewhere."""

    name: str


class Step(Expression, frozen=True, kw_only=True):
    """A member of an object or an element of a list; *key* is an expression."""

    of: Expression
    key: Expression


class Call(Expression, frozen=True, kw_only=True):
    """A function and its arguments."""

    name: str
    arguments: tuple[Expression, ...]


class Items(Expression, frozen=True, kw_only=True):
    """A list."""

    items: tuple[Expression, ...]


class Members(Expression, frozen=True, kw_only=True):
    """An object: keys, which are expressions too, and values."""

    members: tuple[tuple[Expression, Expression], ...]


class Choice(Expression, frozen=True, kw_only=True):
    """One of two values."""

    condition: Expression
    yes: Expression
    no: Expression


class Each(Expression, frozen=True, kw_only=True):
    """A value for each element of a list or object: the names of the element and of its index or key."""

    element: str
    index: str
    over: Expression
    value: Expression


class Lambda(Expression, frozen=True, kw_only=True):
    """What a function does with each element: the name of the element and a value."""

    element: str
    value: Expression


class Opaque(Expression, frozen=True, kw_only=True):
    """Something that is not looked into."""


class Scope(Protocol):
    """What names mean where an expression stands."""

    def find(self, name: str, steps: Sequence[str | int], /) -> tuple[Node, int] | None:
        """What *name* and the first of the *steps* after it lead to, and how many of them; nothing for a name unknown."""

    def within(self, names: Mapping[str, Node], /) -> Scope:
        """The same with more names."""

    def not_known(self, words: str, /) -> Unread:
        """Why the value of these words is not known."""


Function = Callable[[Sequence[Node]], Any]


class _Unknowable(Exception):  # noqa: N818 - it is no error
    """A function cannot say what its arguments come to."""


def evaluate(expression: Expression, scope: Scope) -> Node:  # noqa: PLR0911 - one return for each shape
    """What an expression comes to in a *scope*."""
    match expression:
        case Literal():
            return Node(expression.value, expression.place)
        case Items():
            return Node([evaluate(item, scope) for item in expression.items], expression.place)
        case Members():
            return _members(expression, scope)
        case Template():
            return _text(expression, scope)
        case Choice():
            condition = evaluate(expression.condition, scope).value
            if isinstance(condition, bool):
                return evaluate(expression.yes if condition else expression.no, scope)
        case Call():
            return _called(expression, scope)
        case Each():
            return _repeated(expression, scope)
        case Name() | Step():
            return _walked(expression, scope)
    return not_known(expression, scope)


def not_known(expression: Expression, scope: Scope) -> Node:
    """An expression as a value that nobody knows yet."""
    return Node(scope.not_known(shorten(expression.words)), expression.place)


def shorten(words: str) -> str:
    """The words of an expression on one line, cut."""
    words = " ".join(words.split())
    return words if len(words) <= _SHOWN else words[: _SHOWN - 1] + "…"


def _members(expression: Members, scope: Scope) -> Node:
    found: dict[str, Node] = {}
    for key, member in expression.members:
        name = evaluate(key, scope).value
        if not isinstance(name, str | int) or isinstance(name, bool):
            return not_known(expression, scope)
        found[str(name)] = evaluate(member, scope)
    return Node(found, expression.place)


def _repeated(expression: Each, scope: Scope) -> Node:
    over = evaluate(expression.over, scope)
    pairs = pairs_of(over)
    if pairs is None or len(pairs) > _COUNTED:
        return not_known(expression, scope)
    elements = []
    for key, element in pairs:
        names = {expression.element: element, expression.index: Node(key, element.place)}
        inner = scope.within({name: node for name, node in names.items() if name})
        elements.append(evaluate(expression.value, inner))
    return Node(elements, expression.place)


def pairs_of(node: Node) -> list[tuple[str | int, Node]] | None:
    """Keys, or numbers, and elements of an object or list; ``None`` for what is neither or not known."""
    if isinstance(node.value, dict):
        return list(node.value.items())
    return list(enumerate(node.value)) if isinstance(node.value, list) else None


def _text(expression: Template, scope: Scope) -> Node:
    values = [evaluate(part, scope) for part in expression.parts]
    if len(values) == 1 and not isinstance(values[0].value, str):
        return Node(values[0].value, expression.place)
    texts = [_as_text(value.value) for value in values]
    if None in texts:
        unknown = next((value.value for value in values if isinstance(value.value, Unread)), None)
        if unknown is None:
            return not_known(expression, scope)
        return Node(msgspec.structs.replace(unknown, note=shorten(expression.words)), expression.place)
    return Node("".join(text for text in texts if text is not None), expression.place)


def _as_text(value: Any) -> str | None:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, str | int | float) else None


def _walked(expression: Expression, scope: Scope) -> Node:
    """Follow a name and the steps after it."""
    keys: list[Expression] = []
    root = expression
    while isinstance(root, Step):
        keys.append(root.key)
        root = root.of
    steps = [evaluate(key, scope).value for key in reversed(keys)]
    known = [step for step in steps if isinstance(step, str | int) and not isinstance(step, bool)]
    if len(known) != len(steps):
        return not_known(expression, scope)
    found = scope.find(root.name, known) if isinstance(root, Name) else (evaluate(root, scope), 0)
    if found is None:
        return not_known(expression, scope)
    node, used = found
    if not node.known:
        return Node(node.value, expression.place)
    inner = _inside(node, known[used:])
    if inner is None:
        return not_known(expression, scope)
    # What stands in no file, such as the id that a well-known value has, is shown where it is asked for.
    return inner if inner.place.there else Node(inner.value, expression.place)


def _inside(node: Node, steps: Sequence[str | int]) -> Node | None:
    for step in steps:
        inner = None
        if isinstance(node.value, dict):
            inner = node.value.get(str(step))
        elif isinstance(node.value, list) and isinstance(step, int) and -1 < step < len(node.value):
            inner = node.value[step]
        if inner is None:
            return None
        node = inner
    return node


def _called(expression: Call, scope: Scope) -> Node:
    if any(isinstance(argument, Lambda) for argument in expression.arguments):
        return _applied(expression, scope) or not_known(expression, scope)
    function = FUNCTIONS.get(expression.name.lower())
    if function is None:
        return not_known(expression, scope)
    arguments = [evaluate(argument, scope) for argument in expression.arguments]
    try:
        value = function(arguments)
    except (_Unknowable, IndexError, ValueError, TypeError):
        return not_known(expression, scope)
    if isinstance(value, Node):
        return value if value.place.there else Node(value.value, expression.place)
    return Node(value, expression.place)


def _applied(expression: Call, scope: Scope) -> Node | None:
    """``filter`` and ``map`` of Bicep and ARM; nothing where nobody can say what they come to."""
    over, does = evaluate(expression.arguments[0], scope), expression.arguments[-1]
    if not isinstance(does, Lambda) or not isinstance(over.value, list) or len(expression.arguments) != 2:
        return None
    values = [(one, evaluate(does.value, scope.within({does.element: one}))) for one in over.value]
    if expression.name.lower() == "map":
        return Node([value for _, value in values], expression.place)
    if expression.name.lower() != "filter" or not all(isinstance(value.value, bool) for _, value in values):
        return None
    kept = [one for one, value in values if value.value]
    # Of a list that stands in no file not every element is known, so that nothing found is nothing said.
    return Node(kept, expression.place) if kept or over.place.there else None


def _known(node: Node) -> Any:
    """The value of an argument that must be known as a whole."""
    if isinstance(node.value, Unread):
        raise _Unknowable
    return node.value


def _elements(node: Node) -> list[Node]:
    """The elements of a list; one that is not known is an element that is not known."""
    if isinstance(node.value, Unread):
        return [node]
    if not isinstance(node.value, list):
        raise _Unknowable
    return node.value


def _concat(arguments: Sequence[Node]) -> Any:
    if any(isinstance(argument.value, list) for argument in arguments):
        return [element for argument in arguments for element in _elements(argument)]
    texts = [_as_text(_known(argument)) for argument in arguments]
    if None in texts:
        raise _Unknowable
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
    texts = [_as_text(_known(argument)) for argument in arguments]
    if None in texts or texts[0] is None:
        raise _Unknowable
    pattern, *values = (text or "" for text in texts)
    if "%" in pattern and "{0}" not in pattern:
        if pattern.replace("%s", "").replace("%d", "").count("%"):
            raise _Unknowable
        return pattern.replace("%d", "%s") % tuple(values)
    for number, value in enumerate(values):
        pattern = pattern.replace(f"{{{number}}}", value)
    if "{" in pattern:
        raise _Unknowable
    return pattern


def _switch(node: Node) -> bool:
    value = _known(node)
    if not isinstance(value, bool):
        raise _Unknowable
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
    raise _Unknowable


def _scalar(node: Node) -> Any:
    value = _known(node)
    if isinstance(value, list | dict):
        raise _Unknowable
    return value


def _object(arguments: Sequence[Node]) -> dict[str, Node]:
    keys = [_known(argument) for argument in arguments[::2]]
    if not all(isinstance(key, str) for key in keys):
        raise _Unknowable
    return dict(zip(keys, arguments[1::2], strict=True))


def _range(arguments: Sequence[Node]) -> list[Node]:
    first, count = _known(arguments[0]), _known(arguments[1])
    if not (isinstance(first, int) and isinstance(count, int)) or count > _COUNTED:
        raise _Unknowable
    return [Node(number, arguments[0].place) for number in range(first, first + count)]


def _looked_up(arguments: Sequence[Node]) -> Node:
    """Terraform's ``lookup(map, key, default)``; of a map that stands in no file not every key is known."""
    members, key = arguments[0].value, _known(arguments[1])
    if not isinstance(members, dict):
        raise _Unknowable
    if key in members:
        return members[key]  # type: ignore[no-any-return]
    if len(arguments) < 3 or not arguments[0].place.there:
        raise _Unknowable
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
    "string": lambda arguments: _as_text(_scalar(arguments[0])),
    "tobool": lambda arguments: _switch(arguments[0]),
    "tolist": lambda arguments: arguments[0],
    "tolower": lambda arguments: str(_scalar(arguments[0])).lower(),
    "toset": _distinct,
    "tostring": lambda arguments: _as_text(_scalar(arguments[0])),
    "toupper": lambda arguments: str(_scalar(arguments[0])).upper(),
    "true": lambda _: True,
    "upper": lambda arguments: str(_scalar(arguments[0])).upper(),
}
