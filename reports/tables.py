"""Groupings that several formats share: worst first, by registration, what to do first, what was not assessed.

In: a report. Out: tuples of frozen rows that name things by key, in the order in which they are shown.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Final, get_args

import msgspec

from reports.escape import NAME_SHOWN, visible
from reports.report import Report
from reports.rows import FindingRow, Origin, RegistrationRow, RowKind, RuleScope
from rules.model.finding import SEVERITIES, NotAssessed, Severity, State
from rules.model.gap_list import GapList
from rules.primitives.pointers import dotted
from rules.primitives.texts import counted

RANK: Final[Mapping[str, int]] = {severity: rank for rank, severity in enumerate(SEVERITIES)}
_STATE_RANK: Final[Mapping[str, int]] = {state: rank for rank, state in enumerate(get_args(State))}

#: Why a value was not read, in words that follow the property's name.
REASONS: Final[Mapping[str, str]] = {
    "not-in-file": "the input does not have it",
    "placeholder": "a placeholder is in its place",
    "unknown-until-apply": "known only after the deployment",
    "unknown": "not known whether it is right",
    "use-unknown": "not known whether it is in use",
    "malformed": "not of the type that it should have",
    "refused": "the tenant refused to show it",
    "failed": "reading it failed",
    "left-out": "left out of what was read",
    "internal": "the rule itself failed",
}

_LINT_TENANT: Final = "grantlint lint --tenant ID"

_INDEX: Final = re.compile(r"/\d+(?=/|$)")


class RegistrationPart(msgspec.Struct, frozen=True, kw_only=True):
    """A registration with all that is said about it: new findings worst first, then known and suppressed ones."""

    row: RegistrationRow
    findings: tuple[FindingRow, ...]
    gaps: tuple[NotAssessed, ...]
    by_severity: dict[Severity, int]


class FirstFix(msgspec.Struct, frozen=True, kw_only=True):
    """A rule whose fix removes many findings: its worst severity, how many of each, on which registrations (keys).

    ``fix`` is that of all its findings; it is empty where they differ, or where it is that of the rule.
    """

    rule: str
    severity: Severity
    findings: int
    by_severity: dict[Severity, int]
    registrations: tuple[str, ...]
    fix: str


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """A property that was not read, for how many rules and registrations that matters, and what would fix it."""

    property: str
    reason: str
    why: str
    note: str
    remedy: str
    rules: tuple[str, ...]
    registrations: tuple[str, ...]


#: The names for what a row of a report describes.
KINDS: Final[dict[RowKind, str]] = {
    "registration": "registration", "service-principal": "service principal", "tenant": "tenant",
}  # fmt: skip


#: What rules are called with that check a row: none passes on a thing that it cannot be asked about.
_SCOPES: Final[Mapping[str, frozenset[RuleScope]]] = {
    "service-principal": frozenset(("tenant-app",)),
    "tenant": frozenset(("tenant",)),
}
_OF_FILES: Final[frozenset[RuleScope]] = frozenset(("registration", "registrations"))
_OF_TENANTS: Final[frozenset[RuleScope]] = frozenset((*_OF_FILES, "tenant-app"))


def scopes_of(row: RegistrationRow) -> frozenset[RuleScope]:
    """The scopes of the rules that check *row*."""
    return _SCOPES.get(row.kind, _OF_TENANTS if row.tenant else _OF_FILES)


def scopes_run(*, tenant: bool) -> frozenset[RuleScope]:
    """The scopes of the rules that had anything to check: a file says nothing about a *tenant*."""
    return _OF_TENANTS | {"tenant"} if tenant else _OF_FILES


class Missing(msgspec.Struct, frozen=True, kw_only=True):
    """Properties that were not read for one reason and with one remedy; how many rules and registrations that touches.

    ``on`` says in words what it touches: registrations, or a tenant and its service principals.
    """

    properties: tuple[str, ...]
    why: str
    remedy: str
    rules: int
    registrations: int
    on: str


def worst_first(report: Report) -> tuple[FindingRow, ...]:
    """The new findings by severity; equal ones in the order in which they were read."""
    fresh = (finding for finding in report.findings if finding.state == "new")
    return tuple(sorted(fresh, key=lambda finding: RANK[finding.severity]))


def new_first(findings: Iterable[FindingRow]) -> list[FindingRow]:
    """All findings: new ones worst first, then known ones, then accepted ones."""
    return sorted(findings, key=lambda finding: (_STATE_RANK[finding.state], RANK[finding.severity]))


def by_registration(report: Report) -> tuple[RegistrationPart, ...]:
    """Every registration, the one with the worst new findings first, those with none in the order read.

    Several tenants stand one after the other, in the order read.
    """
    findings: defaultdict[str, list[FindingRow]] = defaultdict(list)
    gaps: defaultdict[str, list[NotAssessed]] = defaultdict(list)
    for finding in report.findings:
        findings[finding.registration].append(finding)
    for gap in report.not_assessed:
        gaps[gap.registration].append(gap)
    rows = {row.key: row for row in report.registrations}
    for key in (*findings, *gaps):  # nothing that was found is lost, even under an unknown key
        rows.setdefault(key, _unannounced(key))
    parts = [_part(row, findings[key], gaps[key]) for key, row in rows.items()]
    order = {tenant: number for number, tenant in enumerate(tenants(report))} if len(tenants(report)) > 1 else {}
    return tuple(
        sorted(
            parts,
            key=lambda part: [order.get(part.row.tenant, 0), *(-part.by_severity[severity] for severity in SEVERITIES)],
        )
    )


def tenants(report: Report) -> tuple[str, ...]:
    """The tenants of a report in the order read; the empty one is for files."""
    return tuple(dict.fromkeys(row.tenant for row in report.registrations))


def tenant_heads(parts: Sequence[RegistrationPart]) -> dict[str, str]:
    """What to say above a registration with which another tenant begins, by its key; nothing where there is one
    source.
    """
    if len({part.row.tenant for part in parts}) < 2:
        return {}
    heads: dict[str, str] = {}
    last: str | None = None
    for part in parts:
        if part.row.tenant != last:
            last = part.row.tenant
            heads[part.row.key] = f"Tenant {last}" if last else "Files"
    return heads


def _part(row: RegistrationRow, findings: list[FindingRow], gaps: list[NotAssessed]) -> RegistrationPart:
    counts = Counter(finding.severity for finding in findings if finding.state == "new")
    return RegistrationPart(
        row=row,
        findings=tuple(new_first(findings)),
        gaps=tuple(gaps),
        by_severity={severity: counts[severity] for severity in SEVERITIES},
    )


def _unannounced(key: str) -> RegistrationRow:
    return RegistrationRow(
        key=key, name=key, app_id=None, object_id=None, audience="", format="", origin=Origin(), complete=False
    )


def fixes_of(report: Report) -> dict[str, tuple[str, ...]]:
    """The fixes of each rule, by its ID: of its findings the distinct ones, else its own; empty where it has none."""
    found: dict[str, dict[str, None]] = {rule.id: {} for rule in report.rules}
    own = {rule.id: rule.fix for rule in report.rules}
    for finding in report.findings:
        if finding.rule in found:
            found[finding.rule][finding.fix or own[finding.rule]] = None
    return {id_: tuple(fixes) or (own[id_],) for id_, fixes in found.items()}


def do_first(report: Report, limit: int = 5) -> tuple[FirstFix, ...]:
    """The fixes to begin with: those that remove most critical and high findings, then most others; info can wait."""
    groups: defaultdict[str, list[FindingRow]] = defaultdict(list)
    for finding in worst_first(report):
        if finding.severity != "info":
            groups[finding.rule].append(finding)
    fixes = [
        FirstFix(
            rule=rule,
            severity=found[0].severity,
            findings=len(found),
            by_severity=dict(Counter(finding.severity for finding in found)),
            registrations=tuple(dict.fromkeys(finding.registration for finding in found)),
            fix=found[0].fix if len({finding.fix for finding in found}) == 1 else "",
        )
        for rule, found in groups.items()
    ]
    return tuple(sorted(fixes, key=_urgency)[:limit])


def gain_words(fix: FirstFix) -> str:
    """The findings that a fix removes: ``2 critical, 5 high``."""
    return ", ".join(f"{fix.by_severity[name]:,} {name}" for name in SEVERITIES if name in fix.by_severity)


def _urgency(fix: FirstFix) -> tuple[int, int, int]:
    """The sort key of a fix: critical and high findings that it removes, its worst severity, all that it removes."""
    grave = fix.by_severity.get("critical", 0) + fix.by_severity.get("high", 0)
    return (-grave, RANK[fix.severity], -fix.findings)


def of_addresses(findings: Iterable[FindingRow]) -> dict[str, FindingRow]:
    """The findings by their fingerprints under addresses, without those that several registrations share."""
    found: dict[str, FindingRow] = {}
    shared: set[str] = set()
    for finding in findings:
        if finding.by_address and found.setdefault(finding.by_address, finding) is not finding:
            shared.add(finding.by_address)
    return {key: finding for key, finding in found.items() if key not in shared}


def stable_prints(findings: Iterable[FindingRow]) -> Callable[[FindingRow], str]:
    """The fingerprint of each of *findings* that stays when its registration is renamed, if there is such a one."""
    stable = of_addresses(findings)
    return lambda finding: finding.by_address if finding.by_address in stable else finding.fingerprint


def gaps_by_property(gaps: Iterable[NotAssessed], *, exact: bool = False) -> tuple[Gap, ...]:
    """What was not assessed, one row for each property and reason; list elements count for their list unless
    *exact*.
    """
    groups: defaultdict[tuple[str, str, str], list[NotAssessed]] = defaultdict(list)
    names: dict[str, str] = {}
    for gap in gaps:
        name = names.get(gap.pointer)
        if name is None:
            name = names[gap.pointer] = dotted(gap.pointer if exact else _INDEX.sub("", gap.pointer))
        groups[name, gap.reason, gap.remedy].append(gap)
    return tuple(
        Gap(
            property=name,
            reason=reason,
            why=REASONS.get(reason, reason),
            note=_first_notes(dict.fromkeys(gap.note for gap in found if gap.note)),
            remedy=remedy,
            rules=tuple(dict.fromkeys(gap.rule for gap in found)),
            registrations=tuple(dict.fromkeys(gap.registration for gap in found)),
        )
        for (name, reason, remedy), found in groups.items()
    )


def _first_notes(notes: Collection[str], limit: int = 5) -> str:
    """The first notes in a row: there may be one for each of thousands of values."""
    more = f"; and {len(notes) - limit:,} more" if len(notes) > limit else ""
    return "; ".join(list(notes)[:limit]) + more


def gaps_by_reason(gaps: Iterable[NotAssessed], kinds: Mapping[str, RowKind]) -> tuple[Missing, ...]:
    """What was not assessed, one row for each reason and remedy, the one that touches most registrations first.

    *kinds* say what each key is; one that is not there is a registration's.
    """
    groups: defaultdict[tuple[str, str], list[Gap]] = defaultdict(list)
    for gap in gaps_by_property(gaps):
        groups[gap.why, gap.remedy].append(gap)
    rows = []
    for (why, remedy), found in groups.items():
        keys = {key for gap in found for key in gap.registrations}
        rows.append(
            Missing(
                properties=tuple(gap.property for gap in found if gap.property),
                why=why,
                remedy=remedy,
                rules=len({rule for gap in found for rule in gap.rules}),
                registrations=len(keys),
                on=_things(keys, kinds),
            )
        )
    return tuple(sorted(rows, key=lambda row: -row.registrations))


def gaps_in_words(report: Report) -> tuple[str, ...]:
    """What was not assessed in one sentence for each reason and remedy, the most registrations first."""
    return tuple(_in_words(missing) for missing in gaps_by_reason(report.not_assessed, kinds_of(report)))


def gaps_in_a_sentence(report: Report) -> tuple[str, ...]:
    """What was not assessed in one sentence, and what makes most of it possible; nothing where all was assessed."""
    gaps = GapList.of(report.not_assessed)
    if not gaps:
        return ()
    on = _things({key for key, _ in gaps.parts}, kinds_of(report))
    counts = gaps.distinct()
    what = f"{counted(gaps.checks(), 'check')} by {counted(len({gap.rule for gap in counts}), 'rule')} on {on}"
    causes = Counter[tuple[str, str]]()
    for gap, count in counts.items():
        causes[gap.reason, gap.remedy] += count
    (reason, remedy), _ = causes.most_common(1)[0]
    if not remedy:
        cause = "Reason" if len(causes) == 1 else "Most common reason"
        return (f"{what}. {cause}: {REASONS.get(reason, visible(reason))}.",)
    many = "them" if len(causes) == 1 else "most of them"
    command = f": {_LINT_TENANT}" if remedy.startswith("lint the tenant") else ""
    return (f"{what}. To assess {many}, {visible(remedy)}{command}.",)


def _things(keys: Collection[str], kinds: Mapping[str, RowKind]) -> str:
    """How many registrations and other things the *keys* are."""
    return things(kinds.get(key, "registration") for key in keys)


def things(kinds: Iterable[RowKind]) -> str:
    """How many there are of each of the *kinds*: ``2 registrations, 1 service principal and 1 tenant``."""
    touched = Counter(kinds)
    *first, last = (counted(touched[kind], word) for kind, word in KINDS.items() if touched[kind])
    return f"{', '.join(first)} and {last}" if first else last


def kinds_of(report: Report) -> dict[str, RowKind]:
    """What each key of the report is, except those of registrations."""
    return {row.key: row.kind for row in report.registrations if row.kind != "registration"}


def _in_words(missing: Missing) -> str:
    names = ", ".join(visible(name, NAME_SHOWN) for name in _folded(missing.properties))
    what = f"{names}: {missing.why}" if names else missing.why
    more = f"; {visible(missing.remedy)}" if missing.remedy else ""
    return f"{counted(missing.rules, 'rule')} on {missing.on} ({what}{more})."


def _folded(names: Sequence[str]) -> Iterable[str]:
    """The names, those of one part as the part with a star where there are more than two of them."""
    parts = Counter(name.partition(".")[0] for name in names)
    folded = (f"{name.partition('.')[0]}.*" if parts[name.partition(".")[0]] > 2 else name for name in names)
    return dict.fromkeys(folded)
