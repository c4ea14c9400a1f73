"""What decoders say, in the words of grantlint."""

import json
from collections.abc import Callable

import msgspec
import pytest

from advisor.decode_errors import in_words


class _Part(msgspec.Struct):
    count: int


class _Whole(msgspec.Struct, forbid_unknown_fields=True):
    part: _Part


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "the file is empty or incomplete"),
        ("x", "the text is not valid JSON at byte 0"),
        ("[]", "expected an object, got a list"),
        ("{}", "the property 'part' is missing"),
        ('{"part": {"count": "1"}}', "expected a whole number, got a text in part.count"),
        ('{"part": {"count": 1}, "more": 1}', "the property 'more' is unknown"),
    ],
)
def test_msgspec(text: str, words: str) -> None:
    assert _error(lambda: msgspec.json.decode(text, type=_Whole)) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "it is empty"),
        ('{"a": }', "a value is missing"),
        ('{"a": 1 "b": 2}', "a comma is missing"),
        ('{"a" 1}', "a colon is missing"),
        ("{a: 1}", "a property name is missing"),
        ('{"a', "the closing quotation mark is missing"),
        ("1 2", "there is text after the end of the document"),
    ],
)
def test_json(text: str, words: str) -> None:
    assert _error(lambda: json.loads(text)) == words


def _error(decode: Callable[[], object]) -> str:
    with pytest.raises((ValueError, msgspec.MsgspecError)) as error:
        decode()
    return in_words(error.value)
