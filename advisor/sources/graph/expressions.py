"""The expressions of federated credentials, which Microsoft Graph returns in its beta alone.

A credential has either a subject or an expression, so that few applications are read again. A cloud that refuses the
request or does not know the property leaves the expression unread.

Source: Microsoft Graph beta, "federatedIdentityCredential resource type" (``claimsMatchingExpression``).
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

import msgspec
from msgspec import UNSET

from advisor.sources.graph import decode
from advisor.sources.graph.client import Client, Method, RequestInformation
from advisor.sources.graph.failure import Failure
from advisor.sources.reading.remedies import IN_THE_PORTAL
from rules.model.registration import FederatedCredential


def lacks_expression(credential: FederatedCredential) -> bool:
    """Whether the credential may have an expression that was not read."""
    return credential.subject is None and credential.claims_matching_expression is UNSET


async def read_expressions(
    client: Client, endpoint: str, application: str, credentials: Sequence[FederatedCredential]
) -> list[FederatedCredential]:
    """The *credentials* of an *application*, by object ID, with their expressions from Graph beta at *endpoint*.

    Raises ``Failure`` where one of them stays unread.
    """
    information = RequestInformation(Method.GET)
    information.url = f"{endpoint}/beta/applications/{quote(application, safe='')}/federatedIdentityCredentials"
    found = {one.id: one async for page in client.pages(information, decode.FEDERATED) for one in page.value}
    read = [
        msgspec.structs.replace(one, claims_matching_expression=found[one.id].claims_matching_expression)
        if lacks_expression(one) and one.id in found
        else one
        for one in credentials
    ]
    if any(map(lacks_expression, read)):
        raise Failure("Microsoft Graph beta did not return the expression of a credential", remedy=IN_THE_PORTAL)
    return read
