"""JUnit XML as GitLab, Azure Pipelines and Jenkins read it.

A suite is a registration, or a service principal or the tenant where something is said of one. An input that was not
read whole is a suite too; an input that was read is one only where there is no other suite. A case is one rule that
runs on such a thing: failed where it found something new, skipped where the finding is accepted or known or the rule
could not check, an error where it broke. GitLab wants ``classname`` and ``name`` and shows ``file``; Azure drops cases
without ``name``; all want at least one case, so a clean run has passing ones.
Grammar: ``junit-10.xsd`` of Jenkins's xUnit plugin, and ``file`` and ``line`` of a case, which GitLab shows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import msgspec

from reports.escape import NAME_SHOWN, markup, visible, visible_name
from reports.formats import Format
from reports.report import Report
from reports.rows import FindingRow, RuleText
from reports.tables import REASONS, RegistrationPart, by_registration, scopes_of
from reports.trend import gone_lines
from reports.wording import accepted_words, at_words, names_of, notices, place_of, related, sentence, tenants_of
from rules.model.finding import NotAssessed
from rules.primitives.pointers import dotted
from rules.primitives.texts import counted

#: Beyond this many cases a suite has one passing case for all rules that found nothing.
CASES: Final = 20_000


class _Case(msgspec.Struct, frozen=True, kw_only=True):
    """A case: what became of it (``passed`` has no element), in a few words and in full, and where."""

    name: str
    outcome: str = "passed"
    message: str = ""
    text: str = ""
    file: str | None = None
    line: int | None = None


class _Wording(msgspec.Struct, frozen=True):
    """What the texts of cases use: names and tenants by key, rules by id."""

    names: Mapping[str, str]
    tenants: Mapping[str, str]
    rules: Mapping[str, RuleText]


def render_junit(report: Report) -> str:
    """The report as JUnit XML, ending in a line feed."""
    parts = by_registration(report)
    each = len(parts) * max(len(report.rules), 1) <= CASES
    wording = _Wording(names_of(report), tenants_of(report), {rule.id: rule for rule in report.rules})
    suites = [_suite(name, f"input.{name}", cases, report) for name, cases in _inputs(report, any_part=bool(parts))]
    for part in parts:
        name = visible_name(part.row.name)
        cases = [*_cases(part, wording, each=each)]
        suites.append(_suite(name, f"{part.row.kind}.{name}", cases, report))
    totals = [sum(column) for column in zip(*(counts for counts, _ in suites), strict=True)]
    head = f'<testsuites name="grantlint" tests="{totals[0]}" failures="{totals[1]}" errors="{totals[2]}" time="0">'
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', head, *(text for _, text in suites), "</testsuites>"]
    return "\n".join(lines) + "\n"


FORMAT = Format("junit", (".xml",), "JUnit XML, for GitLab, Azure, Jenkins", render_junit, of_repository=True)


def _inputs(report: Report, *, any_part: bool) -> Iterator[tuple[str, list[_Case]]]:
    """The inputs that have a suite, with their cases: what was not read is an error."""
    missing: defaultdict[str, list[_Case]] = defaultdict(list)
    for notice in notices(report):
        if notice.level != "note" and notice.id != "old-reading":
            about = visible(notice.file or notice.about or report.tool.name, NAME_SHOWN)
            missing[about].append(
                _Case(
                    name=notice.id,
                    outcome="error",
                    message=notice.text,
                    text=notice.text,
                    file=notice.file,
                    line=notice.line,
                )
            )
    notes = [_Case(name=notice.text) for notice in notices(report) if notice.id in ("note", "old-reading")]
    notes += [_Case(name=line) for line in gone_lines(report)]
    if missing or any_part:
        yield from missing.items()
        if notes:
            yield report.tool.name, notes
        return
    for source in report.inputs:
        yield visible(source.name, NAME_SHOWN), [_Case(name=f"read: {counted(source.registrations, 'registration')}")]
    if not report.inputs:
        yield report.tool.name, [_Case(name="no registration was checked")]


def _cases(part: RegistrationPart, wording: _Wording, *, each: bool) -> Iterator[_Case]:
    found: defaultdict[str, list[FindingRow]] = defaultdict(list)
    gaps: defaultdict[str, list[NotAssessed]] = defaultdict(list)
    for finding in part.findings:
        found[finding.rule].append(finding)
    for gap in part.gaps:
        gaps[gap.rule].append(gap)
    quiet, ran = 0, [rule.id for rule in wording.rules.values() if rule.scope in scopes_of(part.row)]
    for id_ in dict.fromkeys((*ran, *found, *gaps)):
        rule = wording.rules.get(id_)
        title = f"{visible(id_, NAME_SHOWN)}: {visible(rule.title)}" if rule else visible(id_, NAME_SHOWN)
        if id_ in found:
            yield _found(title, rule, found[id_], wording)
        elif id_ in gaps:
            yield _gap(title, gaps[id_])
        elif each:
            yield _Case(name=title)
        else:
            quiet += 1
    if quiet or not (ran or found or gaps):
        yield _Case(name=f"{counted(quiet, 'other rule')} found nothing")


def _found(title: str, rule: RuleText | None, findings: list[FindingRow], wording: _Wording) -> _Case:
    fresh = [finding for finding in findings if finding.state == "new"]
    lead = (fresh or findings)[0]
    lines = [_line(finding, wording) for finding in findings]
    fixes = dict.fromkeys(finding.fix or (rule.fix if rule else "") for finding in findings)
    lines += [f"fix: {visible(fix)}" for fix in fixes if fix]
    message = sentence(lead, wording.names) if fresh else _aside(lead)
    if len(fresh) > 1:
        message += f" (and {len(fresh) - 1} more)"
    return _Case(
        name=title,
        outcome="failure" if fresh else "skipped",
        message=message,
        text="\n".join(lines),
        file=lead.origin.file,
        line=lead.origin.line,
    )


def _line(finding: FindingRow, wording: _Wording) -> str:
    state = "" if finding.state == "new" else f" ({_aside(finding)})"
    change = f"; {visible(finding.change)}" if finding.change else ""
    more = "".join(f"; {words}" for words in related(finding))
    place = place_of(finding, wording.tenants) if finding.origin.file else at_words(finding, wording.tenants)
    return f"{finding.severity}: {place}: {sentence(finding, wording.names)}{more}{change}{state}"


def _aside(finding: FindingRow) -> str:
    if finding.state == "known":
        return "known before"
    return accepted_words(finding.accepted) if finding.accepted else "accepted"


def _gap(title: str, gaps: list[NotAssessed]) -> _Case:
    words = [
        f"{visible(dotted(gap.pointer), NAME_SHOWN)}: {REASONS.get(gap.reason, visible(gap.reason))}"
        + (f" ({visible(gap.note)})" if gap.note else "")
        + (f"; {visible(gap.remedy)}" if gap.remedy else "")
        for gap in gaps
    ]
    broken = any(gap.reason == "internal" for gap in gaps)
    return _Case(
        name=title,
        outcome="error" if broken else "skipped",
        message=f"not assessed: {words[0]}",
        text="\n".join(f"not assessed: {line}" for line in words),
    )


def _suite(name: str, group: str, cases: Iterable[_Case], report: Report) -> tuple[tuple[int, int, int], str]:
    rows = list(cases)
    failures, errors, skipped = (sum(case.outcome == kind for case in rows) for kind in ("failure", "error", "skipped"))
    head = (
        f'<testsuite name="{markup(name)}" tests="{len(rows)}" failures="{failures}" errors="{errors}" '
        f'skipped="{skipped}" time="0" timestamp="{markup(visible(report.made_at, NAME_SHOWN).removesuffix("Z"))}">'
    )
    body = [_case(case, group) for case in rows]
    return (len(rows), failures, errors), "\n".join([head, *body, "</testsuite>"])


def _case(case: _Case, group: str) -> str:
    file = f' file="{markup(visible(case.file))}"' if case.file else ""
    line = f' line="{case.line}"' if case.file and case.line else ""
    head = f'<testcase classname="{markup(group)}" name="{markup(case.name)}" time="0"{file}{line}'
    if case.outcome == "passed":
        return head + "/>"
    body = f'<{case.outcome} message="{markup(case.message)}"'
    return f"{head}>{body}>{markup(case.text)}</{case.outcome}></testcase>"
