"""Apply what an organization decided to findings: severities, accepted findings, what was known before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from functools import partial
from typing import cast

import msgspec

from advisor.policy.baseline import Baseline, Entry, compare
from advisor.policy.config import Configuration, Override
from advisor.policy.coverage import Coverage, Gaps, gaps_of, seen_from_here
from advisor.policy.intent import INTENT
from advisor.policy.patterns import is_about, is_below, lies_in
from advisor.policy.suppression_rules import (
    CONFIGURATION_RULES,
    Ran,
    accepting_more,
    check_suppressions,
    ending_soon,
)
from advisor.policy.suppressions import Suppression
from reports.rows import Acceptance, FindingRow, PolicyChange, RegistrationRow, RuleText
from rules.engine.rule import Rule, Subject
from rules.families import RULES
from rules.model.finding import Because, NotAssessed, Severity


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """What holds in a run: the configuration, the suppressions found in comments, the baseline.

    ``honor`` is off for an auditor who wants to see what others have accepted; ``coverage`` says what was read.
    ``earlier`` are the registrations of the revision compared with.
    """

    configuration: Configuration = Configuration()
    comments: tuple[Suppression, ...] = ()
    baseline: Baseline | None = None
    honor: bool = True
    coverage: Coverage = Coverage()
    earlier: tuple[RegistrationRow, ...] = ()
    #: What the change that is checked does to the policy, and sentences about what in it has no effect.
    changes: tuple[PolicyChange, ...] = ()
    notes: tuple[str, ...] = ()


class Governed(msgspec.Struct, frozen=True):
    """The findings as they count, the texts of findings about the configuration, baseline entries that are gone, and
    sentences about suppressions that end soon.
    """

    findings: tuple[FindingRow, ...]
    texts: tuple[RuleText, ...] = ()
    gone: tuple[Entry, ...] = ()
    notes: tuple[str, ...] = ()


def former_names(policy: Policy) -> dict[str, tuple[str, ...]]:
    """The names that registrations had, by their addresses or client IDs; the configuration may still use them."""
    found: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for row in policy.earlier:
        found[row.address].setdefault(row.name)
        found[row.app_id or ""].setdefault(row.name)
    for entry in policy.baseline.findings if policy.baseline else ():
        found[entry.address].setdefault(entry.registration)
    return {identity: tuple(names) for identity, names in found.items() if identity}


def with_former_names(row: RegistrationRow, names: Mapping[str, tuple[str, ...]]) -> RegistrationRow:
    """The row with those of *names* (see ``former_names``) that are its own and not its name now."""
    identities = (row.address, row.app_id or "")
    former = tuple(dict.fromkeys(name for one in identities for name in names.get(one, ()) if name != row.name))
    return msgspec.structs.replace(row, former_names=former) if former else row


def applies(override: Override, row: RegistrationRow) -> bool:
    """Whether an override is for a registration: it must match by name or by path, and by both where it gives
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
    gaps: Sequence[NotAssessed] = (),
    today: date,
) -> Governed:
    """Apply the policy. *rows* and *subjects* are by the registrations' keys, *families* by the rules that ran; *gaps*
    are what these could not assess.
    """
    configuration = policy.configuration
    placed = ((finding, families.get(finding.rule, ""), rows.get(finding.registration)) for finding in findings)
    rated = [
        rate(finding, configuration, row)
        for finding, family, row in placed
        if not is_off(finding.rule, family, configuration, row)
    ]
    suppressions = (*configuration.suppressions, *policy.comments)
    notes: tuple[str, ...] = ()
    if policy.honor and suppressions:
        rated, used = _accepted(rated, suppressions, policy, rows, families, today)
        about_suppressions = check_suppressions(
            suppressions,
            used=used,
            requirements=configuration.requirements,
            ran=_ran(policy, rows, families, gaps),
            today=today,
        )
        rated += [
            rate(finding, configuration, None)
            for finding in about_suppressions
            if not is_off(finding.rule, CONFIGURATION_RULES[0].family, configuration, None)
        ]
        unmet = configuration.requirements.unmet
        valid = [suppressions[position] for position in sorted(used) if not unmet(suppressions[position], today)]
        notes = (*ending_soon(valid, today), *accepting_more(rated))
    gone: tuple[Entry, ...] = ()
    if policy.baseline is not None:
        known = policy.baseline.findings
        match = compare(known, rated, subjects)
        is_gone = gone_test(policy, rows=rows, families=families, gaps=gaps)
        gone = tuple(known[position] for position in match.gone if is_gone(known[position]))
        for position, earlier in (*match.known.items(), *match.worse.items()):
            if rated[position].state == "new":
                rated[position] = _known(rated[position], known[earlier], is_worse=position in match.worse)
    occurred = {finding.rule for finding in rated}
    return Governed(tuple(rated), tuple(text for text in CONFIGURATION_RULES if text.id in occurred), gone, notes)


def _ran(
    policy: Policy, rows: Mapping[str, RegistrationRow], families: Mapping[str, str], gaps: Sequence[NotAssessed]
) -> Ran:
    """What the run could have matched; arguments as of ``govern``."""
    rules = _all(policy)
    ran = set(families)
    if not policy.coverage.tenants:
        ran -= {rule.id for rule in rules if rule.on in ("tenant", "service principal")}
    missing = {rule.family for rule in rules if rule.id not in ran and rule.status == "stable"}
    known = {*families, *families.values()}
    known |= {name for rule in rules for name in (rule.id, rule.family)}
    known |= {name for text in (*INTENT, *CONFIGURATION_RULES) for name in (text.id, text.family)}
    return Ran(
        rules=ran | (set(families.values()) - missing),
        known=known,
        rows=tuple(rows.values()),
        gaps=gaps_of(gaps, rows, rules),
        coverage=policy.coverage,
        file=policy.configuration.file or "",
    )


def _known(finding: FindingRow, entry: Entry, *, is_worse: bool) -> FindingRow:
    """A finding with what the baseline says of it; one that is worse than there is new, and says so."""
    if is_worse:
        since = f" since {entry.since}" if entry.since else ""
        because = Because(finding.pointer, f"in the baseline with severity {entry.severity}{since}")
        return msgspec.structs.replace(finding, because=(*finding.because, because))
    return msgspec.structs.replace(finding, state="known", since=f"{entry.since}T00:00:00Z" if entry.since else "")


def gone_test(
    policy: Policy, *, rows: Mapping[str, RegistrationRow], families: Mapping[str, str], gaps: Sequence[NotAssessed]
) -> Callable[[Entry], bool]:
    """The test whether a run that did not find the finding of an entry would have found it; arguments as of ``govern``.

    It would have, if the rule ran there or no longer exists, could assess all values, and what contains the
    registration was read whole.
    """
    names: dict[str, list[RegistrationRow]] = {}
    for row in rows.values():
        for name in (row.name, *row.former_names):
            names.setdefault(name, []).append(row)
    return partial(_is_gone, policy=policy, names=names, families=families, gaps=gaps_of(gaps, rows, _all(policy)))


def _all(policy: Policy) -> tuple[Rule, ...]:
    """All rules that there are, whether or not they ran."""
    return (*RULES, *(one.rule for one in policy.configuration.added))


def _is_gone(
    entry: Entry,
    *,
    policy: Policy,
    names: Mapping[str, Sequence[RegistrationRow]],
    families: Mapping[str, str],
    gaps: Gaps,
) -> bool:
    about_policy = {text.id for text in CONFIGURATION_RULES}
    coverage, configuration = policy.coverage, policy.configuration
    if entry.rule in about_policy:
        return policy.honor and coverage.is_whole and not coverage.broken
    if entry.rule in gaps.rules and entry.rule not in families:
        return False
    if gaps.hide(entry.rule, entry.registration, entry.source, entry.property):
        return False
    here = names.get(entry.registration, ())
    family = families.get(entry.rule, "")
    if any(is_off(entry.rule, family, configuration, row) for row in here):
        return False
    if entry.source:
        return coverage.includes(entry.source)
    return bool(here) or (coverage.is_whole and not coverage.broken)


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
    """The finding with the severity that the organization gives it: the last override that matches wins."""
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
    policy: Policy,
    rows: Mapping[str, RegistrationRow],
    families: Mapping[str, str],
    today: date,
) -> tuple[list[FindingRow], Mapping[int, Collection[str]]]:
    """The findings with what accepts them; the suppressions that covered one, by position, with the rules that cannot
    be suppressed.
    """
    requirements = policy.configuration.requirements
    allowed = [not requirements.unmet(suppression, today) for suppression in suppressions]
    used: dict[int, set[str]] = {}
    result: list[FindingRow] = []
    for finding in findings:
        row = rows.get(finding.registration)
        covering = [
            (position, suppression)
            for position, suppression in enumerate(suppressions)
            if row is not None and suppression.covers(finding, families.get(finding.rule, ""), row)
        ]
        is_fixed = requirements.forbids(finding.rule, families.get(finding.rule, ""))
        for position, _ in covering:
            used.setdefault(position, set()).update([finding.rule] if is_fixed else ())
        covering = [(position, one) for position, one in covering if allowed[position] and not is_fixed]
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
        until=suppression.until.isoformat() if suppression.until else "",
        value=", ".join(suppression.values),
        file=seen_from_here(suppression.file),
        line=suppression.line,
        inline=suppression.is_inline,
        ended=ended,
    )
