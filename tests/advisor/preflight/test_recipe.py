"""Recipes fit the registration they were made for, hold no secret, and say what has to be set first."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.decide.special_grants import special_grant
from advisor.preflight.read import read_requests
from advisor.preflight.recipe import Preferences, Recipe, challenge, make_recipe, recipe_requests
from advisor.preflight.recipe_msal import LANGUAGES, render_msal
from advisor.preflight.recipe_postman import postman_collection, postman_environment
from advisor.preflight.recipe_text import render_curl, render_http, render_steps
from advisor.preflight.steps import predict_all
from rules.analysis.grants import TOKEN_GRANTS, grant
from rules.knowledge.grant_flow import special_flows
from rules.model.clean import NOW, merged_into
from rules.model.registration import Registration

SCHEMA = json.loads((Path(__file__).parent / "data" / "postman-collection-v2.1.0.json").read_text())
GRAPH = "00000003-0000-0000-c000-000000000000"
END = "2026-06-01T00:00:00Z"
SECRET, CERTIFICATE = (
    {"passwordCredentials": [{"keyId": "k", "endDateTime": END}]},
    {"keyCredentials": [{"keyId": "c", "endDateTime": END}]},
)
LISTED = {"requiredResourceAccess": [{"resourceAppId": GRAPH, "resourceAccess": [{"id": "r", "type": "Scope"}]}]}
PUBLIC = {"isFallbackPublicClient": True}
DYNAMICS = "https://contoso.crm4.dynamics.com"


def implicit(access: bool, ids: bool) -> dict[str, Any]:
    return {"web": {"implicitGrantSettings": {"enableAccessTokenIssuance": access, "enableIdTokenIssuance": ids}}}


#: Every grant with registrations that it works with, and the preferences.
FITTING: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
    ("authorization_code", "spa", {}, {}),
    ("authorization_code", "native", {}, {}),
    ("authorization_code", "web", {}, {}),
    ("authorization_code", "web", {**SECRET, "keyCredentials": []}, {}),
    ("authorization_code", "web", {}, {"api": DYNAMICS}),
    ("authorization_code", "spa", {"signInAudience": "AzureADMultipleOrgs"}, {"tenant": ""}),
    ("authorization_code", "spa", {"signInAudience": "AzureADandPersonalMicrosoftAccount"}, {"tenant": ""}),
    ("authorization_code", "native", {"signInAudience": "PersonalMicrosoftAccount"}, {"tenant": ""}),
    ("authorization_code", "spa", {}, {"api": "api://orders", "scope": "Orders.Read"}),
    ("client_credentials", "daemon", {}, {}),
    ("client_credentials", "daemon", {**SECRET, "federatedIdentityCredentials": []}, {}),
    ("client_credentials", "daemon", {**CERTIFICATE, "federatedIdentityCredentials": []}, {}),
    ("client_credentials", "daemon", {}, {"api": DYNAMICS}),
    ("client_credentials", "daemon", {}, {"api": "api://11111111-1111-4111-8111-111111111115"}),
    ("client_credentials", "daemon", {"signInAudience": "AzureADMultipleOrgs"}, {"tenant": ""}),
    ("device_code", "native", PUBLIC, {}),
    ("device_code", "native", PUBLIC, {"api": DYNAMICS}),
    ("on_behalf_of", "api", SECRET, {}),
    ("on_behalf_of", "api", CERTIFICATE, {"api": DYNAMICS}),
    ("refresh_token", "native", {}, {}),
    ("refresh_token", "web", {}, {}),
    ("hybrid", "web", implicit(access=False, ids=True), {}),
    ("integrated_windows", "native", PUBLIC, {}),
    ("saml_bearer", "web", {**SECRET, **LISTED}, {}),
    ("password", "native", PUBLIC, {}),
    ("password", "web", SECRET, {}),
    ("password", "native", {**PUBLIC, "signInAudience": "AzureADandPersonalMicrosoftAccount"}, {"tenant": ""}),
    ("implicit", "spa", implicit(access=True, ids=True), {}),
    ("implicit", "spa", implicit(access=True, ids=False), {}),
    ("implicit", "web", implicit(access=False, ids=True), {}),
    ("hybrid", "spa", implicit(access=False, ids=True), {}),
    ("refresh_token", "spa", {}, {}),
    ("refresh_token", "native", {**PUBLIC, "publicClient": {"redirectUris": []}}, {}),
    ("refresh_token", "api", SECRET, {}),
    ("saml_bearer", "web", SECRET, {}),
    ("authorization_code", "web", {"keyCredentials": [], "spa": {"redirectUris": ["https://a.example/"]}}, {}),
]
IDS = [f"{name} of {kind} {number}" for number, (name, kind, _, _) in enumerate(FITTING)]


def registration(kind: str, fragment: dict[str, Any]) -> Registration:
    return msgspec.convert(merged_into(kind, fragment), Registration)


def made(name: str, kind: str, fragment: dict[str, Any], preferences: dict[str, Any]) -> Recipe:
    return make_recipe(
        grant(name),
        registration(kind, fragment),
        Preferences(**{"tenant": "contoso.com", **preferences}),
        NOW,
        "R".__mul__,
    )


def test_every_grant_has_a_fitting_registration() -> None:
    assert {name for name, *_ in FITTING} == {row.id for row in TOKEN_GRANTS}


@pytest.mark.parametrize(("name", "kind", "fragment", "preferences"), FITTING, ids=IDS)
def test_a_recipe_passes_the_preflight_in_every_format(
    name: str, kind: str, fragment: dict[str, Any], preferences: dict[str, Any]
) -> None:
    recipe = made(name, kind, fragment, preferences)
    # Whether another registration has this name and these scopes is in no table.
    foreign = str(preferences.get("api", "")).startswith("api://")
    assert (recipe.needs, bool(recipe.unread)) == ((), foreign)
    app = registration(kind, fragment)
    texts = {
        "curl": render_curl(recipe),
        "http": render_http(recipe),
        "postman": json.dumps(postman_collection(recipe)),
    }
    for form, text in texts.items():
        requests = read_requests(text.encode(), form)
        # Postman's Authorization tab sends the grant once more.
        raw = [request for request in requests if not request.label.startswith("collection (")]
        assert len(raw) == len(recipe_requests(recipe)), form
        for prediction in predict_all(requests, lambda _: app, NOW):
            told = (form, [check for check in prediction.checks if check.state != "passed"])
            assert prediction.outcome == "accepted" or (foreign and prediction.outcome == "unknown"), told


@pytest.mark.parametrize(("name", "kind", "fragment", "preferences"), FITTING, ids=IDS)
def test_a_postman_collection_is_valid_and_its_environment_empty(
    name: str, kind: str, fragment: dict[str, Any], preferences: dict[str, Any]
) -> None:
    recipe = made(name, kind, fragment, preferences)
    collection, environment = postman_collection(recipe), postman_environment(recipe)
    jsonschema.Draft7Validator(SCHEMA).validate(collection)
    used = set(re.findall(r"\{\{(\w+)\}\}", json.dumps(collection)))
    defined = {row["key"] for row in environment["values"]} | {row["key"] for row in collection["variable"]}
    assert used <= defined
    assert all(row["value"] == "" for row in environment["values"])


@pytest.mark.parametrize(("name", "kind", "fragment", "preferences"), FITTING, ids=IDS)
def test_a_snippet_is_filled_in(name: str, kind: str, fragment: dict[str, Any], preferences: dict[str, Any]) -> None:
    recipe = made(name, kind, fragment, preferences)
    for language in LANGUAGES:
        text = render_msal(recipe, language)
        if text is None:
            continue
        assert not re.search(r"@[A-Z_]+@", text)
        assert recipe.client_id in text
        if language == "python":
            compile(text, "snippet", "exec")


def test_msal_covers_the_grants_that_people_should_use() -> None:
    for language in LANGUAGES:
        for name, kind, fragment in (
            ("authorization_code", "native", {}), ("authorization_code", "web", {}), ("client_credentials", "daemon",
                {}),
            ("device_code", "native", PUBLIC), ("on_behalf_of", "api", SECRET),
        ):  # fmt: skip
            assert render_msal(made(name, kind, fragment, {}), language), (language, name)
    assert render_msal(made("authorization_code", "spa", {}, {}), "javascript")
    assert render_msal(made("authorization_code", "spa", {}, {}), "python") is None


def test_pkce_is_made_on_the_spot() -> None:
    recipe = made("authorization_code", "spa", {}, {})
    first, second = recipe.steps[0], recipe.steps[1]
    assert dict(first.parameters)["code_challenge"] == challenge("R" * 64)
    assert dict(second.parameters)["code_verifier"] == "R" * 64
    assert challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_roles_are_those_of_the_rfc() -> None:
    recipe = made("authorization_code", "spa", {}, {})
    assert [(step.sender, step.receiver) for step in recipe.steps] == [
        ("resource owner", "authorization server"),
        ("client", "authorization server"),
        ("client", "resource server"),
    ]


def test_the_lines_of_the_overview_fit_a_terminal_but_for_what_is_copied() -> None:
    for line in render_steps(made("authorization_code", "web", {}, {})).splitlines():
        assert len(line) <= 80 or "=" in line or "https://" in line


@pytest.mark.parametrize(
    ("name", "kind", "fragment", "property", "code"),
    [
        ("device_code", "native", {}, "isFallbackPublicClient", 7000218),
        ("client_credentials", "daemon", {"federatedIdentityCredentials": []}, "keyCredentials", 700027),
        ("hybrid", "web", {}, "web.implicitGrantSettings.enableIdTokenIssuance", 700054),
        ("implicit", "spa", {}, "web.implicitGrantSettings.enableAccessTokenIssuance", 700051),
        ("authorization_code", "daemon", {}, "web.redirectUris", 500113),
        (
            "authorization_code",
            "web",
            {"keyCredentials": [{"endDateTime": "2025-01-01T00:00:00Z"}]},
            "keyCredentials",
            700027,
        ),
    ],
)
def test_what_is_missing_comes_first(name: str, kind: str, fragment: dict[str, Any], property: str, code: int) -> None:
    recipe = made(name, kind, fragment, {})
    assert (property, code) in [(need.property, need.code) for need in recipe.needs]


def test_what_was_not_read_is_never_taken_for_fitting() -> None:
    data = merged_into("native", {})
    del data["isFallbackPublicClient"]
    recipe = make_recipe(
        grant("device_code"), msgspec.convert(data, Registration), Preferences(tenant="t.com"), NOW, "R".__mul__
    )
    assert recipe.unread
    assert not recipe.needs


def test_the_credential_that_is_valid_is_taken() -> None:
    expired = {"keyCredentials": [{"keyId": "c", "endDateTime": "2025-01-01T00:00:00Z"}]}
    assert made("authorization_code", "web", {**expired, **SECRET}, {}).credential == "secret"
    assert made("authorization_code", "web", expired, {}).credential == "certificate"


def test_a_refresh_token_belongs_to_whoever_redeemed_the_code() -> None:
    both = {"publicClient": {"redirectUris": ["http://localhost"]}, **SECRET}
    for platform, credential in (("web", "certificate"), ("publicClient", "")):
        recipe = made("refresh_token", "web", both, {"platform": platform})
        assert (recipe.credential, recipe.needs, recipe.unread) == (credential, (), ())


def test_without_a_registration_placeholders_are_asked_for() -> None:
    recipe = make_recipe(grant("client_credentials"), None, Preferences(), NOW, "R".__mul__)
    assert recipe.inputs == ("tenant", "client_id", "client_assertion")
    assert '"${CLIENT_ID:?the application (client) ID}"' in render_curl(recipe)


@given(text=st.text(max_size=40))
def test_no_text_of_a_registration_gets_into_a_script(text: str) -> None:
    hostile = f"x'\"\n$(touch pwned)`id`{text}"
    data = merged_into("web", {"web": {"redirectUris": [f"https://a.example/{hostile}"]}, "displayName": hostile})
    data["appId"] = hostile
    recipe = make_recipe(
        grant("authorization_code"), msgspec.convert(data, Registration), Preferences(tenant="t.com"), NOW, "R".__mul__
    )
    for shown in (render_curl(recipe), render_http(recipe), json.dumps(postman_collection(recipe))):
        assert "pwned" not in shown


@pytest.mark.parametrize(("name", "kind", "fragment", "preferences"), FITTING, ids=IDS)
def test_a_script_is_one_that_sh_reads(
    name: str, kind: str, fragment: dict[str, Any], preferences: dict[str, Any]
) -> None:
    script = render_curl(made(name, kind, fragment, preferences))
    done = subprocess.run(["sh", "-n"], input=script, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_page_that_gets_its_token_in_the_address_is_asked_for_it_after_the_sign_in() -> None:
    script = render_curl(made("implicit", "spa", implicit(access=True, ids=False), {}))
    assert "nonce" not in script
    assert script.index("read -r ACCESS_TOKEN") > script.index("Open this URL")
    assert "ACCESS_TOKEN:?" not in script


def test_a_refresh_token_comes_from_the_grant_that_the_registration_allows() -> None:
    recipe = made("refresh_token", "native", {**PUBLIC, "publicClient": {"redirectUris": []}}, {})
    assert [step.url.rpartition("/")[2] for step in recipe.steps] == ["devicecode", "token", "token", "me"]
    assert (recipe.platform, recipe.redirect_uri) == (None, "")
    behalf = made("refresh_token", "api", SECRET, {})
    assert "offline_access" in dict(behalf.steps[0].parameters)["scope"]


def test_of_two_platforms_the_one_is_taken_on_which_the_grant_works() -> None:
    recipe = made(
        "authorization_code", "web", {"keyCredentials": [], "spa": {"redirectUris": ["https://a.example/"]}}, {}
    )
    assert (recipe.platform, recipe.redirect_uri, recipe.credential) == ("spa", "https://a.example/", "")


def tab_of(collection: dict[str, Any]) -> dict[str, str]:
    return {row["key"]: row["value"] for row in collection.get("auth", {}).get("oauth2", ())}


@pytest.mark.parametrize(
    ("name", "kind", "fragment", "expected"),
    [
        ("authorization_code", "native", {}, {"grant_type": "authorization_code_with_pkce",
            "challengeAlgorithm": "S256"}),
        ("authorization_code", "web", {**SECRET, "keyCredentials": []}, {"clientSecret": "{{client_secret}}"}),
        ("client_credentials", "daemon", {**SECRET, "federatedIdentityCredentials": []}, {
            "grant_type": "client_credentials"}),
        ("implicit", "web", implicit(True, False), {"grant_type": "implicit"}),
        ("authorization_code", "spa", {}, {}),  # Postman sends no Origin header
        ("authorization_code", "web", {}, {}),  # it signs no assertion
        ("device_code", "native", PUBLIC, {}),
    ],
)  # fmt: skip
def test_postman_s_authorization_tab_has_the_grant_where_postman_can_send_it(
    name: str, kind: str, fragment: dict[str, Any], expected: dict[str, str]
) -> None:
    recipe = made(name, kind, fragment, {})
    collection = postman_collection(recipe)
    jsonschema.Draft7Validator(SCHEMA).validate(collection)
    tab = tab_of(collection)
    assert {key: tab.get(key) for key in expected} == expected
    assert bool(tab) is bool(expected)
    inheriting = [item for item in collection["item"] if "auth" not in item["request"]]
    assert len(inheriting) == (1 if tab else 0)
    assert all("Bearer" not in json.dumps(item) for item in inheriting)


def test_the_implicit_grant_gives_an_access_token_and_no_code() -> None:
    collection = postman_collection(made("implicit", "web", implicit(True, False), {}))
    told = collection["item"][0]["request"]["description"]
    assert "the value of access_token" in told
    assert "code" not in told.replace("access_token", "")


@pytest.mark.parametrize(
    ("name", "kind", "api", "words"),
    [
        ("client_credentials", "daemon", DYNAMICS, "application user"),
        ("client_credentials", "daemon", "https://management.azure.com", "role assignments"),
        ("authorization_code", "native", "https://tools.contoso.com/mcp", "resource=https://tools.contoso.com/mcp"),
    ],
)
def test_what_an_api_needs_besides_the_token_is_said(name: str, kind: str, api: str, words: str) -> None:
    recipe = made(name, kind, {}, {"api": api})
    for text in (render_steps(recipe), render_curl(recipe), render_http(recipe)):
        assert words in " ".join(text.split())


AGENTS = [name for name in special_flows() if name.startswith("agent-")]
AGENT = "99999999-9999-4999-8999-999999999991"


@pytest.mark.parametrize("agent", ["", AGENT])
@pytest.mark.parametrize("name", AGENTS)
def test_the_recipe_of_an_agent_passes_the_preflight_in_every_format(name: str, agent: str) -> None:
    blueprint = registration("blueprint", {})
    row = special_grant(special_flows()[name])
    recipe = make_recipe(row, blueprint, Preferences(tenant="contoso.com", agent=agent), NOW, "R".__mul__)
    assert (recipe.needs, recipe.unread) == ((), ())
    assert "AzureADTokenExchange" not in recipe.scope
    texts = {
        "curl": render_curl(recipe),
        "http": render_http(recipe),
        "postman": json.dumps(postman_collection(recipe)),
    }
    jsonschema.Draft7Validator(SCHEMA).validate(postman_collection(recipe))
    for form, text in texts.items():
        requests = read_requests(text.encode(), form)
        assert len(requests) == len(row.request), form
        first, *others = predict_all(requests, lambda _: blueprint, NOW)
        assert first.outcome == "accepted", [check for check in first.checks if check.state != "passed"]
        # The agent identity has no registration, so what it may request is not known.
        assert not agent or {prediction.outcome for prediction in others} == {"unknown"}


@pytest.mark.parametrize("name", AGENTS)
def test_each_token_of_an_exchange_is_the_credential_of_the_next_request(name: str) -> None:
    recipe = make_recipe(special_grant(special_flows()[name]), None, Preferences(), NOW, "R".__mul__)
    asked = [step for step in recipe.steps if step.receiver == "authorization server"]
    assert ("fmi_path", "{agent_id}") in asked[0].parameters
    assert all(("client_assertion", "{blueprint_token}") in step.parameters for step in asked[1:])
    assert "blueprint_token" not in recipe.inputs
    script = render_curl(recipe)
    assert subprocess.run(["sh", "-n"], input=script.encode(), check=False).returncode == 0
    assert 'BLUEPRINT_TOKEN=$(printf \'%s\' "$ANSWER" | sed -n \'s/.*"access_token"' in script
    kept = json.dumps(postman_collection(recipe))
    assert "pm.environment.set('blueprint_token', answer.access_token)" in kept


def test_the_exchange_is_with_the_audience_of_the_cloud() -> None:
    row = special_grant(special_flows()["agent-autonomous"])
    recipe = make_recipe(row, None, Preferences(login="login.microsoftonline.us"), NOW, "R".__mul__)
    assert ("scope", "api://AzureADTokenExchangeUSGov/.default") in recipe.steps[0].parameters
