"""The data of ``grantlint demo``: registrations of Contoso, a company that does not exist, and answers for one client.

``contoso.json`` is a response of Microsoft Graph to ``GET /applications`` with owners and federated credentials. Three
of its nine registrations (field service, API, pipeline) have no mistake; the others have common ones.
``contoso-tenant.jsonl`` is a snapshot of a tenant. It has two registrations, an application of another organization and
a managed identity, with their grants and the policies. All identifiers are invented, except those of Microsoft Graph,
its permissions and Microsoft's tenant.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

#: The files that are checked.
BUNDLE: Final = ("contoso.json", "contoso-tenant.jsonl")

#: The client that the advice is for.
CLIENT: Final = "Orders page"

#: Its answers to the questions of the tree: a single-page application with a current library.
ANSWERS: Final[Mapping[str, str]] = {"token-for": "user", "runs-in": "browser", "page-tokens": "page"}

#: The moment at which the registrations are checked: their credentials have dates, and would tell another story later.
CHECKED_AT: Final = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
