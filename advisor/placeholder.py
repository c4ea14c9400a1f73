"""Values that only a later step knows: ``${{NAME}}``, ``{{state.x}}``, ``[parameters('x')]`` and similar ones."""

from __future__ import annotations

import re
from typing import Final

#: In the order of their frequency in repositories: Teams Toolkit, its older versions and Mustache, Azure Pipelines,
#: Octopus and replace-tokens, ARM expressions, angle brackets (which no URI may contain), double underscores.
_PLACEHOLDER: Final = re.compile(
    r"\$?\{\{[^{}]*\}"
    r"|\$\{[A-Za-z_][^{}]*\}"
    r"|\{[A-Za-z_][\w.\- ]*\}"
    r"|\$\([A-Za-z_][\w.]*\)"
    r"|#\{[^{}]+\}#?"
    r"|<[A-Za-z_][^<>]*>"
    r"|__[A-Z][A-Z0-9_]*__"
    r"|^\[[A-Za-z]+\(.*\)\]$"
    r"|^\{+[^{}]*\}?$",
    re.DOTALL,
)
#: What a byte search looks for before any value is looked at. Outside strings JSON never has these.
#: One after the other, since each begins with a literal, which is found at a fraction of the time of an alternative.
_HINTS: Final = tuple(
    map(re.compile, (rb"\{[A-Za-z_{]", rb'"\[[A-Za-z]', rb"\$\(", rb"#\{", rb"<[A-Za-z_]", rb"__[A-Z]"))
)


def is_placeholder(text: str) -> bool:
    """Whether *text* contains something that is to be replaced before the platform sees it."""
    return _PLACEHOLDER.search(text) is not None


def without_placeholders(text: str) -> str:
    """*text* without what is to be replaced in it."""
    return _PLACEHOLDER.sub("", text)


def may_hold_placeholders(data: bytes) -> bool:
    """Whether a quick look at a whole JSON file finds anything that could be a placeholder."""
    return any(hint.search(data) for hint in _HINTS)
