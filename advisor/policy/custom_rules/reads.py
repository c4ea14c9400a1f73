"""What a condition reads, found in its syntax tree, so that a value that was not read is never taken for an absent one.

The tree is jmespath's: nodes with ``type``, ``children`` and ``value``. Types come from ``rules.model.registration``,
so a misspelled property is an error and not a rule that never fires.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from types import GenericAlias
from typing import Any, Final, get_origin

import msgspec
from msgspec import UnsetType

from advisor.policy.checks import nearest
from rules.model.registration import Registration

Node = dict[str, Any]
#: Graph's names on the way to a value; ``EACH`` means every element of a list.
Way = tuple[str, ...]

EACH: Final = "*"

#: Functions that give the elements of their first argument in another order, and those that give one of them.
_REORDER: Final = frozenset({"reverse", "sort", "sort_by"})
_PICK: Final = frozenset({"max", "max_by", "min", "min_by"})


class LanguageError(Exception):
    """A custom rule that cannot work: what is wrong with it, and what to do."""

    def __init__(self, what: str, hint: str) -> None:
        super().__init__(what)
        self.hint = hint


class Value(msgspec.Struct, frozen=True):
    """A value that a condition can read: the way to it and its type: a struct, ``tuple[element, ...]`` or a plain one.

    A ``projected`` list is one that the condition puts together; its way leads to its elements.
    """

    way: Way = ()
    type: Any = Registration
    projected: bool = False

    @property
    def name(self) -> str:
        """What messages call it."""
        return ".".join(self.way).replace(f".{EACH}", "[]")

    @property
    def element(self) -> Value | None:
        """Any element of a list; ``None`` for what is not a list."""
        way = self.way if self.projected else (*self.way, EACH)
        return Value(way, self.type.__args__[0]) if get_origin(self.type) is tuple else None

    @property
    def members(self) -> dict[str, Value]:
        """The properties of an object by Graph's names; none for what is not an object."""
        if not isinstance(self.type, type) or not issubclass(self.type, msgspec.Struct):
            return {}
        return {name: Value((*self.way, name), kind) for name, kind in _types(self.type).items()}

    def member(self, name: str) -> Value:
        """One property. Raises ``LanguageError`` if there is no such property."""
        members = self.members
        if not members:
            what = "a list" if self.element else "a single value"
            hint = f"write {self.name}[].{name}" if self.element else "write @ for a single value of a list"
            raise LanguageError(f"{self.name or 'the element'} is {what} and has no property {name!r}", hint)
        if name in ("true", "false", "null"):
            raise LanguageError(f"{name} is not a property", f"write the value in backquotes: `{name}`")
        if name not in members:
            what = self.name or ("a registration" if self.type is Registration else "the element")
            hint = nearest(name, members, "https://learn.microsoft.com/graph/api/resources/application")
            raise LanguageError(f"{what} has no property {name!r} that grantlint reads", hint)
        return members[name]


@cache
def _types(kind: type[msgspec.Struct]) -> dict[str, Any]:
    """The types of the properties of *kind*, without null and *not read*."""
    return {
        field.encode_name: next(one for one in field.type.__args__ if one not in (type(None), UnsetType))
        for field in msgspec.structs.fields(kind)
    }


def start_at(path: str) -> Value:
    """Any element of the list at a dotted *path* of a registration, as where a condition begins.

    Raises ``LanguageError`` if there is no list.
    """
    value = Value()
    for name in path.split("."):
        value = value.member(name)
    if value.element is None:
        raise LanguageError(f"{path} is not a list", f"leave each out, and read {path} in where")
    return Value((), value.element.type)


def reads(tree: Node, start: Value) -> tuple[Way, ...]:
    """The ways from *start* to all values that a condition reads, in the order of reading.

    Raises ``LanguageError`` for a property that does not exist there.
    """
    walker = _Walker()
    walker.test(tree, start)
    return tuple(walker.found)


class _Walker:
    """Follows values through a condition and collects what it reads. ``None`` is a value that the condition
    computes.
    """

    def __init__(self) -> None:
        self.found: dict[Way, None] = {}

    def test(self, node: Node, at: Value | None) -> None:
        """Read *node* to learn whether it is true, or how long it is."""
        self._record(self._walk(node, at), inside=False)

    def _use(self, node: Node, at: Value | None) -> None:
        """Read *node* with everything in it."""
        self._record(self._walk(node, at), inside=True)

    def _record(self, value: Value | None, *, inside: bool) -> None:
        if value is None:
            return
        members = value.members
        if not members:
            self.found[value.way] = None
        elif not value.way:
            raise LanguageError("where takes all properties at once", "name each property that the condition reads")
        for member in members.values():
            self._record(member, inside=True)
        if inside:
            self._record(value.element, inside=True)

    def _walk(self, node: Node, at: Value | None) -> Value | None:
        """The value of *node*, evaluated on the value *at*. Like the library, it has a method for each type of node."""
        kind, children = node["type"], node["children"]
        if kind in ("identity", "current", "slice"):
            return at
        if kind == "value_projection":
            raise LanguageError(
                "where takes all properties at once with .*", "name each property that the condition reads"
            )
        if kind in ("subexpression", "index_expression", "pipe"):
            for child in children:
                at = self._walk(child, at)
            return at
        step: Callable[[Node, Value | None], Value | None] | None = getattr(self, f"_{kind}", None)
        if step is not None:
            return step(node, at)
        # Comparisons, literals, and what puts values together use them; logic only tests them.
        read = self.test if kind in ("not_expression", "and_expression", "or_expression") else self._use
        for child in children:
            read(child, at)
        return None

    def _field(self, node: Node, at: Value | None) -> Value:
        if at is None:
            what = f"where reads {node['value']!r} of a value that it computes, and not of the registration"
            raise LanguageError(what, "read the value from a property")
        return at.member(node["value"])

    def _index(self, _: Node, at: Value | None) -> Value | None:
        return self._element(at)

    def _projection(self, node: Node, at: Value | None) -> Value | None:
        element = self._element(self._walk(node["children"][0], at))
        if node["type"] == "filter_projection":
            self.test(node["children"][2], element)
        inner = self._walk(node["children"][1], element)
        return None if inner is None else Value(inner.way, GenericAlias(tuple, (inner.type, ...)), projected=True)

    _filter_projection = _projection

    def _flatten(self, node: Node, at: Value | None) -> Value | None:
        whole = self._walk(node["children"][0], at)
        element = self._element(whole)
        return element if element is None or element.element else whole

    def _function_expression(self, node: Node, at: Value | None) -> Value | None:
        name, children = node["value"], node["children"]
        values = [self._walk(child, at) for child in children if child["type"] != "expref"]
        first = values[0] if values else None
        if name not in _REORDER | _PICK:
            for value in values:
                self._record(value, inside=name != "length")
        for child in children:
            if child["type"] == "expref":
                self.test(child["children"][0], self._element(first))
        if name in _REORDER:
            return first
        return self._element(first) if name in _PICK else None

    def _element(self, at: Value | None) -> Value | None:
        """An element of a list, whose length is then read too."""
        if at is None:
            return None
        if at.element is None:
            raise LanguageError(f"{at.name or 'the value'} is not a list", "remove the brackets")
        self._record(at, inside=False)
        return at.element
