"""Answers from sign-ins: what was seen is evidence, and what was not seen counts only in complete logs."""

from typing import Any

import msgspec
import pytest

from advisor.decide.evidence import Evidence, evidence_of, with_evidence
from advisor.decide.infer import infer
from advisor.run.usage import use_of_grants
from rules.analysis.posture import posture
from rules.families.usage._evidence import KEY_VAULT, seen, use
from rules.model.clean import KINDS, NOW, merged_into
from rules.model.fragments import SECRET
from rules.model.registration import Registration
from rules.model.usage import Usage, Use

IMPLICIT = {"web": {"implicitGrantSettings": {"enableAccessTokenIssuance": True}}}


def read(kind: str, **values: Any) -> tuple[Registration, int]:
    """A clean registration of a kind with *values*, and the last digit of its client ID."""
    app = msgspec.convert(merged_into(kind, values), Registration)
    return app, int(str(app.app_id)[-1])


def by_user(number: int, protocol: str, **values: Any) -> Use:
    return use(number, "interactiveUser", protocol, **values)


def evidence(app: Registration, usage: Usage) -> Evidence:
    return evidence_of(app, usage, use_of_grants(app, posture(app, NOW), usage))


def answers(app: Registration, usage: Usage) -> dict[str, str]:
    return {one.question: one.choice for one in evidence(app, usage).answers}


@pytest.mark.parametrize(
    ("protocol", "expected"),
    [
        ("authorizationCodeWithPkce", {"user-present": "yes", "token-for": "user"}),
        ("onBehalfOf", {"runs-in": "api", "handed-in": "user-token", "token-for": "user"}),
        ("deviceCode", {"device-code": "allowed", "token-for": "user", "today": "device-code"}),
        ("ropc", {"bare-password": "yes", "token-for": "user", "today": "password"}),
        ("implicitAccessTokenAndGetResponseMode", {"user-present": "yes", "token-for": "user", "today": "implicit"}),
        ("refreshTokenGrant", {}),
        ("saml20", {}),
        ("none", {}),
    ],
)
def test_a_grant_that_was_seen_answers_questions(protocol: str, expected: dict[str, str]) -> None:
    app, number = read("web")
    assert answers(app, seen(by_user(number, protocol))) == expected


def test_the_answer_says_when_the_grant_was_seen() -> None:
    app, number = read("web")
    (one, *_) = evidence(app, seen(by_user(number, "onBehalfOf"))).answers
    assert one.because == "sign-ins: on_behalf_of, last seen 2026-01-13, 412 sign-ins"
    assert one.by == "seen"


def test_a_failed_sign_in_answers_nothing() -> None:
    app, number = read("web")
    assert answers(app, seen(by_user(number, "ropc", result="failure"))) == {}


def test_a_program_without_users_is_known_only_from_complete_logs() -> None:
    app, number = read("daemon")
    usage = seen(use(number, resource_id=KEY_VAULT))
    assert answers(app, usage) == {"token-for": "program", "app-permission": "yes"}
    for reach in (
        usage.reach[1:],
        tuple(msgspec.structs.replace(one, why="it is one page of several") for one in usage.reach),
        tuple(msgspec.structs.replace(one, start="2025-12-20") for one in usage.reach),
    ):
        assert answers(app, msgspec.structs.replace(usage, reach=reach)) == {}


def test_an_application_with_and_without_users_is_left_open() -> None:
    app, number = read("web")
    found = answers(app, seen(by_user(number, "authorizationCodeWithPkce"), use(number)))
    assert "token-for" not in found


def test_the_only_api_is_an_answer_but_graph_is_in_every_sign_in_of_a_user() -> None:
    app, number = read("daemon")
    assert answers(app, seen(use(number)))["api"] == "graph"
    assert "api" not in answers(app, seen(use(number), use(number, resource_id=KEY_VAULT)))
    assert "api" not in answers(app, seen(by_user(number, "authorizationCodeWithPkce")))


def test_a_secret_in_use_is_named_and_is_how_it_works_today() -> None:
    app, number = read("daemon", passwordCredentials=[SECRET])
    found = evidence(app, seen(use(number, credential="secret", credential_id=SECRET["keyId"])))
    assert {"today": "secret"}.items() <= {one.question: one.choice for one in found.answers}.items()
    assert found.credentials == {"passwordCredentials": f"{SECRET['keyId']} (last on 2026-01-13)"}


def test_evidence_wins_over_settings_and_an_idle_setting_says_nothing() -> None:
    app, number = read("spa", **IMPLICIT)
    assert {"runs-in": "browser", "today": "implicit"}.items() <= {o.question: o.choice for o in infer(app)}.items()
    found = with_evidence(infer(app), evidence(app, seen(by_user(number, "onBehalfOf"))))
    assert len(found) == len({one.question for one in found})
    known = {one.question: one.choice for one in found}
    assert known["runs-in"] == "api"
    assert "today" not in known


@pytest.mark.parametrize("kind", KINDS)
def test_without_sign_ins_nothing_is_answered(kind: str) -> None:
    app, _ = read(kind)
    assert evidence(app, Usage()).answers == ()
    assert with_evidence(infer(app), Evidence()) == infer(app)
