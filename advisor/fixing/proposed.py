"""How each finding of a report would be fixed in its files: what SARIF, pages and the terminal show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

import msgspec

from advisor.fixing.edit import NotFixed
from advisor.fixing.make import edits_for
from advisor.sources.reading.builder import Entry, Reading
from advisor.sources.reading.document import Document
from reports.rows import FileFix, FindingRow, Replacement
from rules.engine.applicability import applicability


def with_fixes(findings: Iterable[FindingRow], reading: Reading, now: datetime) -> Iterator[FindingRow]:
    """*findings* of *reading*, the new ones with their fixes as of *now*."""
    apps = {subject.key: subject.app for subject in reading.subjects}
    last = ""
    for finding in findings:
        entry = reading.entry(finding.registration)
        app = apps.get(finding.registration)
        if finding.state != "new" or not finding.patch or app is None or entry is None or not entry.documents():
            yield finding
            continue
        if finding.registration != last:
            for document in entry.documents():
                document.places.forget()
            last = finding.registration
        yield msgspec.structs.replace(finding, fix=_fix(finding, reading, apps, entry, now))


def _fix(
    finding: FindingRow, reading: Reading, apps: dict[str, msgspec.Struct], entry: Entry, now: datetime
) -> FileFix:
    documents = {document.file: document for document in entry.documents()}
    try:
        edits = edits_for(finding, reading, apps)
    except NotFixed as error:
        return FileFix(applicability="display only", why=str(error))
    replacements = (_replacement(documents[one.file], one.start, one.end, one.text) for one in edits)
    return FileFix(
        applicability=applicability(finding, apps[finding.registration], now) or "display only",
        replacements=tuple(replacements),
    )


def _replacement(document: Document, start: int, end: int, text: str) -> Replacement:
    (line, column), (end_line, end_column) = map(document.places.position, (start, end))
    return Replacement(
        file=document.file, line=line, column=column, end_line=end_line, end_column=end_column, text=text
    )
