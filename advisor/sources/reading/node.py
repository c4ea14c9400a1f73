"""Values with their places, for formats in which a registration is put together from several.

A source builds a tree of nodes in Graph's vocabulary; ``flatten`` turns it into the JSON that is decoded and the marks
that lead from its pointers back to files, lines and the user's own names.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from advisor.limits import spend
from advisor.sources.reading.document import Document
from rules.model.registration import Unread
from rules.primitives.pointers import dotted, nearest

__all__ = ["Mark", "Node", "Place", "Site", "Unread", "absent", "flatten", "from_json", "nearest", "plain"]


#: Of at most this many expressions in a row it is kept that a value gets through them.
LONGEST_WAY: Final = 16


class Place(msgspec.Struct, frozen=True, gc=False):
    """A place in a document: between two offsets, or what a JSON *pointer* from the offset *start* leads to.

    Where a value is not *there*, the place shows what it would be written in. Expressions elsewhere may take the value
    from here: it gets *through* them, the one where it is used first.
    """

    document: Document
    span: tuple[int, int] | None = None
    start: int = 0
    pointer: str = ""
    there: bool = True
    through: tuple[Site, ...] = ()

    def used(self, words: str, place: Place) -> Place:
        """The same for a value that an expression, in its *words* and at its own *place*, takes from here."""
        through = (Site(words, place), *self.through)[:LONGEST_WAY]
        return Place(self.document, self.span, self.start, self.pointer, self.there, through)


class Site(msgspec.Struct, frozen=True, gc=False):
    """An expression that takes a value from another place: its words, such as ``var.home``, and where they are."""

    words: str
    place: Place


class Mark(msgspec.Struct, frozen=True, gc=False):
    """Where a value of a registration stands and what it is called there; empty where that is Graph's name of it."""

    place: Place
    name: str


class Node(msgspec.Struct, frozen=True):
    """A value and its place: a scalar, ``Unread``, a dictionary of nodes, or a list of nodes.

    ``name`` is what the user calls it, as far as it differs from Graph.
    """

    value: Any
    place: Place
    name: str = ""

    def __post_init__(self) -> None:
        """Every node counts, from every reader: a tree in which parts are shared can be of any size."""
        spend()

    @property
    def known(self) -> bool:
        """Whether it was read; of a list or an object, not what is inside."""
        return not isinstance(self.value, Unread)

    def inside(self, *names: str) -> Node | None:
        """What the *names* of members lead to; nothing where one of them is missing."""
        node: Node | None = self
        for name in names:
            node = node.value.get(name) if node is not None and isinstance(node.value, dict) else None
        return node

    def members(self, *names: str) -> dict[str, Node]:
        """The members of the object that *names* lead to; none where that is another value."""
        node = self.inside(*names)
        return node.value if node is not None and isinstance(node.value, dict) else {}

    def text(self, *names: str) -> str:
        """The text that *names* lead to; empty where that is another value."""
        node = self.inside(*names)
        return node.value if node is not None and isinstance(node.value, str) else ""

    def named(self, name: str) -> Node:
        """The same value under another name."""
        return Node(self.value, self.place, name)


def absent(value: Any, parent: Place, name: str = "") -> Node:
    """A value that is not written and is in effect all the same; it is shown where it would be written."""
    return Node(value, msgspec.structs.replace(parent, there=False), name)


def from_json(value: Any, document: Document, start: int = 0, pointer: str = "") -> Node:
    """A JSON value as nodes; *pointer* leads to it from the offset *start*."""
    if isinstance(value, dict):
        value = {
            key: from_json(member, document, start, f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}")
            for key, member in value.items()
        }
    elif isinstance(value, list):
        value = [from_json(member, document, start, f"{pointer}/{index}") for index, member in enumerate(value)]
    return Node(value, Place(document, start=start, pointer=pointer))


def plain(node: Node) -> Any:
    """The value without its places; what was not read stays ``Unread``."""
    spend()
    if isinstance(node.value, dict):
        return {key: plain(member) for key, member in node.value.items()}
    if isinstance(node.value, list):
        return [plain(member) for member in node.value]
    return node.value


def flatten(node: Node) -> dict[str, Mark]:
    """The marks of a tree by Graph pointer. What has no name of its own has Graph's."""
    marks: dict[str, Mark] = {}
    _mark(node, "", marks)
    return marks


def _mark(node: Node, pointer: str, marks: dict[str, Mark]) -> None:
    spend()
    marks[pointer] = Mark(node.place, node.name)
    if isinstance(node.value, dict):
        for key, member in node.value.items():
            _mark(member, f"{pointer}/{key}", marks)
    elif isinstance(node.value, list):
        for index, member in enumerate(node.value):
            _mark(member, f"{pointer}/{index}", marks)


def nearest_mark(marks: Mapping[str, Mark], pointer: str) -> tuple[Mark, str]:
    """The mark of *pointer*, or of the closest value around it, under its name; and what of the pointer is left."""
    head = nearest(marks, pointer)
    mark = marks[head]
    return mark if mark.name else Mark(mark.place, dotted(head)), pointer[len(head) :]
