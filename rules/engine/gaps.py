"""Requested permissions that no table lists: what they allow is not assessed."""

from __future__ import annotations

from collections.abc import Iterator

from rules.analysis.requested import of_tier, requests_of, takeovers
from rules.engine.prefilter import is_guid
from rules.engine.rule import Gap
from rules.knowledge.permissions import Kind, not_listed
from rules.model.registration import Registration


def unlisted_takeovers(app: Registration, kind: Kind) -> Iterator[Gap]:
    """The permissions of a *kind* that *app* requests and that no table lists: each may take over the tenant.

    There is none where a permission of the table can do so, because an unlisted one then changes nothing. Where only
    personal accounts may sign in, there is no delegated one, because they have no tenant.
    """
    if kind == "Scope":
        is_settled = app.allows_only_personal_accounts or bool(takeovers(app))
    else:
        is_settled = bool(of_tier(app, kind, "tenant"))
    if not is_settled:
        yield from unlisted(app, kind)


def unlisted(app: Registration, kind: Kind) -> Iterator[Gap]:
    """A gap for each permission of a *kind* that *app* requests and that no table lists."""
    for place in requests_of(app).unlisted:
        if place.kind == kind and is_guid(place.id):
            yield Gap(place.pointer, *not_listed(place.resource, place.id))
