"""The claims mapping policies of the tenant, and for each the service principals that it applies to.

``$expand`` would cut the targets off at twenty, so that each policy is a part of a batch.

Source: Microsoft Graph v1.0, "List claimsMappingPolicies" and "List appliesTo" (query parameters and permissions).
"""

from __future__ import annotations

import msgspec

from advisor.sources.graph import decode
from advisor.sources.graph.batch import BatchItem
from advisor.sources.graph.client import Client
from advisor.sources.graph.members import read_members
from advisor.sources.graph.queries import Queries
from advisor.sources.tenant.records import MAPPED_CLAIMS, Outcome, Policy, Record


async def read_mapped_claims(client: Client, queries: Queries) -> list[Record]:
    """The records of these policies. Raises ``Failure`` when their list cannot be read."""
    pages = client.pages(queries.claims_mapping_policies(), decode.CLAIMS_MAPPING)
    policies = [one async for page in pages for one in page.value]
    items = [BatchItem(one, queries.applied_to(one.id)) for one in policies if isinstance(one.id, str)]
    lists, gap = await read_members(client, items, "target", MAPPED_CLAIMS.remedy)
    found = [msgspec.structs.replace(one, applies_to=ids) for one, ids in lists]
    return [
        Policy(MAPPED_CLAIMS.id, msgspec.Raw(msgspec.json.encode(found))),
        Outcome(MAPPED_CLAIMS.id, "read" if gap is None else "partly", gap),
    ]
