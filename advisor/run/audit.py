"""Check what was read: rules over registrations, scope by scope, then what the organization accepts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from datetime import datetime
from typing import Final

import msgspec

from advisor.policy.baseline import Entry, entries, with_addresses
from advisor.policy.change import compare_states
from advisor.policy.config import Configuration
from advisor.policy.coverage import gaps_of, path_of, source_from, source_of
from advisor.policy.govern import Policy, former_names, gone_test, govern, is_off, with_former_names
from advisor.policy.intent import check_intent
from advisor.policy.scopes import scopes
from advisor.policy.suppression_rules import UNMATCHED
from advisor.policy.unmatched import sort_unmatched
from advisor.run.own_words import in_own_words
from advisor.run.policy import absent_files
from advisor.run.tenant_audit import audit_tenants, settings_of_tenants, without_powerful, without_requests
from advisor.sources.reading.builder import Reading
from reports.report import Report
from reports.rows import FindingRow, RegistrationRow, RuleText
from reports.terminal.overview import worst_few
from rules.analysis.dns import DnsAnswer
from rules.engine.rule import Context, Rule, Subject
from rules.engine.run import Result, lint
from rules.model.finding import Finding
from rules.model.gap_list import GapList, SharedGap
from rules.model.usage import Usage

#: What DNS said of hosts; ``None`` when it was not asked.
Names = Mapping[str, DnsAnswer] | None

#: What makes a property readable that a file leaves out, by its beginning; the last row is for all others.
_REMEDIES: Final = (
    ("/owners", "export with $expand=owners"),
    ("/sponsors", "export with $expand=sponsors"),
    ("/inheritablePermissions", "lint the tenant"),
    ("/federatedIdentityCredentials", "export with $expand=federatedIdentityCredentials"),
    ("/", "lint a full export: the portal's manifest, or what `az ad app show` prints"),
)


class AuditResult(msgspec.Struct, frozen=True):
    """What a run found: findings with origins and states, gaps, texts of findings that no rule made, what is gone."""

    rows: tuple[RegistrationRow, ...] = ()
    findings: tuple[FindingRow, ...] = ()
    not_assessed: GapList = GapList()
    texts: tuple[RuleText, ...] = ()
    gone: tuple[Entry, ...] = ()
    fixed: tuple[FindingRow, ...] = ()
    #: How many findings of before are not there now and were not checked again.
    unchecked: int = 0
    #: The registrations of before that are not there now.
    lost: tuple[RegistrationRow, ...] = ()
    notes: tuple[str, ...] = ()
    #: The entries of the configuration that had no effect, and may be for what was not read.
    unmatched: tuple[str, ...] = ()
    #: What rows are about besides a registration, by their keys: an application of a tenant, or a tenant.
    objects: Mapping[str, msgspec.Struct] = {}


def audit_change(
    before: Reading,
    reading: Reading,
    rules: Sequence[Rule],
    now: datetime,
    policy: Policy,
    names: Names = None,
    *,
    configured: Configuration | None = None,
    root: str = ".",
    binds: bool = False,
) -> AuditResult:
    """Check *reading* against the same registrations *before*: what both have is known, what only that had is fixed.

    *configured* is the configuration for *before*, if it differs, and *root* the folder from which the names of its
    files are seen. *binds* is that of ``compare_states``.
    """
    configuration = configured or policy.configuration
    then_policy = msgspec.structs.replace(policy, configuration=configuration, baseline=None, comments=())
    then = audit(before, rules, now, then_policy, names, reading.usage)
    result = audit(reading, rules, now, msgspec.structs.replace(policy, earlier=then.rows), names)
    rows = {row.key: row for row in result.rows}
    known = entries(then.findings, _by_key(before), {row.key: row for row in then.rows})
    known = tuple(msgspec.structs.replace(one, source=source_from(one.source, root)) for one in known)
    absent = absent_files(known, policy.coverage.folders)
    is_gone = gone_test(
        msgspec.structs.replace(policy, coverage=msgspec.structs.replace(policy.coverage, absent=absent)),
        rows=rows,
        families={one.id: one.family for ones in (rules, result.texts) for one in ones},
        gaps=result.not_assessed,
    )
    gaps = gaps_of(then.not_assessed, {row.key: row for row in then.rows}, rules)

    def was_checked(finding: FindingRow) -> bool:
        row = rows.get(finding.registration)
        if row is None or row.tenant or before.problems or any(one.status != "read" for one in before.inputs):
            return False
        names = (row.name, *row.former_names)
        return not any(gaps.hide(finding.rule, name, source_of(row), path_of(finding.pointer)) for name in names)

    change = compare_states(
        then.findings, result.findings, known, _by_key(reading), is_gone=is_gone, was_checked=was_checked, binds=binds
    )
    return msgspec.structs.replace(
        result,
        findings=change.findings,
        fixed=tuple(_named(finding, then.rows, result.rows) for finding in change.fixed),
        unchecked=change.unchecked,
        lost=tuple(_lost(then.rows, result.rows)),
    )


def _named(finding: FindingRow, before: Sequence[RegistrationRow], now: Sequence[RegistrationRow]) -> FindingRow:
    """A finding of *before* with the name of its registration, if none has its key *now*."""
    if any(row.key == finding.registration for row in now):
        return finding
    name = next((row.name for row in before if row.key == finding.registration), finding.registration)
    return msgspec.structs.replace(finding, registration=name)


def _lost(before: Sequence[RegistrationRow], now: Sequence[RegistrationRow]) -> Iterator[RegistrationRow]:
    """The registrations of which none now has the name, the client ID or the address."""
    left = {identity for row in now for identity in _identities(row)}
    return (row for row in before if row.kind == "registration" and left.isdisjoint(_identities(row)))


def _identities(row: RegistrationRow) -> set[str]:
    return {row.name, row.app_id or "", row.address} - {""}


def audit(
    reading: Reading,
    rules: Sequence[Rule],
    now: datetime,
    policy: Policy,
    names: Names = None,
    usage: Usage | None = None,
    *,
    lines: bool = True,
) -> AuditResult:
    """Check every registration of *reading*, and what was read of tenants, at *now* (aware) under the *policy*.

    *names* is what DNS said, if it was asked. *usage* is evidence of use for a *reading* that has none of its own.
    Without *lines*, findings have the name of their file and no line, unless comments accept findings by their lines.
    """
    usage = reading.usage or usage
    settings = settings_of_tenants(policy.configuration.settings, reading.tenants.values())
    policy = msgspec.structs.replace(
        policy, configuration=msgspec.structs.replace(policy.configuration, settings=settings)
    )
    names_before = former_names(policy)
    rows = tuple(with_former_names(reading.row(subject.key, lines=lines), names_before) for subject in reading.subjects)
    by_key = {row.key: row for row in rows}
    result = _lint(reading, rules, policy, by_key, Context(now, dns=names, usage=usage))
    tenants = audit_tenants(reading, rows, rules, Context(now, settings, usage=usage), policy.configuration)
    result = without_requests(result, tenants.result.findings, rules)
    result = without_powerful(result, reading, by_key, rules)
    rows = (*rows, *tenants.rows)
    by_key |= {row.key: row for row in tenants.rows}
    intent = check_intent(reading.subjects, by_key, result.findings, policy.configuration, now)
    not_assessed = GapList.of(result.not_assessed, tenants.result.not_assessed, intent.not_assessed)
    idle, unmatched = _unmatched(policy, rows)
    # An organization's own rules say it in its words.
    added = {one.rule.id for one in policy.configuration.added}
    fixes = {rule.id: rule.fix for rule in rules if rule.id not in added} | {text.id: text.fix for text in intent.texts}
    governed = govern(
        [
            *_with_origins(
                (*intent.findings, *tenants.result.findings), reading, fixes, lines=lines or bool(policy.comments)
            ),
            *idle,
        ],
        policy,
        rows=by_key,
        subjects=_by_key(reading),
        families={
            **{rule.id: rule.family for rule in rules},
            **{text.id: text.family for text in (*intent.texts, UNMATCHED)},
        },
        gaps=not_assessed,
        today=now.date(),
    )
    packs = {one.rule.id: one.distribution for one in policy.configuration.added if one.pack}
    asking = {rule.id for rule in rules if rule.needs_dns}
    gaps = not_assessed.changed(lambda gap: _with_remedy(gap, packs, asking))
    texts = (*intent.texts, *governed.texts)
    return AuditResult(
        rows,
        with_addresses(governed.findings, _by_key(reading)),
        gaps,
        texts,
        governed.gone,
        notes=governed.notes,
        unmatched=unmatched,
        objects=tenants.objects,
    )


def _unmatched(policy: Policy, rows: Sequence[RegistrationRow]) -> tuple[tuple[FindingRow, ...], tuple[str, ...]]:
    """The entries of the configuration without effect, as findings and in words; none where single files were read."""
    is_single = not policy.coverage.folders and not any(row.tenant for row in rows)
    if is_single or is_off(UNMATCHED.id, UNMATCHED.family, policy.configuration, None):
        return (), ()
    return sort_unmatched(policy.configuration, rows, policy.coverage)


def _by_key(reading: Reading) -> dict[str, Subject]:
    return {subject.key: subject for subject in reading.subjects}


def _lint(
    reading: Reading, rules: Sequence[Rule], policy: Policy, rows: dict[str, RegistrationRow], context: Context
) -> Result:
    """The result over all scopes, each with its settings, in the order of the registrations."""
    parts = scopes(reading.subjects, rows, rules, policy.configuration)
    results = [
        lint(part.subjects, part.rules, msgspec.structs.replace(context, settings=part.settings)) for part in parts
    ]
    if len(results) == 1:
        return results[0]
    order = {subject.key: number for number, subject in enumerate(reading.subjects)}
    findings = [finding for result in results for finding in result.findings]
    gaps = [part for result in results for part in result.not_assessed.parts]
    return Result(
        tuple(sorted(findings, key=lambda finding: order[finding.registration])),
        GapList(sorted(gaps, key=lambda part: order[part[0]])),
    )


def with_lines(report: Report, reading: Reading) -> Report:
    """*report* on *reading*, made without lines, with the lines of the few findings that a text shows."""
    shown = {id(finding) for finding in worst_few(report) if finding.origin.line is None}
    findings = (
        msgspec.structs.replace(finding, origin=reading.locate(finding.registration, finding.pointer))
        if id(finding) in shown
        else finding
        for finding in report.findings
    )
    return msgspec.structs.replace(report, findings=tuple(findings)) if shown else report


def _with_origins(
    findings: Sequence[Finding], reading: Reading, fixes: Mapping[str, str], *, lines: bool
) -> list[FindingRow]:
    """The rows of *findings*, in their order, with the *fixes* of built-in rules in the words of what was read.

    Origins are asked for registration by registration, since a reading remembers the places of one: findings of rules
    that compare registrations come after the others.
    """
    rows: dict[int, FindingRow] = {}
    for number in sorted(range(len(findings)), key=lambda number: findings[number].registration):
        rows[number] = _row(findings[number], reading, fixes, lines=lines)
    return [rows[number] for number in range(len(findings))]


def _row(finding: Finding, reading: Reading, fixes: Mapping[str, str], *, lines: bool) -> FindingRow:
    origin = (reading.locate if lines else reading.file_of)(finding.registration, finding.pointer)
    row = FindingRow(**msgspec.structs.asdict(finding), origin=origin)
    return in_own_words(row, fixes[row.rule], reading) if row.rule in fixes else row


def _with_remedy(gap: SharedGap, packs: Mapping[str, str], asking: Set[str]) -> SharedGap:
    """Say what would make a property readable that the file leaves out, or an answer of DNS to be had.

    *packs* are the origins of rules that are not ours, *asking* the rules that ask DNS.
    """
    if gap.reason == "not-in-file" and not gap.remedy:
        return msgspec.structs.replace(gap, remedy=_remedy(gap.pointer))
    if gap.reason == "internal" and gap.rule in packs:
        return msgspec.structs.replace(gap, remedy=f"report this to the authors of {packs[gap.rule]}")
    if gap.reason == "failed" and gap.rule in asking:
        return msgspec.structs.replace(gap, remedy="lint again later, or use another resolver with --resolver")
    return gap


def _remedy(pointer: str) -> str:
    """What makes the property at *pointer* readable, in a file that leaves it out."""
    return next((remedy for start, remedy in _REMEDIES if pointer.startswith(start)), "")
