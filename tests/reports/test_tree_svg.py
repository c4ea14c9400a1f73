"""The drawing of the decision tree: every choice is in it, every question once, whatever the tree is like."""

from xml.etree.ElementTree import Element, fromstring

from reports.advice import Tree, TreeEdge, TreeNode
from reports.html.tree_svg import along, draw_tree, roots


def tree(*edges: str, leaves: str = "") -> Tree:
    """A tree of edges like ``a>b``: the choice of ``a`` that leads to ``b``; *leaves* are the ids of leaves."""
    pairs = [edge.split(">") for edge in edges]
    names = dict.fromkeys(name for pair in pairs for name in pair)
    return Tree(
        root=pairs[0][0],
        nodes=tuple(TreeNode(id=n, kind="leaf" if n in leaves.split() else "question", label=f"is {n}") for n in names),
        edges=tuple(TreeEdge(id=f"{a}={b}", source=a, target=b, label=f"{a}={b}") for a, b in pairs),
    )


def drawn(found: Tree, *taken: str) -> Element:
    return fromstring(draw_tree(found, found.root, taken, name="t", title="A <tree>", description="", alone=True))


def ids(svg: Element, kind: str = "") -> list[str]:
    """The questions and choices of a drawing, by the first line of their texts."""
    return [
        (group.findtext(".//{*}tspan") or "").removeprefix("is ")
        for group in svg.iterfind(".//{*}g")
        if kind in group.get("class", "").split() or not kind
    ]


def test_choices_are_below_their_question_in_their_order() -> None:
    assert ids(drawn(tree("a>b", "b>x", "b>y", "a>x", leaves="x y"))) == ["a", "a=b", "b", "b=x", "b=y", "a=x"]


def test_a_shared_question_is_drawn_once_below_the_first_choice_or_the_lit_one() -> None:
    shared = tree("a>b", "a>c", "b>d", "c>d", "d>x", leaves="x")
    assert ids(drawn(shared)) == ["a", "a=b", "b", "b=d", "d", "d=x", "a=c", "c", "c=d"]
    lit = drawn(shared, "a=c", "c=d", "d=x")
    assert ids(lit) == ["a", "a=b", "b", "b=d", "a=c", "c", "c=d", "d", "d=x"]
    assert ids(lit, "lit") == ["a", "a=c", "c", "c=d", "d", "d=x"]
    assert "→ see is d" in "".join(lit.itertext())


def test_lit_lines_are_drawn_after_all_others() -> None:
    svg = drawn(tree("a>b", "a>c", "b>x", "c>x", leaves="x"), "a=b", "b=x")
    states = [path.get("class") for path in svg.iterfind(".//{*}path")]
    assert states == sorted(states, key=lambda state: "lit" in (state or ""))


def test_a_tree_in_a_circle_or_of_great_depth_is_drawn() -> None:
    assert ids(drawn(tree("a>b", "b>a"))) == ["a", "a=b", "b", "b=a"]
    assert ids(drawn(tree("a>b", "b>a"), "a=b", "b=a"), "lit") == ["a", "a=b", "b", "b=a"]
    assert len(ids(drawn(tree(*(f"n{n}>n{n + 1}" for n in range(3000)))))) == 6000


def test_the_path_leaves_out_what_is_beyond_the_other_choices() -> None:
    whole = tree("a>b", "a>c", "b>x", "c>d", leaves="x")
    path = along(whole, ["a=b", "b=x"])
    assert ids(drawn(path, "a=b", "b=x")) == ["a", "a=b", "b", "b=x", "a=c"]
    assert "→ is c" in "".join(drawn(path).itertext())


def test_every_question_that_no_choice_leads_to_begins_a_drawing() -> None:
    assert roots(tree("a>x", "b>y", leaves="x y")) == ("a", "b")
