"""Snapshots as files: JSON lines, compressed when the name ends in ``.gz``.

A reading is written next to the file, as ``FILE.partial``, record by record, and renamed when it has ended. After a
break the partial file says where to go on; it can be linted too, and is then what it is: a part.
"""

from __future__ import annotations

import gzip
import os
import re
import shutil
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Final, TypeVar

import msgspec

from advisor.decode_errors import in_words
from advisor.errors import InputError, UsageError
from advisor.limits import SNAPSHOT_FACTOR, too_many_bytes
from advisor.secrets import Secrets
from advisor.sources.reading.builder import Builder
from advisor.sources.tenant.gather import Gathering
from advisor.sources.tenant.records import (
    AGENTS,
    APPLICATIONS,
    ASSIGNMENTS,
    CERTIFICATES,
    FEDERATED,
    FORMAT,
    GRANTS,
    INHERITABLE,
    OWNER_NAMES,
    OWNERS,
    POLICY_TYPES,
    PRINCIPAL_OWNERS,
    PRINCIPALS,
    ROLES,
    SPONSORS,
    Agent,
    Application,
    Assignment,
    Blueprint,
    Certificates,
    Evidence,
    FederatedCredentials,
    Grant,
    Header,
    InheritablePermissions,
    Missing,
    Outcome,
    Owners,
    Page,
    Policy,
    Principal,
    PrincipalOwners,
    Record,
    Resume,
    Role,
    has_certificate,
    users_among,
)
from advisor.usage.aggregate import is_ours
from rules.model.registration import Registration
from rules.model.tenant import ServicePrincipal
from rules.primitives.texts import HIDDEN

Owning = TypeVar("Owning", bound=Registration | ServicePrincipal)

_GZIP: Final = b"\x1f\x8b"
#: No record is as long: one line holds one object of Graph, or the owners of 300.
_LONGEST: Final = 64 * 1024 * 1024
_LINE: Final = msgspec.json.Decoder(Record)
_SECRET: Final = re.compile(rb'"secretText"\s*:\s*"')
_ENCODER: Final = msgspec.json.Encoder()


def read_snapshot(builder: Builder, name: str, stream: IO[bytes]) -> None:
    """Read the snapshot called *name* from *stream* into *builder*.

    Raises ``InputError`` with the line that is wrong, and ``NotReadError`` when it is too large.
    """
    gathering = Gathering()
    for _, record in records(name, stream, builder.limits.bytes * SNAPSHOT_FACTOR, builder.secrets):
        gathering.take(record)
    gathering.build(builder)


def records(
    name: str, stream: IO[bytes], most: int | None = None, secrets: Secrets | None = None
) -> Iterator[tuple[int, Record]]:
    """The records of a snapshot with their line numbers; a last line that was cut off is not one.

    The *stream*, which can seek, is closed in the end. *secrets* learns those of a file that another tool wrote:
    grantlint writes none. Raises ``NotReadError`` after *most* bytes, compressed or not.
    """
    try:
        with stream:
            is_compressed = stream.read(2) == _GZIP
            stream.seek(0)
            lines = gzip.GzipFile(fileobj=stream) if is_compressed else stream
            number = read = 0
            while line := lines.readline(_LONGEST):
                number += 1
                read += len(line)
                if most is not None and read > most:
                    raise too_many_bytes(name, most)
                if not line.endswith(b"\n") and len(line) < _LONGEST:
                    return
                if secrets is not None and _SECRET.search(line):
                    secrets.learn(line.decode("utf-8", "replace"))
                yield number, _decoded(line, name, number)
    except (OSError, EOFError, zlib.error) as error:  # a compressed file that was cut off, or is damaged
        raise InputError(f"cannot be read: {error}", file=name, hint="create the snapshot again") from None


def _decoded(line: bytes, name: str, number: int) -> Record:
    try:
        record: Record = _LINE.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        what, hint = f"is not a record of a snapshot: {in_words(error)}", "create the snapshot again"
        raise InputError(what, file=name, line=number, hint=hint) from None
    if isinstance(record, Header) and record.format > FORMAT:
        what = f"was written by a later version of grantlint (format {record.format})"
        raise InputError(what, file=name, line=number, hint="update grantlint")
    if isinstance(record, Evidence) and not is_ours(record.value):
        raise InputError(
            "has evidence of use with an unknown value", file=name, line=number, hint="create the snapshot again"
        )
    if isinstance(record, Policy):
        _check_policy(record, name, number)
    return record


def _encoded(record: Record) -> bytes:
    """The line of a record, without what is or looks like a secret: in a note, a URI, an identifier of a password."""
    if isinstance(record, Application | Principal):
        record = msgspec.structs.replace(record, value=_without_identifiers(record.value))
    return Secrets().hide(_ENCODER.encode(record).decode()).encode() + b"\n"


def _without_identifiers(owner: Owning) -> Owning:
    """*owner* without the identifiers of its passwords, which may be a part of one, but for the thumbprints of its
    keys.
    """
    if not owner.password_credentials:
        return owner
    thumbprints = {key.custom_key_identifier for key in owner.key_credentials or ()}
    passwords = tuple(
        msgspec.structs.replace(password, custom_key_identifier=HIDDEN)
        if password.custom_key_identifier and password.custom_key_identifier not in thumbprints
        else password
        for password in owner.password_credentials
    )
    return msgspec.structs.replace(owner, password_credentials=passwords)


def _check_policy(record: Policy, name: str, number: int) -> None:
    try:
        msgspec.json.decode(record.value, type=POLICY_TYPES[record.part])
    except (KeyError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        what = f"contains no known policy: {in_words(error)}"
        raise InputError(what, file=name, line=number, hint="create the snapshot again") from None


class SnapshotWriter:
    """Writes records to ``FILE.partial``; ``finish`` makes the file of it."""

    def __init__(
        self, path: Path, header: Header, *, restart: bool = False, keep: Callable[[Record], None] = lambda _: None
    ) -> None:
        """*keep* hears each record that an earlier reading left and that still holds."""
        self._kept = keep
        self.path = path
        self.partial = path.with_name(path.name + ".partial")
        #: Where an earlier reading of the same broke off.
        self.resume = Resume()
        self.header = header
        try:
            if self.partial.exists() and not restart:
                self._resume(header)
                self._file: IO[bytes] = self.partial.open("ab")
            else:
                self._file = _private(self.partial)
                self.write(header)
        except OSError as error:
            what = f"cannot write {self.partial}: {error.strerror or error}"
            raise UsageError(what, hint="name another place with --output") from None

    def write(self, record: Record) -> None:
        """Write a record; a page mark and an outcome are on the disk when this returns."""
        self._file.write(_encoded(record))
        if isinstance(record, Page | Outcome):
            self._file.flush()

    def close(self) -> None:
        """Leave the partial file as it is."""
        self._file.close()

    def abandon(self) -> None:
        """Write nothing: a part that an earlier reading left stays, an empty one goes."""
        self._file.close()
        if not self.resume.done and not self.resume.next:
            self.partial.unlink(missing_ok=True)

    def finish(self) -> None:
        """Make the file: compress it when its name says so, and put it in its place."""
        self._file.close()
        ready = self.partial
        if self.path.suffix == ".gz":
            ready = self.path.with_name(self.path.name + ".packing")
            with self.partial.open("rb") as plain, _private(ready) as target, gzip.open(target, "wb", 6) as packed:
                shutil.copyfileobj(plain, packed, 1 << 20)
        ready.replace(self.path)
        self.partial.unlink(missing_ok=True)

    def _resume(self, header: Header) -> None:
        """Keep of the partial file what is before the last mark of its part, and say where to go on."""
        found = Header(tenant="", endpoint="", read_at="")
        last: dict[str, int] = {}
        for number, record in records(str(self.partial), self.partial.open("rb")):
            if isinstance(record, Header):
                found = record
            elif isinstance(record, Page):
                last[record.part], self.resume.next[record.part] = number, record.next
            elif isinstance(record, Outcome) and record.status == "read":
                last[record.part] = number
                self.resume.done.add(record.part)
        if msgspec.structs.replace(found, read_at=header.read_at, format=header.format) != header:
            what = f"{self.partial} contains an interrupted reading of another tenant or with other options"
            raise UsageError(what, hint="delete the file, or start again with --restart")
        self.header = found
        kept = self.partial.with_name(self.partial.name + ".kept")
        with _private(kept) as file:
            for number, record in records(str(self.partial), self.partial.open("rb")):
                if isinstance(record, Header) or number <= last.get(_part_of(record), 0):
                    self._keep(record)
                    file.write(_encoded(record))
        kept.replace(self.partial)

    def _keep(self, record: Record) -> None:
        self._kept(record)
        if isinstance(record, Application):
            if record.value.kind == "blueprint":
                self.resume.blueprints[str(record.value.id)] = None
            if has_certificate(record.value, self.header.read_at):
                self.resume.certified[str(record.value.id)] = None
        elif isinstance(record, Principal):
            self.resume.has_agents = self.resume.has_agents or record.value.kind == "agent identity"
            self.resume.principals[str(record.value.id)] = None
            if any("Application" in (role.allowed_member_types or ()) for role in record.value.app_roles or ()):
                self.resume.resources[str(record.value.id)] = None
        elif isinstance(record, Owners | PrincipalOwners):
            self.resume.users |= dict.fromkeys(users_among(one for owners in record.of.values() for one in owners))
        elif isinstance(record, Missing) and record.pointer == "/owners":
            self.resume.has_owner_gaps = True


_PART_OF_MISSING: Final = {
    "/owners": APPLICATIONS.id,
    "/inheritablePermissions": INHERITABLE.id,
    "/keyCredentials": CERTIFICATES.id,
}


def _part_of(record: Record) -> str:  # noqa: C901, PLR0911, PLR0912 - a table by kind
    """The part whose marks say whether a record is kept."""
    match record:
        case Application() | Owners():
            return APPLICATIONS.id
        case Missing(pointer=pointer):
            return _PART_OF_MISSING.get(pointer, FEDERATED.id)
        case Blueprint():
            return SPONSORS.id
        case InheritablePermissions():
            return INHERITABLE.id
        case Agent():
            return AGENTS.id
        case FederatedCredentials():
            return FEDERATED.id
        case Certificates():
            return CERTIFICATES.id
        case PrincipalOwners():
            return PRINCIPAL_OWNERS.id
        case Principal():
            return PRINCIPALS.id
        case Grant():
            return GRANTS.id
        case Assignment():
            return ASSIGNMENTS.id
        case Role():
            return ROLES.id
        case Outcome(part=part):
            return APPLICATIONS.id if part in (OWNERS.id, OWNER_NAMES.id) else part
        case Policy(part=part) | Page(part=part) | Evidence(part=part):
            return part
        case _:
            return ""


def _private(path: Path) -> IO[bytes]:
    """A new file that its owner alone may read: a tenant's inner life is in it."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")
