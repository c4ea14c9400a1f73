"""A grant as a sequence diagram of the page: drawn once as a symbol, used wherever the grant is shown.

In: a ``rules.knowledge.grant_flow.Sequence``. Out: a ``<symbol>`` without a style attribute or a reference, colored by
the page's style sheet, so narrow that a phone shows it whole. Text that is above lifelines has a halo of the paper's
color.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Final

import msgspec

from reports.escape import visible
from reports.html.text_width import measure, wrap
from reports.sequence import taking_part
from rules.knowledge.grant_flow import Message, Role, Sequence

WIDTH: Final = 380
_MARGIN: Final = 5
_HEAD: Final = 10.5
_TEXT: Final = 12.0
_QUIET: Final = 11.0
_LINE: Final = 15


class Drawing(msgspec.Struct, frozen=True):
    """A symbol with its id and height, and what to say of it: a title and the messages in words."""

    id: str
    height: int
    symbol: str
    title: str
    words: str
    players: str


def draw_sequence(row: Sequence, number: int, title: str) -> Drawing:
    """The diagram of *row*, called *title*; *number* makes its id unique in the page."""
    roles = taking_part(row)
    names = dict(roles)
    space = (WIDTH - 2 * _MARGIN) / len(roles)
    columns = {role: round(_MARGIN + space * (number + 0.5), 1) for number, (role, _) in enumerate(roles)}
    heads = {role: wrap(name, space - 2, _HEAD) for role, name in roles}
    top = 6 + 13 * max(map(len, heads.values()))
    y = top + 18.0
    drawn: list[str] = []
    for place, message in enumerate(row.messages, 1):
        lines, y = _message(place, message, columns, y)
        drawn += lines
    end = round(y)
    parts = [
        "".join(
            f'<text class="role" x="{columns[role]:g}" y="{13 + 13 * place}" '
            f'text-anchor="middle">{escape(words)}</text>'
            for place, words in enumerate(heads[role])
        )
        + f'<path class="life" d="M{columns[role]:g} {top}V{end}"/>'
        for role, _ in roles
    ]
    name = f"sequence-{number}"
    return Drawing(
        name,
        end + 4,
        f'<symbol id="{name}" class="told-in" viewBox="0 0 {WIDTH} {end + 4}">{"".join(parts + drawn)}</symbol>',
        f"Sequence of messages: {title}",
        "; ".join(_said(number, message, names) for number, message in enumerate(row.messages, 1)) + ".",
        "; ".join(f"{names[role]}: {who}" for role, who in row.players if role in names) + ".",
    )


def _said(number: int, message: Message, names: dict[Role, str]) -> str:
    return visible(f"{number}. {names[message.source]} to {names[message.target]}: {message.says}")


def _message(number: int, message: Message, columns: dict[Role, float], y: float) -> tuple[list[str], float]:
    start, end = columns[message.source], columns[message.target]
    left = min(start, end) + 5
    lines: list[str] = []
    for line in _texts(f"{number}  {message.says}", left, y, _TEXT, ""):
        lines.append(line)
        y += _LINE
    y -= 8
    tip = 5 if end > start else -5
    kind = "back" if message.back else "call"
    lines.append(
        f'<path class="{kind}" d="M{start:g} {y:g}H{end:g}"/><path d="M{end - tip:g} {y - 4:g}L{end:g} {y:g}l{-tip} '
        '4"/>'
    )
    y += 14
    for line in _texts(", ".join(message.parameters), left, y, _QUIET, ' class="quiet"'):
        lines.append(line)
        y += _LINE - 2
    return lines, y + 8


def _texts(text: str, left: float, y: float, size: float, kind: str) -> Iterator[str]:
    """Lines that begin at *left*, or as much before it as they need to end inside the drawing."""
    if not text:
        return
    for place, line in enumerate(wrap(visible(text), WIDTH - 2 * _MARGIN, size)):
        x = max(_MARGIN, min(left, WIDTH - _MARGIN - measure(line, size)))
        step = _LINE if not kind else _LINE - 2
        yield f'<text{kind} x="{round(x, 1):g}" y="{round(y + place * step, 1):g}">{escape(line)}</text>'
