"""Ask git about a repository. No hook runs, nothing is fetched, and programs that a repository names have no effect."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Final

from advisor.errors import UsageError

_SECONDS: Final = 120
NAME_REVISION: Final = "name a branch, tag or commit of this repository"
GIT: Final = (
    "git", "--no-pager", "--no-replace-objects", "--no-optional-locks", "--literal-pathspecs",
    "-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}", "-c", "protocol.allow=never",
)  # fmt: skip
#: Objects that a partial clone lacks are not fetched: the repository says from where.
ENVIRONMENT: Final = {"GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0"}


def ask(
    *arguments: str,
    at: Path | None = None,
    failure: str = "git failed",
    hint: str = NAME_REVISION,
) -> bytes:
    """What git prints in the folder *at*. Raises ``UsageError`` with *failure* and *hint* when it does not succeed."""
    try:
        result = subprocess.run(  # noqa: S603 - no shell; the arguments behind -- are paths
            [*GIT, *arguments],
            cwd=at,
            env={**os.environ, **ENVIRONMENT},
            capture_output=True,
            check=False,
            timeout=_SECONDS,
        )
    except FileNotFoundError:
        raise UsageError(
            "git is not installed", hint="--against and --policy-from need it to read the other revision"
        ) from None
    except subprocess.TimeoutExpired:
        raise UsageError(f"git did not finish within {_SECONDS} seconds", hint="try again") from None
    if result.returncode:
        words = result.stderr.decode("utf-8", "replace").strip().partition("\n")[0]
        raise UsageError(f"{failure}: {words}" if words else failure, hint=hint)
    return result.stdout
