"""Place the decision tree in layers from left to right, without overlaps.

In: a tree whose questions may share followers. Out: items with coordinates in pixels. Every choice is an item of its
own between two questions, so a choice's words take part in the layout and cannot collide with anything. The method is
Sugiyama's in small: longest-path layers, crossings reduced by medians, heights by isotonic regression, which keeps every
distance exactly and every item as near to its neighbours as that allows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final, Literal

import msgspec

from reports.advice import Tree, TreeEdge

Kind = Literal["question", "leaf", "choice", "via"]

WIDTH: Final = {"question": 160, "leaf": 160, "choice": 110, "via": 0}
_GAP_ACROSS: Final = 22
_GAP_DOWN: Final = {"question": 16, "leaf": 12, "choice": 12, "via": 8}
_MARGIN: Final = 8
_SWEEPS: Final = 12


class Item(msgspec.Struct, kw_only=True, eq=False):
    """Something with a place: a question, a leaf, the words of a choice, or a bend where an edge passes a layer."""

    id: str
    kind: Kind
    layer: int
    height: float
    lit: bool
    width: int
    x: float = 0.0
    y: float = 0.0
    before: list[Item] = msgspec.field(default_factory=list)
    after: list[Item] = msgspec.field(default_factory=list)

    @property
    def middle(self) -> float:
        """The vertical middle, where edges begin and end."""
        return self.y + self.height / 2


class Placed(msgspec.Struct, frozen=True):
    """Items with coordinates, and how large the drawing is."""

    items: tuple[Item, ...]
    width: int
    height: int


def roots(tree: Tree) -> tuple[str, ...]:
    """Where the tree begins, and every further question that no choice leads to: each begins a drawing of its own."""
    targets = {edge.target for edge in tree.edges}
    return tuple(
        node.id
        for node in sorted(tree.nodes, key=lambda node: node.id != tree.root)
        if node.id == tree.root or (node.kind == "question" and node.id not in targets)
    )


def reachable(tree: Tree, root: str) -> tuple[TreeEdge, ...]:
    """The edges that can be followed from *root*, depth first in the order of the choices; no edge closes a circle."""
    out: defaultdict[str, list[TreeEdge]] = defaultdict(list)
    known = {node.id for node in tree.nodes}
    for edge in tree.edges:
        if edge.source in known and edge.target in known:
            out[edge.source].append(edge)
    edges: list[TreeEdge] = []
    done: set[str] = set()
    open_: set[str] = {root}
    stack = [(root, iter(out[root]))]
    while stack:
        node, choices = stack[-1]
        choice = next(choices, None)
        if choice is None:
            stack.pop()
            open_.discard(node)
            done.add(node)
        elif choice.target not in open_:
            edges.append(choice)
            if choice.target not in done:
                open_.add(choice.target)
                stack.append((choice.target, iter(out[choice.target])))
    return tuple(edges)


def along(tree: Tree, taken: Sequence[str]) -> Tree:
    """The questions that the edges *taken* went through, with all their choices and where each leads, but not beyond."""
    lit = set(taken)
    asked = {edge.source for edge in tree.edges if edge.id in lit}
    edges = tuple(edge for edge in tree.edges if edge.source in asked)
    kept = {tree.root, *asked, *(edge.target for edge in edges)}
    nodes = tuple(
        msgspec.structs.replace(node, note="further questions")
        if node.kind == "question" and node.id not in asked
        else node
        for node in tree.nodes
        if node.id in kept
    )
    return Tree(root=tree.root, nodes=nodes, edges=edges)


def place(tree: Tree, root: str, heights: dict[str, float], taken: Iterable[str]) -> Placed:
    """Give every node and choice that *root* reaches a place.

    *heights* holds the height of every node by its id and of every choice by the edge's id; *taken* names the edges of
    the path that is lit. *root* is the id of a node.
    """
    kinds = {node.id: node.kind for node in tree.nodes}
    edges = reachable(tree, root)
    lit = set(taken)
    depth = _depths(root, edges)
    on_path = {node for edge in edges if edge.id in lit for node in (edge.source, edge.target)}
    nodes = {
        name: _box(name, kinds[name], 2 * layer, heights[name], lit=name in on_path) for name, layer in depth.items()
    }
    items = list(nodes.values())
    for edge in edges:
        items += _thread(nodes[edge.source], nodes[edge.target], edge.id, heights[edge.id], lit=edge.id in lit)
    layers = _layers(items)
    _untangle(layers)
    _set_across(layers)
    _set_down(layers)
    width = max(item.x + item.width for item in items) + _MARGIN
    height = max(item.y + item.height for item in items) + _MARGIN
    return Placed(tuple(items), round(width), round(height))


def _box(name: str, kind: Kind, layer: int, height: float, *, lit: bool) -> Item:
    return Item(id=name, kind=kind, layer=layer, height=height, lit=lit, width=WIDTH[kind])


def _depths(root: str, edges: Sequence[TreeEdge]) -> dict[str, int]:
    """The longest way from the root, in questions."""
    depth = {root: 0}
    for _ in range(len(edges) + 1):
        moved = False
        for edge in edges:
            if edge.source in depth and depth.get(edge.target, -1) <= depth[edge.source]:
                depth[edge.target] = depth[edge.source] + 1
                moved = True
        if not moved:
            break
    return depth


def _thread(source: Item, target: Item, edge: str, height: float, *, lit: bool) -> list[Item]:
    """The choice right after its question, and a bend in every further layer up to the target."""
    thread = [_box(edge, "choice", source.layer + 1, height, lit=lit)]
    thread += [_box(edge, "via", layer, 4, lit=lit) for layer in range(source.layer + 2, target.layer)]
    for one, next_ in zip([source, *thread], [*thread, target], strict=True):
        one.after.append(next_)
        next_.before.append(one)
    return thread


def _layers(items: list[Item]) -> list[list[Item]]:
    """The items of each layer in the order in which a reader who takes the first choice first meets them."""
    order: dict[int, int] = {}
    stack = [items[0]]
    while stack:
        item = stack.pop()
        if id(item) not in order:
            order[id(item)] = len(order)
            stack.extend(reversed(item.after))
    layers: defaultdict[int, list[Item]] = defaultdict(list)
    for item in sorted(items, key=lambda item: order[id(item)]):
        layers[item.layer].append(item)
    return [layers[number] for number in sorted(layers)]


def _untangle(layers: list[list[Item]]) -> None:
    """Reorder within the layers as long as fewer edges cross; a tree without shared followers has no crossing."""
    best, fewest = [list(layer) for layer in layers], _crossings(layers)
    for sweep in range(_SWEEPS):
        if not fewest:
            break
        down = sweep % 2 == 0
        for number in range(1, len(layers)) if down else range(len(layers) - 2, -1, -1):
            fixed = {id(item): place for place, item in enumerate(layers[number - 1 if down else number + 1])}
            wish = {
                id(item): _mean([fixed[id(other)] for other in (item.before if down else item.after)], place)
                for place, item in enumerate(layers[number])
            }
            layers[number].sort(key=lambda item: wish[id(item)])
        if (now := _crossings(layers)) < fewest:
            best, fewest = [list(layer) for layer in layers], now
    for layer, order in zip(layers, best, strict=True):
        layer[:] = order


def _crossings(layers: list[list[Item]]) -> int:
    total = 0
    for left, right in pairwise(layers):
        places = {id(item): place for place, item in enumerate(right)}
        ends = [sorted(places[id(other)] for other in item.after) for item in left]
        flat = [end for group in ends for end in group]
        total += sum(flat[j] < flat[i] for i in range(len(flat)) for j in range(i + 1, len(flat)))
    return total


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _set_across(layers: list[list[Item]]) -> None:
    x = float(_MARGIN)
    for layer in layers:
        column = max(item.width for item in layer)
        for item in layer:
            item.x = x
            if item.kind == "via":
                item.width = column  # straight through, between the boxes
        x += column + _GAP_ACROSS


def _set_down(layers: list[list[Item]]) -> None:
    """Heights: the lit path is pulled straight, the rest follows its neighbours; then everything starts at the top."""
    for layer in layers:
        _spread(layer, [0.0] * len(layer))
    for sweep in range(2 * _SWEEPS):
        for layer in reversed(layers) if sweep % 2 == 0 else layers:
            wishes = []
            for item in layer:
                near = item.after if sweep % 2 == 0 else item.before
                lit = [other for other in near if other.lit] if item.lit else []
                wishes.append(_mean([other.middle for other in lit or near], item.middle))
            _spread(layer, wishes)
    top = min(item.y for layer in layers for item in layer) - _MARGIN
    for layer in layers:
        for item in layer:
            item.y = round(item.y - top, 1)


def _spread(layer: list[Item], wishes: list[float]) -> None:
    """Put middles as near to the *wishes* as the distances allow (least squares; pool adjacent violators)."""
    offsets, offset = [], 0.0
    for place, item in enumerate(layer):
        if place:
            above = layer[place - 1]
            offset += (above.height + item.height) / 2 + max(_GAP_DOWN[above.kind], _GAP_DOWN[item.kind])
        offsets.append(offset)
    pools: list[tuple[float, float, int]] = []  # mean, weight, items
    for item, wish, offset in zip(layer, wishes, offsets, strict=True):
        pool = (wish - offset, 4.0 if item.lit else 1.0, 1)
        while pools and pools[-1][0] > pool[0]:
            mean, weight, count = pools.pop()
            both = weight + pool[1]
            pool = ((mean * weight + pool[0] * pool[1]) / both, both, count + pool[2])
        pools.append(pool)
    starts = [mean for mean, _, count in pools for _ in range(count)]
    for item, start, offset in zip(layer, starts, offsets, strict=True):
        item.y = start + offset - item.height / 2
