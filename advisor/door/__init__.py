"""grantlint: grant-type advisor and app-registration linter for Microsoft Entra ID.

The front door. The product's rooms are three top-level packages in the checkout (``advisor``, ``rules``, ``reports``),
names that other distributions own as well; in an installed wheel they lie in ``grantlint/_house``, which this module puts
first on the path of our own process and of nobody else's.
"""

from __future__ import annotations

import sys
from pathlib import Path

__all__ = ["main"]

_HERE = Path(__file__).resolve().parent


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
