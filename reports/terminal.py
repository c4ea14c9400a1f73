"""A report as text for a terminal, a log or a file.

Findings stand worst first, each under ``file:line:column: severity rule``, which terminals and editors can follow. What a
run found goes to standard output, what it says about itself (``render_summary``) to standard error.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping

from reports.escape import NAME_SHOWN, visible, visible_line, visible_name
from reports.report import Advice, FindingRow, Report
from reports.tables import counted, dotted, gaps_in_words, worst_first
from reports.view import View

_STYLES = {
    "critical": "bold white on red",
    "high": "bold red",
    "medium": "bold yellow",
    "low": "bold cyan",
    "info": "bold",
    "rule": "bold",
    "place": "",
    "quiet": "dim",
    "mark": "bold red",
    "head": "bold",
}

#: A text for people shows the posture of so many registrations; all of them stand in HTML and JSON.
POSTURE_LIMIT = 20

_VALUE_SHOWN = 300

#: How an answer came, where the reader did not give it.
_HOW = {"implied": " (follows from the other answers)", "configured": " (from the configuration)"}

_STATUS = {"not-read": "not read", "partly": "read in part"}

Span = tuple[str, str]

_PLAIN = View()


def render_terminal(report: Report, view: View = _PLAIN) -> str:
    """Advice, findings and posture as text that ends in a line feed; empty when there is nothing to show."""
    names = {row.key: visible_name(row.name) for row in report.registrations}
    fixes = {rule.id: rule.fix for rule in report.rules}
    found = worst_first(report)
    if view.concise:
        lines = [*([(_answer(advice) + "\n", "head")] for advice in report.advices), *(_line(f, names) for f in found)]
        return _paint([span for spans in lines for span in spans], view)
    blocks = [[*_advice(advice, view)] for advice in report.advices]
    blocks += [[*_finding(f, names, fixes, view)] for f in found]
    if view.posture and report.postures:
        blocks.append([*_posture(report, view)])
    return "\n".join(_paint(spans, view) for spans in blocks)


def render_summary(report: Report, view: View = _PLAIN) -> str:
    """What was judged, what was not, and why the exit status is what it is."""
    summary = report.summary
    lines = [problem_line(p.what, p.file, p.line, p.column, p.hint) for p in report.problems]
    for source in report.inputs:
        if source.note and source.status != "read":
            remedy = f"; {visible(source.remedy)}" if source.remedy else ""
            lines.append(f"{visible(source.name)}: {_STATUS[source.status]}: {visible(source.note)}{remedy}")
    if report.registrations or report.inputs:
        if lines:
            lines.append("")
        lines += _wrap(_verdict(report), view.width)
        lines += [line for gap in gaps_in_words(report) for line in _wrap(f"Not assessed: {gap}", view.width)]
        lines += [line for note in report.notes for line in _wrap(visible(note), view.width)]
    if summary.exit_reason:
        lines += _wrap(f"exit {summary.exit_status}: {visible(summary.exit_reason)}", view.width)
    return "\n".join(lines) + "\n" if lines else ""


def problem_line(
    what: str, file: str | None = None, line: int | None = None, column: int | None = None, hint: str = ""
) -> str:
    """Bad input in one line: where, what is wrong, what to do. Control characters are made visible."""
    place = "" if file is None else visible(file)
    place += "".join(f":{number}" for number in (line, column) if number is not None and place)
    return f"{place or 'grantlint'}: {visible(what)}" + (f"; {visible(hint)}" if hint else "")


def _verdict(report: Report) -> str:
    summary = report.summary
    counts = ", ".join(f"{n} {severity}" for severity, n in summary.by_severity.items() if n)
    judged = f"{counted(summary.registrations, 'registration')} judged with {counted(summary.rules, 'rule')}"
    more = "".join(f", {n} {word}" for n, word in ((summary.known, "known"), (summary.suppressed, "accepted")) if n)
    if counts or more:
        return f"{judged}: {counts or 'nothing new'}{more}."
    return f"{judged}: no findings{' in what was read' if report.not_assessed or report.problems else ''}."


def _finding(finding: FindingRow, names: Mapping[str, str], fixes: Mapping[str, str], view: View) -> Iterator[Span]:
    yield from _headline(finding)
    yield "\n", ""
    yield from _lines(_sentence(finding, names), view.width, "  ")
    yield from _source_line(finding, view)
    for because in finding.because:
        other = visible(dotted(because.pointer), NAME_SHOWN)
        yield from _lines(f"together with {other}: {visible(because.note)}", view.width, "  ", "    ")
    if fix := fixes.get(finding.rule, ""):
        yield from _lines(f"fix: {visible(fix)}", view.width, "  ", "       ")
    yield f"  why and how: grantlint rules {visible(finding.rule)}\n", "quiet"


def _line(finding: FindingRow, names: Mapping[str, str]) -> list[Span]:
    return [*_headline(finding), (f" {_sentence(finding, names)}\n", "")]


def _sentence(finding: FindingRow, names: Mapping[str, str]) -> str:
    return f"{names.get(finding.registration) or visible_name(finding.registration)} {visible(finding.message)}"


def _lines(text: str, width: int, first: str, then: str | None = None) -> Iterator[Span]:
    yield from ((line + "\n", "") for line in _wrap(text, width, first, then))


def _headline(finding: FindingRow) -> list[Span]:
    return [
        (f"{_place(finding)}: ", "place"),
        (finding.severity, finding.severity),
        (f" {visible(finding.rule)}", "rule"),
    ]


def _place(finding: FindingRow) -> str:
    """``file:line:column`` as terminals and editors follow it; the property where there is no file."""
    origin = finding.origin
    if origin.file is None:
        return _property(finding) or "registration"
    return ":".join([visible(origin.file), *(str(n) for n in (origin.line, origin.column) if n is not None)])


def _property(finding: FindingRow) -> str:
    return visible(finding.origin.property or dotted(finding.pointer), NAME_SHOWN)


def _source_line(finding: FindingRow, view: View) -> Iterator[Span]:
    """The source line with the value underlined, as compilers show it; a value without a line is named instead."""
    origin = finding.origin
    change = visible(finding.change, _VALUE_SHOWN)
    if not origin.text or origin.line is None:
        value = visible(finding.value, _VALUE_SHOWN)
        yield from _lines(f"{_property(finding)} = {value}", view.width, "  ", "    ")
        if change:
            yield from _lines(f"change: {change}", view.width, "  ", "    ")
        return
    gutter = f"  {origin.line} | "
    before = visible_line(origin.text[: origin.text_start])
    marked = visible(origin.text[origin.text_start : origin.text_end])
    after = visible(origin.text[origin.text_end :])
    room = view.width - len(gutter)
    if len(before) + len(marked) > room:  # keep the value in sight
        before = "…" + before[-8:] if len(before) > 9 else before
        marked = marked if len(before) + len(marked) <= room else marked[: room - len(before) - 1] + "…"
    yield gutter, "quiet"
    yield (before + marked + after)[:room].rstrip() + "\n", ""
    if not marked:
        return
    yield " " * (len(gutter) - 2) + "| ", "quiet"
    yield " " * len(before) + "^" * len(marked), "mark"
    if change and len(before) + len(marked) + 1 + len(change) <= room:
        yield " " + change, ""
    elif change:
        yield "\n" + " " * (len(gutter) - 2) + "| ", "quiet"
        yield change, ""
    yield "\n", ""


def _posture(report: Report, view: View) -> Iterator[Span]:
    yield "Grants that work today, and the property that allows each\n", "head"
    names = {row.key: visible_name(row.name) for row in report.registrations}
    for row in report.postures[:POSTURE_LIMIT]:
        yield f"  {names.get(row.registration) or visible_name(row.registration)}\n", ""
        allowed = [entry for entry in row.entries if entry.state == "allowed"]
        unknown = [visible(entry.grant) for entry in row.entries if entry.state == "unknown"]
        for entry in allowed:
            by = ", ".join(visible(name) for name in entry.by) or visible(entry.note)
            for line in _wrap(f"{visible(entry.grant):<20} {by}", view.width, "    ", " " * 25):
                yield line + "\n", ""
        if unknown:
            for line in _wrap(f"not known: {', '.join(unknown)}", view.width, "    ", "      "):
                yield line + "\n", "quiet"
        if not allowed and not unknown:
            yield "    none\n", "quiet"
    rest = len(report.postures) - POSTURE_LIMIT
    if rest > 0:
        yield f"  and {counted(rest, 'more registration')}, in the HTML and JSON reports\n", "quiet"


def _answer(advice: Advice) -> str:
    """The client and its answer, in one line."""
    client = f"{visible_name(advice.client_name)}: " if advice.client_name else ""
    return client + visible(advice.headline)


def _advice(advice: Advice, view: View) -> Iterator[Span]:
    width = view.width
    yield from ((line + "\n", "head") for line in _wrap(_answer(advice), width))
    facts = [f"{f.ask} {f.label}{_HOW.get(f.by, '')}" for f in advice.facts]
    yield from _section("because you said", facts, width)
    yield from _section("contradictions", advice.contradictions, width)
    yield from _section("why", advice.why, width)
    if advice.credential:
        credential = advice.credential
        against = [
            f"not {item.title.lower()}: {'; '.join(r.text for r in item.reasons)}" for item in credential.ruled_out
        ]
        yield from _section(f"credential: {credential.title}", [credential.why, *against], width)
    why_not = [f"{item.title}: {'; '.join(reason.text for reason in item.reasons)}" for item in advice.ruled_out]
    yield from _section("why not", why_not, width)
    settings = [f"{item.property} = {item.value}: {item.why}" for item in advice.register]
    yield from _section("what to register", settings, width)
    yield from _section("the request", advice.request, width, whole=True)
    yield from _section("take care", advice.warnings, width)
    yield from _section("what risk remains", advice.remaining_risk, width)
    yield from _section("what would change this", advice.would_change, width)
    yield from _section("sources", [f"{source.title}: {source.url}" for source in advice.sources], width, whole=True)
    if advice.repeat:
        yield from _section("the same again", [advice.repeat], width, whole=True)


def _section(title: str, items: Iterable[str], width: int, *, whole: bool = False) -> Iterator[Span]:
    """A heading and its items, wrapped; a *whole* line is kept in one piece, since somebody will copy it."""
    texts = [visible(item) for item in items if item]
    if not texts:
        return
    yield f"\n{visible(title)}\n", "head"
    for text in texts:
        lines = ["  " + text] if whole else _wrap(text, width, "  - " if len(texts) > 1 else "  ", "    ")
        for line in lines:
            yield line + "\n", ""


def _wrap(text: str, width: int, first: str = "", then: str | None = None) -> list[str]:
    """Fill to *width*; words and addresses are never broken, since people copy them."""
    return textwrap.wrap(
        text,
        max(width, 20),
        initial_indent=first,
        subsequent_indent=first if then is None else then,
        break_long_words=False,
        break_on_hyphens=False,
    ) or [first.rstrip()]


def _paint(spans: Iterable[Span], view: View) -> str:
    """The spans as text; with colour through rich, which knows what terminals understand."""
    if not view.colour:
        return "".join(text for text, _ in spans)
    from rich.console import Console
    from rich.text import Text

    text = Text()
    for piece, style in spans:
        text.append(piece, _STYLES.get(style, ""))
    console = Console(force_terminal=True, color_system="standard", width=10_000)
    with console.capture() as capture:
        console.print(text, end="", highlight=False, soft_wrap=True)
    return capture.get()
