"""What the page shows of registrations, findings and of what was not assessed; precomputed, so that templates only loop."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec
from markupsafe import Markup

from reports.escape import visible, visible_name
from reports.html.markup import Link, SourceLine, breakable, links, patch, source_line, where
from reports.html.posture import PostureWords
from reports.html.requests import RequestViews, Values, WaysView
from reports.parts import owner_name
from reports.rows import FindingRow, RuleText
from reports.tables import KINDS, RegistrationPart, gaps_by_property, tenant_heads
from reports.wording import accepted_words
from rules.model.finding import NotAssessed
from rules.primitives.pointers import dotted
from rules.primitives.texts import counted

_AUDIENCES: Final = {
    "AzureADMyOrg": "one organisation",
    "AzureADMultipleOrgs": "any organisation",
    "AzureADandPersonalMicrosoftAccount": "any organisation and personal accounts",
    "PersonalMicrosoftAccount": "personal accounts",
}
STATES: Final = {"new": "", "known": "known", "suppressed": "accepted"}
_VALUE_SHOWN: Final = 300

#: Up to so many findings and registrations each says itself why it matters and how to mend it, with a patch and its
#: source line; beyond that its rule says so once, and a finding is one line (``reports.html.compact``).
TEXTS_BESIDE: Final = 1000
REGISTRATIONS_IN_FULL: Final = 3000


class RuleLines(msgspec.Struct, frozen=True):
    """What a rule says, beside a finding and at the end of the page."""

    why: str
    fix: str
    links: tuple[Link, ...]


class Because(msgspec.Struct, frozen=True):
    """Another place that a finding gives as its reason, and what is said of it."""

    property: Markup
    note: str


class FindingView(msgspec.Struct, frozen=True, kw_only=True):
    """A finding as it is shown, with the text of its rule; ``aside`` says why it is or was accepted."""

    id: str
    severity: str
    state: str
    aside: str
    since: str
    message: str
    rule: str
    number: int
    linked: bool
    where: str
    property: Markup
    value: str
    source: SourceLine | None
    because: tuple[Because, ...]
    text: RuleLines | None
    change: str
    patch: Markup | None


class GapView(msgspec.Struct, frozen=True, kw_only=True):
    """A property of a registration that was not assessed: why, what would mend it, which rules wanted it."""

    property: Markup
    why: str
    note: str
    remedy: str
    rules: tuple[str, ...]


class RegistrationView(msgspec.Struct, frozen=True, kw_only=True):
    """A registration with everything that is shown under its heading; ``kind`` says what else it is."""

    id: str
    name: str
    kind: str
    head: str
    owners: str
    about: tuple[str, ...]
    counts: tuple[tuple[str, int], ...]
    findings: tuple[FindingView, ...]
    gaps: tuple[GapView, ...]
    gap_words: str
    posture: PostureWords | None
    complete: bool
    ways: WaysView | None
    values: Values | None


class CleanView(msgspec.Struct, frozen=True):
    """A registration without findings: anchor, name, and the requests that work for it."""

    id: str
    name: str
    ways: WaysView | None
    values: Values | None


def registration_views(
    parts: Sequence[RegistrationPart],
    rules: Mapping[str, RuleText],
    postures: Mapping[str, PostureWords],
    numbers: Mapping[str, int],
    owners: Mapping[str, tuple[str, ...]],
    requests: RequestViews,
) -> tuple[RegistrationView, ...]:
    """The registrations in the order given; ids are unique in the page.

    *numbers* are the rules', *owners* what the filter calls the owners of each registration.
    """
    texts = {rule.id: RuleLines(rule.why, rule.fix, links(rule.references)) for rule in rules.values()}
    seen: dict[str, int] = {}
    heads = tenant_heads(parts)
    return tuple(
        msgspec.structs.replace(
            _registration(place, part, texts, numbers, owners.get(part.row.key, ()), postures.get(part.row.key), seen),
            head=visible(heads.get(part.row.key, "")),
            ways=requests.written.get(part.row.key),
            values=requests.values.get(part.row.key),
        )
        for place, part in enumerate(parts, 1)
    )


def _registration(
    place: int,
    part: RegistrationPart,
    texts: Mapping[str, RuleLines],
    numbers: Mapping[str, int],
    owners: tuple[str, ...],
    posture: PostureWords | None,
    seen: dict[str, int],
) -> RegistrationView:
    row = part.row
    gaps = gap_views(part.gaps)
    about = (
        ("from", where(row.origin) or visible(row.origin.property)),
        ("read as", visible(row.format) if row.kind == "registration" else ""),  # the heading says the others' kind
        ("client id", visible(row.app_id or "")),
        ("tenant id" if row.kind == "tenant" else "object id", visible(row.object_id or "")),
        ("sign-in for", _AUDIENCES.get(row.audience, visible(row.audience))),
        ("owned by", "" if row.owners is None else ", ".join(map(owner_name, row.owners)) or "nobody"),
        ("tenant", visible(row.tenant)),
        ("created", visible(row.created[:10])),
    )
    return RegistrationView(
        id=f"registration-{place}",
        name=visible_name(row.name),
        kind=KINDS[row.kind] if row.kind != "registration" else "",
        head="",
        owners=" ".join(owners),
        about=tuple(f"{term} {words}" for term, words in about if words),
        counts=tuple((severity, count) for severity, count in part.by_severity.items() if count),
        findings=tuple(_finding(finding, texts, numbers, seen) for finding in part.findings),
        gaps=gaps,
        gap_words=gaps_words(gaps),
        posture=posture,
        complete=row.complete,
        ways=None,
        values=None,
    )


def clean_views(
    parts: Sequence[RegistrationPart], places: Mapping[str, tuple[str, str]], requests: RequestViews
) -> tuple[CleanView, ...]:
    """The registrations of *parts*, which have no finding."""
    return tuple(
        CleanView(*places[part.row.key], requests.written.get(part.row.key), requests.values.get(part.row.key))
        for part in parts
    )


def _finding(
    finding: FindingRow, texts: Mapping[str, RuleLines], numbers: Mapping[str, int], seen: dict[str, int]
) -> FindingView:
    origin = finding.origin
    source = source_line(origin, finding.value)
    return FindingView(
        id=unique(f"finding-{finding.fingerprint}" if finding.fingerprint.isalnum() else "finding", seen),
        severity=finding.severity,
        state=STATES[finding.state],
        aside=as_heading(accepted_words(finding.accepted)) if finding.accepted else "",
        since=visible(finding.since[:10]),
        message=as_heading(finding.message),
        rule=finding.rule,
        number=numbers[finding.rule],
        linked=finding.rule in texts,
        where=where(origin),
        property=breakable(origin.property or dotted(finding.pointer)),
        value="" if source and source.value else visible(finding.value, _VALUE_SHOWN),
        source=source,
        because=tuple(Because(breakable(dotted(place.pointer)), visible(place.note)) for place in finding.because),
        text=texts.get(finding.rule),
        change=visible(finding.change, _VALUE_SHOWN),
        patch=patch(finding.patch) if finding.patch else None,
    )


def as_heading(message: str) -> str:
    """What is said of a registration as a sentence of its own."""
    shown = visible(message)
    return shown[:1].upper() + shown[1:]


def unique(name: str, seen: dict[str, int]) -> str:
    """True duplicates share a fingerprint: the second gets a number."""
    seen[name] = seen.get(name, 0) + 1
    return name if seen[name] == 1 else f"{name}-{seen[name]}"


def gap_views(gaps: Iterable[NotAssessed]) -> tuple[GapView, ...]:
    """What was not assessed in a registration, by property; elements of a list stand apart."""
    return tuple(
        GapView(
            property=breakable(gap.property),
            why=gap.why,
            note=visible(gap.note, _VALUE_SHOWN),
            remedy=gap.remedy,
            rules=gap.rules,
        )
        for gap in gaps_by_property(gaps, exact=True)
    )


def gaps_words(gaps: tuple[GapView, ...]) -> str:
    """Which properties were not assessed and for how many rules, in half a sentence."""
    rules = len({rule for gap in gaps for rule in gap.rules})
    names = [str(gap.property.striptags()) for gap in gaps if gap.property]
    shown = ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
    return f"{counted(rules, 'rule')} could not judge {shown or 'everything'}"
