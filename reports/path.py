"""The path through the decision tree as Mermaid: the questions that were asked, and the other choices as short ends."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

from reports.advice import Tree, TreeEdge, TreeNode
from reports.escape import mermaid, visible

#: More other choices of a question than this are one end, which counts them.
_MOST_ENDS: Final = 3


def path_mermaid(tree: Tree, taken: Sequence[str]) -> str:
    """The edges *taken* as a flowchart, thick and in order; empty where none of them is in the tree."""
    edges = {edge.id: edge for edge in tree.edges}
    path = [edges[name] for name in taken if name in edges]
    if not path:
        return ""
    nodes = {node.id: node for node in tree.nodes}
    on_path = dict.fromkeys(name for edge in path for name in (edge.source, edge.target))
    names = {name: f"n{number}" for number, name in enumerate(on_path)}
    others = defaultdict[str, list[TreeEdge]](list)
    for edge in tree.edges:
        if edge.id not in taken:
            others[edge.source].append(edge)
    lines = ["flowchart TD", *(f"  {names[name]}{_shape(nodes[name])}" for name in on_path)]
    before = path[0].source
    for edge in path:
        if edge.source != before:  # from the grant to the question about its credential
            lines.append(f"  {names[before]} ==> {names[edge.source]}")
        lines.append(f'  {names[edge.source]} ==>|"{_text(edge.label)}"| {names[edge.target]}')
        lines += _ends(names[edge.source], others[edge.source], nodes)
        before = edge.target
    lines += ["  classDef taken stroke-width:4px", f"  class {','.join(names.values())} taken"]
    return "\n".join(lines) + "\n"


def _ends(name: str, others: Sequence[TreeEdge], nodes: dict[str, TreeNode]) -> Iterator[str]:
    """The choices that were not taken, each with the answer to which it leads at once, or with dots."""
    if len(others) > _MOST_ENDS:
        yield f'  {name} -.->|"{len(others)} other answers"| {name}e0(("…"))'
        return
    for number, edge in enumerate(others):
        target = nodes[edge.target]
        end = _shape(target) if target.kind == "leaf" else '(("…"))'
        yield f'  {name} -.->|"{_text(edge.label)}"| {name}e{number}{end}'


def _shape(node: TreeNode) -> str:
    text = _text(node.label)
    return f'["{text}"]' if node.kind == "question" else f'(["{text}"])'


def _text(label: str) -> str:
    return mermaid(visible(label))
