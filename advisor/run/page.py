"""The interactive page, with the registration of each end as ``grantlint recipe`` makes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from advisor.decide.page.build import build_page
from advisor.decide.parts import CredentialLeaf, Leaf
from advisor.decide.tree import DecisionTree
from advisor.preflight.recipe import Preferences, make_recipe
from advisor.preflight.recipe_mcp import make_server
from advisor.preflight.template import make_template
from advisor.run.session import VERSION, clock_utc
from advisor.templates.mcp import server_template
from rules.analysis.grants import grant
from rules.knowledge.grant_flow import flow_of, special_flows
from rules.model.registration import PLATFORMS

#: The name of a registration that the reader has not named.
_NAME = "My application"


def advisor_page(tree: DecisionTree, answers: Mapping[str, str]) -> str:
    """The page for *tree*, as of today; *answers* are preset for every visitor, who may change them."""
    return build_page(
        tree, answers, version=VERSION, made_on=clock_utc().date().isoformat(), registration=_registration
    )


def _registration(leaf: Leaf, end: CredentialLeaf | None) -> Mapping[str, Any] | None:
    """The registration of an end in Graph JSON; nothing for a client that requests no token, nor for an agent."""
    flow = flow_of(leaf.grant, leaf.id)
    if flow == "mcp-server":
        server = make_server(None, Preferences())
        return server_template(_NAME, server.url, server.scopes, (), login=server.login).body
    if leaf.grant == "none" or flow in special_flows():
        return None
    row = grant(leaf.grant)
    platform = next((name for name in PLATFORMS if name == leaf.platform), None)
    credential = end.kind if end and end.kind != "none" else ""
    preferences = Preferences(platform=platform, credential=credential)
    made = make_recipe(row, None, preferences, clock_utc(), lambda _: "")
    return make_template(
        row,
        preferences,
        name=_NAME,
        platform=made.platform,
        redirect_uri=made.redirect_uri,
        credential=made.credential,
    ).body
