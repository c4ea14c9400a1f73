"""What one permission of Microsoft Graph says of another: which it contains, and which narrower one replaces it.

The tables are ``contained_permissions.tsv`` and ``narrower_permissions.tsv``. Names prove no containment:
``Policy.ReadWrite.ConditionalAccess`` does not read what ``Policy.Read.ConditionalAccess`` reads (Microsoft Graph,
"Known issues"). A pair is listed where Microsoft publishes every call of the narrower one for the wider one too
(*calls*, of ``permissions.json`` of microsoft-graph-devx-content, 2026-08-07), or where the description of the wider
one names what the narrower one does, while the list of calls names the least privileged permission alone
(*description*).

**To refresh it**, run ``python tests/project/refresh.py contained``.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final, Literal

import msgspec

from rules.knowledge.data import read_table
from rules.knowledge.permissions import GRAPH, Kind, Permission


class Contained(msgspec.Struct, frozen=True):
    """A permission of Microsoft Graph, *wider*, that allows all that *narrower* allows, and where that was found."""

    kind: Kind
    wider: str
    narrower: str
    source: Literal["calls", "description"]
    #: ``work`` where personal Microsoft accounts have the narrower one alone, by the schemes of Microsoft's list.
    accounts: Literal["", "work"] = ""


class Alternative(msgspec.Struct, frozen=True):
    """What suffices for many clients *instead* of a permission, by its kind and its value or the first word of it."""

    kind: Kind
    value: str
    instead: str


#: What a permission allows that is not about the data of users.
_GAINS: Final[Mapping[str, str]] = {
    "AgentIdUser.ReadWrite.All": "which can change the user accounts of all agents",
    "AgentIdentity.ReadWrite.All": "which can change all agent identities",
    "AgentIdentityBlueprint.AddRemoveCreds.All": "which can add credentials to all agent identity blueprints",
    "AgentIdentityBlueprint.ReadWrite.All": "which can change all agent identity blueprints",
    "AgentIdentityBlueprintPrincipal.ReadWrite.All": "which can change the principals of all agent identity blueprints",
    "BitlockerKey.Read.All": "which can read the keys that decrypt the disks of all devices",
    "DeviceLocalCredential.Read.All": "which can read the passwords of the local administrators of all devices",
    "EngagementConversation.Migration.All": "which can write conversations as any user",
    "RoleManagement.ReadWrite.Exchange": "which can assign Exchange roles, such as those over every mailbox",
    "Teamwork.Migrate.All": "which can write messages as any user",
}


@cache
def _contained() -> Mapping[tuple[str, str, str], Contained]:
    rows = read_table("rules.knowledge", "contained_permissions.tsv", Contained)
    return {(row.kind, row.wider, row.narrower): row for row in rows}


@cache
def _alternatives() -> Mapping[tuple[str, str], str]:
    rows = read_table("rules.knowledge", "narrower_permissions.tsv", Alternative)
    return {(row.kind, row.value): row.instead for row in rows}


def contains(wider: Permission, narrower: Permission, *, personal: bool = False) -> bool:
    """Say whether *wider* is known to allow all that *narrower* does; both are of Microsoft Graph and of one kind.

    With *personal*, for personal Microsoft accounts too.
    """
    alike = (wider.resource, wider.kind) == (narrower.resource, narrower.kind) == (GRAPH, wider.kind)
    row = _contained().get((wider.kind, wider.value, narrower.value)) if alike else None
    return row is not None and not (personal and row.accounts == "work")


def gains(value: str) -> str:
    """What an attacker gains from an application permission over data of all users, as half a sentence.

    >>> gains("Mail.Send"), gains("Mail.Read")
    ('which can send mail as any user', 'which can access data of all users')
    """
    if value.startswith("UserAuthMethod-"):
        return "which can change the sign-in methods of all users"
    if value in ("IMAP.AccessAsApp", "POP.AccessAsApp", "SMTP.SendAsApp"):
        return "which accesses the mailboxes that an Exchange administrator assigns"
    if value.startswith("Exchange.ManageAsApp"):
        return "which, together with a role in Exchange or Microsoft Entra ID, can access data of all users"
    if value in _GAINS:
        return _GAINS[value]
    sends = any(part.startswith("Send") for part in value.split("."))
    return "which can send mail as any user" if sends else "which can access data of all users"


def narrower(kind: str, value: str) -> str:
    """Which narrower permission suffices for many clients instead of *value*, as half a sentence, or empty."""
    found = alternative(kind, value)
    return f"; {found} may be enough" if found else ""


def alternative(kind: str, value: str) -> str:
    """What suffices for many clients instead of the permission *value*; empty where the table has nothing."""
    known = _alternatives()
    return known.get((kind, value)) or known.get((kind, value.partition(".")[0])) or ""


def contained_in(wider: Permission) -> tuple[str, ...]:
    """The values of the permissions of the same kind of which *wider* is known to allow all, in Microsoft Graph."""
    if wider.resource != GRAPH:
        return ()
    return tuple(row.narrower for row in _contained().values() if (row.kind, row.wider) == (wider.kind, wider.value))
