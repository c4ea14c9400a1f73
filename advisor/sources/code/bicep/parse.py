"""The language of ``.bicep`` files, as far as it declares resources and gives values to names.

What is not understood is skipped and becomes a value that is not read; a mistake costs its own statement. The
grammar that tree-sitter has for Bicep gives up on a resource with another one inside, which is how federated
credentials are written, so this is a parser of its own.

Sources of the language: Microsoft, "Bicep file structure and syntax", the pages of its statements, and "Bicep
operators", which has the order of precedence; Azure/bicep, ``docs/grammar.md``.
"""

from __future__ import annotations

import re
from typing import Final

import msgspec

from advisor.sources.code.bicep.scan import BLANK, SPACE, WORD, Mistake, Scanner
from advisor.sources.code.bicep.strings import multi_line_pieces, text_pieces
from advisor.sources.code.expressions import LONGEST_CHAIN, Choice, Expression, Items, Literal, Members, Name, Opaque
from advisor.sources.code.template_expressions import Access, Apply, Chain, Lambda, Loop
from advisor.sources.code.template_functions import SPREAD_LIST, SPREAD_OBJECT
from advisor.sources.reading.document import Document
from advisor.sources.reading.node import Place

_NUMBER: Final = re.compile(r"\d{1,20}")
_STATEMENT: Final = re.compile(r"(param|var|resource|module|func|output)[ \t]+([A-Za-z_]\w*)")
_EXTENDS: Final = re.compile(r"extends[ \t]+'([^'\n]*)'")
_IMPORT: Final = re.compile(r"import\s*\{([^{}]*)\}\s*from\s*'([^'\n]*)'")
_IMPORTED: Final = re.compile(r"([A-Za-z_]\w*)(?:\s+as\s+([A-Za-z_]\w*))?")
_SECURE: Final = re.compile(r"@(?:sys\.)?secure\(")
_LAMBDA: Final = re.compile(r"\(\s*(?:\w+\s*(?:,\s*\w+\s*)*)?\)\s*=>")
_BINARY: Final = re.compile(r"\?\?|\|\||&&|==|!=|=~|!~|<=|>=|[<>+*/%-](?!=)")
_MULTI_LINE: Final = re.compile(r"\$*'''")
_WORDS: Final = {"true": True, "false": False, "null": None}
#: How closely each operator binds, and the function that it is short for. Operators of one level associate to the left.
_OPERATORS: Final = {
    "*": (7, "mul"),
    "/": (7, "div"),
    "%": (7, "mod"),
    "+": (6, "add"),
    "-": (6, "sub"),
    "<": (5, "less"),
    "<=": (5, "lessOrEquals"),
    ">": (5, "greater"),
    ">=": (5, "greaterOrEquals"),
    "==": (4, "equals"),
    "!=": (4, "equals"),
    "=~": (4, "equals"),
    "!~": (4, "equals"),
    "&&": (3, "and"),
    "||": (2, "or"),
    "??": (1, "coalesce"),
}
_DEEPEST: Final = 60


class Repeat(msgspec.Struct, frozen=True):
    """``for``: the names of an element and its index, and what is gone through."""

    element: str
    index: str
    over: Expression


class Statement(msgspec.Struct, frozen=True):
    """A declaration: its kind and name, and what is behind the equals sign.

    A resource has its type, and whether it exists already, is there on a *condition*, or once for each of *repeat*. The
    type of a module is the path or reference of its file. A parameter may be *secure*, or be null when it is not given.
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
    secure: bool = False
    nullable: bool = False


class Parser(Scanner):
    """Reads the statements of one file."""

    def __init__(self, document: Document) -> None:
        super().__init__(document)
        self._inner: list[Statement] = []
        #: Where the first thing stands that could not be understood.
        self.mistake: int | None = None
        #: The path of the parameter file that this one extends.
        self.extends = ""
        #: What is imported from other files: the path of the file and the name there, by the name here.
        self.imports: dict[str, tuple[str, str]] = {}

    def statements(self) -> list[Statement]:
        """All declarations of the file."""
        found = []
        is_secure = False
        while self._at < len(self._text):
            self._skip(BLANK)
            start = self._at
            match = _STATEMENT.match(self._text, start)
            try:
                if match:
                    found.append(msgspec.structs.replace(self._statement(match), secure=is_secure))
                    is_secure = False
                else:
                    if extended := _EXTENDS.match(self._text, start):
                        self.extends = extended[1]
                    if imported := _IMPORT.match(self._text, start):
                        names = _IMPORTED.findall(imported[1])
                        self.imports |= {here or there: (imported[2], there) for there, here in names}
                    is_decorator = self._text.startswith("@", start)
                    is_secure = is_decorator and (is_secure or _SECURE.match(self._text, start) is not None)
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
        if kind == "func":
            return self._function(name, match.start())
        self._skip(SPACE)
        before = self._at
        while self._text[self._at : self._at + 1] not in ("=", "\n", ""):  # the type
            self._piece()
        is_nullable = self._text[before : self._at].rstrip().endswith("?")
        value = self._expression() if self._takes("=") else None
        self._to_line_end()
        return Statement(kind, name, self._place(match.start()), value, nullable=is_nullable)

    def _function(self, name: str, start: int) -> Statement:
        """``func name(parameter type, ...) type => value``."""
        self._wants("(")
        parameters: list[str] = []
        while not self._closes(")"):
            self._skip(BLANK)
            parameters.append(self._word())
            self._skip(SPACE)
            while self._text[self._at] not in ",)\n":  # the type
                self._piece()
            self._takes(",")
        while not self._takes("=>"):  # the type of the result
            if self._text[self._at] == "\n":
                self._fail()
            self._piece()
        value = self._expression()
        place, words = self._place(start), self._words(start)
        return Statement(
            "func", name, place, Lambda(place=place, words=words, parameters=tuple(parameters), value=value)
        )

    def _resource(self, kind: str, name: str, start: int) -> Statement:
        kept = self._expression()
        existing = self._takes_word("existing")
        self._wants("=")
        self._skip(BLANK)
        line_end = self._text.find("\n", start)
        place = Place(self._document, span=(start, len(self._text) if line_end < 0 else line_end))
        repeat = self._repeat() if self._takes("[") else None
        condition = self._condition()
        outer, self._inner = self._inner, []
        value = self._expression()
        inner, self._inner = tuple(self._inner), outer
        if repeat is not None:
            self._wants("]")
        words = kept.value if isinstance(kept, Literal) and isinstance(kept.value, str) else ""
        return Statement(kind, name, place, value, words, existing, condition, repeat, inner)

    def _condition(self) -> Expression | None:
        if not self._takes_word("if"):
            return None
        self._wants("(")
        condition = self._expression()
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
        over = self._expression()
        self._wants(":")
        self._skip(BLANK)
        return Repeat(element, index, over)

    def _expression(self, depth: int = 0) -> Expression:
        """An expression with its operators, and a choice by it."""
        if depth > _DEEPEST:
            self._fail()
        self._skip(BLANK)
        start = self._at
        found = self._binary(depth, 0)
        if self._takes("?"):
            yes = self._expression(depth + 1)
            self._skip(BLANK)
            self._wants(":")
            no = self._expression(depth + 1)
            return Choice(place=self._place(start), words=self._words(start), condition=found, yes=yes, no=no)
        return found

    def _binary(self, depth: int, least: int) -> Expression:
        """An operand, and the operators after it that bind more closely than *least*."""
        self._skip(BLANK)
        start = self._at
        found = self._operand(depth)
        for _ in range(LONGEST_CHAIN):
            self._go_on()
            operator = _BINARY.match(self._text, self._at)
            if operator is None or _OPERATORS[operator[0]][0] <= least:
                return found
            self._at = operator.end()
            right = self._binary(depth + 1, _OPERATORS[operator[0]][0])
            found = self._operation(operator[0], found, right, start)
        raise Mistake(self._at)

    def _operation(self, operator: str, left: Expression, right: Expression, start: int) -> Expression:
        """An operator as the function that Bicep compiles it to."""
        arguments: tuple[Expression, ...] = (left, right)
        if operator in ("=~", "!~"):
            arguments = tuple(self._apply("toLower", start, one) for one in arguments)
        found = self._apply(_OPERATORS[operator][1], start, *arguments)
        return self._apply("not", start, found) if operator in ("!=", "!~") else found

    def _apply(self, name: str, start: int, *arguments: Expression) -> Apply:
        return Apply(place=self._place(start), words=self._words(start), name=name, arguments=arguments)

    def _operand(self, depth: int) -> Expression:
        if depth > _DEEPEST:
            self._fail()
        self._skip(BLANK)
        start = self._at
        if self._takes("!"):
            return self._apply("not", start, self._operand(depth + 1))
        if self._takes("-"):
            value = self._operand(depth + 1)
            if isinstance(value, Literal) and type(value.value) is int:
                return Literal(place=self._place(start), words=self._words(start), value=-value.value)
            return self._apply("sub", start, Literal(place=self._place(start), words="0", value=0), value)
        of = self._simple(depth)
        steps: list[Access] = []
        for _ in range(LONGEST_CHAIN):
            self._go_on()
            text, at = self._text, self._at
            if text[at : at + 1] == "!" and text[at + 1 : at + 2] not in ("=", "~"):  # it changes no value
                self._at += 1
            elif (step := self._step(depth)) is not None:
                steps.append(step)
            else:
                break
        else:
            self._fail()
        if not steps:
            return of
        return Chain(place=self._place(start), words=self._words(start), of=of, steps=tuple(steps))

    def _step(self, depth: int) -> Access | None:
        """A member or an element."""
        text, at = self._text, self._at
        dots = next((dots for dots in (".?", "::", ".") if text.startswith(dots, at)), None)
        if dots:
            self._at += len(dots)
            here = self._at
            word = self._word()
            if self._text[self._at : self._at + 1] == "(":  # a function of a resource or a namespace
                self._balanced()
                return Access(Opaque(place=self._place(here), words=self._words(here)))
            return Access(Literal(place=self._place(here), words=word, value=word), safe=dots == ".?")
        if text[at : at + 1] != "[":
            return None
        self._at += 1
        is_safe, is_from_end = self._takes("?"), self._takes("^")
        key = self._expression(depth + 1)
        self._wants("]")
        return Access(key, is_safe, is_from_end)

    def _simple(self, depth: int) -> Expression:  # noqa: PLR0911 - one return for each shape
        text, start = self._text, self._at
        sign = text[start]
        if _MULTI_LINE.match(text, start):
            return self._string(depth, *multi_line_pieces(text, start))
        if sign == "'":
            return self._string(depth, *text_pieces(text, start))
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
            return self._lambda((word,), start, depth)
        return Name(place=self._place(start), words=word, name=word)

    def _call(self, name: str, start: int, depth: int) -> Expression:
        arguments: list[Expression] = []
        while not self._closes(")"):
            if arguments:
                self._takes(",")
            arguments.append(self._expression(depth + 1))
        return self._apply(name, start, *arguments)

    def _lambda(self, parameters: tuple[str, ...], start: int, depth: int) -> Lambda:
        value = self._expression(depth + 1)
        return Lambda(place=self._place(start), words=self._words(start), parameters=parameters, value=value)

    def _parentheses(self, depth: int) -> Expression:
        start = self._at
        if head := _LAMBDA.match(self._text, start):
            self._at = head.end()
            return self._lambda(tuple(WORD.findall(head[0])), start, depth)
        self._at = start + 1
        found = self._expression(depth + 1)
        self._skip(BLANK)
        self._wants(")")
        return found

    def _string(self, depth: int, end: int, pieces: list[str | int]) -> Expression:
        """A text, and the values in it as the function ``format`` that Bicep compiles them to."""
        start = self._at
        pattern, values = "", list[Expression]()
        for piece in pieces:
            if isinstance(piece, str):
                pattern += piece.replace("{", "{{").replace("}", "}}")
                continue
            self._at = piece
            pattern += f"{{{len(values)}}}"
            values.append(self._expression(depth + 1))
            self._wants("}")
        self._at = end
        place, words = self._place(start), self._text[start:end].lstrip("$").strip("'")
        if not values:
            value = "".join(piece for piece in pieces if isinstance(piece, str))
            return Literal(place=place, words=words, value=value)
        arguments = (Literal(place=place, words=words, value=pattern), *values)
        return Apply(place=place, words=words, name="format", arguments=arguments)

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
            return self._apply(SPREAD_LIST, start, *parts, self._items(start, items))
        return self._items(start, items)

    def _items(self, start: int, items: list[Expression]) -> Items:
        return Items(place=self._place(start), words=self._words(start), items=tuple(items))

    def _each(self, start: int) -> Expression:
        """``[for element in over: value]``; a shape that is not known is stepped over."""
        try:
            repeat = self._repeat()
            value = self._expression()
            self._skip(BLANK)
            self._wants("]")
        except (Mistake, IndexError):
            self._at = start
            self._balanced()
            return Opaque(place=self._place(start), words=self._words(start))
        place, words = self._place(start), self._words(start)
        return Loop(place=place, words=words, element=repeat.element, index=repeat.index, over=repeat.over, value=value)

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
            return self._apply(SPREAD_OBJECT, start, *parts, self._members(start, members))
        return self._members(start, members)

    def _members(self, start: int, members: list[tuple[Expression, Expression]]) -> Members:
        return Members(place=self._place(start), words=self._words(start), members=tuple(members))

    def _member(self, depth: int) -> tuple[Expression, Expression]:
        start = self._at
        if self._text[start] == "'":
            key = self._string(depth, *text_pieces(self._text, start))
        else:
            word = self._word()
            key = Literal(place=self._place(start), words=word, value=word)
        self._wants(":")
        return key, self._expression(depth + 1)
