"""The overview of many findings: registrations by severity, the worst findings, counts by rule, and what to do next.

In: a report and a view. Out: blocks of spans. Only what is shown is built, since a tenant has thousands of findings.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from heapq import nsmallest
from itertools import islice
from typing import Final

from reports.escape import visible, visible_name
from reports.report import Report
from reports.rows import FindingRow
from reports.tables import RANK
from reports.terminal.findings import Span, brief_findings
from reports.view import View
from reports.wording import titled
from reports.wrap import wrap
from rules.model.finding import SEVERITIES
from rules.primitives.texts import counted

#: As many rows of each table, worst findings, and lines of what is gone are shown. With more findings or registrations
#: than this, an overview takes the place of all details.
FEW: Final = 10

_GAP: Final = "  "


def has_many_findings(report: Report, view: View) -> bool:
    """Whether new findings are shown as an overview: there are many, and the view does not show all of them."""
    return not _shows_all(view) and next(islice(_new(report), FEW, None), None) is not None


def is_summed_up(report: Report, view: View) -> bool:
    """Whether what is said of each registration, such as its posture, is said of all of them in a sentence."""
    return has_many_findings(report, view) or (len(report.registrations) > FEW and not _shows_all(view))


def overview_blocks(report: Report, view: View) -> Iterator[list[Span]]:
    """The blocks of the overview."""
    findings = tuple(_new(report))
    if len(report.registrations) > 1:
        yield [*_registrations(report, findings, view)]
    yield [(f"The {FEW} worst findings\n", "head"), *brief_findings(report, worst_few(report), view)]
    yield [*_rules(findings, view)]


def worst_few(report: Report) -> Sequence[FindingRow]:
    """The new findings that the overview shows, the worst first; all of them where they are few."""
    return nsmallest(FEW, _new(report), key=lambda finding: RANK[finding.severity])


def posture_counts(report: Report, view: View) -> Iterator[Span]:
    """How many registrations allow each grant."""
    allowed = Counter(entry.grant for row in report.postures for entry in row.entries if entry.state == "allowed")
    unknown = sum(any(entry.state == "unknown" for entry in row.entries) for row in report.postures)
    yield "Registrations that allow each grant\n", "head"
    counts = [f"{visible(grant)} {number:,}" for grant, number in allowed.most_common()]
    yield from _lines(", ".join(counts) or "none", view)
    if unknown:
        yield from _lines(f"not known for all grants: {counted(unknown, 'registration')}", view, "quiet")


def next_steps(report: Report, view: View) -> Iterator[Span]:
    """The options that show and fix what the overview leaves out."""
    worst = min(_new(report), key=lambda finding: RANK[finding.severity])
    steps = [
        ("--full", "shows all findings, each with its fix"),
        ("-o report.html", "writes them as a page to filter and sort"),
        ("--fix-plan plan.sh", "writes the requests that fix them, for you to review and run"),
    ]
    if not view.again:
        steps.append(("--write-baseline known.json", "accepts them; from then on, only new ones fail"))
    steps.append((f"grantlint rules {visible(worst.rule)}", "explains a rule"))
    yield "Next steps\n", "head"
    for command, what in steps:
        yield from _lines(f"{command} {what}.", view)


def _shows_all(view: View) -> bool:
    return view.full or view.verbose


def _new(report: Report) -> Iterator[FindingRow]:
    return (finding for finding in report.findings if finding.state == "new")


def _registrations(report: Report, findings: Sequence[FindingRow], view: View) -> Iterator[Span]:
    """The registrations with the worst findings, the sums of the others, and how many have none."""
    counts: dict[str, Counter[str]] = {}
    for finding in findings:
        counts.setdefault(finding.registration, Counter())[finding.severity] += 1
    severities = [severity for severity in SEVERITIES if any(count[severity] for count in counts.values())]
    order = sorted(counts.items(), key=lambda item: [-item[1][severity] for severity in severities])
    label = _labels(report)
    rows = [(label(key), [count[severity] for severity in severities]) for key, count in order[:FEW]]
    if rest := order[FEW:]:
        sums = [sum(count[severity] for _, count in rest) for severity in severities]
        rows.append((f"{len(rest):,} more", sums))
    yield from _table("Registrations by severity", severities, rows, view)
    clean = sum(row.key not in counts for row in report.registrations if row.kind == "registration")
    if clean:
        yield from _lines(f"{counted(clean, 'registration')} without new findings", view, "quiet")


def _labels(report: Report) -> Callable[[str], str]:
    """What the row of a key is called: its name, with its file or tenant where several have that name."""
    rows = {row.key: row for row in report.registrations}
    names = Counter(row.name for row in report.registrations)

    def label(key: str) -> str:
        row = rows.get(key)
        if row is None:
            return visible_name(key)
        place = row.tenant or row.origin.file
        return titled(row) + (f" in {visible(place)}" if place and names[row.name] > 1 else "")

    return label


def _rules(findings: Sequence[FindingRow], view: View) -> Iterator[Span]:
    """The rules, the worst first, with how many findings and registrations each has."""
    found: dict[str, list[FindingRow]] = {}
    for finding in findings:
        found.setdefault(finding.rule, []).append(finding)
    worst = {rule: min(RANK[finding.severity] for finding in those) for rule, those in found.items()}
    order = sorted(found, key=lambda rule: (worst[rule], -len(found[rule])))
    rows = [
        (
            f"{SEVERITIES[worst[rule]]:<8}  {visible(rule)}",
            [len(found[rule]), len({finding.registration for finding in found[rule]})],
        )
        for rule in order[:FEW]
    ]
    if rest := order[FEW:]:
        those = [finding for rule in rest for finding in found[rule]]
        rows.append((f"{len(rest):,} more", [len(those), len({finding.registration for finding in those})]))
    yield from _table("Findings by rule", ["findings", "registrations"], rows, view)


def _table(title: str, columns: Sequence[str], rows: Sequence[tuple[str, Sequence[int]]], view: View) -> Iterator[Span]:
    """Rows of a label and figures under a title; labels are cut where the view is too narrow."""
    figures = [max(len(column), *(len(f"{row[place]:,}") for _, row in rows)) for place, column in enumerate(columns)]
    space = max(view.width - sum(figures) - len(_GAP) * (len(figures) + 1), len(title) - len(_GAP))
    width = min(space, max(len(title) - len(_GAP), *(len(label) for label, _ in rows)))
    head = "".join(f"{_GAP}{column:>{size}}" for column, size in zip(columns, figures, strict=True))
    yield f"{title:<{width + len(_GAP)}}{head}\n", "head"
    for label, row in rows:
        shown = label if len(label) <= width else label[: width - 1] + "…"
        cells = "".join(
            f"{_GAP}{format(number, ',') if number else '':>{size}}" for number, size in zip(row, figures, strict=True)
        )
        yield f"{_GAP}{shown:<{width}}{cells}".rstrip() + "\n", ""


def _lines(text: str, view: View, style: str = "") -> Iterator[Span]:
    yield from ((line + "\n", style) for line in wrap(text, view.width, _GAP, _GAP * 2))
