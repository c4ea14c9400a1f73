"""What the tables share: the columns of conditions, and the grants by whom the token names."""

from __future__ import annotations

from typing import Final

import msgspec

from rules.analysis.grants import GRANTS

#: Grants whose token names a user.
USER_GRANTS: Final = tuple(row.id for row in GRANTS if row.user != "none")

#: Cells that mean several values: every cloud but the global one, every grant of a user.
_SETS: Final = {"national": ("us-government", "us-dod", "china"), "user": USER_GRANTS}


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """The conditions of a row. An empty cell matches everything; ``when`` has further facts: ``a=b, c; d=e``."""

    audience: tuple[str, ...] = ()
    cloud: tuple[str, ...] = ()
    grant: tuple[str, ...] = ()
    credential: tuple[str, ...] = ()
    api: tuple[str, ...] = ()
    when: str = ""
    sources: tuple[str, ...] = ()

    @property
    def conditions(self) -> dict[str, tuple[str, ...]]:
        """The conditions as a note has them: fact to the values that count."""
        columns = {name: getattr(self, name) for name in ("audience", "cloud", "grant", "credential", "api")}
        more = (part.partition("=") for part in self.when.split("; ") if part)
        found = columns | {name: tuple(values.split(", ")) for name, _, values in more}
        return {
            name: tuple(value for cell in values for value in _SETS.get(cell, (cell,)))
            for name, values in found.items()
            if values
        }
