"""Where a value is written: its span in the text of a document, and those of the elements around it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import msgspec

from advisor.fixing.edit import NotFixed
from advisor.fixing.syntax import ARM, BICEP, HCL, JSON, TERRAFORM_JSON, YAML, Syntax
from advisor.sources.reading.builder import Entry
from advisor.sources.reading.document import Document
from advisor.sources.reading.legacy import source_pointer
from advisor.sources.reading.node import Mark, Place
from rules.primitives.spans import Span

#: The beginnings of what readers call files that users edit. A plan, a state or a preview is made by a program.
_EDITED: Final = (
    "ARM template", "Bicep", "Crossplane", "JSON lines", "list of", "manifest", "Microsoft Graph response",
    "Pulumi program", "Terraform configuration", "YAML of the Azure CLI",
)  # fmt: skip
#: The languages of the files that declare resources in a format, and of those that have values for them.
_OWN: Final = {"Bicep": (BICEP, None), "Terraform": (HCL, TERRAFORM_JSON)}
#: What follows "not fixed:" for what others may refer to, and what is destroyed with its secret.
ALONE: Final = "it is a resource of its own; remove it with what refers to it"
#: What follows "not fixed:" for a value that a parser found and the walk to it does not.
UNKNOWN: Final = "the position in the file is not known"
_BY_NAME: Final = {
    ".bicep": BICEP, ".bicepparam": BICEP, ".hcl": HCL, ".tf": HCL, ".tf.json": TERRAFORM_JSON, ".tfvars": HCL,
    ".tfvars.json": TERRAFORM_JSON, ".tofu": HCL, ".tofu.json": TERRAFORM_JSON, ".yaml": YAML, ".yml": YAML,
}  # fmt: skip


class Written(msgspec.Struct, frozen=True):
    """A value in a *document*: its *span*; in JSON the *pointer* that leads to it from the offset *start*.

    *there* is false for a value that is not written; the span is then that of the part in which it would be written.
    *name* is the reader's own, where the format has one.
    """

    document: Document
    span: Span
    pointer: str | None = None
    start: int = 0
    there: bool = True
    name: str = ""

    @property
    def text(self) -> str:
        """What is written there, in the text of the file."""
        return self.document.shown[slice(*self.span)]


def syntax_of(entry: Entry, document: Document) -> Syntax:
    """The language of a *document*. Raises ``NotFixed`` for a file that a program makes, and for a part of a text."""
    if not entry.row.format.startswith(_EDITED) or document.is_excerpt:
        raise NotFixed("a program generates the file, or the value is inside a string of another file")
    name = document.file.lower()
    found = next((syntax for suffix, syntax in _BY_NAME.items() if name.endswith(suffix)), None)
    own = next((syntaxes for kind, syntaxes in _OWN.items() if entry.row.format.startswith(kind)), ())
    if own and found not in own:
        raise NotFixed(f"it is set in {document.file}; change it there")
    is_template = entry.marks is not None and entry.marks[""].place.document is document
    return found or (ARM if entry.row.format.startswith("ARM") and is_template else JSON)


def written_at(entry: Entry, pointer: str) -> Written:
    """Where the value at a Graph *pointer* of a registration is written. Raises ``NotFixed`` where that is unknown."""
    if entry.marks is not None:
        mark = entry.marks.get(pointer)
        return _nowhere(entry, pointer) if mark is None else _marked(mark)
    if entry.document is None:
        raise NotFixed("the value is not in a file")
    try:
        start, _ = entry.document.places.anchor(entry.pointer, entry.start)
    except (ValueError, RecursionError):
        raise NotFixed(UNKNOWN) from None
    return _followed(Place(entry.document, start=start, pointer=source_pointer(entry.moves, pointer)))


def elements_of(entry: Entry, pointer: str) -> tuple[Written, Sequence[Written], int]:
    """The list that contains the element at a Graph *pointer*, its elements, and the index of the element."""
    written = written_at(entry, pointer)
    if written.pointer is not None:
        place = Place(written.document, start=written.start, pointer=_element(written.pointer))
        above, _, last = place.pointer.rpartition("/")
        whole = _followed(msgspec.structs.replace(place, pointer=above))
        count = len(written.document.places.elements(whole.span[0]))
        around = [_followed(msgspec.structs.replace(place, pointer=f"{above}/{number}")) for number in range(count)]
        return whole, around, int(last)
    above, _, last = pointer.rpartition("/")
    marks = entry.marks or {}
    count = next(number for number in range(len(marks) + 1) if f"{above}/{number}" not in marks)
    return written_at(entry, above), [written_at(entry, f"{above}/{number}") for number in range(count)], int(last)


def _element(pointer: str) -> str:
    """The element of a list to which a *pointer* leads: an older manifest has an object for each redirect URI."""
    if re.fullmatch(r".*/replyUrlsWithType/\d+/[^/]+", pointer, re.IGNORECASE):
        pointer = pointer.rpartition("/")[0]
    if not pointer.rpartition("/")[2].isdigit():
        raise NotFixed(ALONE)
    return pointer


def at_place(place: Place) -> Written:
    """What is written at a *place*. Raises ``NotFixed`` where that is unknown."""
    if place.span is None:
        return msgspec.structs.replace(_followed(place), there=place.there)
    return Written(place.document, place.span, there=place.there)


def _marked(mark: Mark) -> Written:
    return msgspec.structs.replace(at_place(mark.place), name=mark.name)


def _followed(place: Place) -> Written:
    try:
        spot = place.document.places.follow(place.pointer, place.start)
    except (ValueError, RecursionError):
        raise NotFixed(UNKNOWN) from None
    return Written(place.document, spot.span, place.pointer, place.start, there=spot.whole)


def _nowhere(entry: Entry, pointer: str) -> Written:
    """A value without a mark of its own: it would be written in the closest part around it."""
    marks = entry.marks or {}
    above = pointer
    while above and (above not in marks or not marks[above].place.there):
        above = above.rpartition("/")[0]
    return msgspec.structs.replace(_marked(marks[above]), there=False, name="")
