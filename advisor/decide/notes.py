"""Which notes of the tree apply to a walk and the answers that were given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from advisor.decide.parts import UNSURE, Note, matches, values_of
from advisor.decide.tree import DecisionTree, Walk

#: What a note may need besides facts.
ENDS: Final = frozenset({"grant", "leaf", "client", "platform", "credential"})


def known_of(found: Walk) -> dict[str, str]:
    """What a complete walk settles: its ends, the facts taken, and those implied."""
    leaf = found.leaf
    if leaf is None:
        return {}
    facts = {name: said.choice for name, said in found.implied.items()}
    facts |= {step.question.fact: step.answer for step in found.taken}
    ends = {
        "grant": leaf.grant,
        "leaf": leaf.id,
        "client": leaf.client,
        "platform": leaf.platform or "",
        "credential": found.credential.kind if found.credential else "",
    }
    return facts | ends


def given_of(tree: DecisionTree, found: Walk, answers: Mapping[str, str]) -> dict[str, str]:
    """What is known in all: what the walk settles, and every other answer; who is unsure of an aside leaves it open."""
    settled = known_of(found)
    more = {name: choice for name, choice in answers.items() if name in tree.facts and choice != UNSURE}
    return {**more, **settled}


def holds(note: Note, known: Mapping[str, str]) -> bool:
    """Whether a note applies to what is known."""
    return matches(note.when, known) and not _is_excluded(note, known)


def _is_excluded(note: Note, known: Mapping[str, str]) -> bool:
    """Whether a fact has only values that exclude the note: with several APIs it applies to the others."""
    return any(found <= set(values) for key, values in note.unless.items() if (found := values_of(known, key)))


def may_hold(note: Note, known: Mapping[str, str]) -> bool:
    """Whether a note could apply to what is known, given the right answers to what is not."""
    return matches({key: values for key, values in note.when.items() if key in known}, known) and not _is_excluded(
        note, known
    )


def notes_for(tree: DecisionTree, known: Mapping[str, str]) -> Iterator[Note]:
    """The notes that apply, in the tree's order."""
    return (note for note in tree.notes if holds(note, known))


def open_facts(tree: DecisionTree, known: Mapping[str, str]) -> tuple[str, ...]:
    """The asides without an answer that would add a note here, in the tree's order."""
    wanted = {key for note in tree.notes if may_hold(note, known) for key in note.when if key not in known}
    return tuple(question.id for question in tree.questions if question.aside and question.id in wanted)
