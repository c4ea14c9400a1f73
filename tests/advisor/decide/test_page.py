"""The interactive page in Chromium: answers and the way back, focus, copies, print, the tree, and who can read it."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from advisor.decide.advice import advise
from advisor.decide.load import load_tree
from advisor.decide.page.build import build_page
from advisor.decide.parts import UNSURE
from tests.advisor.decide.pages import SMALL, Answers, address, bundled_paths, one_for_each_end, paths, write_page

playwright = pytest.importorskip("playwright.sync_api")
Axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe
Browser, Page = playwright.Browser, playwright.Page

TREE = load_tree()
LONGEST = max(bundled_paths(), key=len)
STAGES: dict[str, Answers] = {
    "start": {},
    "middle": dict(list(LONGEST.items())[:2]),
    "advice": {**LONGEST, "audience": UNSURE, "wants": "implicit"},
    "last resort": next(answers for answers in one_for_each_end(TREE) if advise(TREE, answers).last_resort),
    "unknown": dict.fromkeys(TREE.facts, UNSURE),
}
#: A path of the small tree through a question with several choices and a derived answer.
SERVICE: Answers = {"api": "mail", "runs-in": "job", "keeps-credential": "yes", "hosted-on": "azure"}


@pytest.fixture(scope="module")
def bundled(tmp_path_factory: pytest.TempPathFactory) -> str:
    return write_page(tmp_path_factory.mktemp("page") / "advisor.html", TREE).as_uri()


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> str:
    return write_page(tmp_path_factory.mktemp("page") / "advisor.html", SMALL).as_uri()


@pytest.fixture
def quiet(page: Page) -> Iterator[Page]:
    """A page that must report nothing and request nothing but itself."""
    said, requested = [], set()
    listeners = {
        "console": lambda message: said.append(message.text),
        "pageerror": lambda error: said.append(str(error)),
        "request": lambda request: requested.add(request.url.partition("#")[0].partition("?")[0]),
    }
    for event, listener in listeners.items():
        page.on(event, listener)
    yield page
    for event, listener in listeners.items():
        page.remove_listener(event, listener)
    assert said == []
    assert len(requested) <= 1


def give(page: Page, answers: Answers) -> None:
    """Answer as a reader does."""
    for name, answer in answers.items():
        for choice in answer.split(","):
            page.locator(f'#step input[name="{name}"][value="{choice}"]').check()
        page.get_by_role("button", name="Next", exact=True).click()


#: The same inside the page: Playwright would wait before each click until nothing moves.
CLICKS = """(given) => {
    change({});
    for (const [name, answer] of Object.entries(given)) {
        for (const choice of answer.split(',')) {
            const input = document.querySelector(`#step input[name="${name}"][value="${choice}"]`);
            if (!input.checked) input.click();
        }
        document.querySelector('#step button.main').click();
    }
}"""


@pytest.mark.exhaustive
@pytest.mark.browser
def test_clicking_takes_every_choice_and_ends_at_the_headline(quiet: Page, bundled: str) -> None:
    quiet.goto(bundled)
    seen: set[tuple[str, str]] = set()
    for answers in bundled_paths():
        if set(answers.items()) <= seen:
            continue
        seen |= set(answers.items())
        quiet.evaluate("() => Object.keys(earlier).forEach((name) => delete earlier[name])")
        quiet.evaluate(CLICKS, answers)
        advice = advise(TREE, answers)
        assert quiet.locator("#step h2").inner_text().startswith(advice.headline)
        assert quiet.locator("#step pre").last.inner_text() == advice.repeat


@pytest.mark.browser
def test_the_answers_are_in_the_address_and_can_be_changed(quiet: Page, small: str) -> None:
    quiet.goto(small)
    give(quiet, SERVICE)
    assert quiet.url.endswith(address(SERVICE))
    quiet.goto("about:blank")
    quiet.goto(small + address(SERVICE))
    assert quiet.locator("#step h2").inner_text() == "The job acts as itself"
    quiet.get_by_role("button", name="Change: Where does the code run?").click()
    assert quiet.locator("#step h2").inner_text() == "Where does the code run?"
    assert quiet.locator("#step :checked").get_attribute("value") == "job"
    quiet.go_back()
    assert quiet.locator("#step h2").inner_text() == "The job acts as itself"


@pytest.mark.browser
def test_back_selects_what_was_answered(quiet: Page, small: str) -> None:
    quiet.goto(small)
    give(quiet, {"api": "mail,files", "runs-in": "job"})
    quiet.get_by_role("button", name="Back").click()
    assert quiet.locator("#step :checked").get_attribute("value") == "job"
    quiet.get_by_role("button", name="Back").click()
    assert quiet.locator("#step input:checked").count() == 2
    assert quiet.locator("#step .progress").inner_text().startswith("Question 1 of at most ")


@pytest.mark.browser
def test_an_answer_for_another_branch_no_longer_counts(quiet: Page, small: str) -> None:
    quiet.goto(small)
    give(quiet, SERVICE)
    quiet.get_by_role("button", name="Change: Where does the code run?").click()
    give(quiet, {"runs-in": "page"})
    assert quiet.url.endswith(address({"api": "mail", "runs-in": "page"}))
    assert not quiet.get_by_text("changes nothing").count()


@pytest.mark.browser
def test_start_again_returns_to_the_answers_of_every_visitor(quiet: Page, tmp_path: Path) -> None:
    quiet.goto(write_page(tmp_path / "advisor.html", SMALL, {"api": "files"}).as_uri())
    assert quiet.locator("#step h2").inner_text() == "Where does the code run?"
    give(quiet, {"runs-in": "page"})
    quiet.get_by_role("button", name="Start again").click()
    assert quiet.locator("#step h2").inner_text() == "Where does the code run?"
    assert quiet.evaluate("answers") == {"api": "files"}


@pytest.mark.browser
def test_what_an_address_makes_up_is_ignored(quiet: Page, small: str) -> None:
    quiet.goto(small + "#api=moon&x=<b>&runs-in=page&wants=password,implicit,none")
    assert quiet.locator("#step h2").inner_text() == "Which API is called?"
    assert quiet.evaluate("answers") == {"runs-in": "page"}


@pytest.mark.browser
def test_a_choice_that_is_alone_excludes_the_others(quiet: Page, small: str) -> None:
    quiet.goto(small)
    for choice, checked in (
        ("mail", ["mail"]), ("files", ["mail", "files"]), ("none", ["none"]), ("mail", ["mail"]), (UNSURE, [UNSURE]),
    ):  # fmt: skip
        quiet.locator(f'#step input[value="{choice}"]').check()
        assert quiet.evaluate("[...document.querySelectorAll('#step :checked')].map((input) => input.value)") == checked


@pytest.mark.browser
def test_next_without_an_answer_says_what_to_do(quiet: Page, small: str) -> None:
    quiet.goto(small)
    quiet.get_by_role("button", name="Next").click()
    assert quiet.get_by_role("alert").inner_text() == "Select at least one answer."
    assert quiet.evaluate("document.activeElement.value") == "mail"
    quiet.locator('#step input[value="mail"]').check()
    assert quiet.get_by_role("alert").inner_text() == ""


@pytest.mark.browser
def test_a_keyboard_is_enough_and_the_focus_follows(quiet: Page, small: str) -> None:
    quiet.goto(small)
    quiet.locator('input[value="none"]').focus()
    quiet.keyboard.press("Space")
    quiet.keyboard.press("Enter")
    assert quiet.evaluate("document.activeElement.textContent") == "No token"


@pytest.mark.browser
def test_on_a_phone_the_next_question_is_where_the_last_one_was(quiet: Page, bundled: str) -> None:
    quiet.set_viewport_size({"width": 390, "height": 844})
    quiet.goto(bundled)
    top = "() => Math.round(by('step').getBoundingClientRect().top)"
    before = quiet.evaluate(top)
    for name, answer in LONGEST.items():
        quiet.evaluate(
            """([name, answer]) => {
            document.querySelector(`#step input[name="${name}"][value="${answer}"]`).click();
            document.querySelector('#step button.main').click();
        }""",
            [name, answer],
        )
        assert quiet.evaluate(top) == before
    # Where the reader has scrolled down a long list, the next heading is in sight.
    quiet.go_back()
    quiet.locator("#step input").last.scroll_into_view_if_needed()
    quiet.locator("#step input").last.check()
    quiet.get_by_role("button", name="Next").click()
    heading = quiet.locator("#step h2").bounding_box()
    assert heading is not None
    assert 0 <= heading["y"] < 422


@pytest.mark.browser
def test_an_additional_fact_is_answered_where_it_is(quiet: Page, small: str) -> None:
    quiet.goto(small + address(SERVICE))
    quiet.locator("summary", has_text="Which accounts sign in?").click()
    quiet.locator('input[value="many"]').check()
    top = "by('open').getBoundingClientRect().top"
    before = quiet.evaluate(top)
    quiet.get_by_role("button", name="Add to the advice").locator("visible=true").click()
    assert quiet.evaluate("document.activeElement.id") == "open"
    assert abs(quiet.evaluate(top) - before) < 64  # the page ends below it, and has become shorter
    assert "AzureADMultipleOrgs" in quiet.locator("#step .register").inner_text()
    assert quiet.get_by_role("heading", name="Conflicting answers").is_visible()
    quiet.get_by_role("button", name="Remove: Which accounts sign in?").click()
    assert "AzureADMyOrg" in quiet.locator("#step .register").inner_text()


@pytest.mark.browser
@pytest.mark.parametrize("stage", ["advice", "last resort", "unknown"])
def test_page_and_markdown_contain_everything_that_the_command_prints(quiet: Page, bundled: str, stage: str) -> None:
    answers = {name: answer for name, answer in STAGES[stage].items() if name in TREE.facts}
    quiet.goto(bundled + address(answers))
    advice = quiet.evaluate("advise(answers)")
    shown = words(quiet.locator("main").text_content() or "")
    markdown = words(re.sub(r"\\(.)", r"\1", quiet.evaluate("markdownOf(advise(answers))")).replace("&amp;", "&"))
    for text in printed(advice):
        assert words(text) in shown, text
        assert words(text) in markdown, text


def words(text: str) -> str:
    return "".join(text.split())


def printed(advice: dict) -> Iterator[str]:
    """The texts of an advice that people read."""
    yield from (advice["headline"], advice["grant_title"], advice["repeat"])
    for name in ("why", "contradictions", "warnings", "remaining_risk", "request", "scopes", "assumed", "unused"):
        yield from advice[name]
    for line in advice["would_change"]:
        yield line.rpartition(": ")[2]
    for row in advice["register"]:
        yield from (row["property"], row["value"], row["why"])
    for row in (*advice["ruled_out"], *(advice["credential"] or {"ruled_out": ()})["ruled_out"]):
        yield from (reason["text"] for reason in row["reasons"])
    for row in advice["facts"]:
        yield from (row["ask"], row["label"])
    for row in advice["wishes"]:
        yield from (row["label"], row["text"])
    for row in advice["alternatives"]:
        yield from (row["ask"], row["who"], *(outcome["leads_to"] for outcome in row["outcomes"]))
    for row in (*advice["not_said"], *({"ask": row["title"]} for row in advice["sources"])):
        yield row["ask"]


@pytest.mark.browser
def test_what_can_be_copied(quiet: Page, small: str) -> None:
    quiet.goto(small + address(SERVICE))
    quiet.evaluate("navigator.clipboard.writeText = async (text) => { window.copied = text; }")
    copied = {}
    for name in ("Copy as Markdown", "Copy request", "Copy command"):
        quiet.get_by_role("button", name=name).click()
        quiet.get_by_role("button", name="Copied").first.wait_for()
        copied[name] = quiet.evaluate("copied")
    assert copied["Copy as Markdown"].startswith("# The job acts as itself\n\n- **Grant**: Client credentials")
    assert copied["Copy request"].startswith("POST https://login.microsoftonline.com/")
    assert copied["Copy command"] == advise(SMALL, SERVICE).repeat


@pytest.mark.browser
def test_on_paper_there_is_the_advice_alone(quiet: Page, small: str) -> None:
    quiet.goto(small + address(SERVICE))
    quiet.emulate_media(media="print", color_scheme="dark")
    assert not quiet.locator("button:visible, form:visible, #tree:visible").count()
    assert quiet.get_by_text("Why not the other grants").is_visible()
    assert quiet.get_by_text("another grant is safer").is_visible()
    assert quiet.locator("#answers").get_by_text("In a job").is_visible()
    assert quiet.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


@pytest.mark.browser
def test_the_tree_shows_the_path_and_opens_on_demand(quiet: Page, small: str) -> None:
    quiet.goto(small + address(SERVICE))
    quiet.get_by_text("The whole decision tree").click()
    tree = quiet.locator("#tree")
    assert tree.locator("li[aria-current] > p:first-child").all_inner_texts() == [
        "Mail your answer", "In a job your answer", "We do your answer", "Yes your answer", "On Azure your answer",
    ]  # fmt: skip
    reason = tree.get_by_text("there is no credential")
    assert not reason.first.is_visible()
    tree.locator("summary", has_text="The page redeems the code").click()
    assert tree.get_by_text("no refresh token is returned").is_visible()
    assert tree.get_by_text("Not asked if api=mail: Yes. Reason: mail has application permissions.").is_visible()


@pytest.mark.browser
@pytest.mark.parametrize("answers", [{}, *one_for_each_end(SMALL)], ids=str)
def test_the_tree_names_every_end_once_and_hides_no_question(quiet: Page, small: str, answers: Answers) -> None:
    quiet.goto(small + address(answers))
    quiet.evaluate("by('tree').open = true")
    quiet.locator("#tree li").first.wait_for()
    drawn = quiet.evaluate("[...document.querySelectorAll('#tree details[data-id]')].map((part) => part.dataset.id)")
    asked = [question.id for question in SMALL.questions if not question.aside]
    assert sorted(name for name in drawn if name in asked) == sorted(asked)
    assert {leaf.id for leaf in SMALL.leaves} <= {name.removesuffix(" end") for name in drawn}


def open_everything(page: Page) -> None:
    page.evaluate("by('tree').open = true")
    page.locator("#tree li").first.wait_for()
    page.evaluate("document.querySelectorAll('details').forEach((part) => { part.open = true; })")


def violations(page: Page) -> list[tuple[str, str, list[str]]]:
    found = Axe().run(page).response["violations"]
    return [(rule["id"], rule["help"], [node["html"][:120] for node in rule["nodes"][:3]]) for rule in found]


@pytest.mark.browser
@pytest.mark.parametrize(("width", "theme"), [(390, "light"), (1280, "dark")])
@pytest.mark.parametrize("stage", STAGES)
def test_axe_finds_no_violation(quiet: Page, bundled: str, stage: str, width: int, theme: str) -> None:
    quiet.set_viewport_size({"width": width, "height": 900})
    quiet.emulate_media(color_scheme=theme)
    quiet.goto(bundled + address(STAGES[stage]))
    quiet.evaluate("document.querySelectorAll('#step details').forEach((part) => { part.open = true; })")
    assert violations(quiet) == []


@pytest.mark.browser
@pytest.mark.parametrize(("width", "theme"), [(390, "light"), (1280, "dark")])
def test_axe_finds_no_violation_in_the_tree(quiet: Page, small: str, width: int, theme: str) -> None:
    quiet.set_viewport_size({"width": width, "height": 900})
    quiet.emulate_media(color_scheme=theme)
    quiet.goto(small + address(SERVICE))
    open_everything(quiet)
    assert violations(quiet) == []


@pytest.mark.browser
@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("stage", ["middle", "unknown"])
def test_the_page_never_scrolls_sideways(quiet: Page, bundled: str, stage: str, width: int) -> None:
    quiet.set_viewport_size({"width": width, "height": 900})
    quiet.goto(bundled + address(STAGES[stage]))
    open_everything(quiet)
    assert quiet.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.browser
def test_the_theme_is_that_of_the_report(quiet: Page, small: str) -> None:
    quiet.goto(small)
    quiet.get_by_role("radio", name="Dark").check()
    assert quiet.evaluate("document.documentElement.dataset.theme") == "dark"
    give(quiet, {"api": "none"})
    assert "?theme=dark#api=none" in quiet.url


def test_the_page_is_one_file_under_a_strict_policy() -> None:
    own = load_tree(
        'organisation = "Contoso"\n[[note]]\nid = "own"\nkind = "risk"\ntext = "</script><b>x @version@"\n'
        'when = { client = ["public"] }\n'
    )
    page = build_page(own, {}, version="0", made_on="2026-11-24")
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]+)"', page)
    assert policy.startswith("default-src &#x27;none&#x27;; style-src &#x27;sha256-")
    assert "unsafe" not in policy
    assert page.count("<script") == 2
    assert not re.search(r"(src|srcset)=", page)
    assert "</script><b>x" not in page
    assert "x @version@" in page


def test_the_data_has_each_registration_once() -> None:
    page = build_page(SMALL, {}, version="0", made_on="2026-11-24", registration=lambda leaf, _: {"grant": leaf.grant})
    data = json.loads(page.partition('id="data">')[2].partition("</script>")[0])
    made = [row for row in data["rows"] if isinstance(row, dict)]
    assert sorted(row["grant"] for row in made) == sorted({leaf.grant for leaf in SMALL.leaves})
    assert len(paths(SMALL)) > len(made)
