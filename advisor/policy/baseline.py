"""A baseline: findings that are known, so that only new ones fail.

An entry has up to three fingerprints: under the client ID, under the name, and under the address in code. A
registration has no client ID before its first deployment, and may be renamed; its finding must remain the same. Files,
lines and order make no difference. A finding that is worse than its entry is new.

The file has one line for each entry and no moment, so that git merges two branches that change it. Every entry ends in
a comma, since the list ends in ``null``: adding the last entry changes no other line, and ``merge=union`` in
``.gitattributes`` gives valid JSON.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Final, Literal

import msgspec
from msgspec import UNSET

from advisor.decode_errors import in_words
from advisor.errors import InputError
from advisor.policy.coverage import normal, path_of, source_from, source_of
from reports.rows import FindingRow, RegistrationRow
from rules.engine.rule import Subject
from rules.engine.run import fingerprint
from rules.model.finding import SEVERITIES, Severity

#: The folders before an address; a slash inside the index of an instance is not one.
_FOLDERS: Final = re.compile(r'^[^\["]*/')


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A known finding: what reviewers read first, then how it is recognized.

    ``property`` is Graph's path without positions; ``since`` is the day on which it was first found; ``source`` is
    where its registration was read (``advisor.policy.coverage.source_of``), relative to the baseline. ``by_name`` and
    ``by_address`` are empty where they say no more than ``fingerprint``. Baselines of version 1 have neither severity
    nor source.
    """

    registration: str
    rule: str
    property: str = ""
    value: str = ""
    severity: Severity | None = None
    since: date | None = None
    source: str = ""
    address: str = ""
    fingerprint: str
    by_name: str = ""
    by_address: str = ""


class Baseline(msgspec.Struct, frozen=True, kw_only=True):
    """The known findings."""

    findings: tuple[Entry, ...] = ()


class _File(msgspec.Struct, frozen=True, kw_only=True):
    """The file; version 1 has the moment in which it was written."""

    version: Literal[1, 2]
    made_at: str = ""
    findings: tuple[Entry | None, ...]


class Match(msgspec.Struct, frozen=True):
    """Two lists of findings compared, by position: the earlier ones of the later ones, and the earlier ones that are
    gone.

    The later findings in ``worse`` have a higher severity than their earlier ones, those in ``known`` have not.
    """

    known: Mapping[int, int]
    worse: Mapping[int, int]
    gone: tuple[int, ...]


class Renewal(msgspec.Struct, frozen=True):
    """A baseline that was written again, and how many entries it gained and lost."""

    baseline: Baseline
    added: int
    removed: int


def _prints(finding: FindingRow, subject: Subject) -> tuple[str, str]:
    """The fingerprints that the finding has under the registration's name alone, and under its address in code.

    The first is what it has while there is no client ID. A registration without a name is known by its address there,
    which moving its file does not change. Each is empty where there is no such name.
    """
    app = subject.app
    if _is_nameless(subject):
        elsewhere = Subject(f"anywhere#{_address(subject.key)}", app)
        return fingerprint(finding.rule, elsewhere, finding.pointer), ""
    if fingerprint(finding.rule, subject, finding.pointer) != finding.fingerprint:
        return "", ""  # it is known by more than its place: see Hit.mark
    unnamed = msgspec.structs.replace(app, app_id=UNSET, display_name=UNSET)
    by_name = by_address = ""
    if app.display_name:
        by_name = fingerprint(finding.rule, Subject(app.display_name, unnamed), finding.pointer)
    if subject.address:
        by_address = fingerprint(finding.rule, Subject(f"address#{subject.address}", unnamed), finding.pointer)
    return by_name, by_address


def with_addresses(findings: Iterable[FindingRow], subjects: Mapping[str, Subject]) -> tuple[FindingRow, ...]:
    """*findings* with the fingerprint under the address in code, for those that have one; *subjects* by their keys."""
    found = []
    for finding in findings:
        subject = subjects.get(finding.registration)
        by_address = _prints(finding, subject)[1] if subject is not None and subject.address else ""
        found.append(msgspec.structs.replace(finding, by_address=by_address) if by_address else finding)
    return tuple(found)


def _address(key: str) -> str:
    """The key of a registration without the folders and the file in it."""
    before, mark, address = key.partition("#")
    return address if mark else _FOLDERS.sub("", before)


def entries(
    findings: Iterable[FindingRow],
    subjects: Mapping[str, Subject],
    rows: Mapping[str, RegistrationRow] | None = None,
    today: date | None = None,
) -> tuple[Entry, ...]:
    """An entry for each finding, in their order; *subjects* and *rows* by the keys of registrations."""
    rows = rows or {}
    return tuple(_entry(finding, subjects, rows.get(finding.registration), today) for finding in findings)


def _entry(
    finding: FindingRow, subjects: Mapping[str, Subject], row: RegistrationRow | None, since: date | None
) -> Entry:
    by_name, by_address = _prints_of(finding, subjects)
    return Entry(
        registration=row.name if row else finding.registration,
        rule=finding.rule,
        property=path_of(finding.pointer),
        value=finding.value[:120],
        severity=finding.severity,
        since=since,
        source=source_of(row) if row else "",
        address=row.address if row else "",
        fingerprint=finding.fingerprint,
        by_name=by_name if by_name != finding.fingerprint else "",
        by_address=by_address,
    )


def renew(
    old: Baseline,
    findings: Iterable[FindingRow],
    subjects: Mapping[str, Subject],
    rows: Mapping[str, RegistrationRow],
    today: date,
    is_gone: Callable[[Entry], bool],
) -> Renewal:
    """*old* with all findings that are not suppressed; an entry that is not found again remains unless it *is_gone*.

    A known finding keeps the day since which it is known. One that is worse by now counts as removed and added.
    """
    counting = tuple(finding for finding in findings if finding.state != "suppressed")
    suppressed = tuple(finding for finding in findings if finding.state == "suppressed")
    match = compare(old.findings, counting, subjects)
    earlier = {**match.known, **match.worse}
    now = [
        msgspec.structs.replace(entry, since=old.findings[earlier[position]].since or today)
        if position in earlier
        else entry
        for position, entry in enumerate(entries(counting, subjects, rows, today))
    ]
    left = tuple(old.findings[position] for position in match.gone)
    accepted = compare(left, suppressed, subjects)
    covered = {*accepted.known.values(), *accepted.worse.values()}
    kept = [entry for position, entry in enumerate(left) if position not in covered and not is_gone(entry)]
    added = len(counting) - len(match.known)
    removed = len(old.findings) - len(match.known) - len(kept)
    return Renewal(Baseline(findings=(*now, *kept)), added, removed)


def prune(
    old: Baseline, findings: Iterable[FindingRow], subjects: Mapping[str, Subject], is_gone: Callable[[Entry], bool]
) -> Renewal:
    """*old* without the entries that are not found again and that *is_gone* confirms; nothing else changes."""
    match = compare(old.findings, findings, subjects)
    gone = {position for position in match.gone if is_gone(old.findings[position])}
    kept = tuple(entry for position, entry in enumerate(old.findings) if position not in gone)
    return Renewal(Baseline(findings=kept), 0, len(gone))


def compare(known: Sequence[Entry], findings: Iterable[FindingRow], subjects: Mapping[str, Subject]) -> Match:
    """Compare earlier findings with later ones. An entry is for one finding: a second one of the same kind is new."""
    own: dict[str, list[int]] = {}
    by_name: dict[str, list[int]] = {}
    by_address: dict[str, list[int]] = {}
    for position, entry in enumerate(known):
        own.setdefault(entry.fingerprint, []).append(position)
        by_name.setdefault(entry.by_name or entry.fingerprint, []).append(position)
        by_address.setdefault(entry.by_address, []).append(position)
    taken: set[int] = set()
    matched: dict[int, int] = {}

    def match(position: int, candidates: Iterable[int]) -> None:
        left = [candidate for candidate in candidates if candidate not in taken]
        if left:  # of copies of a registration, the entry of the same file
            file = normal(rows[position].origin.file or "")
            found = next((candidate for candidate in left if known[candidate].source == file), left[0])
            taken.add(found)
            matched[position] = found

    rows = tuple(findings)
    prints = tuple(_prints_of(finding, subjects) for finding in rows)
    for position, finding in enumerate(rows):
        # Under a name only one side without a client ID is matched: two registrations may share a name.
        named = own.get(prints[position][0]) if prints[position][0] else None
        candidates = (own.get(finding.fingerprint), by_name.get(finding.fingerprint), named)
        match(position, chain.from_iterable(filter(None, candidates)))
    for position, finding in enumerate(rows):  # one without a name may have moved, one with an address been renamed
        if position not in matched and _is_nameless(subjects.get(finding.registration)):
            match(position, by_name.get(prints[position][0], ()))
        elif position not in matched and prints[position][1]:
            match(position, by_address.get(prints[position][1], ()))
    worse = {position: earlier for position, earlier in matched.items() if _is_worse(rows[position], known[earlier])}
    return Match(
        {position: earlier for position, earlier in matched.items() if position not in worse},
        worse,
        tuple(position for position in range(len(known)) if position not in taken),
    )


def _is_worse(finding: FindingRow, entry: Entry) -> bool:
    return entry.severity is not None and SEVERITIES.index(finding.severity) < SEVERITIES.index(entry.severity)


def _is_nameless(subject: Subject | None) -> bool:
    return subject is not None and not subject.app.display_name and not subject.app.app_id


def _prints_of(finding: FindingRow, subjects: Mapping[str, Subject]) -> tuple[str, str]:
    subject = subjects.get(finding.registration)
    return _prints(finding, subject) if subject is not None else ("", "")


def read_baseline(path: Path) -> Baseline:
    """Read a baseline; its sources become relative to the working folder.

    Raises ``InputError`` for a file that is missing or not a baseline.
    """
    try:
        file = msgspec.json.decode(path.read_bytes(), type=_File)
    except FileNotFoundError:
        raise InputError(
            "the baseline does not exist", file=str(path), hint="create the file with --write-baseline"
        ) from None
    except OSError as error:
        raise InputError(
            f"cannot be read: {error.strerror or error}", file=str(path), hint="check its permissions"
        ) from None
    except msgspec.MsgspecError as error:
        hint = "restore the file, or delete it and create it again with --write-baseline"
        raise InputError(f"is not a baseline: {in_words(error)}", file=str(path), hint=hint) from None
    written = _day(file.made_at)
    return Baseline(
        findings=tuple(
            msgspec.structs.replace(
                entry,
                since=entry.since or written,
                source=source_from(entry.source, path.parent),
            )
            for entry in file.findings
            if entry is not None
        )
    )


def _day(moment: str) -> date | None:
    """The day of an RFC 3339 moment; ``None`` for any other text."""
    try:
        return date.fromisoformat(moment[:10])
    except ValueError:
        return None


def render_baseline(baseline: Baseline, folder: Path) -> str:
    """The text of a baseline that is written into *folder*: JSON, with a sorted line for each entry."""
    ordered = sorted(
        baseline.findings,
        key=lambda entry: (entry.registration, entry.rule, entry.value, entry.fingerprint, entry.source),
    )
    lines = (
        msgspec.json.encode(msgspec.structs.replace(entry, source=source_from(entry.source, Path(), folder))).decode()
        for entry in ordered
    )
    return '{"version": 2, "findings": [\n' + "".join(f"{line},\n" for line in lines) + "null]}\n"
