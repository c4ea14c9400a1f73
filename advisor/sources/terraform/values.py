"""What values of HCL have in addition to those of Python: three states, sets, and objects that are not known whole.

A node's value is a scalar, a list or a dictionary of nodes, or ``Unread``. An evaluation that Terraform would refuse
raises ``Fails``, which ``try`` and ``can`` observe. One that cannot be computed raises ``Unknowable``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any, Final

from advisor.limits import spend
from advisor.sources.code.function_arguments import Unknowable
from advisor.sources.reading.node import Node
from rules.model.registration import Unread

__all__ = ["Fails", "Unknowable"]

Scalar = str | int | float | bool | None
#: A decimal fraction of at most this many digits is the same in binary floating point.
_DIGITS: Final = 15


class Fails(Exception):  # noqa: N818 - it is a result, which try() observes
    """Terraform refuses the expression."""


class Rest(Unread, frozen=True, gc=False):
    """In a list: any number of elements, perhaps none, that are not known."""


class Reference(Unread, frozen=True, gc=False):
    """A value that is not known before the deployment and identifies an application by its *address*.

    Where the application is not declared here, *client* is its client ID, if that is known. With *is_principal* the
    value identifies the application's service principal. With *is_sure* Terraform computes the value without failing.
    """

    address: str = ""
    client: str = ""
    is_principal: bool = False
    is_sure: bool = True


class Later(Unread, frozen=True, gc=False):
    """A moment that is known only by how many *seconds* after the deployment it is."""

    seconds: int = 0


class Elements(list[Node]):
    """A set. Its elements are in the order in which Terraform iterates; those that are not known are first."""


class Unordered(list[Node]):
    """A list or set of which the order is not known."""


class Open(dict[str, Node]):
    """An object that has further members, which are not known. One that *is sure* is an object for certain."""

    is_sure = False

    def member(self, name: str) -> Node | None:
        """The member of a name; nothing for one that is not known."""
        return self.get(name)


def is_open(node: Node) -> bool:
    """Whether a list or object may have more in it than is known."""
    value = node.value
    if not isinstance(value, list | dict):
        return False
    if not node.place.there or isinstance(value, Open):
        return True
    return isinstance(value, list) and any(isinstance(one.value, Rest) for one in value)


def rest(node: Node) -> Node:
    """A list that is not known, as elements of another list."""
    if isinstance(node.value, Rest):
        return node
    value = node.value if isinstance(node.value, Unread) else Unread("placeholder")
    return Node(Rest(value.reason, value.note, value.remedy), node.place)


def settled(node: Node) -> Node:
    """An element that is not known, where it is no longer in a list."""
    if isinstance(node.value, Rest):
        return Node(Unread(node.value.reason, node.value.note, node.value.remedy), node.place)
    return node


def may_fail(node: Node) -> bool:
    """Whether a value, or a part of it, is not known, so that Terraform may refuse what it is made of."""
    value = node.value
    spend()
    if isinstance(value, Unread):
        return not (isinstance(value, Reference) and value.is_sure)
    if isinstance(value, Open) and not value.is_sure:
        return True
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(map(may_fail, inner))


def unknowns(nodes: Iterable[Node]) -> Iterator[Unread]:
    """What is not known in some values, at any depth."""
    for node in nodes:
        spend()
        if isinstance(node.value, Unread):
            yield node.value
        elif isinstance(node.value, dict):
            yield from unknowns(node.value.values())
        elif isinstance(node.value, list):
            yield from unknowns(node.value)


def known(node: Node) -> Any:
    """The value of an argument. Raises ``Unknowable`` for one that is not known."""
    if isinstance(node.value, Unread):
        raise Unknowable
    return node.value


def as_text(value: Any) -> str | None:
    """A scalar as a template writes it; nothing for any other value."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, str | int | float) else None


def scalar(node: Node) -> Scalar:
    """A text, number, boolean or null. Raises ``Fails`` for anything else."""
    value = known(node)
    if isinstance(value, list | dict):
        raise Fails
    return value  # type: ignore[no-any-return]


def text(node: Node) -> str:
    """A value as a text. Raises ``Fails`` for null and what has no text."""
    found = as_text(scalar(node))
    if found is None:
        raise Fails
    return found


def ascii_text(node: Node) -> str:
    """A text in which characters are bytes and capital letters are the same in every language."""
    value = text(node)
    if not value.isascii():
        raise Unknowable
    return value


def number(node: Node) -> int | float:
    """A value as a number. Raises ``Fails`` for one that is not a number."""
    value = scalar(node)
    if isinstance(value, bool) or value is None:
        raise Fails
    if isinstance(value, int | float):
        return value
    try:
        found = Decimal(value)
    except InvalidOperation:
        raise Fails from None
    if not found.is_finite() or value != value.strip() or "_" in value:
        raise Fails
    return exact(Fraction(found))


def whole(node: Node) -> int:
    """A value as a whole number. Raises ``Fails`` for another one."""
    found = number(node)
    if not isinstance(found, int):
        raise Fails
    return found


def boolean(node: Node) -> bool:
    """A value as a boolean. Raises ``Fails`` for one that is not a boolean."""
    value = scalar(node)
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return value == "true"
    if value in ("1", "0"):  # cty converts these texts, and Terraform's documents do not say so
        raise Unknowable
    raise Fails


def exact(value: Fraction) -> int | float:
    """A number that Python writes as Terraform does. Raises ``Unknowable`` where the two may differ."""
    if value.denominator == 1:
        if abs(value.numerator) >= 10**_DIGITS:
            raise Unknowable
        return value.numerator
    found = float(value)
    if Fraction(Decimal(repr(found))) != value or "e" in repr(found):
        raise Unknowable
    return found


def fraction(node: Node) -> Fraction:
    """A number for computing without rounding."""
    return Fraction(Decimal(repr(number(node))))


def elements(node: Node) -> list[Node]:
    """The elements of a list or set of which all are known to be there."""
    value = known(node)
    if not isinstance(value, list):
        raise Fails
    if is_open(node) or isinstance(value, Unordered):
        raise Unknowable
    return value


def some(node: Node) -> list[Node]:
    """The elements of a list or set; those that are not known are one ``Rest``."""
    if isinstance(node.value, Unread):
        return [rest(node)]
    value = known(node)
    if not isinstance(value, list):
        raise Fails
    if not node.place.there or isinstance(value, Unordered):
        raise Unknowable
    return value


def members(node: Node) -> dict[str, Node]:
    """The members of a map or object of which all are known to be there, in the order of their keys."""
    value = known(node)
    if not isinstance(value, dict):
        raise Fails
    if is_open(node):
        raise Unknowable
    return dict(sorted(value.items()))


def listed(nodes: Sequence[Node]) -> Any:
    """A list; where none of its elements is known to be there, only the reason."""
    if nodes and all(isinstance(node.value, Rest) for node in nodes):
        return settled(nodes[0]).value
    return list(nodes)


def same(one: Node, other: Node) -> bool:
    """Whether two values are equal and of the same type. Raises ``Unknowable`` where that depends on more."""
    left, right = known(one), known(other)
    kinds = [kind_of(value) for value in (left, right)]
    if kinds[0] != kinds[1]:
        return False
    if kinds[0] not in ("list", "object"):
        return bool(left == right)
    raise Unknowable  # of the same elements, a list and a tuple are not equal


def kind_of(value: Any) -> str:
    """The type of a value: string, number, bool, list, object or null."""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, str):
        return "string"
    if isinstance(value, list):
        return "list"
    return "object" if isinstance(value, dict) else "null"


def kinds_of(node: Node) -> set[str]:
    """The types of all scalars in a value, except for null."""
    spend()
    value = known(node)
    if isinstance(value, dict):
        if is_open(node):
            raise Unknowable
        return {kind for one in value.values() for kind in kinds_of(one)}
    if isinstance(value, list):
        return {kind for one in elements(node) for kind in kinds_of(one)}
    return {kind_of(value)} - {"null"}


def alike(nodes: Sequence[Node]) -> list[Node]:
    """Elements of a list, converted to the type that all of them have in common.

    What is not known may be a text, to which the others are then converted.
    """
    nodes = list(nodes)
    kinds = {kind_of(node.value) for node in nodes if node.known and node.value is not None}
    if kinds <= {"string"}:
        return nodes
    if kinds & {"list", "object"}:
        if any(kinds_of(node) - {"string"} for node in nodes if node.known) and len(nodes) > 1:
            raise Unknowable
        return nodes
    if not all(node.known for node in nodes):
        raise Unknowable
    if len(kinds) < 2:
        return nodes
    return [node if node.value is None else Node(as_text(node.value), node.place) for node in nodes]


def a_set(nodes: Sequence[Node]) -> Any:
    """A set of the elements: each once, in Terraform's order."""
    nodes = alike(nodes)
    unknown = [rest(node) for node in nodes if not node.known]
    found: dict[Any, Node] = {}
    for node in nodes:
        if not node.known:
            continue
        if isinstance(node.value, list | dict):
            raise Unknowable  # the order of such elements is not documented
        found.setdefault(node.value, node)
    if None in found:
        raise Unknowable
    ordered = [found[value] for value in sorted(found)]
    return Elements([*unknown, *ordered]) if ordered or not unknown else settled(unknown[0]).value
