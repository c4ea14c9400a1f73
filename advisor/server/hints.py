"""Inlay hints: the names of permissions behind their IDs, and how old credentials are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from lsprotocol.types import InlayHint, InlayHintKind, Range

from advisor.server.positions import Positions
from advisor.server.surroundings import GUID, api_at
from rules.knowledge.permissions import Permission, rows_with_id
from rules.primitives.dates import moment
from rules.primitives.texts import counted

#: The moments of a credential, as Graph, ARM and Terraform name them.
_MOMENT: Final = re.compile(
    r"""["']?\b(?P<name>(?:start|end)_?date(?:_?time)?)["']?\s*[:=]\s*["'](?P<value>\d{4}-[^"']{6,40})(?P<quote>["'])""",
    re.IGNORECASE,
)


def hints(positions: Positions, wanted: Range, now: datetime, *, dates: bool) -> list[InlayHint]:
    """The hints in a range of a text at *now*; those of *dates* only if the file has registrations."""
    start, end = positions.span(wanted)
    found = [*_names(positions, start, end), *(_ages(positions, start, end, now) if dates else ())]
    return [InlayHint(positions.position(at), label, kind=InlayHintKind.Type, padding_left=True) for at, label in found]


def permissions_at(positions: Positions, start: int, end: int) -> tuple[Permission, ...]:
    """The permissions that the ID between two offsets may be: those of the API that the text names, if it does."""
    rows = rows_with_id(positions.text[start:end])
    if len(rows) > 1 and (api := api_at(positions.text, start)):
        return tuple(row for row in rows if row.resource == api) or rows
    return rows


def _names(positions: Positions, start: int, end: int) -> Iterator[tuple[int, str]]:
    for match in GUID.finditer(positions.text, start, end):
        rows = permissions_at(positions, match.start(), match.end())
        if names := dict.fromkeys(row.value for row in rows):
            yield _behind(positions.text, match.end()), " or ".join(names)


def _behind(text: str, at: int) -> int:
    """*at*, behind a closing quotation mark there."""
    return at + (text[at : at + 1] in ("'", '"'))


def _ages(positions: Positions, start: int, end: int, now: datetime) -> Iterator[tuple[int, str]]:
    for match in _MOMENT.finditer(positions.text, start, end):
        at = moment(match["value"])
        if isinstance(at, datetime):
            days = (at - now).days if at > now else -(now - at).days
            yield match.end("quote"), _age(days, ends=match["name"].casefold().startswith("end"))


def _age(days: int, *, ends: bool) -> str:
    """How far away a moment of a credential is.

    >>> _age(30, ends=True), _age(-1, ends=True), _age(-400, ends=False)
    ('expires in 30 days', 'expired 1 day ago', '400 days old')
    """
    if ends:
        return f"expires in {counted(days, 'day')}" if days >= 0 else f"expired {counted(-days, 'day')} ago"
    return f"{counted(-days, 'day')} old" if days <= 0 else f"valid in {counted(days, 'day')}"
