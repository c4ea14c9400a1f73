"""Which registrations are MCP servers, and what the rules say where something was not read."""

from typing import Any

import msgspec
import pytest

from rules.analysis.mcp import is_mcp_url, mcp_signs
from rules.engine.rule import Context, Subject
from rules.engine.run import lint
from rules.families import RULES
from rules.model.clean import NOW, merged_into
from rules.model.registration import Registration, Unread, mark_unread
from rules.model.settings import Settings
from rules.primitives.uri import parse

MCP = tuple(rule for rule in RULES if rule.id.startswith("mcp-server"))


def api(unread: tuple[str, ...] = (), **fragment: Any) -> Registration:
    app = msgspec.convert(merged_into("api", fragment), Registration)
    return mark_unread(app, {pointer: Unread("placeholder") for pointer in unread})


def scope(value: str, **change: Any) -> dict[str, Any]:
    return {
        "api": {"oauth2PermissionScopes": [{"id": "1", "value": value, "type": "User", "isEnabled": True, **change}]}
    }


@pytest.mark.parametrize(
    ("text", "is_server"),
    [
        ("https://mcp.contoso.com", True),
        ("https://MCP.contoso.com:8443", True),
        ("https://contoso.com/tools/mcp", True),
        ("https://contoso.com/mcp/", True),
        ("https://contoso.com/mcpx", False),
        ("https://mcpherson.example", False),
        ("api://mcp.contoso.com", False),
        ("api://11111111-1111-4111-8111-111111111115", False),
    ],
)
def test_a_url_names_an_mcp_server_by_its_first_label_or_the_end_of_its_path(text: str, is_server: bool) -> None:
    assert is_mcp_url(parse(text)) is is_server


@pytest.mark.parametrize(
    ("value", "is_server"),
    [
        ("mcp", True),
        ("mcp.tools", True),
        ("MCP:Read", True),
        ("tools.execute", True),
        ("tool.read", True),
        ("Tools.Rent", False),
        ("mcpherson", False),
        ("Orders.Read", False),
    ],
)
def test_a_scope_names_an_mcp_server_by_its_words(value: str, is_server: bool) -> None:
    assert bool(mcp_signs(api(**scope(value)))) is is_server
    assert not mcp_signs(api(**scope(value, isEnabled=False)))


def test_what_was_not_read_is_no_sign() -> None:
    app = api(unread=("/identifierUris/0",), identifierUris=["https://mcp.contoso.com"])
    assert not mcp_signs(app)


def test_a_redirect_uri_is_not_compared_with_a_url_that_was_not_read() -> None:
    spa = {"spa": {"redirectUris": ["https://chat.contoso.com/"]}}
    app = api(unread=("/identifierUris/0",), identifierUris=["https://x"], **scope("mcp.tools"), **spa)
    result = lint([Subject("x", app)], MCP, Context(NOW, Settings()))
    assert not result.findings
    assert {gap.rule for gap in result.not_assessed} >= {
        "mcp-server-shared-with-client",
        "mcp-server-url-not-registered",
    }


def test_a_server_behind_app_service_authentication_shares_nothing() -> None:
    app = api(
        identifierUris=["https://contoso.com/mcp"],
        web={"redirectUris": ["https://contoso.azurewebsites.net/.auth/login/aad/callback"]},
    )
    assert not lint([Subject("x", app)], MCP, Context(NOW, Settings())).findings
