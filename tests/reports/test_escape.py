"""What ``reports.escape`` promises for every text that somebody else wrote."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reports.escape import NAME_SHOWN, SHOWN, visible, visible_name

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
