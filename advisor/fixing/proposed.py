"""How each finding of a report would be fixed in its files: what SARIF shows, and the terminal counts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

import msgspec

from advisor.fixing.edit import NotFixed
from advisor.fixing.written import syntax_of
from advisor.sources.reading.builder import Entry, Reading
from advisor.sources.reading.document import Document
from reports.rows import FileEdit, FindingRow, Replacement, UsageEntry
from reports.use import in_use_words
from rules.engine.applicability import applicability
from rules.primitives.patch import leaves

#: Longer lines are not kept with an edit: a document may be on one line.
_LONGEST: Final = 4000


def with_edits(
    findings: Iterable[FindingRow],
    reading: Reading,
    now: datetime,
    uses: Mapping[str, Sequence[UsageEntry]],
    *,
    whole: bool,
) -> Iterator[FindingRow]:
    """*findings* of *reading*, the new ones with how they are fixed as of *now*.

    *uses* has the use of grants by registration: it is the reason why an edit that turns one off is unsafe.
    Only *whole* edits have their replacements, which take as much time as some of the checks.
    """
    apps = {subject.key: subject.app for subject in reading.subjects}
    last, entry = "", None
    documents: tuple[Document, ...] = ()
    refused = ""
    for finding in findings:
        app = apps.get(finding.registration) if finding.state == "new" and finding.patch else None
        if app is None:
            yield finding
            continue
        if finding.registration != last:
            last, entry = finding.registration, reading.entry(finding.registration)
            documents = entry.documents() if entry else ()
            refused = _refusal(entry, documents) if entry else ""
            for document in documents:
                document.places.forget()
        if not documents:
            yield finding
            continue
        edit = (
            FileEdit(applicability="display only", why=refused)
            if refused
            else _whole(finding, reading, apps, documents, now)
            if whole
            else FileEdit(applicability=applicability(finding, app, now) or "display only")
        )
        if edit.applicability == "unsafe":
            why = in_use_words(leaves(finding.patch or {}), uses.get(finding.registration, ()))
            edit = msgspec.structs.replace(edit, why=why)
        yield msgspec.structs.replace(finding, edit=edit)


def _refusal(entry: Entry, documents: Iterable[Document]) -> str:
    """Why no value of *entry* is edited; empty where at least one of its *documents* is of a language that is."""
    reason = ""
    for document in documents:
        try:
            syntax_of(entry, document)
        except NotFixed as error:
            reason = reason or str(error)
        else:
            return ""
    return reason


def _whole(
    finding: FindingRow,
    reading: Reading,
    apps: dict[str, msgspec.Struct],
    documents: Iterable[Document],
    now: datetime,
) -> FileEdit:
    from advisor.fixing.make import edits_for

    by_name = {document.file: document for document in documents}
    try:
        edits = edits_for(finding, reading, apps)
    except NotFixed as error:
        return FileEdit(applicability="display only", why=str(error))
    replacements = (_replacement(by_name[one.file], one.start, one.end, one.text) for one in edits)
    return FileEdit(
        applicability=applicability(finding, apps[finding.registration], now) or "display only",
        replacements=tuple(replacements),
    )


def _replacement(document: Document, start: int, end: int, text: str) -> Replacement:
    (line, column), (end_line, end_column) = map(document.places.position, (start, end))
    return Replacement(
        file=document.file,
        line=line,
        column=column,
        end_line=end_line,
        end_column=end_column,
        text=text,
        before=_lines(document, start, end),
    )


def _lines(document: Document, start: int, end: int) -> str:
    """The whole lines from *start* to *end* without the last line end; empty where they cannot be shown as they are."""
    first, last = document.places.line_start(start), document.places.line_end(end)
    if last - first > _LONGEST + len("\r"):  # not even cut out: the line may be the whole document
        return ""
    found = document.shown[first:last].removesuffix("\r")
    return "" if len(found) > _LONGEST or document.secrets.mask(found) != found else found
