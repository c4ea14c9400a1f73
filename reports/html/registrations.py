"""What the page shows of registrations, findings and of what was not assessed; precomputed, so that templates only loop."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec
from markupsafe import Markup

from reports.escape import visible, visible_name
from reports.html.markup import SourceLine, breakable, patch, source_line, where
from reports.html.posture import Cell, states
from reports.report import FindingRow, GrantText, PostureRow, RuleText
from reports.tables import RegistrationPart, counted, dotted, gaps_by_property
from rules.finding import NotAssessed

_AUDIENCES: Final = {
    "AzureADMyOrg": "one organisation",
    "AzureADMultipleOrgs": "any organisation",
    "AzureADandPersonalMicrosoftAccount": "any organisation and personal accounts",
    "PersonalMicrosoftAccount": "personal accounts",
}
_STATES: Final = {"new": "", "known": "known", "suppressed": "accepted"}
_VALUE_SHOWN: Final = 300


class Because(msgspec.Struct, frozen=True):
    property: Markup
    note: str


class FindingView(msgspec.Struct, frozen=True, kw_only=True):
    """A finding as it is shown. ``has_text`` says whether the rule's text stands in the report and can be linked."""

    id: str
    severity: str
    state: str
    message: str
    rule: str
    has_text: bool
    where: str
    property: Markup
    value: str
    source: SourceLine | None
    because: tuple[Because, ...]
    fix: str
    change: str
    patch: Markup | None


class GapView(msgspec.Struct, frozen=True, kw_only=True):
    """A property that was not assessed: why, what would mend it, which rules wanted it, and how far that reaches."""

    property: Markup
    why: str
    note: str
    remedy: str
    rules: tuple[str, ...]
    extent: str


class RegistrationView(msgspec.Struct, frozen=True, kw_only=True):
    """A registration with everything that is shown under its heading."""

    id: str
    name: str
    about: tuple[tuple[str, str], ...]
    counts: tuple[tuple[str, int], ...]
    findings: tuple[FindingView, ...]
    gaps: tuple[GapView, ...]
    gap_words: str
    allowed: str
    states: tuple[Cell, ...]
    complete: bool


def registration_views(
    parts: Sequence[RegistrationPart],
    rules: Mapping[str, RuleText],
    postures: Mapping[str, PostureRow],
    grants: Mapping[str, GrantText],
) -> tuple[RegistrationView, ...]:
    """The registrations in the order given; ids are unique in the page."""
    seen: dict[str, int] = {}
    return tuple(
        _registration(number, part, rules, states(postures.get(part.row.key), grants), seen)
        for number, part in enumerate(parts, 1)
    )


def _registration(
    number: int,
    part: RegistrationPart,
    rules: Mapping[str, RuleText],
    grants: tuple[Cell, ...],
    seen: dict[str, int],
) -> RegistrationView:
    row = part.row
    name = visible_name(row.name)
    gaps = gap_views(part.gaps, exact=True)
    about = (
        ("read from", where(row.origin) or visible(row.origin.property)),
        ("format", row.format),
        ("client id", visible(row.app_id or "")),
        ("object id", visible(row.object_id or "")),
        ("sign-in for", _AUDIENCES.get(row.audience, visible(row.audience))),
    )
    return RegistrationView(
        id=f"registration-{number}",
        name=name,
        about=tuple(pair for pair in about if pair[1]),
        counts=tuple((severity, count) for severity, count in part.by_severity.items() if count),
        findings=tuple(_finding(finding, name, rules.get(finding.rule), seen) for finding in part.findings),
        gaps=gaps,
        gap_words=_in_words(gaps),
        allowed=", ".join(state.short for state in grants if state.state == "allowed"),
        states=grants,
        complete=row.complete,
    )


def _finding(finding: FindingRow, name: str, rule: RuleText | None, seen: dict[str, int]) -> FindingView:
    origin = finding.origin
    source = source_line(origin)
    value = visible(finding.value, _VALUE_SHOWN)
    return FindingView(
        id=_unique(f"finding-{finding.fingerprint}" if finding.fingerprint.isalnum() else "finding", seen),
        severity=finding.severity,
        state=_STATES[finding.state],
        message=f"{name} {visible(finding.message)}",
        rule=finding.rule,
        has_text=rule is not None,
        where=where(origin),
        property=breakable(origin.property or dotted(finding.pointer)),
        value="" if source and source.value.strip('"') == value else value,
        source=source,
        because=tuple(Because(breakable(dotted(place.pointer)), visible(place.note)) for place in finding.because),
        fix=rule.fix if rule else "",
        change=visible(finding.change, _VALUE_SHOWN),
        patch=patch(finding.patch) if finding.patch else None,
    )


def _unique(name: str, seen: dict[str, int]) -> str:
    """True duplicates share a fingerprint: the second gets a number."""
    seen[name] = seen.get(name, 0) + 1
    return name if seen[name] == 1 else f"{name}-{seen[name]}"


def gap_views(gaps: Iterable[NotAssessed], *, exact: bool = False) -> tuple[GapView, ...]:
    """What was not assessed by property; *exact* keeps list elements apart."""
    return tuple(
        GapView(
            property=breakable(gap.property),
            why=gap.why,
            note=visible(gap.note, _VALUE_SHOWN),
            remedy=gap.remedy,
            rules=gap.rules,
            extent=f"{counted(len(gap.rules), 'rule')} on {counted(len(gap.registrations), 'registration')}",
        )
        for gap in gaps_by_property(gaps, exact=exact)
    )


def _in_words(gaps: tuple[GapView, ...]) -> str:
    rules = len({rule for gap in gaps for rule in gap.rules})
    names = [str(gap.property.striptags()) for gap in gaps if gap.property]
    shown = ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
    return f"{counted(rules, 'rule')} could not judge {shown or 'everything'}"
