"""A registration that was put together from several places, before the rules check it."""

from __future__ import annotations

from typing import Any

import msgspec

from advisor.sources.reading.builder import Builder
from advisor.sources.reading.graph_json import decode_application
from advisor.sources.reading.node import Mark, Node, absent, flatten, nearest_mark, plain
from advisor.sources.reading.place import Spot
from advisor.sources.reading.remedies import fix_the_value
from reports.rows import Origin, Problem
from rules.model.registration import mark_unread


class Branch:
    """A part of a registration while it is put together. Names are Graph's."""

    def __init__(self, node: Node) -> None:
        self.place = node.place
        self.name = node.name
        self.members: dict[str, Branch | Node] = {}

    def put(self, pointer: str, node: Node, *, over: bool = False) -> None:
        """Set the value at a *pointer*; parts on the way are made. What is there stays unless it is to be put
        *over*.
        """
        branch, last = self._parent(pointer, node.name)
        if branch is not None and (over or last not in branch.members):
            branch.members[last] = node

    def fill(self, pointer: str, value: Any, name: str) -> None:
        """Set a value that is in effect though it is not written, unless there is one. Its place is that of the closest
        part around it.
        """
        branch, last = self._parent(pointer, name)
        if branch is not None and last not in branch.members:
            branch.members[last] = absent(value, branch.place, name)

    def _parent(self, pointer: str, name: str) -> tuple[Branch | None, str]:
        """The part that holds *pointer*, made where it is missing; nothing where something else is in its place."""
        branch = self
        *parents, last = pointer.split("/")[1:]
        for parent in parents:
            inner = branch.members.get(parent)
            if isinstance(inner, Node) and isinstance(inner.value, dict):
                inner = branch.members[parent] = _branch(inner)
            if inner is None:
                inner = branch.members[parent] = Branch(absent(None, branch.place, name.rpartition(".")[0]))
            if isinstance(inner, Node):
                return None, last
            branch = inner
        return branch, last

    def get(self, pointer: str) -> Node | None:
        """The value at a *pointer*, or of the closest part around it that was not read."""
        branch: Branch | Node = self
        for name in pointer.split("/")[1:]:
            if isinstance(branch, Node):
                if not isinstance(branch.value, dict):
                    return branch
                inner = branch.value.get(name)
            else:
                inner = branch.members.get(name)
            if inner is None:
                return None
            branch = inner
        return branch if isinstance(branch, Node) else branch.node()

    def append(self, pointer: str, element: Node, *, sure: bool = True) -> None:
        """Add an element to the list at a *pointer*; one that is not *sure* to be there leaves open whether there are
        any.
        """
        here = self.get(pointer)
        if here is not None and here.known and not isinstance(here.value, list):
            return
        found = [] if here is None else here.value if here.known else [here]
        if not sure and not any(one.known for one in found):
            self.put(pointer, element, over=True)
        elif here is None:
            self.put(pointer, Node([element], element.place, element.name))
        else:
            self.put(pointer, Node([*found, element], here.place, here.name), over=True)

    def node(self) -> Node:
        """Everything that was put together."""
        members = {key: member if isinstance(member, Node) else member.node() for key, member in self.members.items()}
        return Node(members, self.place, self.name)


def _branch(node: Node) -> Branch:
    branch = Branch(node)
    branch.members.update(node.value)
    return branch


def add_node(
    builder: Builder,
    node: Node,
    *,
    preferred: str,
    name: str,
    format: str,
    is_broken: bool = False,
    address: str = "",
) -> str:
    """Add a registration as a tree of nodes in Graph's vocabulary; returns its key.

    A value of the wrong type becomes a problem of the reading, unless a mistake around it *is_broken* syntax. *address*
    is what names the registration in code (``Subject.address``).
    """
    decoded = decode_application(plain(node))
    marks = flatten(node)
    app = decoded.app
    if "/displayName" in decoded.unread:  # a name with a gap does not identify a registration
        app = msgspec.structs.replace(app, display_name=msgspec.UNSET)
    app = mark_unread(app, decoded.unread)
    key = builder.add_marked(
        app, marks, preferred=preferred, name=name, format=format, complete=decoded.complete, address=address
    )
    for mismatch in decoded.mismatches if not is_broken else ():
        builder.problems.append(_problem(marks, mismatch.pointer, mismatch.expected, name))
    return key


def _problem(marks: dict[str, Mark], pointer: str, expected: str, name: str) -> Problem:
    mark, _ = nearest_mark(marks, pointer)
    place = mark.place
    places = place.document.places
    named = mark.name or pointer[1:].replace("/", ".")
    try:
        spot = Spot(place.span, (), whole=True) if place.span else places.follow(place.pointer, place.start)
        origin = places.origin(place.document.file, spot, named)
    except (ValueError, RecursionError):  # read by a parser that allows what the walk does not
        origin = Origin(file=place.document.file, property=named)
    return Problem(
        what=f"{origin.property} must be {expected}",
        file=origin.file,
        line=origin.line,
        column=origin.column,
        hint=fix_the_value(name),
    )
