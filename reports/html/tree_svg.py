"""The decision tree as SVG, with the path that the answers took lit.

In: the report's tree and the names of the edges taken. Out: an ``<svg>`` element without a style attribute, coloured by
the page's style sheet. What is lit is also drawn heavier: colour is not the only sign.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

import msgspec

from reports.advice import Tree, TreeEdge, TreeNode
from reports.escape import visible
from reports.html.layers import WIDTH, Item, Placed, place

_LINE: Final = 17
_PAD: Final = {"question": (10, 9), "leaf": (10, 9), "choice": (6, 3)}
_SIZE: Final = {"question": 13.0, "leaf": 13.0, "choice": 12.5}
_LABEL_SHOWN: Final = 160
_NOTE_SIZE: Final = 12.0

#: Widths of characters in thousandths of the font size, after Helvetica; the factor covers wider system fonts.
_NARROW: Final = frozenset("iljtfI.,:;'!|()[] -")
_WIDE: Final = frozenset("mwMWOQGD@%&—…")
_FACTOR: Final = 1.12

#: The colours of a drawing that stands in no page.
_STYLE: Final = (
    "svg{background:#fff}text{font:13px system-ui,sans-serif;fill:#1b1f24}.note{font-size:12px;fill:#57606a}"
    "rect{fill:#f6f8fa;stroke:#8c959f}.edge{fill:none;stroke:#8c959f}.lit rect{fill:#ddf4ff;stroke:#0969da;stroke-width:2}"
    ".edge.lit{stroke:#0969da;stroke-width:3}.choice rect{fill:#fff}"
)

#: A drawing wider than the page is shown a little smaller, so that four questions fit on a desktop screen; never tiny.
_PAGE: Final = 1190
_SCALE: Final = 0.88


class Text(msgspec.Struct, frozen=True):
    """The words of an item in lines; ``notes`` are the smaller lines below."""

    lines: tuple[str, ...]
    notes: tuple[str, ...] = ()


def draw_tree(
    tree: Tree,
    root: str,
    taken: Sequence[str],
    *,
    name: str,
    title: str,
    description: str,
    alone: bool = False,
    named: bool = False,
) -> str:
    """Draw what can be reached from *root*, the id of a node, with the edges *taken* lit, as an ``<svg>`` element.

    *name* makes the ids of title and description unique in the page. *alone* makes a file of its own, with its colours;
    *named* gives every item and link the name of its node or edge, so that a script can light a path.
    """
    texts = _texts(tree)
    heights = {key: _height(*entry) for key, entry in texts.items()}
    drawing = _drawing(place(tree, root, heights, set(taken)), texts, name, title, description, named=named)
    if not alone:
        return drawing
    return drawing.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1).replace(
        "</desc>", f"</desc><style>{_STYLE}</style>", 1
    )


def _drawing(
    placed: Placed, texts: dict[str, tuple[str, Text]], name: str, title: str, description: str, *, named: bool
) -> str:
    # What is lit is drawn last, so that nothing runs over it.
    order = sorted(placed.items, key=lambda item: item.lit)
    links = sorted(((item, after) for item in order for after in item.after), key=lambda pair: _is_lit(*pair))
    scale = min(1.0, max(_SCALE, _PAGE / placed.width))
    width, height = round(placed.width * scale), round(placed.height * scale)
    parts = [
        f'<svg class="tree" role="img" aria-labelledby="{name}-title {name}-description" viewBox="0 0 {placed.width} {placed.height}"'
        f' width="{width}" height="{height}">',
        f'<title id="{name}-title">{escape(visible(title))}</title><desc id="{name}-description">{escape(visible(description))}</desc>',
        *(_link(one, other, named=named) for one, other in links),
        *(_item(item, texts[item.id][1], named=named) for item in order if item.kind != "via"),
        "</svg>",
    ]
    return "".join(parts)


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


def _texts(tree: Tree) -> dict[str, tuple[str, Text]]:
    """Kind and words of every node by its id, and of every choice by the edge's."""
    texts: dict[str, tuple[str, Text]] = {}
    for node in tree.nodes:
        room = WIDTH[node.kind] - 2 * _PAD[node.kind][0]
        lines = wrap(visible(node.label, _LABEL_SHOWN), room, _SIZE[node.kind])
        notes = wrap(visible(node.note, _LABEL_SHOWN), room, _NOTE_SIZE) if _adds(node) else ()
        texts[node.id] = node.kind, Text(lines, notes)
    for edge in tree.edges:
        texts[edge.id] = "choice", _choice(edge)
    return texts


def _adds(node: TreeNode) -> bool:
    """Whether a note says something that the label does not."""
    return bool(node.note) and node.note.casefold() not in node.label.casefold()


def _choice(edge: TreeEdge) -> Text:
    room = WIDTH["choice"] - 2 * _PAD["choice"][0]
    return Text(wrap(visible(edge.label, _LABEL_SHOWN), room, _SIZE["choice"]))


def _height(kind: str, text: Text) -> float:
    return (len(text.lines) + len(text.notes)) * _LINE + 2 * _PAD[kind][1]


def wrap(text: str, room: float, size: float) -> tuple[str, ...]:
    """Break *text* into lines that fit into *room* pixels at a font of *size* pixels; a word that does not fit is cut."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        longer = f"{line} {word}" if line else word
        if measure(longer, size) <= room:
            line = longer
            continue
        if line:
            lines.append(line)
        line = word
        while measure(line, size) > room:
            fits = max(next(n for n in range(len(line), 0, -1) if n == 1 or measure(line[:n], size) <= room), 1)
            lines.append(line[:fits])
            line = line[fits:]
    return (*lines, line) if line or not lines else tuple(lines)


def measure(text: str, size: float) -> float:
    """About how wide *text* is, in pixels; rather too much than too little."""
    units = 0
    for character in text:
        if character in _NARROW:
            units += 300
        elif character in _WIDE:
            units += 830
        elif character.isupper():
            units += 680
        else:
            units += 540 if character.isascii() else 1000
    return units * size * _FACTOR / 1000


def _is_lit(one: Item, other: Item) -> bool:
    """An edge is lit with its choice, whose words or bends stand at one of its ends."""
    return one.lit and other.lit and not {one.kind, other.kind} <= {"question", "leaf"}


def _link(one: Item, other: Item, *, named: bool) -> str:
    x1, y1 = one.x + one.width, one.middle
    x2, y2 = other.x, other.middle
    bend = round((x2 - x1) / 2, 1)
    line = f"M{x1:g} {y1:g}C{x1 + bend:g} {y1:g} {x2 - bend:g} {y2:g} {x2:g} {y2:g}"
    if other.kind == "via":
        line += f"H{other.x + other.width:g}"
    names = f' data-from="{escape(one.id)}" data-to="{escape(other.id)}"' if named else ""
    return f'<path class="{"edge lit" if _is_lit(one, other) else "edge"}"{names} d="{line}"/>'


def _item(item: Item, text: Text, *, named: bool) -> str:
    state = " lit" if item.lit else ""
    across, down = _PAD[item.kind]
    corner = {"question": 2, "choice": 8, "leaf": 14}[item.kind]
    box = f'<rect x="{item.x:g}" y="{item.y:g}" width="{item.width}" height="{item.height:g}" rx="{corner}"/>'
    x = item.x + across
    rows = [(line, "") for line in text.lines] + [(line, ' class="note"') for line in text.notes]
    spans = "".join(
        f'<tspan x="{x:g}" y="{item.y + down + _LINE * row + 12.5:g}"{kind}>{escape(line)}</tspan>'
        for row, (line, kind) in enumerate(rows)
    )
    name = f' data-id="{escape(item.id)}"' if named else ""
    return f'<g class="{item.kind}{state}"{name}>{box}<text>{spans}</text></g>'
