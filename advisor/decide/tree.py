"""The decision tree and the walk through it.

In: the parts of ``advisor.decide.parts`` and answers. Out: a ``Walk`` that says how far the answers lead. Which trees
are sound is said in ``advisor.decide.proof``; where trees come from in ``advisor.decide.files``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Final

import msgspec

from advisor.decide.parts import (
    UNSURE,
    Choice,
    CredentialLeaf,
    Inference,
    Leaf,
    Note,
    Question,
    ReasonSet,
    Retired,
    Source,
    matches,
    values_of,
)
from rules.knowledge.reference import Reference
from rules.knowledge.sources import sources

#: More questions than this on one path are more than people answer with care.
MOST_QUESTIONS: Final = 9


class DecisionTree(msgspec.Struct, frozen=True, dict=True):
    """A tree; its parts are in the order of their files, copied questions complete.

    ``decided`` says of edges and parts which rule of which organisation made them, in words.
    """

    start: str
    questions: tuple[Question, ...]
    leaves: tuple[Leaf, ...]
    credentials: tuple[CredentialLeaf, ...]
    notes: tuple[Note, ...]
    sources: tuple[Source, ...]
    decided: dict[str, str] = {}
    reasons: tuple[ReasonSet, ...] = ()
    retired: tuple[Retired, ...] = ()

    @cached_property
    def question_by_id(self) -> dict[str, Question]:
        """Questions by their ids, asides included."""
        return {question.id: question for question in self.questions}

    @cached_property
    def facts(self) -> dict[str, Question]:
        """What can be answered, by the name of the answer: every question but the copies."""
        return {question.id: question for question in self.questions if not question.copies}

    @cached_property
    def leaf_by_id(self) -> dict[str, Leaf]:
        """Leaves by their ids."""
        return {leaf.id: leaf for leaf in self.leaves}

    @cached_property
    def reasons_by_id(self) -> dict[str, ReasonSet]:
        """Sets of reasons by their ids."""
        return {row.id: row for row in self.reasons}

    @cached_property
    def credential_by_id(self) -> dict[str, CredentialLeaf]:
        """Credentials by their ids."""
        return {credential.id: credential for credential in self.credentials}

    @cached_property
    def source_by_id(self) -> dict[str, Reference]:
        """Every document that a part can name: those of the shared table, and those that the tree's own files add."""
        own = {row.id: Reference(row.title, row.url, checked=row.checked) for row in self.sources}
        return {**sources(), **own}

    @property
    def parts(self) -> tuple[Question | Leaf | CredentialLeaf | Note, ...]:
        """Everything that names documents."""
        return (*self.questions, *self.leaves, *self.credentials, *self.notes)


class Taken(msgspec.Struct, frozen=True):
    """An edge of a walk: the question, the choice, and how it came: answered, implied, inferred from other answers, or
    taken for safety. ``others`` are further choices of the same answer; they do not change the path. ``overruled`` is
    the answer, as ``question=choice``, which allows no other choice here, with its reason in ``inferred``.
    """

    question: Question
    choice: Choice
    implied: bool = False
    unsure: bool = False
    inferred: Inference | None = None
    others: tuple[Choice, ...] = ()
    overruled: str = ""

    @property
    def answer(self) -> str:
        """The answer as it is given: the choice, or several joined by commas."""
        return ",".join(choice.id for choice in (self.choice, *self.others))

    @property
    def label(self) -> str:
        """The answer in words."""
        return "; ".join(choice.label for choice in (self.choice, *self.others))

    @property
    def edge(self) -> str:
        """``question=choice``, the name of the edge in every drawing. A copied question has a name of its own there."""
        return f"{self.question.id}={self.choice.id}"

    @property
    def said(self) -> str:
        """``question=choice`` as it is answered."""
        return f"{self.question.fact}={self.choice.id}"


class Against(msgspec.Struct, frozen=True):
    """A reason against a grant or credential, and the edge that gave it."""

    text: str
    question: str
    choice: str


class Consequence(msgspec.Struct, frozen=True):
    """What a choice on the walk implies for a question: the choice, why, and the answer that said so."""

    choice: str
    because: str
    said: str


class Walk(msgspec.Struct, frozen=True):
    """How far answers lead: the edges taken, then either a leaf (with its credential) or the question that is missing.

    ``against`` and ``implied`` know questions by the names of their answers.
    """

    taken: tuple[Taken, ...]
    missing: Question | None
    leaf: Leaf | None
    credential: CredentialLeaf | None
    against: dict[str, tuple[Against, ...]]
    implied: dict[str, Consequence]

    @property
    def asked(self) -> tuple[Taken, ...]:
        """The edges that were answered, without those that were implied or inferred."""
        return tuple(step for step in self.taken if not step.implied and step.inferred is None)

    @property
    def route(self) -> str:
        """The walk in one line, for messages."""
        return " > ".join(step.edge for step in self.taken) or "the start"


class AstrayError(Exception):
    """A walk that cannot go on because the tree is wrong; the proof turns it into a ``TreeError``."""

    def __init__(self, what: str, taken: tuple[Taken, ...]) -> None:
        super().__init__(what)
        self.what = what
        self.taken = taken


class _State(msgspec.Struct):
    """A walk under way."""

    place: str
    taken: tuple[Taken, ...] = ()
    leaf: Leaf | None = None
    against: dict[str, tuple[Against, ...]] = {}
    implied: dict[str, Consequence] = {}

    def known(self, question: Question) -> str | None:
        """What the path itself says about a question: implied, or answered where its original was asked."""
        said = self.implied.get(question.fact)
        if said is not None:
            return said.choice
        return next((step.answer for step in self.taken if step.question.fact == question.fact), None)

    @property
    def facts(self) -> dict[str, str]:
        """What is settled so far."""
        taken = {step.question.fact: step.answer for step in self.taken}
        return {name: said.choice for name, said in self.implied.items()} | taken

    def end(self, tree: DecisionTree, missing: Question | None) -> Walk:
        """The walk as it is."""
        credential = tree.credential_by_id.get(self.place) if missing is None else None
        return Walk(self.taken, missing, self.leaf, credential, self.against, self.implied)

    def take(self, tree: DecisionTree, step: Taken) -> _State:
        """The walk after one more edge."""
        question, choice = step.question, step.choice
        if any(other.question is question for other in self.taken):
            raise AstrayError(f"leads back to {question.id}", self.taken)
        taken = (*self.taken, step)
        against = dict(self.against)
        for name, text in choice.rules_out.items():
            against[name] = (*against.get(name, ()), Against(text, question.fact, choice.id))
        leaf, place = self.leaf, choice.then
        if place in tree.leaf_by_id:
            if leaf is not None:
                raise AstrayError(f"ends in two leaves, {leaf.id} and {place}", taken)
            leaf = tree.leaf_by_id[place]
            place = leaf.proof or ""
        implied = self.implied
        if step.overruled and step.inferred:
            said = Consequence(choice.id, step.inferred.because, step.overruled)
            implied = {**implied, question.fact: said}
        return _State(place, taken, leaf, against, _imply(taken, choice, implied))


def _imply(taken: tuple[Taken, ...], choice: Choice, implied: dict[str, Consequence]) -> dict[str, Consequence]:
    """What is implied after *choice*, the last one taken; it must not deny what is settled."""
    if not choice.implies:
        return implied
    settled = {step.question.fact: step.answer for step in taken} | {
        name: said.choice for name, said in implied.items()
    }
    more = dict(implied)
    for name, said in choice.implies.items():
        if settled.get(name, said.choice) != said.choice:
            raise AstrayError(f"implies {name}={said.choice} where {name}={settled[name]} is settled", taken)
        more.setdefault(name, Consequence(said.choice, said.because, taken[-1].said))
    return more


def walk(tree: DecisionTree, answers: Mapping[str, str]) -> Walk:
    """Follow *answers* (question to choice, any order, unneeded ones ignored) from the start as far as they lead.

    An implied question is not asked: the walk goes on with what is implied. Answers must be known to the tree.
    """
    state = _State(tree.start)
    while question := tree.question_by_id.get(state.place):
        step = _step(state, question, answers, infer=True)
        if step is None:
            return state.end(tree, question)
        state = state.take(tree, step)
    return _ended(tree, state)


def _step(state: _State, question: Question, answers: Mapping[str, str], *, infer: bool) -> Taken | None:
    """The edge that the path itself, the *answers* or (with *infer*) other answers give; nothing where it is open."""
    known = state.known(question)
    answer = known or answers.get(question.fact)
    unsure = known is None and answer == UNSURE
    inferred = None
    if known is None and infer and (forced := _forced(state, question, answers)):
        return forced
    if unsure:
        answer = question.unsure.choice if question.unsure else question.choices[0].id
    elif answer is None and infer and question.infer:
        facts = {**answers, **state.facts}
        inferred = next((row for row in question.infer if matches(row.when, facts)), None)
        answer = inferred.choice if inferred else None
    picked = question.picked(answer) if answer is not None else ()
    return Taken(question, picked[0], known is not None, unsure, inferred, picked[1:]) if picked else None


def _forced(state: _State, question: Question, answers: Mapping[str, str]) -> Taken | None:
    """The edge that other answers leave as the only one that works."""
    facts = {**answers, **state.facts} if question.overrule else {}
    for row in question.overrule:
        choice = question.choice(row.choice)
        if choice is not None and matches(row.when, facts):
            by = " and ".join(
                f"{name}={','.join(sorted(values_of(facts, name).intersection(values)))}"
                for name, values in row.when.items()
                if name != question.fact
            )
            return Taken(question, choice, implied=True, inferred=row, overruled=by)
    return None


def assumed_answers(tree: DecisionTree, answers: Mapping[str, str]) -> dict[str, str]:
    """The defaults of the questions on the path of *answers* that they do not answer, by the names of their answers."""
    assumed: dict[str, str] = {}
    while (missing := walk(tree, {**answers, **assumed}).missing) and missing.default:
        assumed[missing.fact] = missing.default.choice
    return assumed


def walks(
    tree: DecisionTree, answers: Mapping[str, str] | None = None, *, infer: bool = True, to_leaf: bool = False
) -> Iterator[Walk]:
    """Every complete walk that agrees with *answers*; without *infer*, also those that deny what other answers give.

    With *to_leaf* they end at the leaf, without a credential.
    """
    # A stack and not recursion: a walk would pass through one generator for each of its questions.
    branches: list[Iterator[_State]] = [iter((_State(tree.start),))]
    while branches:
        state = next(branches[-1], None)
        if state is None:
            branches.pop()
        elif (question := tree.question_by_id.get(state.place)) and not (to_leaf and state.leaf):
            branches.append(_branches(tree, answers or {}, state, question, infer=infer))
        else:
            yield _ended(tree, state)


def _branches(
    tree: DecisionTree, answers: Mapping[str, str], state: _State, question: Question, *, infer: bool
) -> Iterator[_State]:
    """The walks after *question*: one where its answer is known, else one for each choice."""
    known = _step(state, question, answers, infer=infer)
    for step in (known,) if known else _steps(question):
        yield state.take(tree, step)


def _steps(question: Question) -> Iterator[Taken]:
    """One edge for each choice. Choices that can be combined and lead the same way are one edge with all of them, which
    keeps the number of walks small.
    """
    together: dict[str, list[Choice]] = {}
    for choice in question.choices:
        alike = question.many and not (choice.alone or choice.implies or choice.rules_out)
        together.setdefault(f"all {choice.then}" if alike else choice.id, []).append(choice)
    for first, *others in together.values():
        yield Taken(question, first, others=tuple(others))


def _ended(tree: DecisionTree, state: _State) -> Walk:
    if state.leaf is None:
        raise AstrayError(f"ends in {state.place} without a leaf", state.taken)
    return state.end(tree, None)


def if_known(tree: DecisionTree, answers: Mapping[str, str], *, to_leaf: bool = False) -> Iterator[Mapping[str, str]]:
    """*answers* with each combination of choices in place of the unknown ones on their path; with *to_leaf* in place of
    those before the leaf alone.
    """
    step = next((step for step in _steps_of(tree, walk(tree, answers), to_leaf=to_leaf) if step.unsure), None)
    if step is None:
        yield answers
        return
    for choice in step.question.choices:
        yield from if_known(tree, {**answers, step.question.fact: choice.id}, to_leaf=to_leaf)


def _steps_of(tree: DecisionTree, found: Walk, *, to_leaf: bool) -> Iterator[Taken]:
    for step in found.taken:
        yield step
        if to_leaf and step.choice.then in tree.leaf_by_id:
            return


def most_left(tree: DecisionTree, answers: Mapping[str, str]) -> int:
    """Count the questions that may at most still be asked after *answers*."""
    asked = len(walk(tree, answers).asked)
    return max(len(found.asked) for found in walks(tree, answers)) - asked
