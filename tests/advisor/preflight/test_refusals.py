"""No request is accepted that Microsoft Entra ID refuses, and none that its documents show is refused."""

import msgspec
import pytest

from advisor.preflight.read import read_requests
from advisor.preflight.steps import predict, predict_all
from rules.model.clean import NOW
from rules.model.registration import Registration
from tests.advisor.preflight.questions import Question
from tests.advisor.preflight.refusals import REFUSALS
from tests.advisor.preflight.samples import SAMPLES


def test_there_are_eighty_requests_that_differ() -> None:
    assert len({(one.request, str(one.registration)) for one in REFUSALS}) == len(REFUSALS) >= 80


@pytest.mark.parametrize("one", REFUSALS, ids=lambda one: one.about)
def test_what_entra_refuses_is_not_accepted(one: Question) -> None:
    app = msgspec.convert(one.registration, Registration)
    *others, last = predict_all(read_requests(one.request.encode(), "request"), lambda _: app, NOW)
    found = [(check.step, check.state, check.code, check.says) for check in last.checks if check.state != "passed"]
    assert (last.outcome, last.code) == (one.outcome, one.code), found
    if last.corrected is not None:
        assert predict(last.corrected, app, NOW, [other.request for other in others]).outcome != "fails"


def test_there_are_forty_samples_that_differ() -> None:
    assert len({(one.request, str(one.registration)) for one in SAMPLES}) == len(SAMPLES) >= 40


@pytest.mark.parametrize("one", SAMPLES, ids=lambda one: f"{one.source} {one.about}")
def test_what_a_page_of_microsoft_shows_is_not_refused(one: Question) -> None:
    app = msgspec.convert(one.registration, Registration)
    last = predict_all(read_requests(one.request.encode(), "request"), lambda _: app, NOW)[-1]
    found = [(check.step, check.state, check.code, check.says) for check in last.checks if check.state != "passed"]
    assert (last.outcome, last.code) == (one.outcome, one.code), found
    assert last.outcome != "fails"
