"""The properties that a reading selects exist in Microsoft Graph v1.0."""

from pathlib import Path

import msgspec
import pytest

from advisor.sources.graph.queries import APPLICATION, PRINCIPAL, selected
from rules.model.policies import AppManagementPolicy, ClaimsMappingPolicy
from rules.model.tenant import Organization, RiskyServicePrincipal, RoleAssignment, User, UserRegistrationDetails
from tests.graph_server import names

SCHEMA = Path(__file__).resolve().parents[5] / "shared" / "facts" / "graph-v1-schema.json"
SELECTED = {
    "application": APPLICATION,
    "servicePrincipal": PRINCIPAL,
    "organization": selected(Organization),
    "unifiedRoleAssignment": selected(RoleAssignment),
    "riskyServicePrincipal": selected(RiskyServicePrincipal),
    "userRegistrationDetails": selected(UserRegistrationDetails),
    "claimsMappingPolicy": selected(ClaimsMappingPolicy, frozenset(("appliesTo",))),
    "user": selected(User),
    "appManagementPolicy": selected(AppManagementPolicy, frozenset(("appliesTo",))),
}


@pytest.mark.parametrize("kind", SELECTED)
def test_the_metadata_has_each_selected_property(kind: str) -> None:
    if not SCHEMA.exists():
        pytest.skip("../shared/facts/graph-v1-schema.json is absent")
    types = msgspec.json.decode(SCHEMA.read_bytes())["types"]
    known = {
        "id",
        *types[kind]["properties"],
        *types["policyBase"]["properties"],
        *types["directoryObject"]["properties"],
    }
    assert set(SELECTED[kind]) <= known


@pytest.mark.parametrize(
    ("kind", "known"),
    [
        ("application", names.APPLICATION),
        ("servicePrincipal", names.SERVICE_PRINCIPAL),
        ("organization", names.ORGANIZATION),
        ("unifiedRoleAssignment", names.ROLE_ASSIGNMENT),
        ("user", names.USER),
        ("riskyServicePrincipal", names.RISK),
    ],
)
def test_the_local_graph_knows_each_selected_property(kind: str, known: frozenset[str]) -> None:
    assert set(SELECTED[kind]) <= known
