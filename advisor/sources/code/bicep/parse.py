"""The language of ``.bicep`` files, as far as it declares resources and gives values to names.

What is not understood is stepped over and is a value that nobody looks into; a mistake costs its own statement. The
grammar that tree-sitter has for Bicep gives up on a resource with another one inside, which is how federated
credentials are written, so this is a parser of its own.

Source of the language: Microsoft, "Bicep file structure and syntax", and the pages of its statements and operators.
"""

from __future__ import annotations

import re
from typing import Final

import msgspec

from advisor.sources.code.bicep.scan import BLANK, SPACE, WORD, Mistake, Scanner
from advisor.sources.code.bicep.strings import multi_line, text_pieces
from advisor.sources.code.collection_functions import SPREAD
from advisor.sources.code.expressions import (
    LONGEST_CHAIN,
    Call,
    Choice,
    Each,
    Expression,
    Items,
    Lambda,
    Literal,
    Members,
    Name,
    Opaque,
    Step,
    Template,
)
from advisor.sources.reading.document import Document
from advisor.sources.reading.node import Place

_NUMBER: Final = re.compile(r"\d{1,20}")
_STATEMENT: Final = re.compile(r"(param|var|resource|module)[ \t]+([A-Za-z_]\w*)")
_PARAMETER: Final = re.compile(r"\(\s*(\w+)\s*\)")
_BINARY: Final = re.compile(r"\?\?|\|\||&&|==|!=|=~|!~|<=|>=|[<>+*/%-](?!=)")
_WORDS: Final = {"true": True, "false": False, "null": None}
_NAMED: Final = {"==": "equals", "&&": "and", "||": "or", "??": "coalesce"}
_DEEPEST: Final = 60


class Repeat(msgspec.Struct, frozen=True):
    """``for``: the names of an element and its index, and what is gone through."""

    element: str
    index: str
    over: Expression


class Statement(msgspec.Struct, frozen=True):
    """A declaration: its kind and name, and what is behind the equals sign.

    A resource has its type, and whether it exists already, is there on a *condition*, or once for each of *repeat*.
    """

    kind: str
    name: str
    place: Place
    value: Expression | None = None
    type: str = ""
    existing: bool = False
    condition: Expression | None = None
    repeat: Repeat | None = None
    inner: tuple[Statement, ...] = ()


class Parser(Scanner):
    """Reads the statements of one file."""

    def __init__(self, document: Document) -> None:
        super().__init__(document)
        self._inner: list[Statement] = []
        #: Where the first thing stands that could not be understood.
        self.mistake: int | None = None

    def statements(self) -> list[Statement]:
        """All declarations of the file."""
        found = []
        while self._at < len(self._text):
            self._skip(BLANK)
            start = self._at
            match = _STATEMENT.match(self._text, start)
            try:
                if match:
                    found.append(self._statement(match))
                else:
                    self._step_over()
            except (Mistake, IndexError) as mistake:
                at = mistake.at if isinstance(mistake, Mistake) else len(self._text)
                if match and match[1] == "resource" and self.mistake is None:
                    self.mistake = min(at, len(self._text))
                self._at = max(start, self._at)
                self._to_line_end()
        return found

    def _statement(self, match: re.Match[str]) -> Statement:
        kind, name = match[1], match[2]
        self._at = match.end()
        if kind in ("resource", "module"):
            return self._resource(kind, name, match.start())
        self._skip(SPACE)
        while self._text[self._at : self._at + 1] not in ("=", "\n", ""):  # the type of a parameter
            self._piece()
        value = self._expression(0) if self._takes("=") else None
        self._to_line_end()
        return Statement(kind, name, self._place(match.start()), value)

    def _resource(self, kind: str, name: str, start: int) -> Statement:
        kept = self._expression(0)
        existing = self._takes_word("existing")
        self._wants("=")
        self._skip(BLANK)
        line_end = self._text.find("\n", start)
        place = Place(self._document, span=(start, len(self._text) if line_end < 0 else line_end))
        repeat = self._repeat() if self._takes("[") else None
        condition = self._condition()
        outer, self._inner = self._inner, []
        value = self._expression(0)
        inner, self._inner = tuple(self._inner), outer
        if repeat is not None:
            self._wants("]")
        words = kept.value if isinstance(kept, Literal) and isinstance(kept.value, str) else ""
        return Statement(kind, name, place, value, words, existing, condition, repeat, inner)

    def _condition(self) -> Expression | None:
        if not self._takes_word("if"):
            return None
        self._wants("(")
        condition = self._expression(0)
        self._wants(")")
        return condition

    def _repeat(self) -> Repeat:
        self._skip(BLANK)
        if not self._takes_word("for"):
            self._fail()
        is_pair = self._takes("(")
        element = self._word()
        index = self._word() if is_pair and self._takes(",") else ""
        if is_pair:
            self._wants(")")
        if not self._takes_word("in"):
            self._fail()
        over = self._expression(0)
        self._wants(":")
        self._skip(BLANK)
        return Repeat(element, index, over)

    def _expression(self, depth: int) -> Expression:
        """An expression with its operators."""
        if depth > _DEEPEST:
            self._fail()
        self._skip(BLANK)
        start = self._at
        found = self._operand(depth)
        for _ in range(LONGEST_CHAIN):
            self._go_on()
            operator = _BINARY.match(self._text, self._at)
            if operator is None:
                break
            self._at = operator.end()
            right = self._operand(depth + 1)
            found = self._combined(operator[0], found, right, start)
        else:
            self._fail()
        if self._text[self._at : self._at + 1] == "?" and self._text[self._at + 1 : self._at + 2] not in (
            ".",
            "[",
            "?",
        ):
            self._at += 1
            yes = self._expression(depth + 1)
            self._skip(BLANK)
            self._wants(":")
            no = self._expression(depth + 1)
            return Choice(place=self._place(start), words=self._words(start), condition=found, yes=yes, no=no)
        return found

    def _combined(self, operator: str, left: Expression, right: Expression, start: int) -> Expression:
        place, words = self._place(start), self._words(start)
        if operator == "!=":
            same = Call(place=place, words=words, name="equals", arguments=(left, right))
            return Call(place=place, words=words, name="not", arguments=(same,))
        if operator in _NAMED:
            return Call(place=place, words=words, name=_NAMED[operator], arguments=(left, right))
        return Opaque(place=place, words=words)

    def _operand(self, depth: int) -> Expression:
        self._skip(BLANK)
        start = self._at
        if self._takes("!"):
            value = self._operand(depth + 1)
            return Call(place=self._place(start), words=self._words(start), name="not", arguments=(value,))
        if self._takes("-"):
            value = self._operand(depth + 1)
            if isinstance(value, Literal) and isinstance(value.value, int):
                return Literal(place=self._place(start), words=self._words(start), value=-value.value)
            return Opaque(place=self._place(start), words=self._words(start))
        found = self._simple(depth)
        for _ in range(LONGEST_CHAIN):
            self._go_on()
            step = self._step(depth, found, start)
            if step is None:
                break
            found = step
        else:
            self._fail()
        return found

    def _step(self, depth: int, of: Expression, start: int) -> Expression | None:
        """A member, an element, or a mark that changes nothing of a value that is there."""
        text, at = self._text, self._at
        if text[at : at + 1] == "!" and text[at + 1 : at + 2] not in ("=", "~"):
            self._at += 1
            return of
        dots = next((dots for dots in (".?", "::", ".") if text.startswith(dots, at)), None)
        if dots:
            self._at += len(dots)
            here = self._at
            word = self._word()
            if self._text[self._at : self._at + 1] == "(":
                self._balanced()
                return Opaque(place=self._place(start), words=self._words(start))
            key: Expression = Literal(place=self._place(here), words=word, value=word)
        elif text[at : at + 1] == "[":
            self._at += 2 if text[at + 1 : at + 2] == "?" else 1
            key = self._expression(depth + 1)
            self._wants("]")
        else:
            return None
        return Step(place=self._place(start), words=self._words(start), of=of, key=key)

    def _simple(self, depth: int) -> Expression:  # noqa: PLR0911 - one return for each shape
        text, start = self._text, self._at
        sign = text[start]
        if text.startswith("'''", start):
            self._at, value = multi_line(text, start)
            return Literal(place=self._place(start), words=value, value=value)
        if sign == "'":
            return self._string(depth)
        if sign == "[":
            return self._array(depth)
        if sign == "{":
            return self._object(depth)
        if sign == "(":
            return self._parentheses(depth)
        number = _NUMBER.match(text, start)
        if number:
            self._at = number.end()
            return Literal(place=self._place(start), words=number[0], value=int(number[0]))
        word = self._word()
        if word in _WORDS:
            return Literal(place=self._place(start), words=word, value=_WORDS[word])
        if self._takes("("):
            return self._call(word, start, depth)
        if self._takes("=>"):
            result = self._expression(depth + 1)
            return Lambda(place=self._place(start), words=self._words(start), element=word, value=result)
        return Name(place=self._place(start), words=word, name=word)

    def _call(self, name: str, start: int, depth: int) -> Expression:
        arguments: list[Expression] = []
        while not self._closes(")"):
            if arguments:
                self._takes(",")
            arguments.append(self._expression(depth + 1))
        return Call(place=self._place(start), words=self._words(start), name=name, arguments=tuple(arguments))

    def _parentheses(self, depth: int) -> Expression:
        start = self._at
        self._balanced()
        end = self._at
        if self._takes("=>"):
            value = self._expression(depth + 1)
            named = _PARAMETER.fullmatch(self._text, start, end)
            if named is None:  # of several, or of none
                return Opaque(place=self._place(start), words=self._words(start))
            return Lambda(place=self._place(start), words=self._words(start), element=named[1], value=value)
        self._at = start + 1
        found = self._expression(depth + 1)
        self._skip(BLANK)
        self._wants(")")
        if self._at != end:
            self._fail()
        return found

    def _string(self, depth: int) -> Expression:
        start = self._at
        end, pieces = text_pieces(self._text, start)
        parts: list[Expression] = []
        for piece in pieces:
            if isinstance(piece, str):
                parts.append(Literal(place=Place(self._document, span=(start, end)), words=piece, value=piece))
                continue
            self._at = piece
            parts.append(self._expression(depth + 1))
        self._at = end
        place, words = self._place(start), self._text[start + 1 : end - 1]
        if all(isinstance(part, Literal) and isinstance(part.value, str) for part in parts):
            value = "".join(str(part.value) for part in parts if isinstance(part, Literal))
            return Literal(place=place, words=words, value=value)
        return Template(place=place, words=words, parts=tuple(parts))

    def _array(self, depth: int) -> Expression:
        start = self._at
        self._at += 1
        self._skip(BLANK)
        word = WORD.match(self._text, self._at)
        if word and word[0] == "for":
            return self._each(start)
        items: list[Expression] = []
        parts: list[Expression] = []
        while not self._closes("]"):
            self._takes(",")
            if self._closes("]"):
                break
            if self._takes("..."):
                parts += (self._items(start, items), self._expression(depth + 1))
                items = []
            else:
                items.append(self._expression(depth + 1))
        if parts:
            arguments = (*parts, self._items(start, items))
            return Call(place=self._place(start), words=self._words(start), name="concat", arguments=arguments)
        return self._items(start, items)

    def _items(self, start: int, items: list[Expression]) -> Items:
        return Items(place=self._place(start), words=self._words(start), items=tuple(items))

    def _each(self, start: int) -> Expression:
        """``[for element in over: value]``; a shape that is not known is stepped over."""
        try:
            repeat = self._repeat()
            value = self._expression(0)
            self._skip(BLANK)
            self._wants("]")
        except (Mistake, IndexError):
            self._at = start
            self._balanced()
            return Opaque(place=self._place(start), words=self._words(start))
        return Each(
            place=self._place(start),
            words=self._words(start),
            element=repeat.element,
            index=repeat.index,
            over=repeat.over,
            value=value,
        )

    def _object(self, depth: int) -> Expression:
        start = self._at
        self._at += 1
        members: list[tuple[Expression, Expression]] = []
        parts: list[Expression] = []
        while not self._closes("}"):
            self._takes(",")
            if self._closes("}"):
                break
            statement = _STATEMENT.match(self._text, self._at)
            if statement and statement[1] == "resource":
                self._inner.append(self._statement(statement))
            elif self._takes("..."):
                parts += (self._members(start, members), self._expression(depth + 1))
                members = []
            elif self._text[self._at] == "@":
                self._to_line_end()
            else:
                members.append(self._member(depth))
        if parts:
            arguments = (*parts, self._members(start, members))
            return Call(place=self._place(start), words=self._words(start), name=SPREAD, arguments=arguments)
        return self._members(start, members)

    def _members(self, start: int, members: list[tuple[Expression, Expression]]) -> Members:
        return Members(place=self._place(start), words=self._words(start), members=tuple(members))

    def _member(self, depth: int) -> tuple[Expression, Expression]:
        start = self._at
        if self._text[start] == "'":
            key = self._string(depth)
        else:
            word = self._word()
            key = Literal(place=self._place(start), words=word, value=word)
        self._wants(":")
        return key, self._expression(depth + 1)
