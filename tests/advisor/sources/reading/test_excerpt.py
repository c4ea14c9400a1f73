"""Pieces of a large file stand where they are in the whole file."""

import json

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from advisor.sources.reading.document import Document
from advisor.sources.reading.excerpt import Excerpts

TEXTS = st.text(st.sampled_from("aü€😀 \n"), max_size=40)


@given(
    between=st.lists(TEXTS, min_size=2, max_size=5),
    indent=st.sampled_from((None, 1)),
    far=st.sampled_from((0, 1, 1500)),
)
def test_a_piece_has_the_line_column_and_text_that_it_has_in_the_whole(
    between: list[str], indent: int | None, far: int
) -> None:
    pieces = [
        json.dumps({"n": number, "v": ["é", "x"]}, indent=indent, ensure_ascii=False) for number in range(len(between))
    ]
    text = "".join(gap + "y" * far + piece for gap, piece in zip(between, pieces, strict=True)) + "z" * far
    whole = Document("f", text).places
    excerpts = Excerpts("f", text.encode())
    for piece in (*pieces, pieces[0]):  # in their order, and once again from the beginning
        place = excerpts.place(piece.encode(), "/v/1")
        places = place.document.places
        expected = whole.origin("f", whole.follow("/v/1", text.index(piece)), "v")
        found = places.origin("f", places.follow(place.pointer, place.start), "v")
        if far > 1000:  # a line that is too long is kept from the piece on
            assert (
                found.text[found.text_start : found.text_end] == expected.text[expected.text_start : expected.text_end]
            )
            shown = {"text": "", "text_start": 0, "text_end": 0}
            found, expected = (msgspec.structs.replace(one, **shown) for one in (found, expected))
        assert found == expected
        whole.forget()


def test_pieces_are_looked_for_from_a_key_on() -> None:
    excerpts = Excerpts("f", b'{"before": {"a": 1},\n "key": {"a": 1}}')
    excerpts.begin(b'"key"')
    place = excerpts.place(b'{"a": 1}')
    assert place.document.places.position(place.start) == (2, 9)
