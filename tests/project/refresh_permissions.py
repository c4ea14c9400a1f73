"""Renew the table of permissions: ``python tests/project/refresh_permissions.py RESPONSE.json...``.

Each file is what Microsoft Graph answers for service principals of Microsoft's resources, a page or a single object::

    GET https://graph.microsoft.com/v1.0/servicePrincipals?$select=appId,displayName,appRoles,oauth2PermissionScopes

``az ad sp show --id RESOURCE`` prints the same. Tier and note of a known row stay. A new row gets the tier ``other``
and is named, so that somebody rates it. A row that is no longer offered stays and is named. The table stays sorted, one
permission a line, so that the difference can be reviewed. A second run changes nothing.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
TABLE = ROOT / "rules" / "knowledge" / "permissions.tsv"
sys.path.insert(0, str(ROOT))

from rules.knowledge.permissions import RESOURCES, Permission  # noqa: E402 - the checkout is put on the path first
from rules.knowledge.table import parse_table  # noqa: E402

OFFERS = {"appRoles": "Role", "oauth2PermissionScopes": "Scope"}


def offered(response: Any) -> Iterator[Permission]:
    """The permissions that a response of Graph offers. Raises ``ValueError`` for an unknown resource."""
    principals = response.get("value", [response]) if isinstance(response, dict) else response
    for principal in principals:
        resource = str(principal.get("appId") or "").lower()
        if not resource:
            raise ValueError("a service principal has no appId: add it to $select")
        if resource not in RESOURCES:
            raise ValueError(
                f"{principal.get('displayName')} ({resource}) is not in RESOURCES of permissions.py: add it"
            )
        for name, kind in OFFERS.items():
            for entry in principal.get(name) or ():
                if entry.get("isEnabled", True) and entry.get("value"):
                    yield Permission(resource, kind, entry["id"].lower(), entry["value"], "other", "microsoft")  # type: ignore[arg-type]


def refreshed(text: str, responses: Iterable[Any]) -> tuple[str, list[str]]:
    """The text of the table renewed by *responses*, and a line for each row that somebody should look at."""
    head = [line for line in text.splitlines() if line.startswith("#")]
    rows = {(row.resource, row.kind, row.id): row for row in parse_table(TABLE.name, text, Permission)}
    seen = {(row.resource, row.kind, row.id): row for response in responses for row in offered(response)}
    lines = []
    for key, row in seen.items():
        known = rows.get(key)
        if known is None:
            lines.append(f"new: {row.name} ({row.kind}) has the tier other: rate it")
        tier, note = (known.tier, known.note) if known else (row.tier, "")
        rows[key] = Permission(*key, row.value, tier, "microsoft", note)  # type: ignore[arg-type]
    listed = {(resource, kind) for resource, kind, _ in seen}
    for key, row in rows.items():
        if key[:2] in listed and key not in seen and row.source == "microsoft":
            lines.append(f"gone: {row.name} ({row.kind}) is no longer offered")
    ordered = sorted(
        rows.values(), key=lambda r: (r.resource, r.kind, r.value.casefold(), r.source == "other-cloud", r.id)
    )
    header = "\t".join(Permission.__struct_fields__)
    body = ["\t".join(str(getattr(row, name)) for name in Permission.__struct_fields__).rstrip("\t") for row in ordered]
    return "\n".join([*head, header, *body]) + "\n", sorted(lines)


if __name__ == "__main__":
    files = [Path(name) for name in sys.argv[1:]]
    new, remarks = refreshed(TABLE.read_text("utf-8"), [json.loads(file.read_text("utf-8-sig")) for file in files])
    TABLE.write_text(new, "utf-8", newline="\n")
    print("\n".join([*remarks, f"{TABLE.name}: {len(new.splitlines())} lines"]))
