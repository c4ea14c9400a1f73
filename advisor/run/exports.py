"""Add evidence in files to what was read: sign-ins, and exports of other services for the one tenant of the run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec

from advisor.errors import UsageError
from advisor.limits import Limits
from advisor.run.usage import with_usage
from advisor.sources.tenant.exports import KINDS, read_export
from reports.rows import Input

if TYPE_CHECKING:
    from advisor.sources.reading.builder import Reading


def with_evidence(
    read: Callable[[], Reading], usage: Sequence[str], exports: Sequence[str], now: datetime, limits: Limits
) -> Callable[[], Reading]:
    """What does as *read*, and adds the files that *usage* (``--usage``) and *exports* (``--export``) name, read once.

    Raises ``UsageError`` for a kind that does not exist, and where exports are not about one tenant; ``InputError`` for
    a file that is not such an export.
    """
    read = with_usage(read, usage, now)
    named = [_named(value) for value in exports]
    found: dict[str, tuple[Any, ...]] = {}
    for kind, path in named:
        member = KINDS[kind].member
        found[member] = (*found.get(member, ()), *read_export(KINDS[kind], path, limits))

    def read_with_exports() -> Reading:
        reading = read()
        if len(reading.tenants) != 1:
            what = f"--export is about one tenant, and {len(reading.tenants)} were read"
            raise UsageError(what, hint="lint a tenant with --tenant, or a snapshot of it")
        ((name, tenant),) = reading.tenants.items()
        fields = {field.encode_name: field.name for field in msgspec.structs.fields(type(tenant))}
        unread = {member: gap for member, gap in tenant.unread.items() if member not in found}
        rows = {fields[member]: value for member, value in found.items()}
        reading.tenants[name] = msgspec.structs.replace(tenant, unread=unread, **rows)
        reading.inputs += tuple(Input(name=path, format="export", status="read") for _, path in named)
        return reading

    return read_with_exports if named else read


def _named(value: str) -> tuple[str, str]:
    """The kind and the file of a *value* of ``--export``."""
    kind, _, path = value.partition(":")
    if kind not in KINDS or not path:
        expected = " or ".join(f"{name}:FILE" for name in KINDS)
        raise UsageError(f"invalid --export value {value!r}", hint=f"expected {expected}")
    return kind, path
