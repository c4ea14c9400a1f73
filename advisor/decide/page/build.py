"""Build the interactive page: the tree's data, the walk in JavaScript, and what shows it, in one file.

The page loads nothing and sends nothing; its policy names style and script by their hashes. That it gives the same
advice as the command is proved for every path in ``tests/advisor/decide/test_page.py``.
"""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from collections.abc import Mapping
from html import escape
from importlib.resources import files
from typing import Any, Final

import msgspec

from advisor.decide.advice import MOST_OPEN, value_of
from advisor.decide.draw import roots, tree_shape
from advisor.decide.parts import CredentialLeaf, Leaf, Question
from advisor.decide.settle import AUDIENCE, AUDIENCE_SAID, AUDIENCE_WHY, register, request
from advisor.decide.tree import DecisionTree
from reports.html.tree_svg import draw_tree
from rules.analysis.grants import GRANTS, grant
from rules.knowledge.credentials import CREDENTIALS, credential_kind

_STYLE: Final = ("page.css",)
_SCRIPT: Final = ("walk.js", "page.js")


def build_page(tree: DecisionTree, answers: Mapping[str, str], *, version: str, made_on: str) -> str:
    """The page for *tree*; *answers* hold for every visitor, who may change them. *made_on* is a date."""
    style, script = (_assets(names) for names in (_STYLE, _SCRIPT))
    policy = (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    data = json.dumps({**page_data(tree), "initial": dict(answers)}, ensure_ascii=False, separators=(",", ":"))
    places = {
        "@policy@": escape(policy),
        "@style@": style,
        "@script@": script,
        # Inside a script element only its end and a comment's beginning could end it.
        "@data@": data.replace("<", "\\u003c"),
        "@drawings@": "".join(_drawings(tree)),
        "@version@": escape(version),
        "@made@": escape(made_on),
    }
    page = _assets(("page.html",))
    for place, words in places.items():
        page = page.replace(place, words, 1)
    return page + "\n"


def _assets(names: tuple[str, ...]) -> str:
    folder = files("advisor.decide.page")
    return "\n".join(folder.joinpath(name).read_text("utf-8").strip() for name in names)


def _hash(text: str) -> str:
    return "sha256-" + b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _drawings(tree: DecisionTree) -> list[str]:
    shape = tree_shape(tree)
    words = "Every question with its choices and where they lead; the path of your answers is lit."
    return [
        f'<div class="wide" role="region" aria-label="The tree, part {number}" tabindex="0">'
        + draw_tree(shape, root, (), name=f"tree-{number}", title="The decision tree", description=words, named=True)
        + "</div>"
        for number, root in enumerate(roots(tree), 1)
    ]


def page_data(tree: DecisionTree) -> dict[str, Any]:
    """Everything that the page needs to know, as JSON."""
    return {
        "start": tree.start,
        "questions": [_question(question) for question in tree.questions],
        "leaves": {leaf.id: _leaf(leaf) for leaf in tree.leaves},
        "credentials": {end.id: _credential(end) for end in tree.credentials},
        "ends": {f"{leaf.id} {end.id if end else ''}".strip(): _end(leaf, end) for leaf, end in _ends(tree)},
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
        "sources": {name: msgspec.to_builtins(tree.source_by_id[name]) for part in tree.parts for name in part.sources},
        "references": {
            **{row.id: msgspec.to_builtins(row.references) for row in GRANTS},
            **{kind.id: msgspec.to_builtins(kind.references) for kind in CREDENTIALS},
        },
        "decided": tree.decided,
        "audience": [AUDIENCE, AUDIENCE_WHY, AUDIENCE_SAID],
        "mostOpen": MOST_OPEN,
    }


def _question(question: Question) -> dict[str, Any]:
    built: dict[str, Any] = msgspec.to_builtins(question)
    built.pop("branch", None)
    return {**built, "fact": question.fact, "copy": bool(question.copies)}


def _leaf(leaf: Leaf) -> dict[str, Any]:
    built: dict[str, Any] = msgspec.to_builtins(leaf)
    built.pop("register", None)
    return built


def _credential(end: CredentialLeaf) -> dict[str, Any]:
    kind = None if end.kind == "none" else credential_kind(end.kind)
    return {**msgspec.to_builtins(end), "value": value_of(end, kind)}


def _ends(tree: DecisionTree) -> list[tuple[Leaf, CredentialLeaf | None]]:
    return [(leaf, end) for leaf in tree.leaves for end in (tree.credentials if leaf.proof else (None,))]


def _end(leaf: Leaf, end: CredentialLeaf | None) -> dict[str, Any]:
    """Settings and requests of one end, before anything is filled in."""
    row = grant(leaf.grant)
    kind = credential_kind(end.kind) if end and end.kind != "none" else None
    settings = () if leaf.dead_end else register(row, leaf, end, kind, {}, str)
    return {
        "register": [[setting.property, setting.value, setting.why] for setting in settings],
        "request": list(request(row, leaf, kind)),
    }
