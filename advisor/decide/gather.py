"""Bring together the answers of each client from all that gives some, and advise."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Final

import msgspec

from advisor.decide.advice import (
    advise,
    check_answers,
    missing_answer,
    missing_answers,
    missing_questions,
    open_question,
)
from advisor.decide.answers import Client
from advisor.decide.infer import Inferred
from advisor.decide.parts import UNSURE, Question
from advisor.decide.tree import DecisionTree
from advisor.errors import InputError
from reports.advice import Advice, Undecided

#: The question that the roles of an API answer.
_BY_ROLES: Final = "app-permission"

#: Gets the tree and the known answers, asks the user the missing ones, and returns all.
Ask = Callable[[DecisionTree, Mapping[str, str]], dict[str, str]]


def split_answers(words: Iterable[str], many: Collection[str] = ()) -> dict[str, str]:
    """Split ``question=choice`` words; questions of *many* may be repeated, and their choices are joined by commas.

    Raises ``InputError`` for a word without ``=`` and for two different answers to one of the other questions.
    """
    answers: dict[str, str] = {}
    for word in words:
        question, equals, choice = word.partition("=")
        question, choice = question.strip(), choice.strip()
        if not (equals and question and choice):
            raise InputError(f"answer {word!r} is not QUESTION=CHOICE", hint="write for example -a token-for=user")
        if question in many and question in answers:
            choice = f"{answers[question]},{choice}"
        elif answers.get(question, choice) != choice:
            raise InputError(
                f"{question} is answered twice, with {answers[question]!r} and {choice!r}", hint="remove one of them"
            )
        answers[question] = choice
    return answers


def gather_advice(
    tree: DecisionTree,
    clients: Sequence[Client],
    *,
    given: Mapping[str, str],
    configured: Mapping[str, str],
    ask: Ask | None,
    skip: bool = False,
    inferred: Mapping[str, Inferred] | None = None,
) -> tuple[tuple[Advice, ...], tuple[Undecided, ...]]:
    """Advise for each client.

    *given* answers apply to every client and win over its own, which win over *inferred* and *configured* ones. What is
    missing for a single client is asked with *ask*, where there is one; with *skip* a client that lacks an answer is
    left undecided. Raises ``InputError`` for wrong answers, and for all that are missing at once.
    """
    given = check_answers(tree, given)
    configured = check_answers(tree, configured)
    advices: list[Advice] = []
    undecided: list[Undecided] = []
    gaps: list[tuple[str, tuple[Question, ...]]] = []
    error: InputError | None = None
    for client in clients:
        own = {**client.answers, **given}
        accepts = _accepting_roles(client, clients) if own.get(_BY_ROLES) == UNSURE else ""
        own |= {_BY_ROLES: "yes"} if accepts else {}
        known = {**configured, **{name: one.choice for name, one in (inferred or {}).items()}, **own}
        by = {name: "configured" for name in configured if name not in own}
        by |= {name: one.by for name, one in (inferred or {}).items() if name not in own}
        by |= {_BY_ROLES: "derived"} if accepts else {}
        if ask is not None and len(clients) == 1 and not skip:
            before = dict(known)
            known = ask(tree, known)
            by = {name: how for name, how in by.items() if before.get(name) == known.get(name)}
            by |= {name: "asked" for name in known if known[name] != before.get(name)}
        if missing := missing_questions(tree, known):
            if skip:
                undecided.append(_undecided(client.name, known, missing))
            else:
                gaps.append((client.name, missing))
                error = error or missing_answer(tree, known, client_name=client.name, file=client.file, by=by)
            continue
        advice = advise(tree, known, client_name=client.name, by=by, file=client.file, registration=client.registration)
        advices.append(msgspec.structs.replace(advice, assumed=(*advice.assumed, accepts)) if accepts else advice)
    if error is not None:
        raise missing_answers(gaps, file=error.file) if len(gaps) > 1 else error
    return tuple(advices), tuple(undecided)


def _accepting_roles(client: Client, clients: Sequence[Client]) -> str:
    """That the APIs that *client* calls accept applications, in a sentence; empty where they are not *clients* that
    declare roles.
    """
    roles = {one.name.casefold(): one.roles for one in clients}
    if not client.calls or not all(roles.get(call.name.casefold()) for call in client.calls):
        return ""
    names = ", ".join(call.name for call in client.calls)
    return (
        f"{_BY_ROLES}=yes is derived from the roles of {names}: an API with roles accepts applications without a user."
    )


def _undecided(name: str, known: Mapping[str, str], missing: Sequence[Question]) -> Undecided:
    first, *then = map(open_question, missing)
    return Undecided(
        client_name=name,
        question=first.question,
        ask=first.ask,
        choices=first.choices,
        known=dict(known),
        unsure=first.unsure,
        then=tuple(then),
    )
