"""What the page shows of the advice for a client: the answer, its reasons, and the tree with the taken path lit."""

from __future__ import annotations

import msgspec
from markupsafe import Markup

from reports.escape import visible, visible_name
from reports.html.markup import Link, breakable, links
from reports.html.tree_svg import draw_tree, path_in_words
from reports.report import Advice, Report, RuledOut, Tree


class Against(msgspec.Struct, frozen=True):
    """A grant or credential that is not recommended: each reason with the answer that gave it, or nothing."""

    title: str
    reasons: tuple[tuple[str, str], ...]


class Figure(msgspec.Struct, frozen=True):
    """The drawn tree, in one or two drawings, and its path as pairs of question and answer."""

    drawings: tuple[Markup, ...]
    path: tuple[tuple[str, str], ...]


class AdviceView(msgspec.Struct, frozen=True, kw_only=True):
    """The advice for one client; ``advice`` holds what is shown as it is."""

    id: str
    name: str
    advice: Advice
    summary: tuple[tuple[str, str], ...]
    ruled_out: tuple[Against, ...]
    credential_ruled_out: tuple[Against, ...]
    register: tuple[tuple[Markup, str, str], ...]
    request: Markup
    sources: tuple[Link, ...]
    figure: Figure | None


def advice_views(report: Report) -> tuple[AdviceView, ...]:
    """One view for each advice, in the report's order."""
    return tuple(_advice(number, advice, report.tree) for number, advice in enumerate(report.advices, 1))


def _advice(number: int, advice: Advice, tree: Tree | None) -> AdviceView:
    name = visible_name(advice.client_name) if advice.client_name else "This client"
    credential = advice.credential
    kinds = {"public": "public: it cannot keep a credential", "confidential": "confidential: it keeps a credential"}
    summary = (
        ("Grant", advice.grant_title),
        ("Client", kinds.get(advice.client, "")),
        ("Platform", advice.platform or ""),
        ("Credential", credential.title if credential else ""),
    )
    return AdviceView(
        id=f"advice-{number}",
        name=name,
        advice=advice,
        summary=tuple(pair for pair in summary if pair[1]),
        ruled_out=_against(advice.ruled_out, advice),
        credential_ruled_out=_against(credential.ruled_out, advice) if credential else (),
        register=tuple((breakable(item.property), item.value, item.why) for item in advice.register),
        request=Markup("\n").join(visible(line) for line in advice.request),
        sources=links(advice.sources),
        figure=_figure(number, name, advice, tree) if tree else None,
    )


def _against(ruled_out: tuple[RuledOut, ...], advice: Advice) -> tuple[Against, ...]:
    answers = {(fact.question, fact.choice): fact.label for fact in advice.facts}
    return tuple(
        Against(
            item.title,
            tuple((reason.text, answers.get((reason.question, reason.choice), "")) for reason in item.reasons),
        )
        for item in ruled_out
    )


def _figure(number: int, name: str, advice: Advice, tree: Tree) -> Figure | None:
    path = path_in_words(tree, advice.path)
    steps = "; ".join(f"{question} {answer}" if answer else f"so: {question}" for question, answer in path)
    drawings = draw_tree(
        tree,
        advice.path,
        name=f"tree-{number}",
        title=f"The decision tree with the path taken for {name}",
        description=steps or "No path is marked.",
    )
    svgs = tuple(Markup(drawing.svg) for drawing in drawings)  # noqa: S704 - every text in them is escaped
    return Figure(svgs, path) if svgs else None
