"""Files that name or create a registration without saying what it is like: Teams apps, workloads, scripts."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

import msgspec

from advisor.placeholder import is_placeholder
from rules.model.registration import Registration

#: At most this many places are named, the others are counted.
_NAMED: Final = 3


class ClientIdReference(msgspec.Struct, frozen=True):
    """A place that names a client id: by what, in which file and line; and the *resource* that it asks tokens for."""

    client_id: str
    by: str
    file: str
    line: int
    resource: str = ""

    def words(self) -> str:
        """The place in one line."""
        shown = "a placeholder" if is_placeholder(self.client_id) else self.client_id or "no client id"
        return f"{shown} ({self.file}:{self.line}, {self.by})"


def reference_note(references: Iterable[ClientIdReference], checked: Collection[str]) -> str:
    """What the places say in one sentence, less the registrations that were checked; empty for nothing."""
    others = [one for one in references if one.client_id.lower() not in checked]
    if not others:
        return ""
    more = len(others) - _NAMED
    shown = ", ".join(one.words() for one in others[:_NAMED])
    return (
        f"Named but not checked, because it is declared elsewhere: {shown}{f', and {more} more' if more > 0 else ''}."
    )


def resource_note(one: ClientIdReference, app: Registration, name: str) -> str:
    """What is wrong with the resource that a Teams app names, whose registration is *app*; empty for nothing.

    Source: Microsoft Teams, "Update app manifest for SSO and preview app": it is the application ID URI.
    """
    uris = app.identifier_uris
    is_known = isinstance(uris, tuple) and not any(pointer.startswith("/identifierUris") for pointer in app.unread)
    if not one.resource or not is_known or is_placeholder(one.resource):
        return ""
    if one.resource.casefold() in (uri.casefold() for uri in uris or ()):
        return ""
    what = f"{one.file}:{one.line} names the resource {one.resource}, which is not an identifier URI of {name}"
    return f"{what}. Single sign-on of the app fails until both are equal."


class Command(msgspec.Struct, frozen=True):
    """A command of a script that creates or changes a registration, and its place."""

    file: str
    line: int
    name: str
    #: Whether its literal values were read.
    is_read: bool = False


def script_note(commands: Iterable[Command], *, is_read: bool) -> str:
    """The scripts whose values were read, or not read, with their first commands in one sentence; empty for none."""
    first: dict[str, Command] = {}
    for command in commands:
        if command.is_read == is_read:
            first.setdefault(command.file, command)
    named = [f"{one.name} ({one.file}:{one.line})" for one in first.values()]
    more = len(named) - _NAMED
    shown = ", ".join(named[:_NAMED]) + (f", and {more} more" if more > 0 else "")
    how = "of which only literal values are read" if is_read else "which is not read"
    return f"Creates or changes a registration by script, {how}: {shown}." if named else ""
