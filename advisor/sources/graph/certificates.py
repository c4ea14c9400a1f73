"""The certificates of applications: one request for each application that has one, twenty to a batch.

Graph returns the public key of a credential only for a single object. What a certificate says is kept, and a digest.

Source: Microsoft Graph v1.0, "keyCredential" (``key``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from advisor.sources.graph import decode
from advisor.sources.graph.batch import BatchItem, send_batch
from advisor.sources.graph.client import Client
from advisor.sources.graph.failure import BROKEN, Failure
from advisor.sources.graph.queries import Queries
from advisor.sources.tenant.records import CERTIFICATES, Certificates, Missing, Outcome, PublicKey, Record
from rules.model.registration import Unread

AT = "/keyCredentials"


async def read_certificates(
    client: Client, queries: Queries, emit: Callable[[Record], None], applications: Sequence[str]
) -> None:
    """Hand the public keys of these *applications*, by object ID, to *emit*, and how the part ended."""
    gap: Unread | None = None
    read = 0
    async for answer in send_batch(client, [BatchItem(one, queries.certificates(one)) for one in applications]):
        try:
            if answer.failure is not None:
                raise answer.failure
            emit(Certificates({answer.about: _keys(answer.body)}))
            read += 1
        except Failure as failure:
            missing = failure.fixed_by(CERTIFICATES.remedy)
            gap = gap or missing
            emit(Missing(answer.about, AT, missing))
    emit(Outcome(CERTIFICATES.id, "read" if gap is None else "partly" if read else "not-read", gap))


def _keys(body: bytes) -> dict[str, PublicKey]:
    """The public keys in an answer, by key ID. Raises ``Failure``."""
    try:
        found = decode.KEYED(body).key_credentials or ()
    except ValueError:
        raise Failure(BROKEN) from None
    return {str(one.key_id): PublicKey(one.digest, one.certificate) for one in found}
