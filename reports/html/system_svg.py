"""A system as SVG: clients and APIs in columns, callers on the left of what they call, an arrow for each call.

In: a picture. Out: an ``<svg>`` element without a style attribute, colored by the page's style sheet. Each call starts
at a place of its own, with its words above the line, so no two texts overlap.
"""

from __future__ import annotations

from collections import defaultdict
from html import escape
from typing import Final

from markupsafe import Markup

from reports.advice import SystemArrow, SystemNode, SystemPicture
from reports.escape import NAME_SHOWN, visible
from reports.html.text_width import wrap
from reports.report import Report
from reports.system import arrow_words, picture_words

_MARGIN: Final = 6
_BOX: Final = 140
_GAP: Final = 212
#: Of a gap, the part before which words end and behind which lines bend.
_BEND: Final = 172
_LINE: Final = 15
_PAD: Final = 8
_SPACE: Final = 16
_SIZE: Final = 12.0
_TITLE: Final = 14.0


def system_drawing(report: Report) -> Markup | None:
    """The system of the report, where its clients call anything."""
    if report.picture is None:
        return None
    return Markup(draw_system(report.picture, name="system-drawing", title="The system"))  # noqa: S704 - escaped


def draw_system(picture: SystemPicture, *, name: str, title: str) -> str:
    """Draw the picture; *name* makes the ids of title and description unique in the page."""
    return _Drawing(picture).svg(name, title)


def columns(picture: SystemPicture) -> dict[str, int]:
    """The column of each node: one behind its last caller. A call that closes a circle counts for none."""
    calls: defaultdict[str, list[str]] = defaultdict(list)
    for arrow in picture.arrows:
        calls[arrow.source].append(arrow.target)
    place = {node.name: 0 for node in picture.nodes}
    for _ in picture.nodes:  # without a circle, the longest way has fewer steps than there are nodes
        moved = False
        for source, targets in calls.items():
            for target in targets:
                if place[target] <= place[source] < len(picture.nodes) - 1 and not _reaches(calls, target, source):
                    place[target], moved = place[source] + 1, True
        if not moved:
            break
    return place


def _reaches(calls: dict[str, list[str]], start: str, end: str) -> bool:
    seen, left = {start}, [start]
    while left:
        one = left.pop()
        if one == end:
            return True
        left += [target for target in calls.get(one, []) if target not in seen]
        seen |= set(calls.get(one, []))
    return False


def _ordered(picture: SystemPicture, columns: dict[str, int]) -> list[SystemNode]:
    """The nodes column by column, each about as high as its callers, so that few lines cross."""
    rank: dict[str, float] = {}
    for column in sorted(set(columns.values())):
        here = [node for node in picture.nodes if columns[node.name] == column]
        callers = {
            node.name: [
                rank[arrow.source] for arrow in picture.arrows if arrow.target == node.name and arrow.source in rank
            ]
            for node in here
        }
        here.sort(key=lambda node: sum(callers[node.name]) / max(len(callers[node.name]), 1))
        rank |= {node.name: number for number, node in enumerate(here)}
    return sorted(picture.nodes, key=lambda node: (columns[node.name], rank[node.name]))


class _Drawing:
    """The nodes in their columns, with the places at which arrows start and end."""

    def __init__(self, picture: SystemPicture) -> None:
        self._picture = picture
        self._columns = columns(picture)
        self._out: defaultdict[str, list[tuple[SystemArrow, tuple[str, ...]]]] = defaultdict(list)
        self._in: defaultdict[str, int] = defaultdict(int)
        for arrow in picture.arrows:
            words = wrap(visible(arrow_words(arrow), NAME_SHOWN), _BEND - 2 * _PAD, _SIZE)
            self._out[arrow.source].append((arrow, words))
            self._in[arrow.target] += 1
        self._y: dict[str, int] = {}
        self._heads: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {}
        ends: defaultdict[int, int] = defaultdict(lambda: _MARGIN)
        for node in _ordered(picture, self._columns):
            column = self._columns[node.name]
            self._heads[node.name] = (
                wrap(visible(node.name, NAME_SHOWN), _BOX - 2 * _PAD, _TITLE),
                wrap(visible(node.note, NAME_SHOWN), _BOX - 2 * _PAD, _SIZE),
            )
            self._y[node.name] = ends[column]
            ends[column] += self._height(node.name) + _SPACE
        # A call of a column farther right passes below the boxes of those between, each in a lane of its own.
        self._lanes: dict[SystemArrow, list[tuple[int, int]]] = {}
        for arrow in picture.arrows:
            between = range(self._columns[arrow.source] + 1, self._columns[arrow.target])
            self._lanes[arrow] = [(_MARGIN + column * (_BOX + _GAP), ends[column]) for column in between]
            for column in between:
                ends[column] += _SPACE
        self._bottom = max(ends.values()) - _SPACE + _MARGIN

    def _height(self, name: str) -> int:
        title, note = self._heads[name]
        outgoing = sum(_LINE * len(words) + _PAD for _, words in self._out[name])
        return max(_LINE * (len(title) + len(note)) + 2 * _PAD, outgoing + _PAD, 12 * self._in[name] + 2 * _PAD)

    def _x(self, name: str) -> int:
        return _MARGIN + self._columns[name] * (_BOX + _GAP)

    def svg(self, name: str, title: str) -> str:
        """The element with title and description."""
        width = _MARGIN + max(self._columns.values()) * (_BOX + _GAP) + _BOX + _MARGIN
        ends = any(self._columns[arrow.target] <= self._columns[arrow.source] for arrow in self._picture.arrows)
        width += _GAP if ends or self._out[self._last()] else 0
        words = escape(visible(picture_words(self._picture)))
        return (
            f'<svg class="system" role="img" aria-labelledby="{name}-title {name}-description" '
            f'viewBox="0 0 {width} {self._bottom}" width="{width}" height="{self._bottom}">'
            f'<title id="{name}-title">{escape(title)}</title><desc id="{name}-description">{words}</desc>'
            f"{''.join(self._arrows())}{''.join(self._boxes())}</svg>"
        )

    def _last(self) -> str:
        return max(self._columns, key=self._columns.__getitem__)

    def _boxes(self) -> list[str]:
        drawn = []
        for node in self._picture.nodes:
            x, y = self._x(node.name), self._y[node.name]
            title, note = self._heads[node.name]
            corner = 3 if node.kind == "client" else 14
            rows = [(line, "name") for line in title] + [(line, "quiet") for line in note]
            spans = "".join(
                f'<tspan class="{kind}" x="{x + _PAD}" y="{y + _PAD + 11 + _LINE * row}">{escape(line)}</tspan>'
                for row, (line, kind) in enumerate(rows)
            )
            box = f'<rect x="{x}" y="{y}" width="{_BOX}" height="{self._height(node.name)}" rx="{corner}"/>'
            drawn.append(f"{box}<text>{spans}</text>")
        return drawn

    def _arrows(self) -> list[str]:
        """The calls of each node from top to bottom: near targets first, since far ones pass below the boxes."""
        places = self._arrivals()
        drawn = []
        for source, outgoing in self._out.items():
            x, y = self._x(source) + _BOX, self._y[source]
            for arrow, words in sorted(outgoing, key=lambda one: self._approach(one[0], one[0].target)):
                texts = "".join(
                    f'<tspan x="{x + _PAD}" y="{y + 11 + _LINE * row}">{escape(line)}</tspan>'
                    for row, line in enumerate(words)
                )
                y += _LINE * len(words) + _PAD
                drawn.append(f"{self._line(arrow, x, y - 4, places[arrow])}<text>{texts}</text>")
        return drawn

    def _approach(self, arrow: SystemArrow, other: str) -> int:
        """How low a call runs: in its lane, else at the height of the node at its *other* end."""
        return self._lanes[arrow][-1][1] if self._lanes[arrow] else self._y[other]

    def _arrivals(self) -> dict[SystemArrow, int]:
        """The place of each call at its target, from top to bottom, beginning with 1."""
        arrived: defaultdict[str, int] = defaultdict(int)
        places = {}
        for arrow in sorted(self._picture.arrows, key=lambda arrow: self._approach(arrow, arrow.source)):
            arrived[arrow.target] += 1
            places[arrow] = arrived[arrow.target]
        return places

    def _line(self, arrow: SystemArrow, x: int, y: int, number: int) -> str:
        """From the end of the words at *x* and *y* to the place of the target's caller *number*."""
        ahead = self._columns[arrow.target] > self._columns[arrow.source]
        step = self._height(arrow.target) / (self._in[arrow.target] + 1)
        end = round(self._y[arrow.target] + step * number)
        side = self._x(arrow.target) + (0 if ahead else _BOX)
        tip = -7 if ahead else 7
        path = f"M{x} {y}"
        for lane, height in self._lanes[arrow]:
            path += f"H{lane - _GAP + _BEND}C{lane - 14} {y} {lane - 30} {height} {lane} {height}H{lane + _BOX}"
            x, y = lane + _BOX, height
        bend = x + _BEND
        control = (side - 14, side - 30) if ahead else (bend + 40, bend + 40)
        path += f"H{bend}C{control[0]} {y} {control[1]} {end} {side + 2 * tip} {end}H{side}"
        kind = "call" if arrow.works else "call broken"
        return (
            f'<path class="{kind}" d="{path}"/>'
            f'<path class="tip" d="M{side + tip} {end - 4}L{side} {end}L{side + tip} {end + 4}"/>'
        )
