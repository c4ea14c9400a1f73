"""The wizard: numbered plain prompts, one question at a time.

Lines are written and read through the two functions that it is given, so it works on a terminal, over a serial line,
with a screen reader and in a test. It never repaints anything.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from advisor.decide.tree import DecisionTree, Question, Walk, most_left, walk
from rules.credentials import CREDENTIALS
from rules.grants import GRANTS

#: Longer lines than this are hard to read, and some terminals are no wider.
WIDTH = 80

#: So many grants that are still possible are named; a longer list helps nobody.
MOST_NAMED: Final = 6

_HOW = "A number or a name; ? explains, b goes back, q quits."


class StoppedError(Exception):
    """The person has left: with q, with Ctrl-C, or because the input ended."""


def ask_missing(
    tree: DecisionTree,
    known: Mapping[str, str],
    *,
    read: Callable[[], str],
    write: Callable[[str], None],
    width: int = WIDTH,
) -> dict[str, str]:
    """Ask what *known* leaves open until the answers lead to a leaf, and return all answers.

    *read* returns a line without its end; ``EOFError`` and ``KeyboardInterrupt`` are taken as leaving. *write* gets
    whole lines without their ends. Raises ``StoppedError`` when the person leaves.
    """
    dialogue = _Dialogue(read, write, width)
    answers = dict(known)
    own: list[str] = []
    while (found := walk(tree, answers)).missing is not None:
        question = found.missing
        dialogue.ask(question, found, number=len(own) + 1, left=most_left(tree, answers) - 1)
        word = dialogue.read_word()
        if word == "?":
            dialogue.explain(tree, question)
        elif word == "b":
            if own:
                del answers[own.pop()]
            else:
                dialogue.say("This is the first question: there is nothing to go back to.")
        elif (choice := _choose(question, word)) is None:
            dialogue.say(
                f"{word[:40]!r} is none of the answers: type a number from 1 to {len(question.choices)}, or a name."
            )
        else:
            answers[question.id] = choice
            own.append(question.id)
            dialogue.tell_ruled_out(found, walk(tree, answers))
    if own:
        write("")
    return answers


def _choose(question: Question, word: str) -> str | None:
    """The choice that a number, a name, or the beginning of one name means."""
    ids = [choice.id for choice in question.choices]
    if word.isascii() and word.isdigit():
        return ids[int(word) - 1] if len(word) < 4 and 1 <= int(word) <= len(ids) else None
    if word.casefold() in ids:
        return word.casefold()
    beginnings = [name for name in ids if word and name.startswith(word.casefold())]
    return beginnings[0] if len(beginnings) == 1 else None


def _names(ids: Sequence[str]) -> str:
    """Names of grants or credentials for a sentence; the grant *none* would read as if nothing were meant."""
    return ", ".join("doing without a token" if name == "none" else name for name in ids)


class _Dialogue:
    """What is said and how it is wrapped."""

    def __init__(self, read: Callable[[], str], write: Callable[[str], None], width: int) -> None:
        self._read = read
        self._write = write
        self._width = max(40, width)
        self._shown = ""

    def say(self, text: str, first: str = "", then: str | None = None) -> None:
        """Write a paragraph, wrapped."""
        indent = first if then is None else then
        filled = textwrap.wrap(
            text,
            self._width,
            initial_indent=first,
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
        )
        for line in filled:
            self._write(line)

    def read_word(self) -> str:
        """Read one answer."""
        try:
            word = self._read().strip()
        except (EOFError, KeyboardInterrupt):
            raise StoppedError from None
        if word.casefold() in ("q", "quit"):
            raise StoppedError
        return word.casefold() if word in ("?", "b", "B") else word

    def ask(self, question: Question, found: Walk, *, number: int, left: int) -> None:
        """Show a question with its choices; the same question again, after a help or a slip, without the preamble."""
        heading = f"{number} {question.id}"
        if heading != self._shown:
            self._shown = heading
            more = f"at most {left} more" if left else "the last one"
            self._write("")
            half = f" (grant: {found.leaf.grant}, now its credential)" if found.leaf else ""
            self.say(f"Question {number}, {more}{half}")
            self.say(question.ask)
            room = max(len(choice.id) for choice in question.choices)
            for position, choice in enumerate(question.choices, 1):
                first = f"  {position}  {choice.id:<{room}}  "
                self.say(choice.label, first, " " * len(first))
        self.say(_HOW)

    def explain(self, tree: DecisionTree, question: Question) -> None:
        """Say why the question is asked, what each choice means, and where that stands."""
        self._write("")
        self.say(question.help)
        for choice in question.choices:
            if choice.help:
                self.say(f"{choice.id}: {choice.help}", "  ", "    ")
        for name in question.sources:
            source = tree.source_by_id[name]
            self._write(f"  {source.title}")
            self._write(f"  {source.url}")
        self._write("")

    def tell_ruled_out(self, before: Walk, now: Walk) -> None:
        """Say what the last answer has ruled out, with the first reason, and what is still possible."""
        rows = GRANTS if before.leaf is None else CREDENTIALS
        new = [row.id for row in rows if row.id in now.against and row.id not in before.against]
        left = [row.id for row in rows if row.id not in now.against]
        if not new:
            return
        also = f"; also {_names(new[1:])}" if len(new) > 1 else ""
        self.say(f"Ruled out: {_names(new[:1])} ({now.against[new[0]][0].text}){also}", "", "  ")
        if len(left) <= MOST_NAMED:
            self.say(f"{'Still possible' if len(left) > 1 else 'That leaves'}: {_names(left)}", "", "  ")
