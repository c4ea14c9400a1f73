"""Remove an element of a block sequence of YAML: the lines from its dash on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from advisor.fixing.edit import Edit, NotFixed, cut
from advisor.fixing.lists import COMPUTED
from advisor.fixing.syntax import YAML
from rules.primitives.spans import Span


def yaml_removal(file: str, text: str, whole: Span, elements: Sequence[Span], index: int) -> Iterator[Edit]:
    """The edits that remove the element of an *index*. The only element becomes an empty list.

    Raises ``NotFixed`` where an element does not begin its line after a dash.
    """
    start, end = elements[index]
    first = text.rfind("\n", 0, start) + 1
    if text[first:start].strip() != "-" or start > whole[1]:
        raise NotFixed(COMPUTED)
    end = start + len(text[start:end].rstrip())
    last = text.find("\n", end)
    rest = text[end : last if last >= 0 else len(text)].strip()
    if rest and not rest.startswith("#"):
        raise NotFixed(COMPUTED)
    stop = len(text) if last < 0 else last + 1
    if len(elements) > 1:
        yield from cut(file, [(first, stop)])
        return
    at = _after_name(text, first)
    yield Edit(file, at, at, " []")
    yield from cut(file, [(first, stop)])


def _after_name(text: str, start: int) -> int:
    """Where the name of a list ends whose first dash is in the line at *start*: blanks and comments may be between."""
    above = YAML.blanked(text[:start]).rstrip()
    if not above.endswith(":"):
        raise NotFixed("the list would be empty, and its name is not on the line above")
    return len(above)
