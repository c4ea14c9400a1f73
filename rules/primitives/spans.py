"""Pieces of a text by their offsets. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable

#: Where a piece begins, and where it ends.
Span = tuple[int, int]


def merged(spans: Iterable[Span]) -> list[Span]:
    """The *spans* that are not empty, in order; those that overlap or touch each other are one."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        elif end > start:
            found.append((start, end))
    return found
