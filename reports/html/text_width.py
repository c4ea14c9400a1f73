"""How wide a text is in a drawing, and where its lines break. An SVG does not wrap text by itself."""

from __future__ import annotations

from typing import Final

#: Widths of characters in thousandths of the font size, after Helvetica; the factor covers wider system fonts.
_NARROW: Final = frozenset("iljtfI.,:;'!|()[] -")
_WIDE: Final = frozenset("mwMWOQGD@%&—…")
_FACTOR: Final = 1.12


def wrap(text: str, space: float, size: float) -> tuple[str, ...]:
    """Break *text* into lines that fit into *space* pixels at a font of *size* pixels; a word that does not fit is
    cut.
    """
    lines: list[str] = []
    line = ""
    for word in text.split():
        longer = f"{line} {word}" if line else word
        if measure(longer, size) <= space:
            line = longer
            continue
        if line:
            lines.append(line)
        line = word
        while measure(line, size) > space:
            fits = max(next(n for n in range(len(line), 0, -1) if n == 1 or measure(line[:n], size) <= space), 1)
            lines.append(line[:fits])
            line = line[fits:]
    return (*lines, line) if line or not lines else tuple(lines)


def measure(text: str, size: float) -> float:
    """About how wide *text* is, in pixels; rather too much than too little."""
    units = 0
    for character in text:
        if character in _NARROW:
            units += 300
        elif character in _WIDE:
            units += 830
        elif character.isupper():
            units += 680
        else:
            units += 540 if character.isascii() else 1000
    return units * size * _FACTOR / 1000
