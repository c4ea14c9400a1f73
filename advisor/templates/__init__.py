"""Registrations of a whole system as templates: Terraform, Bicep, Azure CLI, Graph requests."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final

from advisor.errors import UsageError

if TYPE_CHECKING:
    from advisor.templates.model import Plan

#: The languages by the end of a file's name: what it is called, its module.
LANGUAGES: Final = {
    ".tf": ("Terraform", "terraform"),
    ".bicep": ("Bicep", "bicep"),
    ".sh": ("Azure CLI", "azure_cli"),
    ".http": ("Graph requests", "graph"),
}


def language_of(path: Path) -> Callable[[Plan], str]:
    """The function that writes a plan in the language of *path*. Raises ``UsageError`` for a name of another one."""
    found = LANGUAGES.get(path.suffix.lower())
    if found is None:
        known = ", ".join(f"{suffix} ({title})" for suffix, (title, _) in LANGUAGES.items())
        raise UsageError(f"no template has the suffix of {path.name!r}", hint=f"end the name in one of {known}")
    render: Callable[[Plan], str] = getattr(import_module(f"{__name__}.{found[1]}"), f"render_{found[1]}")
    return render
