"""Terraform's own language: the blocks of a ``.tf`` file, with exact places.

The grammar is tree-sitter's, which goes on after a mistake. Source of the language: HashiCorp, "HCL Native Syntax
Specification".
"""

from __future__ import annotations

import re
from functools import cache, cached_property
from itertools import accumulate
from typing import TYPE_CHECKING, Final

from advisor.sources.code.expressions import (
    LONGEST_CHAIN,
    Call,
    Choice,
    Each,
    Expression,
    Items,
    Literal,
    Members,
    Name,
    Opaque,
    Step,
    Template,
)
from advisor.sources.reading.document import Document
from advisor.sources.reading.node import Place
from advisor.sources.terraform.body import Block, Body

if TYPE_CHECKING:
    from tree_sitter import Node as Branch
    from tree_sitter import Parser

_ESCAPE: Final = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))|([$%])\4\{", re.DOTALL)
_ESCAPED: Final = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
#: The bytes of UTF-8 that begin no character.
_CONTINUED: Final = bytes(range(0x80, 0xC0))
_BLOCK: Final = 1024
_LITERALS: Final = {"true": True, "false": False, "null": None}


@cache
def _parser() -> Parser:
    import tree_sitter_hcl
    from tree_sitter import Language, Parser

    return Parser(Language(tree_sitter_hcl.language()))


def read_hcl(document: Document) -> tuple[Body, int | None]:
    """The blocks of a file, and the offset of the first thing that is no HCL."""
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
        return Block(kind, tuple(labels), self.body(bodies), self.place(node), node.has_error)

    def expression(self, node: Branch) -> Expression:
        """An expression; a shape that is not known is one that nobody looks into."""
        children = [child for child in node.children if child.is_named and child.type != "comment"]
        if node.type != "expression" or not children or node.has_error or len(children) > LONGEST_CHAIN:
            return self._opaque(node)
        found = self._simple(children[0])
        for step in children[1:]:
            key = self._key(step)
            if key is None:
                return self._opaque(node)
            found = Step(place=self.place(node), words=self.words(node), of=found, key=key)
        return found

    def _simple(self, node: Branch) -> Expression:  # noqa: PLR0911 - one return for each shape
        children = [child for child in node.children if child.is_named and child.type != "comment"]
        place, words = self.place(node), self.words(node)
        match node.type:
            case "literal_value":
                return self._literal(children[0], node)
            case "expression":
                return self.expression(node)
            case "variable_expr":
                return Name(place=place, words=words, name=words)
            case "template_expr":
                return self._template(children[0], node)
            case "collection_value":
                return self._collection(children[0])
            case "function_call":
                inside = children[1].children if len(children) > 1 else []
                arguments = tuple(self.expression(child) for child in inside if child.type == "expression")
                if any(child.type == "ellipsis" for child in inside):
                    return self._opaque(node)
                return Call(place=place, words=words, name=self.words(children[0]), arguments=arguments)
            case "conditional":
                condition, yes, no = (self.expression(child) for child in children[:3])
                return Choice(place=place, words=words, condition=condition, yes=yes, no=no)
            case "operation":
                return self._operation(node)
            case "for_expr":
                return self._each(children[0])
        return self._opaque(node)

    def _each(self, node: Branch) -> Expression:
        """``[for key, element in over : value if condition]``, or ``{for ... : key => value}``; not one that groups."""
        intro = next(child for child in node.children if child.type == "for_intro")
        names = [self.words(child) for child in intro.children if child.type == "identifier"]
        over = [child for child in intro.children if child.type == "expression"]
        values = [child for child in node.children if child.type == "expression"]
        wanted = 2 if node.type == "for_object_expr" else 1
        if len(over) != 1 or len(values) != wanted or not names or any(c.type == "ellipsis" for c in node.children):
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
        )

    def _operation(self, node: Branch) -> Expression:
        """A negated switch or number, and a comparison; what else is worked out is not looked into."""
        inner = node.children[0]
        parts = inner.children
        place, words = self.place(node), self.words(node)
        if inner.type == "unary_operation" and self.words(parts[0]) == "!":
            value = self._operand(parts[1:])
            return Call(place=place, words=words, name="not", arguments=(value,))
        if inner.type == "unary_operation" and (number := _number(words)) is not None:
            return Literal(place=place, words=words, value=number)
        if inner.type == "binary_operation":
            at = next((n for n, part in enumerate(parts) if self.words(part) in ("==", "!=")), None)
            if at is not None:
                sides = (self._operand(parts[:at]), self._operand(parts[at + 1 :]))
                same = Call(place=place, words=words, name="equals", arguments=sides)
                negated = self.words(parts[at]) == "!="
                return Call(place=place, words=words, name="not", arguments=(same,)) if negated else same
        return self._opaque(node)

    def _operand(self, nodes: list[Branch]) -> Expression:
        if len(nodes) > LONGEST_CHAIN:
            return self._opaque(nodes[0])
        found = self._simple(nodes[0])
        for step in nodes[1:]:
            key = self._key(step)
            if key is None:
                return self._opaque(nodes[0])
            found = Step(place=found.place, words=found.words + self.words(step), of=found, key=key)
        return found

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
        parts: list[Expression] = []
        is_quoted = node.type == "quoted_template"
        end = node.start_byte + 1
        pieces = node.children
        for child, after in zip(pieces, (*pieces[1:], None), strict=True):
            if child.type == "template_directive":
                return Opaque(place=place, words=words)
            if child.type == "template_interpolation":
                inner = next((one for one in child.children if one.type == "expression"), None)
                parts.append(self._opaque(child) if inner is None else self.expression(inner))
            elif child.type == "template_literal":
                # The grammar leaves out white space next to an interpolation, so a text ends where the next piece
                # begins.
                start = end if is_quoted else child.start_byte
                stop = child.end_byte if after is None else after.start_byte
                text = self.data[start:stop].decode("utf-8", "replace")
                parts.append(Literal(place=place, words=text, value=_unescaped(text) if is_quoted else text))
                end = stop
                continue
            end = child.end_byte
        if not is_quoted and len(parts) == 1 and isinstance(parts[0], Literal):
            return Literal(place=place, words=words, value=parts[0].value)
        return Template(place=place, words=words[1:-1] if is_quoted else words, parts=tuple(parts))

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


def _number(words: str) -> int | float | None:
    try:
        number = float(words.replace(" ", ""))
    except ValueError:
        return None
    return int(number) if number.is_integer() else number


def _unescaped(text: str) -> str:
    if "\\" not in text and "{" not in text:
        return text

    def replaced(match: re.Match[str]) -> str:
        if match[4]:
            return f"{match[4]}{{"
        code = match[1] or match[2]
        if code:
            return chr(int(code, 16)) if int(code, 16) < 0x110000 else match[0]
        return _ESCAPED.get(match[3], match[0])

    return _ESCAPE.sub(replaced, text)
