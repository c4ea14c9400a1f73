"""Advice as a document in Markdown, complete: for a design, or as the record of an architecture decision.

In: a report with advice. Out: blocks of Markdown. Names and answers of others are escaped, so that none of them becomes
markup.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from reports.advice import Advice
from reports.decision import (
    Section,
    between_sections,
    built_for_sections,
    sections,
    state_of,
    summary,
    undecided_section,
)
from reports.escape import (
    NAME_SHOWN,
    address,
    markdown,
    markdown_code,
    markdown_fence,
    visible,
    visible_line,
    visible_name,
)
from reports.path import path_mermaid
from reports.report import Report
from reports.sequence import diagram_after, sequence_for, sequence_mermaid
from reports.system import system_mermaid
from rules.knowledge.reference import Reference

#: What a section is called in the record of a decision, where that is another word.
_TITLES: Final = {"answers": "Context: the answers", "why": "Reasons"}

#: Columns that hold names and values of properties.
_CODE_COLUMNS: Final = ("Property", "Value")


def advice_document(report: Report) -> Iterator[str]:
    """The title, who proposes it and when, and each client in full; several clients have what is between them first."""
    yield f"# {_text(report.title, NAME_SHOWN)}"
    tool = f"{report.tool.name} {report.tool.version}"
    yield f"- Status: proposed\n- Date: {_text(report.made_at[:10])}\n- Made by: {_text(tool)}"
    several = len(report.advices) + len(report.undecided) > 1
    if several:
        yield "\n".join(f"- {_named(advice)}" for advice in report.advices)
    if report.picture:
        yield "## The system"
        yield f"```mermaid\n{system_mermaid(report.picture)}```"
    for section in between_sections(report.system):
        yield from _section(section, 2)
    if report.undecided:
        yield from _section(undecided_section(report.undecided), 2)
    for number, advice in enumerate(report.advices, 1):
        if several:
            yield f"## {_text(advice.client_name, NAME_SHOWN) or f'Client {number}'}"
        yield from _decision(report, advice, 3 if several else 2)
    for built in report.built_for:
        yield f"## {_text(visible_name(built.registration))}"
        for section in built_for_sections(built):
            yield from _section(section, 3)


def _named(advice: Advice) -> str:
    name = f"{markdown_code(visible_name(advice.client_name))}: " if advice.client_name else ""
    return name + _headline(advice)


def _headline(advice: Advice) -> str:
    state = state_of(advice)
    return (f"**{state.upper()}:** " if state else "") + _text(advice.headline)


def _decision(report: Report, advice: Advice, level: int) -> Iterator[str]:
    """The decision with all its sections, the diagrams where they belong."""
    yield f"{'#' * level} Decision"
    yield f"{_headline(advice)}."
    if rows := summary(advice):
        yield _table(("Part", "Decision"), rows)
    found = list(sections(advice))
    row = sequence_for(advice.leaf, advice.grant, report.sequences)
    place = diagram_after(row, (section.id for section in found))
    for section in found:
        yield from _section(section, level)
        if row and section.id == place:
            yield f"{'#' * level} Sequence of messages"
            yield f"```mermaid\n{sequence_mermaid(row)}```"
        if section.id == "change":
            yield from _path(report, advice, level)


def _path(report: Report, advice: Advice, level: int) -> Iterator[str]:
    drawn = path_mermaid(report.tree, advice.path) if report.tree else ""
    if drawn:
        yield f"{'#' * level} Path through the decision tree"
        yield f"```mermaid\n{drawn}```"


def _section(section: Section, level: int) -> Iterator[str]:
    yield f"{'#' * level} {_text(_TITLES.get(section.id, section.title))}"
    if section.rows:
        yield _table(section.heads, section.rows)
    if section.points:
        yield "\n".join(f"- {_text(point)}" for point in section.points)
    if section.groups:
        yield "\n".join(
            "\n".join([f"- **{_text(head)}**", *(f"  - {_text(line)}" for line in lines)])
            for head, lines in section.groups
        )
    if section.code:
        yield markdown_fence(map(visible_line, section.code), section.language)
    if section.links:
        yield "\n".join(f"- {_link(link)}" for link in section.links)


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table; empty cells stay empty."""
    shown = [["" if not cell else _cell(head, cell) for head, cell in zip(heads, row, strict=True)] for row in rows]
    lines = [heads, ["---"] * len(heads), *shown]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(head: str, text: str) -> str:
    return markdown_code(visible(text)) if head in _CODE_COLUMNS else _text(text)


def _link(link: Reference) -> str:
    label = _text(link.dated_label)
    return f"[{label}](<{address(link.url)}>)" if link.url.startswith(("https://", "http://")) else label


def _text(text: str, limit: int = 2000) -> str:
    return markdown(visible(text, limit))
