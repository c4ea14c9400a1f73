"""Remove an element of a list: with its comma, and with its lines where nothing else is on them."""

from __future__ import annotations

from collections.abc import Sequence

from advisor.fixing.edit import NotFixed
from advisor.fixing.syntax import Syntax
from rules.primitives.spans import Span

#: What follows "not fixed:" where a list is not written out.
COMPUTED = "an expression makes the list"


def removal(text: str, syntax: Syntax, whole: Span, elements: Sequence[Span], index: int) -> list[Span]:
    """What to cut from *text* so that the list at *whole*, brackets included, loses the element of an *index*.

    *elements* are the places of all elements. Raises ``NotFixed`` for a list that is not written out.
    """
    start, end = elements[index]
    before = elements[index - 1][1] if index else whole[0] + 1
    after = elements[index + 1][0] if index + 1 < len(elements) else whole[1] - 1
    _check(text, syntax, whole, elements)
    gap = syntax.blanked(text[end:after])
    comma = gap.find(",")
    cuts = [(start, end)]
    if comma >= 0:
        cuts.append((end + comma, end + comma + 1))
    elif index:
        preceding = syntax.blanked(text[before:start]).rfind(",")
        if preceding >= 0:
            cuts.append((before + preceding, before + preceding + 1))
    lines = own_lines(text, syntax, (start, end), (before, after))
    return [*cuts, lines] if lines else [*cuts, *_inline(text, (before, start), (end, after), index, len(elements))]


def own_lines(text: str, syntax: Syntax, element: Span, room: Span) -> Span | None:
    """The lines of an *element* with their ends, where nothing but its comma and a comment is on them within *room*."""
    # Only the part around the element is searched: a whole document may be one line.
    first = text.rfind("\n", max(room[0] - 1, 0), element[0]) + 1
    last = text.find("\n", element[1], room[1])
    if last < 0 or first < room[0] or text[first : element[0]].strip():
        return None
    rest = syntax.blanked(text[element[1] : last]).strip()
    return (first, last + 1) if rest in ("", ",") else None


def _check(text: str, syntax: Syntax, whole: Span, elements: Sequence[Span]) -> None:
    """Raise ``NotFixed`` unless the list at *whole* consists of *elements* with commas or line feeds between them."""
    if text[whole[0] : whole[0] + 1] != "[" or text[whole[1] - 1 : whole[1]] != "]":
        raise NotFixed(COMPUTED)
    at = whole[0] + 1
    for number, (start, end) in enumerate((*elements, (whole[1] - 1, whole[1]))):
        gap = syntax.blanked(text[at:start])
        is_edge = number in (0, len(elements))
        separated = gap.strip() == "," or (not gap.strip() and (is_edge or (syntax.ends_lines and "\n" in gap)))
        if start < at or end > whole[1] or not separated:
            raise NotFixed(COMPUTED)
        at = end


def _inline(text: str, before: Span, after: Span, index: int, count: int) -> list[Span]:
    """The white space that goes with an element that shares its line; comments stay."""
    leading, trailing = text[slice(*before)], text[slice(*after)]
    if index + 1 < count:
        return [after] if trailing.strip() == "," and "\n" not in trailing else []
    if index:
        if leading.strip() != "," or "\n" in leading:
            return []
        return [(before[0] + leading.index(",") + 1, before[1])] if "," in trailing else [before]
    is_alone = not leading.strip() and trailing.strip() in ("", ",") and "\n" not in leading + trailing
    return [before, after] if is_alone else []
