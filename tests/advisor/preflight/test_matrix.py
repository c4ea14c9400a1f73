"""Every request that is printed is accepted for the registration that it was made for, on every path of the tree."""

import itertools
import json
from functools import cache
from typing import Any

import msgspec
import pytest

from advisor.decide.advice import advise
from advisor.decide.load import load_tree
from advisor.decide.tree import walk, walks
from advisor.preflight.prediction import Prediction
from advisor.preflight.read import read_requests
from advisor.preflight.recipe import Preferences, Recipe, make_recipe
from advisor.preflight.recipe_postman import postman_collection
from advisor.preflight.recipe_text import render_curl, render_http
from advisor.preflight.show import request_lines
from advisor.preflight.steps import predict, predict_all
from advisor.preflight.template import make_template
from reports.advice import Advice
from rules.analysis.grants import TOKEN_GRANTS, grant
from rules.model.clean import NOW
from rules.model.registration import Platform, Registration
from tests.advisor.preflight.questions import CLIENT, CRM, LATER, SECRET_ID, TENANT

TREE = load_tree()
PLATFORMS: tuple[Platform, ...] = ("web", "spa", "publicClient")
FORMATS = {
    "curl": render_curl,
    "http": render_http,
    "postman": lambda recipe: json.dumps(postman_collection(recipe)),
}
CREDENTIALS: dict[str, dict[str, Any]] = {
    "secret": {"passwordCredentials": [{"keyId": SECRET_ID, "endDateTime": LATER}]},
    "certificate": {"keyCredentials": [{"keyId": SECRET_ID, "endDateTime": LATER}]},
    "federated": {
        "federatedIdentityCredentials": [
            {"name": "f", "issuer": "https://a.example", "subject": "s", "audiences": ["api://AzureADTokenExchange"]}
        ]
    },
}
CREDENTIALS["managed_identity"] = CREDENTIALS["federated"]


@cache
def advices() -> tuple[Advice, ...]:
    """The advice at the end of every path, once for each shape that a recipe and a registration can have."""
    paths = ((path, {step.question.fact: step.choice.id for step in path.asked}) for path in walks(TREE, infer=False))
    # Some answers overrule others, and then lead elsewhere.
    found = (advise(TREE, answers) for path, answers in paths if walk(TREE, answers).leaf is path.leaf)
    shapes = {
        (one.grant, one.platform, one.credential and (one.credential.id, one.credential.value), one.request): one
        for one in found
        if not one.dead_end and one.grant != "none"
    }
    return tuple(shapes.values())


def made_for(advice: Advice, api: str = "graph") -> tuple[Recipe, Registration]:
    """The recipe of an advice, and the registration that ``recipe --as graph-json`` prints for it."""
    row = grant(advice.grant)
    platform = next((name for name in PLATFORMS if name == advice.platform), None)
    preferences = Preferences(
        tenant=TENANT, api=api, platform=platform, credential=advice.credential.id if advice.credential else ""
    )
    first = make_recipe(row, None, preferences, NOW, "R".__mul__)
    template = make_template(
        row,
        preferences,
        name="Contoso",
        platform=first.platform,
        redirect_uri=first.redirect_uri,
        credential=first.credential,
        settings=[item for item in advice.register if item.property == "signInAudience"],
    )
    nothing = {"passwordCredentials": [], "keyCredentials": [], "federatedIdentityCredentials": []}
    body = {"appId": CLIENT, "identifierUris": [], **nothing, **template.body, **CREDENTIALS.get(first.credential, {})}
    app = msgspec.convert(body, Registration)
    return make_recipe(row, app, preferences, NOW, "R".__mul__), app


def wrong(predictions: tuple[Prediction, ...]) -> list[Any]:
    return [
        (found.outcome, [(check.state, check.says) for check in found.checks if check.state in ("failed", "unread")])
        for found in predictions
        if found.outcome != "accepted"
    ]


def test_the_tree_reaches_every_grant_that_requests_tokens() -> None:
    assert {advice.grant for advice in advices()} >= {"authorization_code", "client_credentials", "device_code"}
    assert {advice.grant for advice in advices()} <= {row.id for row in TOKEN_GRANTS}


@pytest.mark.parametrize("api", ["graph", CRM])
@pytest.mark.parametrize("form", FORMATS)
def test_the_recipe_of_every_advice_is_accepted(form: str, api: str) -> None:
    for advice in advices():
        recipe, app = made_for(advice, api)
        assert (recipe.needs, recipe.unread) == ((), ()), advice.repeat
        requests = read_requests(FORMATS[form](recipe).encode(), form)
        assert not wrong(predict_all(requests, lambda _, app=app: app, NOW)), advice.repeat  # type: ignore[misc]


#: One change to a request: what people get wrong.
CHANGES: dict[str, str] = {
    "scope": "openid,profile",
    "redirect_uri": "https://app.example.com/other",
    "response_type": "id_token",
    "response_mode": "body",
    "resource": "https://management.azure.com",
    "grant_type": "device_code",
    "prompt": "login consent",
    "client_id": "00000000-0000-0000-0000-000000000000",
    "code_challenge_method": "SHA256",
    "client_secret": SECRET_ID,
}


@pytest.mark.exhaustive
def test_every_correction_is_accepted_and_as_it_is_printed() -> None:
    """Two changes at once to every request of every advice: a correction never fails, and is read as it is shown."""
    for advice in advices():
        recipe, app = made_for(advice)
        requests = read_requests(render_http(recipe).encode(), "recipe")
        for request, names in itertools.product(requests, itertools.combinations(CHANGES, 2)):
            parameters = tuple(
                msgspec.structs.replace(one, value=CHANGES[one.name]) if one.name in names else one
                for one in request.parameters
            )
            changed = msgspec.structs.replace(request, parameters=parameters)
            corrected = predict(changed, app, NOW).corrected
            if corrected is None:
                continue
            again = predict(corrected, app, NOW)
            assert again.outcome != "fails", (advice.repeat, names, wrong((again,)))
            assert "{None}" not in "\n".join(request_lines(corrected))
