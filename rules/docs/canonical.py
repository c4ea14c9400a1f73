"""The canonical checks of registrations: everything that nine other tools check, and what they should check.

Each rule names the checks that it covers, so the catalog can compare them with those of other tools. The table is
``checks.tsv``. A test proves that every check is covered by a rule or has a reason in ``left_out``.

The source code of the tools was read in 2025 and 2026; ``peers`` are those that report a result, not those that show a
value.
"""

from __future__ import annotations

from functools import cache

import msgspec

from rules.knowledge.data import read_table


class Check(msgspec.Struct, frozen=True):
    """One check under the ID by which rules name it: what is wrong, and which other tools check it.

    ``left_out`` says why no rule covers it; it is empty for every other check.
    """

    id: str
    wrong: str
    peers: tuple[str, ...] = ()
    left_out: str = ""


@cache
def checks() -> tuple[Check, ...]:
    """All checks, family by family."""
    return read_table("rules.docs", "checks.tsv", Check)
