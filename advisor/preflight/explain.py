"""Explain an AADSTS code: what it means, its causes, how to check them, and what a registration says about each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import msgspec

from advisor.preflight.codes import Cause, Code, load_codes
from advisor.preflight.known import is_read
from advisor.preflight.show import Painter
from reports.escape import visible
from rules.model.registration import UNSET, Registration, read_value

#: What is shown of a list.
_SHOWN: Final = 6

#: Microsoft's page for a code, which explains more codes than this table.
LOOKUP: Final = "https://login.microsoftonline.com/error?code={}"

_WHERE: Final = {
    "authorize": "the authorization endpoint",
    "token": "the token endpoint",
    "both": "the authorization endpoint and the token endpoint",
}


def explain_text(
    code: Code,
    app: Registration | None,
    place: Callable[[str], str],
    *,
    width: int,
    color: bool,
    compared: Sequence[str] = (),
) -> str:
    """*code* as text. *place* says where a property of *app* is, empty where that is not known; *compared* are
    sentences about the values of the message.
    """
    painter = Painter(width, color=color)
    return "\n".join(_lines(code, app, place, painter, compared)) + "\n"


def _lines(
    code: Code, app: Registration | None, place: Callable[[str], str], painter: Painter, compared: Sequence[str]
) -> Iterator[str]:
    yield painter.paint(code.name + (f" {code.title}" if code.title else ""), "head")
    yield from painter.fill(code.means, "  ")
    yield from painter.fill(f"Returned by {_WHERE[code.where]}.", "  ")
    if compared:
        yield ""
        yield painter.paint("This message and the registration", "head")
        for text in compared:
            yield from painter.fill(visible(text, 1000), "  ")
    yield ""
    yield painter.paint("Causes, most likely first", "head")
    for number, cause in enumerate(code.causes, 1):
        yield from painter.fill(f"{number}. {cause.text}", "  ", "     ")
        yield from painter.fill(f"check: {cause.check}", "     ", "            ")
        for line in _seen(cause, app, place):
            yield from painter.fill(line, "     ", "       ")
    near = [load_codes()[number] for number in code.near]
    if near:
        yield ""
        yield painter.paint("Similar codes", "head")
        for other in near:
            yield from painter.fill(f"{other.name}: {other.means}", "  ", "    ")
    yield ""
    yield painter.paint("Sources", "head")
    for reference in code.sources:
        yield from painter.fill(reference.dated_label, "  ")
        yield f"    {reference.url}"
    yield f"  {LOOKUP.format(code.id)}"


def _seen(cause: Cause, app: Registration | None, place: Callable[[str], str]) -> Iterator[str]:
    """What the registration says about the cause."""
    for path in cause.look if app is not None else ():
        if app is not None:
            value = read_value(app, path)
            where = "" if value is UNSET else place(path)
            partly = value is not UNSET and not is_read(app, path)
            said = f"{shown(value)}; not all of it was read" if partly else shown(value)
            yield f"here: {path} = {said.removeprefix('empty; ')}" + (f" ({where})" if where else "")


def shown(value: Any) -> str:
    """A value of a registration in few words. Credentials are shown by their dates alone."""
    if value is UNSET:
        return "not read"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return visible(value, 200)
    if isinstance(value, tuple):
        known = [item for item in value if item != ""]  # a text that was not read
        items = [_item(item) for item in known[:_SHOWN]]
        more = f" and {len(known) - _SHOWN} more" if len(known) > _SHOWN else ""
        return f"[{', '.join(items)}]{more}" if items else "empty"
    return str(value) if isinstance(value, int) else "an object"


def _item(item: Any) -> str:
    if isinstance(item, str):
        return visible(item, 120)
    end = getattr(item, "end_date_time", None)
    if end is not None and end is not UNSET:
        return f"one valid until {visible(str(end), 40)[:10]}"
    for name in ("resource_app_id", "issuer", "value"):
        found = getattr(item, name, None)
        if isinstance(found, str):
            return visible(found, 120)
    return "one"


def as_json(code: Code, app: Registration | None, compared: Sequence[str] = ()) -> dict[str, Any]:
    """*code* as data, with sentences about the values of the message."""
    return {
        "code": code.name,
        "title": code.title or None,
        "means": code.means,
        "where": code.where,
        "compared": list(compared),
        "causes": [
            {
                "text": cause.text,
                "check": cause.check,
                "look": list(cause.look),
                "here": {} if app is None else {path: shown(read_value(app, path)) for path in cause.look},
            }
            for cause in code.causes
        ],
        "near": [f"AADSTS{number}" for number in code.near],
        "sources": [msgspec.to_builtins(reference) for reference in code.sources],
    }
