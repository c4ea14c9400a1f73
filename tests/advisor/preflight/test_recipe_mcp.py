"""The recipe of an MCP server: its registration is clean, its parts agree, and a client of it passes the preflight."""

import json
from typing import Any

import msgspec
import pytest

from advisor.preflight.choose import Preferences
from advisor.preflight.recipe import recipe_requests
from advisor.preflight.recipe_mcp import (
    McpServer,
    client_recipe,
    is_server_url,
    make_server,
    render_metadata,
    render_server,
    server_needs,
)
from advisor.preflight.steps import predict_all
from advisor.preflight.template import RENDERERS
from advisor.templates import language
from advisor.templates.mcp import server_template
from advisor.templates.plan import plan_of
from rules.engine.rule import Context, Subject
from rules.engine.run import lint
from rules.families import RULES
from rules.model.clean import NOW, merged_into
from rules.model.registration import Registration
from rules.model.settings import Settings

URL = "https://mcp.contoso.com/mcp"
CLIENT = "11111111-1111-4111-8111-111111111113"
LOGIN = "login.microsoftonline.com"
TENANT = "0f0f0f0f-0000-4000-8000-000000000001"


def registered(**change: Any) -> Registration:
    """The registration that the template makes, after it has an ID."""
    body = server_template("Contoso MCP", URL, ("tools.read", "tools.execute"), (CLIENT,), login=LOGIN).body
    return msgspec.convert(merged_into("api", {**body, **change}), Registration)


def server(app: Registration | None = None, **change: str) -> McpServer:
    return make_server(app, Preferences(**{"tenant": TENANT, "api": URL, **change}))


def test_linting_the_registration_gives_no_finding() -> None:
    result = lint([Subject("new", registered())], RULES, Context(NOW, Settings()))
    assert [finding.message for finding in result.findings] == []
    assert server_needs(registered(), NOW) == ((), ())


@pytest.mark.parametrize("form", [*RENDERERS, "az", "terraform", "bicep"])
def test_every_form_has_url_scopes_and_clients(form: str) -> None:
    made = server_template("Contoso MCP", URL, ("tools.read", "tools.execute"), (CLIENT,), login=LOGIN)
    text = RENDERERS[form](made) if form in RENDERERS else language(form)(plan_of(made))
    assert all(word in text for word in (URL, "tools.read", "tools.execute", CLIENT))
    assert "00000003-0000-0000-c000-000000000000" not in text


def test_a_client_that_is_registered_passes_the_preflight() -> None:
    app = registered()
    recipe = client_recipe(server(app), NOW, "R".__mul__)
    client = merged_into("native", {"publicClient": {"redirectUris": ["http://localhost"]}, "appId": CLIENT})
    client["requiredResourceAccess"] = [
        {
            "resourceAppId": app.app_id,
            "resourceAccess": [{"id": scope.id, "type": "Scope"} for scope in app.api.oauth2_permission_scopes or ()]
            if app.api
            else [],
        }
    ]
    own = msgspec.convert(client, Registration)
    for prediction in predict_all(recipe_requests(recipe), lambda _: own, NOW, (app, own)):
        assert prediction.outcome == "accepted", [check for check in prediction.checks if check.state != "passed"]


def test_each_request_of_a_client_names_the_server() -> None:
    recipe = client_recipe(server(), NOW, "R".__mul__)
    asked = [step for step in recipe.steps if step.receiver == "authorization server"]
    assert [dict(step.parameters)["resource"] for step in asked] == [URL, URL]
    assert f"{URL}/tools.read" in dict(asked[0].parameters)["scope"].split()


def test_the_metadata_has_the_values_of_the_registration() -> None:
    document = json.loads(render_metadata(server(registered())))
    assert document == {
        "resource": URL,
        "authorization_servers": [f"https://{LOGIN}/{TENANT}/v2.0"],
        "scopes_supported": [f"{URL}/tools.read", f"{URL}/tools.execute"],
        "bearer_methods_supported": ["header"],
    }
    assert "offline_access" not in document["scopes_supported"]


@pytest.mark.parametrize(
    ("url", "metadata"),
    [
        ("https://mcp.contoso.com", "https://mcp.contoso.com/.well-known/oauth-protected-resource"),
        (URL, "https://mcp.contoso.com/.well-known/oauth-protected-resource/mcp"),
        (f"{URL}/", "https://mcp.contoso.com/.well-known/oauth-protected-resource/mcp"),
    ],
)
def test_the_metadata_is_where_clients_look_for_it(url: str, metadata: str) -> None:
    made = server(api=url)
    assert made.metadata_url == metadata
    assert f'resource_metadata="{metadata}"' in made.challenge


@pytest.mark.parametrize(
    "text",
    [
        "http://mcp.contoso.com",
        "api://mcp",
        "https://",
        "https://a.example/?x",
        "https://a.example/#x",
        "https://a b",
        "",
    ],
)
def test_what_no_client_can_send_is_no_url_of_a_server(text: str) -> None:
    assert not is_server_url(text)


def test_the_text_has_what_a_server_checks() -> None:
    text = render_server(server(registered()), client_recipe(server(registered()), NOW, "R".__mul__))
    for claim in ("signature", "iss", "tid", "aud", "exp and nbf", "scp", "roles"):
        assert f"   - {claim}: " in text
    text = " ".join(text.split())
    assert f"iss: exactly https://{LOGIN}/{TENANT}/v2.0" in text
    assert f"aud: exactly {registered().app_id}" in text


@pytest.mark.parametrize(
    ("change", "property", "code"),
    [
        ({"api": {"requestedAccessTokenVersion": None}}, "api.requestedAccessTokenVersion", 9010010),
        ({"isFallbackPublicClient": True}, "isFallbackPublicClient", 0),
        ({"identifierUris": ["api://11111111-1111-4111-8111-111111111115"]}, "identifierUris", 9010010),
    ],
)
def test_what_a_registration_lacks_is_said(change: dict[str, Any], property: str, code: int) -> None:
    body = merged_into("api", {"identifierUris": [URL], "api": {"oauth2PermissionScopes": []}})
    body["api"]["oauth2PermissionScopes"] = [{"id": "1", "value": "tools.read", "type": "User", "isEnabled": True}]
    for name, value in change.items():
        body[name] = {**body[name], **value} if isinstance(value, dict) else value
    needs, unread = server_needs(msgspec.convert(body, Registration), NOW)
    assert [(need.property, need.code) for need in needs] == [(property, code)]
    assert unread == ()


def test_a_registration_without_a_url_lacks_it() -> None:
    needs, _ = server_needs(msgspec.convert(merged_into("api", {}), Registration), NOW)
    assert [(need.property, need.code) for need in needs] == [("identifierUris", 9010010)]


def test_what_was_not_read_is_not_taken_for_fitting() -> None:
    body = merged_into("api", {"identifierUris": [URL]})
    del body["api"]
    needs, unread = server_needs(msgspec.convert(body, Registration), NOW)
    assert needs == ()
    assert unread
