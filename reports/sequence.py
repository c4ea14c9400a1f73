"""A grant as a sequence diagram: as text for a terminal, as Mermaid for a wiki, as SVG for a page.

In: a sequence of ``rules.knowledge.grant_flow``. Out: text. Only the roles that take part are drawn, in the order of
RFC 6749.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from html import escape
from typing import Final

from reports.escape import mermaid
from rules.knowledge.grant_flow import ROLES, Message, Role, Sequence

_MARGIN: Final = 2
_SVG_COLUMN: Final = 190
_SVG_LINE: Final = 17
_STYLE: Final = (
    "text{font:13px system-ui,sans-serif;fill:#1b1f24;paint-order:stroke;stroke:#fff;stroke-width:4px}"
    ".role{font-weight:600}.quiet{fill:#57606a;font-size:12px}"
    "line,path{stroke:#57606a;fill:none}.life{stroke-dasharray:3 4}"
    "rect{fill:#f3f5f7;stroke:#57606a}.paper{fill:#fff;stroke:none}.head text{stroke:none}"
)


def sequence_for(leaf: str, grant: str, rows: Iterable[Sequence]) -> Sequence | None:
    """The flow in *rows* for an advice: that of its end in the decision tree, else that of its grant."""
    return min(
        (row for row in rows if leaf in row.leaves or row.grant == grant),
        key=lambda row: leaf not in row.leaves,
        default=None,
    )


def diagram_after(row: Sequence | None, sections: Iterable[str]) -> str:
    """The ID of the section of an advice after which its diagram *row* comes: that of the requests, if there is one.

    A server that only checks tokens has no requests: its diagram comes after its risks. Where a platform requests the
    tokens, no diagram is shown.
    """
    if "request" in set(sections):
        return "request"
    return "risks" if row and row.grant == "mcp-server" else ""


def taking_part(row: Sequence) -> tuple[tuple[Role, str], ...]:
    """The roles that send or receive something, with their names of RFC 6749."""
    speaking = {role for message in row.messages for role in (message.source, message.target)}
    return tuple((role, name) for role, name in ROLES if role in speaking)


def sequence_text(row: Sequence, width: int = 80) -> str:
    """The diagram as text: a lifeline for each role, each message an arrow with its words above and parameters
    below.
    """
    roles = taking_part(row)
    space = (width - 2 * _MARGIN) // len(roles)
    columns = {role: _MARGIN + space * number + space // 2 for number, (role, _) in enumerate(roles)}
    lines = [*_heads(roles, columns, space)]
    for number, message in enumerate(row.messages, 1):
        lines += _arrow(number, message, columns, width)
    lines.append(_lifelines(columns))
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _heads(roles: tuple[tuple[Role, str], ...], columns: dict[Role, int], space: int) -> Iterator[str]:
    """The names above the lifelines, in as many lines as the longest needs."""
    wrapped = {role: textwrap.wrap(name, space - 1) for role, name in roles}
    for row in range(max(map(len, wrapped.values()))):
        line = ""
        for role, _ in roles:
            words = wrapped[role][row] if row < len(wrapped[role]) else ""
            start = columns[role] - len(words) // 2
            line = line.ljust(start) + words
        yield line


def _lifelines(columns: dict[Role, int]) -> str:
    return _laid("", dict.fromkeys(columns.values(), "│"))


def _laid(line: str, marks: dict[int, str]) -> str:
    """The line with the marks in its empty margins: a mark never is between words."""
    begin, end = len(line) - len(line.lstrip()), len(line)
    cells = list(line.ljust(max(marks) + 1))
    for place, mark in marks.items():
        if place < begin or place >= end:
            cells[place] = mark
    return "".join(cells)


def _arrow(number: int, message: Message, columns: dict[Role, int], width: int) -> Iterator[str]:
    start, end = columns[message.source], columns[message.target]
    left, right = min(start, end), max(start, end)
    marks = dict.fromkeys(columns.values(), "│")
    yield _laid("", marks)
    yield from _words(f"{number} {message.says}", left + 2, width, marks)
    shaft = ("╌" if message.back else "─") * (right - left - 2)
    line = " " * left + (f"├{shaft}▶│" if end > start else f"│◀{shaft}┤")
    yield _laid(line[:left] + line[left : right + 1], marks)
    if message.parameters:
        yield from _words(", ".join(message.parameters), left + 4, width, marks)


def _words(text: str, indent: int, width: int, marks: dict[int, str]) -> Iterator[str]:
    """Words next to a lifeline; a word that is too long moves all of them to the left, since it may be copied."""
    longest = max(map(len, text.split()))
    indent = max(min(indent, width - longest), 0)
    for line in textwrap.wrap(text, width - indent, break_long_words=False, break_on_hyphens=False):
        yield _laid(" " * indent + line, marks)


def sequence_mermaid(row: Sequence) -> str:
    """The diagram as Mermaid's ``sequenceDiagram``."""
    players = dict(row.players)
    lines = ["sequenceDiagram", "  autonumber"]
    for role, name in taking_part(row):
        plays = f"<br/>{mermaid(players[role])}" if role in players else ""
        lines.append(f"  participant {role} as {name}{plays}")
    for message in row.messages:
        arrow = "-->>" if message.back else "->>"
        parameters = f"<br/>{mermaid(', '.join(message.parameters))}" if message.parameters else ""
        lines.append(f"  {message.source}{arrow}{message.target}: {mermaid(message.says)}{parameters}")
    return "\n".join(lines) + "\n"


def sequence_svg(row: Sequence) -> str:
    """The diagram as a self-contained SVG, light on any page, with a title and a description in words."""
    roles = taking_part(row)
    columns = {role: _SVG_COLUMN // 2 + 10 + _SVG_COLUMN * number for number, (role, _) in enumerate(roles)}
    wide = _SVG_COLUMN * len(roles) + 20
    players = dict(row.players)
    parts: list[str] = []
    top = 66
    y = top + 20
    for number, message in enumerate(row.messages, 1):
        drawn, y = _svg_message(number, message, columns, y, wide)
        parts.append(drawn)
    heads = "".join(
        f'<g class="head"><rect x="{columns[role] - 88}" y="8" width="176" height="52" rx="4"/>'
        f'<text class="role" x="{columns[role]}" y="27" text-anchor="middle">{escape(name)}</text>'
        + "".join(
            f'<text class="quiet" x="{columns[role]}" y="{41 + 13 * row_number}" '
            f'text-anchor="middle">{escape(words)}</text>'
            for row_number, words in enumerate(textwrap.wrap(players.get(role, ""), 30)[:2])
        )
        + f'</g><line class="life" x1="{columns[role]}" y1="60" x2="{columns[role]}" y2="{y}"/>'
        for role, name in roles
    )
    words = "; ".join(f"{m.source} to {m.target}: {m.says}" for m in row.messages)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {wide} {y + 10}" width="{wide}" '
        f'height="{y + 10}">'
        f"<title>{escape(row.grant)}</title><desc>{escape(words)}</desc><style>{_STYLE}</style>"
        f'<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
        f'<path d="M0 0L8 4L0 8"/></marker></defs><rect class="paper" width="{wide}" height="{y + 10}"/>{heads}'
        + "".join(parts)
        + "</svg>\n"
    )


def _svg_message(number: int, message: Message, columns: dict[Role, int], y: int, wide: int) -> tuple[str, int]:
    start, end = columns[message.source], columns[message.target]
    left = min(start, end)
    space = max(int((wide - left - 20) / 7), 24)
    texts: list[str] = []
    for words in textwrap.wrap(f"{number}  {message.says}", space):
        texts.append(f'<text x="{left + 8}" y="{y}">{escape(words)}</text>')
        y += _SVG_LINE
    arrow_y = y - 8
    dash = ' stroke-dasharray="5 4"' if message.back else ""
    texts.append(f'<line x1="{start}" y1="{arrow_y}" x2="{end}" y2="{arrow_y}" marker-end="url(#tip)"{dash}/>')
    y += 8
    for words in textwrap.wrap(", ".join(message.parameters), space + 4, break_on_hyphens=False):
        texts.append(f'<text class="quiet" x="{left + 16}" y="{y}">{escape(words)}</text>')
        y += _SVG_LINE - 2
    return "".join(texts), y + 14
