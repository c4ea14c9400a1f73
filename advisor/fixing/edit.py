"""Edits of a text: what is replaced between two offsets. Everything else stays as it is, byte for byte."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from rules.primitives.spans import Span, merged


class NotFixed(Exception):  # noqa: N818 - it is a result, with the reason as its text
    """A finding cannot be fixed in its file; the text says why, as what follows "not fixed:"."""


class Edit(msgspec.Struct, frozen=True, order=True):
    """The text between the offsets *start* and *end* of *file* becomes *text*."""

    file: str
    start: int
    end: int
    text: str = ""


def overlaps(one: Edit, others: Iterable[Edit]) -> bool:
    """Whether *one* changes what one of the *others* changes, or touches it: both were made for the same text."""
    return any(
        one.file == other.file and one != other and one.start <= other.end and other.start <= one.end
        for other in others
    )


def applied(text: str, edits: Iterable[Edit]) -> str:
    """*text* after *edits* of its file, which do not overlap; equal ones count once."""
    pieces: list[str] = []
    at = 0
    for edit in sorted(set(edits)):
        pieces += (text[at : edit.start], edit.text)
        at = edit.end
    return "".join((*pieces, text[at:]))


def cut(file: str, spans: Iterable[Span]) -> Sequence[Edit]:
    """Edits that remove what is at *spans*; those that touch each other are one."""
    return [Edit(file, start, end) for start, end in merged(spans)]
