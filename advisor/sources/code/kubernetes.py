"""Kubernetes: which registration a workload signs in as, and secrets of Azure Service Operator.

Sources: Azure AD Workload Identity, "Service Account Labels and Annotations"; Azure Service Operator, "Authentication".
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from advisor.errors import InputError
from advisor.limits import spend
from advisor.placeholder import is_placeholder
from advisor.secrets import texts
from advisor.sources.code.assembled import add_node
from advisor.sources.reading.builder import Builder
from advisor.sources.reading.document import Document
from advisor.sources.reading.node import Node, Place, plain
from advisor.sources.reading.reference import ClientIdReference
from advisor.sources.reading.text import decode
from reports.rows import Input

if TYPE_CHECKING:
    from yaml.nodes import Node as YamlNode

KIND: Final = "Kubernetes manifest"
_CLIENT_ID: Final = "azure.workload.identity/client-id"
#: Pure Python reads about 100,000 characters of YAML a second: each costs more than the size of its file pays for, so a
#: manifest may have 200,000 of them with the default limits.
_STEPS_PER_CHARACTER: Final = 12.5
#: Aliases can repeat a tree.
MOST_NODES: Final = 50_000
#: A YAML file without one of these names no registration.
_WORDS: Final = (_CLIENT_ID, "AZURE_CLIENT_ID", "aadpodidentity.k8s.io")
_SPLIT: Final = re.compile(r"^---.*$", re.MULTILINE)
_OPERATOR: Final = re.compile(r"serviceoperator|\baso[-_]", re.IGNORECASE)
_LINE: Final = re.compile(rf"^[ \t]*[\"']?{re.escape(_CLIENT_ID)}[\"']?:[ \t]*(.*?)[ \t]*$", re.MULTILINE)


def read_kubernetes(builder: Builder, file: str, data: bytes) -> None:
    """Note which registrations the manifests in a YAML file name; a client secret in one is a registration to check.

    Raises ``InputError`` when they name none.
    """
    text = decode(data, file)
    if not any(word in text for word in _WORDS):
        raise InputError("names no registration", file=file, hint="no annotation of workload identity is in it")
    builder.secrets.learn(text)
    document = Document(file, text, text)
    count = 0
    for start, piece in _pieces(text):
        if not any(word in piece for word in _WORDS):
            continue
        spend(int(len(piece) * _STEPS_PER_CHARACTER), what="its YAML is long and slow to read")
        value = _parsed(document, start, piece)
        if value is not None and isinstance(value.value, dict):
            count += _read(builder, document, value, piece)
        else:
            builder.references.extend(_lines(document, start, piece))
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
        builder.references.append(_reference(named, f"{kind or 'resource'} {name}".strip()))
        return 0
    if kind != "Secret" or not _OPERATOR.search(piece):
        if _CLIENT_ID in piece:
            start = value.place.span[0] if value.place.span else 0
            builder.references.extend(_lines(document, start - len(piece) + len(piece.lstrip()), piece))
        return 0
    return _secret(builder, value, name)


def _secret(builder: Builder, value: Node, name: str) -> int:
    """A secret of Azure Service Operator: its client ID, and whether it contains the client secret."""
    for key in ("stringData", "data"):
        part = value.value.get(key)
        if part is not None:
            written = tuple(texts(plain(part)))
            builder.secrets.add_all((*written, *map(_decoded, written)))
        client, secret = _member(part, "AZURE_CLIENT_ID"), _member(part, "AZURE_CLIENT_SECRET")
        if client is None:
            continue
        if key == "data":
            client = Node(_decoded(client.value), client.place)
        text = secret.value if secret is not None else None
        if secret is None or not isinstance(text, str) or not text or is_placeholder(text):
            builder.references.append(_reference(client, f"Secret {name}"))
            return 0
        name_there = f"{key}.AZURE_CLIENT_SECRET"
        credential = Node({"secretText": Node(text, secret.place, name_there)}, secret.place, name_there)
        credentials = Node([credential], secret.place, name_there)
        members = {"appId": client.named(f"{key}.AZURE_CLIENT_ID"), "passwordCredentials": credentials}
        node = Node(members, value.place)
        file = value.place.document.file
        add_node(builder, node, preferred=f"{file}#Secret/{name}", name=f"Secret {name}", format=KIND)
        return 1
    return 0


def _decoded(value: Any) -> str:
    try:
        return base64.b64decode(str(value), validate=True).decode()
    except ValueError:  # no base64, or no text in it
        return str(value)


def _reference(node: Node, by: str) -> ClientIdReference:
    span = node.place.span or (0, 0)
    line = node.place.document.places.position(span[0])[0]
    return ClientIdReference(str(node.value or ""), by, node.place.document.file, line)


def _lines(document: Document, start: int, piece: str) -> Iterator[ClientIdReference]:
    """What a template names that is no YAML before it is rendered."""
    for match in _LINE.finditer(piece):
        place = Place(document, span=(start + match.start(1), start + match.end(1)))
        yield _reference(Node(match[1].strip("\"'"), place), "template")


def _member(node: Node | None, name: str) -> Node | None:
    return node.value.get(name) if node is not None and isinstance(node.value, dict) else None


def _text(node: Node | None, name: str) -> str:
    member = _member(node, name)
    return member.value if member is not None and isinstance(member.value, str) else ""


def _parsed(document: Document, start: int, piece: str) -> Node | None:
    """The YAML document that begins at the offset *start* of *document*; ``None`` for what is not YAML, such as a
    template.

    PyYAML's loader in pure Python is used: it keeps positions, and no input can make it write out of bounds, as
    tree-sitter-yaml 0.7.2 does on 255 nested mappings. Deep nesting and repeated aliases end in ``None`` too.
    """
    import yaml

    try:
        root = yaml.compose(piece, Loader=yaml.SafeLoader)
        return None if root is None else _Converter(document, start).node(root)
    except (yaml.YAMLError, RecursionError, _TooManyError):
        return None


class _TooManyError(Exception):
    """Aliases expand to more nodes than a manifest has."""


class _Converter:
    """Turns what PyYAML composed into nodes. Scalars are texts, since a client ID of digits is no number."""

    def __init__(self, document: Document, start: int) -> None:
        self._document = document
        self._start = start
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
        return Node(node.value, place)
