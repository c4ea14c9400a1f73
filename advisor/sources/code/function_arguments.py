"""Arguments of functions: what a function may ask of them, and how it says that it does not know enough."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from advisor.sources.reading.node import Node
from rules.model.registration import Unread

Function = Callable[[Sequence[Node]], Any]


class Unknowable(Exception):  # noqa: N818 - it is no error
    """A function cannot say what its arguments come to."""


def is_partial(node: Node) -> bool:
    """Whether it is a list or object of which some members are known, such as the permissions of a resource: it is in
    no file.

    Its known elements may be read; their number, the first one and what is missing are not known.
    """
    return isinstance(node.value, list | dict) and not node.place.there


def length(node: Node) -> int:
    """How many characters, elements or members there are; none in what has no length."""
    return len(node.value) if isinstance(node.value, str | list | dict) else 0


def known(node: Node) -> Any:
    """The value of an argument that must be known as a whole."""
    if isinstance(node.value, Unread):
        raise Unknowable
    return node.value


def whole(node: Node) -> Any:
    """The value of an argument of which every member must be known to be there."""
    if is_partial(node):
        raise Unknowable
    return known(node)


def switch(node: Node) -> bool:
    """The switch of an argument. Raises ``Unknowable`` for any other, and one that is not known."""
    value = known(node)
    if not isinstance(value, bool):
        raise Unknowable
    return value
