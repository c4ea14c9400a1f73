"""The part of a text report that advises: the answer in five lines, then what decided it; all else with ``verbose``.

In: advice, and what several clients share. Out: spans of text with the name of a style, which
``reports.terminal.render`` paints.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from reports.advice import Advice
from reports.decision import (
    Line,
    Section,
    between_sections,
    built_for_sections,
    sections,
    short_lines,
    state_of,
    undecided_section,
)
from reports.escape import visible, visible_line, visible_name
from reports.migration import table_text
from reports.report import Report
from reports.view import View
from reports.wrap import wrap

Span = tuple[str, str]

#: More clients than this are shown as a table; each in full is in HTML, Markdown and JSON.
MOST_IN_FULL: Final = 8

_STYLES: Final = {"": "head", "care": "medium", "stop": "high"}

#: The terms of the five lines are as wide as this.
_TERM: Final = 13

_MORE: Final = "Reasons, registration, request, risks and sources: --verbose, or -o advice.md"


def advice_blocks(report: Report, view: View) -> Iterator[list[Span]]:
    """The blocks of a text report that advise, each a list of spans."""
    if len(report.advices) + len(report.undecided) > MOST_IN_FULL or report.undecided:
        yield [(table_text(report, view.width), "")]
        if report.undecided and view.verbose:
            yield [*_section(undecided_section(report.undecided), view.width)]
    else:
        for advice in report.advices:
            yield [*advice_spans(advice, view, several=len(report.advices) > 1)]
    for section in between_sections(report.system):
        yield [*_section(section, view.width)]
    for built in report.built_for:
        yield [
            (f"{visible_name(built.registration)}\n", "head"),
            *_separated(built_for_sections(built), view.width),
        ]
    if report.advices and not report.undecided and len(report.advices) <= MOST_IN_FULL and not view.verbose:
        yield [(line + "\n", "quiet") for line in wrap(_MORE, view.width)]


def answer_line(advice: Advice) -> str:
    """The client and its answer, in one line; what the headline must not hide is there too."""
    client = f"{visible_name(advice.client_name)}: " if advice.client_name else ""
    state = state_of(advice)
    return client + (f"{state.upper()}: " if state else "") + visible(advice.headline)


def advice_spans(advice: Advice, view: View, *, several: bool = False) -> Iterator[Span]:
    """One advice: five lines and what decided it, or everything; one of *several* has an underlined name."""
    if advice.client_name:
        yield visible_name(advice.client_name) + "\n", "head"
        yield ("=" * len(visible_name(advice.client_name)) + "\n", "head") if several else ("", "")
    lines = short_lines(advice)
    for line in lines:
        yield from _line(line, view.width)
    found = sections(advice)
    if not view.verbose:
        shown = tuple(line.whole for line in lines if line.whole)
        found = tuple(rest for section in found if section.always and (rest := _without(section, shown)))
    yield from _separated(found, view.width)


def _line(line: Line, width: int) -> Iterator[Span]:
    first, *rest = wrap(visible(line.words), width - _TERM)
    style = _STYLES[line.mark] if line.mark else "quiet"
    yield f"{line.term:<{_TERM}}", style
    yield first + "\n", "head" if line.term == "Grant" and not line.mark else ""
    yield from ((" " * _TERM + words + "\n", "") for words in rest)


def _without(section: Section, shown: tuple[str, ...]) -> Section | None:
    """What of the *section* the five lines have not said; nothing where they have said all, or where all is well."""
    points = tuple(point for point in section.points if point not in shown)
    rows = tuple(row for row in section.rows if not (shown and row[-1].endswith(shown)))
    groups = tuple(group for group in section.groups if section.id != "fit" or group[1])
    left = msgspec.structs.replace(section, points=points, rows=rows, groups=groups)
    return None if left.is_empty else left


def _separated(found: Iterable[Section], width: int) -> Iterator[Span]:
    """Sections with an empty line before each."""
    for section in found:
        yield "\n", ""
        yield from _section(section, width)


def _section(section: Section, width: int) -> Iterator[Span]:
    """A heading and what is below it, wrapped; lines to copy and addresses are kept in one piece."""
    yield visible(section.title) + "\n", _STYLES[section.mark]
    texts = [*section.sentences, *section.points]
    for text in texts:
        yield from _item(text, width, 2, listed=len(texts) > 1)
    for head, lines in section.groups:
        yield from _item(head, width, 2, listed=False)
        for line in lines:
            yield from _item(line, width, 4, listed=True)
    yield from (("  " + visible_line(line) + "\n", "") for line in section.code)
    for link in section.links:
        yield f"  {visible(link.dated_label)}: {visible(link.url)}\n", ""


def _item(text: str, width: int, indent: int, *, listed: bool) -> Iterator[Span]:
    first = " " * indent + ("- " if listed else "")
    yield from ((line + "\n", "") for line in wrap(visible(text), width, first, " " * len(first)))
