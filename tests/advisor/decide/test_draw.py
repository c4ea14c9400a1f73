"""The same tree as nodes and edges, as text, as Mermaid."""

import re

import pytest

from advisor.decide.advice import advise
from advisor.decide.draw import draw_mermaid, draw_text, roots, tree_shape
from advisor.decide.load import load_tree
from advisor.decide.tree import walks
from reports.escape import mermaid

TREE = load_tree()
PATH = advise(
    TREE, {"api": "other", "runs-in": "cli", "browser-here": "no", "other-device": "yes", "device-code": "allowed"}
).path
WITH_CREDENTIAL = advise(
    TREE, {"token-for": "program", "app-permission": "yes", "keeps-credential": "yes", "hosted-on": "github"}
).path


def test_the_shape_has_every_part_and_no_loose_edge() -> None:
    shape = tree_shape(TREE)
    ids = [node.id for node in shape.nodes]
    asked = [question for question in TREE.questions if not question.aside]
    assert len(ids) == len(set(ids)) == len(asked) + len(TREE.leaves) + len(TREE.credentials)
    assert shape.root == "api"
    assert len({edge.id for edge in shape.edges}) == len(shape.edges)
    assert all(edge.source in ids and edge.target in ids for edge in shape.edges)
    assert all(edge.id.startswith(f"{edge.source}=") for edge in shape.edges)


def test_every_edge_of_every_path_is_in_the_shape() -> None:
    edges = {edge.id for edge in tree_shape(TREE).edges}
    taken = {f"{step.question.id}={one}" for path in walks(TREE, infer=False) for step in path.taken
        for one in step.answer.split(",")}  # fmt: skip
    assert taken == edges


def test_the_tree_has_two_halves_and_the_second_asks_in_its_own_way_where_a_registration_is_needed() -> None:
    assert roots(TREE)[:4] == ("api", "hosted-on", "workflow-acts-in", "agent-made-by")
    assert {"hosted-on-for-people", "platform-takes", "bot-takes", "link-takes"} == set(roots(TREE)[4:])


def test_the_text_marks_the_path_and_nothing_else() -> None:
    marked = [line[2:].strip("│ ├└─") for line in draw_text(TREE, PATH, 100).splitlines() if line.startswith(">")]
    assert [line.split(" ")[0].rstrip(":") for line in marked] == [
        "api", "other", "runs-in", "cli", "browser-here", "no", "other-device", "yes",
        "device-code", "allowed",
    ]  # fmt: skip


def test_the_text_marks_the_credential_too() -> None:
    text = draw_text(TREE, WITH_CREDENTIAL, 80)
    assert "> hosted-on: Where does the component" in text
    assert "> ├─ github → federated credential" in text


def test_the_text_without_a_path_marks_nothing_and_draws_each_question_once() -> None:
    text = draw_text(TREE)
    assert ">" not in text
    for question in TREE.questions:
        assert question.aside or len(re.findall(rf"(?m)^[ │]*{question.id}: ", text)) == 1, question.id


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_the_text_keeps_to_its_width(width: int) -> None:
    assert max(map(len, draw_text(TREE, PATH, width).splitlines())) <= width


def test_mermaid_draws_every_node_and_edge() -> None:
    text = draw_mermaid(TREE)
    shape = tree_shape(TREE)
    assert text.startswith("flowchart TD\n")
    assert text.count("-->|") == len(shape.edges)
    assert len(re.findall(r"(?m)^  n\d+[\[(]", text)) == len(shape.nodes)
    assert "linkStyle" not in text


def test_mermaid_makes_the_path_thick() -> None:
    text = draw_mermaid(TREE, PATH)
    (numbers,) = re.findall(r"linkStyle ([\d,]+) ", text)
    edges = [edge.id for edge in tree_shape(TREE).edges]
    assert [edges[int(number)] for number in numbers.split(",")] == sorted(PATH, key=edges.index)


def test_mermaid_escapes_what_it_would_read() -> None:
    assert mermaid('a "b" <c> #d\ne') == "a #quot;b#quot; #lt;c#gt; #35;d e"
