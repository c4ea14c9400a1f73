"""Small pieces of sentences that rules, reports and messages share. Pure functions."""

from __future__ import annotations

from typing import Final

#: Replaces a secret that was read. A value that contains it is not the value of the registration.
HIDDEN: Final = "(hidden)"


def counted(number: int, noun: str) -> str:
    """A number with its noun: ``1 rule``, ``2,000 rules``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def text_of(value: object) -> str:
    """*value* where it is a text; empty for null, for what was not read and for anything else."""
    return value if isinstance(value, str) else ""
