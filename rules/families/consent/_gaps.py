"""What is not known of delegated permissions that were granted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import UNSET

from rules.analysis.principals import unlisted
from rules.engine.rule import Gap
from rules.model.tenant_app import Granted, TenantApp


def gaps(app: TenantApp, rows: Sequence[Granted]) -> Iterator[Gap]:
    """A gap for each grant of *rows* on an API that was not read, and for each permission that the table lacks."""
    if not app.tenant.whole:
        for pointer in dict.fromkeys(row.pointer for row in rows if not row.resource):
            yield Gap(pointer, "the API of this permission was not read", "failed")
    if rows and app.kind == "agent identity" and app.blueprint is UNSET:
        yield Gap(
            "/servicePrincipal/agentIdentityBlueprintId", "who owns the blueprint of the agent was not read", "failed"
        )
    yield from (Gap(*one) for one in unlisted(rows, "Scope"))
