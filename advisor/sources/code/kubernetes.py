"""Kubernetes: which registration a workload signs in as, and secrets of Azure Service Operator.

Sources: Azure AD Workload Identity, "Service Account Labels and Annotations"; Azure Service Operator, "Authentication".
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from typing import Any, Final

from advisor.errors import InputError
from advisor.placeholder import is_placeholder
from advisor.secrets import texts
from advisor.sources.code.assembled import add_node
from advisor.sources.reading.builder import Builder
from advisor.sources.reading.document import Document
from advisor.sources.reading.node import Node, Place, plain
from advisor.sources.reading.reference import ClientIdReference
from advisor.sources.reading.text import decode
from advisor.sources.reading.yaml_text import parse, pieces
from reports.rows import Input

KIND: Final = "Kubernetes manifest"
_CLIENT_ID: Final = "azure.workload.identity/client-id"
#: A YAML file without one of these names no registration.
_WORDS: Final = (_CLIENT_ID, "AZURE_CLIENT_ID", "aadpodidentity.k8s.io")
_OPERATOR: Final = re.compile(r"serviceoperator|\baso[-_]", re.IGNORECASE)
_LINE: Final = re.compile(rf"^[ \t]*[\"']?{re.escape(_CLIENT_ID)}[\"']?:[ \t]*(.*?)[ \t]*$", re.MULTILINE)


def read_kubernetes(builder: Builder, file: str, data: bytes) -> None:
    """Note which registrations the manifests in a YAML file name; a client secret in one is a registration to check.

    Raises ``InputError`` when they name none.
    """
    text = decode(data, file)
    if not any(word in text for word in _WORDS):
        hint = "name what `az ad app show -o yaml` prints, or a manifest with an annotation of workload identity"
        raise InputError("contains no registration, and refers to no registration", file=file, hint=hint)
    builder.secrets.learn(text)
    document = Document(file, text, text)
    count = 0
    for start, piece in pieces(text):
        if not any(word in piece for word in _WORDS):
            continue
        value = parse(document, start, piece)
        if value is not None and isinstance(value.value, dict):
            count += _read(builder, document, value, piece)
        else:
            builder.references.extend(_lines(document, start, piece))
    builder.inputs.append(Input(name=file, format=KIND, status="read", registrations=count))


def _read(builder: Builder, document: Document, value: Node, piece: str) -> int:
    """One manifest: what it names, and how many registrations it holds."""
    kind = value.text("kind")
    items = value.inside("items")
    if kind.endswith("List") and items is not None and isinstance(items.value, list):
        parts = [item for item in items.value if isinstance(item.value, dict)]
        return sum(_read(builder, document, item, document.text[slice(*(item.place.span or ()))]) for item in parts)
    name = "/".join(filter(None, (value.text("metadata", "namespace"), value.text("metadata", "name"))))
    named = value.inside("metadata", "annotations", _CLIENT_ID)
    if named is None and kind == "AzureIdentity":
        named = value.inside("spec", "clientID")
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
        client, secret = value.inside(key, "AZURE_CLIENT_ID"), value.inside(key, "AZURE_CLIENT_SECRET")
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
    """What a template names that is not valid YAML before the template is rendered."""
    for match in _LINE.finditer(piece):
        place = Place(document, span=(start + match.start(1), start + match.end(1)))
        yield _reference(Node(match[1].strip("\"'"), place), "template")
