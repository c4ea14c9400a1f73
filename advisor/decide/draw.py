"""Draw the decision tree: as nodes and edges for the HTML report, as text for a terminal, as Mermaid for a wiki.

The tree has two halves: the one that finds the grant begins at ``token-for``, the one that finds the credential of a
confidential client at ``hosted-on`` (or a copy of it). Leaves name the second in their note; no edge joins the halves,
since a dozen leaves would point at the same question.
"""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Iterator
from typing import NamedTuple

from advisor.decide.parts import UNSURE, Leaf, Question, lowered
from advisor.decide.tree import DecisionTree
from reports.advice import Tree, TreeEdge, TreeNode
from reports.escape import mermaid
from rules.analysis.grants import grant


def roots(tree: DecisionTree) -> tuple[str, ...]:
    """The first questions of the tree: where it starts, then where credentials are chosen."""
    return tuple(dict.fromkeys((tree.start, *(leaf.proof for leaf in tree.leaves if leaf.proof))))


def tree_shape(tree: DecisionTree) -> Tree:
    """The tree as nodes and edges. Ids of edges are ``question=choice``, as in ``Advice.path``."""
    asked = [question for question in tree.questions if not question.aside]
    questions = [TreeNode(id=question.id, kind="question", label=question.ask) for question in asked]
    leaves = [TreeNode(id=leaf.id, kind="leaf", label=leaf.headline, note=_grant_title(leaf)) for leaf in tree.leaves]
    credentials = [
        TreeNode(id=credential.id, kind="leaf", label=credential.title, note="credential")
        for credential in tree.credentials
    ]
    edges = [
        TreeEdge(id=f"{question.id}={choice.id}", source=question.id, target=choice.then, label=choice.label)
        for question in asked
        for choice in question.choices
    ]
    return Tree(root=tree.start, nodes=(*questions, *leaves, *credentials), edges=tuple(edges))


def _grant_title(leaf: Leaf) -> str:
    return "no grant works" if leaf.dead_end else grant(leaf.grant).title


def draw_questions(tree: DecisionTree, width: int = 80) -> str:
    """Every question that can be answered, with its choices and the safe assumption; asides are last."""
    lines: list[str] = []
    for aside in (False, True):
        rows = [question for question in tree.facts.values() if question.aside is aside]
        lines += (
            ["", "Additional questions: they change caveats, scopes and settings, never the grant", ""] if aside else []
        )
        for question in rows:
            lines += _filled(f"{question.id}: {question.ask}", width)
            for choice in question.choices:
                start = f"  {choice.id:<14} "
                lines += _filled(choice.label, width, start, " " * len(start))
            if question.unsure:
                lines.append(f"  {UNSURE:<14} assumes {question.unsure.choice}")
            lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _filled(text: str, width: int, first: str = "", then: str = "  ") -> list[str]:
    return textwrap.wrap(
        text, width, initial_indent=first, subsequent_indent=then, break_long_words=False, break_on_hyphens=False
    )


class _Row(NamedTuple):
    """A text of the drawing, and what its first line and the others begin with."""

    first: str
    text: str
    then: str


def draw_text(tree: DecisionTree, path: Collection[str] = (), width: int = 80) -> str:
    """The tree as indented text; *path* (edges) is marked with ``>`` at the margin. A question is drawn once.

    Lines are filled to *width* characters.
    """
    drawn: set[str] = set()
    lines: list[_Row] = []
    for root in roots(tree):
        if root in drawn:
            continue
        if lines:
            lines.append(_Row("", "", ""))
        begun = not path or any(edge.startswith(root + "=") for edge in path)
        lines += _draw(tree, tree.question_by_id[root], path, drawn, prefix="", lit=bool(path) and begun)
    return "".join(f"{line}\n" for row in lines for line in _filled_row(row, width))


def _draw(
    tree: DecisionTree, question: Question, path: Collection[str], drawn: set[str], *, prefix: str, lit: bool
) -> Iterator[_Row]:
    drawn.add(question.id)
    yield _Row(f"{'>' if lit else ' '} {prefix}", f"{question.id}: {question.ask}", f"  {prefix}│  ")
    lit_ends = {choice.then for choice in question.choices if f"{question.id}={choice.id}" in path}
    last_to = {choice.then: choice for choice in question.choices}  # where several lead to it, below the last of them
    for choice in question.choices:
        last = choice is question.choices[-1]
        taken = f"{question.id}={choice.id}" in path
        below = tree.question_by_id.get(choice.then) if last_to[choice.then] is choice else None
        end = "" if below and below.id not in drawn else f" → {_target(tree, choice.then)}"
        label = "" if choice.label.casefold() == choice.id else f"  {choice.label}"
        yield _Row(
            f"{'>' if taken else ' '} {prefix}{'└' if last else '├'}─ ",
            f"{choice.id}{end}{label}",
            f"  {prefix}{' ' if last else '│'}    ",
        )
        if below and below.id not in drawn:
            yield from _draw(
                tree, below, path, drawn, prefix=prefix + ("   " if last else "│  "), lit=choice.then in lit_ends
            )


def _target(tree: DecisionTree, name: str) -> str:
    if leaf := tree.leaf_by_id.get(name):
        platform = f" on {leaf.platform}" if leaf.platform else ""
        resort = ", last resort" if grant(leaf.grant).status == "last-resort" else ""
        proof = ", then " + leaf.proof if leaf.proof else ""
        return (leaf.id if leaf.dead_end else leaf.grant) + platform + resort + proof
    if name in tree.credential_by_id:
        return lowered(tree.credential_by_id[name].title)
    return f"see {name}"


def _filled_row(row: _Row, width: int) -> list[str]:
    """The lines of a row. A word that does not fit is cut, so that no line breaks the drawing."""
    lines = _filled(row.text, width, row.first, row.then) or [""]
    return [line if len(line) <= width else line[: width - 1].rstrip() + "…" for line in lines]


def draw_mermaid(tree: DecisionTree, path: Collection[str] = ()) -> str:
    """The tree as a Mermaid flowchart; *path* (edges) is drawn thick, its nodes are filled."""
    shape = tree_shape(tree)
    names = {node.id: f"n{number}" for number, node in enumerate(shape.nodes)}
    lines = ["flowchart TD"]
    for node in shape.nodes:
        text = mermaid(node.label)
        lines.append(f'  {names[node.id]}["{text}"]' if node.kind == "question" else f'  {names[node.id]}(["{text}"])')
    lit: set[str] = set()
    thick: list[str] = []
    for number, edge in enumerate(shape.edges):
        lines.append(f'  {names[edge.source]} -->|"{mermaid(edge.label)}"| {names[edge.target]}')
        if edge.id in path:
            thick.append(str(number))
            lit |= {edge.source, edge.target}
    if thick:
        lines.append(f"  linkStyle {','.join(thick)} stroke-width:4px")
        lines.append("  classDef taken stroke-width:4px")
        lines.append(f"  class {','.join(names[node.id] for node in shape.nodes if node.id in lit)} taken")
    return "\n".join(lines) + "\n"
