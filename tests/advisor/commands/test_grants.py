"""``grantlint grants`` lists the grants and tells each as a textbook would."""

import json
from collections.abc import Callable

import pytest

from advisor.commands.grants import complete_grant
from rules.analysis.grants import GRANTS


def test_the_list_names_every_grant_with_its_status(grantlint: Callable) -> None:
    run = grantlint("grants")
    assert run.status == 0
    for row in GRANTS:
        assert f"\n{row.id} " in f"\n{run.out}"
    assert run.out.count("(last resort)") == 4
    assert max(map(len, run.out.splitlines())) <= 80


@pytest.mark.parametrize("name", [row.id for row in GRANTS])
def test_one_grant_in_full(name: str, grantlint: Callable) -> None:
    run = grantlint("grants", name)
    assert run.status == 0
    for head in ("roles", "steps", "tokens", "refresh token", "scopes", "who can use it", "status", "sources"):
        assert f"\n{head}\n" in run.out
    assert ("\ndrawbacks\n" in run.out) == (name != "none")
    prose = [line for line in run.out.partition("\nthe request")[0].splitlines() if not line.startswith("grant_type=")]
    assert max(map(len, prose)) <= 80


@pytest.mark.parametrize("name", ["jwt-bearer", "urn:ietf:params:oauth:grant-type:jwt-bearer", "On-Behalf-Of"])
def test_other_names_are_understood(name: str, grantlint: Callable) -> None:
    assert grantlint("grants", name).out.startswith("on_behalf_of: ")


@pytest.mark.parametrize("name", ["agent-autonomous", "agent-on-behalf-of", "agent_user", "MCP-server"])
def test_a_flow_of_agents_or_mcp_in_full(name: str, grantlint: Callable) -> None:
    run = grantlint("grants", name)
    assert run.status == 0
    assert "\nwhat the registration needs\n" not in run.out
    for head in ("roles", "steps", "tokens", "refresh token", "scopes", "who can use it", "drawbacks", "sources"):
        assert f"\n{head}\n" in run.out
    assert grantlint("grants", name, "--format", "mermaid").out.startswith("sequenceDiagram\n")


def test_a_diagram_alone(grantlint: Callable) -> None:
    assert grantlint("grants", "device_code", "--format", "mermaid").out.startswith("sequenceDiagram\n")
    assert grantlint("grants", "device_code", "--format", "svg").out.startswith("<svg ")


def test_json_has_the_row_and_its_flow(grantlint: Callable) -> None:
    both = json.loads(grantlint("grants", "password", "--format", "json").out)
    assert (both["id"], both["flow"]["grant"]) == ("password", "password")
    assert len(json.loads(grantlint("grants", "--format", "json").out)) == len(GRANTS)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["grants", "divice_code"], "unknown grant 'divice_code'; did you mean 'device_code'?"),
        (["grants", "--format", "svg"], "--format svg draws one grant; name it"),
    ],
)
def test_a_wrong_word_is_one_line(arguments: list[str], said: str, grantlint: Callable) -> None:
    run = grantlint(*arguments)
    assert (run.status, run.out) == (2, "")
    assert said in run.err


def test_grants_are_completed() -> None:
    assert complete_grant("dev") == ["device_code"]


def test_a_grant_that_should_not_be_used_names_what_replaces_it(grantlint: Callable) -> None:
    assert "instead\n  Authorization code with PKCE" in grantlint("grants", "password").out
    assert "instead" not in grantlint("grants", "client_credentials").out
