"""Requested application permissions that no table lists: what they allow is not known."""

from __future__ import annotations

from collections.abc import Iterator

from rules.analysis.requested import requests_of
from rules.engine.prefilter import is_guid
from rules.engine.rule import Gap
from rules.knowledge.permissions import not_listed
from rules.model.registration import Registration


def unlisted_roles(app: Registration) -> Iterator[Gap]:
    """A gap for each in *app*: it may be able to take over the tenant, which would raise a severity."""
    for place in requests_of(app).unlisted:
        if place.kind == "Role" and is_guid(place.id):
            yield Gap(place.pointer, *not_listed(place.resource, place.id))
