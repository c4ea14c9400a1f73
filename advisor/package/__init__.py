"""grantlint: grant-type advisor and app-registration linter for Microsoft Entra ID.

In the checkout the product is three top-level packages (``advisor``, ``rules``, ``reports``), names that other
distributions own as well. In an installed wheel they are in ``grantlint/_internal``, which this module puts first on
the path of its own process only.

Rule packs import from here: ``from grantlint import rule, Hit, Bad, Good``. These names are imported on first use, so
that the command starts as quickly as without them.
"""

from __future__ import annotations

import gc
import sys
from pathlib import Path
from typing import Any

#: The module of each name that packs may import. It is versioned: a name stays, or API_VERSION grows.
_PUBLIC = {
    "API_VERSION": "advisor.policy.packs",
    "Bad": "rules.engine.rule",
    "Because": "rules.model.finding",
    "Context": "rules.engine.rule",
    "Gap": "rules.engine.rule",
    "Good": "rules.engine.rule",
    "Hit": "rules.model.finding",
    "Reference": "rules.knowledge.reference",
    "Registration": "rules.model.registration",
    "Rule": "rules.engine.rule",
    "Settings": "rules.model.settings",
    "Severity": "rules.model.finding",
    "Subject": "rules.engine.rule",
    "Tenant": "rules.model.tenant",
    "TenantApp": "rules.model.tenant_app",
    "UNSET": "rules.model.registration",
    "rule": "rules.engine.rule",
}

#: Decorators that became ``rule``, each with its hint.
_FORMER = {"across_rule": "registrations", "app_rule": "service principal", "tenant_rule": "tenant"}

__all__ = ["main", *_PUBLIC]  # noqa: PLE0604 - the names are texts

_HERE = Path(__file__).resolve().parent


def __getattr__(name: str) -> Any:
    """Fetch what packs import. Raises ``ImportError`` where a foreign package is under one of the three names."""
    if name in _FORMER:
        raise ImportError(f'grantlint has no {name} any more: write @rule(..., on="{_FORMER[name]}")')
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    _enter_for_packs()
    from importlib import import_module

    return getattr(import_module(_PUBLIC[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)


def _root() -> Path:
    """The folder that contains the three packages: next to this file when installed, the checkout when installed as
    editable.
    """
    inside = _HERE / "_internal"
    return inside if inside.is_dir() else _HERE.parent.parent


def _enter() -> str | None:
    """Put the three packages on the path; return the name of a foreign package that is already loaded under one of
    their names.
    """
    root = _root()
    for name in ("rules", "reports", "advisor"):
        module = sys.modules.get(name)
        if module is not None and root not in Path(str(module.__file__)).resolve().parents:
            return name
    if str(root) not in sys.path[:1]:
        sys.path.insert(0, str(root))
    return None


def _enter_for_packs() -> None:
    """The same in a process that is not ours, such as the tests of a pack."""
    foreign = _enter()
    if foreign is not None:
        raise ImportError(f"a package named {foreign!r} that is not grantlint's is already loaded in this process")


def main() -> int:
    """Run the command line; the exit status is 0, 1 (findings), 2 (input or command line), 3 (incomplete)."""
    foreign = _enter()
    if foreign is not None:
        sys.stderr.write(
            f"grantlint: a package named {foreign!r} that is not grantlint's is already loaded in this process; "
            "run grantlint as a command of its own\n"
        )
        return 2
    from advisor.cli import run

    status = run()
    gc.freeze()  # the interpreter would search all that was loaded for garbage before it ends: a tenth of a short run
    return status
