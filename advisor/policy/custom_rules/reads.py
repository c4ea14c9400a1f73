"""What an expression reads of a registration, found in its syntax tree: so *not read* never passes for *absent*.

The tree is jmespath's: nodes with ``type``, ``children`` and ``value``. Values are followed through it by their type in
``rules.model.registration``, so that a misspelt property is an error and not a rule that never fires.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, Final

import msgspec

from rules.model.registration import Registration

Node = dict[str, Any]

#: An element of a list, whichever.
EACH: Final = "*"

#: Functions whose result is their first argument's value, in another order.
_KEEP: Final = frozenset({"reverse", "sort", "sort_by", "to_array"})
#: Functions whose result is an element of their first argument.
_PICK: Final = frozenset({"max", "max_by", "min", "min_by"})


class ReadError(Exception):
    """An expression names what registrations do not have; ``names`` are those that stand at that place."""

    def __init__(self, what: str, names: Iterable[str] = (), word: str = "") -> None:
        super().__init__(what)
        self.names = tuple(names)
        self.word = word


class Where(msgspec.Struct, frozen=True):
    """A value of a registration: the way to it, its type when it is an object, its elements when it is a list."""

    way: tuple[str, ...]
    kind: type[msgspec.Struct] | None = None
    element: Where | None = None


class Reads(msgspec.Struct, frozen=True):
    """What an expression reads. ``paths`` are dotted properties, ``inside`` ways to values in lists (``*`` is an element).

    ``each`` is the list whose elements it goes through one by one, if it does nothing else. ``silent`` are properties of
    which one must hold something for the expression to select anything; empty where that cannot be said. ``whole`` says
    that it reads a registration as one value, so that nobody can tell what it needs.
    """

    paths: tuple[str, ...]
    inside: tuple[tuple[str, ...], ...]
    each: str = ""
    silent: tuple[str, ...] = ()
    whole: bool = False


def reads(tree: Node) -> Reads:
    """What the expression with this syntax *tree* reads. Raises ``ReadError`` for a property that no registration has."""
    walker = _Walker()
    found = walker.walk(tree, (Where((), Registration),))
    for where in found:
        walker.record(where, inner=False)
    each = _each(tree) or (_property(tree) if len(found) == 1 and found[0].element else "")
    ways = tuple(walker.ways)
    paths = dict.fromkeys(".".join(_outside(way)) for way in ways if way)
    return Reads(
        paths=tuple(paths),
        inside=tuple(way for way in ways if EACH in way[:-1]),
        each=each,
        silent=tuple(dict.fromkeys(_silent(tree))),
        whole=() in walker.ways,
    )


def _outside(way: tuple[str, ...]) -> tuple[str, ...]:
    return way[: way.index(EACH)] if EACH in way else way


@cache
def _members(kind: type[msgspec.Struct]) -> dict[str, Where]:
    """The properties of *kind* by their JSON names, with ways that begin there."""
    return {field.encode_name: _member(field.encode_name, field.type) for field in msgspec.structs.fields(kind)}


def _member(name: str, annotation: Any) -> Where:
    for option in getattr(annotation, "__args__", (annotation,)):
        if isinstance(option, type) and issubclass(option, msgspec.Struct):
            return Where((name,), option)
        inner = getattr(option, "__args__", ())
        if inner:
            kind = inner[0] if issubclass(inner[0], msgspec.Struct) else None
            return Where((name,), element=Where((name, EACH), kind))
    return Where((name,))


def _below(where: Where, member: Where) -> Where:
    element = _below(where, member.element) if member.element else None
    return Where((*where.way, *member.way), member.kind, element)


class _Walker:
    """Follows values through an expression. No values at all means: one that the expression made itself."""

    def __init__(self) -> None:
        self.ways: dict[tuple[str, ...], None] = {}

    def record(self, where: Where, *, inner: bool = True) -> None:
        """Note that the value is used; *inner*: with all that it consists of, up to lists."""
        if inner and where.kind is not None and where.way:
            for member in _members(where.kind).values():
                self.record(_below(where, member))
        else:
            self.ways[where.way] = None

    def use(self, node: Node, at: tuple[Where, ...]) -> None:
        for where in self.walk(node, at):
            self.record(where)

    def walk(self, node: Node, at: tuple[Where, ...]) -> tuple[Where, ...]:
        """Where the value of *node* stands when it is evaluated on values that stand *at* these places."""
        kind = node["type"]
        if kind in ("identity", "current", "slice"):
            return at
        step = getattr(self, _STEPS.get(kind, "_made"))
        found: tuple[Where, ...] = step(node, at)
        return found

    def _made(self, node: Node, at: tuple[Where, ...]) -> tuple[Where, ...]:
        """A value that the expression makes: of a comparison, a negation, several values. A literal has no children."""
        for child in node["children"]:
            self.use(child, at)
        return ()

    def _one_by_one(self, node: Node, at: tuple[Where, ...]) -> tuple[Where, ...]:
        for child in node["children"]:
            at = self.walk(child, at)
        return at

    def _either(self, node: Node, at: tuple[Where, ...]) -> tuple[Where, ...]:
        return tuple(where for child in node["children"] for where in self.walk(child, at))

    def _both(self, node: Node, at: tuple[Where, ...]) -> tuple[Where, ...]:
        self.use(node["children"][0], at)
        return self.walk(node["children"][1], at)

    def _index(self, _: Node, at: tuple[Where, ...]) -> tuple[Where, ...]:
        return tuple(self._elements(at))

    def _field(self, node: Node, at: tuple[Where, ...]) -> tuple[Where, ...]:
        name = node["value"]
        found = tuple(_below(w, _members(w.kind)[name]) for w in at if w.kind and name in _members(w.kind))
        if at and not found:
            raise self._unknown(name, at[0])
        return found

    @staticmethod
    def _unknown(name: str, where: Where) -> ReadError:
        place = ".".join(where.way).replace(f".{EACH}", "[]")
        if where.kind is not None:
            owner = f"{place} has" if place else "registrations have"
            return ReadError(f"{owner} no property {name!r} that grantlint reads", _members(where.kind), name)
        if where.element is not None:
            return ReadError(f"{place} is a list, so {name!r} selects nothing of it; put [] behind it")
        return ReadError(f"{place} is a single value, so {name!r} selects nothing of it")

    def _elements(self, at: tuple[Where, ...]) -> Iterator[Where]:
        """The elements of lists; each list counts as used."""
        if at and not any(where.element for where in at):
            place = ".".join(at[0].way).replace(f".{EACH}", "[]")
            raise ReadError(f"{place or 'a registration'} is no list, so its elements are none")
        for where in at:
            if where.element is not None:
                self.record(where)
                yield where.element

    def _projection(self, node: Node, at: tuple[Where, ...]) -> tuple[Where, ...]:
        base = self.walk(node["children"][0], at)
        if node["type"] == "flatten":
            return tuple(
                element if element.element else Where(element.way, element=element) for element in self._elements(base)
            )
        if node["type"] == "value_projection":
            inner = tuple(_below(w, m) for w in base if w.kind for m in _members(w.kind).values())
            for where in base:
                self.record(where)
        else:
            inner = tuple(self._elements(base))
        if node["type"] == "filter_projection":
            self.use(node["children"][2], inner)
        return tuple(Where(where.way, element=where) for where in self.walk(node["children"][1], inner))

    def _function(self, node: Node, at: tuple[Where, ...]) -> tuple[Where, ...]:
        plain = [self.walk(child, at) for child in node["children"] if child["type"] != "expref"]
        for wheres in plain:
            for where in wheres:
                self.record(where)
        inner = tuple(where.element for wheres in plain for where in wheres if where.element)
        for child in node["children"]:
            if child["type"] == "expref":
                self.use(child["children"][0], inner)
        first = plain[0] if plain else ()
        if node["value"] in _KEEP:
            return tuple(where if where.element else Where(where.way, element=where) for where in first)
        if node["value"] in _PICK:
            return tuple(where.element for where in first if where.element)
        if node["value"] == "not_null":
            return tuple(where for wheres in plain for where in wheres)
        return ()


#: What follows each kind of node.
_STEPS: Final = {
    "field": "_field",
    "subexpression": "_one_by_one",
    "index_expression": "_one_by_one",
    "pipe": "_one_by_one",
    "index": "_index",
    "projection": "_projection",
    "filter_projection": "_projection",
    "value_projection": "_projection",
    "flatten": "_projection",
    "or_expression": "_either",
    "and_expression": "_both",
    "function_expression": "_function",
}


def _property(node: Node) -> str:
    """The dotted property that *node* names and nothing else; empty where it does more than that."""
    if node["type"] == "field":
        return str(node["value"])
    if node["type"] == "subexpression":
        parts = [_property(child) for child in node["children"] if child["type"] not in ("current", "identity")]
        return ".".join(parts) if parts and all(parts) else ""
    return ""


def _each(tree: Node) -> str:
    """The list property whose elements the expression goes through one by one; empty where it does anything else."""
    node = tree
    while node["type"] in ("projection", "filter_projection", "flatten"):
        node = node["children"][0]
        found = _property(node)
        if found:
            return found
    return ""


def _silent(node: Node) -> tuple[str, ...]:
    """Properties without any of which (null, false, empty) *node* selects nothing."""
    found = _property(node) or _each(node)
    if found:
        return (found,)
    if node["type"] == "and_expression":
        return _silent(node["children"][0]) or _silent(node["children"][1])
    if node["type"] == "or_expression":
        left, right = (_silent(child) for child in node["children"])
        return (*left, *right) if left and right else ()
    if node["type"] == "comparator" and node["value"] == "eq":
        for one, other in (node["children"], node["children"][::-1]):
            # The number 0 is false for Python and something for JMESPath, so only text counts.
            if other["type"] == "literal" and isinstance(other["value"], str) and other["value"] and _property(one):
                return (_property(one),)
    return ()
