"""Findings as lines for a terminal: grouped by registration, with the source line and the offending value underlined.

In: a report and a view. Out: spans of text with the name of their style, and the address that they link to.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import msgspec

from reports.escape import file_uri, visible, visible_line
from reports.report import Report
from reports.rows import FindingRow, RuleText
from reports.tables import RegistrationPart, by_registration, gaps_by_property, tenant_heads, worst_first
from reports.trend import last_compared
from reports.view import View
from reports.wording import (
    accepted_words,
    names_of,
    place_of,
    property_of,
    related,
    sentence,
    state_words,
    tenants_of,
    titled,
    value_of,
)
from reports.wrap import wrap
from rules.primitives.texts import counted

#: Text, style, and perhaps the address that the text links to.
Span = tuple[str, str] | tuple[str, str, str]

_CHANGE_SHOWN: Final = 300
_PATCH_LINES: Final = 60


class _Wording(msgspec.Struct):
    """What the texts of findings use, and which fixes of rules have been explained already."""

    names: Mapping[str, str]
    tenants: Mapping[str, str]
    rules: Mapping[str, RuleText]
    view: View
    explained: set[tuple[str, str]]
    last_compared: str


def finding_blocks(report: Report, view: View) -> Iterator[list[Span]]:
    """A block for each finding, registration by registration, the worst first; a registration's name heads its
    first.
    """
    wording = _wording(report, view)
    parts = by_registration(report)
    tenant = ""
    heads = tenant_heads(parts)
    for part in parts:
        tenant = heads.get(part.row.key, tenant)
        shown = [finding for finding in part.findings if view.verbose or finding.state == "new"]
        blocks = [[*_finding(finding, wording)] for finding in shown]
        if view.verbose and part.gaps:
            blocks.append([*_gaps(part, view)])
        if blocks:
            blocks[0][:0] = [*_head(part, view)]
            if tenant:  # said above the first of its registrations that has something to say
                blocks[0].insert(0, (f"{visible(tenant)}\n\n", "head"))
                tenant = ""
        yield from blocks


def brief_findings(report: Report, findings: Iterable[FindingRow], view: View) -> Iterator[Span]:
    """Each of *findings* in a few lines: place and rule, the sentence, and the source line."""
    wording = _wording(report, view)
    for finding in findings:
        yield from _said(finding, wording)


def finding_lines(report: Report, view: View) -> Iterator[list[Span]]:
    """One line for each new finding, the worst first; with the view's wish, then the others."""
    wording = _wording(report, view)
    aside = [finding for finding in report.findings if view.verbose and finding.state != "new"]
    for finding in (*worst_first(report), *aside):
        words = f"{sentence(finding, wording.names)}{_state(finding, wording)}"
        head = _headline(finding, wording)
        if view.wraps:
            yield [*_wrapped(head, words, view.width)]
        else:
            yield [*head, (f" {words}\n", "")]


def _wrapped(head: list[Span], words: str, width: int) -> Iterator[Span]:
    """The spans of *head* in one piece, then *words* filled to *width*; further lines are indented."""
    start = "".join(span[0] for span in head)
    lines = wrap(words, width, f"{start} ", "    ")
    if len(lines[0]) > width:
        lines = [start, *wrap(words, width, "    ")]
    yield from head
    yield "\n".join([lines[0][len(start) :], *lines[1:], ""]), ""


def _wording(report: Report, view: View) -> _Wording:
    rules = {rule.id: rule for rule in report.rules}
    return _Wording(names_of(report), tenants_of(report), rules, view, set(), last_compared(report.trend))


def _head(part: RegistrationPart, view: View) -> Iterator[Span]:
    """The name of a registration, or what else it is, and how much was found in it, on one line where it fits."""
    counts = ", ".join(f"{count} {severity}" for severity, count in part.by_severity.items() if count)
    name = wrap(titled(part.row), view.width)
    yield "\n".join(name), "head"
    if counts:
        yield (f"  {counts}" if len(name[-1]) + 2 + len(counts) <= view.width else f"\n  {counts}"), "quiet"
    yield "\n", ""
    if view.verbose:
        ids = [
            f"client id {part.row.app_id}" if part.row.app_id else "",
            f"object id {part.row.object_id}" if part.row.object_id else "",
        ]
        for id_ in filter(None, ids):
            yield f"  {visible(id_)}\n", "quiet"


def _finding(finding: FindingRow, wording: _Wording) -> Iterator[Span]:
    width = wording.view.width
    yield from _said(finding, wording)
    for words in related(finding):
        yield from _lines(words, width, "  ", "    ")
    if finding.state == "new" and finding.accepted is not None:
        yield from _lines(accepted_words(finding.accepted), width, "  ", "    ")
    yield from _rule(finding, wording)
    if wording.view.verbose and finding.patch:
        yield "  patch for Microsoft Graph:\n", "quiet"
        lines = json.dumps(finding.patch, indent=2, ensure_ascii=False, default=str).split("\n")
        for line in lines[:_PATCH_LINES]:
            yield f"    {visible_line(line)}\n", ""
        if len(lines) > _PATCH_LINES:
            yield f"    … {counted(len(lines) - _PATCH_LINES, 'more line')}, in the JSON report\n", "quiet"


def _said(finding: FindingRow, wording: _Wording) -> Iterator[Span]:
    """Where a finding is, what it says, and the source line."""
    yield from _headline(finding, wording)
    yield "\n", ""
    yield from _lines(sentence(finding, wording.names) + _state(finding, wording), wording.view.width, "  ")
    yield from _source_line(finding, wording.view)


def _rule(finding: FindingRow, wording: _Wording) -> Iterator[Span]:
    """How to fix it, at the first finding of a rule in each format; where to read more, at each."""
    rule = wording.rules.get(finding.rule)
    fix = finding.fix or (rule.fix if rule else "")
    if rule is not None and ((finding.rule, fix) not in wording.explained or wording.view.verbose):
        wording.explained.add((finding.rule, fix))
        if wording.view.verbose and rule.why:
            yield from _lines(f"why: {visible(rule.why)}", wording.view.width, "  ", "       ")
        if fix:
            yield from _lines(f"fix: {visible(fix)}", wording.view.width, "  ", "       ")
    yield f"  why and how: grantlint rules {visible(finding.rule)}\n", "quiet"


def _state(finding: FindingRow, wording: _Wording) -> str:
    words = state_words(finding, wording.last_compared)
    return f" ({words})" if words else ""


def _gaps(part: RegistrationPart, view: View) -> Iterator[Span]:
    for gap in gaps_by_property(part.gaps, exact=True):
        note = f" ({visible(gap.note)})" if gap.note else ""
        remedy = f"; {visible(gap.remedy)}" if gap.remedy else ""
        rules = ", ".join(visible(rule) for rule in gap.rules)
        yield from _lines(
            f"not assessed: {visible(gap.property)}: {gap.why}{note}{remedy}; needed by {rules}",
            view.width,
            "  ",
            "    ",
        )


def _headline(finding: FindingRow, wording: _Wording) -> list[Span]:
    rule = wording.rules.get(finding.rule)
    source = next((r.url for r in rule.references if r.url.startswith("https://")), "") if rule else ""
    file = finding.origin.file
    uri = file_uri(file) if file and wording.view.base else ""
    return [
        (
            place_of(finding, wording.tenants),
            "place",
            uri if uri.startswith("file:") or not uri else wording.view.base + uri,
        ),
        (": ", "place"),
        (finding.severity, finding.severity),
        (" ", ""),
        (visible(finding.rule), "rule", source),
    ]


def _lines(text: str, width: int, first: str, then: str | None = None) -> Iterator[Span]:
    yield from ((line + "\n", "") for line in wrap(text, width, first, then))


def _source_line(finding: FindingRow, view: View) -> Iterator[Span]:
    """The source line with the value underlined, as compilers show it; a value without a line is named instead."""
    origin = finding.origin
    change = visible(finding.change, _CHANGE_SHOWN)
    if not origin.text or origin.line is None:
        name, value = property_of(finding), value_of(finding)
        space = view.width - len(name) - 5
        if max(map(len, value.split()), default=0) > view.width - 4 and space > 1:  # what has no spaces cannot wrap
            value = value[: space - 1] + "…"
        yield from _lines(f"{name} = {value}", view.width, "  ", "    ")
        if change:
            yield from _lines(f"change: {change}", view.width, "  ", "    ")
        return
    gutter = f"  {origin.line} | "
    before = visible_line(origin.text[: origin.text_start])
    marked = visible(origin.text[origin.text_start : origin.text_end])
    after = visible(origin.text[origin.text_end :])
    space = view.width - len(gutter)
    if len(before) + len(marked) > space:  # keep the value in sight
        before = "…" + before[-8:] if len(before) > 9 else before
        marked = marked if len(before) + len(marked) <= space else marked[: space - len(before) - 1] + "…"
    yield gutter, "quiet"
    yield (before + marked + after)[:space].rstrip() + "\n", ""
    if not marked:
        return
    yield " " * (len(gutter) - 2) + "| ", "quiet"
    yield " " * len(before) + "^" * len(marked), "mark"
    if change and len(before) + len(marked) + 1 + len(change) <= space:
        yield " " + change, ""
    elif change:
        yield "\n" + " " * (len(gutter) - 2) + "| ", "quiet"
        yield change, ""
    yield "\n", ""
