"""Secrets and certificates with their dates of validity, shared by several rules.

Left out are keys that authenticate no client: only usage ``Verify`` does. ``Sign`` signs SAML, ``Encrypt`` encrypts
SAML assertions, and the password of a signing key has the key ID of that key. A value that was not read is left out,
too. ``customKeyIdentifier`` is a free label, so two credentials with one label are two credentials.

Sources: Microsoft Graph, "keyCredential" and "servicePrincipal: addTokenSigningCertificate"; Microsoft Entra,
"Configure SAML token encryption", "Application Proxy: frequently asked questions".
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, Final

import msgspec
from msgspec import UNSET, UnsetType

from rules.model.registration import Credential, Registration
from rules.primitives.dates import moment

#: The name of the secrets that Application Proxy added; it now uses a federated credential.
APPLICATION_PROXY: Final = "CWAP_AuthSecret"

#: The kind of a key credential of the type ``Symmetric``.
SYMMETRIC: Final = "symmetric key"

_HEXADECIMAL: Final = re.compile(r"[0-9a-fA-F]{40}")


class Life(msgspec.Struct, frozen=True):
    """A credential, its pointer, and from when to when it is valid.

    Null is not a date: without one, Microsoft Graph sets two years for a secret and one year for a certificate.
    """

    pointer: str
    kind: str
    credential: Credential
    start: datetime | UnsetType
    end: datetime | UnsetType

    @classmethod
    def of(cls, pointer: str, kind: str, credential: Credential) -> Life:
        """The lifetime of *credential* at *pointer*; *kind* is what it is called, if it is no symmetric key."""
        start, end = moment(credential.start_date_time) or UNSET, moment(credential.end_date_time) or UNSET
        is_symmetric = str(credential.type).casefold() == "symmetric"
        return cls(pointer, SYMMETRIC if is_symmetric else kind, credential, start, end)

    def has_ended(self, now: datetime) -> bool:
        """Say whether it is known to have expired."""
        return isinstance(self.end, datetime) and self.end <= now

    @property
    def is_impossible(self) -> bool:
        """Say whether it ends before it starts."""
        return isinstance(self.end, datetime) and isinstance(self.start, datetime) and self.end <= self.start

    @property
    def days(self) -> int | None:
        """For how many days it will be valid, where code creates it and its dates are not known yet."""
        return self.credential.lifetime_days or None if self.end is UNSET else None

    @property
    def is_end_unread(self) -> bool:
        """Say whether neither its end is known nor for how many days it will be valid."""
        return self.end is UNSET and self.days is None

    @property
    def is_of_application_proxy(self) -> bool:
        """Say whether it is named as the secrets that Application Proxy added."""
        mark = self.credential.custom_key_identifier
        return APPLICATION_PROXY in (self.credential.display_name, mark, _label(mark))

    @property
    def can_be_copied(self) -> bool:
        """Say whether its value is a text or a key that both sides have; a certificate's private key stays with one."""
        return self.kind in ("secret", SYMMETRIC)

    @property
    def is_known_to_prove(self) -> bool:
        """Say whether it is known, not only likely, to authenticate the client: the usage of a key was read."""
        return self.kind == "secret" or isinstance(self.credential.usage, str)

    def is_valid_at(self, now: datetime) -> bool:
        """Say whether it is valid at *now*, as far as its dates are known."""
        return not self.has_ended(now) and not (isinstance(self.start, datetime) and self.start > now)

    @property
    def end_unread(self) -> tuple[str, str]:
        """The pointer of an end that cannot be read, and what is wrong with it (empty: it is absent)."""
        return f"{self.pointer}/endDateTime", _no_date(self.credential.end_date_time)

    @property
    def start_unread(self) -> tuple[str, str]:
        """The same for a start."""
        return f"{self.pointer}/startDateTime", _no_date(self.credential.start_date_time)


def secrets(app: Registration) -> tuple[Life, ...]:
    """The client secrets that were read, each once by key ID and dates, in their order."""
    return _known(app, "secrets", _secrets)


def certificates(app: Registration) -> tuple[Life, ...]:
    """The certificates with which the client can authenticate, each once by key ID and public key, in their order."""
    return _known(app, "certificates", _certificates)


def may_authenticate(key: Credential) -> bool:
    """Say whether a key credential authenticates a client: its usage is ``Verify``, or was not read."""
    return not isinstance(key.usage, str) or key.usage.casefold() == "verify"


def certificate_identity(key: Credential) -> str:
    """What identifies the certificate of *key* in any registration: its public key or its thumbprint; empty if neither.

    A thumbprint is 20 bytes, in hexadecimal or in base64. Any other custom identifier is a label, also 20 letters.
    """
    if key.digest:
        return key.digest
    mark = key.custom_key_identifier
    if not isinstance(mark, str):
        return ""
    if _HEXADECIMAL.fullmatch(mark):
        return mark.lower()
    data = _bytes(mark)
    label = _label(mark)
    return data.hex() if len(data) == 20 and not (label.isascii() and label.isprintable()) else ""


def _no_date(value: object) -> str:
    """What is wrong with *value*, which is not a date; empty when it is absent."""
    return "" if value is UNSET else "null is not a date" if value is None else f"{value!r} is not a date"


def are_all_known(app: Registration) -> bool:
    """Say whether every credential of both lists was read, so that there is no other one."""
    return not any(place.startswith(("/passwordCredentials", "/keyCredentials")) for place in app.unread)


def _label(mark: object) -> str:
    """A custom identifier as the text that a tool put there: Graph returns its bytes in base64."""
    data = _bytes(mark) if isinstance(mark, str) else b""
    return data.replace(b"\0", b"").decode("ascii", "replace")


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        return b""


def _known(app: Registration, name: str, find: Callable[[Registration], Iterator[Life]]) -> tuple[Life, ...]:
    """The result of *find*, cached on the registration, since several rules use it."""
    kept: dict[str, Any] = vars(app)
    if name not in kept:
        kept[name] = tuple(find(app))
    found: tuple[Life, ...] = kept[name]
    return found


def _secrets(app: Registration) -> Iterator[Life]:
    signing = {str(key.key_id).casefold() for key in app.key_credentials or () if str(key.usage).casefold() == "sign"}
    seen: set[tuple[str, object, object]] = set()
    for life in _lives(app, "passwordCredentials", "secret", app.password_credentials):
        key_id = life.credential.key_id
        if not isinstance(key_id, str):
            yield life
        elif key_id.casefold() not in signing and (mark := (key_id.casefold(), life.start, life.end)) not in seen:
            seen.add(mark)
            yield life


def _certificates(app: Registration) -> Iterator[Life]:
    seen: set[str] = set()
    for life in _lives(app, "keyCredentials", "certificate", app.key_credentials):
        key = life.credential
        marks = {mark for mark in (key.key_id, key.digest) if isinstance(mark, str) and mark}
        if may_authenticate(key) and seen.isdisjoint(marks):
            seen |= marks
            yield life


def _lives(
    app: Registration, name: str, kind: str, credentials: tuple[Credential, ...] | UnsetType | None
) -> Iterator[Life]:
    for index, credential in enumerate(credentials or ()):
        pointer = f"/{name}/{index}"
        if pointer not in app.unread:
            yield Life.of(pointer, kind, credential)
