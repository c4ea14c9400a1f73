"""The decision tree: load it, prove it, walk it.

In: ``tree.toml`` (or an organisation's own text) and answers. Out: a frozen ``DecisionTree``, and a ``Walk`` that says
how far the answers lead. A tree that loads is proved; see ``advisor.decide.proof`` for what that means.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from advisor.decide.text import parse_toml
from advisor.errors import TreeError
from rules.finding import Reference

#: More questions than this on one path are more than people answer with care.
MOST_QUESTIONS: Final = 8


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of the file; a misspelt key is an error."""


class Implied(_Part, frozen=True):
    """What a choice says about another question, and why."""

    choice: str = msgspec.field(name="is")
    because: str


class Choice(_Part, frozen=True):
    """An answer: where it leads, which grants or credentials it rules out and why, what else follows from it."""

    id: str
    label: str
    then: str
    help: str = ""
    rules_out: dict[str, str] = {}
    implies: dict[str, Implied] = {}


class Question(_Part, frozen=True):
    """A question in words for people outside identity; ``help`` says why it is asked and how to tell."""

    id: str
    ask: str
    help: str
    choices: tuple[Choice, ...] = msgspec.field(name="choice")
    sources: tuple[str, ...] = ()

    def choice(self, id: str) -> Choice | None:
        """Find the choice of that id."""
        return next((choice for choice in self.choices if choice.id == id), None)


class Row(_Part, frozen=True):
    """What the registration must look like in one property, beside what the grant itself asks for."""

    property: str
    value: str
    why: str


class Leaf(_Part, frozen=True, kw_only=True):
    """An answer of the first half. ``proof`` is the question at which the credential of a confidential client is chosen."""

    id: str
    grant: str
    headline: str
    client: Literal["public", "confidential", "none"]
    platform: str | None = None
    redirect: str = ""
    redirect_why: str = ""
    proof: str | None = None
    why: tuple[str, ...]
    warnings: tuple[str, ...] = ()
    risks: tuple[str, ...] = ()
    register: tuple[Row, ...] = ()
    sources: tuple[str, ...] = ()


class CredentialLeaf(_Part, frozen=True):
    """An answer of the second half: a credential of ``rules.credentials``, and why it is the one.

    ``for_grant`` holds what else has to be said where a certain grant is the answer of the first half.
    """

    id: str
    why: str
    for_grant: dict[str, str] = {}

    def why_for(self, grant: str) -> str:
        """Why it is the one, with what holds for *grant* alone."""
        return f"{self.why} {self.for_grant[grant]}" if grant in self.for_grant else self.why


class Source(_Part, frozen=True):
    """A document that questions and leaves name by its id."""

    id: str
    title: str
    url: str


class _File(_Part, frozen=True):
    format: Literal[1]
    start: str
    question: tuple[Question, ...]
    leaf: tuple[Leaf, ...]
    credential: tuple[CredentialLeaf, ...]
    source: tuple[Source, ...]


class DecisionTree(msgspec.Struct, frozen=True, dict=True):
    """A proved tree. Its parts stand in the order of the file; ``paths`` and ``longest`` come from the proof."""

    start: str
    questions: tuple[Question, ...]
    leaves: tuple[Leaf, ...]
    credentials: tuple[CredentialLeaf, ...]
    sources: tuple[Source, ...]
    paths: int = 0
    longest: int = 0

    @cached_property
    def question_by_id(self) -> dict[str, Question]:
        """Questions by their ids."""
        return {question.id: question for question in self.questions}

    @cached_property
    def leaf_by_id(self) -> dict[str, Leaf]:
        """Leaves by their ids."""
        return {leaf.id: leaf for leaf in self.leaves}

    @cached_property
    def credential_by_id(self) -> dict[str, CredentialLeaf]:
        """Credentials by their ids."""
        return {credential.id: credential for credential in self.credentials}

    @cached_property
    def source_by_id(self) -> dict[str, Reference]:
        """Documents by their ids."""
        return {source.id: Reference(source.title, source.url) for source in self.sources}


class Taken(msgspec.Struct, frozen=True):
    """An edge of a walk: the question, the choice, and whether it was implied instead of answered."""

    question: Question
    choice: Choice
    implied: bool = False

    @property
    def edge(self) -> str:
        """``question=choice``, the name of the edge in every drawing."""
        return f"{self.question.id}={self.choice.id}"


class Against(msgspec.Struct, frozen=True):
    """A reason against a grant or credential, and the edge that gave it."""

    text: str
    question: str
    choice: str


class Consequence(msgspec.Struct, frozen=True):
    """What a choice on the walk implies for a question: the choice, why, and the edge that said so."""

    choice: str
    because: str
    edge: str


class Walk(msgspec.Struct, frozen=True):
    """How far answers lead: the edges taken, then either a leaf (with its credential) or the question that is missing."""

    taken: tuple[Taken, ...]
    missing: Question | None
    leaf: Leaf | None
    credential: CredentialLeaf | None
    against: dict[str, tuple[Against, ...]]
    implied: dict[str, Consequence]

    @property
    def asked(self) -> tuple[Taken, ...]:
        """The edges that were answered, without those that were implied."""
        return tuple(step for step in self.taken if not step.implied)

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


def walk(tree: DecisionTree, answers: Mapping[str, str]) -> Walk:
    """Follow *answers* (question to choice, any order, unneeded ones ignored) from the start as far as they lead.

    An implied question is not asked: the walk goes on with what is implied. Answers must be known to the tree.
    """
    taken: list[Taken] = []
    against: dict[str, tuple[Against, ...]] = {}
    implied: dict[str, Consequence] = {}
    leaf: Leaf | None = None
    place = tree.start
    while question := tree.question_by_id.get(place):
        known = implied.get(question.id)
        answer = known.choice if known else answers.get(question.id)
        choice = question.choice(answer) if answer is not None else None
        if choice is None:
            return Walk(tuple(taken), question, leaf, None, against, implied)
        if any(step.question is question for step in taken):
            raise AstrayError(f"leads back to {question.id}", tuple(taken))
        taken.append(Taken(question, choice, known is not None))
        for name, text in choice.rules_out.items():
            against[name] = (*against.get(name, ()), Against(text, question.id, choice.id))
        _imply(taken, choice, implied)
        place = choice.then
        if place in tree.leaf_by_id:
            if leaf is not None:
                raise AstrayError(f"ends in two leaves, {leaf.id} and {place}", tuple(taken))
            leaf = tree.leaf_by_id[place]
            if leaf.proof is None:
                return Walk(tuple(taken), None, leaf, None, against, implied)
            place = leaf.proof
    if leaf is None:
        raise AstrayError(f"ends in {place} without a leaf", tuple(taken))
    return Walk(tuple(taken), None, leaf, tree.credential_by_id.get(place), against, implied)


def _imply(taken: list[Taken], choice: Choice, implied: dict[str, Consequence]) -> None:
    """Note what *choice*, the last one taken, says about other questions; it must not deny what is settled."""
    settled = {step.question.id: step.choice.id for step in taken} | {
        name: said.choice for name, said in implied.items()
    }
    for name, said in choice.implies.items():
        if settled.get(name, said.choice) != said.choice:
            raise AstrayError(f"implies {name}={said.choice} where {name}={settled[name]} is settled", tuple(taken))
        implied.setdefault(name, Consequence(said.choice, said.because, taken[-1].edge))


def walks(tree: DecisionTree, answers: Mapping[str, str] | None = None) -> Iterator[Walk]:
    """Every complete walk that agrees with *answers*."""
    known = dict(answers or {})
    found = walk(tree, known)
    if found.missing is None:
        yield found
        return
    for choice in found.missing.choices:
        yield from walks(tree, {**known, found.missing.id: choice.id})


def most_left(tree: DecisionTree, answers: Mapping[str, str]) -> int:
    """Count the questions that may at most still be asked after *answers*."""
    asked = len(walk(tree, answers).asked)
    return max(len(found.asked) for found in walks(tree, answers)) - asked


def load_tree(text: str | None = None, *, file: str = "tree.toml") -> DecisionTree:
    """Load and prove the tree in *text*, or the one that comes with the product.

    *file* is what messages call it. Raises ``TreeError`` with file, line and path for a text that is no tree or a tree
    that fails its proof.
    """
    if text is None:
        return _bundled()
    from advisor.decide.proof import prove

    return prove(_convert(parse_toml(text, file, TreeError), text, file), text, file)


def _convert(table: dict[str, Any], text: str, file: str) -> DecisionTree:
    try:
        parts = msgspec.convert(table, _File)
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at ")
        line = _line_of_part(text, where)
        hint = "see advisor/decide/tree.toml for the shape"
        raise TreeError(
            f"is not a decision tree: {what}", file=file, line=line, hint=f"{where.strip('`')}: {hint}"
        ) from None
    return DecisionTree(parts.start, parts.question, parts.leaf, parts.credential, parts.source)


def _line_of_part(text: str, where: str) -> int | None:
    """Find the line of the table that msgspec names: ``$.question[3].choice[1]`` is the second choice of the fourth."""
    steps = re.findall(r"\.(question|leaf|credential|source|choice)\[(\d+)\]", where)
    if not steps:
        return None
    start, header = 0, ""
    for name, number in steps:
        header = f"{header}.{name}" if header else name
        heads = [
            match.start() for match in re.finditer(rf"(?m)^\[\[{re.escape(header)}\]\]", text) if match.start() >= start
        ]
        if int(number) >= len(heads):
            return None
        start = heads[int(number)]
    return text.count("\n", 0, start) + 1


@lru_cache(maxsize=1)
def _bundled() -> DecisionTree:
    path = Path(__file__).with_name("tree.toml")
    return load_tree(path.read_text("utf-8"), file=path.name)
