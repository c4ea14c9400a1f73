"""The HTML report in real Chromium: nothing leaves the page, nothing overflows, everything can be read and reached."""

import csv
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from reports.html.index import render_index
from reports.html.page import render_html
from reports.report import Report
from tests.reports.hostile import hostile_report
from tests.reports.large import large_report
from tests.reports.sample import ADVICE, advice_report, empty_report, sample_report, trend_report, usage_report
from tests.reports.systems import system_report
from tests.reports.tenant import tenant_report

playwright = pytest.importorskip("playwright.sync_api")
Axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe
Browser, Page = playwright.Browser, playwright.Page

pytestmark = pytest.mark.browser


def one_later() -> Report:
    """The sample with one credential that has expired, and one of another registration that has not."""
    report = sample_report()
    later, expired = next(row.credentials for row in report.registrations if row.credentials)[:2]
    holds = {"Contoso Portal": (later,), "Contoso Orders API": (expired,)}
    rows = (msgspec.structs.replace(row, credentials=holds.get(row.name, ())) for row in report.registrations)
    return msgspec.structs.replace(report, registrations=tuple(rows))


REPORTS = {
    "one later": one_later,
    "sample": sample_report,
    "hostile": hostile_report,
    "advice": lambda: msgspec.structs.replace(advice_report(), advices=(ADVICE, ADVICE)),
    "system": system_report,
    "empty": empty_report,
    "trend": trend_report,
    "tenant": tenant_report,
    "usage": usage_report,
    "many": lambda: large_report(300),
    "large": lambda: large_report(LARGE),
}
#: Registrations of a large report: enough for its compact form and for several chunks.
LARGE = 400
THEMES = ("light", "dark")
Open = Callable[..., Page]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("reports")
    return {name: _written(folder / f"{name}.html", make()) for name, make in REPORTS.items()}


def _written(path: Path, report: Report) -> Path:
    path.write_text(render_html(report), "utf-8")
    return path


@pytest.fixture(scope="module")
def pages(browser: Browser) -> list[Page]:
    """Pages that tests use again: a new one costs ten times as much as another file in an old one."""
    return []


@pytest.fixture
def opened(browser: Browser, files: dict[str, Path], pages: list[Page]) -> Iterator[Open]:
    """Open a report. At the end of the test, the page must have reported nothing and requested nothing but the file."""
    said, requested, ends = [], [], []
    listeners = {
        "console": lambda message: said.append(message.text),
        "pageerror": lambda error: said.append(str(error)),
        "dialog": lambda dialog: (said.append(dialog.message), dialog.dismiss()),
        "request": lambda request: requested.append(request.url.split("?")[0].split("#")[0]),
    }
    free = list(pages)

    def page_for(options: dict[str, object]) -> Page:
        if options:
            context = browser.new_context(**options)
            ends.append(context.close)
            return context.new_page()
        if not free:
            pages.append(browser.new_page())
            free.append(pages[-1])
        return free.pop(0)

    def call(name: str, *, width: int = 1280, query: str = "", color_scheme: str = "light", **options: object) -> Page:
        page = page_for(options)
        page.set_default_timeout(10_000)
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(media="screen", color_scheme=color_scheme)
        for event, listener in listeners.items():
            page.on(event, listener)
            ends.append(lambda event=event, listener=listener: page.remove_listener(event, listener))
        page.goto(files[name].as_uri() + query)
        if not options:
            ends.append(lambda: page.goto("about:blank"))
        return page

    yield call
    for end in reversed(ends):
        end()
    assert said == []
    assert set(requested) <= {*(file.as_uri() for file in files.values()), "about:blank"}


@pytest.mark.parametrize("name", [name for name in REPORTS if name != "many"])
@pytest.mark.parametrize("width", [390, 1280])
def test_no_page_scrolls_sideways_and_none_complains(opened: Open, name: str, width: int) -> None:
    page = opened(name, width=width)
    page.evaluate("document.querySelectorAll('details').forEach((details) => { details.open = true; })")
    for place in ("document.body.scrollHeight / 2", "document.body.scrollHeight"):
        page.evaluate(f"scrollTo(0, {place})")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", [390, 1280])
def test_no_text_runs_out_of_its_box(opened: Open, width: int) -> None:
    page = opened("hostile", width=width)
    wide = page.evaluate(
        """[...document.querySelectorAll('h1, h3, h4, p, li, dt, dd, pre, .rows > *')]
        .filter((element) => !element.closest('.wide, .r > summary') && element.checkVisibility())
        .filter((element) => element.scrollWidth > element.clientWidth + 1)
        .filter((element) => getComputedStyle(element).display !== 'inline')
        .map((element) => element.outerHTML.slice(0, 80))"""
    )
    assert wide == []


CONTRAST = """() => {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 1;
  const paint = canvas.getContext('2d', { willReadFrequently: true });
  const rgb = (color) => {
    paint.clearRect(0, 0, 1, 1);
    paint.fillStyle = color;
    paint.fillRect(0, 0, 1, 1);
    return [...paint.getImageData(0, 0, 1, 1).data];
  };
  const light = (color) => {
    const linear = (v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    const [r, g, b] = rgb(color).slice(0, 3).map((v) => linear(v / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = getComputedStyle(at).backgroundColor;
      if (rgb(color)[3] === 255) return color;
    }
    return 'white';
  };
  const bad = [];
  const seen = new Set();
  for (const element of document.querySelectorAll('body *')) {
    const words = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!words || !element.checkVisibility()) continue;
    const style = getComputedStyle(element);
    const inDrawing = element.closest('svg');
    const box = inDrawing && element.closest('g') && element.closest('g').querySelector('rect');
    const front = inDrawing ? style.fill : style.color;
    const back = box ? getComputedStyle(box).fill : ground(element);
    const [one, other] = [light(front), light(back)].sort((a, b) => b - a);
    const ratio = (one + 0.05) / (other + 0.05);
    seen.add(front + back);
    const name = `${element.tagName}.${element.className.baseVal ?? element.className}`;
    if (ratio < 4.5) bad.push(`${ratio.toFixed(2)} ${name} ${element.textContent.slice(0, 30)}`);
  }
  return [bad, seen.size];
}"""


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", ["sample", "advice"])
def test_every_text_has_enough_contrast(opened: Open, name: str, theme: str) -> None:
    page = opened(name, color_scheme=theme)
    page.evaluate("document.querySelectorAll('details').forEach((details) => { details.open = true; })")
    bad, pairs = page.evaluate(CONTRAST)
    assert bad == []
    assert pairs >= 5


def test_the_theme_can_be_chosen_and_stays_in_the_address(opened: Open) -> None:
    page = opened("sample", color_scheme="light")
    ground = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(ground)
    page.get_by_label("Dark").check()
    dark = page.evaluate(ground)
    assert light != dark
    assert "theme=dark" in page.url
    assert opened("sample", query="?theme=dark", color_scheme="light").evaluate(ground) == dark
    page.get_by_label("System").check()
    assert "theme" not in page.url


def test_a_keyboard_reaches_the_skip_link_the_filter_and_every_kind_of_link(opened: Open) -> None:
    page = opened("sample")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the report"
    assert page.evaluate("document.activeElement.getBoundingClientRect().left >= 0")
    reached = set()
    for _ in range(190):
        page.keyboard.press("Tab")
        reached.add(
            page.evaluate(
                "(({ tagName, name, hash, type }) => [tagName, name || (hash || '').split('-')[0] || type || "
                "''].join(' '))"
                "(document.activeElement)"
            )
        )
        assert page.evaluate("document.activeElement.matches('body, :focus-visible')")
    assert reached >= {
        *("INPUT theme", "INPUT find", "INPUT show", "SELECT rule", "SELECT owner", "SELECT state", "SELECT sort"),
        *("BUTTON reset", "BUTTON button", "A #r", "A #rule", "SUMMARY ", "DIV "),
    }


def test_space_on_a_box_hides_its_findings_and_registrations_without_others(opened: Open) -> None:
    page = opened("sample")
    page.get_by_role("checkbox", name="Low").focus()
    page.keyboard.press("Space")
    shown = page.locator(".finding:visible")
    assert shown.count() == 5
    assert page.locator("#shown").inner_text() == "5 of 7 findings shown, in 2 registrations"
    assert "hide=low" in page.url
    for name in ("Critical", "High", "Info"):
        page.get_by_role("checkbox", name=name).uncheck()
    assert row_names(page) == ["Contoso Portal", "Contoso Orders API"]
    again = opened("sample", query="?hide=low,critical,high,info")
    assert again.locator(".finding:visible").count() == 2


def row_names(page: Page) -> list[str]:
    return page.locator("#rows > details:visible h3").all_text_contents()


def test_a_name_or_client_id_finds_registrations(opened: Open) -> None:
    page = opened("large")
    page.get_by_label("Search").fill("application 39")
    assert "Application 395" in row_names(page)
    assert all(name.startswith("Application 39") for name in row_names(page))
    page.get_by_label("Search").fill("00000007-1111")
    assert row_names(page) == ["Application 7"]
    page.get_by_label("Search").fill("")
    page.get_by_text(f"in {LARGE} registrations").wait_for()


def test_a_link_leads_to_a_registration_that_the_filter_hides(opened: Open) -> None:
    page = opened("sample", query="?hide=low,medium")
    assert not page.get_by_role("heading", name="Contoso Orders API").is_visible()
    page.locator("#first").get_by_role("link", name="Contoso Orders API").click()
    heading = page.get_by_role("heading", name="Contoso Orders API")
    heading.wait_for()
    assert "hide" not in page.url


def test_everything_can_be_read_without_script(opened: Open) -> None:
    page = opened("sample", java_script_enabled=False)
    assert page.locator(".finding:visible").count() == len(sample_report().findings)
    assert not page.locator("#filter").is_visible()
    assert not page.locator("#theme").is_visible()
    for name in ("What was read", "Fix first", "Grants that work today", "Advice", "Rules"):
        assert page.get_by_role("heading", name=name, exact=True).is_visible()


def test_paper_is_white_and_shows_what_is_folded_and_filtered(opened: Open) -> None:
    page = opened("sample", query="?hide=low&find=portal&state=new&rule=1", color_scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.locator(".finding:visible").count() == len(sample_report().findings)
    assert not page.locator("nav").is_visible()
    assert page.get_by_text('"enableAccessTokenIssuance": false').first.is_visible()
    pdf = page.pdf(format="A4")
    assert pdf.startswith(b"%PDF-")
    assert 3 <= len(re.findall(rb"/Type\s*/Page\b", pdf)) <= 15


def test_a_short_print_of_advice_keeps_the_answer_and_its_conflicts(opened: Open) -> None:
    page = opened("advice")
    page.evaluate("document.documentElement.dataset.print = 'short'")
    page.emulate_media(media="print")
    assert page.get_by_role("heading", name=ADVICE.headline).first.is_visible()
    assert page.get_by_text(ADVICE.contradictions[0]).first.is_visible()
    assert not page.get_by_text(ADVICE.remaining_risk[0]).first.is_visible()


@pytest.mark.parametrize("width", [360, 1280])
def test_a_drawing_of_the_tree_fits_the_screen_and_its_words_fit_their_places(opened: Open, width: int) -> None:
    page = opened("advice", width=width)
    page.evaluate("document.querySelectorAll('details').forEach((details) => details.open = true)")
    bad = page.evaluate(
        """() => [...document.querySelectorAll('svg.tree')].flatMap((svg) => {
          const sheet = svg.getBoundingClientRect();
          const lines = [...svg.querySelectorAll('tspan')].map((line) => {
            const range = document.createRange();
            range.selectNodeContents(line);
            return [line.textContent, range.getBoundingClientRect()];
          });
          return lines.filter(([, box], place) => sheet.right > innerWidth || box.height < 10
            || box.right > sheet.right - 6 || (place && lines[place - 1][1].bottom > box.top + 4))
            .map(([words]) => words);
        })"""
    )
    assert bad == []


def test_the_drawing_has_a_name_and_a_description(opened: Open) -> None:
    page = opened("advice")
    page.evaluate("document.querySelectorAll('details').forEach((details) => details.open = true)")
    assert page.get_by_role("img", name=re.compile("path through the decision tree for Contoso Portal")).count() == 4


def choose(page: Page, label: str, words: str) -> None:
    page.locator("#filter label", has_text=re.compile(f"^{label}")).locator("select").select_option(label=words)


def messages(page: Page) -> list[str]:
    return page.locator(".finding:visible h4").all_text_contents()


@pytest.mark.parametrize(
    ("label", "words", "address", "shown"),
    [
        ("Rule", "long-lived-secret", "rule=3", 2),
        ("Family", "ownership", "family=4", 2),
        ("Owner", "Ben Example", "owner=", 5),
        ("State", "known", "state=known", 1),
        ("State", "accepted", "state=accepted", 1),
        ("State", "new", "state=new", 5),
        ("State", "not assessed", "state=gaps", 0),
    ],
)
def test_a_choice_shows_what_it_says_and_is_in_the_address(opened: Open, label, words, address, shown) -> None:
    page = opened("sample")
    choose(page, label, words)
    assert page.locator(".finding:visible").count() == shown
    assert address in page.url
    again = opened("sample", query="?" + page.url.partition("?")[2])
    assert again.locator(".finding:visible").count() == shown
    page.get_by_role("button", name="Clear").click()
    assert page.locator(".finding:visible").count() == len(sample_report().findings)
    assert "?" not in page.url


def test_what_was_not_assessed_shows_its_registrations(opened: Open) -> None:
    page = opened("sample")
    choose(page, "State", "not assessed")
    assert row_names(page) == ["Contoso Desktop"]


def test_choices_narrow_each_other(opened: Open) -> None:
    page = opened("sample")
    choose(page, "Rule", "long-lived-secret")
    choose(page, "State", "known")
    assert messages(page) == ["Has a secret that lives for 400 days"]
    page.get_by_label("Search").fill("nothing of that name")
    assert messages(page) == []
    assert page.locator("#shown").inner_text() == "0 of 7 findings shown, in 0 registrations"


@pytest.mark.parametrize(
    ("order", "first"),
    [("by name", "Contoso Desktop"), ("most findings first", "Contoso Portal"), ("worst first", "Contoso Portal")],
)
def test_registrations_can_be_put_in_order(opened: Open, order: str, first: str) -> None:
    page = opened("sample", query="?sort=name")
    choose(page, "Order", order)
    assert row_names(page)[0] == first
    assert len(row_names(page)) == 4


def test_a_heading_of_a_column_puts_registrations_in_order(opened: Open) -> None:
    page = opened("sample")
    page.get_by_role("button", name="Next expiry").click()
    assert row_names(page)[0] == "Contoso Portal"
    assert "sort=expiry" in page.url
    assert page.get_by_role("button", name="Next expiry").get_attribute("aria-pressed") == "true"
    page.get_by_role("button", name="Next expiry").click()
    assert "sort" not in page.url


@pytest.mark.parametrize(
    ("section", "words", "address", "shown"),
    [
        ("#counts", "1", "state=new&hide=high%2Cmedium%2Clow%2Cinfo", ["Contoso Portal"]),
        ("#by-grant", "implicit", "grant=implicit", ["Contoso Portal"]),
        ("#by-expiry", "December 2026", "expires=2026-12", ["Contoso Portal"]),
        ("#owners", "1", "owner=1&state=new&hide=high%2Cmedium%2Clow%2Cinfo", ["Contoso Portal"]),
        ("#by-family", "ownership", "family=", ["Contoso Orders API"]),
    ],
)
def test_a_figure_shows_what_it_counts(opened: Open, section: str, words: str, address: str, shown: list[str]) -> None:
    page = opened("sample")
    page.evaluate("document.querySelectorAll('#charts details').forEach((details) => { details.open = true; })")
    page.locator(section).get_by_role("link", name=words, exact=True).first.click()
    assert row_names(page) == shown
    assert all(piece in page.url for piece in address.split("&"))


def test_a_bar_shows_what_it_counts(opened: Open) -> None:
    page = opened("sample")
    page.locator("#by-expiry svg a").last.click()
    assert "expires=2026-12" in page.url
    assert row_names(page) == ["Contoso Portal"]


def test_what_expires_before_a_month_can_be_shown_in_one_step(opened: Open) -> None:
    page = opened("sample")
    choose(page, "Expires", "before January 2027, not expired")
    assert row_names(page) == ["Contoso Portal"]


def test_what_expired_is_shown_without_what_expires_later(opened: Open) -> None:
    assert row_names(opened("sample", query="?expires=overdue")) == ["Contoso Portal"]
    assert row_names(opened("one later", query="?expires=overdue")) == ["Contoso Orders API"]
    assert row_names(opened("one later", query="?expires=2026-12")) == ["Contoso Portal"]


def test_a_figure_of_a_tenant_shows_that_tenant(opened: Open) -> None:
    page = opened("tenant")
    page.locator("#tenants").get_by_role("link", name="contoso.com").click()
    assert row_names(page) == ["Contoso (tenant)", "Fabrikam Sync (service principal)", "Archive"]


def test_what_is_new_since_the_last_report_can_be_shown_alone(opened: Open) -> None:
    page = opened("trend")
    choose(page, "State", "new since the last report")
    fresh = page.locator(".finding:visible").count()
    choose(page, "State", "still open")
    still = page.locator(".finding:visible").count()
    assert (fresh, still) == (2, 4)


def test_a_row_of_a_table_sets_the_filter(opened: Open) -> None:
    page = opened("sample")
    page.locator("#owners").get_by_role("link", name="Ben Example").click()
    assert row_names(page) == ["Contoso Portal"]
    assert "owner=" in page.url
    page.locator("#rules table").get_by_role("link", name="no-owner").click()
    assert set(messages(page)) == {"Has no owner"}


def test_the_keyboard_searches_walks_copies_explains_and_clears(opened: Open) -> None:
    page = opened("sample", permissions=["clipboard-read", "clipboard-write"])
    page.keyboard.press("/")
    page.keyboard.type("portal")
    assert page.get_by_label("Search").input_value() == "portal"
    page.keyboard.press("Escape")
    assert page.get_by_label("Search").input_value() == ""
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.querySelector('h4').textContent") == (
        "Issues access tokens from the authorization endpoint"
    )
    assert page.url.endswith("#" + page.evaluate("document.activeElement.id"))
    page.keyboard.press("c")
    page.get_by_role("button", name="Copied").wait_for()
    text = page.evaluate("navigator.clipboard.readText()")
    assert text.startswith("Contoso Portal (from apps/portal.json")
    assert "oauth2AllowImplicitFlow" in text
    assert "Fix Move the client to the authorization code grant with PKCE" in text
    assert '"enableAccessTokenIssuance": false' in text
    page.keyboard.press("k")
    assert "every host below" in page.evaluate("document.activeElement.querySelector('h4').textContent")
    page.keyboard.press("?")
    assert page.get_by_role("dialog").is_visible()
    page.keyboard.press("Escape")
    assert not page.get_by_role("dialog").is_visible()


def test_keys_walk_only_what_is_shown_and_leave_typing_alone(opened: Open) -> None:
    page = opened("sample", query="?hide=critical,high")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.className").startswith("finding medium")
    page.get_by_label("Search").fill("jk?")
    page.get_by_label("Search").press("j")
    assert page.get_by_label("Search").input_value() == "jk?j"
    assert not page.get_by_role("dialog").is_visible()


def test_what_is_shown_is_saved_as_csv_without_formulas(opened: Open, tmp_path: Path) -> None:
    page = opened("hostile")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Save shown as CSV").click()
    waiting.value.save_as(tmp_path / "f.csv")
    with (tmp_path / "f.csv").open(newline="", encoding="utf-8") as file:
        rows = [*csv.DictReader(file)]
    assert len(rows) == len(hostile_report().findings)
    assert not [cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "-", "@"))]
    page = opened("sample")
    choose(page, "State", "known")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Save shown as CSV").click()
    waiting.value.save_as(tmp_path / "g.csv")
    with (tmp_path / "g.csv").open(newline="", encoding="utf-8") as file:
        (row,) = csv.DictReader(file)
    assert (row["severity"], row["state"], row["rule"], row["name"]) == (
        "medium",
        "known",
        "long-lived-secret",
        "Contoso Orders API",
    )
    assert row["fix"].startswith("Replace it by a federated credential")
    assert row["client ID"] == "11111111-1111-4111-8111-111111111111"


def test_a_finding_can_be_linked_from_a_small_report_and_from_a_large_one(opened: Open) -> None:
    found = sample_report().findings[1].fingerprint
    page = opened("sample", query=f"#f{found[:9]}")
    page.wait_for_url(re.compile(f"#finding-{found}$"))
    found = large_report(LARGE).findings[700].fingerprint
    page = opened("large", query=f"?hide=critical,high,medium,low,info#finding-{found}")
    page.wait_for_url(re.compile(f"#f{found[:9]}"))
    page.locator("li.f:target").wait_for()


def printed(page: Page, length: str) -> int:
    """The sheets of paper of a print of this length."""
    page.emulate_media(media="print")
    page.evaluate("(length) => { document.documentElement.dataset.print = length; }", length)
    return len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4")))


@pytest.mark.parametrize(("name", "most"), [("sample", 2), ("large", 4)])
def test_a_short_print_has_two_to_four_pages_at_any_size(opened: Open, name: str, most: int) -> None:
    page = opened(name)
    assert 1 <= printed(page, "short") <= most
    page.evaluate("document.documentElement.dataset.print = 'short'")
    for heading in ("Fix first", "What was read", "Registrations, worst first"):
        assert page.get_by_role("heading", name=heading).is_visible()
    assert not page.locator("#rules").is_visible()
    assert not page.locator(".finding").first.is_visible()
    assert 1 <= page.locator("#rows > details:visible").count() <= 25


def test_a_large_report_prints_whole(opened: Open) -> None:
    page = opened("large")
    assert printed(page, "all") >= 20


def test_a_large_report_can_be_read_without_script(opened: Open) -> None:
    page = opened("large", java_script_enabled=False)
    assert page.locator("li[id^='f']").count() == len(large_report(LARGE).findings)
    page.locator("#registrations details[id]").first.locator("summary").click()
    page.locator("li[id^='f'] a").first.click()
    assert "#r" in page.url


def test_three_hundred_registrations_fit_ten_screens(opened: Open, tmp_path: Path) -> None:
    page = opened("many")
    assert page.locator("#rows > details").count() == 300
    assert page.evaluate("document.documentElement.scrollHeight / innerHeight") <= 10


def test_a_link_of_the_contents_opens_its_section(opened: Open) -> None:
    page = opened("many")
    page.locator("#contents").get_by_role("link", name="By rule").click()
    page.locator("#rules table").wait_for()


def test_a_link_opens_the_row_that_it_names(opened: Open) -> None:
    page = opened("many", query="#r-0000012b")
    page.locator("#r-0000012b[open]").wait_for()
    assert page.get_by_role("heading", name="Application 299").is_visible()
    page = opened("large", query="?find=nothing#r-0000018f")
    page.locator("#r-0000018f[open]").wait_for()


def test_rows_of_a_large_report_come_as_the_reader_scrolls(opened: Open) -> None:
    page = opened("large")
    first = page.locator("#rows > details").count()
    assert first < LARGE
    page.locator("#more").scroll_into_view_if_needed()
    page.wait_for_function("(first) => document.querySelectorAll('#rows > details').length > first", arg=first)


@pytest.mark.parametrize(("width", "theme"), [(390, "light"), (1280, "dark")])
@pytest.mark.parametrize(
    "name", ["sample", "system", "trend", "tenant", "hostile", pytest.param("large", marks=pytest.mark.exhaustive)]
)
def test_axe_finds_no_violation(opened: Open, name: str, width: int, theme: str) -> None:
    page = opened(name, width=width, color_scheme=theme)
    page.evaluate("document.querySelectorAll('details').forEach((details) => { details.open = true; })")
    found = Axe().run(page).response["violations"]
    assert [(rule["id"], rule["help"], [node["html"][:120] for node in rule["nodes"][:3]]) for rule in found] == []


def test_axe_finds_no_violation_in_the_keys_and_in_an_index(browser: Browser, tmp_path: Path, opened: Open) -> None:
    page = opened("sample")
    page.keyboard.press("?")
    assert Axe().run(page).response["violations"] == []
    file = _written(tmp_path / "index.html", sample_report())
    rows = [("part", "file", "registrations"), ("Ann", "r-ann.html", "3")]
    file.write_text(render_index(sample_report(), rows), "utf-8")
    page = browser.new_page()
    page.goto(file.as_uri())
    assert Axe().run(page).response["violations"] == []
    page.close()


@pytest.mark.parametrize("width", [390, 1280])
def test_everything_that_can_be_pressed_is_large_enough(opened: Open, width: int) -> None:
    """WCAG 2.2, 2.5.8: 24 by 24 CSS pixels, except links in running text and what has room around it."""
    page = opened("sample", width=width)
    small = page.evaluate(
        """[...document.querySelectorAll('button, select, input[type=search], label, summary')]
        .filter((e) => e.checkVisibility())
        .filter((e) => e.getBoundingClientRect().height < 23.5).map((e) => e.outerHTML.slice(0, 80))"""
    )
    assert small == []


def test_a_large_report_opens_quickly(opened: Open) -> None:
    page = opened("large")
    milliseconds = page.evaluate("performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd")
    assert milliseconds < 5000


def test_a_registration_of_a_large_report_fills_its_requests_in(opened: Open) -> None:
    page = opened("large")
    page.get_by_label("Search").fill("application 398")
    part = page.locator("#rows > details").first
    part.locator("summary").click()
    link = part.get_by_role("link", name="grants", exact=True)
    link.click()
    way = part.locator(".way").first
    assert way.locator("pre b").all_text_contents()[:2] == [
        "0000018e-1111-4111-8111-111111111111",
        "https://app398.contoso.com/",
    ]
    assert "Origin: https://app398.contoso.com\n" in way.locator("pre").nth(1).text_content()
    assert "{state}" in way.locator("pre").first.text_content()
    assert part.locator(".way").count() == 3
    assert part.get_by_role("img", name="Sequence of messages: Authorization code with PKCE").count() == 1
    assert "Should not be used" in part.locator(".way").last.text_content()
    assert page.evaluate(
        "new Set([...document.querySelectorAll('[id]')].map((e) => e.id)).size == "
        "document.querySelectorAll('[id]').length"
    )
    part.evaluate("(part) => part.setAttribute('data-part', '')")
    assert Axe().run(page, context="[data-part]").response["violations"] == []
    link.click()
    assert part.locator(".way").count() == 0


def test_a_registration_without_findings_fills_its_requests_in_too(opened: Open) -> None:
    page = opened("large")
    page.get_by_label("Search").fill("0000000a-")
    item = page.locator("#rows > details").first
    item.locator("summary").click()
    item.get_by_role("link", name="grants").click()
    assert item.locator("pre b").first.text_content() == "0000000a-1111-4111-8111-111111111111"


def test_requests_can_be_read_without_script(opened: Open) -> None:
    page = opened("large", java_script_enabled=False)
    page.locator("#registrations details[id]").first.locator("summary").click()
    page.locator("#registrations details[id]").first.get_by_role("link", name="grants").click()
    assert re.search("#q[0-9]+$", page.url)
    page.locator("li:target a[href^='#way-']").first.click()
    assert page.locator(".way:target").inner_text().startswith("Authorization code with PKCE")
    small = opened("sample", java_script_enabled=False)
    ways = small.locator("details.ways").nth(1)
    ways.locator("summary").click()
    assert ways.locator("pre b", has_text="https://app").first.is_visible()


@pytest.mark.parametrize("theme", THEMES)
def test_a_diagram_shows_its_words_whole_in_the_colors_of_the_page(opened: Open, theme: str) -> None:
    page = opened("sample", width=390, color_scheme=theme)
    page.evaluate("document.querySelectorAll('details').forEach((details) => { details.open = true; })")
    drawing = page.locator("details.ways svg.sequence").first
    drawing.scroll_into_view_if_needed()
    assert drawing.evaluate("(svg) => svg.getBoundingClientRect().right <= innerWidth")
    out = page.evaluate(
        """[...document.querySelectorAll('symbol')].flatMap((symbol) => {
          const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
          svg.setAttribute('class', 'told-in'); svg.append(...symbol.cloneNode(true).childNodes);
          document.body.append(svg);
          const bad = [...svg.querySelectorAll('text')].filter((text) => {
            const box = text.getBBox();
            return box.x < 0 || box.x + box.width > 380;
          }).map((text) => text.textContent);
          svg.remove();
          return bad;
        })"""
    )
    assert out == []
    ink, paper = page.evaluate(
        "[getComputedStyle(document.querySelector('symbol text')).fill, "
        "getComputedStyle(document.body).backgroundColor]"
    )
    assert ink != paper


def test_requests_are_printed_where_the_reader_opened_them(opened: Open) -> None:
    page = opened("sample")
    page.emulate_media(media="print")
    ways = page.locator("details.ways")
    assert ways.count() > 1
    assert page.locator(".ways .way:visible").count() == 0
    page.evaluate("document.querySelector('details.ways').open = true")
    assert page.locator(".ways .way:visible").count() > 0


def test_registrations_with_a_grant_to_turn_off_can_be_shown_alone(opened: Open) -> None:
    page = opened("usage")
    choose(page, "Use", "Can be turned off now")
    assert row_names(page) == ["Contoso Portal"]
    assert "use=off" in page.url
    assert row_names(opened("usage", query="?use=blocked")) == ["Contoso Orders API"]
    page.locator("#use").get_by_role("link", name="1 in use: migrate first").click()
    assert row_names(page) == ["Contoso Nightly Sync"]


def test_a_use_with_a_grant_is_the_use_of_that_grant(opened: Open) -> None:
    assert row_names(opened("usage", query="?use=off&grant=implicit")) == ["Contoso Portal"]
    assert row_names(opened("usage", query="?use=off&grant=code")) == []


def test_the_keyboard_alone_filters_opens_and_closes_a_row_and_clears(opened: Open) -> None:
    page = opened("many")
    page.get_by_label("Search").focus()
    page.keyboard.type("application 29")
    assert len(row_names(page)) == 11
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('.r > summary')"):
            break
    first = page.locator("#rows > details").first
    page.keyboard.press("Enter")
    assert first.get_attribute("open") is not None
    page.wait_for_function("(id) => location.hash === '#' + id", arg=first.get_attribute("id"))
    page.keyboard.press("Enter")
    assert first.get_attribute("open") is None
    page.keyboard.press("Escape")
    assert page.get_by_label("Search").input_value() == ""
    assert len(row_names(page)) == 300


def test_what_is_read_aloud_has_the_order_of_the_page(opened: Open) -> None:
    """No headings are reordered by style: their order in the document is the order in which they are seen."""
    page = opened("usage")
    headings = "[...document.querySelectorAll('main h2')].filter((e) => e.checkVisibility())"
    tops = page.evaluate(f"{headings}.map((e) => e.getBoundingClientRect().top)")
    assert tops == sorted(tops)
    tree = page.locator("main").aria_snapshot()
    names = page.evaluate(f"{headings}.map((e) => e.textContent)")
    places = [tree.index(f'heading "{name}" [level=2]') for name in names]
    assert places == sorted(places)


@pytest.mark.parametrize("width", [390, 768, 1280, 1920, 2560])
def test_three_hundred_registrations_fit_ten_screens_at_every_width(opened: Open, width: int) -> None:
    page = opened("many", width=width)
    assert page.evaluate("document.documentElement.scrollHeight / innerHeight") <= 10
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("theme", THEMES)
def test_forced_colors_leave_a_sign_of_every_state(opened: Open, theme: str) -> None:
    page = opened("usage", color_scheme=theme, forced_colors="active", query="#rule-no-owner")
    style = "(place, name, part) => getComputedStyle(document.querySelector(place), part)[name]"
    read = f"([place, name, part]) => ({style})(place, name, part)"
    assert page.evaluate(read, ["#rule-no-owner > h3", "outlineStyle", None]) == "solid"
    assert page.evaluate(read, [".sev.critical", "clipPath", "::before"]).startswith("polygon")
    assert page.evaluate(read, [".r > summary .soon", "content", "::after"]).startswith('" !"')
    assert page.evaluate(read, [".chart .unclear", "strokeDasharray", None]) != "none"
    triangle = page.evaluate(read, [".sheet > summary > h2", "borderTopColor", "::before"])
    assert triangle == "rgba(0, 0, 0, 0)"
    page.get_by_role("button", name="Name", exact=True).click()
    assert page.evaluate(read, [".head [aria-pressed=true]", "textDecorationStyle", None]) == "solid"
    assert page.locator(".contradiction:visible").first.inner_text() == "1 blocked, but seen, 1 not known"


def test_no_expiry_is_cut_on_a_phone(opened: Open) -> None:
    page = opened("sample", width=390)
    page.evaluate("document.querySelectorAll('#rows > details').forEach((row) => (row.open = false))")
    dates = page.locator("#rows > details > summary > :nth-child(6)")
    assert any(dates.all_inner_texts())
    assert dates.evaluate_all("(all) => all.filter((date) => date.scrollWidth > date.clientWidth).length") == 0


def test_a_row_on_a_phone_shows_all_columns_when_it_is_open(opened: Open) -> None:
    page = opened("sample", width=390)
    summary = page.locator("#rows > details[open] > summary").first
    assert "Ann Example" in summary.inner_text()
    assert "implicit" in summary.inner_text()
    assert page.locator("#filter select:visible").count() == 0
    page.get_by_text("Filters", exact=True).click()
    assert page.locator("#filter select:visible").count() > 3
