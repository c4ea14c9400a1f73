"""Findings about the configuration itself: suppressions that are unused, have ended, are refused or are not valid.

A suppression is unused only in a run that could have matched it: its rules ran, could assess everything, and its
registrations were read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from typing import Final

import msgspec

from advisor.policy.checks import nearest
from advisor.policy.coverage import Coverage, Gaps, lies_below, normal, seen_from_here, source_of
from advisor.policy.patterns import is_about, is_below, lies_in
from advisor.policy.suppressions import Requirements, Suppression
from reports.rows import FindingRow, Origin, RegistrationRow, RuleText
from rules.model.finding import Severity

_FAMILY: Final = "configuration"

#: What reports say about these findings; their rules live here, since they check no registration.
SUPPRESSION_RULES: Final = (
    RuleText(
        id="expired-suppression",
        title="A suppression has expired.",
        why="The finding was accepted until that day. Now the finding counts again.",
        fix="Fix the finding and remove the suppression, or renew it with a reason and a date.",
        family=_FAMILY,
        severity="medium",
        references=(),
    ),
    RuleText(
        id="invalid-suppression",
        title="A comment is not a valid suppression, or names an unknown rule.",
        why="An invalid comment has no effect, and an unknown rule has no findings. Readers may believe that the "
        "finding is accepted.",
        fix="Write grantlint: ignore[RULE] until DATE by OWNER: REASON with rules that exist, or remove the comment.",
        family=_FAMILY,
        severity="medium",
        references=(),
    ),
    RuleText(
        id="refused-suppression",
        title="A suppression does not meet the organization's requirements.",
        why="The configuration limits which rules can be suppressed and for how long, and which details a suppression "
        "must give. The finding still counts.",
        fix="Add what is missing or shorten the period, or fix the finding and remove the suppression.",
        family=_FAMILY,
        severity="medium",
        references=(),
    ),
    RuleText(
        id="unused-suppression",
        title="A suppression matches no finding.",
        why="The accepted finding is fixed. The suppression would accept a new finding of this kind without a review.",
        fix="Remove the suppression.",
        family=_FAMILY,
        severity="low",
        references=(),
    ),
    RuleText(
        id="suppression-without-reason",
        title="A suppression gives no reason.",
        why="Later reviewers cannot check whether the reason still applies.",
        fix="Write why the finding is accepted, and by whom.",
        family=_FAMILY,
        severity="low",
        references=(),
    ),
)
#: The rule of ``unmatched``.
UNMATCHED: Final = RuleText(
    id="unmatched-configuration",
    title="An entry of the configuration matches no registration.",
    why="The declaration or override has no effect. The registration is checked without the entry.",
    fix="Correct the name, ID or path of the entry, or remove the entry.",
    family=_FAMILY,
    severity="low",
    references=(),
)
#: All of the family.
CONFIGURATION_RULES: Final = (*SUPPRESSION_RULES, UNMATCHED)
_SEVERITIES: Final[Mapping[str, Severity]] = {text.id: text.severity for text in SUPPRESSION_RULES}


#: This many days before its last day, a suppression is announced to end.
_NOTICE: Final = 14


class Ran(msgspec.Struct, frozen=True, kw_only=True):
    """What a run could have matched: *rules* that ran and families of which all rules ran, the registrations in *rows*,
    the *gaps* of its rules, and what it read (*coverage*).

    ``known`` are all rules and families that there are, ``file`` is the configuration.
    """

    rules: Collection[str]
    known: Collection[str]
    rows: Collection[RegistrationRow]
    gaps: Gaps
    coverage: Coverage
    file: str = ""


def check_suppressions(
    suppressions: Iterable[Suppression],
    *,
    used: Mapping[int, Collection[str]],
    requirements: Requirements,
    ran: Ran,
    today: date,
) -> Iterator[FindingRow]:
    """Findings about suppressions. *used* are those that covered a finding, by position, each with the rules
    that cannot be suppressed.
    """
    for position, suppression in enumerate(suppressions):
        if suppression.fault:
            yield _finding("invalid-suppression", suppression, suppression.fault)
            continue
        for name in suppression.rules:
            if name not in ran.known:
                fault = f"names an unknown rule {name!r}; {nearest(name, ran.known)}"
                yield _finding("invalid-suppression", suppression, fault)
        if not suppression.reason:
            yield _finding("suppression-without-reason", suppression, "has no reason")
        faults = list(requirements.unmet(suppression, today))
        if used.get(position):
            faults.append(f"is for {', '.join(sorted(used[position]))}, which cannot be suppressed (ignorable)")
        if faults:
            yield _finding("refused-suppression", suppression, " and ".join(faults))
        if suppression.has_ended(today):
            yield _finding("expired-suppression", suppression, f"ended on {suppression.until}")
        elif position not in used and _could_match(suppression, ran):
            yield _finding("unused-suppression", suppression, "matches no finding")


def ending_soon(suppressions: Iterable[Suppression], today: date) -> Iterator[str]:
    """A sentence for each of *suppressions* that ends within 14 days."""
    for one in suppressions:
        if one.until is not None and 0 <= (days := (one.until - today).days) <= _NOTICE:
            when = "today" if not days else "tomorrow" if days == 1 else f"in {days} days"
            file = seen_from_here(one.file)
            place = f"{file}, line {one.line}" if one.line else file
            yield f"{_described(one)[:1].upper()}{_described(one)[1:]} ends {when}, on {one.until} ({place})."


def accepting_more(findings: Iterable[FindingRow]) -> Iterator[str]:
    """A sentence about the suppressions in the configuration that accept an element of a list and name no value: they
    also accept the elements that are added later. *findings* are those of the run.
    """
    places: dict[str, dict[int, None]] = {}
    for finding in findings:
        accepted = finding.accepted
        is_element = any(token.isdecimal() for token in finding.pointer.split("/"))
        if finding.state == "suppressed" and accepted and is_element and not accepted.value and not accepted.inline:
            places.setdefault(accepted.file, {})[accepted.line or 1] = None
    for file, lines in places.items():
        what = "1 suppression has" if len(lines) == 1 else f"{len(lines):,} suppressions have"
        numbers = ", ".join(map(str, sorted(lines)))
        yield f"{what} no value: values that are added later are accepted too ({file}, line {numbers})."


def _could_match(suppression: Suppression, ran: Ran) -> bool:
    """Whether the run would have found what *suppression* is for, if it were there."""
    rules = set(suppression.rules) & set(ran.known)
    if not rules or not rules <= set(ran.rules):
        return False
    coverage = ran.coverage
    if suppression.is_inline:
        return not lies_below(normal(suppression.file), coverage.broken) and not any(
            ran.gaps.hide(rule, row.name, "")
            for row in ran.rows
            if row.origin.file == suppression.file
            for rule in rules
        )
    if suppression.file != ran.file and not suppression.folder:
        return False  # it is of a profile, which is for other runs too
    meant = [
        row
        for row in ran.rows
        if (not suppression.registrations or is_about(row, suppression.registrations))
        and (not suppression.paths or lies_in(row.origin.file, suppression.paths))
        and (not suppression.folder or is_below(row.origin.file, suppression.folder))
    ]
    if any(ran.gaps.hide(rule, row.name, source_of(row)) for row in meant for rule in rules):
        return False
    in_folder = bool(suppression.folder) and lies_below(normal(suppression.folder), coverage.folders)
    if (coverage.is_whole or in_folder) and not coverage.broken:
        return True
    # One that is for all registrations could match where the run did not look.
    return bool(meant) and bool(suppression.registrations or suppression.paths) and not coverage.broken


def _described(suppression: Suppression) -> str:
    rules = ", ".join(suppression.rules)
    about = ", ".join((*suppression.registrations, *suppression.paths))
    return f"the suppression of {rules or 'a finding'}{f' for {about}' if about else ''}"


def _finding(rule: str, suppression: Suppression, words: str) -> FindingRow:
    rules = ", ".join(suppression.rules)
    about = ", ".join((*suppression.registrations, *suppression.paths, *suppression.values))
    where = suppression.file if suppression.is_inline else suppression.folder
    identity = "\0".join((rule, rules, about, where, suppression.reason or suppression.fault))
    file = seen_from_here(suppression.file)
    return FindingRow(
        rule=rule,
        severity=_SEVERITIES[rule],
        registration=file,
        pointer="",
        message=f"{_described(suppression)} {words}",
        value=rules,
        fingerprint=hashlib.sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()[:32],
        origin=Origin(file=file, line=suppression.line, column=1, property="suppress"),
    )
