"""Each grant as a sequence diagram: text of 80 columns, Mermaid, SVG; and the table behind it."""

import xml.etree.ElementTree as ET

import pytest

from reports.sequence import diagram_after, sequence_for, sequence_mermaid, sequence_svg, sequence_text, taking_part
from rules.analysis.grants import GRANTS
from rules.knowledge.grant_flow import ROLES, Sequence, sequence, sequences, special_flows

SEQUENCES = (*sequences().values(), *special_flows().values())


def test_every_grant_is_told_in_the_order_of_the_table() -> None:
    assert [*sequences()] == [row.id for row in GRANTS]
    with pytest.raises(KeyError):
        sequence("magic")


@pytest.mark.parametrize("row", SEQUENCES, ids=lambda row: row.grant)
def test_a_flow_is_complete(row: Sequence) -> None:
    speaking = {role for message in row.messages for role in (message.source, message.target)}
    assert {role for role, _ in row.players} == speaking | ({"owner"} & {role for role, _ in row.players})
    assert row.tokens
    for text in (row.refresh, row.scopes, row.who, row.status):
        assert text.endswith(".")
    assert row.references
    # The wire's grant_type travels in one of its messages.
    wire = next((grant.wire for grant in GRANTS if grant.id == row.grant), "grant_type")
    sent = " ".join(parameter for message in row.messages for parameter in message.parameters)
    assert wire.split(" ")[0] in sent


@pytest.mark.parametrize("row", SEQUENCES, ids=lambda row: row.grant)
def test_the_text_fits_80_columns_and_shows_every_step(row: Sequence) -> None:
    lines = sequence_text(row).splitlines()
    assert max(map(len, lines)) <= 80
    words = " ".join(" ".join(lines).replace("│", " ").split())
    for number, message in enumerate(row.messages, 1):
        assert f"{number} {message.says}" in words
        for parameter in message.parameters:
            assert parameter in words
    assert sum("▶" in line or "◀" in line for line in lines) == len(row.messages)


@pytest.mark.parametrize("row", SEQUENCES, ids=lambda row: row.grant)
def test_mermaid_has_every_message_on_a_line(row: Sequence) -> None:
    lines = sequence_mermaid(row).splitlines()
    assert lines[0] == "sequenceDiagram"
    assert sum(">>" in line for line in lines) == len(row.messages)
    assert sum(line.startswith("  participant ") for line in lines) == len(taking_part(row))
    assert not any(
        ";" in line.replace("#59;", "").replace("#35;", "").replace("#lt;", "").replace("#gt;", "") for line in lines
    )


@pytest.mark.parametrize("row", SEQUENCES, ids=lambda row: row.grant)
def test_the_svg_is_well_formed_and_named(row: Sequence) -> None:
    root = ET.fromstring(sequence_svg(row))
    space = "{http://www.w3.org/2000/svg}"
    assert root.find(f"{space}title") is not None
    width = float(root.get("width") or 0)
    for text in root.iter(f"{space}text"):
        assert 0 <= float(text.get("x") or 0) < width
    assert len(list(root.iter(f"{space}line"))) == len(row.messages) + len(taking_part(row))


def test_the_roles_are_those_of_the_rfc() -> None:
    assert {"resource owner", "client", "authorization server", "resource server"} <= {name for _, name in ROLES}


def test_an_advice_has_the_flow_of_its_end_before_that_of_its_grant() -> None:
    rows = (sequence("client_credentials"), sequence("agent-user"))
    assert sequence_for("agent-user", "client_credentials", rows) == sequence("agent-user")
    assert sequence_for("daemon", "client_credentials", rows) == sequence("client_credentials")
    assert sequence_for("daemon", "none", rows) is None


def test_the_diagram_comes_after_the_requests_or_the_risks_of_a_server_without_any() -> None:
    assert diagram_after(sequence("agent-user"), ["why", "request", "risks"]) == "request"
    assert diagram_after(sequence("agent-user"), ["why", "risks"]) == ""
    assert diagram_after(sequence("mcp-server"), ["why", "risks"]) == "risks"
