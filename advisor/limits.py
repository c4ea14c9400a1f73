"""Limits on what reading one file may cost.

A few lines can expand to more values than fit into memory: nested loops, a text that replaces each of its characters by
itself, an alias of an alias. So every value that reading creates is counted. What a file may create is proportional to
its size. Depth needs no option: readers recurse, and Python ends a recursion before the stack overflows.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final, NamedTuple

from advisor.errors import NotReadError

#: A file may create this many values for each of its bytes, on top of ``Limits.steps``.
_STEPS_PER_BYTE: Final = 10
#: This many characters count as one value.
_CHARACTERS: Final = 50
#: A snapshot of a tenant is read line by line, so it may be larger than a file that is held as a whole.
SNAPSHOT_FACTOR: Final = 10


class Limits(NamedTuple):
    """What one file may cost; ``[limits]`` in the configuration."""

    #: The size of a file, and of what a compressed file contains.
    bytes: int = 100_000_000
    #: How many values may be created in addition to those that the file's size allows.
    steps: int = 500_000


class _Budget:
    """How many values may still be created."""

    def __init__(self, steps: int) -> None:
        self.left = steps


_BUDGET: Final[ContextVar[_Budget | None]] = ContextVar("_BUDGET", default=None)


@contextmanager
def budget(limits: Limits, size: int) -> Iterator[None]:
    """Inside, ``spend`` raises ``NotReadError`` once a file of *size* bytes has cost more than *limits* allow."""
    token = _BUDGET.set(_Budget(limits.steps + _STEPS_PER_BYTE * size))
    try:
        yield
    finally:
        _BUDGET.reset(token)


def spend(
    values: int = 1, *, characters: int = 0, what: str = "it expands to more values than the limit for its size"
) -> None:
    """Count values and characters of text before they are created.

    Raises ``NotReadError`` when they are too many, which says *what* makes the file large.
    """
    current = _BUDGET.get()
    if current is None:
        return
    current.left -= values + characters // _CHARACTERS
    if current.left < 0:
        hint = "raise steps in [limits] of the configuration if the file is trusted"
        raise NotReadError(f"too large: {what}", hint=hint)


def too_many_bytes(file: str, most: int) -> NotReadError:
    """The error for a file of more than *most* bytes."""
    return NotReadError(f"too large: more than {most:,} bytes", file=file, hint="raise the limit with --max-bytes")


def too_deep(file: str) -> NotReadError:
    """The error for a file that is nested more deeply than readers follow."""
    return NotReadError("is nested too deeply", file=file, hint="reduce the depth of nesting")
