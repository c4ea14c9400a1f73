"""A text that grantlint can print, and how it is cut into sentences and words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, Literal, NamedTuple

#: How a text is checked: a title for its length in words, sentences for the length of each, a fragment for terms alone.
Kind = Literal["title", "sentences", "fragment"]

#: What a text contains besides words: code, names of parameters, URLs, paths, options, and identifiers.
_NO_WORDS: Final = re.compile(
    r"`+[^`]+`+|\*\w+\*|https?://\S+|(?<![\w-])--?[a-zA-Z][\w-]*|\b\w+(?:_\w+)+\b|\b[a-z0-9]+(?:[A-Z]\w*)+\b|\b\w+(?:[./=]\w+)+\b"
)
#: Where a sentence ends; the name of the program begins one in lower case, and a message joins clauses by semicolons.
_END: Final = re.compile(r"(?<=[.!?])[\"')]*\s+(?=[\"'(]*(?:[A-Z0-9{…`]|grantlint\b))|;\s+|\n\s*\n|\n\s*[-*] ")
_ABBREVIATIONS: Final = re.compile(r"\b(e\.g|i\.e|etc|vs|cf)\.")


class Text(NamedTuple):
    """A text, the file that it is written in (or the page that shows it), and what it is there."""

    place: str
    what: str
    text: str
    kind: Kind = "fragment"


def prose(text: str) -> str:
    """*text* with each piece of code, URL and identifier as one word that no term matches."""
    return _NO_WORDS.sub("…", text)


def sentences(text: str) -> Iterator[str]:
    """The sentences of *text*, each on one line."""
    for sentence in _END.split(_ABBREVIATIONS.sub(lambda found: found[1], text)):
        if words := " ".join(sentence.split()):
            yield words


def count_words(sentence: str) -> int:
    """How many words *sentence* has; a piece of code, a URL or an identifier is one."""
    return sum(any(letter.isalnum() or letter == "…" for letter in word) for word in prose(sentence).split())
