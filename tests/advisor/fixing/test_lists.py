"""Removing an element of a list takes its comma and its own lines, and no more."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.fixing.edit import NotFixed, applied, cut
from advisor.fixing.lists import removal
from advisor.fixing.syntax import BICEP, HCL, JSON, Syntax
from advisor.sources.reading.place import Places


def without(text: str, syntax: Syntax, elements: list[str], index: int) -> str:
    """*text*, which is a list of *elements*, without the one of an *index*."""
    spans, at = [], 0
    for element in elements:
        start = text.index(element, at)
        at = start + len(element)
        spans.append((start, at))
    return applied(text, cut("", removal(text, syntax, (0, len(text)), spans, index)))


@pytest.mark.parametrize(
    ("syntax", "text", "index", "left"),
    [
        (JSON, '["a", "b"]', 0, '["b"]'),
        (JSON, '["a", "b"]', 1, '["a"]'),
        (JSON, '[ "a" ]', 0, "[]"),
        (JSON, '[\n  "a",\n  "b"\n]', 0, '[\n  "b"\n]'),
        (JSON, '[\n  "a", // of a\n  "b" // of b\n]', 1, '[\n  "a" // of a\n]'),
        (JSON, '[\n  "a", /* of a */\n  // about b\n  "b"\n]', 0, '[\n  // about b\n  "b"\n]'),
        (JSON, '[\r\n  "a",\r\n  "b"\r\n]', 1, '[\r\n  "a"\r\n]'),
        (HCL, '["a", "b",]', 1, '["a",]'),
        (HCL, '["a",]', 0, "[]"),
        (HCL, '[\n  "a", # of a\n  "b",\n]', 1, '[\n  "a", # of a\n]'),
        (BICEP, "[\n  'a'\n  'b' // of b\n]", 1, "[\n  'a'\n]"),
        (BICEP, "['a', 'b']", 0, "['b']"),
        (JSON, '["a" /* of a */, "b"]', 0, '[ /* of a */ "b"]'),
    ],
)
def test_an_element_goes_with_its_comma_and_its_lines(syntax: Syntax, text: str, index: int, left: str) -> None:
    quote = "'" if syntax is BICEP else '"'
    elements = [f"{quote}{name}{quote}" for name in "ab" if f"{quote}{name}{quote}" in text]
    assert without(text, syntax, elements, index) == left


@pytest.mark.parametrize("text", ['concat(["a"], ["b"])', '["a" + "b"]', '["a", x, "b"]'])
def test_a_list_that_is_not_written_out_stays(text: str) -> None:
    with pytest.raises(NotFixed, match="an expression makes the list"):
        without(text, HCL, ['"a"', '"b"'], 0)


_SPACE = st.sampled_from(("", " ", "\n", "\r\n  ", "\t"))


@given(
    elements=st.lists(st.one_of(st.text('ab,]"\\/', max_size=4), st.integers(0, 9)), min_size=1, max_size=5),
    space=st.lists(_SPACE, min_size=12, max_size=12),
    data=st.data(),
)
def test_what_remains_is_the_list_without_the_element(
    elements: list[str | int], space: list[str], data: st.DataObject
) -> None:
    gaps = iter(space)
    text = "[" + ",".join(f"{next(gaps)}{json.dumps(one)}{next(gaps)}" for one in elements) + next(gaps) + "]"
    index = data.draw(st.integers(0, len(elements) - 1))
    spans = Places(text).elements(0)
    found = applied(text, cut("", removal(text, JSON, (0, len(text)), spans, index)))
    assert json.loads(found) == elements[:index] + elements[index + 1 :]
