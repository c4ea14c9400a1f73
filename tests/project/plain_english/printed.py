"""Texts that grantlint prints, gathered by running it: rules with their examples, advice, help, predictions, pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import msgspec
from markdown_it import MarkdownIt

from advisor.commands.table import COMMANDS, build
from advisor.decide.advice import advise
from advisor.decide.draw import tree_shape
from advisor.decide.load import load_tree
from advisor.decide.page.build import page_data
from advisor.demo import BUNDLE, CHECKED_AT
from advisor.policy.config import Configuration
from advisor.preflight.read import read_requests
from advisor.preflight.steps import predict_all
from advisor.run.compose import compose
from advisor.run.session import choose
from advisor.sources.discover import read_texts
from reports.formats import load_formats
from reports.report import Report
from rules.analysis.grants import GRANTS
from rules.docs.catalog import render_catalog
from rules.docs.examples import check_example
from rules.families import RULES
from rules.knowledge.credentials import CREDENTIALS
from rules.model.clean import NOW
from rules.model.registration import Registration
from rules.model.settings import settings_table
from tests.advisor.decide.pages import one_for_each_end
from tests.advisor.preflight.questions import FURTHER, SHARED
from tests.advisor.preflight.refusals import REFUSALS
from tests.advisor.preflight.samples import SAMPLES
from tests.project.plain_english.texts import Text

ROOT: Final = Path(__file__).resolve().parents[3]
#: Pages that people read, without those that are made of texts which are collected here anyway.
PAGES: Final = (
    "README.md",
    ".github/CONTRIBUTING.md",
    ".github/PULL_REQUEST_TEMPLATE.md",
    ".github/SECURITY.md",
    "advisor/decide/README.md",
    "advisor/policy/README.md",
    "advisor/preflight/README.md",
)
#: Elements whose text is code, a drawing, or a document's own title; and those that do not end a text.
_NOT_PROSE: Final = frozenset({"code", "pre", "script", "style", "svg", "a"})
_INLINE: Final = frozenset({*_NOT_PROSE, "b", "i", "em", "strong", "small", "abbr", "mark"} - {"svg"})
_MARKDOWN: Final = MarkdownIt("commonmark").enable("table")


def printed() -> Iterator[Text]:
    """All of them, those first whose file is known best."""
    yield from rules()
    yield from facts()
    yield from tree()
    yield from help_pages()
    yield from predictions()
    for name in PAGES:
        yield from markdown(name, (ROOT / name).read_text("utf-8"))
    for text in markdown("CHANGELOG.md", (ROOT / "CHANGELOG.md").read_text("utf-8")):
        yield text._replace(kind="fragment")  # an entry is a list of what changed
    yield from markdown("rules/docs/catalog.py", render_catalog(()))
    yield from (text._replace(kind="fragment") for text in markdown("rules/README.md", render_catalog(RULES)))
    yield from reports()


def rules() -> Iterator[Text]:
    """Each rule's own texts, and the messages and the reasons for not assessed of all its examples."""
    for rule in RULES:
        place = f"{rule.check.__module__.replace('.', '/')}.py"
        yield Text(place, f"{rule.id}, title", rule.title, "title")
        for name in ("why", "acceptable", "fix"):
            yield Text(place, f"{rule.id}, {name}", getattr(rule, name), "sentences")
        for example in (*rule.bad, *rule.good):
            result = check_example((rule,), rule.base, example)
            for found in result.findings:
                yield Text(place, f"{rule.id}, message", found.message, "sentences")
            for gap in result.not_assessed:
                yield Text(place, f"{rule.id}, not assessed", gap.note, "sentences")


def facts() -> Iterator[Text]:
    """What is said of grants, credentials and settings."""
    for row in (*GRANTS, *CREDENTIALS):
        place = "rules/analysis/grants.py" if row in GRANTS else "rules/knowledge/credentials.py"
        yield from strings(place, row.id, msgspec.to_builtins(row), without=("references", "requests", "id"))
    for name, _, _, sentence in settings_table():
        yield Text("rules/model/settings.py", name, sentence, "sentences")


def tree() -> Iterator[Text]:
    """The tree with what it says at each of its ends: the page's data, and the advice of one path to each end."""
    loaded = load_tree()
    skipped = ("id", "registration", "references", "sources", "rows", "start", "facts", "title", "url", "repeat")
    yield from strings("advisor/decide/page/build.py", "page", page_data(loaded), without=skipped)
    for answers in one_for_each_end(loaded):
        advice = advise(loaded, answers)
        yield from strings("advisor/decide/advice.py", "advice", msgspec.to_builtins(advice), without=skipped)


def strings(place: str, what: str, value: Any, without: tuple[str, ...] = ()) -> Iterator[Text]:
    """Every text with blanks in *value*, except below the keys *without*."""
    if isinstance(value, str):
        if " " in value.strip():
            # What would change lists choices, which have no limit of length together.
            yield Text(place, what, value, "fragment" if what.endswith("would_change") else "sentences")
    elif isinstance(value, dict):
        for key, part in value.items():
            if key not in without:
                yield from strings(place, f"{what}, {key}", part, without)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from strings(place, what, part, without)


def help_pages() -> Iterator[Text]:
    """The help of each command and of its options."""
    for name in COMMANDS:
        command = build(name)
        place = f"advisor/commands/{name}.py"
        for block in re.split(r"\n\s*\n", command.help):
            if "\b" not in block:
                yield Text(place, "help", block, "sentences")
        for option in command.params:
            yield Text(place, f"help of {option.name}", getattr(option, "help", None) or "", "sentences")


def predictions() -> Iterator[Text]:
    """What the preflight says of every request in its tests."""
    for one in (*SHARED, *FURTHER, *REFUSALS, *SAMPLES):
        app = msgspec.convert(one.registration, Registration)
        for found in predict_all(read_requests(one.request.encode(), "request"), lambda _, app=app: app, NOW):
            for check in found.checks:
                place = f"advisor/preflight/steps, {check.step}"
                yield Text(place, "check", check.says, "sentences")
                yield Text(place, "change", check.change, "sentences")
            for open_ in found.uncertain:
                yield Text("advisor/preflight/steps", "depends on", open_.text, "sentences")


def reports() -> Iterator[Text]:
    """The demo's report as Markdown and as HTML: lines that the layout joins, whose length says nothing."""
    loaded = load_tree()
    report = compose(
        title="Contoso",
        version="0",
        now=CHECKED_AT,
        made_at=CHECKED_AT,
        rules=choose(Configuration(), [], []),
        reading=read_texts({name: (files("advisor") / "demo" / name).read_bytes() for name in BUNDLE}),
        advices=tuple(advise(loaded, answers) for answers in one_for_each_end(loaded)[::9]),
        fail_on="never",
    )
    report = msgspec.structs.replace(report, tree=tree_shape(loaded))
    for text in markdown("reports/markdown.py", _render(report, "markdown")):
        yield text._replace(kind="fragment")
    page = _Page()
    page.feed(_render(report, "html"))
    yield from (Text("reports/html", "report", text) for text in page.texts)


def _render(report: Report, name: str) -> str:
    return load_formats((name,))[0].render(report)


def markdown(place: str, text: str) -> Iterator[Text]:
    """The prose of a page, heading by heading: paragraphs, items and cells without code and without texts of links."""
    heading = ""
    tokens = _MARKDOWN.parse(text)
    for before, token in pairwise(tokens):
        if token.type != "inline":
            continue
        words = _inline(token)
        if before.type == "heading_open":
            heading = words
        yield Text(place, heading or "top", words, "title" if before.type == "heading_open" else "sentences")


def _inline(token: Any) -> str:
    parts = []
    inside = 0  # the depth in links
    for child in token.children or ():
        if child.type == "link_open":
            inside += 1
        elif child.type == "link_close":
            inside -= 1
            parts.append("…")
        elif child.type == "code_inline":
            parts.append("…")
        elif child.type in ("softbreak", "hardbreak"):
            parts.append(" ")
        elif not inside:
            parts.append(child.content)
    return "".join(parts)


class _Page(HTMLParser):
    """The texts of a page, without code, drawings and links."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._text = ""
        self._skipped: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._end(tag)
        if tag in _NOT_PROSE:
            self._skipped.append(tag)
            self._text += "…"

    def handle_endtag(self, tag: str) -> None:
        if self._skipped and self._skipped[-1] == tag:
            self._skipped.pop()
        self._end(tag)

    def handle_data(self, data: str) -> None:
        if not self._skipped:
            self._text += data

    def _end(self, tag: str) -> None:
        """End the text, unless *tag* is inside of one."""
        if tag not in _INLINE and not self._skipped:
            if text := " ".join(self._text.split()).strip("… "):
                self.texts.append(text)
            self._text = ""
