"""The tenant itself and its policies: one batch."""

from __future__ import annotations

from typing import Final

import msgspec

from advisor.sources.graph import decode
from advisor.sources.graph.batch import Answer, BatchItem, send_batch
from advisor.sources.graph.client import Client
from advisor.sources.graph.failure import Failure
from advisor.sources.graph.queries import EXPAND_LIMIT, Queries
from advisor.sources.tenant.records import (
    APP_MANAGEMENT,
    ELIGIBLE_ROLES,
    ORGANIZATION,
    PART_BY_ID,
    POLICY_TYPES,
    RISKS,
    Outcome,
    Policy,
    Record,
)
from rules.model.registration import Unread
from rules.model.tenant import Organization

#: Graph's error code in a tenant without Microsoft Entra ID P2 or ID Governance. Such a tenant has no eligible roles
#: (Microsoft, "What happens to PIM when a license expires?"). The code itself is known from answers of Graph alone.
_WITHOUT_LICENSE: Final = "AadPremiumLicenseRequired"


async def read_policies(client: Client, queries: Queries, *, fast: bool, risks: bool = False) -> list[Record]:
    """The records of the organization and, unless *fast*, of the policies; with *risks*, of the risky service
    principals too.
    """
    wanted = [BatchItem(ORGANIZATION.id, queries.organization())]
    if not fast:
        wanted += [BatchItem(part, information) for part, information in queries.policies().items()]
        wanted += [BatchItem(RISKS.id, queries.risks())] if risks else []
    return [record async for answer in send_batch(client, wanted) for record in await _records(client, answer)]


def organization_in(records: list[Record]) -> Organization | None:
    """The organization among the records, if it was read."""
    for record in records:
        if isinstance(record, Policy) and record.part == ORGANIZATION.id:
            return msgspec.json.decode(record.value, type=Organization)
    return None


async def _records(client: Client, answer: Answer[str]) -> list[Record]:
    part = PART_BY_ID[answer.about]
    kind = POLICY_TYPES[part.id]
    try:
        if answer.failure is not None:
            raise answer.failure
        if part is ORGANIZATION:
            value = _first(answer.body)
        elif decode.is_list(kind):
            value = decode.policy(await _all_pages(client, answer.body), kind)
        else:
            value = decode.policy(answer.body, kind)
        if part is APP_MANAGEMENT:
            value = decode.whole_targets(value, EXPAND_LIMIT)
    except Failure as failure:
        if part is ELIGIBLE_ROLES and failure.code == _WITHOUT_LICENSE:
            return [Policy(part.id, msgspec.Raw(b"[]")), Outcome(part.id, "read")]
        return [Outcome(part.id, "not-read", failure.fixed_by(part.remedy))]
    except ValueError as error:  # msgspec's errors are some, and name the property
        note = f"the response of Graph has an unexpected type: {error}"
        return [Outcome(part.id, "not-read", Unread("malformed", note=note, remedy="report a bug in grantlint"))]
    return [Policy(part.id, value), Outcome(part.id, "read")]


async def _all_pages(client: Client, body: bytes) -> bytes:
    """A list whose first page came in a batch, with its further pages, as JSON. Raises ``Failure``."""
    page = decode.POLICY_PAGE(body)
    values = list(page.value)
    if page.next_link:
        async for more in client.pages(client.follow(page.next_link), decode.POLICY_PAGE):
            values += more.value
    return msgspec.json.encode(values)


def _first(body: bytes) -> msgspec.Raw:
    """Graph gives the organization as a list of one."""
    found = msgspec.json.decode(body, type=decode.PageOf[Organization]).value
    if not found:
        raise Failure("Graph returned no data about the tenant itself", reason="refused", status=403)
    return msgspec.Raw(msgspec.json.encode(found[0]))
