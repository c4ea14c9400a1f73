"""What the names of permissions say: ``Files.Read.All`` is about files, for reading, and for all of them.

Microsoft builds most names that way: the thing, what may be done with it, and within which bounds. Names of another form say
nothing here. Source: Microsoft, "Microsoft Graph permissions reference", naming pattern.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

_READS: Final = frozenset({"ReadBasic", "Read"})
_WRITES: Final = _READS | {"Write", "ReadWriteBasic", "ReadWriteSelf", "ReadWrite"}
#: What may be done, and what else is contained in it.
_MORE: Final = {
    "ReadBasic": frozenset[str](),
    "Read": frozenset({"ReadBasic"}),
    "ReadWriteBasic": frozenset({"ReadBasic"}),
    "ReadWriteSelf": frozenset[str](),
    "Write": _READS,
    "ReadWrite": _WRITES - {"ReadWrite"},
    "Manage": _WRITES,
    "FullControl": _WRITES | {"Manage"},
    "Send": frozenset[str](),
}
#: Elsewhere managing is something else than reading and writing.
_MANAGED: Final = frozenset({"Sites", "AllSites", "Bookings"})
#: The bounds, and which narrower ones are contained in them. No bound at all is the person's own.
_WIDER: Final = {
    "": frozenset({"AppFolder", "Selected", "CreatedByApp"}),
    "Shared": frozenset({"", "AppFolder", "Selected", "CreatedByApp"}),
    "All": frozenset({"", "Shared", "OwnedBy", "Selected", "AppFolder", "CreatedByApp"}),
}
#: They are more than their name says: the first is what signing in asks for.
_OF_THEIR_OWN: Final = frozenset({"user.read"})


@lru_cache(maxsize=4096)
def contains(wider: str, narrower: str) -> bool:
    """Say whether *wider*, the value of a permission, allows all that *narrower* does, and is not the same.

    Both are of one resource and kind.
    """
    if narrower.casefold() in _OF_THEIR_OWN:
        return False
    large, small = _parts(wider), _parts(narrower)
    if large is None or small is None or large[0] != small[0] or large == small:
        return False
    does = large[1] == small[1] or small[1] in _MORE[large[1]]
    return does and (large[2] == small[2] or small[2] in _WIDER.get(large[2], ()))


def _parts(value: str) -> tuple[str, str, str] | None:
    """The thing, what is done with it, and the bounds. ``Sites.Selected`` leaves open what is done: it may be anything."""
    thing, _, rest = value.partition(".")
    does, _, bounds = rest.partition(".")
    if rest == "Selected":
        return f"{thing} ", "FullControl", "Selected"
    does, _, place = does.partition("For")
    if does not in _MORE or (does == "Manage" and thing not in _MANAGED):
        return None
    return f"{thing} {place}", does, bounds


_MAILBOXES: Final = "RBAC for Applications in Exchange Online"
_CHATS: Final = "resource-specific consent in Teams"
#: What does for many clients instead, by the kind of the permission and by its value or what that begins with.
#: Sources: Microsoft, "Overview of
#: Selected permissions", "RBAC for Applications in Exchange Online", "Resource-specific consent for your Teams app".
_NARROWER: Final[dict[str, dict[str, str]]] = {
    "Role": {
        "Sites": "Sites.Selected",
        "Files": "Files.SelectedOperations.Selected",
        "Mail": _MAILBOXES,
        "MailboxSettings": _MAILBOXES,
        "Calendars": _MAILBOXES,
        "Contacts": _MAILBOXES,
        "Chat": _CHATS,
        "ChatMessage": _CHATS,
        "ChannelMessage": _CHATS,
        "Application.ReadWrite.All": "Application.ReadWrite.OwnedBy",
        "ExternalItem.ReadWrite.All": "ExternalItem.ReadWrite.OwnedBy",
    },
    "Scope": {
        "Sites": "Sites.Selected",
        "AllSites": "Sites.Selected",
        "Files.Read.All": "Files.SelectedOperations.Selected",
        "Files.ReadWrite.All": "Files.SelectedOperations.Selected",
    },
}


def gains(value: str) -> str:
    """What somebody gains from an application permission over everybody's data, as half a sentence.

    >>> gains("Mail.Send"), gains("Mail.Read")
    ("which writes in everybody's name", 'which opens the data of everybody')
    """
    sends = any(part.startswith("Send") for part in value.split("."))
    return "which writes in everybody's name" if sends else "which opens the data of everybody"


def narrower(kind: str, value: str) -> str:
    """Which narrower permission does for many clients instead of *value*, as half a sentence; empty where none is known."""
    known = _NARROWER.get(kind, {})
    found = known.get(value) or known.get(value.partition(".")[0])
    return f", where {found} may do" if found else ""
