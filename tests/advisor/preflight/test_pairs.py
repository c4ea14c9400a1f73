"""The preflight against a table of requests: what the platform answers, and which document says so."""

from typing import Any

import msgspec
import pytest

from advisor.preflight.codes import load_codes
from advisor.preflight.prediction import Prediction
from advisor.preflight.read import read_requests
from advisor.preflight.steps import predict
from rules.knowledge.sources import cite
from rules.model.clean import NOW, merged_into
from rules.model.registration import Registration
from tests.advisor.preflight.pairs import PAIRS, Pair


def registration(kind: str, fragment: dict[str, Any]) -> Registration:
    """A clean registration with a fragment over it; ``...`` stands for a property that nobody read."""
    data = merged_into(kind, {name: value for name, value in fragment.items() if value is not ...})
    for name, value in fragment.items():
        if value is ...:
            del data[name]
    return msgspec.convert(data, Registration)


def prediction(pair: Pair) -> Prediction:
    requests = read_requests(pair.request.encode(), "pair")
    assert len(requests) == 1
    return predict(requests[0], registration(pair.kind, pair.fragment), NOW)


def test_there_are_enough_pairs_of_every_kind() -> None:
    assert len(PAIRS) >= 80
    assert len({pair.name for pair in PAIRS}) == len(PAIRS)
    assert {pair.outcome for pair in PAIRS} == {"accepted", "fails", "unknown"}


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_the_platform_answers_so(pair: Pair) -> None:
    found = prediction(pair)
    told = [(check.step, check.state, check.code, check.says) for check in found.checks]
    assert (found.outcome, found.code) == (pair.outcome, pair.code), told


@pytest.mark.parametrize("pair", [pair for pair in PAIRS if pair.outcome == "fails"], ids=lambda pair: pair.name)
def test_a_failure_names_its_document_and_the_change(pair: Pair) -> None:
    failures = [check for check in prediction(pair).checks if check.state == "failed"]
    first = failures[0]
    document = cite(pair.source, pair.name)
    assert document in first.sources or not pair.code or document in load_codes()[pair.code].sources
    assert first.sources or not pair.code
    assert first.parameter or first.property


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_a_corrected_request_fails_no_more_for_what_was_corrected(pair: Pair) -> None:
    found = prediction(pair)
    if found.corrected is None:
        return
    again = predict(found.corrected, registration(pair.kind, pair.fragment), NOW)
    fixed = {(check.step, check.code) for check in found.checks if check.state == "failed" and check.fixes}
    left = {(check.step, check.code) for check in again.checks if check.state == "failed"}
    assert not fixed & left


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_without_a_registration_nothing_is_accepted(pair: Pair) -> None:
    request = read_requests(pair.request.encode(), "pair")[0]
    assert predict(request, None, NOW).outcome in ("unknown", "fails")
