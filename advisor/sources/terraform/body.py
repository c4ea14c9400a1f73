"""What a Terraform file says, before anything is worked out: blocks, their arguments and the expressions in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from advisor.sources.reading.node import Place
from advisor.sources.terraform.syntax import Expression


class Body(msgspec.Struct):
    """The inside of a block: arguments by name, and blocks in their order."""

    arguments: dict[str, Expression] = msgspec.field(default_factory=dict)
    blocks: list[Block] = msgspec.field(default_factory=list)

    def named(self, type: str) -> Iterator[Block]:
        """The blocks of a type."""
        return (block for block in self.blocks if block.type == type)

    def text(self, name: str) -> str:
        """The words of an argument, empty where there is none."""
        return self.arguments[name].words if name in self.arguments else ""


class Block(msgspec.Struct):
    """A block: ``resource "azuread_application" "portal" { ... }`` has a type and two labels.

    Its *inside* may be read when it is first needed, since most blocks of a configuration say nothing of applications.
    In a *broken* one there is a mistake, so that what was not found in it may be there all the same.
    """

    type: str
    labels: tuple[str, ...]
    inside: Body | Callable[[], Body]
    place: Place
    broken: bool = False

    @property
    def body(self) -> Body:
        """The inside of the block."""
        if not isinstance(self.inside, Body):
            self.inside = self.inside()
        return self.inside
