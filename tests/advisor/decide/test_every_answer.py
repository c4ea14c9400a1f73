"""No set of honest answers crashes, loses an answer, or gives client credentials to a machine that users control.

Whatever tree is loaded: every path, each with one aside at a time, and with up to three answers that nobody knows.
"""

import itertools
import os
import re
from collections.abc import Iterator

import pytest

from advisor.decide import advice as module
from advisor.decide.advice import advise, missing_questions
from advisor.decide.load import load_tree
from advisor.decide.notes import given_of, notes_for
from advisor.decide.parts import UNSURE
from advisor.decide.tables.values import TableValues, values
from advisor.decide.tree import assumed_answers, walk, walks
from advisor.run.prove_values import Printed, faults_of
from reports.advice import Advice

TREE = load_tree()
Answers = dict[str, str]

#: Whether to look for new faults, which takes ten minutes more.
RANDOM = os.environ.get("HYPOTHESIS_PROFILE") == "random"
#: Places whose machines users control, and what is answered there by a server of the owner instead.
USERS_MACHINES = {"browser", "desktop", "mobile", "cli", "device", "extension", "by-hand"}
THROUGH_SERVER = {"service-through-server"}


@pytest.fixture(autouse=True)
def _without_what_would_change(monkeypatch: pytest.MonkeyPatch) -> None:
    """It walks the tree again for each answer, and is proved elsewhere."""
    monkeypatch.setattr(module, "would_change", lambda *_: ())


def paths() -> list[Answers]:
    return [{step.question.fact: step.answer for step in found.asked} for found in walks(TREE)]


def one_for_each_end() -> list[Answers]:
    found: dict[tuple[str, str], Answers] = {}
    for one in walks(TREE):
        assert one.leaf
        key = (one.leaf.id, one.credential.id if one.credential else "")
        found.setdefault(key, {step.question.fact: step.answer for step in one.asked})
    return list(found.values())


def complete(answers: Answers) -> Answers:
    """*answers*, and nobody knows what else is asked after them."""
    return {**answers, **{question.fact: UNSURE for question in missing_questions(TREE, answers)}}


def with_asides(answers: Answers) -> Iterator[Answers]:
    for question in TREE.questions:
        if question.aside:
            for choice in (*(choice.id for choice in question.choices), UNSURE):
                yield complete({**answers, question.id: choice})


def with_unknowns(answers: Answers, most: int = 3) -> Iterator[Answers]:
    """*answers* with up to *most* of them unknown."""
    for number in range(1, most + 1):
        for names in itertools.combinations(answers, number):
            given = {**answers, **dict.fromkeys(names, UNSURE)}
            yield complete(given)


def lost(answers: Answers, advice: Advice) -> list[str]:
    """The answers of which *advice* says nothing, and which decide nothing in it."""
    found = walk(TREE, {**answers, **assumed_answers(TREE, answers)})
    known = given_of(TREE, found, answers)
    used = {fact.question for fact in advice.facts} | set(found.implied) | {row.question for row in advice.alternatives}
    used |= {key for note in notes_for(TREE, known) for key in note.when}
    fill = TableValues(known)
    for text, _ in values():
        fill(text)
    used |= fill.used
    said = " ".join((*advice.unused, *advice.contradictions, *advice.assumed))
    named = set(re.findall(r"([a-z-]+)=", said))
    asks = {question.id for question in TREE.facts.values() if question.ask in said}
    given = {name for name, choice in answers.items() if choice != UNSURE}
    return sorted(given - used - named - asks)


def check(answers: Answers, seen: dict[Printed, Answers]) -> None:
    advice = advise(TREE, answers)
    assert not lost(answers, advice), answers
    known = {fact.question: fact.choice for fact in advice.facts}
    if known.get("runs-in") in USERS_MACHINES or known.get("keeps-credential") == "no":
        assert advice.grant != "client_credentials" or advice.leaf in THROUGH_SERVER, answers
    seen.setdefault((advice.register, advice.request), answers)


def test_a_sample_of_all_answers() -> None:
    seen: dict[Printed, Answers] = {}
    for number, answers in enumerate(one_for_each_end()):
        more = [answers, *with_asides(answers), *with_unknowns(answers)]
        for each in more[number % 97 :: 401]:
            check(each, seen)
    assert [(text, seen[printed]) for printed, text in faults_of(seen)] == []


@pytest.mark.exhaustive
def test_every_path() -> None:
    seen: dict[Printed, Answers] = {}
    for answers in paths():
        check(answers, seen)
    assert [(text, seen[printed]) for printed, text in faults_of(seen)] == []


@pytest.mark.exhaustive
def test_ends_with_one_aside_at_a_time() -> None:
    """Every third end; all of them with the profile that looks for new faults."""
    seen: dict[Printed, Answers] = {}
    for answers in one_for_each_end()[:: 1 if RANDOM else 3]:
        for each in with_asides(answers):
            check(each, seen)
    assert [(text, seen[printed]) for printed, text in faults_of(seen)] == []


@pytest.mark.exhaustive
def test_every_end_with_up_to_two_unknown_answers() -> None:
    """Up to three with the profile that looks for new faults."""
    most = 3 if RANDOM else 2
    seen: dict[Printed, Answers] = {}
    for answers in one_for_each_end():
        for each in with_unknowns(answers, most):
            check(each, seen)
    assert [(text, seen[printed]) for printed, text in faults_of(seen)] == []


@pytest.mark.exhaustive
def test_every_path_with_unknown_answers_ends() -> None:
    """With one, two or three of all answers unknown the walk goes on to an end, by the safe sides alone."""
    for answers in paths():
        for number in (1, 2, 3):
            for names in itertools.combinations(answers, number):
                given = {**answers, **dict.fromkeys(names, UNSURE)}
                while missing := walk(TREE, given).missing:
                    given[missing.fact] = UNSURE
                assert walk(TREE, given).leaf, given
