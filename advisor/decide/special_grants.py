"""The flows of agents and of MCP as rows of the table of grants.

What the registration needs, the requests and the risks are those of an end of the decision tree, so no fact is written
twice.
"""

from __future__ import annotations

import msgspec

from advisor.decide.load import load_tree
from rules.analysis.grants import Grant, grant
from rules.knowledge.grant_flow import Sequence
from rules.model.registration import Platform


def special_grant(flow: Sequence) -> Grant:
    """The row of *flow*, which is one of ``rules.knowledge.grant_flow.special_flows``.

    Its ID is that of the flow; ``wire`` is what the last request has. It has no switches: a blueprint has none of
    these properties, and the registration of an MCP server is described by the tree.
    """
    tree = load_tree()
    leaf = tree.leaf_by_id[flow.leaves[0]]
    row = grant(leaf.grant)
    wires = (
        text.partition("=")[2] for step in leaf.request for text in step.parameters if text.startswith("grant_type=")
    )
    no_platform: tuple[Platform, ...] = ()
    return msgspec.structs.replace(
        row,
        id=flow.grant,
        title=flow.title,
        short=leaf.why[0],
        status="situational" if leaf.as_user else row.status,
        user="absent" if leaf.as_user else row.user,
        wire=([*wires] or [row.wire])[-1],
        platforms=no_platform,
        switches=(),
        request=leaf.request or row.request,
        risks=(*leaf.warnings, *leaf.risks),
        references=tuple(tree.source_by_id[name] for name in leaf.sources),
    )
