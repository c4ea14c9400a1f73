"""The flows of agents and of MCP have the facts of the ends of the tree that lead to them."""

import pytest

from advisor.decide.load import load_tree
from advisor.decide.special_grants import special_grant
from rules.knowledge.grant_flow import Sequence, special_flows

FLOWS = tuple(special_flows().values())


@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.grant)
def test_a_flow_has_the_requests_of_its_end(flow: Sequence) -> None:
    leaf = load_tree().leaf_by_id[flow.leaves[0]]
    row = special_grant(flow)
    assert (row.id, row.title, row.request) == (flow.grant, flow.title, leaf.request)
    assert row.references
    assert row.risks


@pytest.mark.parametrize(
    "flow", [flow for flow in FLOWS if flow.grant.startswith("agent-")], ids=lambda flow: flow.grant
)
def test_the_diagram_has_the_parameters_of_the_requests(flow: Sequence) -> None:
    sent = [message for message in flow.messages if (message.source, message.target) == ("client", "server")]
    requests = special_grant(flow).request
    assert len(sent) == len(requests)
    for message, step in zip(sent, requests, strict=True):
        drawn = {text.partition("=")[0] for text in message.parameters} - {"credential of the blueprint"}
        assert drawn == {text.partition("=")[0] for text in step.parameters} - {"client_assertion_type"}
        assert f"grant_type={special_value(step.parameters)}" in message.parameters


def special_value(parameters: tuple[str, ...]) -> str:
    return next(text.partition("=")[2] for text in parameters if text.startswith("grant_type="))
