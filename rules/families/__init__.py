"""The rules, one family a module or a folder of modules: adding a file adds its rules.

Every file of the folder is imported. One that cannot be imported stops the start, so no rule is lost silently.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pkgutil import walk_packages
from typing import Final

from rules.engine.rule import Rule

_KINDS: Final = ("registration", "registrations", "service principal", "tenant")


def _discovered() -> Iterator[Rule]:
    """The rules in the files of this folder, file by file in the order of the alphabet."""
    for file in walk_packages(__path__, f"{__name__}."):
        yield from (value for value in vars(import_module(file.name)).values() if isinstance(value, Rule))


#: Every rule in the order of the catalog: by what it checks, then by family.
RULES: Final[tuple[Rule, ...]] = tuple(sorted(_discovered(), key=lambda rule: (_KINDS.index(rule.on), rule.family)))
