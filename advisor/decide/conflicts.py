"""Which answers cannot be true together, and which of these only depend on what is not known.

An unknown answer is taken on the safe side, and the safe side may not fit what was answered besides. That is no
conflict while another choice of the unknown answer fits: it is a question that is still open.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from advisor.decide.notes import given_of, notes_for
from advisor.decide.parts import UNSURE, Note, values_of
from advisor.decide.tree import DecisionTree, if_known, walk


class Conflicts(NamedTuple):
    """What does not fit together, in sentences: ``certain``, or ``open``, which depends on what is not known."""

    certain: tuple[str, ...] = ()
    open: tuple[str, ...] = ()


def conflicts(tree: DecisionTree, answers: Mapping[str, str]) -> Conflicts:
    """The conflicts of *answers*, as far as their path leads."""
    here = _conflicts(tree, answers)
    lasting = set(here)
    for other in if_known(tree, answers) if here else ():
        there = _conflicts(tree, other)
        lasting &= set(there)
        if not there:
            break
    else:
        lasting = lasting or set(here)  # something does not fit, whatever the unknown answers are
    return Conflicts(
        certain=tuple(said for key, (said, _) in here.items() if key in lasting),
        open=tuple(said for key, (_, said) in here.items() if key not in lasting),
    )


def _conflicts(tree: DecisionTree, answers: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Each conflict under what tells it apart, in the words for a certain one and for an open one: of an answer with
    what the path implies, and of answers that a note names.
    """
    found = walk(tree, answers)
    rows: dict[str, tuple[str, str]] = {}
    for name, implied in found.implied.items():
        if name in answers and answers[name] not in (implied.choice, UNSURE):
            given = f"{name}={answers[name]}"
            other = implied.said
            certain = f"{given} and {other} cannot be true together: {implied.because}; this advice goes by {other}"
            rows[name] = (certain, f"{given} does not fit what was taken for safety: {implied.because}.")
    known = given_of(tree, found, answers)
    for note in notes_for(tree, known):
        if note.kind == "contradiction":
            pairs = " and ".join(_pairs(note, known))
            certain = f"{pairs} do not work together: {note.text}" if " and " in pairs else note.text
            rows[f"note {note.id}"] = (certain, f"What was taken for safety does not fit: {note.text}")
    return rows


def _pairs(note: Note, known: Mapping[str, str]) -> Iterator[str]:
    """The answers because of which *note* holds, and what they lead to. No reader knows the name of a leaf."""
    for key, values in note.when.items():
        if key != "leaf":
            yield f"{key}={','.join(sorted(values_of(known, key).intersection(values)))}"
