"""Evaluating one expression of HCL."""

from __future__ import annotations

from typing import Any

from advisor.sources.reading.document import Document
from advisor.sources.reading.node import Node, plain
from advisor.sources.terraform.evaluate import evaluate
from advisor.sources.terraform.hcl import read_hcl
from advisor.sources.terraform.module import Module, Use, World
from rules.model.registration import Unread

UNKNOWN = object()


def use_of(text: str) -> Use:
    """A configuration whose variables have their values from no file."""
    body, mistake = read_hcl(Document("main.tf", text, text))
    assert mistake is None, text
    module = Module("")
    module.add(body)
    return Use(module, World())


def value_of(expression: str, configuration: str = "") -> Node:
    """What an expression comes to in a configuration."""
    use = use_of(f"{configuration}\nlocals {{\n  tested = {expression}\n}}\n")
    return evaluate(use.module.locals["tested"], use)


def known_value(node: Node) -> Any:
    """The value as JSON has it; ``UNKNOWN`` where any part is not known."""
    value = plain(node)
    return UNKNOWN if _has_unknown(value) or (isinstance(value, list | dict) and not node.place.there) else value


def _has_unknown(value: Any) -> bool:
    if isinstance(value, Unread):
        return True
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(map(_has_unknown, inner))
