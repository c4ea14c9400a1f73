"""What grantlint can print, its documents and its comments are in plain English: terms, length of sentences and titles.

``terms.tsv`` says which words are not used and what to write, ``exceptions.tsv`` what is right nevertheless, and why.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final, NamedTuple

import pytest

from tests.project.plain_english.literals import literals
from tests.project.plain_english.printed import printed
from tests.project.plain_english.texts import Text, count_words, prose, sentences

HERE: Final = Path(__file__).parent
MOST_WORDS: Final = 25
MOST_WORDS_OF_TITLE: Final = 12


class Exemption(NamedTuple):
    """A row of exceptions: patterns of the place and of the sentence, and the reason."""

    place: str
    words: str
    reason: str


class Fault(NamedTuple):
    """A sentence that is not plain, where it is, and what to do."""

    text: Text
    sentence: str
    advice: str

    def __str__(self) -> str:
        return f"{self.text.place}, {self.text.what}: {self.advice}\n    {self.sentence}"

    def excused_by(self, row: Exemption) -> bool:
        return fnmatchcase(self.text.place, row.place) and fnmatchcase(self.sentence, row.words)


def rows(name: str) -> list[list[str]]:
    """The rows of a table without its head and comments."""
    lines = (HERE / name).read_text("utf-8").splitlines()
    return list(csv.reader((line for line in lines if line[:1] != "#"), delimiter="\t", quoting=csv.QUOTE_NONE))[1:]


TERMS: Final = [
    (re.compile(rf"(?<![\w-])(?:{pattern})(?![\w-])", re.IGNORECASE), write) for pattern, write in rows("terms.tsv")
]
#: All terms at once: most texts have none.
ANY_TERM: Final = re.compile("|".join(pattern.pattern for pattern, _ in TERMS), re.IGNORECASE)
EXEMPTIONS: Final = [Exemption(*row) for name in ("exceptions.tsv", "later.tsv") for row in rows(name)]


def faults(texts: Iterable[Text]) -> Iterator[Fault]:
    """What is not plain in *texts*. What is printed in several places is reported for the first alone."""
    seen: set[object] = set()
    for text in texts:
        if text[2:] not in seen:
            seen.add(text[2:])
            for key, fault in (*_long(text), *_terms(text)):
                if key not in seen:
                    seen.add(key)
                    yield fault


def _long(text: Text) -> Iterator[tuple[object, Fault]]:
    """The sentences of *text* that are too long; keyed by themselves."""
    if text.kind == "fragment":
        return
    title = text.kind == "title"
    most = MOST_WORDS_OF_TITLE if title else MOST_WORDS
    for sentence in [text.text] if title else sentences(text.text):
        if (count := count_words(sentence)) > most:
            what = f"{count} words in a {'title' if title else 'sentence'}, at most {most}: one thought in each"
            yield sentence, Fault(text, sentence, what)


def _terms(text: Text) -> Iterator[tuple[object, Fault]]:
    """The words of *text* to replace; keyed by the term and the words around it."""
    if not ANY_TERM.search(text.text):
        return
    for sentence in sentences(text.text):
        words = prose(sentence)
        for pattern, write in TERMS if ANY_TERM.search(words) else ():
            for found in pattern.finditer(words):
                around = words[max(0, found.start() - 12) : found.end() + 12].strip("… ")
                yield (pattern, around), Fault(text, sentence, f"for {found[0]!r} write: {write}")


def test_every_text_is_plain_english() -> None:
    found = list(faults([*literals(), *printed()]))
    wrong = [str(fault) for fault in found if not any(fault.excused_by(row) for row in EXEMPTIONS)]
    assert not wrong, f"{len(wrong)} texts are not plain:\n" + "\n".join(wrong)
    idle = [row for row in EXEMPTIONS if not any(fault.excused_by(row) for fault in found)]
    assert not idle, f"exceptions that excuse nothing; remove them: {idle}"


@pytest.mark.parametrize("row", EXEMPTIONS, ids=lambda row: f"{row.place} {row.words}")
def test_an_exception_has_a_reason(row: Exemption) -> None:
    assert row.place
    assert row.words
    assert row.reason.endswith(".")


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("Where it is mended", "mended"),
        ("A secret holds for 365 days", "secret holds"),
        ("whoever can change pages", "whoever"),
        ("It admits strangers.", "admits"),
        ("'x' is no tenant", "is no"),
        ("another organisation keeps it", "organisation"),
        ("It doesn't sign in.", "doesn't"),
        ("It is public; else it is confidential.", "else"),
    ],
)
def test_a_private_word_is_found(text: str, term: str) -> None:
    assert [fault.advice.split("'")[1] for fault in faults([Text("", "", text)]) if term in fault.advice] != []


@pytest.mark.parametrize(
    "text",
    [
        "Last valid certificate expires in 11 days",
        "There is no redirect URI, and it is no longer needed.",
        "Set `mended` in secret-in-house.toml, see https://house.example/door and --beside",
        "unknown: no-such-room or answers.organisation",
    ],
)
def test_plain_words_and_names_are_not_reported(text: str) -> None:
    assert list(faults([Text("", "", text, "sentences")])) == []


def test_words_are_counted_and_code_is_one() -> None:
    assert count_words("Set `web.implicitGrantSettings.enableIdTokenIssuance to false` for x, e.g. now.") == 6
    assert list(sentences("It works, e.g. here. `x` is set.\n\nThen: stop")) == [
        "It works, e.g here.",
        "`x` is set.",
        "Then: stop",
    ]


def test_long_sentences_and_titles_are_reported() -> None:
    sentence = "Word " * MOST_WORDS + "end."
    assert [fault.sentence for fault in faults([Text("", "", f"Short. {sentence}", "sentences")])] == [sentence]
    title, fragment = Text("", "", "word " * (MOST_WORDS_OF_TITLE + 1), "title"), Text("", "", "word " * 99)
    assert [fault.text for fault in faults([title, fragment])] == [title]
