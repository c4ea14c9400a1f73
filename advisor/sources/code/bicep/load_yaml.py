"""YAML that a Bicep file loads, as values with their places.

What YAML 1.1 and 1.2 read differently, such as ``yes`` and ``010``, is not known.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from advisor.limits import spend
from advisor.sources.code.function_arguments import Unknowable
from advisor.sources.reading.document import Document
from advisor.sources.reading.node import Node, Place
from advisor.sources.reading.remedies import SLOW_YAML
from rules.model.registration import Unread

if TYPE_CHECKING:
    from yaml.nodes import Node as YamlNode

_INTEGER: Final = re.compile(r"-?(?:0|[1-9]\d{0,17})", re.ASCII)
_WORDS: Final = {"true": True, "false": False, "null": None}
#: Pure Python reads about 100,000 characters of YAML a second: each costs more than the size of its file pays for.
_STEPS_PER_CHARACTER: Final = 12.5


def load_yaml(document: Document) -> Node:
    """The value of a YAML text. Raises ``Unknowable`` for what is not one YAML document."""
    import yaml

    text = document.text
    spend(int(len(text) * _STEPS_PER_CHARACTER), what=SLOW_YAML)
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError:
        raise Unknowable from None
    if root is None:
        raise Unknowable
    return _node(root, document)


def _node(node: YamlNode, document: Document) -> Node:
    from yaml.nodes import MappingNode, SequenceNode

    place = Place(document, span=(node.start_mark.index, node.end_mark.index))
    if isinstance(node, MappingNode):
        members = {key.value: _node(member, document) for key, member in node.value if isinstance(key.value, str)}
        if len(members) != len(node.value) or "<<" in members:
            raise Unknowable
        return Node(members, place)
    if isinstance(node, SequenceNode):
        return Node([_node(item, document) for item in node.value], place)
    return Node(_scalar(node), place)


def _scalar(node: YamlNode) -> Any:
    text = str(node.value)
    kind = node.tag.rpartition(":")[2]
    if kind == "str":
        return text
    if kind in ("bool", "null") and text in _WORDS:
        return _WORDS[text]
    if kind == "int" and _INTEGER.fullmatch(text):
        return int(text)
    return Unread("placeholder", note=text, remedy="write it in quotation marks")
