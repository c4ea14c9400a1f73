"""The decision tree as SVG: an indented tree with the path that the answers took lit.

In: the report's tree and the names of the edges taken. Out: an ``<svg>`` element without a style attribute, colored by
the page's style sheet. The drawing is narrow, so a phone shows it whole. What is lit is heavier too: color is not the
only sign. A question to which several choices lead is drawn once, below the lit one if there is one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from html import escape
from typing import Final, NamedTuple

from reports.advice import Tree, TreeEdge, TreeNode
from reports.escape import visible
from reports.html.text_width import wrap

_WIDTH: Final = 380
_MARGIN: Final = 8
_INDENT: Final = 20
#: From here to the right nothing is indented further, so that text keeps its width.
_DEEPEST: Final = 160
#: Where the line of a question goes down, from its left edge.
_TRUNK: Final = 10
_LINE: Final = 17
_PAD: Final = 6
_GAP: Final = 10
_SIZE: Final = 13.0
#: As wide as bold text of 13 pixels is.
_BOLD: Final = 14.8
_LABEL_SHOWN: Final = 160

#: The colors of a drawing that is in no page.
_STYLE: Final = (
    "svg{background:#fff}text{font:13px system-ui,sans-serif;fill:#1b1f24}.question text{font-weight:600}"
    ".note{font-size:12px;font-weight:400;fill:#57606a}rect{fill:#f6f8fa;stroke:#8c959f}.edge{fill:none;stroke:#8c959f}"
    ".lit rect{fill:#ddf4ff;stroke:#0969da;stroke-width:2}.edge.lit{stroke:#0969da;stroke-width:3}"
)


def roots(tree: Tree) -> tuple[str, ...]:
    """Where the tree begins, and every further question that no choice leads to: each begins a drawing of its own."""
    targets = {edge.target for edge in tree.edges}
    return tuple(
        node.id
        for node in sorted(tree.nodes, key=lambda node: node.id != tree.root)
        if node.id == tree.root or (node.kind == "question" and node.id not in targets)
    )


def along(tree: Tree, taken: Sequence[str]) -> Tree:
    """The questions that the edges *taken* went through, with all their choices and where each leads, but not
    beyond.
    """
    lit = set(taken)
    asked = {edge.source for edge in tree.edges if edge.id in lit}
    edges = tuple(edge for edge in tree.edges if edge.source in asked)
    kept = {tree.root, *asked, *(edge.target for edge in edges)}
    return Tree(root=tree.root, nodes=tuple(node for node in tree.nodes if node.id in kept), edges=edges)


def path_in_words(tree: Tree, taken: Iterable[str]) -> str:
    """The path in a sentence: each question with its answer, and where it ends."""
    nodes = {node.id: node for node in tree.nodes}
    edges = {edge.id: edge for edge in tree.edges if edge.source in nodes and edge.target in nodes}
    words: list[str] = []
    for edge in (edges[name] for name in taken if name in edges):
        words.append(f"{nodes[edge.source].label} {edge.label}")
        if nodes[edge.target].kind == "leaf":
            words.append(f"so: {nodes[edge.target].label}")
    return "; ".join(words)


def draw_tree(
    tree: Tree,
    root: str,
    taken: Sequence[str],
    *,
    name: str,
    title: str,
    description: str,
    alone: bool = False,
) -> str:
    """Draw what can be reached from *root*, the id of a node, with the edges *taken* lit, as an ``<svg>`` element.

    *name* makes the ids of title and description unique in the page. *alone* makes a file of its own, with its colors.
    """
    drawing = _Drawing(tree, set(taken))
    drawing.draw(root)
    height = drawing.y - _GAP + _MARGIN
    xmlns = 'xmlns="http://www.w3.org/2000/svg" ' if alone else ""
    parts = [
        f'<svg {xmlns}class="tree" role="img" aria-labelledby="{name}-title {name}-description" ',
        f'viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}">',
        f'<title id="{name}-title">{escape(visible(title))}</title>',
        f'<desc id="{name}-description">{escape(visible(description))}</desc>',
        f"<style>{_STYLE}</style>" if alone else "",
        *drawing.lines,
        *drawing.lit_lines,  # above all other lines, so that none covers the path
        *drawing.items,
        "</svg>",
    ]
    return "".join(parts)


class _Choice(NamedTuple):
    """A choice that is still to be drawn, with the left and the lower edge of its question."""

    edge: TreeEdge
    x: int
    y: int


class _Drawing:
    """A drawing that grows downward; ``y`` is where the next item begins."""

    def __init__(self, tree: Tree, taken: Collection[str]) -> None:
        self.y = _MARGIN
        self.lines: list[str] = []
        self.lit_lines: list[str] = []
        self.items: list[str] = []
        self._nodes = {node.id: node for node in tree.nodes}
        self._choices: defaultdict[str, list[TreeEdge]] = defaultdict(list)
        for edge in tree.edges:
            if edge.source in self._nodes and edge.target in self._nodes:
                self._choices[edge.source].append(edge)
        path = [edge for edge in tree.edges if edge.id in taken]
        self._lit = {edge.id for edge in path} | {edge.source for edge in path} | {edge.target for edge in path}
        self._lit_targets = {edge.target for edge in path}
        self._drawn: set[str] = set()

    def draw(self, root: str) -> None:
        """Draw the question *root* and everything below it, choice by choice."""
        choices = self._question(self._nodes[root], _MARGIN)
        while choices:  # a stack, since a stored report may hold a tree of any depth
            choices += self._choice(choices.pop())

    def _question(self, node: TreeNode, x: int) -> list[_Choice]:
        """Draw a question. Returns its choices, the last one first."""
        self._drawn.add(node.id)
        box, height = _box(node, x, self.y, corner=2, size=_BOLD)
        self._item("question", node.id, box)
        bottom = self.y + height
        self.y = bottom + _GAP
        return [_Choice(edge, x, bottom) for edge in reversed(self._choices[node.id])]

    def _choice(self, choice: _Choice) -> list[_Choice]:
        """Draw a choice and what it leads to. Returns the choices of the question that is drawn below it, if one is."""
        edge, x = choice.edge, min(choice.x + _INDENT, _DEEPEST)
        target = self._nodes[edge.target]
        self._line(f"M{choice.x + _TRUNK} {choice.y}V{self.y + 9}H{x + 6}", edge)
        drawing, height = _text([(edge.label, "")], x + 10, self.y)
        below = self._is_below(edge)
        if target.kind == "leaf":
            box, more = _box(target, x + 10, self.y + height + 3, corner=12)
            drawing, height = drawing + box, height + 3 + more
        elif not below:
            see = "see " if self._choices[target.id] else ""  # otherwise the questions beyond are left out
            note, more = _text([(f"→ {see}{target.label}", "note")], x + 10, self.y + height)
            drawing, height = drawing + note, height + more
        self._item("choice", edge.id, drawing)
        self.y += height + (6 if below else _GAP)
        if not below:
            return []
        self._line(f"M{x + _TRUNK} {self.y - 6}v6", edge)
        return self._question(target, x)

    def _is_below(self, edge: TreeEdge) -> bool:
        """Whether the question that *edge* leads to is drawn below it, and not below another choice."""
        first = edge.target not in self._drawn and (edge.id in self._lit or edge.target not in self._lit_targets)
        return first and bool(self._choices[edge.target])

    def _line(self, d: str, edge: TreeEdge) -> None:
        lit = edge.id in self._lit
        (self.lit_lines if lit else self.lines).append(f'<path class="edge{" lit" * lit}" d="{d}"/>')

    def _item(self, kind: str, id_: str, drawing: str) -> None:
        self.items.append(f'<g class="{kind}{" lit" * (id_ in self._lit)}">{drawing}</g>')


def _box(node: TreeNode, x: int, y: int, *, corner: int, size: float = _SIZE) -> tuple[str, int]:
    """A box with the words of *node*, as wide as the drawing allows, and its height."""
    note = node.note if node.note.casefold() not in node.label.casefold() else ""
    text, height = _text([(node.label, ""), (note, "note")], x + 10, y + _PAD, size)
    height += 2 * _PAD
    width = _WIDTH - _MARGIN - x
    return f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="{corner}"/>{text}', height


def _text(paragraphs: Sequence[tuple[str, str]], x: int, y: int, size: float = _SIZE) -> tuple[str, int]:
    """The paragraphs, each with its class, wrapped between *x* and the right margin; and their height."""
    space = _WIDTH - _MARGIN - 10 - x
    rows = [
        (line, f' class="{kind}"' if kind else "")
        for words, kind in paragraphs
        if words
        for line in wrap(visible(words, _LABEL_SHOWN), space, size)
    ]
    spans = "".join(
        f'<tspan x="{x}" y="{y + _LINE * row + 12.5:g}"{kind}>{escape(line)}</tspan>'
        for row, (line, kind) in enumerate(rows)
    )
    return f"<text>{spans}</text>", _LINE * len(rows)
