"""Arguments of Terraform in Graph's shape, under the names that they have in Terraform."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from advisor.sources.code.assembled import Branch
from advisor.sources.reading.node import Node, Place, absent
from advisor.sources.terraform.schema import ELEMENT_DEFAULTS, LINKS, Argument

#: Arguments whose value Entra makes up and that no rule checks: not knowing it yet hides nothing.
_MADE_UP: Final = frozenset(("/keyId", "/secretText"))


class Resource(msgspec.Struct, frozen=True, kw_only=True):
    """A resource of the provider: its address, what is written in it, and for a piece the application that it belongs
    to.

    ``belongs_to`` is the address of an application, or the words by which a piece names one that is not here.
    ``is_new`` says that nothing exists yet which the configuration does not know.
    """

    address: str
    type: str
    body: Mapping[str, Node]
    place: Place
    belongs_to: tuple[str, ...] = ()
    is_new: bool = True
    note: str = ""
    #: Arguments that are set elsewhere (``lifecycle.ignore_changes``).
    ignored: frozenset[str] = frozenset()
    #: The version of the provider that the configuration requires, in its words.
    provider: str = ""
    #: There is a mistake in it: what was not found may be there.
    is_broken: bool = False


def shaped(argument: Argument, node: Node, name: str, pointer: str) -> Node | None:
    """A value in Graph's shape and under its own name; nothing where nothing was written."""
    if not node.known or argument.kind == "value":
        return None if node.value is None else renamed(node, name)
    if argument.kind == "part":
        one = node.value[0] if isinstance(node.value, list) and node.value else node
        if not isinstance(one.value, dict):
            return None if one.known else Node(one.value, one.place, name)
        return part(argument.inside, one, name)
    elements = [node] if isinstance(node.value, dict) else node.value
    if not isinstance(elements, list):
        return None if node.value is None else renamed(node, name)
    found = [_element(argument.inside, element, f"{name}[{index}]", pointer) for index, element in enumerate(elements)]
    return Node(found, node.place, name)


def _element(inside: Mapping[str, Argument], element: Node, name: str, pointer: str) -> Node:
    if not isinstance(element.value, dict):
        return renamed(element, name)
    found = part(inside, element, name)
    for graph, value, argument in ELEMENT_DEFAULTS.get(pointer.rpartition("/")[2], ()):
        found.value.setdefault(graph, absent(value, element.place, f"{name}.{argument}"))
    return found


def part(inside: Mapping[str, Argument], node: Node, name: str) -> Node:
    """A block as a part of Graph's; arguments that are not among those *inside* are left out."""
    branch = Branch(Node(None, node.place, name))
    for key, member in node.value.items():
        argument = inside.get(key)
        if argument is None:
            continue
        if (argument.pointer in _MADE_UP or key == "credential_id") and not isinstance(member.value, str):
            continue
        found = shaped(argument, member, f"{name}.{key}", argument.pointer)
        if found is not None:
            branch.put(argument.pointer, found)
    return branch.node()


def renamed(node: Node, name: str) -> Node:
    """The same value under a name, and its elements under theirs."""
    if isinstance(node.value, list):
        elements = [renamed(element, f"{name}[{index}]") for index, element in enumerate(node.value)]
        return Node(elements, node.place, name)
    return node.named(name)


def link_of(body: Mapping[str, Node]) -> Node | None:
    """The argument of a piece that names its application."""
    return next((body[name] for name in LINKS if name in body and body[name].value is not None), None)
