"""Secrets and certificates with their dates of validity, shared by several rules.

Left out are keys for signing SAML, which authenticate no client, the second entry of a certificate, and what was not
read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import msgspec
from msgspec import UnsetType

from rules.model.registration import Credential, Registration
from rules.primitives.dates import moment


class Life(msgspec.Struct, frozen=True):
    """A credential, its pointer, and from when to when it is valid. ``end`` is ``None`` when it never expires."""

    pointer: str
    kind: str
    credential: Credential
    start: datetime | UnsetType | None
    end: datetime | UnsetType | None

    def has_ended(self, now: datetime) -> bool:
        """Say whether it is known to have expired."""
        return isinstance(self.end, datetime) and self.end <= now

    @property
    def is_impossible(self) -> bool:
        """Say whether it ends before it starts."""
        return isinstance(self.end, datetime) and isinstance(self.start, datetime) and self.end <= self.start

    def holds(self, now: datetime) -> bool:
        """Say whether it may be used at *now*, as far as its dates are known."""
        return not self.has_ended(now) and not (isinstance(self.start, datetime) and self.start > now)

    @property
    def end_unread(self) -> tuple[str, str]:
        """The pointer of an end that cannot be read, and what is wrong with it (empty: it is absent)."""
        text = self.credential.end_date_time
        return f"{self.pointer}/endDateTime", f"{text!r} is no date" if isinstance(text, str) else ""

    @property
    def start_unread(self) -> tuple[str, str]:
        """The same for a start."""
        text = self.credential.start_date_time
        return f"{self.pointer}/startDateTime", f"{text!r} is no date" if isinstance(text, str) else ""


def secrets(app: Registration) -> tuple[Life, ...]:
    """The client secrets that were read, in their order."""
    return _known(app, "secrets", _secrets)


def certificates(app: Registration) -> tuple[Life, ...]:
    """The certificates with which the client can authenticate, each once, in their order."""
    return _known(app, "certificates", _certificates)


def _known(app: Registration, name: str, find: Callable[[Registration], Iterator[Life]]) -> tuple[Life, ...]:
    """The result of *find*, cached on the registration, since several rules use it."""
    kept: dict[str, Any] = vars(app)
    if name not in kept:
        kept[name] = tuple(find(app))
    found: tuple[Life, ...] = kept[name]
    return found


def _secrets(app: Registration) -> Iterator[Life]:
    return _lives(app, "passwordCredentials", "secret", app.password_credentials)


def _certificates(app: Registration) -> Iterator[Life]:
    seen: set[str] = set()
    for life in _lives(app, "keyCredentials", "certificate", app.key_credentials):
        usage, mark = life.credential.usage, life.credential.custom_key_identifier
        if isinstance(usage, str) and usage.casefold() == "sign":
            continue
        if isinstance(mark, str) and mark:
            if mark in seen:
                continue
            seen.add(mark)
        yield life


def _lives(
    app: Registration, name: str, kind: str, credentials: tuple[Credential, ...] | UnsetType | None
) -> Iterator[Life]:
    for index, credential in enumerate(credentials or ()):
        pointer = f"/{name}/{index}"
        if pointer not in app.unread:
            start, end = moment(credential.start_date_time), moment(credential.end_date_time)
            yield Life(pointer, kind, credential, start, end)
