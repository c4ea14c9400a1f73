"""Text that is nearly JSON becomes JSON of the same length."""

import codecs
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.errors import InputError
from advisor.sources.reading.text import decode, relax

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)


def relaxed(text: str) -> object:
    found = relax(text)
    assert len(found.text) == len(text)
    assert [n for n, c in enumerate(found.text) if c == "\n"] == [n for n, c in enumerate(text) if c == "\n"]
    return json.loads(found.text)


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [
        ("utf-8", b""),
        ("utf-8", codecs.BOM_UTF8),
        ("utf-16-le", codecs.BOM_UTF16_LE),
        ("utf-16-be", codecs.BOM_UTF16_BE),
        ("utf-16-le", b""),
        ("utf-16-be", b""),
        ("utf-32-le", codecs.BOM_UTF32_LE),
    ],
)
def test_a_byte_order_mark_or_its_pattern_names_the_encoding(encoding: str, mark: bytes) -> None:
    assert decode(mark + '{"name": "Überblick"}'.encode(encoding), "m.json") == '{"name": "Überblick"}'


def test_what_is_not_utf_8_is_taken_for_windows_1252() -> None:
    assert decode('{"name": "Überblick"}'.encode("cp1252"), "m.json") == '{"name": "Überblick"}'


@pytest.mark.parametrize("data", [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"PK\x03\x04\0\0", bytes(range(256))])
def test_a_binary_file_is_not_text(data: bytes) -> None:
    with pytest.raises(InputError, match="is not text"):
        decode(data, "picture.json")


def test_comments_and_trailing_commas_are_blanked() -> None:
    text = '{ // the portal\n  "a": [1, 2, /* three */ ],\n  "b": "http://x.example/*,]", // ,\n}\n'
    assert relaxed(text) == {"a": [1, 2], "b": "http://x.example/*,]"}


def test_a_comment_that_is_never_closed_reaches_to_the_end() -> None:
    assert relaxed('{"a": 1} /* and so') == {"a": 1}


def test_a_bare_placeholder_becomes_a_text_that_still_looks_like_one() -> None:
    assert relaxed('{"isEnabled": ${{FLAG}}, "n": {{state.n}}}') == {"isEnabled": "{{FLAG}", "n": "{state.n}"}


def test_of_two_template_sections_one_is_kept_and_the_other_is_named() -> None:
    text = '{"u": [\n{{#Entra}}\n "a",\n "b"\n{{/Entra}}\n{{^Entra}}\n "c"\n{{/Entra}}\n]}'
    assert relaxed(text) == {"u": ["a", "b"]}
    assert relax(text).left_out == ("{{^Entra}}",)


@given(JSON)
def test_strict_json_is_left_alone(value: object) -> None:
    text = json.dumps(value, indent=1)
    assert relax(text).text == text


@given(st.text(alphabet='{}[]",:/*\n \\a1$#^'))
def test_any_text_keeps_its_length_and_lines(text: str) -> None:
    found = relax(text).text
    assert len(found) == len(text)
    assert found.count("\n") == text.count("\n")


@pytest.mark.parametrize("unit", ["/*", "//**/", ",/**/", '"', "{{#a}}", "${{"])
def test_hostile_repetition_costs_no_more_than_its_length(unit: str) -> None:
    text = unit * 50_000
    assert len(relax(text).text) == len(text)
