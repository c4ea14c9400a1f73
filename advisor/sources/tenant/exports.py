"""Exports of Exchange Online and Azure, which have what Microsoft Graph does not."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

from advisor.errors import InputError
from advisor.limits import Limits, too_many_bytes
from rules.model.registration import Unread
from rules.model.tenant import ApplicationAccessPolicy, AzureRoleAssignment


class Export(NamedTuple):
    """A kind of export: the type of a row, the member of the tenant, the properties each row has, and its command.

    PowerShell writes an empty file where there is no object; Azure CLI writes an empty list.
    """

    type: type[msgspec.Struct]
    member: str
    needs: tuple[str, ...]
    command: str
    may_be_empty: bool = False


#: The kinds by the word before the file.
KINDS: Final[Mapping[str, Export]] = {
    "access-policies": Export(
        ApplicationAccessPolicy,
        "applicationAccessPolicies",
        ("appId", "accessRight"),
        "Get-ApplicationAccessPolicy | Export-Csv FILE",
        may_be_empty=True,
    ),
    "azure-roles": Export(
        AzureRoleAssignment,
        "azureRoleAssignments",
        ("principalId", "roleDefinitionName", "scope"),
        "az role assignment list --all -o json > FILE",
    ),
}


def not_exported() -> dict[str, Unread]:
    """Why what only an export has was not read, by its name in the tenant."""
    return {
        kind.member: Unread(
            "not-in-file",
            note="Microsoft Graph does not have it",
            remedy=f"run {kind.command}, and pass --export {name}:FILE",
        )
        for name, kind in KINDS.items()
    }


def read_export(kind: Export, path: str, limits: Limits) -> list[Any]:
    """The rows of the file at *path*. Raises ``InputError`` for a file that is not such an export."""
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror or error}", file=path) from None
    if len(data) > limits.bytes:
        raise too_many_bytes(path, limits.bytes)
    hint = f"make it with {kind.command}"
    try:
        if not data.strip() and not kind.may_be_empty:
            raise ValueError
        rows = _rows(data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"))
        names = {name.lower(): name for name in kind.needs}
        known = [{names[key.lower()]: value for key, value in row.items() if str(key).lower() in names} for row in rows]
        if any(set(row) != set(kind.needs) for row in known):
            raise InputError(f"a row lacks one of {', '.join(kind.needs)}", file=path, hint=hint)
        return [msgspec.convert(row, kind.type) for row in known]
    except (ValueError, RecursionError, AttributeError, csv.Error):  # msgspec's and Unicode errors are some
        raise InputError("is neither JSON nor CSV with the expected rows", file=path, hint=hint) from None


def _rows(text: str) -> list[dict[str, Any]]:
    """The rows of an export. One object without a list is one row: PowerShell writes it so. An empty file has none."""
    if text.lstrip()[:1] in ("[", "{"):
        found = json.loads(text)
        return found if isinstance(found, list) else [found]
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#TYPE")]
    return list(csv.DictReader(lines))
