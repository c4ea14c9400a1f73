"""A YAML text as nodes with their places.

PyYAML's loader in pure Python is used: it keeps positions, and no input can make it write out of bounds, as
tree-sitter-yaml 0.7.2 does on 255 nested mappings. Deep nesting and repeated aliases end in *not read*.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from advisor.limits import spend
from advisor.sources.reading.document import Document
from advisor.sources.reading.node import Node, Place
from advisor.sources.reading.remedies import SLOW_YAML

if TYPE_CHECKING:
    from yaml.nodes import Node as YamlNode

#: Pure Python reads about 100,000 characters of YAML a second: each costs more than the size of its file pays for, so a
#: file may have 200,000 of them with the default limits.
_STEPS_PER_CHARACTER: Final = 12.5
#: Aliases can repeat a tree.
MOST_NODES: Final = 50_000
_SPLIT: Final = re.compile(r"^---.*$", re.MULTILINE)
_TAG: Final = "tag:yaml.org,2002:"


def pieces(text: str) -> Iterator[tuple[int, str]]:
    """The documents of a file with their offsets: a template in one of them does not spoil the others."""
    start = 0
    for match in _SPLIT.finditer(text):
        if text[start : match.start()].strip():
            yield start, text[start : match.start()]
        start = match.end()
    if text[start:].strip():
        yield start, text[start:]


def parse(document: Document, start: int, piece: str, *, is_typed: bool = False) -> Node | None:
    """The YAML document that begins at the offset *start* of *document*; ``None`` for what is not YAML, such as a
    template.

    Scalars are texts, or where the text *is_typed* what YAML 1.1 makes of them: numbers, truth values and null. Raises
    ``NotReadError`` for a text that takes too long.
    """
    import yaml

    spend(int(len(piece) * _STEPS_PER_CHARACTER), what=SLOW_YAML)
    try:
        root = yaml.compose(piece, Loader=yaml.SafeLoader)
        return None if root is None else _Converter(document, start, is_typed=is_typed).node(root)
    except (yaml.YAMLError, RecursionError, _TooManyError):
        return None


class _TooManyError(Exception):
    """Aliases expand to more nodes than a document has."""


class _Converter:
    """Turns what PyYAML composed into nodes."""

    def __init__(self, document: Document, start: int, *, is_typed: bool) -> None:
        self._document = document
        self._start = start
        self._is_typed = is_typed
        self._left = MOST_NODES
        from yaml.nodes import MappingNode, SequenceNode

        self._mapping, self._sequence = MappingNode, SequenceNode

    def node(self, node: YamlNode) -> Node:
        """A mapping, a sequence or a scalar. Raises ``_TooManyError`` past the limit, ``RecursionError`` for a
        cycle.
        """
        self._left -= 1
        if self._left < 0:
            raise _TooManyError
        place = Place(self._document, span=(self._start + node.start_mark.index, self._start + node.end_mark.index))
        if isinstance(node, self._mapping):
            members = ((key.value, member) for key, member in node.value)
            return Node({name: self.node(member) for name, member in members if isinstance(name, str)}, place)
        if isinstance(node, self._sequence):
            return Node([self.node(item) for item in node.value], place)
        return Node(_typed(node) if self._is_typed else node.value, place)


def _typed(node: YamlNode) -> Any:
    """The value of a scalar by its tag; a date stays a text, as in JSON."""
    kind = node.tag.removeprefix(_TAG)
    if kind == "null":
        return None
    if kind == "bool":
        return node.value.lower() in ("yes", "true", "on")
    if kind == "int" and node.value.lstrip("+-").isdecimal():
        return int(node.value)
    return node.value
