"""Answers that nobody knows: every outcome is shown, and nothing is said as if it were known."""

from pathlib import Path

from advisor.decide.advice import advise
from advisor.decide.answers import read_clients
from advisor.decide.gather import gather_advice
from advisor.decide.load import load_tree
from advisor.decide.parts import UNSURE
from reports.advice import Advice
from reports.decision import sections

TREE = load_tree()
JOB = {"api": "other", "runs-in": "job", "token-for": "user", "sign-in-once": UNSURE, "app-permission": UNSURE}


def outcomes(advice: Advice, question: str) -> dict[str, str]:
    row = next(row for row in advice.alternatives if row.question == question)
    return {outcome.choice: outcome.leads_to for outcome in row.outcomes}


def test_each_outcome_is_named_whatever_the_other_unknown_answers_are() -> None:
    advice = advise(TREE, {**JOB, "keeps-credential": UNSURE})
    assert outcomes(advice, "keeps-credential") == {
        "no": "refresh token after one sign-in on publicClient",
        "yes": "client credentials or refresh token after one sign-in on web",
    }
    assert outcomes(advice, "app-permission") == {
        "yes": "client credentials",
        "no": "refresh token after one sign-in on web",
    }
    assert {row.question: row.taken for row in advice.alternatives} == {
        "keeps-credential": True,
        "sign-in-once": True,
        "app-permission": False,
    }
    (shown,) = (one for one in sections(advice) if one.id == "alternatives")
    assert [sum("(this advice)" in line for line in lines) for _, lines in shown.groups] == [1, 1, 0]


def test_a_credential_that_nobody_knows_is_named_by_its_title() -> None:
    answers = {
        "api": "graph",
        "runs-in": "api",
        "handed-in": "user-token",
        "hosted-on": "elsewhere",
        "holds-key": UNSURE,
    }
    found = outcomes(advise(TREE, answers), "holds-key")
    assert found == {"yes": "certificate", "no": "client secret"}


def test_that_an_api_accepts_users_only_is_not_said_where_it_is_not_known() -> None:
    advice = advise(TREE, {**JOB, "keeps-credential": "yes", "hosted-on": "azure"})
    said = " ".join((advice.headline, *advice.why, *(one.text for row in advice.ruled_out for one in row.reasons)))
    assert "the API accepts users only" not in said
    assert "The API accepts users only" not in said


def test_the_roles_of_an_api_of_the_same_file_say_that_it_accepts_applications(tmp_path: Path) -> None:
    path = tmp_path / "system.toml"
    path.write_text(
        '[[clients]]\nname = "Job"\ncalls = ["API"]\napi = "own"\nruns-in = "job"\nhosted-on = "github"\n'
        'token-for = "user"\napp-permission = "unsure"\n'
        '[[clients]]\nname = "API"\nroles = ["Orders.Read.All"]\napi = "none"\n'
    )
    (job, _), _ = gather_advice(TREE, read_clients(TREE, path).clients, given={}, configured={}, ask=None)
    assert job.grant == "client_credentials"
    assert any("derived from the roles of API" in text for text in job.assumed)
