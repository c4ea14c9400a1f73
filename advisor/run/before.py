"""What stands where the patches of a registration's findings write: what a fix plan starts from, and what it restores."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from reports.rows import FindingRow, RegistrationRow
from rules.docs.requests import target_of
from rules.engine.findings import value_at
from rules.model.registration import UNSET
from rules.primitives.patch import leaves, plain

#: Changes that need no more than an id, which the registration's row has.
_BY_ID = ("remove-secret", "remove-certificate", "delete-owner")


def patched_by_registration(findings: Iterable[FindingRow]) -> dict[str, tuple[str, ...]]:
    """The JSON pointers that patches of new findings write, by the key of the registration."""
    found: dict[str, dict[str, None]] = {}
    for finding in findings:
        target = target_of(finding.pointer)
        if finding.patch and finding.state == "new" and target and target.kind not in _BY_ID:
            found.setdefault(finding.registration, {}).update(dict.fromkeys(leaves(finding.patch)))
    return {key: tuple(pointers) for key, pointers in found.items()}


def with_before(row: RegistrationRow, held: Sequence[msgspec.Struct], pointers: tuple[str, ...]) -> RegistrationRow:
    """The row with what stands at *pointers*; what was not read, or not whole, is left out.

    *held* is what the row stands for: the registration, what its tenant has of it, or the tenant.
    """
    before: dict[str, Any] = {}
    for pointer in pointers:
        for one in held:
            value = _value(one, pointer)
            if value is not UNSET:
                before[pointer] = value
                break
    return msgspec.structs.replace(row, before=before) if before else row


def _value(held: msgspec.Struct, pointer: str) -> Any:
    """What stands at *pointer* as Graph JSON; a null on the way to it is null, and ``UNSET`` what nobody read."""
    unread = getattr(held, "unread", ())
    if any(place == pointer or place.startswith(pointer + "/") for place in unread):
        return UNSET
    value = value_at(held, pointer)
    if value is UNSET:
        parent = pointer.rpartition("/")[0]
        return None if parent and value_at(held, parent) is None else UNSET
    return plain(msgspec.to_builtins(value))
