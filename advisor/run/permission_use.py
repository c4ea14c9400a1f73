"""Which registrations of a stored report request or have a permission."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from reports.report import Report
from reports.rows import PermissionRow, RegistrationRow
from rules.knowledge.permissions import Permission
from rules.primitives.texts import is_guid


class Use(NamedTuple):
    """The registrations with a permission, those without it, and those of which it is not known, by name."""

    has: tuple[str, ...]
    lacks: tuple[str, ...]
    not_known: tuple[str, ...]


def requested_by(report: Report, row: Permission) -> Use:
    """Which registrations of *report* request a permission."""
    return _use(row, ((one, one.requested) for one in report.registrations if one.kind == "registration"))


def granted_to(report: Report, row: Permission) -> Use:
    """Which applications of *report* were granted a permission."""
    return _use(row, ((one, one.granted) for one in report.registrations if one.kind != "tenant"))


def _use(row: Permission, lists: Iterable[tuple[RegistrationRow, tuple[PermissionRow, ...] | None]]) -> Use:
    has, lacks, not_known = [], [], []
    for one, permissions in lists:
        name = f"{one.name} ({one.origin.file or one.tenant})" if one.origin.file or one.tenant else one.name
        if any(_is(found, row) for found in permissions or ()):
            has.append(name)
        elif permissions is None or any(_may_be(found, row) for found in permissions):
            not_known.append(name)
        else:
            lacks.append(name)
    return Use(tuple(has), tuple(lacks), tuple(not_known))


def _is(found: PermissionRow, row: Permission) -> bool:
    is_named = found.id.casefold() == row.id or (not found.id and found.name.casefold() == row.value.casefold())
    return is_named and found.resource.casefold() == row.resource and found.reach == row.reach


def _may_be(found: PermissionRow, row: Permission) -> bool:
    """Whether a resource or an ID that only the deployment knows may be that of the permission."""
    values = ((found.resource, row.resource), (found.id or found.name, row.id), (found.reach, row.reach))
    return any(_is_unknown(one) for one, _ in values[:2]) and all(
        one.casefold() == wanted or _is_unknown(one) for one, wanted in values
    )


def _is_unknown(value: str) -> bool:
    """Whether a value is neither an ID nor the name of a permission or of a reach."""
    return not is_guid(value) and not value.replace(".", "").replace("_", "").replace("-", "").isalnum()
