"""What is proved of a decision tree when it is loaded.

* Names are known, unique and well formed; every leaf fits the grant that it names.
* Every path ends in exactly one leaf, and for a confidential client in exactly one credential.
* The leaf's grant is not ruled out on its own path, and every other grant of ``rules.grants`` is, by a named reason;
  the same holds for credentials.
* No choice contradicts what an earlier one on the same path has settled; what is implied is never asked.
* Every question is asked (and so every choice taken) and every leaf reached on some path; no path asks more than eight questions.

The first thing that does not hold is raised as a ``TreeError`` with file, line and path.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NoReturn

import msgspec

from advisor.decide.tree import MOST_QUESTIONS, AstrayError, CredentialLeaf, DecisionTree, Leaf, Question, Walk, walks
from advisor.errors import TreeError
from rules.credentials import CREDENTIALS
from rules.grants import GRANTS, grant

_GRANT_IDS = tuple(row.id for row in GRANTS)
_CREDENTIAL_IDS = tuple(row.id for row in CREDENTIALS)


class _Place(msgspec.Struct, frozen=True):
    """Where messages point: the text of the tree and what it is called."""

    text: str
    file: str

    def fail(self, what: str, *, at: str, choice: str = "", hint: str = "") -> NoReturn:
        """Raise the error at the part *at* (an id), or at one of its choices."""
        raise TreeError(what, file=self.file, line=self._line(at, choice), hint=hint)

    def _line(self, part: str, choice: str) -> int | None:
        """Find the line on which the part, or its choice, gives its id."""
        found = re.search(rf'(?m)^id = "{re.escape(part)}"', self.text)
        if found and choice:
            found = re.compile(rf'(?m)^id = "{re.escape(choice)}"').search(self.text, found.end()) or found
        return self.text.count("\n", 0, found.start()) + 1 if found else None


def prove(tree: DecisionTree, text: str, file: str) -> DecisionTree:
    """Return *tree* with the figures of its proof. Raises ``TreeError`` for the first thing that does not hold."""
    place = _Place(text, file)
    _prove_names(tree, place)
    for question in tree.questions:
        _prove_question(tree, question, place)
    for leaf in tree.leaves:
        _prove_leaf(tree, leaf, place)
    _prove_sources(tree, place)
    found = _prove_walks(tree, place)
    _prove_reached(tree, found, place)
    longest = max(len(one.asked) for one in found)
    return msgspec.structs.replace(tree, paths=len(found), longest=longest)


def _prove_names(tree: DecisionTree, place: _Place) -> None:
    seen: set[str] = set()
    parts: tuple[Question | Leaf | CredentialLeaf, ...] = (*tree.questions, *tree.leaves, *tree.credentials)
    for part in parts:
        if not re.fullmatch(r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*", part.id):
            place.fail(f"{part.id!r} is not a name in lower case with hyphens", at=part.id)
        if part.id in seen:
            place.fail(
                f"{part.id} stands there twice", at=part.id, hint="questions, leaves and credentials share their names"
            )
        seen.add(part.id)
    for credential in tree.credentials:
        _known(credential.id, _CREDENTIAL_IDS, f"credential {credential.id!r} is not known", credential.id, place)
        for name in credential.for_grant:
            what = f"credential {credential.id} speaks of the grant {name!r}, which is not known"
            _known(name, _GRANT_IDS, what, credential.id, place)
    _known(tree.start, tree.question_by_id, f"start names no question: {tree.start!r}", tree.start, place)


def _prove_question(tree: DecisionTree, question: Question, place: _Place) -> None:
    if len(question.choices) < 2:
        place.fail(f"question {question.id} has fewer than two choices", at=question.id)
    ids = [choice.id for choice in question.choices]
    ends = {**tree.question_by_id, **tree.leaf_by_id, **tree.credential_by_id}
    for choice in question.choices:
        edge = f"{question.id}={choice.id}"
        if ids.count(choice.id) > 1:
            place.fail(f"choice {edge} stands there twice", at=question.id, choice=choice.id)
        if choice.then not in ends:
            place.fail(f"{edge} leads to {choice.then!r}, which is nowhere", at=question.id, choice=choice.id)
        for name, reason in choice.rules_out.items():
            if name not in (*_GRANT_IDS, *_CREDENTIAL_IDS):
                place.fail(
                    f"{edge} rules out {name!r}, which is neither grant nor credential",
                    at=question.id,
                    choice=choice.id,
                )
            if not reason.strip():
                place.fail(f"{edge} rules out {name} without a reason", at=question.id, choice=choice.id)
        for name, said in choice.implies.items():
            other = tree.question_by_id.get(name)
            if other is None or other.choice(said.choice) is None:
                place.fail(
                    f"{edge} implies {name}={said.choice}, which nobody can answer", at=question.id, choice=choice.id
                )


def _prove_leaf(tree: DecisionTree, leaf: Leaf, place: _Place) -> None:
    _known(leaf.grant, _GRANT_IDS, f"leaf {leaf.id} names the grant {leaf.grant!r}, which is not known", leaf.id, place)
    row = grant(leaf.grant)
    if row.client not in ("either", leaf.client):
        place.fail(f"leaf {leaf.id} has a {leaf.client} client, but {row.id} needs a {row.client} one", at=leaf.id)
    if (leaf.client == "confidential") != (leaf.proof is not None):
        place.fail(f"leaf {leaf.id}: a confidential client, and only that, needs proof", at=leaf.id)
    if leaf.proof is not None:
        _known(
            leaf.proof, tree.question_by_id, f"leaf {leaf.id}: proof names no question: {leaf.proof!r}", leaf.id, place
        )
    if leaf.platform not in (row.platforms or (None,)) or row.redirect != bool(leaf.redirect):
        needs = f"one of {', '.join(row.platforms)} and a redirect" if row.redirect else "neither platform nor redirect"
        place.fail(f"leaf {leaf.id}: {row.id} needs {needs}", at=leaf.id)


def _prove_sources(tree: DecisionTree, place: _Place) -> None:
    used: set[str] = set()
    parts: tuple[Question | Leaf, ...] = (*tree.questions, *tree.leaves)
    for part in parts:
        for name in part.sources:
            _known(name, tree.source_by_id, f"{part.id} names the source {name!r}, which is not there", part.id, place)
            used.add(name)
    for source in tree.sources:
        if source.id not in used:
            place.fail(f"source {source.id} is used nowhere", at=source.id)


def _prove_walks(tree: DecisionTree, place: _Place) -> list[Walk]:
    found: list[Walk] = []
    try:
        for one in walks(tree):
            found.append(one)
            _prove_walk(one, place)
    except AstrayError as stray:
        last = stray.taken[-1]
        route = " > ".join(step.edge for step in stray.taken)
        place.fail(f"path {route} {stray.what}", at=last.question.id, choice=last.choice.id)
    return found


def _prove_walk(found: Walk, place: _Place) -> None:
    leaf, last = found.leaf, found.taken[-1]
    if leaf is None:  # walk raises before that
        raise TypeError("a walk without a leaf")
    if leaf.proof is not None and found.credential is None:
        place.fail(f"path {found.route} ends in no credential", at=last.question.id, choice=last.choice.id)
    _prove_ruled_out(found, leaf.grant, _GRANT_IDS, leaf.id, place)
    if found.credential is not None:
        _prove_ruled_out(found, found.credential.id, _CREDENTIAL_IDS, found.credential.id, place)
    if len(found.asked) > MOST_QUESTIONS:
        what = f"path {found.route} asks {len(found.asked)} questions; {MOST_QUESTIONS} are the most"
        place.fail(what, at=last.question.id, choice=last.choice.id)


def _prove_ruled_out(found: Walk, answer: str, names: Sequence[str], end: str, place: _Place) -> None:
    """Prove that all of *names* but *answer* are ruled out on the walk, which ends in the part *end*."""
    if reasons := found.against.get(answer):
        by = reasons[0]
        what = f"path {found.route} ends in {end} ({answer}), which {by.question}={by.choice} rules out"
        place.fail(what, at=by.question, choice=by.choice)
    for name in names:
        if name != answer and name not in found.against:
            what = f"path {found.route} ends in {end} ({answer}), but nothing on it rules out {name}"
            last = found.taken[-1]
            place.fail(
                what, at=last.question.id, choice=last.choice.id, hint="add the reason to the choice that causes it"
            )


def _prove_reached(tree: DecisionTree, found: Sequence[Walk], place: _Place) -> None:
    asked = {step.question.id for one in found for step in one.asked}
    ends = {one.leaf.id for one in found if one.leaf} | {one.credential.id for one in found if one.credential}
    for question in tree.questions:
        if question.id not in asked:
            place.fail(
                f"question {question.id} is never asked: no path leads there, or its answer is always implied",
                at=question.id,
            )
    last: tuple[Leaf | CredentialLeaf, ...] = (*tree.leaves, *tree.credentials)
    for end in last:
        if end.id not in ends:
            place.fail(f"{end.id} is never reached", at=end.id)


def _known(name: str, names: Iterable[str], what: str, at: str, place: _Place) -> None:
    if name not in (known := tuple(names)):
        place.fail(what, at=at, hint=f"one of {', '.join(known)}")
