"""Why not another grant: the reasons of a leaf, for what is known on the path to it."""

from __future__ import annotations

from collections.abc import Mapping

from advisor.decide.notes import known_of
from advisor.decide.parts import Against, Leaf, matches
from advisor.decide.tree import DecisionTree, walks
from rules.analysis.grants import GRANTS


def reason_against(tree: DecisionTree, leaf: Leaf, grant: str, known: Mapping[str, str]) -> str:
    """The reason of *leaf* against *grant*: its own first, then that of its sets in their order; empty for none."""
    for against in (leaf.against, *(tree.reasons_by_id[name].against for name in leaf.reasons)):
        if text := _first(against, grant, known):
            return text
    return ""


def _first(against: Against, grant: str, known: Mapping[str, str]) -> str:
    rows = against.get(grant, ())
    if isinstance(rows, str):
        return rows
    return next((row.text for row in rows if matches(row.when, known)), "")


def ruled_out(tree: DecisionTree, answers: Mapping[str, str]) -> dict[str, str]:
    """The grants to which no further answer leads, each with the reason on which all ends that are left agree, or an
    empty text.
    """
    ends: dict[str, tuple[Leaf, dict[str, str]]] = {}
    for found in walks(tree, answers, to_leaf=True):
        if found.leaf is not None:
            known = known_of(found)
            ends[f"{found.leaf.id} {known}"] = (found.leaf, known)
    possible = {leaf.grant for leaf, _ in ends.values()}
    reasons: dict[str, str] = {}
    for name in (row.id for row in GRANTS if row.id not in possible):
        texts = {reason_against(tree, leaf, name, known) for leaf, known in ends.values()}
        reasons[name] = texts.pop() if len(texts) == 1 else ""
    return reasons
