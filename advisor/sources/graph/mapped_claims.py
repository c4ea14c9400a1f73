"""The claims mapping policies of the tenant, and for each the service principals that it applies to.

``$expand`` would cut the targets off at twenty, so that each policy is a part of a batch.

Source: Microsoft Graph v1.0, "List claimsMappingPolicies" and "List appliesTo" (query parameters and permissions).
"""

from __future__ import annotations

import msgspec

from advisor.sources.graph import decode
from advisor.sources.graph.batch import BatchItem, send_batch
from advisor.sources.graph.chosen import whole_list
from advisor.sources.graph.client import Client
from advisor.sources.graph.failure import Failure
from advisor.sources.graph.queries import Queries
from advisor.sources.tenant.records import MAPPED_CLAIMS, Outcome, Policy, Record
from rules.model.policies import ClaimsMappingPolicy
from rules.model.registration import Unread


async def read_mapped_claims(client: Client, queries: Queries) -> list[Record]:
    """The records of these policies. Raises ``Failure`` when their list cannot be read."""
    pages = client.pages(queries.claims_mapping_policies(), decode.CLAIMS_MAPPING)
    policies = [one async for page in pages for one in page.value]
    found: list[ClaimsMappingPolicy] = []
    gap: Unread | None = None
    items = [BatchItem(one, queries.applied_to(one.id)) for one in policies if isinstance(one.id, str)]
    async for answer in send_batch(client, items):
        targets: list[decode.Identified] = []
        try:
            if answer.failure is not None:
                raise answer.failure
            if await whole_list(client, answer.body, decode.MEMBERS, targets.append):
                raise Failure("a target has no ID", reason="malformed")
            found.append(msgspec.structs.replace(answer.about, applies_to=tuple(one.id for one in targets)))
        except Failure as failure:
            gap = gap or failure.fixed_by(MAPPED_CLAIMS.remedy)
    return [
        Policy(MAPPED_CLAIMS.id, msgspec.Raw(msgspec.json.encode(found))),
        Outcome(MAPPED_CLAIMS.id, "read" if gap is None else "partly", gap),
    ]
