"""Kubernetes: which registration a workload signs in as, and secrets of Azure Service Operator.

Sources: Azure AD Workload Identity, "Service Account Labels and Annotations"; Azure Service Operator, "Authentication".
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from advisor.sources.code.assembled import add_node
from advisor.sources.reading.builder import Builder
from advisor.sources.reading.document import Document
from advisor.sources.reading.node import Node, Place
from advisor.sources.reading.placeholder import is_placeholder
from advisor.sources.reading.reference import Mention
from advisor.sources.reading.text import decode
from reports.rows import Input

if TYPE_CHECKING:
    from tree_sitter import Node as Branch
    from tree_sitter import Parser

KIND: Final = "Kubernetes manifest"
_CLIENT_ID: Final = "azure.workload.identity/client-id"
#: A YAML file without one of these names no registration.
_WORDS: Final = (b"azure.workload.identity/client-id", b"AZURE_CLIENT_ID", b"aadpodidentity.k8s.io")
_SPLIT: Final = re.compile(r"^---.*$", re.MULTILINE)
_OPERATOR: Final = re.compile(r"serviceoperator|\baso[-_]", re.IGNORECASE)
_LINE: Final = re.compile(rf"^[ \t]*[\"']?{re.escape(_CLIENT_ID)}[\"']?:[ \t]*(.*?)[ \t]*$", re.MULTILINE)


def names_registration(data: bytes) -> bool:
    """Whether a quick look says that a YAML file names a registration."""
    return any(word in data for word in _WORDS)


@cache
def _parser() -> Parser:
    import tree_sitter_yaml
    from tree_sitter import Language, Parser

    return Parser(Language(tree_sitter_yaml.language()))


def read_kubernetes(builder: Builder, file: str, data: bytes) -> None:
    """Note which registrations the manifests in a YAML file name; a client secret in one is a registration to judge."""
    text = decode(data, file)
    document = Document(file, text, text)
    count = 0
    for start, piece in _pieces(text):
        root = _mapping(_parser().parse(piece.encode()).root_node)
        value = _Reader(document, start, piece).value(root) if root is not None else None
        if value is not None and isinstance(value.value, dict):
            count += _read(builder, document, value, piece)
        else:
            builder.mentions.extend(_lines(document, start, piece))
    builder.inputs.append(Input(name=file, format=KIND, status="read", registrations=count))


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    """The documents of a file with their offsets: a template in one of them does not spoil the others."""
    start = 0
    for match in _SPLIT.finditer(text):
        if text[start : match.start()].strip():
            yield start, text[start : match.start()]
        start = match.end()
    if text[start:].strip():
        yield start, text[start:]


def _read(builder: Builder, document: Document, value: Node, piece: str) -> int:
    """One manifest: what it names, and how many registrations it holds."""
    kind = _text(value, "kind")
    items = _member(value, "items")
    if kind.endswith("List") and items is not None and isinstance(items.value, list):
        parts = [item for item in items.value if isinstance(item.value, dict)]
        return sum(_read(builder, document, item, document.text[slice(*(item.place.span or ()))]) for item in parts)
    metadata = value.value.get("metadata")
    name = "/".join(filter(None, (_text(metadata, "namespace"), _text(metadata, "name"))))
    annotations = _member(metadata, "annotations")
    named = _member(annotations, _CLIENT_ID)
    if named is None and kind == "AzureIdentity":
        named = _member(value.value.get("spec"), "clientID")
    if named is not None:
        builder.mentions.append(_mention(named, f"{kind or 'resource'} {name}".strip()))
        return 0
    if kind != "Secret" or not _OPERATOR.search(piece):
        if _CLIENT_ID in piece:
            start = value.place.span[0] if value.place.span else 0
            builder.mentions.extend(_lines(document, start - len(piece) + len(piece.lstrip()), piece))
        return 0
    return _secret(builder, value, name)


def _secret(builder: Builder, value: Node, name: str) -> int:
    """A secret of Azure Service Operator: its client id, and whether the client secret stands in it."""
    for key in ("stringData", "data"):
        part = value.value.get(key)
        client, secret = _member(part, "AZURE_CLIENT_ID"), _member(part, "AZURE_CLIENT_SECRET")
        if client is None:
            continue
        if key == "data":
            client = Node(_decoded(client.value), client.place)
        text = secret.value if secret is not None else None
        if secret is None or not isinstance(text, str) or not text or is_placeholder(text):
            builder.mentions.append(_mention(client, f"Secret {name}"))
            return 0
        name_there = f"{key}.AZURE_CLIENT_SECRET"
        credential = Node({"secretText": Node(text, secret.place, name_there)}, secret.place, name_there)
        credentials = Node([credential], secret.place, name_there)
        members = {"appId": client.named(f"{key}.AZURE_CLIENT_ID"), "passwordCredentials": credentials}
        node = Node(members, value.place)
        file = value.place.document.file
        add_node(builder, node, wish=f"{file}#Secret/{name}", name=f"Secret {name}", format=KIND)
        return 1
    return 0


def _decoded(value: Any) -> str:
    try:
        return base64.b64decode(str(value), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return str(value)


def _mention(node: Node, by: str) -> Mention:
    span = node.place.span or (0, 0)
    line = node.place.document.places.position(span[0])[0]
    return Mention(str(node.value or ""), by, node.place.document.file, line)


def _lines(document: Document, start: int, piece: str) -> Iterator[Mention]:
    """What a template names that is no YAML before it is rendered."""
    for match in _LINE.finditer(piece):
        place = Place(document, span=(start + match.start(1), start + match.end(1)))
        yield _mention(Node(match[1].strip("\"'"), place), "template")


def _member(node: Node | None, name: str) -> Node | None:
    return node.value.get(name) if node is not None and isinstance(node.value, dict) else None


def _text(node: Node | None, name: str) -> str:
    member = _member(node, name)
    return member.value if member is not None and isinstance(member.value, str) else ""


def _mapping(node: Branch) -> Branch | None:
    """The outermost mapping of a document."""
    if node.type in ("block_mapping", "flow_mapping"):
        return node
    if node.type == "ERROR":
        return None
    return next((found for child in node.children if (found := _mapping(child)) is not None), None)


class _Reader:
    """Turns the grammar's tree into nodes. Scalars are texts."""

    def __init__(self, document: Document, start: int, piece: str) -> None:
        self._document = document
        self._start = start
        self._data = piece.encode()

    def value(self, node: Branch) -> Node:
        """A mapping, a sequence or a scalar; anchors and tags are stepped over."""
        place = self._place(node)
        if node.type in ("block_mapping", "flow_mapping"):
            pairs: Mapping[str, Node] = dict(
                self._pair(child)
                for child in node.children
                if child.type.endswith("_mapping_pair") or child.type == "flow_pair"
            )
            return Node(dict(pairs), place)
        if node.type in ("block_sequence", "flow_sequence"):
            items = [child for child in node.children if child.is_named and child.type != "comment"]
            return Node([self.value(item) for item in items], place)
        inner = [child for child in node.children if child.is_named and child.type not in ("comment", "anchor", "tag")]
        if inner and node.type in ("block_node", "flow_node", "block_sequence_item"):
            return self.value(inner[-1])
        words = self._words(node)
        if node.type in ("double_quote_scalar", "single_quote_scalar"):
            words = words[1:-1]
        return Node(words, place)

    def _pair(self, node: Branch) -> tuple[str, Node]:
        key, value = node.child_by_field_name("key"), node.child_by_field_name("value")
        name = str(self.value(key).value) if key is not None else ""
        return name, Node("", self._place(node)) if value is None else self.value(value)

    def _words(self, node: Branch) -> str:
        return self._data[node.start_byte : node.end_byte].decode("utf-8", "replace")

    def _place(self, node: Branch) -> Place:
        start, end = (len(self._data[:byte].decode("utf-8", "ignore")) for byte in (node.start_byte, node.end_byte))
        return Place(self._document, span=(self._start + start, self._start + end))
