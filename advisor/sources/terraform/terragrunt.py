"""Terragrunt: the values that a unit, a folder with ``terragrunt.hcl``, gives to a module.

Functions of Terragrunt and outputs of dependencies are not known. Source: Gruntwork, Terragrunt's reference of the
blocks ``terraform``, ``include`` and ``locals`` and the attribute ``inputs``.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from advisor.errors import InputError
from advisor.sources.code.expressions import Memo
from advisor.sources.reading.builder import Builder
from advisor.sources.reading.document import Document
from advisor.sources.reading.guard import file_led_to
from advisor.sources.reading.node import Node
from advisor.sources.reading.text import decode
from advisor.sources.terraform import TERRAGRUNT
from advisor.sources.terraform.body import Block, Body
from advisor.sources.terraform.evaluate import evaluate
from advisor.sources.terraform.hcl import read_hcl
from advisor.sources.terraform.syntax import Call, Expression, Literal, Members
from rules.model.registration import Unread

_PLAN: Final = "lint the plan: terragrunt show -json"
#: In at most this many folders above a unit a file that it includes is searched.
_LEVELS: Final = 16


class Unit:
    """A unit, as the values for the variables of its module: its own inputs, then those that it includes."""

    def __init__(self, file: str, body: Body, builder: Builder) -> None:
        here = posixpath.dirname(file.replace("\\", "/")) or "."
        source = next((block.body.text("source") for block in body.named("terraform")), "").strip('"')
        #: The folder of the module: the unit's own without a source, nothing for a remote one.
        self.folder = posixpath.normpath(posixpath.join(here, source)) if source[:1] in ("", ".") else None
        self._bodies = [body]
        self._gap: Node | None = None
        for block in body.named("include"):
            included = _included(block, here, builder)
            if included is not None:
                self._bodies.append(included)
            else:
                note = f"the inputs that include {block.body.text('path')} adds"
                self._gap = Node(Unread("placeholder", note, _PLAN), block.place)

    def value(self, name: str) -> Node | None:
        """The value for a variable; nothing where its default counts."""
        for body in self._bodies:
            inputs = body.arguments.get("inputs")
            if isinstance(inputs, Members):
                written = next((value for key, value in inputs.members if key.words.strip('"') == name), None)
                if written is not None:
                    return evaluate(written, _Scope(body))
            elif inputs is not None:
                every = evaluate(inputs, _Scope(body))
                if not isinstance(every.value, dict):
                    return every
                if name in every.value:
                    found: Node = every.value[name]
                    return found
        return self._gap


class _Scope:
    """What names mean in a file of Terragrunt: its locals alone are known."""

    def __init__(self, body: Body, names: Mapping[str, Node] | None = None) -> None:
        self._body, self._names = body, dict(names or {})
        self._memo: Memo[Node] = Memo()

    def find(self, name: str, steps: Sequence[str | int]) -> tuple[Node, int] | None:
        """What a name leads to; see ``Scope``."""
        if name in self._names:
            return self._names[name], 0
        first = steps[0] if steps else None
        written = self._local(first) if name == "local" and isinstance(first, str) else None
        if written is None:
            return None
        found = self._memo.find(first, lambda: evaluate(written, self))
        return None if found is None else (found, 1)

    def _local(self, name: str) -> Expression | None:
        found = (block.body.arguments.get(name) for block in self._body.named("locals"))
        return next((one for one in found if one is not None), None)

    def within(self, names: Mapping[str, Node]) -> _Scope:
        """The same with more names."""
        return _Scope(self._body, {**self._names, **names})

    def not_known(self, words: str) -> Unread:
        """Why the value of these words is not known."""
        return Unread("placeholder", words, _PLAN)

    def from_file(self, call: Call) -> Node | None:  # noqa: ARG002 - as in ``Scope``
        """Nothing: in Terragrunt, paths are relative to other folders."""
        return None


def _included(block: Block, folder: str, builder: Builder) -> Body | None:
    """The file that a unit includes; nothing where it is not known or may not be read."""
    path = block.body.arguments.get("path")
    if isinstance(path, Call) and path.name == "find_in_parent_folders" and len(path.arguments) < 2:
        wanted = path.arguments[0] if path.arguments else None
        if wanted is not None and not isinstance(wanted, Literal):
            return None
        name = str(wanted.value) if wanted is not None else TERRAGRUNT
        above = [posixpath.normpath(posixpath.join(folder, *[".."] * up)) for up in range(1, _LEVELS)]
        places = [posixpath.join(place, name) for place in above]
    elif isinstance(path, Literal):
        places = [posixpath.normpath(posixpath.join(folder, str(path.value)))]
    else:
        return None
    file = next((place for place in places if builder.boundary.admits(place) and Path(place).is_file()), None)
    if file is None:
        return None
    try:
        text = decode(file_led_to(builder, file).load(), file)
    except InputError:
        return None
    body, mistake = read_hcl(Document(file, text, text))
    return body if mistake is None and not any(body.named("include")) else None
