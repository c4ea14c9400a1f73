"""What sources return: registrations to judge, bad input, and where each value came from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache
from pathlib import PurePath

import msgspec

from advisor.sources.legacy import source_pointer
from advisor.sources.place import Places
from reports.report import Input, Origin, Problem, RegistrationRow
from reports.tables import dotted
from rules.engine import Subject
from rules.registration import Registration


class Document:
    """A text in which registrations stand. Positions are worked out when somebody asks for one."""

    def __init__(self, file: str, text: str, shown: str | None = None) -> None:
        self.file = file
        self._text = text
        self._shown = shown

    @property
    def commented(self) -> str:
        """The text with its comments, for a document that may have some; strict JSON has none."""
        return self._shown or ""

    @cached_property
    def places(self) -> Places:
        """Where the values of the document stand."""
        return Places(self._text, self._shown)


class Entry(msgspec.Struct, frozen=True, gc=False):
    """A registration in its document: the value at *start* (an offset), the pointer inside it, and what moved."""

    document: Document
    start: int
    pointer: str
    moves: Mapping[str, str]
    pascal: bool
    row: RegistrationRow


class Reading:
    """What was read. Registrations are known by their keys, which are unique in it."""

    def __init__(
        self,
        subjects: Sequence[Subject] = (),
        problems: Sequence[Problem] = (),
        inputs: Sequence[Input] = (),
        entries: Mapping[str, Entry] | None = None,
    ) -> None:
        self.subjects = tuple(subjects)
        self.problems = tuple(problems)
        self.inputs = tuple(inputs)
        self._entries = dict(entries or {})
        self._last: tuple[str, int] | None = None

    def commented(self) -> dict[str, str]:
        """The texts, by file, of documents in formats that have comments."""
        documents = {entry.document.file: entry.document.commented for entry in self._entries.values()}
        return {file: text for file, text in documents.items() if text}

    def row(self, key: str) -> RegistrationRow:
        """The registration as reports name it, with the place where it begins."""
        entry = self._entries[key]
        origin = self._locate(key, entry, "")
        return msgspec.structs.replace(
            entry.row, origin=msgspec.structs.replace(origin, text="", text_start=0, text_end=0)
        )

    def locate(self, key: str, pointer: str) -> Origin:
        """Where the value at a Graph *pointer* of the registration *key* came from, in the file's own words."""
        return self._locate(key, self._entries[key], pointer)

    def speaks_graph(self, key: str) -> bool:
        """Whether the file of the registration *key* has Graph's own names and capitals."""
        entry = self._entries[key]
        return not entry.moves and not entry.pascal

    def spell(self, key: str, pointer: str) -> str:
        """The property at a Graph *pointer* in the vocabulary of the file, without looking at the file."""
        entry = self._entries[key]
        return _spelled(source_pointer(entry.moves, pointer) if entry.moves else pointer, entry.pascal)

    def _locate(self, key: str, entry: Entry, pointer: str) -> Origin:
        document = entry.document
        source = source_pointer(entry.moves, pointer)
        places = document.places
        try:
            if self._last is None or self._last[0] != key:
                places.forget()
                self._last = (key, places.anchor(entry.pointer, entry.start))
            spot = places.follow(source, self._last[1])
        except (
            ValueError,
            RecursionError,
            StopIteration,
            IndexError,
        ):  # read by a parser that allows what the walk does not
            return Origin(file=document.file, property=_spelled(source, entry.pascal))
        if spot.whole:
            name = dotted("".join("/" + token.replace("~", "~0").replace("/", "~1") for token in spot.tokens))
        else:
            name = _spelled(source, entry.pascal)
        return places.origin(document.file, spot, name)


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
        app_id = app.app_id if isinstance(app.app_id, str) and app.app_id else None
        object_id = app.id if isinstance(app.id, str) and app.id else None
        wish = app_id or f"{document.file}#{pointer}"
        key, number = wish, 1
        while key in self._entries:
            number += 1
            key = f"{wish} ({number})"
        name = app.display_name if isinstance(app.display_name, str) and app.display_name else None
        row = RegistrationRow(
            key=key,
            name=name or app_id or f"Registration in {PurePath(document.file).name}",
            app_id=app_id,
            object_id=object_id,
            audience=app.sign_in_audience if isinstance(app.sign_in_audience, str) else "",
            format=format,
            origin=Origin(file=document.file),
            complete=complete,
        )
        self._entries[key] = Entry(document, start, pointer, moves or {}, pascal, row)
        self._subjects.append(Subject(key, app))
        return key

    def build(self) -> Reading:
        """Everything that was gathered."""
        return Reading(self._subjects, self.problems, self.inputs, self._entries)
