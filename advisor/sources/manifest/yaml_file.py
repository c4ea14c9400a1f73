"""Registrations in YAML, as ``az ad app show -o yaml`` prints them."""

from __future__ import annotations

from typing import Final

from advisor.errors import InputError
from advisor.sources.code.assembled import add_node
from advisor.sources.manifest.recognize import find_applications
from advisor.sources.reading.builder import Builder
from advisor.sources.reading.document import Document
from advisor.sources.reading.node import Node, plain
from advisor.sources.reading.text import decode
from advisor.sources.reading.yaml_text import parse, pieces
from reports.rows import Input

_KIND: Final = "YAML of the Azure CLI"
_AS_JSON: Final = "export as JSON: az ad app show -o json"


def read_yaml(builder: Builder, file: str, data: bytes) -> None:
    """Add the registrations in a YAML file. Raises ``InputError`` when there is none, or it is not YAML."""
    text = decode(data, file)
    builder.secrets.learn(text)
    document = Document(file, text, text)
    count = 0
    for start, piece in pieces(text):
        root = parse(document, start, piece, is_typed=True)
        if root is None:
            raise InputError("is not YAML", file=file, hint=_AS_JSON)
        for found in find_applications(plain(root)):
            if found.dialect != "graph":
                what = "contains a registration in the format of Azure AD Graph as YAML"
                raise InputError(what, file=file, hint=_AS_JSON)
            node = root
            for token in found.pointer.split("/")[1:]:
                key = token.replace("~1", "/").replace("~0", "~")
                node = node.value[int(key)] if isinstance(node.value, list) else node.value[key]
            _add(builder, node, file, found.pointer)
            count += 1
    if not count:
        raise InputError("contains no app registration", file=file, hint="name what `az ad app show` prints")
    builder.inputs.append(Input(name=file, format=_KIND, status="read", registrations=count))


def _add(builder: Builder, node: Node, file: str, pointer: str) -> None:
    add_node(builder, node, preferred=f"{file}#{pointer}", name=f"Registration in {file}", format=_KIND)
