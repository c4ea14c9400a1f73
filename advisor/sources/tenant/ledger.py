"""How far a reading came: what was read, what was not and why. It keeps no object, so that it stays small."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

import msgspec

from advisor.sources.reading.remedies import IN_THE_PORTAL
from advisor.sources.tenant.records import (
    APPLICATIONS,
    EARLIER,
    OWNER_NAMES,
    STOPPED,
    Application,
    End,
    Header,
    Outcome,
    Part,
    Record,
    parts_of,
)
from reports.rows import Input
from rules.model.registration import Unread
from rules.primitives.pointers import dotted
from rules.primitives.texts import counted

_KIND: Final = "tenant"
_AGAIN: Final = "read the tenant again"
#: At most this many registrations with a value of an unexpected type are named; the others are counted.
_NAMED: Final = 3


class Ledger:
    """Takes the records of a reading and says in the end what became of each part."""

    def __init__(self) -> None:
        self.header = Header(tenant="", endpoint="", read_at="")
        self.applications = 0
        self._outcomes: dict[str, Outcome] = {}
        self._broken: list[str] = []
        self._broken_count = 0
        self._ended = False

    def take(self, record: Record) -> None:
        """Note what a record says about the reading."""
        match record:
            case Application():
                self.applications += 1
                if record.unread:
                    self._note_broken(record)
            case Outcome():
                self._outcomes[record.part] = record
            case Header():
                self.header = record
            case End():
                self._ended = True
            case _:
                pass

    def _note_broken(self, record: Application) -> None:
        self._broken_count += 1
        if len(self._broken) < _NAMED:
            name = record.value.display_name or record.value.app_id or record.value.id or "one without a name"
            self._broken.append(f"{name} ({', '.join(dotted(pointer) for pointer in record.unread)})")

    def was_read(self, part: Part) -> bool:
        """Whether a part was read, at least in part."""
        outcome = self._outcomes.get(part.id)
        return outcome is not None and outcome.status != "not-read"

    def reason(self, part: Part) -> Unread:
        """Why a part, or some of it, was not read."""
        outcome = self._outcomes.get(part.id)
        return outcome.unread if outcome is not None and outcome.unread is not None else self._absent

    @property
    def _absent(self) -> Unread:
        """Why nothing is said about a part."""
        return EARLIER if self._ended else STOPPED

    def gaps(self) -> Iterator[tuple[Part, Unread]]:
        """The parts that were not read, or not whole, in the order of the parts."""
        for part in parts_of(self.header):
            outcome = self._outcomes.get(part.id)
            if outcome is None and part is not OWNER_NAMES:
                yield part, self._absent
            elif outcome is not None and outcome.unread is not None:
                yield part, outcome.unread

    def inputs(self, name: str = "") -> Iterator[Input]:
        """The tenant by its *name*, and below it each reason for which something is missing, once, with all it took
        away.
        """
        name = name or self.header.tenant
        first = self._whole(name)
        yield msgspec.structs.replace(first, read_at=self.header.read_at, is_whole=not self.header.only)
        groups: dict[tuple[str, str, str], list[str]] = defaultdict(list)
        for part, gap in self.gaps():
            # Parts that did not exist then are not failures of that reading; the rules that need it say so.
            if part is not APPLICATIONS and gap is not EARLIER:
                found = self._outcomes[part.id].status if part.id in self._outcomes else "not-read"
                groups[found, gap.note, gap.remedy].append(part.title)
        for (status, note, remedy), titles in groups.items():
            if (note, remedy) == (first.note, first.remedy):
                continue  # what took the tenant itself away took these too
            yield _input(f"{name}, {', '.join(titles)}", status, 0, note, remedy)

    def _whole(self, name: str) -> Input:
        outcome = self._outcomes.get(APPLICATIONS.id)
        count = self.applications
        if outcome is None:
            status = "partly" if count else "not-read"
            return _input(name, status, count, f"stopped after {counted(count, 'application')}", _AGAIN)
        if outcome.unread is not None:
            return _input(name, outcome.status, count, outcome.unread.note, outcome.unread.remedy)
        if self._broken:
            rest = self._broken_count - len(self._broken)
            more = f" and {rest} more" if rest else ""
            return _input(
                name,
                "partly",
                count,
                f"a value of an unexpected type in {', '.join(self._broken)}{more}",
                IN_THE_PORTAL,
            )
        return _input(name, outcome.status, count, "", "")


def _input(name: str, status: str, count: int, note: str, remedy: str) -> Input:
    return Input(
        name=name,
        format=_KIND,
        status="read" if status == "read" else "partly" if status == "partly" else "not-read",
        registrations=count,
        note=note,
        remedy=remedy,
    )
