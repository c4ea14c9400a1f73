"""What ``reports.escape`` promises for every text that somebody else wrote."""

import re
import string
import unicodedata
from urllib.parse import urlsplit
from xml.etree.ElementTree import fromstring

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from reports.escape import (
    NAME_SHOWN,
    SHOWN,
    azure_message,
    azure_property,
    cell,
    file_uri,
    github_data,
    github_property,
    log_lines,
    markdown,
    markdown_code,
    markup,
    sarif_message,
    visible,
    visible_host,
    visible_name,
)

texts = st.text(st.characters(), max_size=300)


#: Format characters that have a glyph of their own: signs before a number in Arabic, Syriac and Kaithi.
SEEN = {*map(chr, range(0x600, 0x606)), "\u06dd", "\u070f", "\u0890", "\u0891", "\u08e2", "\U000110bd", "\U000110cd"}


@given(texts)
@example("\u202egnp.exe")
@example("a\ud800b")
@example("\x1b[31m")
@example(" \u3000 ")
def test_nothing_hidden_survives(text: str) -> None:
    shown = visible(text)
    hidden = {c for c in shown if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")}
    assert hidden <= SEEN
    shown.encode("utf-8")


def test_no_character_is_hidden_by_itself() -> None:
    hidden = ("Cc", "Cf", "Cs", "Co", "Zl", "Zp", "Zs")
    left = {c for c in map(chr, range(0x110000)) if unicodedata.category(c) in hidden and visible(f"a{c}b") == f"a{c}b"}
    assert left == {*SEEN, " ", "\u3000"}


@given(texts, st.integers(min_value=60, max_value=400))
def test_what_comes_out_comes_out_unchanged_again(text: str, limit: int) -> None:
    once = visible(text, limit)
    assert visible(once, limit) == once


@given(texts, st.integers(min_value=60, max_value=400))
def test_the_limit_holds_whatever_is_escaped(text: str, limit: int) -> None:
    assert len(visible(text, limit)) <= limit


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1).filter(str.strip))
def test_plain_text_is_left_alone(text: str) -> None:
    assert visible(text) == text


@pytest.mark.parametrize("text", ["Zürich", "日本語 アプリ", "Ελληνικά", "Привет", "naïve café", "app 🚀"])
def test_the_letters_of_the_world_stay_as_they_are(text: str) -> None:
    assert visible(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\tb", r"a\tb"),
        ("a\r\nb", r"a\r\nb"),
        ("\x1b[31m", r"\x1b[31m"),
        ("a\u202eb", r"a\u202eb"),
        ("a\u200bb", r"a\u200bb"),
        ("a\ud800b", r"a\ud800b"),
        ("a\U000e0041b", r"a\U000e0041b"),
        ("   ", r"\x20\x20\x20"),
        ("", ""),
    ],
)
def test_what_is_hidden_is_written_as_in_python(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_what_was_cut_says_how_long_it_was() -> None:
    shown = visible("x" * 1_000_000)
    assert len(shown) == SHOWN
    assert shown.endswith("x… (cut; 1,000,000 characters in all)")


def test_a_registration_without_a_name_is_called_so() -> None:
    assert visible_name("") == "(no name)"
    assert visible_name("Contoso") == "Contoso"
    assert len(visible_name("x" * 500)) == NAME_SHOWN


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("p\u0430ypal", r"p\u0430ypal"),
        ("Sh\u03bfp", r"Sh\u03bfp"),
        ("\uff41bc", r"\uff41bc"),
        ("Москва", "Москва"),
        ("Москва Office", "Москва Office"),
        ("Überblick", "Überblick"),
        ("日本語App", "日本語App"),
    ],
)
def test_a_letter_of_another_alphabet_among_latin_ones_is_made_visible(text: str, shown: str) -> None:
    assert visible(text) == shown


@pytest.mark.parametrize(
    ("host", "shown"),
    [
        ("app.contoso.com", "app.contoso.com"),
        ("\u0430\u0440\u0440\u04cf\u0435.com", "\u0430\u0440\u0440\u04cf\u0435.com (xn--80ak6aa92e.com)"),
        ("xn--80ak6aa92e.com", "xn--80ak6aa92e.com (\u0430\u0440\u0440\u04cf\u0435.com)"),
        ("münchen.example", "münchen.example (xn--mnchen-3ya.example)"),
        ("xn--.example", "xn--.example"),
        (f"{'ü' * 300}.example", f"{'ü' * 90}… (cut; 308 characters in all)"),
    ],
)
def test_a_host_is_shown_in_both_its_spellings(host: str, shown: str) -> None:
    assert visible_host(host) == shown


@given(texts)
@example("=1+1")
@example("\t=1")
@example("＝1")
def test_no_cell_begins_a_formula(text: str) -> None:
    shown = cell(visible(text))
    assert not shown.startswith(("=", "+", "-", "@", "|", "%", "\t", "\r", "\n", "＝", "＋", "－", "＠"))
    assert shown.removeprefix("'") == visible(text).removeprefix("'")


@given(texts)
@example('"><script>&amp;')
@example("\x00\ufffe")
def test_xml_gives_back_what_was_put_in(text: str) -> None:
    element = fromstring(f'<a b="{markup(visible(text))}">{markup(visible(text))}</a>')
    assert (element.get("b"), element.text or "") == (visible(text), visible(text))


@given(texts)
@example("[click](https://evil.example)")
@example("\\[x](1)")
@example("{0}")
def test_a_sarif_message_holds_no_link_and_no_placeholder(text: str) -> None:
    message = sarif_message(visible(text))
    assert re.search(r"(?<!\\)(?:\\\\)*\[(?:[^\[\]\\]|\\.)*\]\(", message) is None
    assert re.search(r"(?<!\{)\{\d+\}", message) is None


@given(texts)
@example("x\n::stop-commands::y")
@example("%0A::error::")
@example("a,file=b:c")
def test_a_workflow_command_gives_back_what_was_put_in(text: str) -> None:
    """Read as the runner does: split at the first ``::`` after the properties, then decode (actions/runner,
    ActionCommand).
    """
    line = f"::error title={github_property(text)}::{github_data(text)}"
    assert "\n" not in line
    assert "\r" not in line
    properties, _, data = line.removeprefix("::error title=").partition("::")
    decode = {"%0D": "\r", "%0A": "\n", "%3A": ":", "%2C": ",", "%25": "%"}
    assert "," not in properties
    assert re.sub("%(?:0D|0A|3A|2C|25)", lambda m: decode[m[0]], properties) == text
    assert re.sub("%(?:0D|0A|25)", lambda m: decode[m[0]], data) == text


@given(texts)
@example("a];code=b]##vso[task.complete result=Failed;]")
@example("%AZP25")
def test_a_logging_command_gives_back_what_was_put_in(text: str) -> None:
    line = f"##vso[task.logissue code={azure_property(text)};]{azure_message(text)}"
    assert "\n" not in line
    assert "\r" not in line
    inside, _, message = line.removeprefix("##vso[task.logissue code=").partition("]")
    decode = {"%3B": ";", "%0D": "\r", "%0A": "\n", "%5D": "]", "%AZP25": "%"}
    assert inside.count(";") == 1
    assert re.sub("%(?:AZP25|3B|0D|0A|5D)", lambda m: decode[m[0]], inside[:-1]) == text
    without_command = re.sub(r"(?i)##(?=\[|vso\[)", "#\\\\#", text)
    assert re.sub("%(?:AZP25|0D|0A)", lambda m: decode[m[0]], message) == without_command


@given(st.text(st.sampled_from("#:[]vso \n\x1b1mab\\"), max_size=60))
@example("::error::x")
@example("\x1b[1m ::error::x")
@example("name ##[error]x ##vso[task.complete]")
def test_a_log_holds_no_command_of_a_pipeline(text: str) -> None:
    shown = log_lines(text)
    assert not any(re.match(r"(\s|\x1b\[[0-9;]*m)*::", line) for line in shown.split("\n"))
    assert "##[" not in shown
    assert "##vso[" not in shown


@given(texts)
@example("[x](javascript:alert(1)) ![y](z) <img src=x> `code` **b** | a\\|b &amp; ~~s~~ $x$")
@example("1. one")
@example("- one")
@example("# one")
@example("\\")
def test_markdown_shows_exactly_the_text(text: str) -> None:
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parseInline(markdown(visible(text)))
    children = tokens[0].children or []
    assert {token.type for token in children} <= {"text", "text_special", "html_inline"}
    assert {token.content for token in children if token.type == "html_inline"} <= {"<!-- -->"}
    shown = "".join(token.content for token in children if token.type != "html_inline")
    assert shown.strip(" ") == visible(text).strip(" ")


@given(texts)
@example("1. one")
@example("- one")
@example("-")
@example("---")
@example("    code")
def test_markdown_in_a_list_item_stays_one_paragraph(text: str) -> None:
    kinds = [token.type for token in MarkdownIt("commonmark").parse(f"- x {markdown(visible(text))}")]
    assert kinds.count("list_item_open") == 1
    assert kinds.count("inline") == 1


@pytest.mark.parametrize(
    "text", ["@ann", "see #12", "https://a.example", "www.a.example", "GH-12", "!12", "a@b.example"]
)
def test_markdown_mentions_nobody_and_links_nothing(text: str) -> None:
    assert re.search(r"@\w|#\d|://|www\.|GH-\d|!\d", markdown(text)) is None


@given(texts)
@example("`")
@example("``a`")
@example(" a ")
def test_a_code_span_shows_exactly_the_text(text: str) -> None:
    (inline,) = MarkdownIt("commonmark").parseInline(f"x {markdown_code(visible(text))}".replace("\\|", "|"))
    codes = [token.content for token in inline.children or [] if token.type == "code_inline"]
    assert [code.strip(" ") for code in codes] == [visible(text).strip(" ")]


@given(texts)
@example("../a b/ü.json")
@example("C:\\x\\y.json")
@example("javascript:alert(1)")
@example("//host/x")
def test_a_path_becomes_a_reference_without_a_foreign_scheme_or_host(text: str) -> None:
    uri = file_uri(text)
    parts = urlsplit(uri)
    assert uri.isascii()
    assert parts.scheme in ("", "file")
    assert parts.netloc == ""
    assert set(uri) <= set(string.ascii_letters + string.digits + "-._~/%:")


def test_a_message_of_azure_pipelines_holds_no_second_command() -> None:
    message = azure_message("name ##vso[task.setvariable variable=PATH]x ##[error]y ##VSO[z]")
    assert not re.search(r"##(\[|vso\[)", message, re.IGNORECASE)
