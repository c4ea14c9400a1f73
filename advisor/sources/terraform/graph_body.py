"""Resources of the provider msgraph: a URL of Microsoft Graph, and a body in Graph's own vocabulary.

Source: Microsoft/terraform-provider-msgraph, docs/resources ``resource`` and ``update_resource``.
"""

from __future__ import annotations

import re
from typing import Final

import msgspec

from advisor.sources.code.assembled import Branch
from advisor.sources.code.graph_resource import credential_of
from advisor.sources.reading.node import Node
from advisor.sources.terraform.schema import GRAPH_APPLICATION, GRAPH_CREDENTIAL, GRAPH_UPDATE
from advisor.sources.terraform.shape import Resource

_CREDENTIALS: Final = re.compile(r"^/?applications[/(].*/federatedIdentityCredentials/?$")
_ONE: Final = re.compile(r"^/?applications[/(][^/]*\)?/?$")
#: Graph's ways to name an object that exists; they are not properties.
_BOUND: Final = "@odata.bind"


def of_graph(resource: Resource, words: str) -> Resource | None:
    """The same resource as an application, a federated credential or a change of an application; nothing for anything
    else.

    *words* are how the URL is written; where they are not known, as in a plan, the body says what it is.
    """
    url, body = resource.body.get("url"), resource.body.get("body")
    text = url.value if url is not None and isinstance(url.value, str) else words.strip().strip('"')
    members = body.value if body is not None and isinstance(body.value, dict) else {}
    if text.strip("/") == "applications":
        kind = GRAPH_APPLICATION
    elif _CREDENTIALS.match(text) or (not text and {"issuer", "audiences"} <= members.keys()):
        kind = GRAPH_CREDENTIAL
    elif (_ONE.match(text) or (not text and resource.belongs_to)) and resource.type == "msgraph_update_resource":
        kind = GRAPH_UPDATE
    else:
        return None
    return msgspec.structs.replace(resource, type=kind, body=members)


def add_body(tree: Branch, resource: Resource) -> None:
    """Add what the body says to an application: a credential, or properties over those that are there."""
    if resource.type == GRAPH_CREDENTIAL:
        node = _spelled(Node(dict(resource.body), resource.place), resource.address)
        tree.append("/federatedIdentityCredentials", credential_of(node, ()).node)
        return
    for name, node in resource.body.items():
        if not name.endswith(_BOUND):
            _put(tree, f"/{name}", _spelled(node, f"{resource.address}.body.{name}"))


def _put(tree: Branch, pointer: str, node: Node) -> None:
    if isinstance(node.value, dict):
        for name, member in node.value.items():
            _put(tree, f"{pointer}/{name}", member)
    else:
        tree.put(pointer, node, over=True)


def _spelled(node: Node, name: str) -> Node:
    """The same value under the name that it has in the configuration."""
    value = node.value
    if isinstance(value, dict):
        value = {key: _spelled(member, f"{name}.{key}") for key, member in value.items()}
    elif isinstance(value, list):
        value = [_spelled(member, f"{name}[{index}]") for index, member in enumerate(value)]
    return Node(value, node.place, name)
