"""What the page shows of registrations, findings, and what was not assessed.

Every registration is a row of one table, and its details are folded below its row. A finding reaches the templates as
the row of the report; the filters here say it in the page's words. A large report is *compact*: everything is said
once, and a finding is one line. Why it matters and how to fix it is with its rule, what was not assessed is with a
group of registrations that lack the same things. 10,000 registrations stay below 8 MB that way.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from reports.escape import visible, visible_name
from reports.file_edits import file_diff
from reports.html.details import Details, Lists
from reports.html.markup import Link, breakable, links, patch, prose, source_line, where
from reports.html.places import Places
from reports.html.portal import admin_center, portal_links
from reports.html.posture import PostureWords
from reports.html.requests import RequestViews, Values, WaysView
from reports.html.row import UNREAD, Cells, Columns
from reports.html.use import UseOf
from reports.parts import owner_name
from reports.rows import FindingRow, RegistrationRow
from reports.tables import Gap, RegistrationPart, gaps_by_property, things
from reports.wording import accepted_words
from rules.model.finding import NotAssessed, State
from rules.primitives.pointers import dotted
from rules.primitives.texts import counted

#: A report with more registrations is compact, as one with more than ``FINDINGS_IN_FULL``.
REGISTRATIONS_IN_FULL: Final = 3000

#: States of findings as the page calls them.
STATE_WORDS: Final[Mapping[State, str]] = {"new": "new", "known": "known", "suppressed": "accepted"}

_AUDIENCES: Final = {
    "AzureADMyOrg": "one organization",
    "AzureADMultipleOrgs": "any organization",
    "AzureADandPersonalMicrosoftAccount": "any organization and personal accounts",
    "PersonalMicrosoftAccount": "personal accounts",
}
#: This much of a fingerprint names a finding of a compact page; the script finds it by a longer one too.
_PRINT_SHOWN: Final = 9
_VALUE_READ: Final = 400
_PLAIN: Final = frozenset(("true", "false", "null", "not set", "[]", "{}"))
_GUID: Final = re.compile(r"(?i)\b([0-9a-f]{8})-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")


class GapsView(msgspec.Struct, frozen=True):
    """What was not assessed, in half a sentence and by property. ``number`` names what several registrations share."""

    words: str
    gaps: tuple[Gap, ...]
    number: int = 0


class RegistrationView(msgspec.Struct, frozen=True, kw_only=True):
    """A registration: the columns of its row, everything that is folded below, and each finding with its ID in the
    page.

    ``owners`` and ``tenant`` are the filter's names. ``center`` is the admin center of its cloud; a compact page holds
    that instead of ``portal``, the links into it.
    """

    id: str
    name: str
    row: RegistrationRow
    cells: Cells
    owners: str
    tenant: str
    about: tuple[str, ...]
    details: Details
    portal: tuple[Link, ...]
    center: str
    findings: tuple[tuple[str, FindingRow], ...]
    gaps: GapsView | None
    posture: PostureWords | None
    use: UseOf | None
    ways: WaysView | None
    values: Values | None


class GapGroup(msgspec.Struct, frozen=True):
    """What was not assessed in each of some registrations or tenants, and how many these are in words."""

    gaps: GapsView
    on: str


class Sections(msgspec.Struct, frozen=True):
    """What other sections of the page say of registrations, by their keys. ``owners`` and ``tenants`` are the filter's
    names of them; ``tenants`` are named by what the report calls them.
    """

    places: Places
    columns: Columns
    lists: Lists
    tenants: Mapping[str, str]
    postures: Mapping[str, PostureWords]
    uses: Mapping[str, UseOf]
    owners: Mapping[str, tuple[str, ...]]
    requests: RequestViews


def views_in_full(parts: Sequence[RegistrationPart], sections: Sections) -> tuple[RegistrationView, ...]:
    """The registrations in the order given, each with what was not assessed in it."""
    gaps = {part.row.key: _gaps(part.gaps) for part in parts if part.gaps}
    return tuple(_views(parts, sections, gaps, _about, "finding-", None))


def compact_views(
    parts: Sequence[RegistrationPart], sections: Sections
) -> tuple[tuple[RegistrationView, ...], tuple[GapGroup, ...]]:
    """The registrations in the order given, and what was not assessed in them, by group."""
    alike: dict[tuple[tuple[str, str, str], ...], list[RegistrationPart]] = {}
    for part in parts:
        if part.gaps:
            alike.setdefault(tuple(sorted({(gap.rule, gap.pointer, gap.reason) for gap in part.gaps})), []).append(part)
    gaps: dict[str, GapsView] = {}
    groups = []
    for number, found in enumerate(alike.values(), 1):
        shared = _gaps(found[0].gaps, number)
        gaps |= {part.row.key: shared for part in found}
        groups.append(GapGroup(shared, things(part.row.kind for part in found)))
    return tuple(_views(parts, sections, gaps, _about_in_short, "f", _PRINT_SHOWN)), tuple(groups)


def _views(
    parts: Sequence[RegistrationPart],
    sections: Sections,
    gaps: Mapping[str, GapsView],
    about: Callable[[RegistrationRow, Mapping[str, str]], tuple[str, ...]],
    prefix: str,
    print_shown: int | None,
) -> Iterator[RegistrationView]:
    seen: dict[str, int] = {}
    for part in parts:
        key = part.row.key
        anchor, name = sections.places[key]
        yield RegistrationView(
            id=anchor,
            name=name,
            row=part.row,
            cells=sections.columns.of(part),
            owners=" ".join(sections.owners.get(key, ())),
            tenant=sections.tenants.get(part.row.tenant, ""),
            about=about(part.row, sections.lists.apis),
            details=sections.lists.of(part.row),
            portal=portal_links(part.row),
            center=admin_center(part.row),
            findings=tuple((_id(prefix, one.fingerprint[:print_shown], seen), one) for one in part.findings),
            gaps=gaps.get(key),
            posture=sections.postures.get(key),
            use=sections.uses.get(key),
            ways=sections.requests.written.get(key),
            values=sections.requests.values.get(key),
        )


def _id(prefix: str, fingerprint: str, seen: dict[str, int]) -> str:
    """An id that is unique in the page: true duplicates share a fingerprint, so the second gets a number."""
    name = prefix + fingerprint if fingerprint.isascii() and fingerprint.isalnum() else prefix.rstrip("-")
    seen[name] = seen.get(name, 0) + 1
    return name if seen[name] == 1 else f"{name}-{seen[name]}"


def _about(row: RegistrationRow, names: Mapping[str, str]) -> tuple[str, ...]:
    """What is said of a row besides its columns; *names* are those of applications by their client IDs."""
    is_agent = row.object_kind == "agent identity"
    about = (
        ("from", where(row.origin) or row.origin.property),
        ("read as", row.format if row.kind == "registration" else ""),  # the heading says what else it is
        ("client ID", row.app_id),
        ("tenant ID" if row.kind == "tenant" else "object ID", row.object_id),
        ("sign-in for", "" if is_agent else _AUDIENCES.get(row.audience, row.audience)),
        ("owned by", "" if row.owners is None else ", ".join(map(owner_name, row.owners)) or "no one"),
        ("sponsored by", "" if row.sponsors is None else ", ".join(map(owner_name, row.sponsors)) or "no one"),
        ("tenant", row.tenant),
        ("created", row.created[:10]),
        ("blueprint", (names.get(row.blueprint) or row.blueprint or "not known") if is_agent else ""),
        ("user account", ("not known" if row.agent_user_unread else row.agent_user or "none") if is_agent else ""),
    )
    return tuple(f"{term} {visible(words)}" for term, words in about if words)


def _about_in_short(row: RegistrationRow, names: Mapping[str, str]) -> tuple[str, ...]:
    """The client ID and the source first, which need no term; what the row and the tenant's column say is left out."""
    said = (
        words for words in _about(row, names) if not words.startswith(("read as", "sign-in for", "from", "client ID"))
    )
    return tuple(filter(None, (visible(row.app_id or ""), where(row.origin), *said)))


def _short_unread(words: str) -> str:
    """A question mark for what was not read; the page's script writes it out."""
    return "?" if words == UNREAD else words


def _gaps(gaps: Iterable[NotAssessed], number: int = 0) -> GapsView:
    """What was not assessed in a registration, by property; elements of a list are separate."""
    rows = gaps_by_property(gaps, exact=True)
    rules = len({rule for row in rows for rule in row.rules})
    names = [visible(row.property) for row in rows if row.property]
    shown = ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
    return GapsView(f"{counted(rules, 'rule')} could not check {shown or 'everything'}", rows, number)


def _heading(message: str) -> str:
    """What is said of a registration as a sentence of its own."""
    shown = visible(message)
    return shown[:1].upper() + shown[1:]


def _property(finding: FindingRow) -> str:
    return finding.origin.property or dotted(finding.pointer)


def _short_value(finding: FindingRow) -> str:
    """The value where it says more than the message does; of an identifier its beginning is enough to find it."""
    if finding.value in finding.message or finding.value in _PLAIN:
        return ""
    return _GUID.sub(r"\1…", finding.value[:_VALUE_READ])


def _short_place(finding: FindingRow, row: RegistrationRow) -> str:
    """Line and column; the file too where it is not the registration's."""
    origin = finding.origin
    if origin.line is None or origin.file != row.origin.file:
        return where(origin)
    return f"{origin.line}" if origin.column is None else f"{origin.line}:{origin.column}"


#: What the templates call to show a finding, a gap or a registration.
FILTERS: Final[Mapping[str, Callable[..., Any]]] = {
    "accepted_words": accepted_words,
    "breakable": breakable,
    "dotted": dotted,
    "file_diff": file_diff,
    "heading": _heading,
    "links": links,
    "patch": patch,
    "property": _property,
    "prose": prose,
    "short_place": _short_place,
    "short_unread": _short_unread,
    "short_value": _short_value,
    "source_line": source_line,
    "state_word": STATE_WORDS.__getitem__,
    "visible": visible,
    "visible_name": visible_name,
    "where": where,
}
