"""Registrations and findings of a large report: everything is said once, a finding is one line.

What a finding has in common with others stands with them: why and how to mend it with its rule, what was not assessed in a
group of registrations that lack the same things. Ten thousand registrations stay below eight megabytes so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
from markupsafe import Markup

from reports.escape import visible
from reports.html.markup import where
from reports.html.places import Places
from reports.html.posture import PostureWords
from reports.html.registrations import (
    STATES,
    CleanView,
    GapView,
    as_heading,
    clean_views,
    gap_views,
    gaps_words,
    unique,
)
from reports.html.requests import RequestViews
from reports.rows import FindingRow, RegistrationRow
from reports.tables import RegistrationPart, tenant_heads
from rules.primitives.pointers import dotted

_VALUE_SHOWN: Final = 80
_VALUE_READ: Final = 400
_PLAIN: Final = frozenset(("true", "false", "null", "not set", "[]", "{}"))
_GUID: Final = re.compile(r"(?i)\b([0-9a-f]{8})-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
#: What says that the identifier which a registration shows is not its client id.
NO_CLIENT: Final = Markup(" data-c")
#: So much of a fingerprint names a finding; the script finds it by a longer one too.
_PRINT_SHOWN: Final = 9


class ShortFinding(msgspec.Struct, frozen=True, gc=False):
    """A finding on one line: classes for the style sheet and the filter, what, where."""

    id: str
    classes: str
    severity: str
    number: int
    message: str
    property: str
    value: str
    where: str


class ShortRegistration(msgspec.Struct, frozen=True, gc=False):
    """A registration with its findings; ``gaps`` is the number of the group of what was not assessed in it."""

    id: str
    name: str
    head: str
    about: str
    owners: str
    posture: str
    values: Markup
    gaps: int
    findings: tuple[ShortFinding, ...]


class GapGroup(msgspec.Struct, frozen=True):
    """What was not assessed in each of some registrations, and those of them that have no finding."""

    number: int
    words: str
    gaps: tuple[GapView, ...]
    registrations: int
    clean: tuple[CleanView, ...]


class Short(msgspec.Struct, frozen=True):
    """A large report: registrations with findings, the groups of gaps, and what has neither."""

    registrations: tuple[ShortRegistration, ...]
    groups: tuple[GapGroup, ...]


def short_views(
    parts: Sequence[RegistrationPart],
    places: Places,
    postures: Mapping[str, PostureWords],
    numbers: Mapping[str, int],
    owners: Mapping[str, tuple[str, ...]],
    requests: RequestViews,
) -> Short:
    """The registrations of *parts* that have findings, and what was not assessed in all of them, by group."""
    groups: dict[tuple[tuple[str, str, str], ...], list[RegistrationPart]] = {}
    number_of: dict[str, int] = {}
    order: dict[tuple[tuple[str, str, str], ...], int] = {}
    for part in parts:
        if part.gaps:
            lacks = tuple(sorted({(gap.rule, gap.pointer, gap.reason) for gap in part.gaps}))
            groups.setdefault(lacks, []).append(part)
            number_of[part.row.key] = order.setdefault(lacks, len(order) + 1)
    seen: dict[str, int] = {}
    told = [part for part in parts if part.findings]
    heads = tenant_heads(told)
    rows = tuple(
        msgspec.structs.replace(
            _registration(part, places, postures, numbers, owners, requests, number_of.get(part.row.key, 0), seen),
            head=visible(heads[part.row.key]),
        )
        if part.row.key in heads
        else _registration(part, places, postures, numbers, owners, requests, number_of.get(part.row.key, 0), seen)
        for part in told
    )
    return Short(rows, tuple(_group(order[lacks], found, places, requests) for lacks, found in groups.items()))


def _group(number: int, parts: Sequence[RegistrationPart], places: Places, requests: RequestViews) -> GapGroup:
    gaps = gap_views(parts[0].gaps)
    clean = clean_views([part for part in parts if not part.findings], places, requests)
    return GapGroup(number, gaps_words(gaps), gaps, len(parts), clean)


def _registration(
    part: RegistrationPart,
    places: Places,
    postures: Mapping[str, PostureWords],
    numbers: Mapping[str, int],
    owners: Mapping[str, tuple[str, ...]],
    requests: RequestViews,
    gaps: int,
    seen: dict[str, int],
) -> ShortRegistration:
    row = part.row
    anchor, name = places[row.key]
    posture, values = postures.get(row.key), requests.values.get(row.key)
    return ShortRegistration(
        anchor,
        name,
        "",
        " ".join(words for words in (visible(row.app_id or row.object_id or ""), where(row.origin)) if words),
        " ".join(owners.get(row.key, ())),
        values.anchor if values else posture.anchor if posture else "",
        (values.attributes if values.client else NO_CLIENT + values.attributes) if values else Markup(),
        gaps,
        tuple(_finding(finding, row, numbers, seen) for finding in part.findings),
    )


def _finding(
    finding: FindingRow, row: RegistrationRow, numbers: Mapping[str, int], seen: dict[str, int]
) -> ShortFinding:
    number = numbers[finding.rule]
    state = STATES[finding.state]
    origin = finding.origin
    print_ = finding.fingerprint[:_PRINT_SHOWN]
    place = ""
    if origin.line is not None and origin.file == row.origin.file:
        place = f"{origin.line}" if origin.column is None else f"{origin.line}:{origin.column}"
    elif origin.file is not None:
        place = where(origin)
    return ShortFinding(
        unique(f"f{print_}" if print_.isalnum() and print_.isascii() else "f", seen),
        f"f {finding.severity} r{number}{' ' if state else ''}{state}",
        finding.severity,
        number,
        as_heading(finding.message),
        visible(origin.property or dotted(finding.pointer), _VALUE_SHOWN),
        _value(finding),
        place,
    )


def _value(finding: FindingRow) -> str:
    """The value where it says more than the message does; of an identifier its beginning is enough to find it."""
    if finding.value in finding.message or finding.value in _PLAIN:
        return ""
    return visible(_GUID.sub(r"\1…", finding.value[:_VALUE_READ]), _VALUE_SHOWN)
