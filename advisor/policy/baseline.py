"""A baseline: the findings that were known on a day, so that only new ones fail.

An entry has two fingerprints, one under the client id and one under the name: a registration has no client id before
its first deployment, and its finding must stay the same one after it. Of one without either, the name is known by its
address in its file. Files, lines and order do not matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Final, Literal

import msgspec
from msgspec import UNSET

from advisor.errors import InputError
from reports.rows import FindingRow
from rules.engine.rule import Subject
from rules.engine.run import fingerprint

#: The folders before an address; a slash inside the index of an instance is none.
_FOLDERS: Final = re.compile(r'^[^\["]*/')


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A known finding: its fingerprint, the one under the registration's name, and what people read."""

    fingerprint: str
    by_name: str = ""
    rule: str
    registration: str
    value: str = ""


class Baseline(msgspec.Struct, frozen=True, kw_only=True):
    """The file: when it was made and what was known."""

    version: Literal[1] = 1
    made_at: str
    findings: tuple[Entry, ...]


class Match(msgspec.Struct, frozen=True):
    """Two lists of findings compared: positions of the later ones that are known, and of the earlier ones that are
    gone.
    """

    known: frozenset[int]
    gone: tuple[int, ...]


def name_fingerprint(finding: FindingRow, subject: Subject) -> str:
    """The fingerprint that the finding has while the registration has no client id.

    One without a name has that of its address, which moving its file does not change; empty where it has a client id
    alone.
    """
    app = subject.app
    if _is_nameless(subject):
        return fingerprint(finding.rule, Subject(f"anywhere#{_address(subject.key)}", app), finding.pointer)
    if not app.display_name:
        return ""
    nameless = msgspec.structs.replace(app, app_id=UNSET)
    return fingerprint(finding.rule, Subject(subject.key, nameless), finding.pointer)


def _address(key: str) -> str:
    """The key of a registration without the folders and the file in it."""
    before, mark, address = key.partition("#")
    return address if mark else _FOLDERS.sub("", before)


def entries(
    findings: Iterable[FindingRow], subjects: Mapping[str, Subject], names: Mapping[str, str] | None = None
) -> tuple[Entry, ...]:
    """An entry for each finding, in their order; *subjects* and *names* by the keys of registrations."""
    names = names or {}
    return tuple(
        Entry(
            fingerprint=finding.fingerprint,
            by_name=_by_name(finding, subjects),
            rule=finding.rule,
            registration=names.get(finding.registration, finding.registration),
            value=finding.value[:120],
        )
        for finding in findings
    )


def make_baseline(
    findings: Iterable[FindingRow], subjects: Mapping[str, Subject], names: Mapping[str, str], made_at: str
) -> Baseline:
    """Everything that was found and not accepted."""
    counting = (finding for finding in findings if finding.state != "suppressed")
    return Baseline(made_at=made_at, findings=entries(counting, subjects, names))


def compare(known: Sequence[Entry], findings: Iterable[FindingRow], subjects: Mapping[str, Subject]) -> Match:
    """Compare earlier findings with later ones. An entry stands for one finding: a second one of the same kind is
    new.
    """
    own: dict[str, list[int]] = {}
    by_name: dict[str, list[int]] = {}
    for position, entry in enumerate(known):
        own.setdefault(entry.fingerprint, []).append(position)
        by_name.setdefault(entry.by_name, []).append(position)
    taken: set[int] = set()
    matched: set[int] = set()

    def match(position: int, candidates: Iterable[int]) -> None:
        found = next((candidate for candidate in candidates if candidate not in taken), None)
        if found is not None:
            taken.add(found)
            matched.add(position)

    rows = tuple(findings)
    named = tuple(_by_name(finding, subjects) for finding in rows)
    for position, finding in enumerate(rows):
        # Under a name only one side without a client id is matched: two registrations may share a name.
        candidates = (own.get(finding.fingerprint), by_name.get(finding.fingerprint), own.get(named[position]))
        match(position, chain.from_iterable(filter(None, candidates)))
    for position, finding in enumerate(rows):  # what is known by its address alone may have moved
        if position not in matched and _is_nameless(subjects.get(finding.registration)):
            match(position, by_name.get(named[position], ()))
    return Match(frozenset(matched), tuple(position for position in range(len(known)) if position not in taken))


def _is_nameless(subject: Subject | None) -> bool:
    return subject is not None and not subject.app.display_name and not subject.app.app_id


def _by_name(finding: FindingRow, subjects: Mapping[str, Subject]) -> str:
    subject = subjects.get(finding.registration)
    return name_fingerprint(finding, subject) if subject is not None else ""


def read_baseline(path: Path) -> Baseline:
    """Read a baseline. Raises ``InputError`` for a file that is missing or none."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Baseline)
    except FileNotFoundError:
        raise InputError("there is no such baseline", file=str(path), hint="make it with --write-baseline") from None
    except OSError as error:
        raise InputError(
            f"cannot be read: {error.strerror or error}", file=str(path), hint="check its permissions"
        ) from None
    except msgspec.MsgspecError as error:
        raise InputError(
            f"is no baseline: {error}", file=str(path), hint="make it again with --write-baseline"
        ) from None


def render_baseline(baseline: Baseline) -> str:
    """The baseline as JSON, an entry a few lines, sorted so that a change in it is a small diff."""
    ordered = sorted(baseline.findings, key=lambda entry: (entry.registration, entry.rule, entry.fingerprint))
    data = msgspec.json.encode(msgspec.structs.replace(baseline, findings=tuple(ordered)))
    return msgspec.json.format(data, indent=1).decode() + "\n"
