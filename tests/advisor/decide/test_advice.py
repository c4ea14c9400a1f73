"""What people are told: the scenarios that published decision trees disagree about, and how answers are taken."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.decide.advice import advise, missing_answer
from advisor.decide.load import load_tree
from advisor.decide.tree import walks
from advisor.errors import InputError
from reports.advice import Advice
from rules.analysis.grants import GRANTS, LOGIN_AT_TENANT, TOKEN_GRANTS
from rules.model.registration import Registration, read_value

TREE = load_tree()
PATHS = [{step.question.fact: step.answer for step in path.asked} for path in walks(TREE)]


def told(answers: str, **more: Any) -> Advice:
    """The advice for answers written as ``question=choice question=choice``."""
    return advise(TREE, dict(word.split("=") for word in answers.split()), **more)


PAGE = "token-for=user runs-in=browser page-tokens=page"
DAEMON = "token-for=program app-permission=yes keeps-credential=yes hosted-on=azure acts-in=own-tenant"
TEXT_ONLY = "token-for=program app-permission=yes keeps-credential=yes hosted-on=elsewhere holds-key=no"
OLD_PAGE = "token-for=user runs-in=browser page-tokens=frozen"
TELEVISION = "token-for=user runs-in=device other-device=yes device-code=allowed"


# Every advice is complete


@pytest.fixture(scope="module")
def advices() -> list[Advice]:
    """The advice at the end of every path."""
    return [advise(TREE, answers) for answers in PATHS]


def test_every_advice_is_complete(advices: list[Advice]) -> None:
    for advice in advices:
        assert [item.grant for item in advice.ruled_out] == [row.id for row in GRANTS if row.id != advice.grant]
        assert all(item.reasons for item in advice.ruled_out)
        if advice.credential:
            assert len(advice.credential.ruled_out) == 3
            assert all(item.reasons for item in advice.credential.ruled_out)
        assert advice.why
        assert advice.sources
        assert len({source.url for source in advice.sources}) == len(advice.sources)
        assert advice.remaining_risk or advice.dead_end
        host_gets_it = advice.credential is not None and advice.credential.value.startswith("nothing")
        asks = advice.grant != "none" and not host_gets_it
        assert bool(advice.request) == asks or (advice.contradictions and not advice.request)
        assert advice.would_change
        properties = [setting.property for setting in advice.register]
        assert len(set(properties)) == len(properties)
        for name in properties:
            read_value(Registration(), name)


def test_the_command_that_repeats_an_advice_gives_it_again(advices: list[Advice]) -> None:
    for advice in advices[::7]:
        words = advice.repeat.removeprefix("grantlint advise ").split(" -a ")
        again = advise(TREE, dict(word.removeprefix("-a ").split("=") for word in words))
        assert again == advice


@given(st.sampled_from(PATHS).flatmap(lambda path: st.permutations(list(path.items()))))
def test_answers_in_any_order_give_the_same_advice(answers: list[tuple[str, str]]) -> None:
    assert advise(TREE, dict(answers)) == advise(TREE, dict(sorted(answers)))


# What to register, what to send


def test_a_page_registers_its_address_on_spa_and_keeps_everything_else_off() -> None:
    settings = {item.property: item.value for item in told(PAGE).register}
    assert settings["spa.redirectUris"].startswith("https://")
    assert settings["web.implicitGrantSettings.enableAccessTokenIssuance"] == "false"
    assert settings["web.implicitGrantSettings.enableIdTokenIssuance"] == "false"
    assert settings["isFallbackPublicClient"] == "false"
    assert settings["passwordCredentials"].startswith("empty")


def test_device_code_needs_the_public_client_fallback() -> None:
    settings = {item.property: item.value for item in told(TELEVISION).register}
    assert settings["isFallbackPublicClient"] == "true"
    assert not any("redirectUris" in name for name in settings)


def test_a_password_of_a_confidential_client_does_not_open_the_fallback() -> None:
    for name, value in (("web-legacy=own-form bare-password=yes hosted-on=azure", "false"),):
        settings = told(f"token-for=user runs-in=server user-present=yes {name}").register
        assert {item.property: item.value for item in settings}["isFallbackPublicClient"] == value
    installed = told("token-for=user runs-in=desktop installed-legacy=own-form bare-password=yes").register
    assert {item.property: item.value for item in installed}["isFallbackPublicClient"] == "true"


def test_the_credential_is_in_the_request_of_a_confidential_client() -> None:
    request = told(TEXT_ONLY).request
    assert request == (
        f"POST {LOGIN_AT_TENANT}/token",
        "    client_id={client_id}",
        "    grant_type=client_credentials",
        "    scope={api}/.default",
        "    client_secret={secret}",
    )


def test_a_page_sends_no_credential_and_the_browser_adds_the_origin() -> None:
    request = told(PAGE).request
    assert "    code_challenge_method=S256" in request
    assert any("Origin" in line for line in request)
    assert not any("client_secret" in line or "client_assertion" in line for line in request)


def test_a_last_resort_is_named_as_one_with_its_risks() -> None:
    advice = told(OLD_PAGE)
    assert advice.last_resort
    assert "last resort" in advice.headline
    assert any("in the URL" in risk for risk in advice.remaining_risk)
    assert not told(PAGE).last_resort


def test_managed_identity_says_why_not_the_others() -> None:
    credential = told(DAEMON).credential
    assert credential is not None
    assert {item.grant for item in credential.ruled_out} == {"federated", "certificate", "secret"}


def test_a_managed_identity_needs_no_registration_to_act_as_itself_and_one_to_act_for_people() -> None:
    alone = told(DAEMON).credential
    beside = told("token-for=user runs-in=api handed-in=user-token hosted-on=azure").credential
    assert alone is not None
    assert beside is not None
    assert "Often no registration is needed" in alone.why
    assert "must be user-assigned" in alone.why
    assert "must be user-assigned and in the tenant of the registration" in beside.why


def test_what_a_library_listens_on_is_what_gets_registered() -> None:
    settings = {
        item.property: item.value for item in told("token-for=user runs-in=desktop installed-legacy=nothing").register
    }
    assert settings["publicClient.redirectUris"].startswith("http://localhost, ms-appx-web://")


# What would change the answer


def test_what_would_change_asks_in_words_and_says_where_each_answer_leads() -> None:
    changes = told(TELEVISION).would_change
    ask = "Does the user have another device with a browser?"
    assert f"{ask} No: password (resource owner password credentials) as a last resort" in changes
    assert changes[0].startswith('May these users sign in with a device code? "No, Conditional Access')
    assert not any("=" in line or "_" in line for line in changes)


def test_choices_that_lead_to_the_same_stand_together() -> None:
    changes = told(TEXT_ONLY).would_change
    federated = [line for line in changes if line.endswith(": federated credential")]
    assert len(federated) == 1
    assert '"In GitHub Actions", "In GitLab CI/CD", "In Azure DevOps Pipelines"' in federated[0]


def test_what_would_change_tells_the_same_grant_in_another_way_by_its_headline() -> None:
    changes = told(PAGE).would_change
    assert any(line.endswith("in a browser window (platform spa)") for line in changes)


def test_what_would_change_speaks_of_the_credential_when_only_that_changes() -> None:
    ask = "Can the client protect a private key and sign with it?"
    assert told(TEXT_ONLY).would_change[0] == f"{ask} Yes: certificate"


# Contradictions, answers too many, answers too few


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        (
            "token-for=user runs-in=browser page-tokens=page keeps-credential=yes",
            "keeps-credential=yes contradicts page-tokens=page: a page cannot protect a credential",
        ),
        (
            "token-for=user runs-in=device other-device=yes device-code=allowed browser-here=yes",
            "browser-here=yes contradicts runs-in=device",
        ),
        (
            DAEMON + " runs-in=job user-present=yes",
            "user-present=yes contradicts runs-in=job",
        ),
        (
            "token-for=user runs-in=server user-present=no app-permission=no sign-in-once=yes job-runs-on=own-device "
            "hosted-on=azure",
            "keeps-credential=no contradicts runs-in=server",
        ),
    ],
)
def test_answers_that_cannot_both_be_true_are_named(answers: str, said: str) -> None:
    advice = told(answers)
    assert len(advice.contradictions) == 1
    assert " This advice uses " in advice.contradictions[0]
    assert advice.contradictions[0].startswith(said)
    assert advice.unused == ()


def test_an_answer_that_agrees_with_what_is_implied_is_no_contradiction() -> None:
    advice = told("token-for=user runs-in=browser page-tokens=page keeps-credential=no user-present=yes")
    assert advice.contradictions == ()
    assert advice.warnings == told(PAGE).warnings


def test_an_answer_that_nobody_asked_for_is_reported() -> None:
    advice = told(f"{PAGE} holds-key=no")
    assert advice.unused == ("holds-key=no changes nothing in this advice",)


def test_a_configured_answer_may_rest_unused() -> None:
    assert told(f"{PAGE} holds-key=no", by={"holds-key": "configured"}).unused == ()


def test_facts_say_how_each_answer_came() -> None:
    advice = told(
        "token-for=user runs-in=server user-present=no app-permission=no sign-in-once=yes hosted-on=azure",
        by={"hosted-on": "configured", "app-permission": "asked"},
    )
    assert {fact.question: fact.by for fact in advice.facts} == {
        "api": "assumed", "token-for": "given", "runs-in": "given", "user-present": "given", "app-permission": "asked",
        "sign-in-once": "given", "hosted-on": "configured",
    }  # fmt: skip
    assert "api" not in advice.repeat


def error_of(answers: dict[str, Any], **more: Any) -> InputError:
    with pytest.raises(InputError) as caught:
        advise(TREE, answers, **more)
    return caught.value


def test_an_unknown_question_gets_the_nearest() -> None:
    error = error_of({"token-fro": "user"})
    assert (error.what, error.hint) == ("unknown question 'token-fro'", "did you mean token-for?")


def test_a_question_like_none_gets_them_all() -> None:
    assert error_of({"xyz": "user"}).hint.startswith("one of api, runs-in, page-tokens")


def test_an_unknown_choice_gets_the_nearest_and_all() -> None:
    error = error_of({"runs-in": "browsr"})
    assert error.what == "runs-in has no choice 'browsr'"
    assert error.hint.startswith("did you mean browser? runs-in is one of browser, server, api, desktop, ")
    assert error.hint.endswith(", by-hand, test, unsure")


@pytest.mark.parametrize("value", [None, 1, True, ["yes"], {"a": 1}])
def test_a_choice_that_is_no_text_is_refused(value: object) -> None:
    assert error_of({"browser-here": value}).hint.endswith("browser-here is one of yes, no, unsure")


def test_a_missing_answer_gives_the_ready_command() -> None:
    error = error_of({"runs-in": "desktop", "token-for": "user"}, client_name="Till")
    assert error.what == "no answer to installed-legacy for Till"
    assert error.hint == (
        "answer, or write unsure; for example: "
        "grantlint advise -a runs-in=desktop -a token-for=user -a installed-legacy=nothing"
    )
    assert error.details == (
        "installed-legacy (Which part of the sign-in cannot be changed?): nothing, own-design, macro, own-form, "
        "old-windows; unsure takes nothing",
    )


def test_the_ready_command_keeps_what_was_given_and_leaves_out_what_is_configured() -> None:
    error = error_of({"hosted-on": "azure", "token-for": "user", "runs-in": "api"}, by={"token-for": "configured"})
    assert error.hint.endswith("grantlint advise -a hosted-on=azure -a runs-in=api -a handed-in=user-token")


def test_an_answer_missing_from_a_json_file_is_written_as_json() -> None:
    error = error_of({"token-for": "user"}, file="clients.JSON")
    assert error.what == "no answer to runs-in; probably also needed: installed-legacy"
    assert error.hint.endswith('for example: add "runs-in": "browser"')


def test_an_answer_missing_from_a_file_says_what_to_add() -> None:
    error = error_of({"runs-in": "device", "token-for": "user"}, file="clients.toml")
    assert (error.file, error.hint) == (
        "clients.toml",
        'answer, or write unsure; for example: add other-device = "yes"',
    )
    assert [line.partition(" ")[0] for line in error.details] == ["other-device", "device-code"]


def test_nothing_missing_is_not_an_error_to_report() -> None:
    with pytest.raises(ValueError, match="nothing is missing"):
        missing_answer(TREE, {"api": "none"})


def test_every_grant_that_a_registration_can_allow_is_in_the_advice() -> None:
    advice = told("token-for=nobody")
    assert [item.grant for item in advice.ruled_out] == [row.id for row in TOKEN_GRANTS]


def test_an_agent_identity_is_reached_through_its_blueprint() -> None:
    advice = told("api=graph runs-in=agent agent-works=own-account hosted-on=aks")
    assert [line.strip() for line in advice.request if "grant_type" in line] == [
        "grant_type=client_credentials",
        "grant_type=client_credentials",
        "grant_type=user_fic",
    ]
    assert "    fmi_path={client ID of the agent identity}" in advice.request
    assert not [text for text in (*advice.why, *advice.scopes, *advice.remaining_risk) if "the app itself" in text]
    assert not [text for text in (*advice.why, *advice.remaining_risk) if "pplication permission" in text]


@pytest.mark.parametrize("where", ["runs-in=low-code low-code-kind=logic-apps", "runs-in=job hosted-on=arc"])
def test_what_the_host_requests_is_no_request_of_the_client(where: str) -> None:
    advice = told(f"api=graph token-for=program acts-in=own-tenant {where}")
    assert advice.credential
    assert advice.credential.id == "managed_identity"
    assert advice.request == ()


def test_titles_keep_their_acronyms_in_a_sentence() -> None:
    changes = told("api=graph runs-in=server user-present=yes web-legacy=nothing hosted-on=aks").would_change
    assert [text for text in changes if "SAML bearer assertion" in text]
    assert not [text for text in changes if "sAML" in text]
