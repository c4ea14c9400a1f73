"""Put the organisation's word over the rules': severities, accepted findings, what was known before."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import cast

import msgspec

from advisor.policy.baseline import Baseline, Entry, compare
from advisor.policy.config import Configuration, Override
from advisor.policy.patterns import is_about, is_below, lies_in
from advisor.policy.suppression_rules import SUPPRESSION_RULES, check_suppressions
from advisor.policy.suppressions import Suppression
from reports.rows import Acceptance, FindingRow, PolicyChange, RegistrationRow, RuleText
from rules.engine.rule import Subject
from rules.families import RULES
from rules.model.finding import Severity


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """What holds in a run: the configuration, the suppressions found in comments, the baseline.

    ``honour`` is off for an auditor who wants to see what others have accepted; ``whole`` says that a folder or a
    tenant was read and not single files. ``unknown`` are the names in comments that no rule and no family has,
    ``broken`` files of which a part could not be read.
    """

    configuration: Configuration = Configuration()
    comments: tuple[Suppression, ...] = ()
    baseline: Baseline | None = None
    honour: bool = True
    whole: bool = False
    unknown: frozenset[str] = frozenset()
    broken: frozenset[str] = frozenset()
    #: The folders that were named, of which everything was read.
    covered: tuple[Path, ...] = ()
    #: What the change that is checked does to the policy, and sentences about what in it has no effect.
    changes: tuple[PolicyChange, ...] = ()
    notes: tuple[str, ...] = ()


class Governed(msgspec.Struct, frozen=True):
    """The findings as they count, the texts of findings about the configuration, and baseline entries that are gone."""

    findings: tuple[FindingRow, ...]
    texts: tuple[RuleText, ...] = ()
    gone: tuple[Entry, ...] = ()


def applies(override: Override, row: RegistrationRow) -> bool:
    """Whether an override speaks of a registration: it must match by name or by path, and by both where it gives
    both.
    """
    if override.folder and not is_below(row.origin.file, override.folder):
        return False
    named = not override.registrations or is_about(row, override.registrations)
    return named and (not override.paths or lies_in(row.origin.file, override.paths))


def govern(
    findings: Sequence[FindingRow],
    policy: Policy,
    *,
    rows: Mapping[str, RegistrationRow],
    subjects: Mapping[str, Subject],
    families: Mapping[str, str],
    today: date,
) -> Governed:
    """Apply the policy. *rows* and *subjects* are by the registrations' keys, *families* by the rules that ran."""
    configuration = policy.configuration
    placed = ((finding, families.get(finding.rule, ""), rows.get(finding.registration)) for finding in findings)
    rated = [
        rate(finding, configuration, row)
        for finding, family, row in placed
        if not is_off(finding.rule, family, configuration, row)
    ]
    suppressions = (*configuration.suppressions, *policy.comments)
    if policy.honour and suppressions:
        rated, used = _accepted(rated, suppressions, rows, families, today)
        ran = {*families, *families.values()}
        about_suppressions = [
            *check_suppressions(
                suppressions,
                used=used,
                rows=rows.values(),
                ran=ran | policy.unknown,
                today=today,
                whole=policy.whole,
                broken=policy.broken,
            )
        ]
        rated += [
            rate(finding, configuration, None)
            for finding in about_suppressions
            if not is_off(finding.rule, SUPPRESSION_RULES[0].family, configuration, None)
        ]
    gone: tuple[Entry, ...] = ()
    if policy.baseline is not None:
        known = policy.baseline.findings
        match = compare(known, rated, subjects)
        names = None if policy.whole else {row.name for row in rows.values()}
        gone = tuple(
            known[position] for position in match.gone if _could_tell(known[position], policy, families, names)
        )
        rated = [
            msgspec.structs.replace(finding, state="known")
            if position in match.known and finding.state == "new"
            else finding
            for position, finding in enumerate(rated)
        ]
    occurred = {finding.rule for finding in rated}
    return Governed(tuple(rated), tuple(text for text in SUPPRESSION_RULES if text.id in occurred), gone)


def _could_tell(entry: Entry, policy: Policy, ran: Collection[str], names: Collection[str] | None) -> bool:
    """Whether the run would have found the finding of an entry: its rule ran, or no longer exists; it was read
    (*names*).
    """
    ours = {rule.id for rule in RULES} | {one.rule.id for one in policy.configuration.added}
    return (entry.rule in ran or entry.rule not in ours) and (names is None or entry.registration in names)


def is_off(rule: str, family: str, configuration: Configuration, row: RegistrationRow | None) -> bool:
    """Whether the configuration turns a rule off, for a registration by the last override that says so.

    Rules that check registrations do not run then; rules of the policy itself run, and their findings are dropped.
    """
    off = not {rule, family}.isdisjoint(configuration.ignore) or configuration.severity.get(rule) == "off"
    for override in configuration.overrides if row else ():
        if row is not None and applies(override, row):
            if not {rule, family}.isdisjoint(override.ignore) or override.severity.get(rule) == "off":
                off = True
            elif rule in override.severity:
                off = False
    return off


def rate(finding: FindingRow, configuration: Configuration, row: RegistrationRow | None) -> FindingRow:
    """The finding with the severity that the organisation gives it: the last override that matches wins."""
    level = configuration.severity.get(finding.rule)
    for override in configuration.overrides if row else ():
        if finding.rule in override.severity and row is not None and applies(override, row):
            level = override.severity[finding.rule]
    if level is None or level == finding.severity:
        return finding
    return msgspec.structs.replace(finding, severity=cast("Severity", level))


def _accepted(
    findings: Sequence[FindingRow],
    suppressions: Sequence[Suppression],
    rows: Mapping[str, RegistrationRow],
    families: Mapping[str, str],
    today: date,
) -> tuple[list[FindingRow], Collection[int]]:
    """The findings with what accepts them, and the positions of the suppressions that covered one."""
    used: set[int] = set()
    result: list[FindingRow] = []
    for finding in findings:
        row = rows.get(finding.registration)
        covering = [
            (position, suppression)
            for position, suppression in enumerate(suppressions)
            if row is not None and suppression.covers(finding, families.get(finding.rule, ""), row)
        ]
        used.update(position for position, _ in covering)
        holding = [suppression for _, suppression in covering if not suppression.has_ended(today)]
        if holding:
            accepted = msgspec.structs.replace(
                finding, state="suppressed", accepted=_acceptance(holding[0], ended=False)
            )
        elif covering:
            accepted = msgspec.structs.replace(finding, accepted=_acceptance(covering[0][1], ended=True))
        else:
            accepted = finding
        result.append(accepted)
    return result, used


def _acceptance(suppression: Suppression, *, ended: bool) -> Acceptance:
    return Acceptance(
        reason=suppression.reason,
        owner=suppression.owner,
        until=suppression.until.isoformat() if suppression.until else suppression.until_text,
        file=suppression.file,
        line=suppression.line,
        inline=suppression.is_inline,
        ended=ended,
    )
