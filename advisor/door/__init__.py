"""grantlint: grant-type advisor and app-registration linter for Microsoft Entra ID.

The front door. The product's rooms are three top-level packages in the checkout (``advisor``, ``rules``, ``reports``),
names that other distributions own as well; in an installed wheel they lie in ``grantlint/_house``, which this module puts
first on the path of our own process and of nobody else's.

What a pack of rules is written with is here too: ``from grantlint import rule, Hit, Bad, Good``. It is fetched from the
rooms when it is first asked for, so that the command starts as quickly as without it.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

#: Where each name that packs may import stands. It is versioned: what is here stays, or API_VERSION grows.
_PUBLIC = {
    "API_VERSION": "advisor.policy.packs",
    "Bad": "rules.rule",
    "Because": "rules.finding",
    "Context": "rules.rule",
    "Gap": "rules.rule",
    "Good": "rules.rule",
    "Hit": "rules.finding",
    "Reference": "rules.finding",
    "Registration": "rules.registration",
    "Rule": "rules.rule",
    "Settings": "rules.settings",
    "Severity": "rules.finding",
    "Subject": "rules.rule",
    "Tenant": "rules.tenant",
    "TenantApp": "rules.tenant_app",
    "UNSET": "rules.registration",
    "across_rule": "rules.rule",
    "app_rule": "rules.rule",
    "rule": "rules.rule",
    "tenant_rule": "rules.rule",
}

__all__ = ["main", *_PUBLIC]  # noqa: PLE0604 - the names are texts

_HERE = Path(__file__).resolve().parent


def __getattr__(name: str) -> Any:
    """Fetch what packs import. Raises ``ImportError`` where a foreign package stands under the name of a room."""
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    _enter_for_packs()
    from importlib import import_module

    return getattr(import_module(_PUBLIC[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)


def _house() -> Path:
    """The folder that holds the rooms: beside this file when installed, the checkout when installed as editable."""
    inside = _HERE / "_house"
    return inside if inside.is_dir() else _HERE.parent.parent


def _enter() -> str | None:
    """Put the rooms on the path; the name of a foreign package that is already loaded under one of their names."""
    house = _house()
    for name in ("rules", "reports", "advisor"):
        module = sys.modules.get(name)
        if module is not None and house not in Path(str(module.__file__)).resolve().parents:
            return name
    if str(house) not in sys.path[:1]:
        sys.path.insert(0, str(house))
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

    return run()
