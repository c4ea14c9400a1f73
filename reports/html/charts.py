"""The charts: severity by family, expiry of credentials and grants, each with its numbers as a table, and the trend.

A drawing shows the largest rows; its table has all of them. A row of the table leads to what it counts.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec
from markupsafe import Markup

from reports.escape import visible
from reports.html.expiry import MONTHS_AHEAD, OVERDUE, expiry_of, month_name, months_from
from reports.html.markup import MONTHS
from reports.html.posture import words
from reports.html.row import label_of
from reports.report import Report
from rules.model.finding import SEVERITIES, Severity
from rules.primitives.texts import counted

#: A drawing has at most this many bars.
_BARS: Final = 8
_WIDTH: Final = 360
_LABEL: Final = 128
_ROW: Final = 19
_COLUMNS_HIGH: Final = 152

_SVG: Final = Markup(
    '<svg class="chart" viewBox="0 0 {w} {h}" width="{w}" height="{h}" role="img"><title>{title}</title>{body}</svg>'
)
#: A drawing whose parts are links, for a pointer: the table behind it has the same links for everyone.
_LINKED: Final = Markup(
    '<svg class="chart" viewBox="0 0 {w} {h}" width="{w}" height="{h}" aria-hidden="true">{body}</svg>'
)
_LINK: Final = Markup('<a href="?{link}#registrations" tabindex="-1">{body}</a>')
_TEXT: Final = Markup('<text x="{x}" y="{y}"{more}>{words}</text>')
_RECT: Final = Markup('<rect class="{kind}" x="{x}" y="{y}" width="{w}" height="{h}"/>')
_PART: Final = Markup("<g><title>{title}</title>{rect}{letter}</g>")
_SWATCH: Final = Markup(
    '<svg class="chart" viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">'
    '<rect class="{kind}" x="1" y="1" width="10" height="10"/></svg>'
)
#: A part of a bar that is narrower has no letter.
_LETTER_WIDTH: Final = 14
_END: Final = Markup(' text-anchor="end"')
_MIDDLE: Final = Markup(' text-anchor="middle"')
_LETTER: Final = Markup(' class="letter" text-anchor="middle"')

#: The parts of the bars of grants, as the style sheet calls them, in words.
_ALLOWED: Final = {"allowed": "allowed", "unknown": "not known"}
_USED: Final = {
    "allowed": "allowed and used",
    "idle": "allowed, not seen",
    "unclear": "allowed, use not known",
    "unknown": "not known if allowed",
}

#: A bar: its label, and its parts as class, count and link.
Bar = tuple[str, Sequence[tuple[str, int, str]]]


class ChartRow(msgspec.Struct, frozen=True):
    """A row of a chart's table: label, figures, and what the filter is set to by the links of the label and of each
    figure; empty where it has none.
    """

    label: str
    figures: tuple[int, ...]
    link: str
    links: tuple[str, ...]


class Chart(msgspec.Struct, frozen=True, kw_only=True):
    """A chart: what it shows, the drawing with what its parts mean, the table behind it, and what its numbers leave
    out.
    """

    id: str
    title: str
    drawing: Markup
    key: tuple[tuple[Markup, str], ...] = ()
    head: tuple[str, ...]
    rows: tuple[ChartRow, ...]
    note: str = ""


def chart_views(report: Report, numbers: Mapping[str, int], only: Mapping[Severity, str]) -> tuple[Chart, ...]:
    """The charts that have something to show. *numbers* are the filter's names of rules, *only* sets it to the new
    findings of a severity.
    """
    charts = (_families(report, numbers, only), _expiry(report), _grants(report))
    return tuple(chart for chart in charts if chart)


def _families(report: Report, numbers: Mapping[str, int], only: Mapping[Severity, str]) -> Chart | None:
    """New findings by the family of their rule, the families with most critical and high findings first."""
    families = {rule.id: rule.family for rule in report.rules}
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    rules: defaultdict[str, dict[int, None]] = defaultdict(dict)
    for finding in report.findings:
        if finding.state == "new":
            family = families.get(finding.rule, "other")
            counts[family][finding.severity] += 1
            rules[family][numbers[finding.rule]] = None
    if not counts:
        return None
    ordered = sorted(counts, key=lambda family: [-counts[family][severity] for severity in SEVERITIES])
    links = {family: "family=" + "+".join(map(str, sorted(rules[family]))) for family in ordered}
    rows = tuple(
        ChartRow(
            visible(family.replace("-", " ").replace("uris", "URIs")),
            tuple(counts[family][severity] for severity in SEVERITIES),
            f"{links[family]}&state=new",
            tuple(f"{links[family]}&{only[severity]}" if counts[family][severity] else "" for severity in SEVERITIES),
        )
        for family in ordered
    )
    bars = [(row.label, tuple(zip(SEVERITIES, row.figures, row.links, strict=True))) for row in rows]
    title = "New findings: severity by family"
    return Chart(
        id="by-family",
        title=title,
        drawing=_bars(bars, dict(zip(SEVERITIES, SEVERITIES, strict=True)), letters=True),
        head=("Family", *map(str.capitalize, SEVERITIES)),
        rows=rows,
        note=_left_out(len(rows), "family", "families"),
    )


def _expiry(report: Report) -> Chart | None:
    """Credentials by the month in which they expire, those that have expired first."""
    registrations = [row for row in report.registrations if row.kind == "registration"]
    found: Counter[str] = Counter()
    undated = 0
    for row in registrations:
        for credential in row.credentials or ():
            month = expiry_of(credential.ends, report.judged_at)
            found[month] += bool(month)
            undated += not month
    if not +found:
        return None
    months = (OVERDUE, *months_from(report.judged_at))
    later = found.total() - sum(found[month] for month in months)
    rows = tuple(
        ChartRow(month_name(month), (found[month],), f"expires={month}", (f"expires={month}" if found[month] else "",))
        for month in months
    )
    unread = sum(row.credentials is None for row in registrations)
    notes = (
        f"{later:,} later" if later else "",
        f"{undated:,} without an expiry date" if undated else "",
        f"not read for {counted(unread, 'registration')}" if unread else "",
    )
    title = f"Credentials that expire in the next {MONTHS_AHEAD} months"
    return Chart(
        id="by-expiry",
        title=title,
        drawing=_columns([(_short_month(month), found[month], f"expires={month}") for month in months]),
        head=("Month", "Credentials"),
        rows=rows,
        note=_sentence(note for note in notes if note),
    )


def _grants(report: Report) -> Chart | None:
    """How many registrations allow each grant, with evidence of use how many of them used it, and what is not known."""
    used = {(row.registration, entry.grant): entry.used for row in report.usage for entry in row.entries}
    parts = {"seen": "allowed", "not-seen": "idle", "not-known": "unclear"}
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for posture in report.postures:
        for entry in posture.entries:
            part = {"allowed": "allowed", "unknown": "unknown", "blocked": ""}[entry.state]
            if report.usage and part == "allowed":
                part = parts[used.get((posture.registration, entry.grant), "not-known")]
            counts[entry.grant][part] += 1
    words_of = _USED if report.usage else _ALLOWED
    shown = [grant for grant in counts if label_of(grant) and any(counts[grant][part] for part in words_of)]
    if not shown:
        return None
    known = [part for part in words_of if part != "unknown"]
    shown.sort(key=lambda grant: (-sum(counts[grant][part] for part in known), -counts[grant]["unknown"]))
    rows = tuple(
        ChartRow(
            words(grant),
            tuple(counts[grant][part] for part in words_of),
            f"grant={label_of(grant)}",
            ("",) * len(words_of),
        )
        for grant in shown
    )
    bars = [
        (row.label, tuple((part, count, row.link) for part, count in zip(words_of, row.figures, strict=True)))
        for row in rows
    ]
    title = "Registrations that allow each grant" + (", and its use" if report.usage else "")
    there = [part for part in words_of if any(counts[grant][part] for grant in shown)]
    return Chart(
        id="by-grant",
        title=title,
        drawing=_bars(bars, words_of),
        key=tuple((_SWATCH.format(kind=part), words_of[part]) for part in there) if len(there) > 1 else (),
        head=("Grant", *map(str.capitalize, words_of.values())),
        rows=rows,
        note=_left_out(len(rows), "grant", "grants"),
    )


def _left_out(rows: int, one: str, many: str) -> str:
    more = rows - _BARS
    return f"{more} more {one if more == 1 else many} in the table." if more > 0 else ""


def _sentence(parts: Iterable[str]) -> str:
    text = "; ".join(parts)
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def _bars(bars: Sequence[Bar], words_of: Mapping[str, str], *, letters: bool = False) -> Markup:
    """Horizontal bars on one scale, each with its label before it and its sum behind it, and each part with its kind
    in words; with *letters*, a wide part has the first letter of its kind.
    """
    shown = bars[:_BARS]
    most = max((sum(count for _, count, _ in parts) for _, parts in shown), default=0) or 1
    scale = (_WIDTH - _LABEL - 40) / most
    body = Markup("")
    for place, (label, parts) in enumerate(shown):
        y, x = place * _ROW, float(_LABEL)
        body += _TEXT.format(x=_LABEL - 6, y=y + 13, more=_END, words=label)
        for kind, count, link in parts:
            if count:
                width = max(count * scale, 1.5)
                rect = _RECT.format(kind=kind, x=round(x, 1), y=y + 3, w=round(width, 1), h=_ROW - 6)
                letter = _TEXT.format(x=round(x + width / 2, 1), y=y + 13, more=_LETTER, words=kind[0].upper())
                is_wide = letters and width >= _LETTER_WIDTH
                title = f"{label}: {count:,} {words_of[kind]}"
                part = _PART.format(title=title, rect=rect, letter=letter if is_wide else "")
                body += _LINK.format(link=link, body=part)
                x += width
        body += _TEXT.format(x=round(x + 5, 1), y=y + 13, more="", words=f"{sum(count for _, count, _ in parts):,}")
    return _LINKED.format(w=_WIDTH, h=len(shown) * _ROW, body=body)


def _columns(columns: Sequence[tuple[str, int, str]]) -> Markup:
    """Vertical columns on one scale: label, count and link of each."""
    most = max(count for _, count, _ in columns) or 1
    step, floor = _WIDTH / (len(columns) + 1), _COLUMNS_HIGH - 18
    body = Markup('<path class="floor" d="M0 {y}H{w}"/>').format(y=floor, w=_WIDTH)
    for place, (label, count, link) in enumerate(columns):
        middle = round((place + 1.5 if place else 1) * step, 1)  # the first label is as wide as two others
        high = max(round(count / most * (floor - 16), 1), 1.5) if count else 0
        if count:
            kind = "overdue" if label == OVERDUE else "coming"
            x, y = round(middle - step * 0.36, 1), round(floor - high, 1)
            column = _RECT.format(kind=kind, x=x, y=y, w=round(step * 0.72, 1), h=high)
            body += _LINK.format(link=link, body=column)
            body += _TEXT.format(x=middle, y=round(floor - high - 4, 1), more=_MIDDLE, words=f"{count:,}")
        body += _TEXT.format(x=middle, y=_COLUMNS_HIGH - 5, more=_MIDDLE, words=label)
    return _LINKED.format(w=_WIDTH, h=_COLUMNS_HIGH, body=body)


def line_chart(title: str, points: Sequence[tuple[str, int]]) -> Markup:
    """A line through *points*, each a day and a count; the points are evenly apart, each with its count."""
    most = max(count for _, count in points) or 1
    step, floor = (_WIDTH - 80) / max(len(points) - 1, 1), _COLUMNS_HIGH // 2 - 16
    places = [
        (round(40 + n * step, 1), round(floor - count / most * (floor - 18), 1)) for n, (_, count) in enumerate(points)
    ]
    body = Markup('<path class="floor" d="M0 {y}H{w}"/>').format(y=floor, w=_WIDTH)
    body += Markup('<polyline points="{}"/>').format(" ".join(f"{x},{y}" for x, y in places))
    for place, ((x, y), (day, count)) in enumerate(zip(places, points, strict=True)):
        body += Markup('<circle cx="{x}" cy="{y}" r="3"/>').format(x=x, y=y)
        body += _TEXT.format(x=x, y=round(y - 7, 1), more=_MIDDLE, words=f"{count:,}")
        if place in (0, len(points) - 1) or len(points) < 5:
            body += _TEXT.format(x=x, y=floor + 13, more=_MIDDLE, words=day)
    return _SVG.format(w=_WIDTH, h=_COLUMNS_HIGH // 2, title=title, body=body)


def _short_month(month: str) -> str:
    """The label of a column: ``Dec``; of a January the year."""
    year, _, number = month.partition("-")
    if not number:
        return month
    return f"’{year[2:]}" if number == "01" else MONTHS[int(number) - 1][:3]
