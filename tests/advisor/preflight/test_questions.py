"""The preflight answers public questions as Entra did, and every correction that it prints is accepted or open."""

import msgspec
import pytest

from advisor.preflight.prediction import Prediction
from advisor.preflight.read import read_requests
from advisor.preflight.show import render_predictions, request_lines
from advisor.preflight.steps import predict, predict_all
from rules.model.clean import NOW
from rules.model.registration import Registration
from tests.advisor.preflight.questions import FURTHER, SHARED, Question

QUESTIONS = [*SHARED, *FURTHER]
each = pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: f"{question.source} {question.about}")


def answers(question: Question) -> tuple[Prediction, ...]:
    app = msgspec.convert(question.registration, Registration)
    return predict_all(read_requests(question.request.encode(), "question"), lambda _: app, NOW)


def test_there_are_forty_further_questions() -> None:
    assert len(FURTHER) >= 40
    assert len({question.request + str(question.registration) for question in QUESTIONS}) == len(QUESTIONS)


@each
def test_entra_answered_so(question: Question) -> None:
    last = answers(question)[-1]
    told = [(check.step, check.state, check.code, check.says) for check in last.checks if check.state != "passed"]
    assert (last.outcome, last.code) == (question.outcome, question.code), told
    assert question.says in " ".join(check.says for check in last.checks)


@each
def test_a_correction_is_accepted_and_keeps_what_was_right(question: Question) -> None:
    prediction = answers(question)[-1]
    if prediction.corrected is None:
        assert not question.corrected
        return
    app = msgspec.convert(question.registration, Registration)
    others = [found.request for found in answers(question)[:-1]]
    assert predict(prediction.corrected, app, NOW, others).outcome != "fails"
    assert question.corrected in "\n".join(request_lines(prediction.corrected))


@each
def test_no_token_or_secret_is_shown(question: Question) -> None:
    text = render_predictions(answers(question), {})
    assert "eyJ" not in text
    assert "0.A" not in text


@each
def test_what_is_advised_for_the_registration_is_not_reported_by_lint(question: Question) -> None:
    """A redirect URI that is advised brings no finding; switches of the implicit grant are never advised."""
    text = render_predictions(answers(question), {})
    assert "oauth.pstmn.io/v1/callback" not in text.partition("in the registration:")[2]
    assert "in the registration: web.implicitGrantSettings" not in text
