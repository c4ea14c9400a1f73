"""The edits that fix one finding in its file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

import msgspec

from advisor.fixing.changes import Change, changes
from advisor.fixing.edit import Edit, NotFixed, cut
from advisor.fixing.lists import COMPUTED, own_lines, removal
from advisor.fixing.syntax import ARM, BICEP, HCL, TERRAFORM_JSON, YAML, Syntax
from advisor.fixing.uses import check_uses, way_to
from advisor.fixing.written import ALONE, UNKNOWN, Written, at_place, elements_of, syntax_of, written_at
from advisor.fixing.yaml_lists import yaml_removal
from advisor.sources.reading.builder import Entry, Reading
from advisor.sources.reading.document import Document
from advisor.sources.reading.legacy import OLD_NAMES
from advisor.sources.terraform.values import as_text
from rules.model.finding import Finding
from rules.primitives.spans import Span

_INDENT: Final = re.compile(r"[ \t]*")
#: Nothing but a comment is on the rest of a line.
_LINE_ENDS: Final = re.compile(r"[ \t]*(?:\r?\n|//|#)")
_NAME: Final = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")
#: A block of HCL or a declaration of Bicep: words and labels before the brace.
_HEADER: Final = re.compile(r"[A-Za-z_][^{}\n]*\{")
#: Blocks of HCL that stay: others may refer to a resource, and the content of a dynamic block makes several blocks.
_OUTER: Final = re.compile(r"(?:resource|module|dynamic|content)\b")
#: The statement of Bicep in which an offset is begins a line.
_STATEMENT: Final = re.compile(r"^(?:param|var|resource|module|output|func|type|metadata|import)\b", re.MULTILINE)
#: Where JSON declares what is in a resource; elsewhere it has parameters, variables and outputs.
_DECLARES: Final = {
    ARM.read: re.compile(r"(?:/.*)?/resources/[^/]+/properties(?:/|$)"),
    TERRAFORM_JSON.read: re.compile(r"/resource(?:/\d+)?/[^/]+(?:/\d+)?/[^/]+(?:/\d+)?(?:/[^/]*[^/\d]|$)"),
}
#: A whole resource of Terraform in JSON.
_RESOURCE: Final = re.compile(r"/resource(?:/\d+)?/[^/]+(?:/\d+)?/[^/]+(?:/\d+)*")


def edits_for(finding: Finding, reading: Reading, apps: Mapping[str, msgspec.Struct]) -> Sequence[Edit]:
    """The edits that make up the patch of *finding*; *apps* are the registrations of *reading* by key.

    Raises ``NotFixed`` where the file does not contain the value as it is, with the place that sets it where known.
    """
    entry, app = reading.entry(finding.registration), apps.get(finding.registration)
    wanted = changes(finding, app) if app is not None else ()
    if entry is None or not wanted:
        raise NotFixed("not all values of the change are known")
    try:
        return [edit for change in wanted for edit in _edits(reading, entry, change)]
    except (LookupError, ValueError, OverflowError, RecursionError):  # an unforeseen file must not end the run
        raise NotFixed(UNKNOWN) from None


def _edits(reading: Reading, entry: Entry, change: Change) -> Iterator[Edit]:
    written = written_at(entry, change.pointer)
    syntax = syntax_of(entry, written.document)
    if change.remove:
        yield from _removed(reading, entry, change, syntax)
    elif written.there:
        _check(written, syntax, change.before)
        _check_place(reading, entry, change.pointer, written)
        value = change.value
        if value is not None and not isinstance(value, dict | list) and _is_converted(written, syntax, change.before):
            value = as_text(value)  # Terraform converts it like the one before
        text = _rendered(value, written.document, written.span[0], syntax.like(written.text))
        yield Edit(written.document.file, *written.span, text)
    else:
        yield _inserted(entry, change, written, syntax)
    yield from _settings(entry, change, syntax)


def _check(written: Written, syntax: Syntax, value: Any) -> None:
    """Raise ``NotFixed`` unless *written* is the literal of *value*."""
    where = _where(written)
    try:
        found = syntax.read(written.text)
    except ValueError:
        raise NotFixed(f"an expression at {where} sets it; change it there") from None
    is_same = found == value and type(found) is type(value)
    if not is_same and not _is_converted(written, syntax, value):
        raise NotFixed(f"it is written in another form at {where}; change it there")


def _is_converted(written: Written, syntax: Syntax, value: Any) -> bool:
    """Whether *written* is a text, number or boolean that Terraform converts to *value*, of another of these types."""
    if syntax not in (HCL, TERRAFORM_JSON):
        return False
    found = syntax.read(written.text)
    return type(found) is not type(value) and str in (type(found), type(value)) and as_text(found) == as_text(value)


def _check_place(reading: Reading, entry: Entry, pointer: str, written: Written) -> None:
    """Raise ``NotFixed`` unless *written* is in a resource, or elsewhere for the value at *pointer* alone."""
    way, place = way_to(entry, pointer)
    used = written if place is None or not way else at_place(place)
    own = syntax_of(entry, used.document)
    if not _is_declared(used, own):
        raise NotFixed(f"it is set at {_where(written)}, outside of the resource; change it there")
    if way and entry.marks is not None:
        check_uses(reading, way, entry.marks[pointer].place, own, _where(written))


def _where(written: Written) -> str:
    return f"{written.document.file}:{written.document.places.position(written.span[0])[0]}"


def _is_declared(written: Written, syntax: Syntax) -> bool:
    """Whether a value is in a resource, and not in a variable, a parameter or a module call."""
    if syntax.read in _DECLARES:
        return written.pointer is not None and _DECLARES[syntax.read].match(written.pointer) is not None
    if syntax is BICEP:
        statements = list(_STATEMENT.finditer(written.document.shown, 0, written.span[0] + 1))
        return bool(statements) and statements[-1][0] == "resource"
    if syntax is HCL:
        return _block_at(written.document, written.span[0]) == "resource"
    return True


def _block_at(document: Document, offset: int) -> str:
    """The type of the outermost block of HCL that is around an *offset*; empty outside of blocks."""
    return next((kind for (start, end), kind in _blocks_of(document) if start <= offset < end), "")


@lru_cache(maxsize=8)
def _blocks_of(document: Document) -> list[tuple[Span, str]]:
    """The spans of the outermost blocks of HCL, and their types: needed for each value of a document in turn."""
    from advisor.sources.terraform.hcl import read_hcl

    return [(block.place.span, block.type) for block in read_hcl(document)[0].blocks if block.place.span]


def _removed(reading: Reading, entry: Entry, change: Change, syntax: Syntax) -> Iterator[Edit]:
    whole, elements, index = elements_of(entry, change.pointer)
    document, element = elements[index].document, elements[index]
    if any(one.document is not document or not one.there for one in (whole, *elements)):
        raise NotFixed(COMPUTED)
    text = document.shown
    if syntax is TERRAFORM_JSON and _RESOURCE.fullmatch(element.pointer or ""):
        raise NotFixed(ALONE)
    if syntax is HCL and _HEADER.match(element.text):
        yield from _without_block(element, change.pointer, syntax)
        return
    if not isinstance(change.before, dict):
        url = element.text if written_at(entry, change.pointer).span == element.span else None
        if url is not None:
            _check(element, syntax, change.before)
            _check_place(reading, entry, change.pointer, element)
    elif not _is_declared(element, syntax):
        if not way_to(entry, change.pointer)[0]:
            raise NotFixed(ALONE)
        _check_place(reading, entry, change.pointer, element)
    spans = [one.span for one in elements]
    if syntax is YAML and text[whole.span[0]] != "[":
        yield from yaml_removal(document.file, text, whole.span, spans, index)
        return
    yield from cut(document.file, removal(text, syntax, whole.span, spans, index))


def _without_block(element: Written, pointer: str, syntax: Syntax) -> Iterator[Edit]:
    """The lines of a nested block. A resource stays: others may refer to it, and it is destroyed with its secret."""
    text = element.document.shown
    if _OUTER.match(element.text):
        raise NotFixed(ALONE)
    if not element.text.rstrip().endswith("}"):
        raise NotFixed(UNKNOWN)
    start = element.span[0]
    end = start + len(element.text.rstrip())
    lines = own_lines(text, syntax, (start, end), (0, len(text)))
    if lines is None:
        raise NotFixed(f"{pointer.rpartition('/')[0]} shares its lines with other blocks")
    yield from cut(element.document.file, [lines])


def _rendered(value: Any, document: Document, at: int, syntax: Syntax) -> str:
    """*value* as a literal at the offset *at*, with the indentation and line ends of the document."""
    if not isinstance(value, dict | list) or not value:
        return syntax.render(value, "", "", "")
    return syntax.render(value, _margin(document, at), *_layout(document))


def _margin(document: Document, at: int) -> str:
    """The indentation of the line of the offset *at*."""
    match = _INDENT.match(document.shown, document.places.line_start(at))
    return match[0] if match else ""


@lru_cache(maxsize=8)
def _layout(document: Document) -> tuple[str, str]:
    """One step of indentation and the line end, as a document has them; a document on one line has no such step."""
    text = document.shown
    steps = re.findall(r"\n([ \t]+)(?=\S)", text)
    unit = min(steps, key=len) if steps else "  " if "\n" in text.strip() else ""
    return unit, "\r\n" if "\r\n" in text else "\n"


def _inserted(entry: Entry, change: Change, written: Written, syntax: Syntax) -> Edit:
    """The edit that adds a value that is not written yet, as the first thing in the part around it."""
    names, part = _names(entry, change, written)
    if not _is_declared(part, syntax):
        raise NotFixed(f"it would be set at {_where(part)}, outside of the resource; change it there")
    text = part.document.shown
    margin, (unit, newline) = _margin(part.document, part.span[0]), _layout(part.document)
    head = _HEADER.match(text, part.span[0]) if syntax in (HCL, BICEP) else None
    at = head.end() if head else part.span[0] + 1
    if head is None and text[part.span[0] : at] != "{":
        raise NotFixed("the value is not an object in the file")
    is_alone = _LINE_ENDS.match(text, at) is not None and text.find("\n", at) >= 0
    if not is_alone and syntax in (HCL, BICEP):
        raise NotFixed("the part that would contain it is on one line")
    if not is_alone:
        margin = unit = ""
    if syntax is HCL:
        lines = _blocks(names, syntax.render(change.value, "", "", newline), margin + unit, unit, newline)
    else:
        value = change.value
        for name in reversed(names[1:]):
            value = {name: value}
        lines = f"{syntax.member(names[0])}{syntax.render(value, margin + unit, unit, newline)}"
    if is_alone:
        line_end = text.index("\n", at) + 1
        comma = "" if syntax in (HCL, BICEP) or _is_empty(part) else ","
        return Edit(part.document.file, line_end, line_end, f"{margin}{unit}{lines}{comma}{newline}")
    return Edit(part.document.file, at, at, lines if _is_empty(part) else f"{lines}, ")


def _is_empty(part: Written) -> bool:
    return not part.document.places.members(part.span[0])


def _blocks(names: Sequence[str], value: str, margin: str, unit: str, newline: str) -> str:
    """An argument of HCL, inside of the blocks that its *names* begin with."""
    if len(names) == 1:
        return f"{names[0]} = {value}"
    inside = _blocks(names[1:], value, margin + unit, unit, newline)
    return f"{names[0]} {{{newline}{margin}{unit}{inside}{newline}{margin}}}"


def _names(entry: Entry, change: Change, written: Written) -> tuple[list[str], Written]:
    """What the value is called where it would be written, from the closest part that is there, and that part."""
    names = change.pointer.split("/")[1:]
    if entry.marks is not None:
        for count in range(len(names) - 1, -1, -1):
            above = entry.marks.get("".join(f"/{name}" for name in names[:count]))
            if above is not None and above.place.there:
                break
        else:
            raise NotFixed(UNKNOWN)
        part = written_at(entry, "".join(f"/{name}" for name in names[:count]))
        own = written.name.removeprefix(f"{part.name}.")
        if part.name and (own == written.name or not _NAME.fullmatch(own)):
            raise NotFixed("its name in the file is not known")
        return own.split(".") if part.name else names[count:], _body(part)
    if entry.moves or entry.row.format.endswith("Azure AD Graph format"):
        old = OLD_NAMES.get(change.pointer)
        if old is None and f"/{names[0]}" in ("/api", "/web", "/spa", "/publicClient", "/info"):
            raise NotFixed("the format of the file has no property for this setting")
        names = [old] if old else names
    for count in range(len(names) - 1, -1, -1):
        part = written_at(entry, "".join(f"/{name}" for name in names[:count]))
        if part.there:
            break
    if entry.pascal:
        names = [f"{name[:1].upper()}{name[1:]}" for name in names]
    return names[count:], part


def _body(part: Written) -> Written:
    """Of a resource of ARM the object with its properties; any other part as it is."""
    if part.pointer is None or not part.pointer:
        return part
    members = part.document.places.members(part.span[0])
    inner = members.get("properties")
    if inner is None or "type" not in members:
        return part
    return msgspec.structs.replace(part, span=inner, pointer=f"{part.pointer}/properties")


def _settings(entry: Entry, change: Change, syntax: Syntax) -> Iterator[Edit]:
    """The same change in ``redirectUriSettings``, which the portal writes next to ``redirectUris``."""
    above, _, _ = change.pointer.rpartition("/")
    if not above.endswith("/redirectUris") or entry.marks is not None or entry.document is None:
        return
    name = f"{above.removesuffix('s')}Settings"
    try:
        listed = written_at(entry, name)
    except NotFixed:
        return
    if not listed.there or not listed.text.startswith("["):
        return
    spans = listed.document.places.elements(listed.span[0])
    for index in range(len(spans)):
        uri = written_at(entry, f"{name}/{index}/uri")
        if not uri.there or uri.text[:1] != '"' or syntax.read(uri.text) != change.before:
            continue
        if change.remove:
            yield from cut(listed.document.file, removal(listed.document.shown, syntax, listed.span, spans, index))
        else:
            yield Edit(uri.document.file, *uri.span, syntax.write(change.value))
