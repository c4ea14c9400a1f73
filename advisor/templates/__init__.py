"""Registrations of a whole system as templates: Terraform, Bicep, Azure CLI, Graph requests."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final

from advisor.errors import UsageError, name_ends

if TYPE_CHECKING:
    from advisor.templates.model import Plan

#: The languages by name, which is also that of the module: the end of a file's name, what the language is called.
LANGUAGES: Final = {
    "terraform": (".tf", "Terraform"),
    "bicep": (".bicep", "Bicep"),
    "az": (".sh", "Azure CLI"),
    "graph": (".http", "Graph requests"),
}


def language(name: str) -> Callable[[Plan], str]:
    """The function that writes a plan in the language with this *name*."""
    render: Callable[[Plan], str] = getattr(import_module(f"{__name__}.{name}"), f"render_{name}")
    return render


def language_of(path: Path) -> Callable[[Plan], str]:
    """The function that writes a plan in the language of *path*. Raises ``UsageError`` for a name of another one."""
    for name, (suffix, _) in LANGUAGES.items():
        if path.suffix.lower() == suffix:
            return language(name)
    raise UsageError(f"no template has the suffix of {path.name!r}", hint=name_ends(LANGUAGES.values()))
