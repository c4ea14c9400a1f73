"""What permissions of Microsoft Graph are called on the consent page, and who may consent to them.

The table ``permission_titles.tsv`` has a row for each permission that the service principal of Microsoft Graph in the
global cloud offers (merill/microsoft-info, commit 43b8a5d, 2026-08-20). It is read only where a permission is
explained.

**To refresh it**, run ``python tests/project/refresh.py titles``.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Literal

import msgspec

from rules.knowledge.data import read_table
from rules.knowledge.permissions import GRAPH, Kind, Permission


class PermissionTitle(msgspec.Struct, frozen=True):
    """A permission of Microsoft Graph by kind and ID, its title for administrators, and who may consent to it.

    ``consent`` is the property ``type`` of a delegated permission. *user* means that users may consent if a policy of
    the tenant lets them.
    """

    kind: Kind
    id: str
    title: str
    consent: Literal["admin", "user"]


@cache
def _titles() -> Mapping[tuple[str, str], PermissionTitle]:
    return {(row.kind, row.id): row for row in read_table("rules.knowledge", "permission_titles.tsv", PermissionTitle)}


def title_of(row: Permission) -> PermissionTitle | None:
    """The title of a permission; ``None`` where Microsoft's list for it was not read."""
    return _titles().get((row.kind, row.id)) if row.resource == GRAPH else None


def needs_administrator(row: Permission) -> bool | None:
    """Whether an administrator must consent to a permission; ``None`` where that is not known."""
    title = title_of(row)
    return True if row.kind == "Role" else title.consent == "admin" if title else None


def consent_to(row: Permission) -> str:
    """Who can consent to a permission, as a sentence without a full stop."""
    return {
        True: "an administrator must consent",
        False: "users can consent, if the consent policy of the tenant allows it",
        None: "not known: the API decides whether users can consent",
    }[needs_administrator(row)]
