"""What ``rules.knowledge.grant_flow`` says of each grant is complete, in order, and agrees with the table of grants."""

import pytest

from rules.analysis.grants import GRANTS
from rules.knowledge.grant_flow import ROLES, Sequence, flow_of, sequences, sequences_of, special_flows

SEQUENCES = tuple(sequences().values())
SPECIAL = tuple(special_flows().values())

BY_ID = {row.id: row for row in GRANTS}


def named(row: Sequence) -> str:
    return row.grant


def test_every_grant_has_one_flow() -> None:
    assert [row.grant for row in SEQUENCES] == [row.id for row in GRANTS]


@pytest.mark.parametrize("row", SEQUENCES, ids=named)
def test_a_grant_has_steps_tokens_drawbacks_status_and_sources(row: Sequence) -> None:
    table = BY_ID[row.grant]
    assert row.messages
    assert row.tokens
    assert row.status
    assert row.scopes
    assert row.who
    assert row.references or table.references
    assert table.risks or row.grant == "none"
    for reference in (*row.references, *table.references):
        assert reference.url.startswith("https://")


@pytest.mark.parametrize("row", SEQUENCES, ids=named)
def test_the_roles_of_rfc_6749_are_played_where_a_token_is_asked_for(row: Sequence) -> None:
    names = dict(ROLES)
    roles = {"resource owner", "client", "authorization server", "resource server"}
    if row.grant == "none":
        roles = {"client", "resource server"}
    assert roles <= {names[role] for role, _ in row.players}


@pytest.mark.parametrize("row", [*SEQUENCES, *SPECIAL], ids=named)
def test_nobody_speaks_who_is_not_introduced(row: Sequence) -> None:
    players = {role for role, _ in row.players}
    for message in row.messages:
        assert {message.source, message.target} <= players
        assert message.source != message.target


def test_a_refresh_token_is_promised_exactly_where_one_can_come() -> None:
    without = {"client_credentials", "implicit", "none"}
    assert {row.grant for row in SEQUENCES if row.refresh.startswith("No")} == without
    for row in SEQUENCES:
        if row.grant in without:
            assert not any("refresh token" in token for token in row.tokens), row.grant


@pytest.mark.parametrize("row", SEQUENCES, ids=named)
def test_no_last_resort_is_called_recommended_and_no_recommended_grant_is_called_less(row: Sequence) -> None:
    assert row.status.startswith("Recommended") == (BY_ID[row.grant].status == "recommended")


def test_a_flow_of_agents_or_mcp_is_shown_instead_of_that_of_its_grant() -> None:
    assert [row.grant for row in SPECIAL] == ["agent-autonomous", "agent-on-behalf-of", "agent-user", "mcp-server"]
    assert flow_of("none", "mcp-data") == "mcp-server"
    assert flow_of("none", "another-leaf") == "none"
    assert [row.grant for row in sequences_of({"mcp-server", "none"})] == ["none", "mcp-server"]


@pytest.mark.parametrize("row", SPECIAL, ids=named)
def test_such_a_flow_is_as_complete_as_that_of_a_grant(row: Sequence) -> None:
    assert row.title
    assert row.leaves
    assert row.references
    assert row.grant not in BY_ID
    assert all((row.tokens, row.refresh, row.scopes, row.who, row.status))
    assert not row.refresh.startswith("No") or not any("refresh token" in token for token in row.tokens)
