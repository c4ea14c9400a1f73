"""The interactive page beside the straight paths: halfway, unsure, with more said than asked; and who can read it."""

import json
from collections.abc import Iterable
from pathlib import Path

import msgspec
import pytest

from advisor.decide.advice import advise
from advisor.decide.load import load_tree
from advisor.decide.page.build import build_page
from advisor.decide.parts import UNSURE
from advisor.decide.tree import walk, walks

playwright = pytest.importorskip("playwright.sync_api")
Axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe
Browser, Page = playwright.Browser, playwright.Page

pytestmark = pytest.mark.browser

TREE = load_tree()
WALKS = tuple(walks(TREE))
PATHS = [{step.question.fact: step.choice.id for step in path.asked} for path in WALKS]
STAGES = {
    "start": "",
    "advice": "#token-for=user&runs-in=browser&page-tokens=page&api=graph&keeps-credential=yes",
    "last resort": "#token-for=user&runs-in=browser&page-tokens=frozen",
    "unsure": "#token-for=unsure",
}
Answers = dict[str, str]


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("page") / "advisor.html"
    file.write_text(build_page(TREE, {}, version="0", made_on="2026-11-24"), "utf-8")
    return file


@pytest.fixture(scope="module")
def loaded(browser: Browser, file: Path) -> Page:
    page = browser.new_page()
    page.goto(file.as_uri())
    return page


def distinct(many: Iterable[Answers]) -> list[Answers]:
    return list({tuple(answers.items()): answers for answers in many}.values())


def same(page: Page, many: Iterable[Answers]) -> int:
    """Python and the page take the same way and, where it ends, give the same advice; how many ways ended."""
    asked = distinct(many)
    script = """(asked) => asked.map((answers) => {
        const missing = walk(answers).missing;
        return missing ? { missing: missing.fact } : { advice: JSON.stringify(advise(answers)) };
    })"""
    ended = 0
    for answers, got in zip(asked, page.evaluate(script, asked), strict=True):
        missing = walk(TREE, answers).missing
        if missing:
            assert got == {"missing": missing.fact}, answers
        else:
            ended += 1
            assert json.loads(got["advice"]) == json.loads(msgspec.json.encode(advise(TREE, answers))), answers
    return ended


def test_halfway_along_every_path_the_page_asks_what_the_command_asks(loaded: Page) -> None:
    parts = (dict(list(answers.items())[:length]) for answers in PATHS for length in range(len(answers)))
    assert same(loaded, parts) == 0


@pytest.mark.exhaustive
def test_not_to_know_any_one_answer_of_a_path_leads_where_the_command_leads(loaded: Page) -> None:
    paths = PATHS[::4]
    assert {name for answers in paths for name in answers} == {name for answers in PATHS for name in answers}
    assert same(loaded, ({**answers, name: UNSURE} for answers in paths for name in answers)) > len(paths)


def test_not_to_know_anything_ends_in_the_advice_of_the_command(loaded: Page) -> None:
    assert same(loaded, [dict.fromkeys(TREE.facts, UNSURE)]) == 1


@pytest.mark.exhaustive
def test_whatever_is_said_besides_gives_the_warnings_of_the_command(loaded: Page) -> None:
    """Beside one path to each end: every fact at once, each with its first choice, then its fifth, and so on; others
    for the next end.
    """
    ends = {
        (path.leaf and path.leaf.id, path.credential and path.credential.id): answers
        for path, answers in zip(WALKS, PATHS, strict=True)
    }
    most = max(len(question.choices) for question in TREE.facts.values())
    besides = [
        {name: question.choices[turn % len(question.choices)].id for name, question in TREE.facts.items()}
        for turn in range(most)
    ]
    said = [
        {**beside, **answers} for number, answers in enumerate(ends.values()) for beside in besides[number % 4 :: 4]
    ]
    assert same(loaded, said) == len(distinct(said))


@pytest.mark.parametrize(("width", "theme"), [(390, "light"), (1280, "dark")])
@pytest.mark.parametrize("stage", STAGES)
def test_axe_finds_no_violation(page: Page, file: Path, stage: str, width: int, theme: str) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=theme)
    page.goto(file.as_uri() + STAGES[stage])
    page.evaluate("document.querySelectorAll('details').forEach((details) => { details.open = true; })")
    found = Axe().run(page).response["violations"]
    assert [(rule["id"], rule["help"], [node["html"][:120] for node in rule["nodes"][:3]]) for rule in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("stage", STAGES)
def test_the_question_stands_inside_its_frame(page: Page, file: Path, stage: str) -> None:
    page.set_viewport_size({"width": 390, "height": 900})
    page.goto(file.as_uri() + STAGES[stage])
    outside = page.evaluate(
        """[...document.querySelectorAll('legend')].filter((legend) =>
        legend.getBoundingClientRect().top < legend.parentElement.getBoundingClientRect().top + 4).length"""
    )
    assert outside == 0
