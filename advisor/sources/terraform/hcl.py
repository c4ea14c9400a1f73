"""Terraform's own language: the blocks of a ``.tf`` file, with exact places.

The grammar is tree-sitter's, which goes on after a mistake. Source of the language: HashiCorp, "HCL Native Syntax
Specification".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, cached_property, partial
from itertools import accumulate
from typing import TYPE_CHECKING, Final

from advisor.sources.code.expressions import LONGEST_CHAIN
from advisor.sources.reading.document import Document
from advisor.sources.reading.node import Place
from advisor.sources.terraform.body import Block, Body
from advisor.sources.terraform.functions import OPERATORS
from advisor.sources.terraform.syntax import (
    Call,
    Choice,
    Each,
    Expression,
    Items,
    Literal,
    Members,
    Name,
    Opaque,
    Operation,
    Splat,
    Step,
    Template,
)

if TYPE_CHECKING:
    from tree_sitter import Node as Branch
    from tree_sitter import Parser

_ESCAPE: Final = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))|([$%])\4\{", re.DOTALL)
_ESCAPED: Final = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
#: The bytes of UTF-8 that begin no character.
_CONTINUED: Final = bytes(range(0x80, 0xC0))
_BLOCK: Final = 1024
#: A number of more digits may be written differently by Terraform and Python.
_DIGITS: Final = 15
#: In place of an interpolation while the indentation of a heredoc is removed; no source contains it.
_GAP: Final = "\0"
_LITERALS: Final = {"true": True, "false": False, "null": None}


@cache
def _parser() -> Parser:
    import tree_sitter_hcl
    from tree_sitter import Language, Parser

    return Parser(Language(tree_sitter_hcl.language()))


def read_hcl(document: Document) -> tuple[Body, int | None]:
    """The blocks of a file, and the offset of the first thing that is not HCL."""
    reader = _Reader(document)
    root = _parser().parse(reader.data).root_node
    bodies = [child for child in root.children if child.type == "body"]
    body = reader.body(bodies)
    return body, reader.offset(_mistake(root)) if root.has_error else None


def read_template(text: str, place: Place) -> Expression:
    """The expression that a text of a ``.tf.json`` file is; everything in it is at *place*."""
    if "${" not in text and "%{" not in text:
        return Literal(place=place, words=text, value=text)
    quoted = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    quoted = re.sub(r"\$\{.*?\}", lambda match: match[0].replace('\\"', '"').replace("\\\\", "\\"), quoted)
    reader = _Reader(Document(place.document.file, f'x = "{quoted}"\n'), place)
    root = _parser().parse(reader.data).root_node
    body = reader.body([child for child in root.children if child.type == "body"])
    found = body.arguments.get("x")
    return Opaque(place=place, words=text) if found is None or root.has_error else found


def _mistake(node: Branch) -> int:
    """Where the first mistake begins."""
    while True:
        if node.is_error or node.is_missing:
            return node.start_byte
        wrong = next((child for child in node.children if child.has_error or child.is_missing), None)
        if wrong is None:
            return node.start_byte
        node = wrong


class _Reader:
    """Turns the grammar's tree into bodies and expressions."""

    def __init__(self, document: Document, place: Place | None = None) -> None:
        self.document = document
        self.data = document.text.encode("utf-8", "surrogatepass")
        self._ascii = len(self.data) == len(document.text)
        self._place = place

    @cached_property
    def _characters(self) -> list[int]:
        """How many characters begin before each block of bytes."""
        blocks = (self.data[at : at + _BLOCK] for at in range(0, len(self.data), _BLOCK))
        return list(accumulate((len(block.translate(None, _CONTINUED)) for block in blocks), initial=0))

    def offset(self, byte: int) -> int:
        """An offset in the text for one in its bytes."""
        if self._ascii:
            return byte
        block = byte // _BLOCK
        return self._characters[block] + len(self.data[block * _BLOCK : byte].translate(None, _CONTINUED))

    def place(self, node: Branch) -> Place:
        """The place of a part of the tree."""
        if self._place is not None:
            return self._place
        return Place(self.document, span=(self.offset(node.start_byte), self.offset(node.end_byte)))

    def words(self, node: Branch) -> str:
        """The text of a part of the tree."""
        return self.data[node.start_byte : node.end_byte].decode("utf-8", "replace")

    def body(self, nodes: list[Branch]) -> Body:
        """Arguments and blocks of one or several pieces of a body."""
        body = Body()
        for node in nodes:
            for child in node.children:
                if child.type == "attribute":
                    name, value = child.children[0], child.children[-1]
                    body.arguments[self.words(name)] = self.expression(value)
                elif child.type == "block":
                    body.blocks.append(self._block(child))
        return body

    def _block(self, node: Branch) -> Block:
        words = [child for child in node.children if child.type in ("identifier", "string_lit")]
        kind, *labels = (self.words(word).strip('"') for word in words)
        bodies = [child for child in node.children if child.type == "body"]
        return Block(kind, tuple(labels), partial(self.body, bodies), self.place(node), node.has_error)

    def expression(self, node: Branch) -> Expression:
        """An expression; a shape that is not known is ``Opaque``."""
        if node.type != "expression" or node.has_error:
            return self._opaque(node)
        return self._chain(node.children, node)

    def _chain(self, nodes: Sequence[Branch], whole: Branch) -> Expression:
        """A value and the steps after it."""
        first, *steps = [child for child in nodes if child.is_named and child.type != "comment"] or [whole]
        if first is whole or len(steps) > LONGEST_CHAIN:
            return self._opaque(whole)
        found = self._simple(first)
        for step in steps:
            words = f"{found.words}{self.words(step)}"
            place = self._between(nodes[0], step)
            if step.type == "splat":
                found = self._splatted(found, step.children[0], words, place)
                continue
            key = self._key(step)
            if key is None:
                return self._opaque(whole)
            found = Step(place=place, words=words, of=found, key=key)
        return found

    def _splatted(self, of: Expression, node: Branch, words: str, place: Place) -> Expression:
        """A splat. After ``.*``, an index is one of the list that the splat makes; after ``[*]``, of each element."""
        steps = [(child, self._key(child)) for child in node.children if child.is_named]
        if any(key is None for _, key in steps):
            return Opaque(place=place, words=words)
        at = len(steps)
        if node.type == "attr_splat":
            at = next((n for n, (child, _) in enumerate(steps) if child.type == "index"), at)
        found: Expression = Splat(place=place, words=words, of=of, keys=tuple(key for _, key in steps[:at] if key))
        for _, key in steps[at:]:
            if key is not None:
                found = Step(place=place, words=words, of=found, key=key)
        return found

    def _between(self, first: Branch, last: Branch) -> Place:
        """The place from the beginning of one part of the tree to the end of another."""
        if self._place is not None:
            return self._place
        return Place(self.document, span=(self.offset(first.start_byte), self.offset(last.end_byte)))

    def _simple(self, node: Branch) -> Expression:  # noqa: PLR0911 - one return for each shape
        place, words = self.place(node), self.words(node)
        match node.type:
            case "literal_value":
                return self._literal(node.children[0], node)
            case "expression":
                return self.expression(node)
            case "variable_expr":
                return Name(place=place, words=words, name=words)
            case "template_expr":
                return self._template(node.children[0], node)
            case "collection_value":
                return self._collection(node.children[0])
            case "function_call":
                return self._call(node)
            case "conditional":
                return self._choice(node)
            case "operation":
                return self._operation(node)
            case "for_expr":
                return self._each(node.children[0])
        return self._opaque(node)

    def _call(self, node: Branch) -> Call:
        inside = next((child.children for child in node.children if child.type == "function_arguments"), [])
        return Call(
            place=self.place(node),
            words=self.words(node),
            name=self.words(node.children[0]),
            arguments=tuple(self.expression(child) for child in inside if child.type == "expression"),
            expands=any(child.type == "ellipsis" for child in inside),
        )

    def _choice(self, node: Branch) -> Expression:
        """A conditional. The grammar reads ``a ? b : c ? d : e`` from the left, HCL from the right."""
        parts: list[Branch] = []
        inner: Branch | None = node
        while inner is not None:
            condition, yes, no = (child for child in inner.children if child.type == "expression")
            parts[:0] = (yes, no)
            is_bare = len(condition.children) == 1 and condition.children[0].type == "conditional"
            inner = condition.children[0] if is_bare else None
        conditions = [condition, *parts[1:-1:2]]
        found = self.expression(parts[-1])
        for before, yes in zip(reversed(conditions), reversed(parts[::2]), strict=True):
            found = Choice(
                place=self._between(before, node),
                words=self.data[before.start_byte : node.end_byte].decode("utf-8", "replace"),
                condition=self.expression(before),
                yes=self.expression(yes),
                no=found,
            )
        return found

    def _each(self, node: Branch) -> Expression:
        """``[for key, element in over : value if condition]``, or ``{for ... : key => value...}``."""
        intro = next(child for child in node.children if child.type == "for_intro")
        names = [self.words(child) for child in intro.children if child.type == "identifier"]
        over = [child for child in intro.children if child.type == "expression"]
        values = [child for child in node.children if child.type == "expression"]
        wanted = 2 if node.type == "for_object_expr" else 1
        if len(over) != 1 or len(values) != wanted or not names:
            return self._opaque(node)
        conditions = [child for child in node.children if child.type == "for_cond"]
        condition = next((one for child in conditions for one in child.children if one.type == "expression"), None)
        return Each(
            place=self.place(node),
            words=self.words(node),
            element=names[-1],
            index=names[0] if len(names) > 1 else "",
            over=self.expression(over[0]),
            value=self.expression(values[-1]),
            key=self.expression(values[0]) if wanted == 2 else None,
            condition=None if condition is None else self.expression(condition),
            groups=any(child.type == "ellipsis" for child in node.children),
        )

    def _operation(self, node: Branch) -> Expression:
        """An operator with its operands, in the order of precedence that the grammar knows."""
        inner = node.children[0]
        parts = inner.children
        place, words = self.place(node), self.words(node)
        if inner.type == "unary_operation":
            operator = "!" if self.words(parts[0]) == "!" else "negative"
            return Operation(place=place, words=words, operator=operator, operands=(self._chain(parts[1:], node),))
        at = next((n for n, part in enumerate(parts) if self.words(part) in OPERATORS and not part.is_named), None)
        if inner.type != "binary_operation" or at is None:
            return self._opaque(node)
        operands = (self._chain(parts[:at], node), self._chain(parts[at + 1 :], node))
        return Operation(place=place, words=words, operator=self.words(parts[at]), operands=operands)

    def _opaque(self, node: Branch) -> Opaque:
        return Opaque(place=self.place(node), words=self.words(node))

    def _key(self, node: Branch) -> Expression | None:
        """The key of a step: ``.name``, ``["name"]``, ``[0]``, ``.0``; nothing for a splat."""
        inner = node.children[0] if node.type == "index" else node
        children = [child for child in inner.children if child.is_named]
        if node.type == "get_attr":
            return Literal(place=self.place(node), words=self.words(node), value=self.words(children[0]))
        if inner.type == "new_index" and children:
            return self.expression(children[0])
        if inner.type == "legacy_index":
            return Literal(place=self.place(node), words=self.words(node), value=int(self.words(node)[1:]))
        return None

    def _literal(self, node: Branch, outer: Branch) -> Expression:
        place, words = self.place(outer), self.words(outer)
        if node.type == "string_lit":
            return Literal(place=place, words=words[1:-1], value=_unescaped(words[1:-1]))
        if node.type == "numeric_lit":
            number = _number(words)
            return self._opaque(outer) if number is None else Literal(place=place, words=words, value=number)
        return Literal(place=place, words=words, value=_LITERALS.get(words))

    def _template(self, node: Branch, outer: Branch) -> Expression:
        place, words = self.place(outer), self.words(outer)
        is_quoted = node.type == "quoted_template"
        inside = [child for child in node.children if child.type.startswith("template_")]
        start, end = node.start_byte + 1, node.end_byte - 1
        if not is_quoted:  # between the line of the opening marker and that of the closing one
            markers = [child for child in node.children if child.type == "heredoc_identifier"]
            if len(markers) != 2:
                return self._opaque(outer)
            start = self.data.index(b"\n", markers[0].end_byte) + 1
            end = max(start, self.data.rfind(b"\n", 0, markers[1].start_byte) + 1)
        parts: list[Expression | str] = []
        for child in inside:
            if child.type == "template_literal":
                continue  # the grammar leaves out white space, so a text is what is between two other parts
            parts += (self.data[start : child.start_byte].decode("utf-8", "replace"), self._inserted(child))
            start = child.end_byte
        parts.append(self.data[start:end].decode("utf-8", "replace"))
        if any(isinstance(part, Opaque) for part in parts):
            return self._opaque(outer)
        if not is_quoted and self.words(node.children[0]).startswith("<<-"):
            flush = _flush(_GAP.join(part for part in parts if isinstance(part, str)))
            if flush is None:
                return self._opaque(outer)
            parts[::2] = flush.split(_GAP)
        found = [
            Literal(place=place, words=part, value=_unescaped(part, is_quoted=is_quoted))
            if isinstance(part, str)
            else part
            for part in parts
            if part != ""
        ]
        if not is_quoted and len(found) == 1 and isinstance(found[0], Literal):
            return Literal(place=place, words=words, value=found[0].value)
        return Template(place=place, words=words[1:-1] if is_quoted else words, parts=tuple(found))

    def _inserted(self, node: Branch) -> Expression:
        """An interpolation, or ``%{ if }`` with its branches; others, and those that strip white space, are opaque."""
        if b"~}" in (text := self.data[node.start_byte : node.end_byte]) or b"{~" in text:
            return self._opaque(node)
        if node.type == "template_interpolation":
            inner = next((one for one in node.children if one.type == "expression"), None)
            return self._opaque(node) if inner is None else self.expression(inner)
        condition = node.children[0] if node.type == "template_directive" else None
        if condition is None or condition.type != "template_if":
            return self._opaque(node)
        return self._branches(condition)

    def _branches(self, node: Branch) -> Expression:
        """``%{ if condition }one%{ else }other%{ endif }``, of which both are texts without further parts."""
        intro, *rest = node.children
        marks = [child for child in rest if child.type in ("template_else_intro", "template_if_end")]
        condition = next((child for child in intro.children if child.type == "expression"), None)
        is_plain = all(child.type == "template_literal" or child in marks for child in rest)
        if condition is None or not is_plain or not marks:
            return self._opaque(node)
        texts, start = [], intro.end_byte
        for mark in marks:
            text = self.data[start : mark.start_byte].decode("utf-8", "replace")
            texts.append(Literal(place=self.place(node), words=text, value=_unescaped(text)))
            start = mark.end_byte
        none = Literal(place=self.place(node), words="", value="")
        yes, no = (*texts, none)[:2]
        place, words = self.place(node), self.words(node)
        return Choice(place=place, words=words, condition=self.expression(condition), yes=yes, no=no)

    def _collection(self, node: Branch) -> Expression:
        place, words = self.place(node), self.words(node)
        if node.type == "tuple":
            items = tuple(self.expression(child) for child in node.children if child.type == "expression")
            return Items(place=place, words=words, items=items)
        members = []
        for child in node.children:
            if child.type == "object_elem":
                key, value = (one for one in child.children if one.type == "expression")
                name = self.expression(key)
                if isinstance(name, Name):  # an object's key is a word, not what the word means
                    name = Literal(place=name.place, words=name.words, value=name.name)
                members.append((name, self.expression(value)))
        return Members(place=place, words=words, members=tuple(members))


def _flush(text: str) -> str | None:
    """A heredoc that begins with ``<<-``, without the white space that all its lines begin with.

    Nothing for one with an empty line, of which the specification does not say whether it counts.
    """
    lines = text.splitlines(keepends=True)
    if any(not line.strip(" \t\r\n") for line in lines):
        return None
    width = min((len(line) - len(line.lstrip(" ")) for line in lines), default=0)
    return "".join(line[width:] for line in lines)


def _number(words: str) -> int | float | None:
    digits = words.replace(".", "").lstrip("0")
    if (digits and not digits.isdigit()) or len(digits) > _DIGITS or "_" in words:
        return None
    try:
        number = float(words)
    except ValueError:
        return None
    return int(number) if number.is_integer() else number


def _unescaped(text: str, *, is_quoted: bool = True) -> str:
    """A text without its escapes; in a heredoc only those of ``${`` and ``%{``."""
    if "\\" not in text and "{" not in text:
        return text

    def replaced(match: re.Match[str]) -> str:
        if match[4]:
            return f"{match[4]}{{"
        if not is_quoted:
            return match[0]
        code = match[1] or match[2]
        if code:
            return chr(int(code, 16)) if int(code, 16) < 0x110000 else match[0]
        return _ESCAPED.get(match[3], match[0])

    return _ESCAPE.sub(replaced, text)
