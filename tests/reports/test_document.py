"""Advice as a document in Markdown, read with a Markdown parser: complete, and nothing in it is foreign markup."""

import json
import re
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token
from msgspec.structs import replace

from advisor.decide.draw import tree_shape
from reports.advice import Advice, BuiltFor, Setting, SystemRow, Tree, Undecided
from reports.formats.markdown import render_markdown
from reports.path import path_mermaid
from reports.report import Report
from rules.knowledge.grant_flow import sequence
from rules.knowledge.reference import Reference
from tests.reports.ends import PATHS, TREE, advice_at
from tests.reports.hostile import HOSTILE
from tests.reports.sample import ADVICE, advice_report, empty_report

PARSER = MarkdownIt("commonmark").enable("table")
#: What the lines of a flowchart may be, by Mermaid's grammar: every text is in quotation marks, without one inside.
TEXT = r'"[^"<>;]*(?:#\d+;|#[a-z]+;|[^"<>;])*"'
END = rf"n\d+e\d+(?:\(\({TEXT}\)\)|\(\[{TEXT}\]\))"
FLOWCHART = re.compile(
    rf"flowchart TD|  n\d+(?:\[{TEXT}\]|\(\[{TEXT}\]\))|  n\d+ ==> n\d+|  n\d+ ==>\|{TEXT}\| n\d+"
    rf"|  n\d+ -\.->\|{TEXT}\| {END}|  classDef taken stroke-width:4px|  class n\d+(?:,n\d+)* taken"
)


def document(report: Report) -> tuple[str, list[Token]]:
    text = render_markdown(report)
    return text, PARSER.parse(text)


def headings(tokens: list[Token]) -> list[tuple[str, str]]:
    return [(token.tag, following.content) for token, following in pairwise(tokens) if token.type == "heading_open"]


def inline(tokens: list[Token]) -> list[Token]:
    return [child for token in tokens for child in token.children or ()]


def blocks(tokens: list[Token], language: str) -> list[str]:
    return [token.content for token in tokens if token.type == "fence" and token.info == language]


def test_a_document_has_the_decision_its_context_and_all_that_follows() -> None:
    _, tokens = document(advice_report())
    assert [title for tag, title in headings(tokens) if tag == "h1"] == ["Advice"]
    assert [title for tag, title in headings(tokens) if tag == "h2"] == [
        "Decision",
        "Conflicting answers",
        "What your team wants to use",
        "Unknown answers that change the advice",
        "Derived and assumed",
        "Answers without effect",
        "Caveats",
        "Context: the answers",
        "Reasons",
        "Why not the other grants",
        "What to register",
        "The registration as JSON (Microsoft Graph)",
        "Credential: Managed identity",
        "Why not another credential",
        "Scopes",
        "Request",
        "Sequence of messages",
        "Remaining risks",
        "What would change the answer",
        "Path through the decision tree",
        "Open questions that can add caveats",
        "Sources",
        "The same advice on the command line",
    ]


def test_every_text_of_the_advice_is_in_the_document() -> None:
    _, tokens = document(advice_report())
    shown = " ".join(
        part.content for part in (*inline(tokens), *tokens) if part.type in ("text", "code_inline", "fence")
    )
    texts = [*ADVICE.why, *ADVICE.warnings, *ADVICE.scopes, *ADVICE.remaining_risk, *ADVICE.request, *ADVICE.unused]
    texts += [words for row in ADVICE.register for words in (row.property, row.value, row.why)]
    texts += [reason.text for row in ADVICE.ruled_out for reason in row.reasons]
    texts += [words for wish in ADVICE.wishes for words in (wish.label, wish.text)]
    assert [text for text in texts if text not in shown] == []
    links = [child.attrs["href"] for child in inline(tokens) if child.type == "link_open"]
    assert links == [source.url for source in ADVICE.sources]
    assert "read 2026-11" in shown


@pytest.mark.parametrize("name", PATHS)
def test_every_end_is_a_sound_document(name: str) -> None:
    advice = advice_at(name)
    report = replace(
        advice_report(),
        advices=(advice,),
        tree=tree_shape(TREE),
        sequences=(sequence(advice.grant),) if advice.grant != "none" else (),
    )
    _, tokens = document(report)
    for block in blocks(tokens, "json"):
        json.loads(block)
    drawn = blocks(tokens, "mermaid")
    assert len(drawn) == (2 if advice.request else 1)
    assert_flowchart(drawn[-1], advice)
    assert_tables(tokens)


def assert_flowchart(text: str, advice: Advice) -> None:
    lines = text.splitlines()
    assert [line for line in lines if not FLOWCHART.fullmatch(line)] == []
    assert sum("==>|" in line for line in lines) == len(advice.path)
    named = set(re.findall(r"^  (n\d+)[\[(]", text, re.MULTILINE))
    assert set(re.findall(r"\bn\d+\b", re.sub(r'"[^"]*"', "", text))) == named


def assert_tables(tokens: list[Token]) -> None:
    """Each row has as many cells as its table has heads."""
    heads = cells = 0
    for token in tokens:
        heads = 0 if token.type == "table_open" else heads + (token.type == "th_open")
        cells = 0 if token.type == "tr_open" else cells + (token.type == "td_open")
        assert token.type != "tr_close" or cells in (0, heads)


def test_a_path_shows_few_other_choices_each_and_counts_many() -> None:
    tree = advice_report().tree
    assert tree is not None
    text = path_mermaid(tree, ADVICE.path)
    assert '  n0 -.->|"The program itself"| n0e0(["Client credentials: the program acts as itself"])\n' in text
    assert "  n2 ==> n3\n" in text  # from the grant to the question about its credential
    assert "other answers" in path_mermaid(tree_shape(TREE), advice_at("spa").path)
    assert path_mermaid(tree, ("none=such",)) == ""


def hostile(value: Any) -> Any:
    """The value with every text replaced by one that wants to be markup."""
    if isinstance(value, str):
        return f'{HOSTILE}\n# forged\n| a | b |\n```\n[x](javascript:alert(1)) @ann "`'
    if isinstance(value, list | tuple):
        return [hostile(one) for one in value]
    return {key: hostile(one) for key, one in value.items()} if isinstance(value, dict) else value


def test_hostile_texts_stay_text() -> None:
    raw = hostile(msgspec.to_builtins(ADVICE)) | {"client": "public", "platform": "spa"}
    raw["wishes"] = [wish | {"verdict": "refused"} for wish in raw["wishes"]]
    advice = msgspec.convert(raw, Advice)
    advice = replace(advice, path=ADVICE.path, sources=(Reference(HOSTILE, "https://a.example/)>\n\n# forged"),))
    tree = msgspec.convert(
        {
            "root": ADVICE.path[0].partition("=")[0],
            "nodes": [
                {"id": node.id, "kind": node.kind, "label": hostile("")}
                for node in (advice_report().tree or Tree).nodes
            ],
            "edges": [
                msgspec.to_builtins(edge) | {"label": hostile("")} for edge in (advice_report().tree or Tree).edges
            ],
        },
        Tree,
    )
    report = empty_report(
        title=HOSTILE,
        advices=(advice, advice),
        tree=tree,
        system=(SystemRow(kind="mismatch", clients=(HOSTILE,), text=hostile("")),),
        undecided=(Undecided(client_name=HOSTILE, question="q", ask=hostile(""), choices=("a",)),),
        built_for=(
            BuiltFor(
                registration=hostile(""),
                app_id="",
                grants=(Setting(property="p", value=HOSTILE, why=HOSTILE),),
                besides=(),
            ),
        ),
    )
    text, tokens = document(report)
    assert not [token for token in tokens if token.type == "html_block"]
    assert {child.content for child in inline(tokens) if child.type == "html_inline"} <= {"<!-- -->"}
    assert not [child for child in inline(tokens) if child.type == "image"]
    links = [str(child.attrs["href"]) for child in inline(tokens) if child.type == "link_open"]
    assert all(link.startswith("https://a.example/") for link in links)
    assert not [title for tag, title in headings(tokens) if title == "forged"]
    assert_tables(tokens)
    for block in blocks(tokens, "mermaid"):
        assert_flowchart(block, advice)
    assert re.findall("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\ud800-\udfff]", text) == []


def test_several_clients_have_a_list_what_is_between_them_and_a_chapter_each() -> None:
    other = replace(ADVICE, client_name="Nightly sync", last_resort=True)
    row = SystemRow(kind="must-not-share", clients=("a", "b"), text="They use one registration.")
    _, tokens = document(replace(advice_report(), advices=(ADVICE, other), system=(row,)))
    assert [title for tag, title in headings(tokens) if tag == "h2"] == [
        "Between the clients",
        "Contoso Portal",
        "Nightly sync",
    ]
    assert [title for tag, title in headings(tokens) if tag == "h3"].count("Decision") == 2
