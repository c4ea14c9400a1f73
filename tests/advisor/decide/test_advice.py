"""What people are told: the scenarios that published decision trees disagree about, and how answers are taken."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.decide.advice import advise, missing_answer
from advisor.decide.tree import load_tree, walk, walks
from advisor.errors import InputError
from reports.report import Advice
from rules.grants import GRANTS, LOGIN, TOKEN_GRANTS
from rules.registration import Registration, read_value

TREE = load_tree()
PATHS = [{step.question.id: step.choice.id for step in path.asked} for path in walks(TREE)]


def told(answers: str, **more: Any) -> Advice:
    """The advice for answers written as ``question=choice question=choice``."""
    return advise(TREE, dict(word.split("=") for word in answers.split()), **more)


# Scenarios: who asks, and what they are told

SCENARIOS = {
    "a single-page application": (
        "token-for=user runs-in=browser page-tokens=page",
        "spa", "authorization_code", "public", "spa", None,
    ),
    "a single-page application whose tokens stay off the browser": (
        "token-for=user runs-in=browser page-tokens=backend hosted-on=azure",
        "backend-for-frontend", "authorization_code", "confidential", "web", "managed_identity",
    ),
    "an old page whose library cannot be replaced": (
        "token-for=user runs-in=browser page-tokens=frozen",
        "implicit-page", "implicit", "public", "spa", None,
    ),
    "a web application in an own data centre": (
        "token-for=user runs-in=server user-present=yes web-legacy=nothing hosted-on=elsewhere holds-key=yes",
        "web", "authorization_code", "confidential", "web", "certificate",
    ),
    "old ASP.NET middleware that wants an ID token first": (
        "token-for=user runs-in=server user-present=yes web-legacy=id-token-first hosted-on=azure",
        "hybrid-web", "hybrid", "confidential", "web", "managed_identity",
    ),
    "a trusted application with its own login form that cannot redirect": (
        "token-for=user runs-in=server user-present=yes web-legacy=own-form hosted-on=elsewhere holds-key=no",
        "password-web", "password", "confidential", None, "secret",
    ),
    "a desktop application": (
        "token-for=user runs-in=app installed-legacy=nothing",
        "native", "authorization_code", "public", "publicClient", None,
    ),
    "silent sign-in on old Windows with AD FS": (
        "token-for=user runs-in=app installed-legacy=old-windows",
        "windows-federated", "integrated_windows", "public", None, None,
    ),
    "a command-line tool beside a browser": (
        "token-for=user runs-in=cli browser-here=yes installed-legacy=nothing",
        "native", "authorization_code", "public", "publicClient", None,
    ),
    "a command-line tool in a remote shell": (
        "token-for=user runs-in=cli browser-here=no other-device=yes",
        "second-device", "device_code", "public", None, None,
    ),
    "a television": (
        "token-for=user runs-in=device other-device=yes",
        "second-device", "device_code", "public", None, None,
    ),
    "a daemon on Azure": (
        "token-for=program keeps-credential=yes hosted-on=azure",
        "service", "client_credentials", "confidential", None, "managed_identity",
    ),
    "a pipeline of GitHub Actions": (
        "token-for=program keeps-credential=yes hosted-on=token-issuer",
        "service", "client_credentials", "confidential", None, "federated",
    ),
    "a daemon on machines of customers": (
        "token-for=program keeps-credential=no hosted-on=azure",
        "service-through-server", "client_credentials", "confidential", None, "managed_identity",
    ),
    "an API that gets a person's token and calls the next API": (
        "token-for=user runs-in=api handed-in=user-token hosted-on=azure",
        "middle-tier", "on_behalf_of", "confidential", None, "managed_identity",
    ),
    "an API that gets a token for Microsoft Graph": (
        "token-for=user runs-in=api handed-in=other-token hosted-on=azure",
        "middle-tier-after-caller", "on_behalf_of", "confidential", None, "managed_identity",
    ),
    "an API that is called by a program": (
        "token-for=user runs-in=api handed-in=app-token hosted-on=azure",
        "service-behind-api", "client_credentials", "confidential", None, "managed_identity",
    ),
    "a nightly job for mailboxes that accepts application permissions": (
        "token-for=user runs-in=job app-permission=yes hosted-on=token-issuer",
        "service-for-people", "client_credentials", "confidential", None, "federated",
    ),
    "a job after one consent, since the API knows persons only": (
        "token-for=user runs-in=job app-permission=no sign-in-once=yes job-runs-on=server hosted-on=azure",
        "kept-on-server", "refresh_token", "confidential", "web", "managed_identity",
    ),
    "a web application that works on after the person has left": (
        "token-for=user runs-in=server user-present=no app-permission=no sign-in-once=yes hosted-on=azure",
        "kept-on-server", "refresh_token", "confidential", "web", "managed_identity",
    ),
    "a background task on the person's own machine": (
        "token-for=user runs-in=job app-permission=no sign-in-once=yes job-runs-on=own-device",
        "kept-on-device", "refresh_token", "public", "publicClient", None,
    ),
    "automated tests of an API that knows persons only": (
        "token-for=user runs-in=job app-permission=no sign-in-once=no hosted-on=token-issuer",
        "password-unattended", "password", "confidential", None, "federated",
    ),
    "an API that only validates tokens": (
        "token-for=nobody",
        "no-token", "none", "none", None, None,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SCENARIOS)
def test_scenario(name: str) -> None:
    answers, leaf, grant, client, platform, credential = SCENARIOS[name]
    advice = told(answers, client_name=name)
    assert (advice.leaf, advice.grant, advice.client, advice.platform) == (leaf, grant, client, platform)
    assert (advice.credential.id if advice.credential else None) == credential
    assert advice.client_name == name
    assert advice.contradictions == ()


# Every advice is complete


@pytest.mark.parametrize("answers", PATHS, ids=lambda answers: " ".join(f"{q}={c}" for q, c in answers.items()))
def test_every_advice_is_complete(answers: dict[str, str]) -> None:
    advice = advise(TREE, answers)
    assert [item.grant for item in advice.ruled_out] == [row.id for row in GRANTS if row.id != advice.grant]
    assert all(item.reasons for item in advice.ruled_out)
    if advice.credential:
        assert len(advice.credential.ruled_out) == 3
        assert all(item.reasons for item in advice.credential.ruled_out)
    assert advice.why
    assert advice.sources
    assert len({source.url for source in advice.sources}) == len(advice.sources)
    assert advice.remaining_risk
    assert bool(advice.request) == (advice.grant != "none")
    assert advice.would_change
    properties = [setting.property for setting in advice.register]
    assert len(set(properties)) == len(properties)
    for name in properties:
        read_value(Registration(), name)


@pytest.mark.parametrize("answers", PATHS, ids=lambda answers: " ".join(f"{q}={c}" for q, c in answers.items()))
def test_the_command_that_repeats_an_advice_gives_it_again(answers: dict[str, str]) -> None:
    advice = advise(TREE, answers)
    words = advice.repeat.removeprefix("grantlint advise ").split(" -a ")
    again = advise(TREE, dict(word.removeprefix("-a ").split("=") for word in words))
    assert again == advice


@given(st.sampled_from(PATHS).flatmap(lambda path: st.permutations(list(path.items()))))
def test_answers_in_any_order_give_the_same_advice(answers: list[tuple[str, str]]) -> None:
    assert advise(TREE, dict(answers)) == advise(TREE, dict(sorted(answers)))


# What to register, what to send


def test_a_page_registers_its_address_on_spa_and_keeps_everything_else_off() -> None:
    settings = {item.property: item.value for item in told(SCENARIOS["a single-page application"][0]).register}
    assert settings["spa.redirectUris"].startswith("https://")
    assert settings["web.implicitGrantSettings.enableAccessTokenIssuance"] == "false"
    assert settings["web.implicitGrantSettings.enableIdTokenIssuance"] == "false"
    assert settings["isFallbackPublicClient"] == "false"
    assert settings["passwordCredentials"].startswith("empty")


def test_device_code_needs_the_public_client_fallback() -> None:
    settings = {item.property: item.value for item in told(SCENARIOS["a television"][0]).register}
    assert settings["isFallbackPublicClient"] == "true"
    assert not any("redirectUris" in name for name in settings)


def test_a_password_of_a_confidential_client_does_not_open_the_fallback() -> None:
    for name, value in (("web-legacy=own-form hosted-on=azure", "false"),):
        settings = told(f"token-for=user runs-in=server user-present=yes {name}").register
        assert {item.property: item.value for item in settings}["isFallbackPublicClient"] == value
    installed = told("token-for=user runs-in=app installed-legacy=own-form").register
    assert {item.property: item.value for item in installed}["isFallbackPublicClient"] == "true"


def test_the_credential_stands_in_the_request_of_a_confidential_client() -> None:
    request = told("token-for=program keeps-credential=yes hosted-on=elsewhere holds-key=no").request
    assert request == (
        f"POST {LOGIN}/token",
        "    client_id={client_id}",
        "    grant_type=client_credentials",
        "    scope={api}/.default",
        "    client_secret={secret}",
    )


def test_a_page_sends_no_credential_and_the_browser_adds_the_origin() -> None:
    request = told(SCENARIOS["a single-page application"][0]).request
    assert "    code_challenge_method=S256" in request
    assert any("Origin" in line for line in request)
    assert not any("client_secret" in line or "client_assertion" in line for line in request)


def test_a_last_resort_is_named_as_one_with_its_risks() -> None:
    advice = told(SCENARIOS["an old page whose library cannot be replaced"][0])
    assert advice.last_resort
    assert "last resort" in advice.headline
    assert any("address" in risk for risk in advice.remaining_risk)
    assert not told(SCENARIOS["a single-page application"][0]).last_resort


def test_managed_identity_says_why_not_the_others() -> None:
    credential = told(SCENARIOS["a daemon on Azure"][0]).credential
    assert credential is not None
    assert {item.grant for item in credential.ruled_out} == {"federated", "certificate", "secret"}


def test_a_managed_identity_needs_no_registration_to_act_as_itself_and_one_to_act_for_people() -> None:
    alone = told(SCENARIOS["a daemon on Azure"][0]).credential
    beside = told("token-for=user runs-in=api handed-in=user-token hosted-on=azure").credential
    assert alone is not None
    assert beside is not None
    assert "Often no registration is needed" in alone.why
    assert alone.why.startswith(beside.why)
    assert "must be user-assigned and live in the tenant of the registration" in beside.why


def test_what_a_library_listens_on_is_what_gets_registered() -> None:
    settings = {
        item.property: item.value for item in told("token-for=user runs-in=app installed-legacy=nothing").register
    }
    assert settings["publicClient.redirectUris"].startswith("http://localhost (browser), ms-appx-web://")


# What would change the answer


def test_what_would_change_names_the_other_choices_and_where_they_lead() -> None:
    changes = told("token-for=user runs-in=cli browser-here=no other-device=yes").would_change
    assert changes[0] == "other-device = no: password as a last resort"
    assert changes[1] == "browser-here = yes: authorization_code on publicClient"
    assert "token-for = program (The program's own rights, whoever uses it): client_credentials" in changes


def test_what_would_change_is_brief_where_a_question_has_many_choices() -> None:
    changes = told("token-for=user runs-in=browser page-tokens=page").would_change
    assert "runs-in = job: client_credentials or refresh_token on web/publicClient" in changes
    assert "page-tokens = backend (A server of ours behind the page): authorization_code on web" in changes


def test_what_would_change_tells_the_same_grant_in_another_way_by_its_headline() -> None:
    changes = told("token-for=program keeps-credential=yes hosted-on=azure").would_change
    assert "keeps-credential = no: client credentials, used by a server of yours that the copies call" in changes


def test_what_would_change_speaks_of_the_credential_when_only_that_changes() -> None:
    changes = told("token-for=program keeps-credential=yes hosted-on=elsewhere holds-key=no").would_change
    assert changes[0] == "holds-key = yes: certificate"
    assert changes[1] == "hosted-on = azure (On Azure): managed identity"


# Contradictions, answers too many, answers too few


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        (
            "token-for=user runs-in=browser page-tokens=page keeps-credential=yes",
            "keeps-credential=yes and runs-in=browser cannot both be true: a page in a browser cannot keep a credential",
        ),
        (
            "token-for=user runs-in=device other-device=yes browser-here=yes",
            "browser-here=yes and runs-in=device cannot both be true",
        ),
        (
            "token-for=program keeps-credential=yes hosted-on=azure user-present=yes",
            "user-present=yes and token-for=program cannot both be true",
        ),
        (
            "token-for=user runs-in=server user-present=no app-permission=no sign-in-once=yes job-runs-on=own-device hosted-on=azure",
            "job-runs-on=own-device and runs-in=server cannot both be true",
        ),
    ],
)
def test_answers_that_cannot_both_be_true_are_named(answers: str, said: str) -> None:
    advice = told(answers)
    assert len(advice.contradictions) == 1
    assert "; this advice goes by " in advice.contradictions[0]
    assert advice.contradictions[0].startswith(said)
    assert not any("not needed" in warning for warning in advice.warnings)


def test_an_answer_that_agrees_with_what_is_implied_is_no_contradiction() -> None:
    advice = told("token-for=user runs-in=browser page-tokens=page keeps-credential=no user-present=yes")
    assert advice.contradictions == ()
    assert advice.warnings == ()


def test_an_answer_that_nobody_asked_for_is_reported() -> None:
    advice = told("token-for=nobody hosted-on=azure")
    assert advice.warnings == ("hosted-on=azure was not needed: the other answers already decide",)


def test_a_configured_answer_may_rest_unused() -> None:
    assert told("token-for=nobody hosted-on=azure", by={"hosted-on": "configured"}).warnings == ()


def test_facts_say_how_each_answer_came() -> None:
    advice = told(
        "token-for=user runs-in=server user-present=no app-permission=no sign-in-once=yes hosted-on=azure",
        by={"hosted-on": "configured", "app-permission": "asked"},
    )
    assert {fact.question: fact.by for fact in advice.facts} == {
        "token-for": "given", "runs-in": "given", "user-present": "given", "app-permission": "asked",
        "sign-in-once": "given", "job-runs-on": "implied", "hosted-on": "configured",
    }  # fmt: skip
    assert "job-runs-on" not in advice.repeat
    assert "job-runs-on=server" in advice.path


def error_of(answers: dict[str, Any], **more: Any) -> InputError:
    with pytest.raises(InputError) as caught:
        advise(TREE, answers, **more)
    return caught.value


def test_an_unknown_question_gets_the_nearest() -> None:
    error = error_of({"token-fro": "user"})
    assert (error.what, error.hint) == ("unknown question 'token-fro'", "did you mean token-for?")


def test_a_question_like_none_gets_them_all() -> None:
    assert error_of({"xyz": "user"}).hint.startswith("one of token-for, keeps-credential, runs-in")


def test_an_unknown_choice_gets_the_nearest_and_all() -> None:
    error = error_of({"runs-in": "browsr"})
    assert error.what == "runs-in has no choice 'browsr'"
    assert error.hint == "did you mean browser? runs-in is one of browser, server, api, app, cli, device, job"


@pytest.mark.parametrize("value", [None, 1, True, ["yes"], {"a": 1}])
def test_a_choice_that_is_no_text_is_refused(value: object) -> None:
    assert error_of({"browser-here": value}).hint.endswith("browser-here is one of yes, no")


def test_a_missing_answer_gives_the_ready_command() -> None:
    error = error_of({"runs-in": "app", "token-for": "user"}, client_name="Till")
    assert error.what == "no answer to installed-legacy for Till (What about its sign-in cannot be changed?)"
    assert error.hint == (
        "one of nothing, own-form, old-windows; for example: "
        "grantlint advise -a runs-in=app -a token-for=user -a installed-legacy=nothing"
    )


def test_the_ready_command_keeps_what_was_given_and_leaves_out_what_is_configured() -> None:
    error = error_of({"hosted-on": "azure", "token-for": "user", "runs-in": "api"}, by={"token-for": "configured"})
    assert error.hint.endswith("grantlint advise -a hosted-on=azure -a runs-in=api -a handed-in=user-token")


def test_an_answer_missing_from_a_json_file_is_written_as_json() -> None:
    error = error_of({"token-for": "user"}, file="clients.JSON")
    assert error.hint.endswith('for example: add "runs-in": "browser"')


def test_an_answer_missing_from_a_file_says_what_to_add() -> None:
    error = error_of({"runs-in": "device", "token-for": "user"}, file="clients.toml")
    assert (error.file, error.hint) == ("clients.toml", 'one of yes, no; for example: add other-device = "yes"')


def test_nothing_missing_is_not_an_error_to_report() -> None:
    with pytest.raises(ValueError, match="nothing is missing"):
        missing_answer(walk(TREE, {"token-for": "nobody"}), {})


def test_every_grant_that_a_registration_can_allow_is_in_the_advice() -> None:
    advice = told("token-for=nobody")
    assert [item.grant for item in advice.ruled_out] == [row.id for row in TOKEN_GRANTS]
