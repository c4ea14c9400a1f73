"""Small pieces of sentences that rules, reports and messages share. Pure functions."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

#: Replaces a secret that was read. A value that contains it is not the value of the registration.
HIDDEN: Final = "(hidden)"

_GUID: Final = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")

#: Characters that are not shown, beyond those of the category Cf: control characters, fillers of Hangul, the empty
#: Braille pattern, and those of Unicode's property Default_Ignorable_Code_Point, such as variation selectors.
_NOT_SHOWN: Final = re.compile(
    "[\x80-\x9f\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2065\u2800\u3164\ufe00-\ufe0f\uffa0\ufff0-\ufff8"
    "\U000e0000-\U000e0fff]"
)
#: Signs of Arabic, Syriac and Kaithi that are shown and nevertheless have the category Cf.
_SHOWN: Final = re.compile("[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd]")

#: What tools write in place of a secret, such as asterisks or Terraform's "(sensitive value)".
_MARKS: Final = r"[\s!-/:-@\[-`{-~\u2022\u2026\u25cf]*"  # ASCII punctuation, bullets and the ellipsis
_MASK: Final = re.compile(rf"{_MARKS}(?:(?:redacted|sensitive(?: value)?){_MARKS})?", re.IGNORECASE)


def is_mask(text: str) -> bool:
    """Whether *text* replaces a secret that is not there; ``HIDDEN`` does not count, since that secret was read."""
    return _MASK.fullmatch(text) is not None


def counted(number: int, noun: str) -> str:
    """A number with its noun: ``1 rule``, ``2,000 rules``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def text_of(value: object) -> str:
    """*value* where it is a text; empty for null, for what was not read and for anything else."""
    return value if isinstance(value, str) else ""


def is_invisible(char: str) -> bool:
    """Whether *char* is not shown by itself: a joiner, a mark of direction, a filler, a control character."""
    is_format = unicodedata.category(char) == "Cf" and not _SHOWN.match(char)
    return is_format or _NOT_SHOWN.match(char) is not None


def is_guid(text: str | None) -> bool:
    """Whether *text* is a GUID and nothing else, as Graph writes an ID."""
    return text is not None and _GUID.fullmatch(text) is not None
