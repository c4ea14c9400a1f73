"""Build the interactive page: the tree's data, the walk in JavaScript, and what shows it, in one file.

The page loads nothing and sends nothing; its policy names style and script by their hashes. It has the style of the
report. ``tests/advisor/decide/test_page_advice.py`` proves that it gives the advice of the command for every path.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from html import escape
from importlib.resources import files
from typing import Any, Final

import msgspec

from advisor.decide.advice import MOST_OPEN, value_of
from advisor.decide.draw import roots
from advisor.decide.parts import CredentialLeaf, Leaf, Question
from advisor.decide.settle import AUDIENCE, AUDIENCE_B2C, AUDIENCE_WHY, AUDIENCES, further, register, request
from advisor.decide.tables.values import values
from advisor.decide.tree import DecisionTree
from reports.html.page import asset, policy
from rules.analysis.grants import GRANTS, grant
from rules.knowledge.credentials import CREDENTIALS, credential_kind

#: Makes the registration of an end in Graph JSON; nothing where the client needs none.
MakeRegistration = Callable[[Leaf, CredentialLeaf | None], Mapping[str, Any] | None]

_SCRIPT: Final = ("walk.js", "values.js", "sections.js", "tree.js", "page.js")


def build_page(
    tree: DecisionTree,
    answers: Mapping[str, str],
    *,
    version: str,
    made_on: str,
    registration: MakeRegistration | None = None,
) -> str:
    """The page for *tree*; *answers* hold for every visitor, who may change them. *made_on* is a date.

    With *registration*, the page offers the registration of each end as JSON to copy.
    """
    style = asset("style.css") + "\n" + _asset("page.css")
    script = "\n".join((asset("shared.js"), *map(_asset, _SCRIPT)))
    content = {**page_data(tree, registration), "initial": dict(answers)}
    places = {
        "policy": escape(policy(style, script)),
        "style": style,
        "script": script,
        # Inside a script element only its end and a comment's beginning could end it.
        "data": json.dumps(content, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c"),
        "version": escape(version),
        "made": escape(made_on),
    }
    return re.sub("@([a-z]+)@", lambda match: places[match[1]], _asset("page.html")) + "\n"


def _asset(name: str) -> str:
    return files("advisor.decide.page").joinpath(name).read_text("utf-8").strip()


class _Rows:
    """Values that many ends share, each once; ``number`` says where one is."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self._numbers: dict[str, int] = {}

    def number(self, value: Any) -> int:
        key = json.dumps(value)
        if key not in self._numbers:
            self._numbers[key] = len(self.values)
            self.values.append(value)
        return self._numbers[key]


def page_data(tree: DecisionTree, registration: MakeRegistration | None = None) -> dict[str, Any]:
    """Everything that the page needs to know, as JSON. The ends name their settings, lines of requests and
    registrations by their numbers in ``rows``.
    """
    rows = _Rows()
    ends = {
        f"{leaf.id} {end.id if end else ''}".strip(): _end(leaf, end, rows, registration) for leaf, end in _ends(tree)
    }
    return {
        "start": tree.start,
        "roots": roots(tree),
        "questions": [_question(question) for question in tree.questions],
        "leaves": {leaf.id: _leaf(leaf) for leaf in tree.leaves},
        "credentials": {end.id: _credential(end) for end in tree.credentials},
        "reasons": {row.id: msgspec.to_builtins(row.against) for row in tree.reasons},
        "ends": ends,
        "rows": rows.values,
        "values": msgspec.to_builtins(values()),
        "notes": [msgspec.to_builtins(note) for note in tree.notes],
        "grants": [
            {
                "id": row.id,
                "title": row.title,
                "short": row.short,
                "last": row.status == "last-resort",
                "risks": row.risks,
            }
            for row in GRANTS
        ],
        "kinds": [{"id": kind.id, "title": kind.title, "risks": kind.risks} for kind in CREDENTIALS],
        "sources": {
            name: msgspec.to_builtins(tree.source_by_id[name])
            for part in (*tree.parts, *(row for _, group in values() for row in group))
            for name in part.sources
        },
        "references": {
            **{row.id: msgspec.to_builtins(row.references) for row in GRANTS},
            **{kind.id: msgspec.to_builtins(kind.references) for kind in CREDENTIALS},
        },
        "decided": tree.decided,
        "retired": msgspec.to_builtins(tree.retired),
        "audience": [AUDIENCE, AUDIENCE_WHY, AUDIENCES, AUDIENCE_B2C],
        "mostOpen": MOST_OPEN,
    }


def _question(question: Question) -> dict[str, Any]:
    built: dict[str, Any] = msgspec.to_builtins(question)
    built.pop("branch", None)
    return {**built, "fact": question.fact, "copy": bool(question.copies)}


def _leaf(leaf: Leaf) -> dict[str, Any]:
    built: dict[str, Any] = msgspec.to_builtins(leaf)
    built.pop("register", None)
    built.pop("request", None)
    return built


def _credential(end: CredentialLeaf) -> dict[str, Any]:
    kind = None if end.kind == "none" else credential_kind(end.kind)
    return {**msgspec.to_builtins(end), "value": value_of(end, kind)}


def _ends(tree: DecisionTree) -> Iterator[tuple[Leaf, CredentialLeaf | None]]:
    for leaf in tree.leaves:
        for end in tree.credentials if leaf.proof else (None,):
            yield leaf, end


def _end(leaf: Leaf, end: CredentialLeaf | None, rows: _Rows, registration: MakeRegistration | None) -> dict[str, Any]:
    """Settings, requests and registration of one end, before anything is filled in."""
    row = grant(leaf.grant)
    kind = credential_kind(end.kind) if end and end.kind != "none" else None
    settings = () if leaf.dead_end else register(row, leaf, end, kind, {}, str)
    body = registration(leaf, end) if registration else None
    return {
        "register": [rows.number([setting.property, setting.value, setting.why]) for setting in settings],
        "request": [rows.number(line) for line in request(row, leaf, end, kind)],
        "further": [rows.number(line) for line in further(row, leaf, end, kind)],
        **({"registration": rows.number(body)} if body else {}),
    }
