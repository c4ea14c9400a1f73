"""The wizard: numbered plain prompts, one question at a time.

Lines are written and read through the two functions that it is given, so it works on a terminal, over a serial line,
with a screen reader and in a test. It never repaints anything.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final

from advisor.decide.advice import advise
from advisor.decide.conflicts import conflicts
from advisor.decide.notes import given_of, open_facts
from advisor.decide.parts import UNSURE, Question
from advisor.decide.reasons import ruled_out
from advisor.decide.tree import DecisionTree, Walk, most_left, walk
from reports.decision import caveats
from reports.wrap import wrap
from rules.analysis.grants import GRANTS
from rules.knowledge.credentials import CREDENTIALS

#: Longer lines than this are hard to read, and some terminals are not wider.
WIDTH = 80

#: At most this many possible grants are named; a longer list does not help.
MOST_NAMED: Final = 6

_KEYS: Final = "?: explain, u: unsure, b: back, s: answers so far, q: quit."
_ONE: Final = "A number or a name"
_SEVERAL: Final = "Numbers or names, joined by commas"

_CHECK = "Enter: accept, a number: change that answer, b: back, m: more facts, q: quit."

_MORE = "Enter: back to the answers."


class StoppedError(Exception):
    """The user has left: with q, with Ctrl-C, or because the input ended."""


class EndedError(StoppedError):
    """The input has ended. When nothing is missing any more, that accepts."""


def ask_missing(
    tree: DecisionTree,
    known: Mapping[str, str],
    *,
    read: Callable[[], str],
    write: Callable[[str], None],
    width: int = WIDTH,
) -> dict[str, str]:
    """Ask what *known* leaves open until the answers lead to a leaf, let the user check them, and return all answers.

    *read* returns a line without its end; ``EOFError`` and ``KeyboardInterrupt`` are taken as leaving. *write* gets
    whole lines without their ends. Raises ``StoppedError`` when the user leaves.
    """
    dialog = _Dialogue(read, write, width)
    answers = dict(known)
    own: list[str] = []
    earlier: dict[str, str] = {}
    _ask_path(tree, answers, own, earlier, dialog)
    if not own:
        return answers
    while (word := dialog.check(tree, answers, own)) != "":
        if word == "m":
            _ask_more(tree, answers, own, dialog)
        elif word == "b":
            _take_back(own.pop(), answers, earlier)
            dialog.forget()
            _ask_path(tree, answers, own, earlier, dialog)
        elif word.isascii() and word.isdigit() and len(word) < 4 and 1 <= int(word) <= len(own):
            _take_back(own.pop(int(word) - 1), answers, earlier)
            dialog.forget()
            _ask_path(tree, answers, own, earlier, dialog)
        else:
            dialog.say(f"{word[:40]!r} is not one of these: Enter, a number from 1 to {len(own)}, b, m or q.")
    return answers


def _ask_path(
    tree: DecisionTree, answers: dict[str, str], own: list[str], earlier: dict[str, str], dialog: _Dialogue
) -> None:
    """Ask until the answers lead to a leaf; *own* are the questions that the user has answered, in order, *earlier*
    the answers that were taken back: Enter gives them again.
    """
    while (found := walk(tree, answers)).missing is not None:
        question = found.missing
        before = earlier.get(question.fact, "")
        left = most_left(tree, answers) - 1
        dialog.ask(question, found, number=len(own) + 1, left=left, earlier=before)
        word = dialog.read_word() or before
        if word == "?":
            dialog.explain(tree, question)
        elif word == "s":
            dialog.tell_so_far(tree, answers, own)
        elif word == "b":
            if own:
                _take_back(own.pop(), answers, earlier)
            else:
                dialog.say("This is the first question, so you cannot go back.")
        elif (choice := choose(question, word)) is None:
            dialog.say(_slip(question, word))
        else:
            conflicting = conflicts(tree, answers).certain
            answers[question.fact] = choice
            own.append(question.fact)
            if choice == UNSURE:
                dialog.tell_safe_side(question)
            dialog.tell_consequences(tree, found, answers, conflicting)
            dialog.tell_ruled_out(tree, found, answers)
    # What was answered for another branch, before the user went back, no longer counts.
    asked = [step.question.fact for step in found.asked]
    for name in [name for name in own if name not in asked and not tree.facts[name].aside]:
        own.remove(name)
        del answers[name]
    own.sort(key=lambda name: asked.index(name) if name in asked else len(asked))


def _take_back(name: str, answers: dict[str, str], earlier: dict[str, str]) -> None:
    """Take an answer back, and remember it."""
    earlier[name] = answers.pop(name)


def _slip(question: Question, word: str) -> str:
    """What is wrong with a word that is not an answer."""
    several = f", or several joined by commas ({_alone(question)})" if question.many else ""
    return (
        f"{word[:40]!r} is not one of the answers: type a number from 1 to {len(question.choices)}, or a name{several}."
    )


def _alone(question: Question) -> str:
    """Which choices cannot be combined."""
    names = [choice.id for choice in question.choices if choice.alone]
    return f"{' and '.join(names)} only alone" if names else "in any order"


def _ask_more(tree: DecisionTree, answers: dict[str, str], own: list[str], dialog: _Dialogue) -> None:
    """Offer the facts that would add a warning, a scope or a setting; the grant stays what it is."""
    names = open_facts(tree, given_of(tree, walk(tree, answers), answers))
    names = tuple(name for name in names if name not in answers)
    if not names:
        dialog.say("No other answer would change this advice.")
        return
    name = dialog.offer(tree, names)
    if name is None:
        return
    question = tree.facts[name]
    while True:
        dialog.ask_aside(question)
        word = dialog.read_word()
        if word == "?":
            dialog.explain(tree, question)
        elif word in ("b", ""):
            return
        elif choice := choose(question, word):
            answers[name] = choice
            own.append(name)
            return
        else:
            dialog.say(_slip(question, word))


def choose(question: Question, word: str) -> str | None:
    """The answer that *word* means: a number, a name, or the beginning of one name; several, joined by commas, where
    the question allows that. Nothing for a word that is not an answer.
    """
    if word.casefold() in ("u", UNSURE):
        return UNSURE
    words = [part.strip() for part in word.split(",")] if question.many else [word]
    ids = [_choice(question, part) for part in words]
    picked = question.picked(",".join(dict.fromkeys(name for name in ids if name))) if all(ids) else ()
    return ",".join(choice.id for choice in picked) or None


def _choice(question: Question, word: str) -> str | None:
    """The choice that a number, a name, or the beginning of one name means."""
    ids = [choice.id for choice in question.choices]
    if word.isascii() and word.isdigit():
        return ids[int(word) - 1] if len(word) < 4 and 1 <= int(word) <= len(ids) else None
    if word.casefold() in ids:
        return word.casefold()
    beginnings = [name for name in ids if word and name.startswith(word.casefold())]
    return beginnings[0] if len(beginnings) == 1 else None


def _in_words(question: Question, answer: str) -> str:
    """An answer in words."""
    return "; ".join(choice.label for choice in question.picked(answer)) or "I do not know"


def _names(ids: Sequence[str]) -> str:
    """Names of grants or credentials for a sentence; the grant *none* has no name that fits."""
    return ", ".join("a client without a token" if name == "none" else name for name in ids)


class _Dialogue:
    """What is said and how it is wrapped."""

    def __init__(self, read: Callable[[], str], write: Callable[[str], None], width: int) -> None:
        self._read = read
        self._write = write
        self._width = max(40, width)
        self._shown = ""

    def say(self, text: str, first: str = "", then: str | None = None) -> None:
        """Write a paragraph, wrapped."""
        for line in wrap(text, self._width, first, then):
            self._write(line)

    def read_word(self) -> str:
        """Read one answer."""
        try:
            word = self._read().strip()
        except EOFError:
            raise EndedError from None
        except KeyboardInterrupt:
            raise StoppedError from None
        if word.casefold() in ("q", "quit"):
            raise StoppedError
        return word.casefold() if word in ("?", "b", "B", "s", "S", "m", "M") else word

    def forget(self) -> None:
        """Show the next question in full, whatever was shown before."""
        self._shown = ""

    def ask(self, question: Question, found: Walk, *, number: int, left: int, earlier: str) -> None:
        """Show a question with its choices; the same question again, after a help or a slip, without the preamble."""
        heading = f"{number} {question.fact}"
        if heading != self._shown:
            self._shown = heading
            self._write("")
            half = f" (grant: {found.leaf.grant}; next: its credential)" if found.leaf else ""
            self.say(f"Question {number} of at most {number + left}{half}")
            self.say(question.ask)
            self._choices(question)
        self.say(f"{_SEVERAL if question.many else _ONE}; {_KEYS}")
        if earlier:
            self.say(f"Enter keeps your earlier answer: {_in_words(question, earlier)}")

    def check(self, tree: DecisionTree, answers: Mapping[str, str], own: Sequence[str]) -> str:
        """Show the user's answers and where they lead, and read what to do next."""
        found = walk(tree, answers)
        self._write("")
        self.say("Your answers:")
        self._answers(tree, answers, own)
        end = found.leaf.headline if found.leaf else ""
        self.say(f"Your answers lead to: {end}" + (f". {found.credential.title}." if found.credential else "."))
        advice = advise(tree, answers)
        for line in caveats(advice):
            self.say(f"{line.term}: {line.words}", "", "  ")
        for row in advice.alternatives:
            ways = "; ".join(f"{outcome.label}: {outcome.leads_to}" for outcome in row.outcomes[1:])
            self.say(f"Not known: {row.ask} Other answers: {ways}", "", "  ")
        self.say(_CHECK)
        try:
            return self.read_word()
        except EndedError:
            return ""

    def tell_so_far(self, tree: DecisionTree, answers: Mapping[str, str], own: Sequence[str]) -> None:
        """Say what has been answered, and which grants are ruled out with the first reason."""
        self._write("")
        self.say("So far:" if own else "No question has been answered yet.")
        self._answers(tree, answers, own)
        for name, reason in ruled_out(tree, answers).items():
            self.say(f"ruled out: {_names([name])}" + (f" ({reason})" if reason else ""), "  ", "    ")
        self._write("")
        self.forget()

    def tell_safe_side(self, question: Question) -> None:
        """Say what is assumed for an unknown answer."""
        if question.unsure and (choice := question.choice(question.unsure.choice)):
            who = f" Who can answer: {question.who}" if question.who else ""
            self.say(f"Safe assumption: {choice.label}. Reason: {question.unsure.because}.{who}", "", "  ")

    def tell_consequences(
        self, tree: DecisionTree, before: Walk, answers: Mapping[str, str], conflicting: Collection[str]
    ) -> None:
        """Say which answers conflict since the last one, and which follow from it without being asked."""
        for text in conflicts(tree, answers).certain:
            if text not in conflicting:
                self.say(f"Conflict: {text.removesuffix('.')}.", "", "  ")
        known = {step.question.fact for step in before.taken}
        for step in walk(tree, answers).taken:
            if step.inferred and step.question.fact not in known:
                self.say(f"Derived: {step.question.ask} {step.label}. Reason: {step.inferred.because}.", "", "  ")

    def offer(self, tree: DecisionTree, names: Sequence[str]) -> str | None:
        """Let the user pick one more fact; nothing for none."""
        self._write("")
        self.say("These answers change caveats, scopes and settings, not the grant:")
        for position, name in enumerate(names, 1):
            first = f"  {position:>2}  "
            self.say(tree.facts[name].ask, first, " " * len(first))
        self.say(_MORE)
        word = self.read_word()
        if word.isascii() and word.isdigit() and len(word) < 4 and 1 <= int(word) <= len(names):
            return names[int(word) - 1]
        return word if word in names else None

    def ask_aside(self, question: Question) -> None:
        """Show a question that is on no path."""
        self._write("")
        self.say(question.ask)
        self._choices(question)
        self.say(f"{_SEVERAL if question.many else _ONE}; ?: explain, u: unsure, Enter: skip, q: quit.")

    def _answers(self, tree: DecisionTree, answers: Mapping[str, str], own: Sequence[str]) -> None:
        for position, name in enumerate(own, 1):
            question, first = tree.facts[name], f"  {position}  "
            self.say(f"{question.ask} {_in_words(question, answers[name])}", first, " " * len(first))

    def _choices(self, question: Question) -> None:
        width = max(len(choice.id) for choice in question.choices)
        places = len(str(len(question.choices)))
        for position, choice in enumerate(question.choices, 1):
            first = f"  {position:>{places}}  {choice.id:<{width}}  "
            self.say(choice.label, first, " " * len(first))

    def explain(self, tree: DecisionTree, question: Question) -> None:
        """Say why the question is asked, what each choice means, and its sources."""
        self._write("")
        self.say(f"Reason for this question: {question.help}")
        for choice in question.choices:
            if choice.help:
                self.say(f"{choice.id}: {choice.help}", "  ", "    ")
        for name in question.sources:
            source = tree.source_by_id[name]
            self._write(f"  {source.title}")
            self._write(f"  {source.url}")
        self._write("")

    def tell_ruled_out(self, tree: DecisionTree, before: Walk, answers: Mapping[str, str]) -> None:
        """Say what the last answer has ruled out, with the first reason, and what is still possible."""
        last = before.missing.fact if before.missing else ""
        if before.leaf is None:
            earlier = ruled_out(tree, {name: choice for name, choice in answers.items() if name != last})
            now, names = ruled_out(tree, answers), [row.id for row in GRANTS]
        else:
            earlier, now = (
                {name: reasons[0].text for name, reasons in found.against.items()}
                for found in (before, walk(tree, answers))
            )
            names = [row.id for row in CREDENTIALS]
        new = [name for name in names if name in now and name not in earlier]
        left = [name for name in names if name not in now]
        if not new:
            return
        new.sort(key=lambda name: not now[name])  # one with a reason first
        also = f"; also {_names(new[1:])}" if len(new) > 1 else ""
        reason = f" ({now[new[0]]})" if now[new[0]] else ""
        self.say(f"Ruled out: {_names(new[:1])}{reason}{also}", "", "  ")
        if len(left) <= MOST_NAMED:
            self.say(f"{'Still possible' if len(left) > 1 else 'That leaves'}: {_names(left)}", "", "  ")
