"""Sentences that several formats share: what a finding says, where, why it is accepted, what was not read.

In: a report. Out: texts on one line each, already made visible; what a kind of reader needs beyond that is its
format's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, Literal

import msgspec

from reports.age import age_notes
from reports.escape import NAME_SHOWN, visible, visible_name
from reports.report import Report
from reports.rows import Acceptance, FindingRow, PolicyChange, RegistrationRow
from reports.tables import KINDS, gaps_in_words
from rules.model.finding import Severity
from rules.model.object_kind import KIND_WORDS
from rules.primitives.dates import moment
from rules.primitives.pointers import dotted

#: Where findings that are in no file are attached when no file is named.
ANCHOR: Final = "grantlint.toml"

#: Above the changes of the policy; ``POLICY`` is the ID of their notices.
POLICY_HEADING: Final = "Changes of the policy, without effect before the merge"
POLICY: Final = "policy-change"
#: Where nothing was found, if not everything was read.
IN_THESE: Final = " in the values that were read"

_VALUE_SHOWN: Final = 300
_POLICY_LEVELS: Final[Mapping[Severity, Literal["warning", "note"]]] = {
    "critical": "warning",
    "high": "warning",
    "medium": "warning",
    "low": "note",
    "info": "note",
}


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """Something that was not read or not checked. ``id`` is a token for machines, ``about`` the name of an input."""

    id: Literal[
        "policy-change",
        "input-not-usable",
        "input-not-read",
        "input-read-in-part",
        "old-reading",
        "not-assessed",
        "note",
    ]
    level: Literal["error", "warning", "note"]
    text: str
    about: str = ""
    file: str | None = None
    line: int | None = None
    column: int | None = None


def names_of(report: Report) -> dict[str, str]:
    """The names of the registrations by their keys."""
    return {row.key: visible_name(row.name) for row in report.registrations}


def moment_words(text: str) -> str:
    """A moment of a report for readers: ``2026-11-30 09:00 UTC``; any other text is shown as it is."""
    found = moment(text)
    return f"{found:%Y-%m-%d %H:%M} UTC" if found else visible(text, NAME_SHOWN)


def titled(row: RegistrationRow) -> str:
    """The name of a row, and what it is unless that is a registration: ``Fabrikam Sync (service principal)``."""
    plain = KINDS[row.kind] if row.kind != "registration" else ""
    what = KIND_WORDS.get(row.object_kind, plain)
    return visible_name(row.name) + (f" ({what})" if what else "")


def comparison(against: str, findings: Sequence[FindingRow], fixed: int, unchecked: int = 0) -> str:
    """What a change introduces, fixes and leaves, compared with the state *against*.

    *fixed* counts its findings that are fixed, *unchecked* those that were not checked again.
    """
    states = [finding.state for finding in findings]
    rest = f", {unchecked:,} not checked again" if unchecked else ""
    new, known = states.count("new"), states.count("known")
    return f"Against {against}: {new:,} introduced, {fixed:,} fixed, {known:,} left{rest}."


def sentence(finding: FindingRow, names: Mapping[str, str]) -> str:
    """``Contoso Portal issues access tokens``."""
    return f"{names.get(finding.registration) or visible_name(finding.registration)} {visible(finding.message)}"


def property_of(finding: FindingRow) -> str:
    """The property in the user's own spelling."""
    return visible(finding.origin.property or dotted(finding.pointer), NAME_SHOWN)


def tenants_of(report: Report) -> dict[str, str]:
    """The tenants, as the user named them, by the keys of what was read from one."""
    return {row.key: visible_name(row.tenant) for row in report.registrations if row.tenant}


def place_of(finding: FindingRow, tenants: Mapping[str, str]) -> str:
    """``file:line:column`` as terminals and editors follow it; where there is no file the tenant, else the property."""
    origin = finding.origin
    if origin.file is None:
        return tenants.get(finding.registration) or property_of(finding) or "registration"
    return ":".join([visible(origin.file), *(str(n) for n in (origin.line, origin.column) if n is not None)])


def value_of(finding: FindingRow) -> str:
    """What is at the finding's place, cut."""
    return visible(finding.value, _VALUE_SHOWN)


def at_words(finding: FindingRow, tenants: Mapping[str, str]) -> str:
    """The property, after the tenant for what was read from one: ``contoso.com: web.redirectUris[0]``."""
    tenant = tenants.get(finding.registration, "") if finding.origin.file is None else ""
    return ": ".join(part for part in (tenant, property_of(finding)) if part)


def related(finding: FindingRow) -> tuple[str, ...]:
    """The other places that make the finding what it is, one sentence each."""
    return tuple(
        f"related: {visible(dotted(because.pointer), NAME_SHOWN)}: {visible(because.note)}"
        for because in finding.because
    )


def accepted_words(acceptance: Acceptance) -> str:
    """Why a finding is accepted: ``accepted by Ann until 2027-01-31: legacy (grantlint.toml:12)``."""
    words = "was accepted" if acceptance.ended else "accepted"
    words += f" by {visible(acceptance.owner, NAME_SHOWN)}" if acceptance.owner else ""
    words += f" until {visible(acceptance.until, NAME_SHOWN)}" if acceptance.until else ""
    words += f": {visible(acceptance.reason)}" if acceptance.reason else ""
    if acceptance.file:
        line = f":{acceptance.line}" if acceptance.line is not None else ""
        words += f" ({visible(acceptance.file, NAME_SHOWN)}{line})"
    return words


def state_words(finding: FindingRow, last_compared: str = "") -> str:
    """What sets a finding apart from a new one: known, accepted, or open for longer; empty where nothing does.

    In a report that was compared with earlier ones, a new finding is new since the last of them.
    """
    if finding.state == "known":
        return "known before"
    if finding.state == "suppressed":
        return accepted_words(finding.accepted) if finding.accepted else "accepted"
    if finding.since:
        return f"still open since {visible(finding.since[:10])}"
    return f"new since {visible(last_compared)}" if last_compared else ""


def policy_words(change: PolicyChange) -> str:
    """What a change does to the policy, after the worst that it can hide: ``high: new suppression of ...``."""
    return f"{change.severity}: {visible(change.message)}"


def notices(report: Report) -> Iterator[Notice]:
    """What a change does to the policy, then what was not usable, not read, read in part, and not assessed."""
    for change in report.policy_changes:
        level = _POLICY_LEVELS[change.severity]
        yield Notice(id=POLICY, level=level, text=policy_words(change), file=change.file or None, line=change.line)
    for p in report.problems:
        text = visible(p.what) + (f"; {visible(p.hint)}" if p.hint else "")
        yield Notice(id="input-not-usable", level="error", text=text, file=p.file, line=p.line, column=p.column)
    for source in report.inputs:
        if source.status == "read":
            continue
        how = "was not read" if source.status == "not-read" else "was read in part"
        text = f"{visible(source.name)} {how}"
        text += f": {visible(source.note)}" if source.note else ""
        text += f"; {visible(source.remedy)}" if source.remedy else ""
        yield Notice(
            id="input-not-read" if source.status == "not-read" else "input-read-in-part",
            level="warning",
            text=text,
            about=source.name,
        )
    for words in age_notes(report):
        yield Notice(id="old-reading", level="warning", text=words)
    for words in gaps_in_words(report):
        yield Notice(id="not-assessed", level="note", text=f"Not assessed: {words}")
    for note in report.notes:
        yield Notice(id="note", level="note", text=visible(note))
