"""What the page shows of the advice for a client: the answer, its reasons, and the tree with the taken path lit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Final

import msgspec
from markupsafe import Markup

from reports.advice import Advice, RuledOut, Tree
from reports.escape import visible, visible_name
from reports.html.markup import Link, breakable, links, patch
from reports.html.sequence_svg import Drawing
from reports.html.tree_svg import along, draw_tree, path_in_words, roots
from reports.report import Report

_KINDS: Final[Mapping[str, str]] = {
    "public": "public: it cannot keep a credential",
    "confidential": "confidential: it keeps a credential",
}
_PLATFORMS: Final[Mapping[str, str]] = {
    "spa": "single-page application (spa)",
    "publicClient": "mobile and desktop (publicClient)",
}

#: How an answer came, where the reader did not give it.
_HOW: Final[Mapping[str, str]] = {
    "implied": "follows from the other answers",
    "configured": "from the configuration",
    "inferred": "from the registration",
    "unsure": "taken for safety: you did not know",
    "assumed": "assumed: no answer was given",
}

#: What the rows between clients are called.
_SYSTEM: Final[Mapping[str, str]] = {
    "must-not-share": "Must not be shared",
    "mismatch": "Does not agree",
    "share": "Shared",
}
_FIT: Final[Mapping[str, str]] = {"same": "as it should be", "differs": "differs", "not-read": "not read"}


class Against(msgspec.Struct, frozen=True):
    """A grant or credential that is not recommended: each reason with the answer that gave it, or nothing."""

    title: str
    reasons: tuple[tuple[str, str], ...]


class AdviceView(msgspec.Struct, frozen=True, kw_only=True):
    """The advice for one client; ``advice`` holds what is shown as it is."""

    id: str
    name: str
    advice: Advice
    summary: tuple[tuple[str, str], ...]
    answers: tuple[tuple[str, str, str], ...]
    ruled_out: tuple[Against, ...]
    credential_ruled_out: tuple[Against, ...]
    register: tuple[tuple[Markup, str, str], ...]
    request: Markup
    sources: tuple[Link, ...]
    drawings: tuple[Markup, ...]
    diagram: Drawing | None
    changes: tuple[tuple[str, tuple[str, ...]], ...] = ()
    fit: tuple[tuple[Markup, str, str, str, str], ...] = ()
    fit_patch: Markup | None = None


def advice_views(report: Report, diagrams: Mapping[str, Drawing]) -> tuple[AdviceView, ...]:
    """One view for each advice, in the report's order."""
    return tuple(
        _advice(number, advice, report.tree, diagrams.get(advice.grant))
        for number, advice in enumerate(report.advices, 1)
    )


def whole_tree(report: Report) -> tuple[Markup, ...]:
    """The whole tree behind the advice, the path lit where there is one client; nothing where there is no advice."""
    if not report.advices or report.tree is None:
        return ()
    lit = report.advices[0].path if len(report.advices) == 1 else ()
    return _drawn(report.tree, lit, "whole", "The whole decision tree", "Every question with its choices and answers.")


def _advice(number: int, advice: Advice, tree: Tree | None, diagram: Drawing | None) -> AdviceView:
    name = visible_name(advice.client_name) if advice.client_name else ""
    credential = advice.credential
    summary = (
        ()
        if advice.grant == "none" and advice.dead_end
        else (
            ("Grant", advice.grant_title),
            ("Client", _KINDS.get(advice.client, "")),
            ("Platform", _PLATFORMS.get(advice.platform or "", advice.platform or "")),
            ("Credential", credential.title if credential else ""),
        )
    )
    return AdviceView(
        id=f"advice-{number}",
        name=name,
        advice=advice,
        summary=tuple(pair for pair in summary if pair[1]),
        answers=tuple((fact.ask, fact.label, _HOW.get(fact.by, "")) for fact in advice.facts),
        changes=tuple(_changes(advice)),
        fit=tuple(
            (breakable(row.property), _FIT[row.verdict], row.present, row.wanted, row.why)
            for row in (advice.fit.rows if advice.fit else ())
        ),
        fit_patch=patch(advice.fit.patch) if advice.fit and advice.fit.patch else None,
        ruled_out=_against(advice.ruled_out, advice),
        credential_ruled_out=_against(credential.ruled_out, advice) if credential else (),
        register=tuple((breakable(item.property), item.value, item.why) for item in advice.register),
        request=Markup("\n").join(visible(line) for line in advice.request),
        sources=links(advice.sources),
        drawings=_path(number, name, advice, tree) if tree else (),
        diagram=diagram,
    )


def system_views(report: Report) -> tuple[tuple[str, str], ...]:
    """What clients share, must not share or do not agree on: a word and a sentence each."""
    return tuple((_SYSTEM[row.kind], row.text) for row in report.system)


def _changes(advice: Advice) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What would change the answer, under each question once."""
    asks = [fact.ask for fact in advice.facts]

    def ask_of(line: str) -> str:
        return next((ask for ask in asks if line.startswith(ask + " ")), "")

    for ask, lines in groupby(advice.would_change, ask_of):
        yield ask, tuple(line[len(ask) :].strip() for line in lines)


def _against(ruled_out: tuple[RuledOut, ...], advice: Advice) -> tuple[Against, ...]:
    answers = {(fact.question, fact.choice): fact.label for fact in advice.facts}
    return tuple(
        Against(
            item.title,
            tuple((reason.text, answers.get((reason.question, reason.choice), "")) for reason in item.reasons),
        )
        for item in ruled_out
    )


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
