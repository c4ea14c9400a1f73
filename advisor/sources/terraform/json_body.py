"""Terraform's configuration as JSON: the same blocks as in a ``.tf`` file.

Source: HashiCorp, "JSON Configuration Syntax".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from advisor.sources.reading.document import Document
from advisor.sources.reading.node import Place
from advisor.sources.terraform.body import Block, Body
from advisor.sources.terraform.hcl import read_template
from advisor.sources.terraform.syntax import Expression, Items, Literal, Members

#: How many labels a block has; the others are not looked at.
_LABELS: Final = {
    "resource": 2,
    "data": 2,
    "variable": 1,
    "output": 1,
    "module": 1,
    "locals": 0,
    "terraform": 0,
    "provider": 1,
}


def read_json_body(document: Document, value: Any) -> Body:
    """The blocks of a ``.tf.json`` file, whose JSON is *value*."""
    body = Body()
    for kind, labels in _LABELS.items():
        if isinstance(value, dict) and kind in value:
            for names, inner, pointer in _blocks(value[kind], labels, f"/{kind}"):
                place = Place(document, pointer=pointer)
                body.blocks.append(Block(kind, names, _body(inner, document, pointer), place))
    return body


def _blocks(value: Any, labels: int, pointer: str) -> Iterator[tuple[tuple[str, ...], dict[str, Any], str]]:
    """The blocks below a type: an object for each label, and a list wherever there are several."""
    if isinstance(value, list):
        for index, element in enumerate(value):
            yield from _blocks(element, labels, f"{pointer}/{index}")
    elif isinstance(value, dict) and labels == 0:
        yield (), value, pointer
    elif isinstance(value, dict):
        for key, inner in value.items():
            for names, found, where in _blocks(inner, labels - 1, f"{pointer}/{_token(key)}"):
                yield (key, *names), found, where


def _body(value: dict[str, Any], document: Document, pointer: str) -> Body:
    body = Body()
    for key, member in value.items():
        here = f"{pointer}/{_token(key)}"
        if key == "dynamic":
            for names, inner, where in _blocks(member, 1, here):
                block = Block("dynamic", names, _body(inner, document, where), Place(document, pointer=where))
                body.blocks.append(block)
        elif key in ("content", "lifecycle", "required_providers"):
            for _, inner, where in _blocks(member, 0, here):
                body.blocks.append(Block(key, (), _body(inner, document, where), Place(document, pointer=where)))
        else:
            body.arguments[key] = json_expression(member, document, here)
    return body


def json_expression(value: Any, document: Document, pointer: str) -> Expression:
    """A value of a JSON file, in which texts are templates."""
    place = Place(document, pointer=pointer)
    if isinstance(value, dict):
        members = tuple(
            (Literal(place=place, words=key, value=key), json_expression(member, document, f"{pointer}/{_token(key)}"))
            for key, member in value.items()
        )
        return Members(place=place, words="", members=members)
    if isinstance(value, list):
        items = tuple(json_expression(item, document, f"{pointer}/{index}") for index, item in enumerate(value))
        return Items(place=place, words=" ".join(item.words for item in items), items=items)
    if isinstance(value, str):
        return read_template(value, place)
    return Literal(place=place, words=str(value), value=value)


def _token(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
