"""The interactive page in Chromium: for every path it gives the advice of the command, and it can be clicked
through.
"""

import json
import re
from pathlib import Path

import msgspec
import pytest

from advisor.decide.advice import advise
from advisor.decide.load import load_tree
from advisor.decide.page.build import build_page
from advisor.decide.tree import DecisionTree, walks

playwright = pytest.importorskip("playwright.sync_api")
Browser, Page = playwright.Browser, playwright.Page

TREE = load_tree()
PATHS = [{step.question.fact: step.choice.id for step in path.asked} for path in walks(TREE)]
CONTOSO = load_tree(
    'organisation = "Contoso"\n[[forbid]]\ncredential = "secret"\nbecause = "none, ever"\n'
    '[[note]]\nid = "own"\nkind = "risk"\ntext = "</script><b>x"\nwhen = { client = ["public"] }\n'
)
BESIDE = [
    "token-for=user runs-in=browser page-tokens=page keeps-credential=yes lasting=yes api=graph audience=many-tenants",
    "token-for=user runs-in=unsure installed-legacy=unsure today=adal cloud=china",
    "token-for=program app-permission=yes keeps-credential=yes hosted-on=azure acts-in=other-tenants api=dataverse",
    "token-for=nobody hosted-on=azure",
    "token-for=user runs-in=device other-device=yes device-code=allowed audience=b2c conditional-access=unsure",
]


def opened(page: Page, folder: Path, tree: DecisionTree, address: str = "") -> Page:
    """*page* with the page for *tree*. ``complaints`` keeps its messages, and its requests for anything but itself."""
    file = folder / "advisor.html"
    file.write_text(build_page(tree, {}, version="0", made_on="2026-11-24"), "utf-8")
    complaints: list[str] = []
    if not hasattr(page, "complaints"):
        page.on("console", lambda message: page.complaints.append(message.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on("request", lambda request: page.complaints.append(request.url))
    page.complaints = complaints
    page.goto(file.as_uri() + address)
    complaints[:] = [text for text in complaints if not text.startswith(file.as_uri())]
    return page


def given(words: str) -> dict[str, str]:
    return dict(word.split("=") for word in words.split())


def same(page: Page, tree: DecisionTree, paths: list[dict[str, str]]) -> None:
    got = page.evaluate("(paths) => paths.map((answers) => JSON.stringify(advise(answers)))", paths)
    for answers, text in zip(paths, got, strict=True):
        expected = json.loads(msgspec.json.encode(advise(tree, answers)))
        assert json.loads(text) == expected, answers


@pytest.mark.exhaustive
@pytest.mark.browser
def test_every_path_gives_the_advice_of_the_command(page: Page, tmp_path: Path) -> None:
    opened(page, tmp_path, TREE)
    same(page, TREE, PATHS)
    same(page, TREE, [given(words) for words in BESIDE])
    assert page.complaints == []


@pytest.mark.browser
def test_an_organisations_tree_gives_the_advice_of_the_command_too(page: Page, tmp_path: Path) -> None:
    opened(page, tmp_path, CONTOSO)
    paths = [{step.question.fact: step.choice.id for step in path.asked} for path in walks(CONTOSO)]
    same(page, CONTOSO, paths[::7])  # the page's script is the same: only what the organization adds is new
    assert page.complaints == []


def click_along(page: Page, answers: dict[str, str]) -> None:
    for name, choice in answers.items():
        page.locator(f'input[name="{name}"][value="{choice}"]').check()
        page.get_by_role("button", name="Next").click()


#: Clicks as a reader does, in the page: Playwright would wait before each of them until nothing moves.
CLICKS = """(answers) => {
    for (const [name, choice] of Object.entries(answers)) {
        document.querySelector(`input[name="${name}"][value="${choice}"]`).click();
        [...document.querySelectorAll('button')].find((button) => button.textContent === 'Next').click();
    }
}"""


@pytest.mark.exhaustive
@pytest.mark.browser
def test_clicking_takes_every_choice_and_ends_at_the_headline(page: Page, tmp_path: Path) -> None:
    opened(page, tmp_path, TREE)
    seen: set[tuple[str, str]] = set()
    for answers in PATHS:
        if set(answers.items()) <= seen:
            continue
        seen |= set(answers.items())
        page.evaluate("() => { answers = {}; show(false); }")
        page.evaluate(CLICKS, answers)
        advice = advise(TREE, answers)
        assert page.locator("#advice h2").inner_text().startswith(advice.headline)
        assert page.locator("#advice pre").last.inner_text() == advice.repeat
    assert page.complaints == []


@pytest.mark.browser
def test_the_answers_stay_in_the_address_and_can_be_taken_back(browser: Browser, page: Page, tmp_path: Path) -> None:
    opened(page, tmp_path, TREE)
    click_along(page, given("token-for=user runs-in=browser page-tokens=page"))
    assert page.url.endswith("#token-for=user&runs-in=browser&page-tokens=page")
    again = opened(browser.new_page(), tmp_path, TREE, page.url[page.url.index("#") :])
    assert again.locator("#advice h2").inner_text().startswith("Authorization code with PKCE, redeemed by the page")
    again.get_by_role("button", name="Change: What fetches and holds the tokens for this page?").click()
    assert again.locator("legend").inner_text() == "What fetches and holds the tokens for this page?"
    again.go_back()
    assert again.locator("#advice").is_visible()
    assert page.complaints == again.complaints == []


@pytest.mark.browser
def test_what_an_address_makes_up_is_ignored(page: Page, tmp_path: Path) -> None:
    opened(page, tmp_path, TREE, "#token-for=moon&x=<b>&runs-in=browser")
    assert page.locator("legend").inner_text().startswith("Whose rights count")
    assert page.complaints == []


@pytest.mark.browser
def test_a_keyboard_is_enough_and_the_focus_follows(page: Page, tmp_path: Path) -> None:
    opened(page, tmp_path, TREE)
    page.locator('input[value="nobody"]').focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "advice"
    assert page.locator("#advice h2").inner_text() == "No grant needed"


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1280])
def test_the_page_never_scrolls_sideways(page: Page, tmp_path: Path, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    opened(page, tmp_path, TREE, "#token-for=program&app-permission=yes&keeps-credential=yes&hosted-on=azure-devops")
    page.evaluate("document.querySelectorAll('details').forEach((details) => { details.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.browser
def test_the_path_is_lit_in_the_tree(page: Page, tmp_path: Path) -> None:
    opened(page, tmp_path, TREE, "#token-for=user&runs-in=browser&page-tokens=page")
    lit = set(page.evaluate("[...document.querySelectorAll('g.lit')].map((item) => item.dataset.id)"))
    assert lit == {
        "token-for", "token-for=user", "runs-in", "runs-in=browser", "page-tokens", "page-tokens=page"
    }  # fmt: skip


def test_the_page_is_one_file_under_a_strict_policy() -> None:
    page = build_page(CONTOSO, {"token-for": "user"}, version="0", made_on="2026-11-24")
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]+)"', page)
    assert policy.startswith("default-src &#x27;none&#x27;; style-src &#x27;sha256-")
    assert "unsafe" not in policy
    assert page.count("<script") == 2
    assert not re.search(r"(src|srcset)=", page)
    assert "</script><b>x" not in page
