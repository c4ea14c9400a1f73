"""The configuration in the folder of a plan: where in it the values of the plan are written.

The values stay the plan's own. Sets have no order, so their elements are recognized by what they say.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from typing import Any

import msgspec

from advisor.limits import spend
from advisor.sources.reading.builder import Builder
from advisor.sources.reading.node import Node, Place
from advisor.sources.terraform.configuration import Configuration, heading
from advisor.sources.terraform.module import Module, Use, World
from advisor.sources.terraform.plan_config import PlanConfiguration, module_path
from advisor.sources.terraform.shape import Resource


class Siblings:
    """The ``.tf`` files of the folder in which a plan lies, and of the modules that they call from the same
    repository.
    """

    def __init__(self, file: str, configuration: PlanConfiguration, builder: Builder) -> None:
        self._builder = builder
        self._folder = posixpath.normpath(posixpath.dirname(file.replace("\\", "/")) or ".")
        self._configuration = configuration
        self._modules: dict[str, Module] = {}

    def placed(self, resource: Resource, module: str, name: str) -> Resource:
        """The same resource, placed where it is written; unchanged where that is not at hand."""
        folder = self._source(module_path(module))
        declared = self._module(folder) if folder is not None else None
        block = declared.resources.get((resource.type, name)) if declared else None
        if declared is None or block is None:
            return resource
        written = Use(declared, World()).evaluate_body(block.body)
        place = heading(block)
        body = {key: _placed(node, written.get(key), place) for key, node in resource.body.items()}
        return msgspec.structs.replace(resource, body=body, place=place)

    def _source(self, path: tuple[str, ...]) -> str | None:
        """The folder of the module at a path of calls; nothing when it comes from elsewhere."""
        folder = self._folder
        for source in self._configuration.sources(path):
            if not source.startswith("."):
                return None
            folder = posixpath.normpath(posixpath.join(folder, source))
        return folder

    def _module(self, folder: str) -> Module:
        if folder not in self._modules:
            module = self._modules[folder] = Module(folder)
            if not self._builder.boundary.admits(folder):
                self._builder.notes.append(
                    f"Did not look for the plan's lines in {folder}, outside of the folder that was named."
                )
                return module
            configuration = Configuration(self._builder)
            configuration.fill(folder)
            configuration.declare(module)
            module.is_decided = True  # of the defaults only their places count
        return self._modules[folder]


def _placed(node: Node, written: Node | None, around: Place) -> Node:
    """A value of the plan at the place where it is written; where it is not, the place *around* it shows what is
    missing.
    """
    if written is None or (node.value in (None, []) and written.value not in (None, [])):
        place = msgspec.structs.replace(around if written is None else written.place, there=False)
        return Node(_inside(node, None, around), place)
    return Node(_inside(node, written, written.place), written.place)


def _inside(node: Node, written: Node | None, around: Place) -> Any:
    inner = written.value if written is not None else None
    if isinstance(node.value, dict):
        members = inner if isinstance(inner, dict) else {}
        if isinstance(inner, list) and len(inner) == 1 and isinstance(inner[0].value, dict):
            members = inner[0].value
        return {key: _placed(member, members.get(key), around) for key, member in node.value.items()}
    if isinstance(node.value, list):
        candidates = list(inner) if isinstance(inner, list) else []
        return [_element(element, candidates, around) for element in node.value]
    return node.value


def _element(node: Node, candidates: list[Node], around: Place) -> Node:
    """An element at the place of the written one that agrees with it most; each of them is taken once."""
    best = max(candidates, key=lambda written: _agreement(node, written), default=None)
    if best is None or _agreement(node, best) < 0:
        return Node(_inside(node, None, around), around)
    candidates.remove(best)
    return Node(_inside(node, best, best.place), best.place)


def _agreement(node: Node, written: Node) -> int:
    """How many values of two trees are the same; less than nothing when some cannot be."""
    spend()
    if not node.known or not written.known:
        return 0
    if isinstance(node.value, dict) and isinstance(written.value, dict):
        return sum(_agreement(member, written.value[key]) for key, member in node.value.items() if key in written.value)
    if isinstance(node.value, list) and isinstance(written.value, list):
        return sum(_best(element, written.value) for element in node.value)
    if isinstance(node.value, list | dict) or isinstance(written.value, list | dict):
        return 0
    return 1 if node.value == written.value else -1000


def _best(node: Node, candidates: Iterable[Node]) -> int:
    return max(0, *(_agreement(node, written) for written in candidates), 0)
