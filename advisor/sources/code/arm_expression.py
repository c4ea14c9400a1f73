"""ARM's template expressions: ``[format('{0}-app', parameters('name'))]``.

Source: Microsoft, "Syntax and expressions in ARM templates", "Lambda functions for ARM templates".
"""

from __future__ import annotations

import re
from typing import Final

from advisor.sources.code.expressions import LONGEST_CHAIN, Expression, Literal, Name, Opaque
from advisor.sources.code.template_expressions import Access, Apply, Chain, Lambda
from advisor.sources.reading.node import Place

_WORD: Final = re.compile(r"[A-Za-z_]\w*")
_DEEPEST: Final = 60


def is_expression(text: str) -> bool:
    """Whether a text of a template is an expression; ``[[`` begins a text that begins with a bracket."""
    return text.startswith("[") and text.endswith("]") and not text.startswith("[[")


def read_expression(text: str, place: Place) -> Expression:
    """The expression in a text of a template."""
    parser = _Parser(text[1:-1], place)
    try:
        found = parser.value(0)
    except (ValueError, IndexError):
        return Opaque(place=place, words=text)
    return found if parser.is_done() else Opaque(place=place, words=text)


class _Parser:
    """A function call or literal with steps after it."""

    def __init__(self, text: str, place: Place) -> None:
        self._text = text
        self._place = place
        self._at = 0

    def is_done(self) -> bool:
        return not self._text[self._at :].strip()

    def value(self, depth: int) -> Expression:
        """Raises ``ValueError`` for a text that is not an expression."""
        if depth > _DEEPEST:
            raise ValueError("nested too deeply")
        start = self._at
        of = self._simple(depth)
        steps: list[Access] = []
        for _ in range(LONGEST_CHAIN):
            if self._takes("."):
                match = _WORD.match(self._text, self._at)
                if match is None:
                    raise ValueError("a name is missing")
                self._at = match.end()
                key: Expression = Literal(place=self._place, words=match[0], value=match[0])
            elif self._takes("["):
                key = self.value(depth + 1)
                self._wants("]")
            else:
                break
            steps.append(Access(key))
        else:
            raise ValueError("too many steps")
        if not steps:
            return of
        return Chain(place=self._place, words=f"[{self._text[start : self._at].strip()}]", of=of, steps=tuple(steps))

    def _simple(self, depth: int) -> Expression:
        self._skip()
        text, at = self._text, self._at
        if text[at] == "'":
            end = at + 1
            while True:
                end = text.index("'", end) + 1
                if text[end : end + 1] != "'":
                    break
                end += 1
            self._at = end
            value = text[at + 1 : end - 1].replace("''", "'")
            return Literal(place=self._place, words=value, value=value)
        number = re.compile(r"-?\d+").match(text, at)
        if number:
            self._at = number.end()
            return Literal(place=self._place, words=number[0], value=int(number[0]))
        word = re.compile(r"[A-Za-z_][\w.]*").match(text, at)
        if word is None:
            raise ValueError("nothing that has a value")
        self._at = word.end()
        self._wants("(")
        arguments: list[Expression] = []
        while not self._takes(")"):
            if arguments:
                self._wants(",")
            arguments.append(self.value(depth + 1))
        return self._call(word[0], tuple(arguments), f"[{text[at : self._at]}]")

    def _call(self, name: str, arguments: tuple[Expression, ...], words: str) -> Expression:
        texts = [one.value if isinstance(one, Literal) and isinstance(one.value, str) else "" for one in arguments]
        if name.lower() == "lambdavariables" and len(texts) == 1:
            return Name(place=self._place, words=words, name=texts[0].lower())
        if name.lower() == "lambda" and arguments and all(texts[:-1]):
            parameters = tuple(text.lower() for text in texts[:-1])
            return Lambda(place=self._place, words=words, parameters=parameters, value=arguments[-1])
        return Apply(place=self._place, words=words, name=name, arguments=arguments)

    def _skip(self) -> None:
        while self._text[self._at : self._at + 1].isspace():
            self._at += 1

    def _takes(self, sign: str) -> bool:
        self._skip()
        if self._text.startswith(sign, self._at):
            self._at += len(sign)
            return True
        return False

    def _wants(self, sign: str) -> None:
        if not self._takes(sign):
            raise ValueError(f"{sign} is missing")
