"""What the page shows of the advice for a client: the answer, what decided it, and the rest on demand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec
from markupsafe import Markup, escape

from reports.advice import Advice, Tree
from reports.decision import (
    Section,
    between_sections,
    built_for_sections,
    sections,
    state_of,
    summary,
    undecided_section,
)
from reports.escape import visible_line, visible_name
from reports.html.markup import Link, links
from reports.html.sequence_svg import Drawing
from reports.html.tree_svg import along, draw_tree, path_in_words, roots
from reports.report import Report
from reports.sequence import diagram_after, sequence_for
from rules.knowledge.grant_flow import Sequence

#: The sections that are shown side by side.
_PAIR = ("answers", "why")


class Part(msgspec.Struct, frozen=True):
    """A section with its code and its documents as markup."""

    section: Section
    code: Markup
    links: tuple[Link, ...]


class AdviceView(msgspec.Struct, frozen=True, kw_only=True):
    """The advice for one client: ``first`` is what decides, ``pair`` is side by side, ``rest`` is below."""

    id: str
    name: str
    headline: str
    state: str
    summary: tuple[tuple[str, str], ...]
    first: tuple[Part, ...]
    pair: tuple[Part, ...]
    rest: tuple[Part, ...]
    drawings: tuple[Markup, ...]
    diagram: Drawing | None
    diagram_at: str


def advice_views(report: Report, diagrams: Mapping[str, Drawing]) -> tuple[AdviceView, ...]:
    """One view for each advice, in the report's order."""
    flows = (sequence_for(advice.leaf, advice.grant, report.sequences) for advice in report.advices)
    return tuple(
        _advice(number, advice, report.tree, flow, diagrams[flow.grant] if flow else None)
        for number, (advice, flow) in enumerate(zip(report.advices, flows, strict=True), 1)
    )


def whole_tree(report: Report) -> tuple[Markup, ...]:
    """The whole tree behind the advice, the path lit where there is one client; nothing where there is no advice."""
    if not report.advices or report.tree is None:
        return ()
    lit = report.advices[0].path if len(report.advices) == 1 else ()
    return _drawn(report.tree, lit, "whole", "The whole decision tree", "Every question with its choices and answers.")


def _advice(
    number: int, advice: Advice, tree: Tree | None, flow: Sequence | None, diagram: Drawing | None
) -> AdviceView:
    name = visible_name(advice.client_name) if advice.client_name else ""
    parts = _parts(sections(advice))
    middle = next((place for place, part in enumerate(parts) if part.section.id in _PAIR), len(parts))
    return AdviceView(
        id=f"advice-{number}",
        name=name,
        headline=advice.headline,
        state=state_of(advice),
        summary=summary(advice),
        first=parts[:middle],
        pair=tuple(part for part in parts[middle:] if part.section.id in _PAIR),
        rest=tuple(part for part in parts[middle:] if part.section.id not in _PAIR),
        drawings=_path(number, name, advice, tree) if tree else (),
        diagram=diagram,
        diagram_at=diagram_after(flow, (part.section.id for part in parts)),
    )


def _parts(found: Iterable[Section]) -> tuple[Part, ...]:
    return tuple(
        Part(section, escape("\n".join(map(visible_line, section.code))), links(section.links)) for section in found
    )


def between_views(report: Report) -> tuple[Part, ...]:
    """What is said of all clients: what they share and must not share, and which of them lack answers."""
    undecided = (undecided_section(report.undecided),) if report.undecided else ()
    return _parts((*between_sections(report.system), *undecided))


def built_for_views(report: Report) -> tuple[tuple[str, tuple[Part, ...]], ...]:
    """What each registration is built for, by its name."""
    return tuple((visible_name(row.registration), _parts(built_for_sections(row))) for row in report.built_for)


def _path(number: int, name: str, advice: Advice, tree: Tree) -> tuple[Markup, ...]:
    """The questions on the path with all their choices; what lies beyond the other choices is left out."""
    title = f"The path through the decision tree{f' for {name}' if name else ''}"
    words = path_in_words(tree, advice.path) or "No path is marked."
    return _drawn(along(tree, advice.path), advice.path, f"path-{number}", title, words)


def _drawn(tree: Tree, lit: tuple[str, ...], name: str, title: str, words: str) -> tuple[Markup, ...]:
    return tuple(
        Markup(draw_tree(tree, root, lit, name=f"{name}-{part}", title=title, description=words))  # noqa: S704 - escaped
        for part, root in enumerate(roots(tree), 1)
    )
