"""A baseline: the findings that were known on a day, so that only new ones fail.

An entry has two fingerprints, one under the client id and one under the name: a registration has no client id before its
first deployment, and its finding must stay the same one after it. Files, lines and order do not matter.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import UNSET

from advisor.errors import InputError
from reports.report import FindingRow
from rules.engine import Subject, fingerprint


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


class Known(msgspec.Struct, frozen=True):
    """What a baseline says of findings: which are known (by position), and entries that no longer occur."""

    positions: frozenset[int]
    gone: tuple[Entry, ...]


def name_fingerprint(finding: FindingRow, subject: Subject) -> str:
    """The fingerprint that the finding has while the registration has no client id; empty where it has no name either."""
    app = subject.app
    if not isinstance(app.display_name, str) or not app.display_name:
        return ""
    nameless = msgspec.structs.replace(app, app_id=UNSET)
    return fingerprint(finding.rule, Subject(subject.key, nameless), finding.pointer)


def make_baseline(
    findings: Iterable[FindingRow], subjects: Mapping[str, Subject], names: Mapping[str, str], made_at: str
) -> Baseline:
    """Everything that was found and not accepted; *subjects* and *names* by the keys of registrations."""
    return Baseline(
        made_at=made_at,
        findings=tuple(
            Entry(
                fingerprint=finding.fingerprint,
                by_name=name_fingerprint(finding, subjects[finding.registration])
                if finding.registration in subjects
                else "",
                rule=finding.rule,
                registration=names.get(finding.registration, finding.registration),
                value=finding.value[:120],
            )
            for finding in findings
            if finding.state != "suppressed"
        ),
    )


def compare(baseline: Baseline, findings: Iterable[FindingRow], subjects: Mapping[str, Subject]) -> Known:
    """Which findings are known. An entry stands for one finding: a second one of the same kind is new."""
    left = Counter(entry.fingerprint for entry in baseline.findings)
    by_name = {entry.by_name: entry.fingerprint for entry in baseline.findings if entry.by_name}
    positions: set[int] = set()
    for position, finding in enumerate(findings):
        for print_ in _fingerprints(finding, subjects):
            own = print_ if left[print_] else by_name.get(print_, "")
            if left[own]:
                left[own] -= 1
                positions.add(position)
                break
    gone = tuple(entry for entry in baseline.findings if _take(left, entry.fingerprint))
    return Known(frozenset(positions), gone)


def _fingerprints(finding: FindingRow, subjects: Mapping[str, Subject]) -> Iterable[str]:
    yield finding.fingerprint
    subject = subjects.get(finding.registration)
    if subject is not None:
        yield name_fingerprint(finding, subject)


def _take(left: Counter[str], fingerprint: str) -> bool:
    if not left[fingerprint]:
        return False
    left[fingerprint] -= 1
    return True


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
