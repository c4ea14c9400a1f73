"""Which answers conflict, and that an unknown one never does."""

import re

import pytest

from advisor.decide.advice import advise
from advisor.decide.conflicts import conflicts
from advisor.decide.load import load_tree
from advisor.decide.parts import UNSURE
from advisor.decide.tree import walks
from reports.advice import Advice
from rules.analysis.grants import GRANTS

TREE = load_tree()


def advice(words: str) -> Advice:
    return advise(TREE, dict(word.split("=") for word in words.split()))


ON_UNKNOWN_MACHINES = "api=graph runs-in=job token-for=program sign-in-once=yes keeps-credential="


def test_an_unknown_answer_is_an_open_question_and_no_conflict() -> None:
    found = advice(ON_UNKNOWN_MACHINES + UNSURE)
    assert found.contradictions == ()
    assert [row.question for row in found.alternatives] == ["keeps-credential"]
    said = "token-for=program does not fit what was taken for safety: on a machine that its user controls"
    assert any(text.startswith(said) for text in found.assumed)


def test_the_same_answer_when_it_is_known_conflicts() -> None:
    (conflict,) = advice(ON_UNKNOWN_MACHINES + "no").contradictions
    assert conflict.startswith("token-for=program and sign-in-once=yes cannot be true together: ")
    assert conflict.endswith("this advice goes by sign-in-once=yes")


def test_what_does_not_fit_whatever_the_unknown_answer_is_stays_a_conflict() -> None:
    words = f"api=graph audience=personal-only cloud=china runs-in=job keeps-credential={UNSURE} sign-in-once=yes"
    (conflict,) = advice(f"{words} token-for=user").contradictions
    assert conflict.startswith("audience=personal-only and cloud=china do not work together")


@pytest.mark.parametrize("name", ["keeps-credential", "token-for", "app-permission", "sign-in-once", "runs-in"])
def test_no_conflict_needs_an_answer_that_is_not_known(name: str) -> None:
    """Of each path that is denied, no conflict is left that some choice of the unknown answer resolves."""
    for found in walks(TREE, infer=False):
        answers = {step.question.fact: step.answer for step in found.asked}
        if name not in answers:
            continue
        unknown = conflicts(TREE, {**answers, name: UNSURE})
        choices = (conflicts(TREE, {**answers, name: choice.id}) for choice in TREE.facts[name].choices)
        assert not unknown.certain or all(choice.certain for choice in choices), answers


def test_a_conflict_names_what_can_be_answered() -> None:
    """Neither a copied question nor a leaf, whose names ``-a`` refuses."""
    ends = {"grant": {row.id for row in GRANTS}, "credential": {row.kind for row in TREE.credentials}}
    choices = {name: {choice.id for choice in question.choices} for name, question in TREE.facts.items()} | ends
    for found in walks(TREE, infer=False):
        answers = {step.question.fact: step.answer for step in found.asked}
        for implied in found.implied:
            for choice in TREE.facts[implied].choices:
                for text in conflicts(TREE, {**answers, implied: choice.id}).certain:
                    for name, said in re.findall(r"([\w-]+)=([\w,-]+)", text):
                        assert set(said.split(",")) <= choices[name], text
