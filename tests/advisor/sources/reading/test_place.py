"""A JSON pointer leads to the line and column at which its value stands."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.sources.reading.place import Places

TEXT = """{
  "name": "Pörtal",
\t"list": [ {"a": 1}, {"A": [true, null]} ],
  "a/b": {"c~d": "x"}
}
"""

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=20,
)


def pointers(value: Any, at: str = "") -> Iterator[tuple[str, Any]]:
    yield at, value
    if isinstance(value, list):
        for index, element in enumerate(value):
            yield from pointers(element, f"{at}/{index}")
    if isinstance(value, dict):
        folded = [key.casefold() for key in value]
        for key, member in value.items():
            if folded.count(key.casefold()) == 1:
                yield from pointers(member, f"{at}/{key.replace('~', '~0').replace('/', '~1')}")


@given(JSON, st.sampled_from([None, 0, 3]), st.booleans())
def test_every_value_is_found_where_it_stands(value: Any, indent: int | None, ascii_only: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    places = Places(text)
    for pointer, expected in pointers(value):
        spot = places.follow(pointer)
        assert spot.whole
        assert json.loads(text[slice(*spot.span)]) == expected


@pytest.mark.parametrize(
    ("pointer", "line", "column", "end", "piece"),
    [
        ("/name", 2, 11, (2, 19), '"Pörtal"'),
        ("/list/1/a/0", 3, 29, (3, 33), "true"),
        ("/a~1b/c~0d", 4, 18, (4, 21), '"x"'),
    ],
)
def test_an_origin_has_line_column_end_and_the_source_line(
    pointer: str, line: int, column: int, end: tuple[int, int], piece: str
) -> None:
    places = Places(TEXT)
    origin = places.origin("f.json", places.follow(pointer), "p")
    assert (origin.line, origin.column, (origin.end_line, origin.end_column)) == (line, column, end)
    assert origin.text[origin.text_start : origin.text_end] == piece


def test_the_files_own_spelling_of_the_keys_is_kept() -> None:
    assert Places(TEXT).follow("/LIST/1/a").tokens == ("list", "1", "A")


def test_what_is_not_there_has_its_parents_place_and_no_source_line() -> None:
    places = Places(TEXT)
    spot = places.follow("/list/0/b/c")
    origin = places.origin("f.json", spot, "list[0].b.c")
    assert not spot.whole
    assert (origin.line, origin.column, origin.text) == (3, 12, "")


def test_of_a_long_line_the_piece_around_the_value_is_shown() -> None:
    text = json.dumps([f"https://host-{n}.example/callback" for n in range(400)])
    places = Places(text)
    origin = places.origin("f.json", places.follow("/300"), "p")
    assert len(origin.text) <= 160
    assert origin.text[origin.text_start : origin.text_end] == '"https://host-300.example/callback"'
    assert origin.column == text.index('"https://host-300') + 1


def test_a_value_over_several_lines_is_marked_on_its_first_line() -> None:
    places = Places('{\n  "a": {\n    "b": 1\n  }\n}')
    origin = places.origin("f.json", places.follow("/a"), "a")
    assert (origin.line, origin.end_line) == (2, 4)
    assert origin.text[origin.text_start : origin.text_end] == "{"


def test_positions_come_from_what_people_see_and_values_from_what_was_parsed() -> None:
    shown = '{ /* why */\n "a": 1, }'
    places = Places('{          \n "a": 1  }', shown)
    origin = places.origin("f.json", places.follow("/a"), "a")
    assert (origin.line, origin.column, origin.text) == (2, 7, ' "a": 1, }')


def test_what_was_found_is_kept_for_anchors_and_forgotten_for_the_rest() -> None:
    text = json.dumps({"value": [{"a": n} for n in range(3)]})
    places = Places(text)
    start, end = places.anchor("/value/2")
    places.forget()
    assert text[start:].startswith('{"a": 2}')
    assert places.follow("/a", start).span == (start + 6, start + 7)
    assert end == len(text) - 2
    assert places.follow("", start, end).span == places.follow("", start).span == (start, end)


def test_where_the_whole_text_ends_is_left_to_who_asks() -> None:
    places = Places(' {"a": 1} ')
    assert places.anchor("") == (1, None)
    assert places.follow("", 1).span == (1, 9)
