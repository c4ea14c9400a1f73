"""What sources return: registrations to check, bad input, and where each value came from."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import PurePath
from typing import Final

import msgspec
from msgspec import UNSET

from advisor.limits import Limits
from advisor.placeholder import is_placeholder
from advisor.secrets import Secrets
from advisor.sources.reading.boundary import Boundary
from advisor.sources.reading.document import Document
from advisor.sources.reading.legacy import source_pointer
from advisor.sources.reading.node import Mark, nearest_mark
from advisor.sources.reading.place import Spot
from advisor.sources.reading.reference import ClientIdReference, Command, reference_note, resource_note, script_note
from reports.rows import Input, Origin, Problem, RegistrationRow
from rules.engine.rule import Subject
from rules.model.registration import Registration, Text, Unread, mark_unread, with_certificates_of, without_inapplicable
from rules.model.tenant import Tenant
from rules.model.tenant_app import TenantApp
from rules.model.usage import Usage, joined
from rules.primitives.pointers import dotted

__all__ = ["Builder", "Document", "Entry", "Reading"]

#: The values of ``signInAudience`` (Microsoft Graph, "application").
_AUDIENCES: Final = (
    "AzureADMyOrg",
    "AzureADMultipleOrgs",
    "AzureADandPersonalMicrosoftAccount",
    "PersonalMicrosoftAccount",
)
_AUDIENCES_FOLDED: Final = frozenset(map(str.casefold, _AUDIENCES))


class Entry(msgspec.Struct, frozen=True, gc=False):
    """A registration in its document: the value at *start* (an offset), the pointer inside it, and what moved.

    One that was read from a tenant is in no document. One that was put together from several places has *marks*, which
    lead from its Graph pointers to them.
    """

    document: Document | None
    start: int
    pointer: str
    moves: Mapping[str, str]
    pascal: bool
    row: RegistrationRow
    marks: Mapping[str, Mark] | None = None

    def documents(self) -> tuple[Document, ...]:
        """The texts that it was read from."""
        if self.marks is not None:
            return tuple(dict.fromkeys(mark.place.document for mark in self.marks.values()))
        return (self.document,) if self.document else ()


class Reading:
    """What was read. Registrations are known by their keys, which are unique in it."""

    def __init__(
        self,
        subjects: Sequence[Subject] = (),
        problems: Sequence[Problem] = (),
        inputs: Sequence[Input] = (),
        entries: Mapping[str, Entry] | None = None,
        tenants: Mapping[str, Tenant] | None = None,
        notes: Sequence[str] = (),
        grants: Mapping[str, TenantApp] | None = None,
        before: Reading | None = None,
        searched: Iterable[str] = (),
    ) -> None:
        self.subjects = tuple(subjects)
        self.problems = tuple(problems)
        self.inputs = tuple(inputs)
        #: Sentences about what was looked at.
        self.notes = tuple(notes)
        #: What was read of tenants, by the name that ``RegistrationRow.tenant`` gives.
        self.tenants = dict(tenants or {})
        #: What code grants to service principals, by the key of the registration or of the principal alone.
        self.grants = dict(grants or {})
        #: The registrations that plans change, as they are before; nothing where no plan was read.
        self.before = before
        #: The files of folders that were looked at, also those without a registration.
        self.searched = frozenset(searched)
        #: Evidence of use, where it was read: of a tenant, and of files of sign-ins.
        self.usage: Usage | None = None
        self._entries = dict(entries or {})
        self._last: tuple[str, tuple[int, int | None]] | None = None

    def commented(self) -> dict[str, str]:
        """The texts, by file, of documents in formats that have comments."""
        documents = {one.file: one for entry in self._entries.values() for one in entry.documents()}
        return {file: text for file, one in documents.items() if (text := one.commented)}

    def row(self, key: str, *, lines: bool = True) -> RegistrationRow:
        """The registration as reports name it, with the place where it begins; without *lines* only with its file."""
        entry = self._entries[key]
        if not lines or (entry.document is None and entry.marks is None):
            return entry.row
        origin = self._locate(key, entry, "")
        return msgspec.structs.replace(
            entry.row, origin=msgspec.structs.replace(origin, text="", text_start=0, text_end=0)
        )

    def locate(self, key: str, pointer: str) -> Origin:
        """Where the value at a Graph *pointer* of the registration *key* came from, in the file's own words.

        Objects that are not registrations, such as service principals, are in no file.
        """
        entry = self._entries.get(key)
        return self._locate(key, entry, pointer) if entry else Origin(property=dotted(pointer))

    def file_of(self, key: str, pointer: str) -> Origin:
        """The file of what ``locate`` returns, without a walk over the document."""
        entry = self._entries.get(key)
        if entry is None or (entry.document is None and entry.marks is None):
            return self.locate(key, pointer)
        if entry.marks is not None:
            return Origin(file=nearest_mark(entry.marks, pointer)[0].place.document.file)
        return entry.row.origin

    def file_format(self, key: str) -> str:
        """The format of the file of *key*; empty for a tenant, what is in it, and a snapshot of it."""
        entry = self._entries.get(key)
        return entry.row.format if entry and (entry.document is not None or entry.marks is not None) else ""

    @property
    def secrets(self) -> Secrets:
        """What is hidden in the texts of the documents."""
        texts = (document for entry in self._entries.values() for document in entry.documents())
        return next((document.secrets for document in texts), Secrets())

    def entry(self, key: str) -> Entry | None:
        """Where the registration *key* is in its document; ``None`` for what is not a registration."""
        return self._entries.get(key)

    def marks(self) -> Iterator[Mark]:
        """The marks of all values of all registrations that were put together from several places."""
        for entry in self._entries.values():
            yield from (entry.marks or {}).values()

    def speaks_graph(self, key: str) -> bool:
        """Whether the file of the registration *key* has Graph's own names and capitals."""
        entry = self._entries[key]
        return not entry.moves and not entry.pascal and entry.marks is None

    def spell(self, key: str, pointer: str) -> str:
        """The property at a Graph *pointer* in the vocabulary of the file, without looking at the file."""
        entry = self._entries[key]
        if entry.marks is not None:
            # The registration is named next to it: what is its own needs no address.
            return _name(*nearest_mark(entry.marks, pointer)).removeprefix(f"{entry.marks[''].name}.")
        return _spelled(source_pointer(entry.moves, pointer) if entry.moves else pointer, entry.pascal)

    def _locate(self, key: str, entry: Entry, pointer: str) -> Origin:
        document = entry.document
        if entry.marks is not None:
            return self._locate_mark(key, *nearest_mark(entry.marks, pointer))
        if document is None:
            return Origin(property=_spelled(pointer, False))  # noqa: FBT003 - lru_cache wants it by position
        source = source_pointer(entry.moves, pointer)
        places = document.places
        try:
            if self._last is None or self._last[0] != key:
                places.forget()
                self._last = (key, places.anchor(entry.pointer, entry.start))
            spot = places.follow(source, *self._last[1])
        except (ValueError, RecursionError):  # read by a parser that allows what the walk does not
            return Origin(file=document.file, property=_spelled(source, entry.pascal))
        if spot.whole:
            name = dotted("".join("/" + token.replace("~", "~0").replace("/", "~1") for token in spot.tokens))
        else:
            name = _spelled(source, entry.pascal)
        return places.origin(document.file, spot, name)

    def _locate_mark(self, key: str, mark: Mark, left: str) -> Origin:
        """The origin of a value with a mark; what is *left* of its pointer is not in the file."""
        place = mark.place
        places = place.document.places
        self._last = (key, (0, None))
        if place.span is not None:
            spot = Spot(place.span, (), whole=True)
        else:
            try:
                spot = places.follow(place.pointer, place.start)
            except (ValueError, RecursionError):
                return Origin(file=place.document.file, property=_name(mark, left))
        if not place.there or left:
            spot = Spot(spot.span, (), whole=False)
        return places.origin(place.document.file, spot, _name(mark, left))


def _with_known_values(app: Registration) -> Registration:
    """*app*, whose audience counts as not read if Graph does not document it."""
    audience = app.sign_in_audience
    if not isinstance(audience, str) or audience.casefold() in _AUDIENCES_FOLDED:
        return app
    note = f"{audience[:40]} is not one of {', '.join(_AUDIENCES)}"
    gap = Unread("malformed", note=note, remedy="fix the value, or update grantlint")
    known = msgspec.structs.replace(app, sign_in_audience=UNSET)
    return mark_unread(with_certificates_of(known, app), {**app.unread, "/signInAudience": gap})


def _name(mark: Mark, left: str) -> str:
    """What the user calls a value: the name of its mark, and Graph's for what is not in the file."""
    rest = dotted(left)
    dot = "." if mark.name and rest and not rest.startswith("[") else ""
    return f"{mark.name}{dot}{rest}"


@lru_cache(maxsize=4096)
def _spelled(pointer: str, pascal: bool) -> str:  # noqa: FBT001 - lru_cache wants them by position
    if pascal:
        pointer = "".join(f"/{token[:1].upper()}{token[1:]}" for token in pointer.split("/")[1:])
    return dotted(pointer)


class Builder:
    """Gathers what sources find and gives every registration a key of its own."""

    def __init__(self) -> None:
        self._subjects: list[Subject] = []
        self._entries: dict[str, Entry] = {}
        self.problems: list[Problem] = []
        self.inputs: list[Input] = []
        self.tenants: dict[str, Tenant] = {}
        self.usage: list[Usage] = []
        self._grants: dict[str, TenantApp] = {}
        self._before: Builder | None = None
        self._last: Origin | None = None
        self.references: list[ClientIdReference] = []
        self.scripts: list[Command] = []
        #: Whether literal values of scripts are read, which may still change (``--preview``).
        self.is_preview = False
        self.notes: list[str] = []
        #: What is hidden in everything that is built.
        self.secrets = Secrets()
        #: The files that the user named, as they were written.
        self.named: tuple[str, ...] = ()
        #: The resources of Terraform that a plan describes: their addresses below its folder.
        self.planned: set[str] = set()
        #: The files of folders that were looked at, also those without a registration.
        self.searched: set[str] = set()
        #: What may be read of what files lead to, and how much.
        self.boundary = Boundary(())
        self.limits = Limits()
        self._numbers: dict[str, int] = {}

    @property
    def count(self) -> int:
        """How many registrations were added."""
        return len(self._subjects)

    def add(
        self,
        app: Registration,
        document: Document,
        *,
        start: int = 0,
        pointer: str = "",
        moves: Mapping[str, str] | None = None,
        pascal: bool = False,
        format: str,
        complete: bool,
    ) -> str:
        """Add a registration; returns its key: the client id, else file and pointer, numbered where it is taken."""
        document.secrets = self.secrets
        if document.may_contain_secrets:
            app = self._without_secrets(app)
        key = self._unique_key(_text(app.app_id) or f"{document.file}#{pointer}")
        nameless = "" if app.display_name else f"Registration in {PurePath(document.file).name}"
        row = _row(app, key, nameless, format, self._origin(document.file), complete=complete)
        self._keep(app, Entry(document, start, pointer, moves or {}, pascal, row))
        return key

    def _origin(self, file: str) -> Origin:
        """The file alone; the registrations of one file share it."""
        if self._last is None or self._last.file != file:
            self._last = Origin(file=file)
        return self._last

    def add_marked(
        self,
        app: Registration,
        marks: Mapping[str, Mark],
        *,
        preferred: str,
        name: str,
        format: str,
        complete: bool,
        address: str = "",
    ) -> str:
        """Add a registration whose values are in several places; returns its key: the client id, else *preferred*.

        *marks* lead from its Graph pointers to the places, the empty pointer to the whole; *name* is for one without
        any; *address* is what names it in code whatever it is called (``Subject.address``).
        """
        for mark in marks.values():
            mark.place.document.secrets = self.secrets
        app = self._without_secrets(app)
        key = self._unique_key(_text(app.app_id) or preferred)
        row = _row(app, key, name, format, self._origin(marks[""].place.document.file), complete=complete)
        row = msgspec.structs.replace(row, address=self.secrets.hide(address))
        self._keep(app, Entry(None, 0, "", {}, pascal=False, row=row, marks=marks))
        return key

    def add_principal(self, marks: Mapping[str, Mark], *, preferred: str, format: str) -> str:
        """Add a service principal whose registration is not read; returns its key. *marks* as in ``add_marked``."""
        key = unique_name(preferred, self._entries)
        row = RegistrationRow(
            key=key, name=preferred, app_id=None, object_id=None, audience="", format=format,
            origin=self._origin(marks[""].place.document.file), complete=False, kind="service-principal",
        )  # fmt: skip
        self._entries[key] = Entry(None, 0, "", {}, pascal=False, row=row, marks=marks)
        return key

    def add_grants(self, key: str, app: TenantApp, unread: Mapping[str, Unread]) -> None:
        """Keep what code grants to a service principal, with what is not known of it, by JSON pointer."""
        vars(app)["unread"] = {pointer: self.secrets.hide_in(gap) for pointer, gap in unread.items()}
        self._grants[key] = app

    def add_before(self, before: Builder) -> None:
        """Keep the registrations that a plan changes, as they are before it."""
        if self._before is None:
            self._before = before
        else:
            self._before._subjects += before._subjects
            self._before._entries |= before._entries
            self._before._grants |= before._grants

    def add_from_tenant(self, app: Registration, tenant: str, *, format: str) -> str:
        """Add a registration that was read from *tenant*; returns its key. Its origins are Graph's own names."""
        app = self._without_secrets(app)
        key = self._unique_key(_text(app.app_id) or _text(app.id) or f"{tenant}#")
        row = _row(app, key, f"Registration in {tenant}", format, Origin(), complete=True)
        self._keep(app, Entry(None, 0, "", {}, pascal=False, row=msgspec.structs.replace(row, tenant=tenant)))
        return key

    def _unique_key(self, preferred: str) -> str:
        """*preferred*, numbered where it is taken. Numbering goes on where it ended, since many may have the same
        name.
        """
        key = unique_name(preferred, self._entries, self._numbers.get(preferred, 1))
        if key != preferred:
            self._numbers[preferred] = int(key.rpartition("(")[2][:-1])
        return key

    def unique_tenant_name(self, preferred: str) -> str:
        """A name for a tenant that no other one has here: the same tenant may be in two snapshots."""
        return unique_name(preferred, self.tenants)

    def _without_secrets(self, app: Registration) -> Registration:
        """*app* without the secrets in its texts, and in what was found where a value was not read."""
        unread: Mapping[str, Unread] = app.unread
        if unread and self.secrets.are_in(unread):
            unread = {pointer: self.secrets.hide_in(gap) for pointer, gap in unread.items()}
        hidden = self.secrets.hide_in(app)
        return mark_unread(hidden if hidden is app else with_certificates_of(hidden, app), unread)

    def _keep(self, app: Registration, entry: Entry) -> None:
        self._entries[entry.row.key] = entry
        self._subjects.append(Subject(entry.row.key, _with_known_values(without_inapplicable(app)), entry.row.address))

    def build(self) -> Reading:
        """Everything that was gathered."""
        notes = list(self.notes)
        if self.references:
            checked = {entry.row.app_id.lower() for entry in self._entries.values() if entry.row.app_id}
            # A placeholder in the place of a client id names what has the same one in that place.
            unfilled = [
                entry.document.text for entry in self._entries.values() if entry.document and not entry.row.app_id
            ]
            named = {one.client_id for one in self.references if is_placeholder(one.client_id)}
            checked |= {name.lower() for name in named if any(f'"{name}"' in text for text in unfilled)}
            notes += filter(None, [reference_note(self.references, checked), *self._resource_notes()])
        notes += filter(None, (script_note(self.scripts, is_read=is_read) for is_read in (True, False)))
        hide = self.secrets.hide_in
        reading = Reading(
            self._subjects,
            [hide(problem) for problem in self.problems],
            [hide(row) for row in self.inputs],
            self._entries,
            {name: hide(tenant) for name, tenant in self.tenants.items()},
            [self.secrets.hide(note) for note in notes],
            self._grants,
            self._before.build() if self._before else None,
            self.searched,
        )
        if self.usage:
            reading.usage = hide(joined(self.usage))
        return reading

    def _resource_notes(self) -> Iterator[str]:
        """What does not fit in references to registrations that were read."""
        apps = {str(subject.app.app_id).lower(): subject for subject in self._subjects if subject.app.app_id}
        for one in self.references:
            subject = apps.get(one.client_id.lower())
            if subject is not None:
                yield resource_note(one, subject.app, self._entries[subject.key].row.name)


def unique_name(preferred: str, taken: Container[str], number: int = 1) -> str:
    """*preferred*, numbered from the *number* after this one on where it is *taken*."""
    name = preferred
    while name in taken:
        number += 1
        name = f"{preferred} ({number})"
    return name


def _text(value: Text) -> str | None:
    """A text that says something."""
    return value if isinstance(value, str) and value else None


def _row(app: Registration, key: str, nameless: str, format: str, origin: Origin, *, complete: bool) -> RegistrationRow:
    """The registration as reports name it."""
    app_id = _text(app.app_id)
    return RegistrationRow(
        key=key,
        name=_text(app.display_name) or app_id or nameless,
        app_id=app_id,
        object_id=_text(app.id),
        audience=_text(app.sign_in_audience) or "",
        format=format,
        origin=origin,
        complete=complete,
        object_kind=app.kind,
    )
