"""What an expression of HCL comes to, as far as that is known without running anything.

A value that a default, a variable without a value or the deployment decides is ``Unread``; so is one that Terraform
would refuse. Source: HashiCorp, "Expressions" of the Terraform language, and "HCL Native Syntax Specification".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextvars import ContextVar
from typing import Any, Final, Protocol

import msgspec

from advisor.limits import spend
from advisor.sources.code.expressions import shorten
from advisor.sources.code.function_arguments import length
from advisor.sources.reading.node import Node, absent
from advisor.sources.terraform.functions import FUNCTIONS, OPERATORS
from advisor.sources.terraform.syntax import (
    Call,
    Choice,
    Each,
    Expression,
    Items,
    Literal,
    Members,
    Name,
    Operation,
    Splat,
    Step,
    Template,
)
from advisor.sources.terraform.values import (
    Elements,
    Fails,
    Later,
    Open,
    Reference,
    Rest,
    Unknowable,
    Unordered,
    as_text,
    boolean,
    is_open,
    kinds_of,
    listed,
    may_fail,
    rest,
    settled,
    unknowns,
    whole,
)
from rules.model.registration import Unread

#: A ``for`` expression makes at most this many elements.
COUNTED: Final = 1000


#: The parts of an argument of ``try`` or ``can`` that are not known, so that Terraform may refuse them.
_UNSURE: Final[ContextVar[list[Node] | None]] = ContextVar("_UNSURE", default=None)


class Scope(Protocol):
    """What names mean in a place."""

    def find(self, name: str, steps: Sequence[str | int], /) -> tuple[Node, int] | None:
        """What *name* and the first of the *steps* after it lead to, and how many steps that took.

        Nothing for a name that is not known.
        """

    def within(self, names: Mapping[str, Node], /) -> Scope:
        """The same scope with more names."""

    def not_known(self, words: str, /) -> Unread:
        """Why the value of these words is not known."""

    def from_file(self, call: Call, /) -> Node | None:
        """What a function that reads files returns; nothing where that is not known."""


def evaluate(expression: Expression, scope: Scope) -> Node:
    """What an expression comes to in a *scope*; ``Unread`` where that is not known."""
    try:
        return settled(_value(expression, scope))
    except Fails:
        return not_known(expression, scope)


def not_known(expression: Expression, scope: Scope, causes: Iterable[Node] = ()) -> Node:
    """An expression as a value that is not known, for the reason of the first of its *causes*.

    It refers to the application to which they refer, if that is one.
    """
    words = shorten(expression.words)
    found = list(unknowns(causes))
    targets = {(one.address, one.client, one.is_principal): one for one in found if isinstance(one, Reference)}
    if len(targets) == 1:
        target = next(iter(targets.values()))
        return Node(msgspec.structs.replace(target, note=words, is_sure=False), expression.place)
    reason = next((one for one in found if not isinstance(one, Reference)), None) or scope.not_known(words)
    return Node(Unread(reason.reason, words, reason.remedy), expression.place)


def _value(expression: Expression, scope: Scope) -> Node:
    """The value of an expression. Raises ``Fails`` where Terraform refuses it."""
    spend()
    try:
        node = _value_of_shape(expression, scope)
    except Unknowable:
        node = not_known(expression, scope)
    unsure = _UNSURE.get()
    if unsure is not None and may_fail(node):
        unsure.append(node)
    return node


def _value_of_shape(expression: Expression, scope: Scope) -> Node:  # noqa: PLR0911 - one return for each shape
    match expression:
        case Literal():
            return Node(expression.value, expression.place)
        case Items():
            return Node([settled(_value(item, scope)) for item in expression.items], expression.place)
        case Members():
            return _members(expression, scope)
        case Template():
            return _text(expression, scope)
        case Choice():
            return _chosen(expression, scope)
        case Call():
            return _called(expression, scope)
        case Operation():
            return _computed(expression, scope)
        case Each():
            return _repeated(expression, scope)
        case Name() | Step():
            return _walked(expression, scope)
        case Splat():
            return _splat(expression, scope)
    return not_known(expression, scope)


def _members(expression: Members, scope: Scope) -> Node:
    found: dict[str, Node] = {}
    for key, member in expression.members:
        name = _value(key, scope)
        if not name.known:
            return not_known(expression, scope, [name])
        text = as_text(name.value)
        if text is None:
            raise Fails
        found[text] = settled(_value(member, scope))
    return Node(found, expression.place)


def _text(expression: Template, scope: Scope) -> Node:
    values = [_value(part, scope) for part in expression.parts]
    spend(characters=sum(map(length, values)))
    if len(values) == 1:  # an interpolation alone keeps its type
        value = settled(values[0])
        if isinstance(value.value, Reference):
            return Node(value.value, expression.place)
        if not value.known:
            return not_known(expression, scope, values)
        return Node(value.value, value.place if value.place.there else expression.place)
    texts = [as_text(value.value) for value in values if value.known]
    if None in texts:
        raise Fails
    if len(texts) < len(values):
        return not_known(expression, scope, values)
    return Node("".join(text for text in texts if text is not None), expression.place)


def _chosen(expression: Choice, scope: Scope) -> Node:
    condition = _value(expression.condition, scope)
    if not condition.known:
        sides = [evaluate(side, scope) for side in (expression.yes, expression.no)]
        found = not_known(expression, scope, sides)
        return found if isinstance(found.value, Reference) else not_known(expression, scope, [condition])
    taken, other = expression.yes, expression.no
    if not boolean(condition):
        taken, other = other, taken
    value = _value(taken, scope)
    if not value.known or value.value is None or isinstance(value.value, str):
        return value
    try:  # both sides get the type that they have in common
        kinds = kinds_of(value)
        if kinds - {"string"}:
            against = evaluate(other, scope)
            others = kinds_of(against)
            if others and others != kinds:
                if isinstance(value.value, dict | list):
                    return not_known(expression, scope)
                return Node(as_text(value.value), value.place)
    except Unknowable:
        return value if is_open(value) else not_known(expression, scope, [evaluate(other, scope)])
    return value


def _walked(expression: Expression, scope: Scope) -> Node:
    """Follow a name and the steps after it."""
    keys: list[Expression] = []
    root = expression
    while isinstance(root, Step):
        keys.append(root.key)
        root = root.of
    steps = [_value(key, scope) for key in reversed(keys)]
    static = []
    for step in steps:
        if not isinstance(step.value, str | int) or isinstance(step.value, bool):
            break
        static.append(step.value)
    if isinstance(root, Name):
        token = _UNSURE.set(None)  # what fails inside of a declaration is not a failure of this expression
        try:
            found = scope.find(root.name, static)
        finally:
            _UNSURE.reset(token)
        if found is None:
            return not_known(expression, scope)
        node, used = found
    else:
        node, used = _value(root, scope), 0
    node = _followed(node, steps[used:], expression, scope)
    if not node.known:
        return Node(node.value, expression.place)
    if not node.place.there:
        return absent(node.value, expression.place)
    return Node(node.value, node.place.used(expression.words, expression.place), node.name)


def _followed(node: Node, steps: Sequence[Node], expression: Expression, scope: Scope) -> Node:
    """What *steps* from a value lead to. What is not known has its own reason."""
    for step in steps:
        if not node.known:
            return settled(node)
        if not step.known:
            return not_known(expression, scope, [node, step])
        node = _member(node, step) or not_known(expression, scope)
    return node


def _member(node: Node, step: Node) -> Node | None:
    """A member of an object, or an element of a list; nothing where it is not known."""
    value = node.value
    if isinstance(value, dict):
        name = as_text(step.value)
        if name is None:
            raise Fails
        found = value.member(name) if isinstance(value, Open) else value.get(name)
        if found is None and not is_open(node):
            raise Fails
        return found
    if not isinstance(value, list) or isinstance(value, Elements):
        raise Fails
    at = whole(step)
    if (
        not node.place.there
        or isinstance(value, Unordered)
        or any(isinstance(one.value, Rest) for one in value[: max(at, -1) + 1])
    ):
        return None
    if not 0 <= at < len(value):
        if is_open(node) and at >= 0:
            return None
        raise Fails
    found_element: Node = value[at]
    return found_element


def _splat(expression: Splat, scope: Scope) -> Node:
    """The same attribute of each element; a value that is not a list counts as a list of one, null as an empty one."""
    over = _value(expression.of, scope)
    keys = [_value(key, scope) for key in expression.keys]
    if isinstance(over.value, Reference):
        return Node(over.value, expression.place)
    if not over.known or (not over.place.there and isinstance(over.value, list)):
        return not_known(expression, scope, [over])
    if over.value is None:
        return Node([], expression.place)
    found = over.value if isinstance(over.value, list) else [over]
    return Node(
        listed([one if isinstance(one.value, Rest) else _followed(one, keys, expression, scope) for one in found]),
        expression.place,
    )


def _computed(expression: Operation, scope: Scope) -> Node:
    operands = [_value(operand, scope) for operand in expression.operands]
    try:
        return Node(OPERATORS[expression.operator](operands), expression.place)
    except Unknowable:
        return not_known(expression, scope, operands)


def _repeated(expression: Each, scope: Scope) -> Node:
    over = _value(expression.over, scope)
    pairs = _pairs(over)
    if pairs is None or len(pairs) > COUNTED:
        return not_known(expression, scope, [over])
    found: list[tuple[Node | None, Node]] = []
    for key, element in pairs:
        if isinstance(element.value, Rest):
            found.append((None, element))
            continue
        names = {expression.element: element}
        if expression.index:
            names[expression.index] = key
        inner = scope.within(names)
        wanted = True
        if expression.condition is not None:
            condition = _value(expression.condition, inner)
            if not condition.known:
                found.append((None, rest(condition)))
                continue
            wanted = boolean(condition)
        if wanted:
            name = None if expression.key is None else _value(expression.key, inner)
            found.append((name, settled(_value(expression.value, inner))))
    if expression.key is None:
        made = listed([element for _, element in found])
        return Node(Unordered(made) if isinstance(over.value, Unordered) else made, expression.place)
    return _grouped(expression, scope, found)


def _grouped(expression: Each, scope: Scope, found: Sequence[tuple[Node | None, Node]]) -> Node:
    """The object that a ``for`` expression with keys makes."""
    made: dict[str, list[Node]] = {}
    for key, element in found:
        if key is None or not key.known:
            return not_known(expression, scope, [element if key is None else key])
        name = as_text(key.value)
        if name is None or (name in made and not expression.groups):
            raise Fails
        made.setdefault(name, []).append(element)
    if expression.groups:
        return Node({name: Node(nodes, expression.place) for name, nodes in made.items()}, expression.place)
    return Node({name: nodes[0] for name, nodes in made.items()}, expression.place)


def _pairs(node: Node) -> list[tuple[Node, Node]] | None:  # noqa: PLR0911 - one return for each kind of value
    """Keys and elements in Terraform's order; nothing where the elements are not known.

    After elements that are not known, the numbers of the others are not known either.
    """
    value = node.value
    if isinstance(value, Unread):
        return None
    if isinstance(value, dict):
        if is_open(node):
            return None
        return [(Node(key, one.place), one) for key, one in sorted(value.items())]
    if not isinstance(value, list):
        raise Fails
    if not node.place.there:
        return None
    if isinstance(value, Elements):
        return [(one, one) for one in value]
    if isinstance(value, Unordered):
        return [(Node(Unread("placeholder"), one.place), one) for one in value]
    unknown: Unread | None = None
    found = []
    for index, one in enumerate(value):
        found.append((Node(unknown or index, one.place), one))
        if isinstance(one.value, Rest):
            unknown = settled(one).value
    return found


def _called(expression: Call, scope: Scope) -> Node:  # noqa: PLR0911 - one return for each reason not to know
    if expression.name in ("try", "can"):
        return _tried(expression, scope)
    from_file = scope.from_file(expression)
    if from_file is not None:
        return from_file
    arguments = [_value(argument, scope) for argument in expression.arguments]
    if expression.expands and arguments:
        *first, last = arguments
        if not isinstance(last.value, list) or is_open(last):
            return not_known(expression, scope, arguments)
        arguments = [*first, *last.value]
    function = FUNCTIONS.get(expression.name)
    if function is None:
        return not_known(expression, scope, arguments)
    for argument in arguments:
        is_text = isinstance(argument.value, str)
        spend(0 if is_text else length(argument), characters=length(argument) if is_text else 0)
    try:
        value = function(arguments)
    except Unknowable:
        return not_known(expression, scope, arguments)
    except (IndexError, ValueError, TypeError):  # arguments of the wrong number
        raise Fails from None
    if isinstance(value, Unread) and not isinstance(value, Later):
        return not_known(expression, scope, arguments)
    return _returned(value, expression)


def _returned(value: Any, expression: Call) -> Node:
    """What a function returns as a node; one of its arguments stays where it is written."""
    if not isinstance(value, Node):
        return Node(value, expression.place)
    if not value.known:
        return Node(settled(value).value, expression.place)
    return value if value.place.there else absent(value.value, expression.place)


def _tried(expression: Call, scope: Scope) -> Node:
    """``try`` and ``can``: an argument of which a part is not known may turn out to fail."""
    can = expression.name == "can"
    for argument in expression.arguments:
        unsure: list[Node] = []
        token = _UNSURE.set(unsure)
        try:
            value = _value(argument, scope)
        except Fails:
            if unsure:
                return not_known(expression, scope, unsure)
            continue
        finally:
            _UNSURE.reset(token)
        if unsure and (can or argument is not expression.arguments[-1]):
            return not_known(expression, scope, [value, *unsure])
        return Node(True, expression.place) if can else settled(value)  # noqa: FBT003 - a value
    if can:
        return Node(False, expression.place)  # noqa: FBT003 - a value
    raise Fails
