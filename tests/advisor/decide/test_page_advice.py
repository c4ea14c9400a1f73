"""The interactive page gives the advice of the command for every path, also with unknown and additional answers."""

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest

from advisor.decide.load import load_tree
from advisor.decide.parts import UNSURE, Question
from advisor.decide.reasons import ruled_out
from advisor.decide.tree import DecisionTree, most_left, walk
from tests.advisor.decide.pages import (
    SMALL,
    Answers,
    assert_same,
    bundled_paths,
    one_for_each_end,
    paths,
    write_page,
)

playwright = pytest.importorskip("playwright.sync_api")
Browser, Page = playwright.Browser, playwright.Page

pytestmark = pytest.mark.browser

TREE = load_tree()
CONTOSO = load_tree(
    'organisation = "Contoso"\n[[forbid]]\ncredential = "secret"\nbecause = "none, ever"\n'
    '[[note]]\nid = "own"\nkind = "risk"\ntext = "</script><b>x"\nwhen = { client = ["public"] }\n'
)
Loaded = Callable[[DecisionTree], Page]


@pytest.fixture(scope="module")
def loaded(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    """The page for a tree, open in the browser; it must have reported nothing."""
    page, folder = browser.new_page(), tmp_path_factory.mktemp("page")
    page.on("pageerror", lambda error: pytest.fail(str(error)))

    def load(tree: DecisionTree) -> Page:
        page.goto(write_page(folder / "advisor.html", tree).as_uri())
        return page

    return load


def sample(many: list[Answers], most: int) -> list[Answers]:
    """At most about *most* of them, spread evenly."""
    return many[:: max(1, len(many) // most)]


def options(question: Question) -> list[str]:
    """Everything that can be answered to *question*: each choice, all that can be combined, unsure."""
    ids = [choice.id for choice in question.choices]
    together = [",".join(choice.id for choice in question.choices if not choice.alone)] if question.many else []
    return [*ids, *together, UNSURE]


def test_every_answer_of_a_small_tree(loaded: Loaded) -> None:
    names = list(SMALL.facts)
    lists = [["", *options(SMALL.facts[name])] for name in names]
    every = [
        {name: answer for name, answer in zip(names, row, strict=True) if answer} for row in itertools.product(*lists)
    ]
    assert assert_same(loaded(SMALL), SMALL, every[::41]) > len(every) // 200


def test_a_path_to_each_end(loaded: Loaded) -> None:
    many = sample(one_for_each_end(TREE), 40)
    assert assert_same(loaded(TREE), TREE, many) == len(many)


@pytest.mark.exhaustive
def test_every_path(loaded: Loaded) -> None:
    many = list(bundled_paths())
    assert assert_same(loaded(TREE), TREE, many) == len(many)


def test_a_tree_of_an_organization(loaded: Loaded) -> None:
    many = sample(paths(CONTOSO), 20)
    assert assert_same(loaded(CONTOSO), CONTOSO, many) == len(many)


def test_halfway_the_page_shows_the_question_of_the_command(loaded: Loaded) -> None:
    many = sample(list(bundled_paths()), 300)
    parts = [dict(list(answers.items())[:length]) for answers in many for length in range(len(answers))]
    assert assert_same(loaded(TREE), TREE, parts) == 0


def test_halfway_the_page_rules_out_what_the_wizard_rules_out(loaded: Loaded) -> None:
    page = loaded(TREE)
    parts = [
        dict(list(answers.items())[:length]) for answers in sample(list(bundled_paths()), 8) for length in (0, 1, 2)
    ]
    for answers in parts:
        if walk(TREE, answers).missing is None:
            continue
        rows = page.evaluate(
            "(answers) => ruledOutSoFar(walks(answers, true)).map((row) => [row.grant, row.text])", answers
        )
        assert dict(rows) == ruled_out(TREE, answers), answers
        left = page.evaluate("(answers) => mostAsked(walks(answers)) - askedOn(walk(answers)).length", answers)
        assert left == most_left(TREE, answers)


def test_one_unknown_answer(loaded: Loaded) -> None:
    many = sample(one_for_each_end(TREE), 60)
    unsure = [{**answers, name: UNSURE} for answers in many for name in answers]
    assert assert_same(loaded(TREE), TREE, unsure) > 0


def test_no_answer_is_known(loaded: Loaded) -> None:
    assert assert_same(loaded(TREE), TREE, [dict.fromkeys(TREE.facts, UNSURE)]) == 1


def test_additional_answers(loaded: Loaded) -> None:
    """Added to a path to each end: every fact at once, each with its first option, then its fourth, and so on; other
    options for the next end.
    """
    most = max(len(options(question)) for question in TREE.facts.values())
    additional = [
        {name: options(question)[turn % len(options(question))] for name, question in TREE.facts.items()}
        for turn in range(most)
    ]
    said = [
        {**more, **answers}
        for number, answers in enumerate(sample(one_for_each_end(TREE), 16))
        for more in additional[number % 4 :: 4]
    ]
    assert assert_same(loaded(TREE), TREE, said) > 0


def test_conflicting_answers_of_a_small_tree_are_named(loaded: Loaded) -> None:
    answers = {"api": "mail", "runs-in": "page", "keeps-credential": "yes"}
    page = loaded(SMALL)
    assert assert_same(page, SMALL, [answers]) == 1
    (conflict,) = page.evaluate("(answers) => advise(answers).contradictions", answers)
    assert conflict.startswith("keeps-credential=yes contradicts runs-in=page")


def test_the_registration_is_that_of_the_recipe(page: Page, folder: Path, grantlint: Callable) -> None:
    grantlint("advise", "--page", "advisor.html")
    page.goto((folder / "advisor.html").as_uri())
    for answers in sample(one_for_each_end(TREE), 60):
        text = page.evaluate("(answers) => registrationOf(advise(answers), walk(answers))", answers)
        words = [word for name, answer in answers.items() for word in ("-a", f"{name}={answer}")]
        recipe = grantlint("recipe", *words, "--as", "graph-json")
        assert text == recipe.out.rstrip("\n"), recipe.err
